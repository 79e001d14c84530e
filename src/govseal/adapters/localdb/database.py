"""The life of one local database: made, started, probed, ended, removed.

What is *not* here: where it lives and as whom (`home`).
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from govseal.adapters.localdb.home import Home, home_of
from govseal.core.errors import OperatorError

# The role and the database of the application. The role is no superuser, so that row-level security holds for
# it; it may make databases, which tests do. `ADMIN` only sets up.
NAME = "govseal"
ADMIN = "govseal_admin"

# A busy machine is no failure: these end what hangs, and nobody waits for them otherwise.
_START_SECONDS = 240.0
_STOP_SECONDS = 60.0
# A server whose supervisor was killed writes everything down and goes within this time.
_LOCK_SECONDS = 60.0
_POLL_SECONDS = 0.02

_INIT = (
    *("--auth-local=scram-sha-256", "--auth-host=reject", f"--username={ADMIN}", "--encoding=UTF8"),
    # The builtin locale is the same on every machine, whatever locales that has.
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
)
# What a killed server has committed still stands; only the machine's own crash is no longer survived.
_HASTE = ("-c", "fsync=off", "-c", "full_page_writes=off")
# Nothing of the caller's environment (PGDATA, PGPORT and others) may steer the server.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class LocalDatabase:
    """One PostgreSQL server over one folder.

    Args:
        folder: names the database; what is in it is private (0700).
        durable: False for tests: faster, and a crash of the machine may damage the data.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._found_home: Home | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The application's DATABASE_URL, also while another process runs the server."""
        return self._url(NAME, NAME)

    @property
    def running(self) -> bool:
        """Whether the server that this object started is alive now."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the server that this object started."""
        return self._process.pid if self._process else None

    def answers(self) -> bool:
        """Say whether the database can be connected to, whichever process runs it."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> str:
        """Start the server, making the database at first; return its DATABASE_URL.

        Raises:
            OperatorError: another process runs it (then `url` is its address), the wheel is missing, or
                PostgreSQL does not start; the text ends with what it said.
        """
        if self.running:
            return self.url
        self.stop()  # what a crashed server left in our hands
        self._lock = self._take_lock()
        try:
            if not self._data.exists():
                self._make_cluster()
            self._spawn()
            self._make_database()
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """End the server cleanly; no error when it is not running."""
        if self._process is not None:
            # Fast shutdown, then without checkpoint (PostgreSQL repairs at the next start), then by force.
            for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                self._process.send_signal(ending)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_STOP_SECONDS)
                    break
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def remove(self) -> None:
        """Stop the server and delete the database, for good."""
        self.stop()
        home = self._home
        shutil.rmtree(home.socket_folder, ignore_errors=True)
        shutil.rmtree(home.path)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._found_home = None

    # --- the cluster ----------------------------------------------------------------------------------

    def _make_cluster(self) -> None:
        """Run initdb beside the place and move the result there, so that no half-made cluster is ever used."""
        partial = self._home.path / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        self._password()
        haste = () if self.durable else ("--no-sync",)
        command = self._home.command(
            "initdb", *_INIT, *haste, f"--pwfile={self._password_file}", f"--pgdata={partial}"
        )
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, cwd="/", env=_ENVIRONMENT, capture_output=True, check=False
        )
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()[-500:]
            raise OperatorError(f"The local database cannot be made: {said}")
        partial.rename(self._data)

    def _make_database(self) -> None:
        """Make the application's role and database where they are missing."""
        with psycopg.connect(self._url(ADMIN, "postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if found:
                return
            role, password = sql.Identifier(NAME), sql.Literal(self._password())
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password))
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(role))

    # --- the process ----------------------------------------------------------------------------------

    def _spawn(self) -> None:
        """Start the server and return once it takes connections."""
        home = self._home
        home.make_private(home.socket_folder)
        # The lock says that no server lives: the pids in these files are by now another program's, or a dead one's whom
        # its parent has not waited for, and PostgreSQL would take either for a server.
        for left in (self._data / "postmaster.pid", home.socket_folder / ".s.PGSQL.5432.lock"):
            left.unlink(missing_ok=True)
        settings = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={home.socket_folder}")
        access = ("-c", "unix_socket_permissions=0700", *(() if self.durable else _HASTE))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                home.command("postgres", "-D", str(self._data), *settings, *access),
                cwd="/",
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the supervisor's to handle
                pass_fds=[self._lock] if self._lock is not None else [],
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.running:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self._url(ADMIN, "postgres"), connect_timeout=2).close()
                return
            time.sleep(_POLL_SECONDS)
        said = self._log.read_text("utf-8", "replace").strip()[-500:]
        raise OperatorError(
            f"The local database does not start: {said or 'it says nothing'}", log=str(self._log)
        )

    def _take_lock(self) -> int:
        """Return the lock of the home, which the server inherits."""
        lock = os.open(self._home.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # A server that answers will not go by itself; one that ends does so in time.
                if time.monotonic() > deadline or self.answers():
                    os.close(lock)
                    raise OperatorError(
                        f"Another process runs the local database of {self.folder}. End it first.",
                        folder=str(self.folder),
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                return lock

    # --- the home -------------------------------------------------------------------------------------

    @property
    def _home(self) -> Home:
        if self._found_home is None:
            self._found_home = home_of(self.folder)
        return self._found_home

    @property
    def _data(self) -> Path:
        return self._home.path / "data"

    @property
    def _log(self) -> Path:
        return self._home.path / "postgres.log"

    @property
    def _password_file(self) -> Path:
        return self._home.path / "password"

    def _password(self) -> str:
        """Return the password of both roles, made at the first call."""
        if not self._password_file.exists():
            partial = self._password_file.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_hex(16))
            self._home.give(partial)
            partial.rename(self._password_file)
        return self._password_file.read_text("ascii")

    def _url(self, role: str, database: str) -> str:
        folder = quote(str(self._home.socket_folder), safe="")
        return f"postgresql://{role}:{self._password()}@/{database}?host={folder}"
