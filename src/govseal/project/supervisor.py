"""Start what an installation needs on one machine, watch over it, and end it all together.

The database, the chain, the worker and the web server are children of this process: each ends with it, also
when it is killed, and when one of them dies the others are ended with a message that names it. What the
environment already names (DATABASE_URL, GOVSEAL_RPC_URL) is used as it is and not started.

    with Platform(configuration) as platform:      # database, chain, tables, worker
        platform.serve()                           # the web server as well
        platform.watch()                           # until Ctrl-C, or until a child dies

What is *not* here: data for a demonstration (`demonstration`).
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from govseal.adapters.localchain import LocalChain
from govseal.adapters.localdb import LocalDatabase
from govseal.core.errors import OperatorError
from govseal.project.configuration import Configuration

_WATCH_SECONDS = 0.3
_END_SECONDS = 8.0
_WEB_SECONDS = 20.0
# util-linux: the kernel ends the child with the thread that started it.
_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")


@dataclass(slots=True)
class _Child:
    """A process of ours that must live as long as we do."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        """Ask it to end, then end it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # what a killed server left behind

    def last_words(self) -> str:
        """Return the last line of its log; the rest, traces and all, stays there."""
        with contextlib.suppress(OSError, IndexError):
            return self.log.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()[-1][:300]
        return "nothing"


class Platform:
    """One running installation over one data folder.

    Args:
        configuration: what the environment says.
        tell: receives one short line at each stage.

    Attributes:
        configuration: completed with the addresses of what was started.
    """

    def __init__(self, configuration: Configuration, tell: Callable[[str], None] = lambda _: None) -> None:
        self.configuration = configuration
        self._tell = tell
        self._children: list[_Child] = []
        self._database: LocalDatabase | None = None
        self._chain: LocalChain | None = None
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

    def serve(self) -> str:
        """Start the web server on loopback and wait until it answers; return its address.

        Raises:
            OperatorError: the port is taken, or the server does not come up.
        """
        port = self.configuration.port
        require_free(port)
        self._tell("Starting the web server")
        self._spawn("web", _web_command(port))
        address = f"http://localhost:{port}"
        self._wait_for(lambda: _answers(address), "web", _WEB_SECONDS)
        return address

    def watch(self) -> None:
        """Return when a signal ends us.

        Raises:
            OperatorError: a child died; its last words are in the message.
        """
        while True:
            self.check()
            time.sleep(_WATCH_SECONDS)

    def check(self) -> None:
        """Raise `OperatorError` when something we started has died."""
        for name, part in (("database", self._database), ("chain", self._chain)):
            if part is not None and not part.running:
                raise OperatorError(
                    f"The local {name} ended unexpectedly. Start again: it goes on where it was."
                )
        for child in self._children:
            if not child.alive():
                raise OperatorError(
                    f"The {child.name} ended unexpectedly (status {child.process.returncode}). Start again: it"
                    f" goes on where it was. Its last words: {child.last_words()}\nIts log: {child.log}"
                )

    def stop(self) -> None:
        """End everything we started, the last first."""
        for child in reversed(self._children):
            child.end()
        self._children.clear()
        for part in (self._chain, self._database):
            if part is not None:
                part.stop()
        self._chain = self._database = None
        if self._lock is not None:
            self.configuration.services_file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

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
        if self.configuration.database_url is None:
            self._tell("Starting the database")
            self._database = LocalDatabase(home / "database")
            self.configuration = replace(self.configuration, database_url=self._database.start())
        if self.configuration.rpc_url is None:
            self._tell("Starting the chain")
            self._chain = LocalChain(home / "chain", port=0)
            rpc_url = self._chain.start()
            self.configuration = replace(
                self.configuration,
                rpc_url=rpc_url,
                chain_id=self._chain.chain_id,
                genesis=self._chain.genesis,
            )
        self._write_services()
        os.environ.update(self._environment())
        self._tell("Preparing the tables")
        self._run_once("migrate", [sys.executable, "-m", "govseal", "migrate"])
        self._tell("Starting the worker")
        self._spawn("worker", [sys.executable, "-m", "govseal", "worker"])

    def _write_services(self) -> None:
        file = self.configuration.services_file
        services = {
            "port": self.configuration.port,
            "database_url": self.configuration.database_url,
            "rpc_url": self.configuration.rpc_url,
            "chain_id": self.configuration.chain_id,
            "genesis": self.configuration.genesis,
        }
        with contextlib.suppress(FileNotFoundError):
            file.unlink()
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as stream:
            json.dump(services, stream)

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

    def _run_once(self, name: str, command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own command
        if done.returncode != 0:
            words = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
            raise OperatorError(f"`govseal {name}` failed: {words[-500:]}")

    def _spawn(self, name: str, command: list[str]) -> None:
        log = self.configuration.home / "run" / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [*_WITH_PARENT, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal reaches us alone; we end the others in order
            )
        self._children.append(_Child(name, process, log))

    def _wait_for(self, ready: Callable[[], bool], name: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise OperatorError(f"The {name} server did not come up within {seconds:g} seconds.")
            time.sleep(0.05)


def require_free(port: int) -> None:
    """Raise `OperatorError` when a TCP port of this machine is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise OperatorError(
                f"Port {port} is in use. Choose another: make demo ARGS='--port {port + 1}'"
            ) from error


def end_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into the exception of Ctrl-C, so that every child is ended in order."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)


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


def _web_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "govseal.project.wsgi:application"),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "4", "--no-access-log", "--log-level", "warning"),
    ]


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/", timeout=1):  # noqa: S310 - loopback, our own
            return True
    except (urllib.error.URLError, OSError):
        return False
