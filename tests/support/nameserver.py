"""A name server on loopback that answers TXT questions from a dict, over UDP."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

PIECE = 200
"""Characters of a record in one string: a record is made of several where it is longer."""


@dataclass
class NameServer:
    """A running name server.

    Attributes:
        port: on 127.0.0.1.
        records: TXT records by name; other names do not exist.
        asked: names asked for so far.
        rcode: answered to everything instead, when set.
    """

    port: int
    records: Mapping[str, Sequence[str]]
    asked: list[str] = field(default_factory=list)
    rcode: dns.rcode.Rcode | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        name = query.question[0].name
        text = name.to_text(omit_final_dot=True)
        self.asked.append(text)
        response = dns.message.make_response(query, recursion_available=True)
        if self.rcode is not None:
            response.set_rcode(self.rcode)
        elif text.lower() not in self.records:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif said := [_quoted(one) for one in self.records[text.lower()]]:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *said))
        return response.to_wire()


@contextmanager
def nameserver(records: Mapping[str, Sequence[str]]) -> Iterator[NameServer]:
    """Serve until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = NameServer(listener.getsockname()[1], records)

        def serve() -> None:
            with suppress(OSError):
                while wire := listener.recvfrom(4096):
                    if wire[0] == b"":
                        return
                    listener.sendto(server.answer(wire[0]), wire[1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", server.port))
            thread.join()


def _quoted(record: str) -> str:
    pieces = [record[at : at + PIECE] for at in range(0, len(record), PIECE)]
    return " ".join(f'"{piece}"' for piece in pieces)
