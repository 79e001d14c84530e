"""Answers for one name on the local network: multicast DNS (RFC 6762), so that phones find a demonstration by name.

    with Responder("govseal-demo.local", "192.168.1.5"):
        ...

Only questions for an IPv4 address of exactly that name are answered; everything else on the port is passed over.
Datagrams are bounded, and nothing in one is believed. What is *not* here: probing for a name that another machine has
(choose an unlikely one), IPv6, and services.
"""

import ipaddress
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

from govseal.core.errors import OutsideError

GROUP, PORT = "224.0.0.251", 5353
_LONGEST = 1500
_HEADER = struct.Struct("!6H")
_QUESTION = struct.Struct("!2H")
_RECORD = struct.Struct("!2HIH")
_A, _ANY, _IN = 1, 255, 1
_UNICAST = _FLUSH = 0x8000
_RESPONSE = 0x8400
_MOST_QUESTIONS = 32
_TTL = 120
_LEGACY_TTL = 10
_LABEL_LIMIT = 63


class Responder:
    """Answers in a thread of its own until the block ends.

    Args:
        name: lower case, ends with `.local`.
        address: IPv4 address of this machine on that network.
        port: 5353 but in tests.
    """

    def __init__(self, name: str, address: str, *, port: int = PORT) -> None:
        self._labels = tuple(label.encode("ascii") for label in name.split("."))
        self._address = ipaddress.IPv4Address(address)
        self._port = port
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Begin to answer.

        Raises:
            OutsideError: this machine does not let us listen there.
        """
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # beside another responder
            listener.bind(("", self._port))
            group = socket.inet_aton(GROUP) + self._address.packed
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, self._address.packed)
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        except OSError as error:
            listener.close()
            raise OutsideError(
                f"Names on the local network cannot be answered for: {error.strerror}.", code="NO_MULTICAST"
            ) from error
        self._socket = listener
        self._thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the thread."""
        if self._socket is not None and self._thread is not None:
            self._socket.settimeout(0.1)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
                waking.sendto(b"", ("127.0.0.1", self._port))
            self._thread.join()
            self._socket.close()
            self._socket = self._thread = None

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                datagram, sender = listener.recvfrom(_LONGEST)
            except OSError:  # closed, or the time that its end was given has passed
                return
            if not datagram and listener.gettimeout() is not None:
                return
            for answer, alone in self.answers(datagram, legacy=sender[1] != PORT):
                # An asker from nowhere, or a network that is gone: others are still answered.
                with suppress(OSError):
                    listener.sendto(answer, sender if alone else (GROUP, self._port))

    def answers(self, datagram: bytes, *, legacy: bool) -> Iterator[tuple[bytes, bool]]:
        """Yield (answer, whether to the asker alone) for a datagram; nothing for what is no question of ours.

        Args:
            datagram: as received.
            legacy: whether the asker is no multicast responder itself (RFC 6762 section 6.7): it gets its id and its
                question back.
        """
        if len(datagram) < _HEADER.size:
            return
        number, flags, questions, *_ = _HEADER.unpack_from(datagram)
        if flags & 0x8000 or questions > _MOST_QUESTIONS:  # an answer of somebody's, or a flood
            return
        for labels, kind, form in _questions(datagram, questions):
            if labels == self._labels and kind in (_A, _ANY) and form & ~_UNICAST == _IN:
                yield (
                    self._answer(number if legacy else 0, kind, legacy=legacy),
                    legacy or bool(form & _UNICAST),
                )
                return

    def _answer(self, number: int, kind: int, *, legacy: bool) -> bytes:
        name = b"".join(bytes([len(label)]) + label for label in self._labels) + b"\0"
        question = name + _QUESTION.pack(kind, _IN) if legacy else b""
        record = _RECORD.pack(_A, _IN if legacy else _IN | _FLUSH, _LEGACY_TTL if legacy else _TTL, 4)
        head = _HEADER.pack(number, _RESPONSE, int(legacy), 1, 0, 0)
        return head + question + name + record + self._address.packed


def _questions(datagram: bytes, count: int) -> Iterator[tuple[tuple[bytes, ...], int, int]]:
    """Yield (labels in lower case, type, class) of each question up to the first that cannot be read."""
    at = _HEADER.size
    for _ in range(count):
        labels: list[bytes] = []
        while at < len(datagram) and 0 < datagram[at] <= _LABEL_LIMIT:
            labels.append(datagram[at + 1 : at + 1 + datagram[at]].lower())
            at += 1 + datagram[at]
        if at + 1 + _QUESTION.size > len(datagram) or datagram[at]:  # short, or a name that points elsewhere
            return
        yield tuple(labels), *_QUESTION.unpack_from(datagram, at + 1)
        at += 1 + _QUESTION.size
