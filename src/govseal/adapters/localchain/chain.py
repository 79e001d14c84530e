"""The life of one local chain: started, asked, ended.

What is *not* here: the state it is found in after a kill (`state`).
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import httpx

from govseal.adapters.localchain.state import StateFile
from govseal.core.errors import OperatorError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

CHAIN_ID = 1337
"""The one local chain id that unmodified verifiers accept (docs/protocol.md section 2)."""

_HOST = "127.0.0.1"
_FLAGS = (
    *("--chain-id", str(CHAIN_ID), "--hardfork", "paris", "--state-interval", "1"),
    *("--host", _HOST, "--no-cors", "--accounts", "0", "--silent"),
    *("--gas-price", "0", "--block-base-fee-per-gas", "0", "--disable-min-priority-fee"),
)
# Block 0 is dated back by a random part of twelve days, so that chains made in one second differ.
_BIRTHS = 1 << 20
# A busy machine is no failure: these end what hangs, and nobody waits for them otherwise.
_START_SECONDS = 240.0
_STOP_SECONDS = 60.0
# A chain whose supervisor was killed writes its state and goes within this time.
_LOCK_SECONDS = 60.0
# Below those that Linux gives to connections (ip_local_port_range): nobody gets one by chance while a chain that died is
# started again.
_PORTS = range(30_720, 32_768)
_TRIES = 100
_POLL_SECONDS = 0.02


class ChainAccount:
    """`LedgerAccount` with its key in memory."""

    def __init__(self, account: "LocalAccount") -> None:
        self._account = account
        self.address: str = account.address

    def sign_transaction(self, fields: dict[str, object]) -> bytes:
        """Return the raw signed transaction."""
        # The port's fields are web3's own, which eth_account types more narrowly.
        return bytes(self._account.sign_transaction(cast("Any", fields)).raw_transaction)


class LocalChain:
    """One anvil over one folder.

    Args:
        folder: where the state, the mnemonic and the log are kept; made 0700.
        port: TCP port on loopback; 0 takes a free one.

    Attributes:
        chain_id: 1337.
        rpc_url: where it listens, once started.
        genesis: hash of block 0 (`0x`, 64 hex digits), once started; the same for the life of the folder.
    """

    chain_id = CHAIN_ID

    def __init__(self, folder: Path, port: int = 8545) -> None:
        self.folder = folder
        self.port = port
        self.genesis = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._state = StateFile(folder)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def rpc_url(self) -> str:
        """JSON-RPC address."""
        return f"http://{_HOST}:{self.port}"

    @property
    def running(self) -> bool:
        """Whether anvil is alive now."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of anvil, while there is one."""
        return self._process.pid if self._process else None

    def account(self, index: int) -> ChainAccount:
        """Return the account at m/44'/60'/0'/0/`index` of this chain's own mnemonic."""
        from eth_account import Account  # noqa: PLC0415 - half a second to import, and few ask for an account

        Account.enable_unaudited_hdwallet_features()
        return ChainAccount(Account.from_mnemonic(self._mnemonic(), account_path=f"m/44'/60'/0'/0/{index}"))

    def start(self) -> str:
        """Start the chain, or go on with the one in the folder; return `rpc_url`.

        Raises:
            OperatorError: anvil is not installed or does not start, the port is taken, or another process runs
                this folder's chain.
        """
        if self.running:
            return self.rpc_url
        self.stop()  # what a crashed anvil left in our hands
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = self._take_lock()
        try:
            self.port = self._free_port()
            self._state.mend()
            self.genesis = self._spawn()
            self._state.watch()
        except BaseException:
            self.stop()
            raise
        return self.rpc_url

    def stop(self) -> None:
        """End the chain once its state is written; no error when it is not running."""
        self._end()
        self._state.leave()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # --- the process ----------------------------------------------------------------------------------

    def _spawn(self) -> str:
        """Start anvil and return the hash of block 0 once it answers."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                [*_with_parent(), _anvil(), *_FLAGS, *self._own_flags()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the supervisor's to handle
                pass_fds=[self._lock] if self._lock is not None else [],
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.running:
            with contextlib.suppress(httpx.HTTPError, ValueError, KeyError, TypeError):  # it is not up yet
                # Block 0 keeps its own time; the blocks that follow take this machine's.
                self._ask("anvil_setTime", int(time.time()))
                return str(self._ask("eth_getBlockByNumber", "0x0", False)["hash"])  # noqa: FBT003 - JSON-RPC's
            time.sleep(_POLL_SECONDS)
        said = self._log.read_text("utf-8", "replace").strip()[-500:]
        raise OperatorError(
            f"The local chain does not start: {said or 'it says nothing'}", log=str(self._log)
        )

    def _own_flags(self) -> list[str]:
        return [
            "--port",
            str(self.port),
            "--state",
            str(self._state.path),
            "--cache-path",
            str(self.folder / "cache"),
            # anvil makes block 0 anew at each start: only the same time gives it the same hash.
            "--timestamp",
            self._kept("born", lambda: str(int(time.time()) - secrets.randbelow(_BIRTHS))),
        ]

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _ask(self, method: str, *params: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return httpx.post(self.rpc_url, json=request, timeout=2, trust_env=False).json()["result"]

    # --- the folder -----------------------------------------------------------------------------------

    @property
    def _log(self) -> Path:
        return self.folder / "anvil.log"

    def _take_lock(self) -> int:
        """Return the folder's lock. anvil inherits it, so it is free exactly when no anvil writes there."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise OperatorError(
                        f"Another process runs the local chain of {self.folder}. End it, or choose another folder.",
                        folder=str(self.folder),
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                return lock

    def _free_port(self) -> int:
        """Return the port to listen on; refuse one that is taken."""
        choices = [self.port] if self.port else [secrets.choice(_PORTS) for _ in range(_TRIES)]
        for port in choices:
            if _is_free(port):
                return port
        raise OperatorError(
            f"Port {choices[-1]} is in use. End the program that uses it, or choose another port.",
            port=choices[-1],
        )

    def _mnemonic(self) -> str:
        """Return the chain's mnemonic, made at the first call."""
        return self._kept("mnemonic", _new_mnemonic)

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """Return what a file of the folder says, made once and private."""
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(make())
            with contextlib.suppress(FileExistsError):  # another process was first: its text holds
                path.hardlink_to(partial)
            partial.unlink()
        return path.read_text("ascii")


def _new_mnemonic() -> str:
    from eth_account import Account  # noqa: PLC0415 - as above

    return str(Account.create_with_mnemonic()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _with_parent() -> list[str]:
    """Return the start of a command that the kernel ends, gracefully, with the thread that started it."""
    if shutil.which("setpriv") is None:
        raise OperatorError("The program setpriv is missing. Install Debian's package util-linux.")
    return ["setpriv", "--pdeathsig", "TERM"]


def _anvil() -> str:
    """Return the path of anvil: in GOVSEAL_NODE_MODULES, else in the project's or the working folder's."""
    named = os.environ.get("GOVSEAL_NODE_MODULES")
    project = Path(__file__).resolve().parents[4] / "node_modules"
    folders = [Path(named)] if named else [project, Path.cwd() / "node_modules"]
    for folder in folders:
        anvil = folder / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
        if anvil.exists():
            return str(anvil)
    raise OperatorError(
        "The local chain is not installed. Run: make setup", searched=[str(path) for path in folders]
    )
