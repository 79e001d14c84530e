"""The outbox, without company in the queue: from documents that wait to documents that are anchored.

The clock runs from the first step of the outbox to its last: batches formed, every ciphertext written durably,
roots sent, mined by a real chain, and confirmed in the database. A batch is as large as an installation's own are,
unless told otherwise: the 10,000 are two.
"""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.measure import FLAT, Row
from bench.office import now, opened, prepare

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office

SIZES = [1, 100, 1_000, 10_000]
QUICK = [1, 100, 300]


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; `quick` has fewer documents, and no curve."""
    taken: dict[int, float] = {}
    with opened() as office:
        first = 0
        for size in QUICK if quick else SIZES:
            office.call(prepare, range(first, first + size))
            first += size
            taken[size] = office.call(anchored, size)
            documents = "1 prepared document" if size == 1 else f"{size:,} prepared documents"
            yield Row(f"anchor {documents}", taken[size], None, "s", None)
    if not quick:
        small, large = SIZES[-2:]
        name = f"growth: anchor {large:,} documents, each, against {small:,}"
        yield Row(name, taken[large] / large * 1000, taken[small] / small * 1000, "ms", FLAT)


def anchored(office: "Office", size: int) -> float:
    """Anchor what waits, `size` documents; return the seconds."""
    from govseal.apps.issuance import services  # noqa: PLC0415 - needs Django, which this process has set up
    from govseal.apps.issuance.models import Document  # noqa: PLC0415 - needs Django, which is set up by now
    from govseal.apps.registry.models import Institution  # noqa: PLC0415 - needs Django, which is set up by now
    from govseal.project.wiring import worker  # noqa: PLC0415 - needs Django, which is set up by now

    configuration = office.configuration
    ports = {"ledger": worker.ledger(configuration), "published": office.published, "clock": now}
    policy = services.OutboxPolicy(configuration.batch_size, 0.0, configuration.finality)
    institution = Institution.objects.get().pk
    before = Document.objects.filter(state=Document.State.ANCHORED).count()
    begin = time.perf_counter()
    while (wait := services.outbox_run(institution_id=institution, policy=policy, **ports)) is not None:
        time.sleep(wait)
    seconds = time.perf_counter() - begin
    assert Document.objects.filter(state=Document.State.ANCHORED).count() == before + size
    return seconds
