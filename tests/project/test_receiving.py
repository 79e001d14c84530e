"""Bodies that come slowly, in part, or too many at once."""

import asyncio
from collections.abc import AsyncIterator

from govseal.project.receiving import LONGEST, Reception


async def pieces(*sent: bytes, stops: bool = False) -> AsyncIterator[bytes]:
    for piece in sent:
        await asyncio.sleep(0)
        yield piece
    if stops:
        await asyncio.Event().wait()
    yield b""


async def received(reception: Reception, sent: AsyncIterator[bytes], length: int) -> bytes | None:
    async with reception.body(sent, length) as body:
        return None if body is None else body.read()


def test_a_body_is_given_whole_from_its_first_byte() -> None:
    assert asyncio.run(received(Reception(), pieces(b"two", b" parts"), 9)) == b"two parts"
    assert asyncio.run(received(Reception(), pieces(stops=True), 0)) == b""


def test_a_sender_who_goes_or_stops_half_way_has_sent_nothing() -> None:
    assert asyncio.run(received(Reception(), pieces(b"half"), 9)) is None
    assert asyncio.run(received(Reception(silence=0.01), pieces(b"half", stops=True), 9)) is None


def test_of_a_body_that_the_views_refuse_nothing_is_kept() -> None:
    piece = b"x" * (1 << 20)
    sent = pieces(*[piece] * (LONGEST // len(piece) + 1))
    assert asyncio.run(received(Reception(), sent, LONGEST + len(piece))) == b""


def test_when_too_many_send_the_longest_silent_one_gives_way() -> None:
    async def told() -> list[bytes | None]:
        reception = Reception(senders=2, silence=3_600)
        silent = asyncio.create_task(received(reception, pieces(b"a", stops=True), 9))
        await asyncio.sleep(0)
        others = [received(reception, pieces(b"first ", b"second"), 12) for _ in range(2)]
        return list(await asyncio.gather(silent, *others))

    assert asyncio.run(told()) == [None, b"first second", b"first second"]


def test_room_is_kept_until_a_body_is_answered_and_free_again_then() -> None:
    async def told() -> list[bytes | None]:
        reception = Reception(together=10, silence=3_600)
        async with reception.body(pieces(b"12345678"), 8):
            beside = await received(reception, pieces(b"1234", stops=True), 8)
        return [beside, await received(reception, pieces(b"12345678"), 8)]

    assert asyncio.run(told()) == [None, b"12345678"]
