"""Certificates: typeset, sealed, read back and verified before release; one by one, and by two workers at once.

Real templates, a real database, a real chain. The time of one is processor time, of the office's process and of the
confined ones it asks, so that it says what a core can do whoever else uses the machine. End to end is by the clock:
every certificate typeset, sealed, anchored and handed over, by two processes of the office and a worker.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bench import office as offices
from bench.measure import Row
from bench.outbox import anchored

from govseal.core.errors import GovsealError

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office

T = TypeVar("T")

KIND = "diploma"
CORE_MILLISECONDS = 20.0
MILLISECONDS_OF_TWO = 10.0  # a hundred a second
GROWTH_MIB = 32.0
_TICKS = os.sysconf("SC_CLK_TCK")


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the time of one certificate by part, the rate of two workers, and what their memory does."""
    with offices.opened() as office:
        for part, seconds in office.call(parts, 20 if quick else 100).items():
            limit, reach = (
                (CORE_MILLISECONDS, 1.0) if part.startswith("typeset + seal + verify") else (None, None)
            )
            yield Row(f"{part}, a {KIND}, processor time", seconds * 1000, limit, "ms", reach)
        yield from _end_to_end(office, 100 if quick else 1000)


def parts(office: "Office", count: int) -> dict[str, float]:
    """Return the processor seconds of one certificate, part by part, on average after a first one."""
    sealed(office, ["FIRST"])
    begin = _processor_seconds()
    made = sealed(office, [f"ONE-{number}" for number in range(count)])
    between = _processor_seconds()
    anchored(office, count + 1)
    publish(office)
    released(office, made[:1])
    again = _processor_seconds()
    released(office, made)
    sealing, verifying = (between - begin) / count, (_processor_seconds() - again) / count
    return {
        "typeset, seal, read back": sealing,
        "verify before release": verifying,
        "typeset + seal + verify-before-release": sealing + verifying,
    }


def sealed(office: "Office", numbers: Sequence[str]) -> list[str]:
    """Typeset and seal a certificate of each number, as a table is issued; return their ids."""
    from govseal.project.wiring.issuing import Order  # noqa: PLC0415 - needs Django, which is set up by now

    sample = office.document_type(KIND).sample
    orders = (Order(number, offices.ISSUED, {**sample, "name": f"DEMO {number}"}) for number in numbers)
    made = office.typeset_many(institution_code="moeys", type_code=KIND, orders=orders)
    return [_whole(one).pk for one in made]


def released(office: "Office", ids: Sequence[str]) -> None:
    """Verify each from its page and hand it over."""
    for each in office.release_many(ids):
        _whole(each)


def _whole(result: T | GovsealError) -> T:
    """Return what is no error; raise one."""
    if isinstance(result, GovsealError):
        raise result
    return result


def publish(_office: "Office") -> None:
    """Publish the status lists, as the worker does within seconds."""
    from govseal.apps.issuance import services  # noqa: PLC0415 - needs Django, which this process has set up
    from govseal.project.wiring import worker  # noqa: PLC0415 - needs Django, which is set up by now

    ports = worker.publishing_ports()
    services.status_lists_publish(
        signer=ports.status_signer, host=ports.host, published=ports.published, clock=offices.now
    )


# --- two workers ------------------------------------------------------------------------------------------


def _end_to_end(office: offices.Opened, count: int) -> Iterator[Row]:
    numbers = [f"ALL-{number}" for number in range(count)]
    half = count // 2
    with office.workers(2) as call_each:
        call_each(sealed, [["WARM-1"], ["WARM-2"]])
        begin = time.perf_counter()
        made = call_each(_sealed_watched, [numbers[:half], numbers[half:]])
        office.call(anchored, count + 2)
        office.call(publish)
        memories = call_each(_released_watched, made)
        seconds = time.perf_counter() - begin
    name = f"{count:,} certificates end to end, two workers, each"
    yield Row(name, seconds / count * 1000, MILLISECONDS_OF_TWO, "ms", 1.0)
    grown = max(last - first for first, last in memories)
    yield Row(
        f"memory that a worker gains from its {half // 10}th of {half:,}",
        max(grown, 0.001),
        GROWTH_MIB,
        "MiB",
        1.0,
    )


_AT_FIRST: list[float] = []


def _sealed_watched(office: "Office", numbers: Sequence[str]) -> list[str]:
    """Seal them all, and note the memory after the first tenth; return their ids."""
    tenth = len(numbers) // 10
    ids = sealed(office, numbers[:tenth])
    _AT_FIRST.append(_resident_mib())
    return ids + sealed(office, numbers[tenth:])


def _released_watched(office: "Office", ids: Sequence[str]) -> tuple[float, float]:
    """Release them all; return the memory noted, and that now, MiB."""
    released(office, ids)
    return _AT_FIRST[0], _resident_mib()


# --- what was used ----------------------------------------------------------------------------------------


def _processor_seconds() -> float:
    """Return the processor time of this process and of its children that live (Linux)."""
    own = os.getpid()
    return (
        sum((int(user) + int(system)) / _TICKS for parent, user, system in _processes() if parent == own)
        + time.process_time()
    )


def _processes() -> Iterator[tuple[int, str, str]]:
    """Yield (parent, user time, system time) of every process; see proc(5)."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield int(fields[1]), fields[11], fields[12]


def _resident_mib() -> float:
    """Return this process's resident memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
