"""The TXT records by which a domain speaks for a DocumentStore or a DID (docs/protocol.md 1.16).

    >>> speaks_for_store(["openatts net=ethereum netId=1337 addr=0xAB"], chain_id=1337, address="0xab")
    True
    >>> speaks_for_key(["openatts a=dns-did; p=did:ethr:0xAB#controller; v=1.0;"], "did:ethr:0xab#controller")
    True

They are read as OpenAttestation's verifiers read them: members are parted by spaces, a semicolon ends a value, and
letters of either case are the same.

What is *not* here: asking for them (`govseal.core.ports.DnsReader`).
"""

from collections.abc import Iterable, Iterator

_MARK = "openatts"


def speaks_for_store(records: Iterable[str], *, chain_id: int, address: str) -> bool:
    """Say whether one of a domain's records names the store at `address` on that chain."""
    return any(
        one.get("net") == "ethereum"
        and one.get("netId") == str(chain_id)
        and one.get("addr", "").lower() == address.lower()
        for one in _read(records)
    )


def speaks_for_key(records: Iterable[str], key: str) -> bool:
    """Say whether one of a domain's records names the key of that DID URL."""
    return any(
        one.get("a") == "dns-did" and "v" in one and one.get("p", "").lower() == key.lower()
        for one in _read(records)
    )


def _read(records: Iterable[str]) -> Iterator[dict[str, str]]:
    for record in records:
        words = record.split()
        if words[:1] == [_MARK]:
            members = (word.partition("=") for word in words[1:])
            yield {name: value.removesuffix(";") for name, _, value in members}
