"""The anchor receipt: a platform's signed word that a root stands on a ledger (docs/protocol.md clause 2.6).

    {alg, typ: "govseal-anchor+jwt", kid} . {iat, chainId, genesis, store, root,
                                             blockNumber, blockHash, blockTime, transaction}

From it alone a verifier says "registered, says the platform"; a read from the ledger makes it "checked on the
ledger".

Invariants: the key is one that the trust list names for receipts; header and claims have exactly these members;
a receipt speaks for one root of one store only.

    >>> moment = datetime(2026, 1, 2, tzinfo=UTC)
    >>> receipt = Receipt(StoreRef(1337, "0x" + "ab" * 32, "0x" + "00" * 20), bytes(32), 7, bytes(32), moment,
    ...                   bytes(32), moment)
    >>> receipt.block_number
    7

What is *not* here: reading the ledger, finality (a receipt is signed once it is reached), and publishing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from govseal.core import jose, jsjson, listed
from govseal.core.errors import InputError, MalformedToken
from govseal.core.trustlist import Certificate, StoreRef
from govseal.core.unixtime import is_unix_time, moment

TYP = "govseal-anchor+jwt"
MAX_BYTES = 4 << 10

_HEADER = {"alg", "typ", "kid"}
_CLAIMS = {
    "iat",
    "chainId",
    "genesis",
    "store",
    "root",
    "blockNumber",
    "blockHash",
    "blockTime",
    "transaction",
}
_EPOCH = datetime.fromtimestamp(0, UTC)
_HASH = re.compile(r"0x[0-9a-f]{64}")
_HASH_BYTES = 32
_MAX_EXACT = (1 << 53) - 1  # beyond this JavaScript's numbers are not exact


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where and when a root was issued.

    Attributes:
        store: the DocumentStore, with its chain.
        root: 32 bytes.
        block_number: height of the block that holds the transaction; 1 or more.
        block_hash: 32 bytes.
        block_time: the block's timestamp, UTC.
        transaction: its hash, 32 bytes.
        signed_at: when the receipt was signed, UTC; its key must be in use then.

    Raises:
        InputError: a value is outside its form.
    """

    store: StoreRef
    root: bytes
    block_number: int
    block_hash: bytes
    block_time: datetime
    transaction: bytes
    signed_at: datetime

    def __post_init__(self) -> None:
        hashes, times = (self.root, self.block_hash, self.transaction), (self.block_time, self.signed_at)
        if any(len(one) != _HASH_BYTES for one in hashes) or not 1 <= self.block_number <= _MAX_EXACT:
            raise InputError("A receipt has hashes of 32 bytes and the number of a block after the first.")
        if any(when.utcoffset() != timedelta(0) or when.microsecond or when < _EPOCH for when in times):
            raise InputError("A receipt's times are UTC, of whole seconds, from 1970 on.")


def sign(receipt: Receipt, *, certificate: bytes, signer: jose.Sign) -> str:
    """Return the published token.

    Args:
        receipt: what to say.
        certificate: the signer's, DER, as the trust list names it.
        signer: signs a message with ES256; returns r‖s, 64 bytes.

    Raises:
        InputError: `certificate` is none.
    """
    claims = {
        "iat": int(receipt.signed_at.timestamp()),
        "chainId": receipt.store.chain_id,
        "genesis": receipt.store.genesis,
        "store": receipt.store.address,
        "root": _hex(receipt.root),
        "blockNumber": receipt.block_number,
        "blockHash": _hex(receipt.block_hash),
        "blockTime": int(receipt.block_time.timestamp()),
        "transaction": _hex(receipt.transaction),
    }
    header = {"typ": TYP, "kid": Certificate.from_der(certificate).kid.hex()}
    return jose.encode(header, jsjson.dumps(claims).encode(), signer)


def read(token: bytes | str, *, store: StoreRef, root: bytes, certificates: Sequence[Certificate]) -> Receipt:
    """Return the receipt of one root of one store, signed by a listed key.

    Args:
        token: as published, at most `MAX_BYTES`.
        store: where the document says that it is registered.
        root: the document's Merkle root, 32 bytes.
        certificates: the trust list's anchor certificates.

    Raises:
        BadSignature: by no listed key (`UNLISTED_KEY`), by one not in use then (`KEY_NOT_VALID_THEN`), or not matching.
        MalformedToken: not such a token, or of another type (`WRONG_TYPE`) or anchor (`WRONG_SUBJECT`).
        TooLargeError: a bound is passed.
        OutsideError: its key was declared stolen (`LISTED_KEY_COMPROMISED`): only the ledger can tell.
    """
    parts = jose.read(token, max_bytes=MAX_BYTES)
    if parts.header.keys() != _HEADER:
        raise MalformedToken("The receipt's header has other members.")
    certificate = listed.signer(
        certificates, parts.header["kid"], lambda der: jose.verify(parts, der, typ=TYP)
    )
    receipt = _receipt(_claims(parts.payload))
    listed.require_trusted(certificate, receipt.signed_at)
    if receipt.store.key != store.key or receipt.root != root:
        raise MalformedToken("The receipt is that of another root or store.", code="WRONG_SUBJECT")
    return receipt


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = jsjson.parse(payload, max_bytes=MAX_BYTES)
    except InputError as error:
        raise MalformedToken(f"The receipt cannot be read: {error.message}") from None
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS:
        raise MalformedToken("The receipt's claims are not exactly the known ones.")
    return claims


def _receipt(claims: dict[str, Any]) -> Receipt:
    chain_id = _integer(claims, "chainId")
    try:
        return Receipt(
            store=StoreRef(chain_id, _text(claims, "genesis"), _text(claims, "store")),
            root=_hash(claims, "root"),
            block_number=_integer(claims, "blockNumber"),
            block_hash=_hash(claims, "blockHash"),
            block_time=_moment(claims, "blockTime"),
            transaction=_hash(claims, "transaction"),
            signed_at=_moment(claims, "iat"),
        )
    except MalformedToken:
        raise
    except InputError as error:  # a store or a block number of another form
        raise MalformedToken(error.message) from None


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str):
        raise _refusal(name)
    return value


def _integer(claims: dict[str, Any], name: str) -> int:
    value = claims[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_EXACT:
        raise _refusal(name)
    return value


def _moment(claims: dict[str, Any], name: str) -> datetime:
    value = claims[name]
    if not is_unix_time(value):
        raise _refusal(name)
    return moment(value)


def _hash(claims: dict[str, Any], name: str) -> bytes:
    value = _text(claims, name)
    if not _HASH.fullmatch(value):
        raise _refusal(name)
    return bytes.fromhex(value[2:])


def _hex(raw: bytes) -> str:
    return f"0x{raw.hex()}"


def _refusal(name: str) -> MalformedToken:
    return MalformedToken(f"The receipt's {name} has another form.", member=name)
