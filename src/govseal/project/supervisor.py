"""Start what an installation needs on one machine, watch over it, and end it all together.

The database, the chain, the worker and the web server are children of this process. Each ends with it, also
when it is killed; one that dies is started again where it was, and said so; one that dies again and again ends them
all, with a message that names it. What the environment already names (DATABASE_URL, GOVSEAL_RPC_URL) is used as it
is and not started.

    with Platform(configuration) as platform:      # database, chain, tables, worker
        platform.serve()                           # the web server as well
        platform.watch()                           # until Ctrl-C, or until a child cannot be kept alive

What is *not* here: one process (`children`), and data for a demonstration (`demonstration`).
"""

import fcntl
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Self

from govseal.adapters.localchain import LocalChain
from govseal.adapters.localdb import LocalDatabase
from govseal.core.errors import OperatorError
from govseal.project.children import Child
from govseal.project.configuration import Configuration
from govseal.project.lan import Lan

_WATCH_SECONDS = 0.3
_WEB_SECONDS = 240.0  # while it lives: a busy machine is no failure
_ANSWER_SECONDS = 10.0  # the first page costs more than those after it
# What a killed predecessor left ends by itself within this time.
_PREDECESSOR_SECONDS = 60.0
# More deaths than this within that time, and starting again is no help.
_DEATHS, _DEATHS_WITHIN = 5, 60.0
_CONNECTIONS = 4_096  # open at once; `receiving` has ended the stalled ones long before


class Part(Protocol):
    """Something of ours that runs: a child, the database, the chain."""

    @property
    def running(self) -> bool:
        """Whether it is alive now."""

    def start(self) -> object:
        """Start it, or start it again where it was."""

    def stop(self) -> None:
        """End it."""


class Platform:
    """One running installation over one data folder.

    Args:
        configuration: what the environment says.
        tell: receives one short line at each stage.

    Attributes:
        configuration: completed with the addresses of what was started.
        tell: as given; may be replaced.
    """

    def __init__(self, configuration: Configuration, tell: Callable[[str], None] = lambda _: None) -> None:
        self.configuration = configuration
        self.tell = tell
        self._parts: dict[str, Part] = {}
        self._deaths: dict[str, deque[float]] = {}
        self._lock: int | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self, place: Lan | None = None) -> str:
        """Start the web server and wait until it answers; return its address.

        Args:
            place: where the local network finds it, by https; on loopback alone when None.

        Raises:
            OperatorError: the port is taken, or the server does not come up.
        """
        port = self.configuration.port
        require_free(port, self.configuration)
        self.tell("Starting the web server")
        self._keep("web", Child(_web_command(port, place), self._log("web")))
        address = f"http://localhost:{port}" if place is None else f"https://localhost:{port}"
        self._wait_for(lambda: _answers(address, place), "web", _WEB_SECONDS)
        return address if place is None else place.origin

    def watch(self) -> None:
        """Return when a signal ends us.

        Raises:
            OperatorError: something died again and again; its last words are in the message.
        """
        while True:
            self.check()
            time.sleep(_WATCH_SECONDS)

    def check(self) -> None:
        """Start again what has died; raise `OperatorError` where that is no help."""
        for name, part in self._parts.items():
            if not part.running:
                self._revive(name, part)

    def stop(self) -> None:
        """End everything we started, the last first."""
        while self._parts:
            _, part = self._parts.popitem()
            part.stop()
        if self._lock is not None:
            self.configuration.services_file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _revive(self, name: str, part: Part) -> None:
        """Start a dead part again, unless it has died too often to be kept alive."""
        said = _obituary(name, part)
        deaths = self._deaths.setdefault(name, deque(maxlen=_DEATHS))
        if len(deaths) == _DEATHS and time.monotonic() - deaths[0] < _DEATHS_WITHIN:
            raise OperatorError(
                f"{said}\nIt has done so {_DEATHS + 1} times in a minute. Mend the cause, and start again."
            )
        deaths.append(time.monotonic())
        self.tell(f"{said}\nStarting it again")
        part.start()

    # --- starting -------------------------------------------------------------------------------------

    def _start(self) -> None:
        home = self.configuration.home
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _take_lock(home / "run" / "lock")
        except OSError as error:
            raise OperatorError(
                f"The data folder {home} cannot be used: {error.strerror}. Set GOVSEAL_HOME to another."
            ) from error
        if self.configuration.database_url is not None:
            from govseal.project.database import require_database

            require_database(self.configuration.database_url)
        else:
            self.tell("Starting the database")
            database = LocalDatabase(home / "database")
            self._keep("database", database)
            self.configuration = replace(self.configuration, database_url=database.url)
        if self.configuration.rpc_url is None:
            self.tell("Starting the chain")
            chain = LocalChain(home / "chain", port=0)
            self._keep("chain", chain)
            self.configuration = replace(
                self.configuration, rpc_url=chain.rpc_url, chain_id=chain.chain_id, genesis=chain.genesis
            )
        self._write_services()
        os.environ.update(self._environment())
        self.tell("Preparing the tables")
        _migrate()
        self.tell("Starting the worker")
        self._keep("worker", Child([sys.executable, "-m", "govseal", "worker"], self._log("worker")))

    def _keep(self, name: str, part: Part) -> None:
        """Start a part and watch over it from now on."""
        part.start()
        self._parts[name] = part

    def _log(self, name: str) -> Path:
        return self.configuration.home / "run" / f"{name}.log"

    def _write_services(self) -> None:
        file = self.configuration.services_file
        services = {
            "port": self.configuration.port,
            "database_url": self.configuration.database_url,
            "rpc_url": self.configuration.rpc_url,
            "chain_id": self.configuration.chain_id,
            "genesis": self.configuration.genesis,
        }
        if self.configuration.lan_address:  # another command's codes name the same host
            services |= {"host": self.configuration.host, "lan_address": self.configuration.lan_address}
        partial = file.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as stream:
            json.dump(services, stream)
        partial.replace(file)

    def _environment(self) -> Mapping[str, str]:
        """Return what the children need to find the rest."""
        return {
            "GOVSEAL_HOME": str(self.configuration.home),
            "GOVSEAL_PORT": str(self.configuration.port),
            "DATABASE_URL": self.configuration.database_url or "",
            "GOVSEAL_RPC_URL": self.configuration.rpc_url or "",
            "GOVSEAL_CHAIN_ID": str(self.configuration.chain_id),
            "GOVSEAL_GENESIS": self.configuration.genesis,
            "DJANGO_SETTINGS_MODULE": "govseal.project.settings",
            "PYTHONSAFEPATH": "1",  # a click.py in the folder we are called from is not ours to run
        }

    def _wait_for(self, ready: Callable[[], bool], name: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                part = self._parts[name]
                raise OperatorError(
                    f"The {name} server did not come up within {seconds:g} seconds.{_last_words(part)}"
                )
            time.sleep(0.05)


def require_startable(configuration: Configuration) -> None:
    """Raise `OperatorError` unless a run may begin: nobody runs over the data folder, and the port is free."""
    if configuration.services_file.exists():  # written by one that runs, or left by one that was killed
        os.close(_take_lock(configuration.home / "run" / "lock"))
    require_free(configuration.port, configuration)


def require_free(port: int, configuration: Configuration) -> None:
    """Raise `OperatorError` when a TCP port of this machine is taken.

    Where a run over the same folder was killed, what it left is given time to go.
    """
    killed_before = configuration.services_file.exists()
    deadline = time.monotonic() + (_PREDECESSOR_SECONDS if killed_before else 0.0)
    while not _is_free(port):
        if time.monotonic() >= deadline:
            raise OperatorError(
                f"Port {port} is in use. Choose another: --port {port + 1} (with make: ARGS='--port {port + 1}')"
            )
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _migrate() -> None:
    """Bring the tables up to date in a process of its own, which says in JSON what it could not do."""
    command = [sys.executable, "-m", "govseal", "migrate", "--json"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own command
    if done.returncode == 0:
        return
    try:
        why = json.loads(done.stdout)["error"]["message"]
    except (ValueError, LookupError):  # it was killed, or died before it could speak
        why = done.stderr.decode("utf-8", "replace").strip()[-500:]
    raise OperatorError(f"The tables of the database could not be prepared: {why}")


def _obituary(name: str, part: Part) -> str:
    """Say that a part died, how, and with what words."""
    local = "" if isinstance(part, Child) else "local "
    status = f" (status {part.status})" if isinstance(part, Child) else ""
    return f"The {local}{name} ended unexpectedly{status}.{_last_words(part)}"


def _last_words(part: Part) -> str:
    return f" Its last words: {part.last_words()}\nIts log: {part.log}" if isinstance(part, Child) else ""


def end_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into the exception of Ctrl-C, so that every child is ended in order.

    SIGINT too: a script's shell has its background jobs ignore it, and who sends it means it.
    """

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, interrupt)


def _take_lock(file: Path) -> int:
    """Hold the data folder for ourselves; the kernel frees a lock whose holder died."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise OperatorError(
            f"Another govseal runs over {file.parents[1]}: end it, or set GOVSEAL_HOME to another folder."
        ) from error
    return descriptor


def _web_command(port: int, place: Lan | None = None) -> list[str]:
    listen = "127.0.0.1" if place is None else "0.0.0.0"  # noqa: S104 - the local network is asked for by name
    command = [
        *(sys.executable, "-m", "granian", "govseal.project.served:application"),
        *("--interface", "rsgi", "--no-ws", "--http", "1", "--host", listen, "--port", str(port)),
        *("--workers", "1", "--backpressure", str(_CONNECTIONS), "--workers-kill-timeout", "5"),
        *("--no-access-log", "--log-level", "warning"),
    ]
    if place is not None:
        ours = place.certificates
        command += ["--ssl-certificate", str(ours.server), "--ssl-keyfile", str(ours.key)]
        command += ["--ssl-protocol-min", "tls1.2"]
    return command


def _answers(address: str, place: Lan | None = None) -> bool:
    believed = None if place is None else ssl.create_default_context(cafile=place.certificates.authority)
    try:
        with urllib.request.urlopen(f"{address}/", timeout=_ANSWER_SECONDS, context=believed):  # noqa: S310 - loopback, our own
            return True
    except (urllib.error.URLError, OSError):
        return False
