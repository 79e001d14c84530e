"""One go-ethereum node on loopback that signs blocks of a Clique chain (EIP-225) when it is told to.

What is *not* here: its program (`geth`), and the network that several of them make (`clique`).
"""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from eth_keys.datatypes import PrivateKey

from support.ports import HOST, free_port
from support.waiting import PATIENCE, until

PASSWORD = "a test's"
APIS = "eth,net,admin,clique,miner,txpool"


class Signer:
    """A node: its folder, its key and, while it runs, its process.

    Args:
        geth: its program.
        folder: what it keeps.
        key: signs its blocks, and is its name among peers.
        archive: writes every block's state as it comes, and so goes on from its last block when it was killed;
            otherwise, as go-ethereum does unless told, it goes back to the last state that it has written.

    Attributes:
        address: the account that signs its blocks, lower-case.
        enode: where the others reach it.
        runs: whether it is neither killed nor paused.
        rpc_url: where it answers.
    """

    def __init__(self, geth: Path, folder: Path, key: PrivateKey, *, archive: bool) -> None:
        self.address: str = key.public_key.to_address()
        self._geth, self._folder, self._key, self._archive = geth, folder, key, archive
        self._peers, self._http, self._engine = free_port(), free_port(), free_port()
        self.enode = f"enode://{key.public_key.to_hex()[2:]}@{HOST}:{self._peers}?discport=0"
        self.rpc_url = f"http://{HOST}:{self._http}"
        self.runs = False
        self._chain_id = 0
        # A new connection for each question: an old one may be a killed process's.
        self._client = httpx.Client(
            trust_env=False, timeout=PATIENCE, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._called: set[str] = set()

    def make(self, genesis: dict[str, Any], others: list[str]) -> None:
        """Write its key, its settings and block 0.

        Args:
            genesis: block 0 and the chain's rules.
            others: where it reaches the others. No more peers are wanted, or a node waits for more before it catches
                up; trusted ones are let in beyond the number that may call.
        """
        self._chain_id = genesis["config"]["chainId"]
        (self._folder / "keystore").mkdir(parents=True)
        kept = Account.encrypt(self._key.to_bytes(), PASSWORD, kdf="pbkdf2", iterations=1)
        (self._folder / "keystore" / f"UTC--2026-01-01T00-00-00.0Z--{kept['address']}").write_text(
            json.dumps(kept)
        )
        (self._folder / "password").write_text(PASSWORD)
        (self._folder / "nodekey").write_text(self._key.to_hex()[2:])
        (self._folder / "genesis.json").write_text(json.dumps(genesis))
        # No flag names the address that peers reach, only the port.
        (self._folder / "geth.toml").write_text(
            f'[Node.P2P]\nListenAddr = "{HOST}:{self._peers}"\n'
            f"MaxPeers = {len(others)}\nDialRatio = 1\nTrustedNodes = {json.dumps(others)}\n"
        )
        command = [self._geth, "--datadir", self._folder, "init", self._folder / "genesis.json"]
        subprocess.run(command, check=True, capture_output=True)

    def start(self) -> None:
        """Run it; it signs nothing until it is told to."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._geth, *self._flags()], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(self.answers, "the node does not answer")
        self.runs = True

    def _flags(self) -> list[str]:
        folder = self._folder
        return [
            *("--config", f"{folder}/geth.toml", "--datadir", f"{folder}", "--nodekey", f"{folder}/nodekey"),
            *("--networkid", str(self._chain_id), "--nodiscover", "--nat", "none"),
            *("--http", "--http.addr", HOST, "--http.port", str(self._http), "--http.api", APIS),
            *("--authrpc.addr", HOST, "--authrpc.port", str(self._engine), "--ipcdisable"),
            *("--miner.etherbase", self.address, "--miner.gasprice", "1"),
            *("--unlock", self.address, "--password", f"{folder}/password", "--allow-insecure-unlock"),
            *("--syncmode", "full", "--gcmode", "archive" if self._archive else "full", "--cache", "64"),
        ]

    def ask(self, method: str, *params: Any) -> Any:
        """Ask it, beside the code under test."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._client.post(self.rpc_url, json=request).json()
        assert "error" not in answer, answer
        return answer["result"]

    def answers(self) -> bool:
        """Say whether it is up."""
        with suppress(httpx.TransportError):
            return self.head() >= 0
        return False

    def head(self) -> int:
        """Return the height of its newest block."""
        return int(self.ask("eth_blockNumber"), 16)

    def block_hash(self, number: int) -> str | None:
        """Return the hash of its block at a height, None beyond its head."""
        block = self.ask("eth_getBlockByNumber", hex(number), False)
        return block["hash"] if block else None

    def recent(self) -> tuple[int, list[str]]:
        """Return its height, and who signed the newest two blocks, the older first: they may not sign the next."""
        snapshot = self.ask("clique_getSnapshot", "latest")
        height, signers = snapshot["number"], snapshot["recents"]
        return height, [signers[str(number)] for number in (height - 1, height) if str(number) in signers]

    def waiting(self) -> int:
        """Return how many transactions it knows that the next block may take."""
        return int(self.ask("txpool_status")["pending"], 16)

    def tip(self) -> str:
        """Return the hash of its newest block."""
        return self.ask("eth_getBlockByNumber", "latest", False)["hash"]

    def sign(self) -> None:
        """Let it sign when it may."""
        self.ask("miner_start")

    def rest(self) -> None:
        """Let it sign nothing more than what it has begun."""
        self.ask("miner_stop")

    def call(self, other: "Signer") -> None:
        """Let it connect with another, now and whenever they are not."""
        self._called.add(other.enode)
        self.ask("admin_addPeer", other.enode)

    def forget(self, other: "Signer") -> None:
        """Let it leave another and call it no more."""
        self._called.discard(other.enode)
        self.ask("admin_removePeer", other.enode)

    def is_peer_of(self, other: "Signer") -> bool:
        """Say whether it is connected with another."""
        return any(peer["enode"].split("@")[0] in other.enode for peer in self.ask("admin_peers"))

    def has_left(self, other: "Signer") -> bool:
        """Let the two leave each other; say whether they had before."""
        if not (self.is_peer_of(other) or other.is_peer_of(self)):
            return True
        # Whoever called the other first, or it would do so again at once.
        caller, called = (self, other) if other.enode in self._called else (other, self)
        caller.forget(called)
        called.forget(caller)
        return False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop its process, and let it go on at the end of the block."""
        assert self._process is not None
        self.runs = False
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)
            self.runs = True

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self._client.close()

    def kill(self) -> None:
        """End it as a power cut would; no error when it does not run."""
        self.runs = False
        self._called.clear()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
