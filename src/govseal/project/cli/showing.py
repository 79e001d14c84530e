"""`govseal serve --lan`: a demonstration that phones on the local network can scan."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from govseal.core.errors import InputError, OutsideError
from govseal.project.cli import running
from govseal.project.cli.output import OUTPUT, plain

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.project.demonstration import Check
    from govseal.project.lan import Lan
    from govseal.project.supervisor import Platform

_HALVES = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
"""Two modules of one column in one character: light modules are drawn, since most terminals are dark."""
_QUIET = 2


@dataclass(frozen=True)
class _Link:
    """A link as a QR code, in one segment."""

    segments: tuple[str, ...]


def serve(*, name: str, address: str, port: int) -> None:
    """Run the platform for the local network until Ctrl-C.

    Raises:
        OperatorError: no network, or a port that may not be used.
        InputError: a host of the operator's own is configured: that is no demonstration.
    """
    from govseal.project import supervisor
    from govseal.project.configuration import Configuration
    from govseal.project.lan import HTTPS_PORT, lan

    if os.environ.get("GOVSEAL_HOST"):
        raise InputError("--lan is for demonstrations: unset GOVSEAL_HOST.")
    home = Configuration.load(os.environ, running=False).home
    place = lan(home, name=name, address=address, port=port or HTTPS_PORT, now=datetime.now(UTC))
    os.environ.update(
        GOVSEAL_HOST=place.name, GOVSEAL_LAN_ADDRESS=place.address, GOVSEAL_PORT=str(place.port)
    )
    supervisor.end_on_signals()
    configuration = Configuration.load(os.environ, running=False)
    with supervisor.Platform(configuration, OUTPUT.stage) as platform, _named(place) as is_named:
        checks = _documents(platform)
        origin = platform.serve(place)
        facts = {
            "address": origin,
            "name": place.name,
            "authority": str(place.certificates.authority),
            "named": is_named,
            "documents": [{"file": str(one.file), "link": one.link} for one in checks],
        }
        OUTPUT.result(facts, "\n".join(_told(place, checks, named=is_named)))
        platform.watch()


def _documents(platform: "Platform") -> list["Check"]:
    """Make the demonstration's documents with codes of this name; return those to scan, each once."""
    running.setup_django()
    from govseal.project import demonstration
    from govseal.project.wiring.office import Office

    office = Office(platform.configuration)
    demonstration.prepare_institutions(office, OUTPUT.stage)
    office.trust_list_ensure()
    checks = demonstration.prepare_documents(office, OUTPUT.stage, platform.check)
    return [one for one in checks if one.by == "code"]


@contextmanager
def _named(place: "Lan") -> Iterator[bool]:
    """Answer for the name on the local network while the block runs; yield whether that is possible."""
    from govseal.adapters.mdns import Responder

    with ExitStack() as stack:
        try:
            stack.enter_context(Responder(place.name, place.address))
        except OutsideError as error:
            OUTPUT.stage(error.message)
            yield False
        else:
            yield True


def _told(place: "Lan", checks: list["Check"], *, named: bool) -> Iterator[str]:
    """Yield the lines for a terminal."""
    from govseal.project.lan import HTTPS_PORT

    yield f"Open [bold]{place.origin}[/] with a phone on the same network:"
    yield ""
    yield from terminal_code(place.origin + "/")
    yield ""
    yield "The phone warns of a certificate that it does not know. Accept it for this visit, or install and trust"
    yield f"  {plain(place.certificates.authority)}"
    yield f"  It can speak only for {place.name} and private addresses. Remove it afterwards."
    yield f"Then scan a code with its camera; these name https://{place.name}:"
    yield from (f"  {plain(one.file)}" for one in checks)
    if place.port != HTTPS_PORT:
        yield f"A camera does not open these codes: they bear no port, and this is {place.port}. Paste or photograph them."
    if not named:
        yield f"Phones will not find {place.name} by themselves: give your router that name for {place.address}."
    yield "Ctrl-C ends it."


def terminal_code(text: str) -> list[str]:
    """Return a QR code of a link, for a dark terminal."""
    from govseal.adapters.qrimage import symbol

    grid = symbol(_Link((text,))).rows
    side = len(grid) + 2 * _QUIET
    light = bytes(side)
    rows = [light] * _QUIET + [bytes(_QUIET) + row + bytes(_QUIET) for row in grid] + [light] * (_QUIET + 1)
    return [
        "".join(_HALVES[upper, lower] for upper, lower in zip(rows[at], rows[at + 1], strict=True))
        for at in range(0, side - 1 + side % 2, 2)
    ]
