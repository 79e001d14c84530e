"""Four signers that take turns on one Clique chain (EIP-225), on loopback: killed, paused, parted and joined again.

A signer signs at most one of three blocks in a row. So three of the four keep the chain going; two never do, and
parted two from two, one half can add one block, the other two, and then both stand still.

One signer at a time is asked for a block: whose turn it is, or another who may. Left to themselves, several sign at once
when somebody is missing, and branches of one weight may wait for each other for ever: Clique's own fault, and not
what is looked for here.

    with Clique(geth_binary(), folder) as clique:
        clique.go_on()
        clique.signers[3].kill()

What is *not* here: one signer (`signer`), what is anchored on the chain, and what of it is final.
"""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any, Self

import httpx
from eth_account import Account
from eth_keys.datatypes import PrivateKey

from support.signer import Signer
from support.waiting import comes_true, until

FORKS = ("homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul")
SIGNERS = 4


@dataclass(frozen=True)
class Halves:
    """A parted network.

    Attributes:
        height: the last block that both have.
        lighter: the first signer's half: the second one of them can add a block. It gives way later.
        heavier: the other half: both can add a block, in this order.
    """

    height: int
    lighter: list[Signer]
    heavier: list[Signer]


class Clique:
    """The network, and what may happen to it; a `Country` takes it for its chain, reached at the first signer.

    Attributes:
        signers: in the order of their turns: number `n` at heights `n` modulo four.
        first: the one that the platform asks, and which forgets when it is killed.
        genesis: hash of block 0, once started.
    """

    chain_id = 1337

    def __init__(self, geth: Path, folder: Path) -> None:
        keys = [PrivateKey(Account.create().key) for _ in range(SIGNERS)]
        keys.sort(key=lambda key: key.public_key.to_canonical_address())
        self.signers = [
            Signer(geth, folder / f"signer{number}", key, archive=number > 0)
            for number, key in enumerate(keys)
        ]
        self.first = self.signers[0]
        self.genesis = ""
        self._running = ExitStack()
        self._blocks: threading.Thread | None = None
        self._enough = threading.Event()

    def __enter__(self) -> Self:
        genesis = self._genesis()
        with self._running:
            for one in self.signers:
                self._running.callback(one.close)
                one.make(genesis, [other.enode for other in self.signers if other is not one])
            with ThreadPoolExecutor(SIGNERS) as together:
                list(together.map(Signer.start, self.signers))
            # A node takes no new block from others before it has caught up with something older.
            assert self.sign_once(self.signers[1], among=self.signers[1:2])
            for one, other in combinations(self.signers, 2):
                one.call(other)
            until(self.agree, "the signers do not find each other")
            self.genesis = self.first.block_hash(0) or ""
            self._running.callback(self.stand_still)
            self._running = self._running.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def rpc_url(self) -> str:
        """JSON-RPC address of the first signer."""
        return self.first.rpc_url

    def fund(self, address: str) -> None:
        """Give an account what gas costs: no node of this kind takes a transaction for nothing."""
        gift = {"from": self.first.address, "to": address, "value": hex(10**18)}
        self.first.ask("eth_sendTransaction", gift)
        until(lambda: int(self.first.ask("eth_getBalance", address, "latest"), 16) > 0, "no gift arrives")

    def kill(self, signer: Signer) -> None:
        """Kill one while the chain stands still, and have nobody call it: started again, it is alone."""
        self.stand_still()
        signer.kill()
        for other in self.signers:
            if other is not signer:
                other.forget(signer)

    def let_in(self, signer: Signer) -> None:
        """Connect a signer that was started again with the others, who stand still, and wait until it has caught up."""
        for other in self.signers:
            if other is not signer:
                signer.call(other)
        until(self.agree, "a signer does not catch up")

    def agree(self) -> bool:
        """Say whether all stand at one block."""
        return len({one.tip() for one in self.signers}) == 1

    # --- block by block -------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Have one block after another signed, as long as somebody may; no error when they are."""
        if self._blocks is not None:
            return
        self._enough.clear()
        self._blocks = threading.Thread(target=self._sign_on)
        self._blocks.start()

    def stand_still(self) -> None:
        """Have no more blocks signed: everyone who is connected is at the same one."""
        if self._blocks is not None:
            self._enough.set()
            self._blocks.join()
            self._blocks = None

    def sign_once(self, signer: Signer, *, among: Collection[Signer]) -> bool:
        """Have one who may add a block to a chain that stands still; it may not add a second.

        Args:
            signer: who signs.
            among: who is connected, and gets it.

        Returns:
            Whether they all have it in time.
        """
        height = signer.head() + 1
        signer.sign()
        signed = comes_true(lambda: signer.head() >= height)
        signer.rest()
        return signed and comes_true(lambda: len({one.tip() for one in among}) == 1)

    def next_signer(self) -> Signer | None:
        """Return who is to sign the next block: whose turn it is, or another who runs and may; None for nobody."""
        running = [one for one in self.signers if one.runs]
        height, recent = running[0].recent()
        free = [one for one in running if one.address not in recent]
        turn = self.signers[(height + 1) % SIGNERS]
        return turn if turn in free else next(iter(free), None)

    def let_first_be_free(self) -> None:
        """Have others sign, on a chain that stands still, until the first may."""
        while self.first.address in self.first.recent()[1]:
            signer = self.next_signer()
            assert signer is not None
            assert self.sign_once(signer, among=self.signers)

    def _sign_on(self) -> None:
        while not self._enough.is_set():
            # One may be killed, paused or started while it is asked.
            with suppress(httpx.TransportError):
                signer = self.next_signer()
                if signer is not None:
                    self.sign_once(signer, among=[one for one in self.signers if one.runs])
                    continue
            self._enough.wait(0.1)

    # --- two from two ---------------------------------------------------------------------------------

    def part(self) -> Halves:
        """Part a chain that stands still, its newest block the first signer's.

        Of the four, A signed the newest block and B the one before. A's half can add one block only: C's. B's half
        can add D's and then B's own. D is whose turn it is, if that is neither A nor B, so that B's half is the
        heavier one in any case.
        """
        height, recent = self.first.recent()
        assert recent[1] == self.first.address
        before = next(one for one in self.signers if one.address == recent[0])
        other = self.next_signer()
        assert other is not None
        last = next(one for one in self.signers if one not in (self.first, before, other))
        halves = Halves(height, [self.first, last], [other, before])
        for one, another in product(halves.lighter, halves.heavier):
            until(lambda one=one, another=another: one.has_left(another), "two signers stay connected")
        return halves

    def fork(self, halves: Halves) -> tuple[str, str]:
        """Have each half add what it can, and try for more; return the hash of the lighter's block, and its rival's."""
        assert self.sign_once(halves.lighter[1], among=halves.lighter)
        assert self.sign_once(halves.heavier[0], among=halves.heavier)
        assert self.sign_once(halves.heavier[1], among=halves.heavier)
        for one in self.signers:
            one.sign()
        lost, kept = (half[0].block_hash(halves.height + 1) for half in (halves.lighter, halves.heavier))
        assert lost is not None
        assert kept is not None
        assert lost != kept
        return lost, kept

    def join(self) -> None:
        """Connect all again, and wait until all have one chain, which stands still.

        The later of two calls: the earlier, who called before, would wait half a minute.
        """
        for one in self.signers:
            one.rest()
        for one, other in combinations(self.signers, 2):
            if not one.is_peer_of(other):
                other.call(one)
        until(self.agree, "no half gives way")

    def _genesis(self) -> dict[str, Any]:
        addresses = [one.address.removeprefix("0x") for one in self.signers]
        return {
            "config": {
                "chainId": self.chain_id,
                **{f"{fork}Block": 0 for fork in (*FORKS, "berlin")},
                "clique": {"period": 1, "epoch": 30_000},
            },
            "difficulty": "0x1",
            "gasLimit": hex(30_000_000),
            # EIP-225: 32 bytes of anything, the signers in order, room for a seal.
            "extraData": "0x" + "00" * 32 + "".join(addresses) + "00" * 65,
            "alloc": {address: {"balance": hex(10**24)} for address in addresses},
        }
