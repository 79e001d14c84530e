"""What `govseal doctor` looks at on the machine itself: packages, libraries, fonts, pages, port, disk and clock.

None of it needs the installation to run. What is *not* here: what the installation holds (`looks_lists`) and does
(`doctor`).
"""

import importlib
import os
import re
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import TYPE_CHECKING

import httpx

from govseal.core import trustlist
from govseal.project.cli.findings import Finding, Look

if TYPE_CHECKING:
    from govseal.project.configuration import Configuration

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_WITH_LIBRARIES = (
    *("coincurve", "sha3", "cryptography", "psycopg", "granian", "numpy", "cv2", "zxingcpp"),
    *("pikepdf", "pypdfium2", "typst", "PIL", "brotli", "pkcs11", "msgpack"),
)
_LEAST_FREE = 2 << 30
_SKEW_SECONDS = 5.0
CLOCK_VARIABLE = "GOVSEAL_CLOCK_URL"
"""Names an https address whose `Date` this machine's clock is compared with."""


def looks(configuration: "Configuration") -> Iterator[Look]:
    """Yield what can be looked at here."""
    yield "packages", _packages
    yield "libraries", _libraries
    yield "fonts", _fonts
    yield "pages", _pages
    yield "port", lambda: _port(configuration)
    yield "disk", lambda: _disk(configuration)
    if address := os.environ.get(CLOCK_VARIABLE):
        yield "clock", lambda: clock_against(address)


def _packages() -> Finding:
    """Every package that the server needs is installed; which version is the lock file's business."""
    names = [_NAME.match(one) for one in metadata.requires("govseal") or [] if 'extra == "dev"' not in one]
    missing, found = [], {}
    for name in (one[0] for one in names if one):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", False, f"Not installed: {', '.join(missing)}.", "Run: make setup")
    told = ", ".join(f"{name} {found[name]}" for name in ("django", "web3", "cryptography") if name in found)
    return Finding("packages", True, f"{len(found)} installed, among them {told}.")


def _libraries() -> Finding:
    """Each package that brings a library of machine code loads here."""
    for name in _WITH_LIBRARIES:
        try:
            importlib.import_module(name)
        except (ImportError, OSError) as error:
            mend = (
                "Install the system library that it names, or the package anew for this machine: make setup"
            )
            return Finding("libraries", False, f"{name} does not load: {error}", mend)
    return Finding("libraries", True, f"{len(_WITH_LIBRARIES)} packages of machine code load.")


def _fonts() -> Finding:
    from govseal.adapters.fonts import FACES
    from govseal.project.assets import FONTS_FOLDER

    missing = [one.file_name for one in FACES if not (FONTS_FOLDER / one.file_name).is_file()]
    if missing:
        return Finding("fonts", False, f"Not there: {', '.join(missing)}.", "govseal assets")
    return Finding("fonts", True, f"{len(FACES)} faces for typesetting.")


def _pages() -> Finding:
    from govseal.adapters.node import node_executable
    from govseal.project.configuration import PROJECT_FOLDER

    if not (PROJECT_FOLDER / "build" / "static" / "staticfiles.json").is_file():
        return Finding("pages", False, "Styles and scripts were not built.", "govseal assets")
    return Finding("pages", True, f"Styles and scripts are built; Node is {node_executable()}.")


def _port(configuration: "Configuration") -> Finding:
    """The web server's port is free, or it is our own web server that answers there."""
    port = configuration.port
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/{trustlist.PATH}", timeout=5, trust_env=False)
    except httpx.ConnectError:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                return Finding(
                    "port", False, f"{port} cannot be used: {error.strerror}.", "Set GOVSEAL_PORT to another."
                )
        return Finding("port", True, f"{port} is free.")
    except httpx.HTTPError:
        return _foreign(port)
    ours = configuration.published_folder / ".well-known" / "govseal" / "trust-list.jwt"
    if not ours.is_file() or answer.content != ours.read_bytes():
        return _foreign(port)
    return Finding("port", True, f"{port}: our web server answers.")


def _foreign(port: int) -> Finding:
    return Finding(
        "port", False, f"Another program answers at {port}.", "End it, or set GOVSEAL_PORT to another."
    )


def _disk(configuration: "Configuration") -> Finding:
    home = configuration.home
    free = shutil.disk_usage(home if home.exists() else home.parent).free
    found = f"{free / (1 << 30):.1f} GB are free at {home}."
    if free < _LEAST_FREE:
        return Finding("disk", False, found, "Make room: without it nothing is published.")
    return Finding("disk", True, found)


def clock_against(address: str) -> Finding:
    """Compare this machine's clock with the `Date` of an https server that the operator names."""
    try:
        before = datetime.now(UTC)
        answer = httpx.head(address, timeout=5, trust_env=False)
        told = parsedate_to_datetime(answer.headers["Date"])
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
        mend = f"Name an https server that says its time: {CLOCK_VARIABLE}"
        return Finding("clock", False, f"{address} told no time ({type(error).__name__}).", mend)
    return clock_finding("clock", address, (before - told).total_seconds(), precision=2.0)


def clock_finding(name: str, than: str, ahead: float, *, precision: float = 0.0) -> Finding:
    """Judge how many seconds this machine's clock is ahead of another that is precise to some seconds."""
    if abs(ahead) > _SKEW_SECONDS + precision:
        word = "ahead of" if ahead > 0 else "behind"
        mend = "Set the clock, and let it be kept: timedatectl set-ntp true"
        return Finding(name, False, f"This clock is {abs(ahead):.0f} s {word} that of {than}.", mend)
    return Finding(name, True, f"This clock and that of {than} agree.")
