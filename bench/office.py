"""An office of a benchmark's own: a real PostgreSQL, a real chain and a data folder, gone afterwards.

Django holds one database for the life of a process, so the office lives in a process of its own:

    with opened() as office:
        texts = office.call(prepare, range(20))

`call` names functions that take the office's Python side first. The database is durable, as in production.
Documents are prepared by the service that prepares them all; only their page is no real one, and is not rendered
to be read back: that cost is the renderer's.

What is *not* here: the benchmarks, and any worker: they take its steps themselves.
"""

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govseal.adapters.localchain import LocalChain
from govseal.adapters.localdb import LocalDatabase
from govseal.core.ports import FoundCode
from govseal.core.qrtext import CompactCode
from govseal.project.configuration import Configuration

if TYPE_CHECKING:  # needs Django, which only the office's own process sets up
    from govseal.project.wiring.office import Office

DOMAIN = "moeys.example"
ISSUED = date(2026, 1, 15)
AT_ONCE = 50
_OFFICE: list["Office"] = []


@dataclass(frozen=True)
class Opened:
    """A running office.

    Attributes:
        chain: its chain.
        environment: what its processes are started with.
    """

    chain: LocalChain
    environment: Mapping[str, str]
    _pool: ProcessPoolExecutor

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call `function(office, *arguments)` in the office's process and return its result."""
        return self._pool.submit(_called, function, *arguments).result()

    @contextmanager
    def workers(self, count: int) -> Iterator[Callable[[Callable[..., Any], Sequence[Any]], list[Any]]]:
        """Start more processes of the office; yields `call_each(function, each)`, one argument for each of them."""
        with ExitStack() as stack:
            pools = [stack.enter_context(_process(self.environment)) for _ in range(count)]

            def call_each(function: Callable[..., Any], each: Sequence[Any]) -> list[Any]:
                tasks = [pool.submit(_called, function, one) for pool, one in zip(pools, each, strict=True)]
                return [task.result() for task in tasks]

            call_each(_nothing, [None] * count)  # a process starts with its first task
            yield call_each

    @property
    def configuration(self) -> Configuration:
        """Its configuration, for what needs no database."""
        return Configuration.load(self.environment)


@contextmanager
def opened() -> Iterator[Opened]:
    """Start an office with one institution, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        database = LocalDatabase(Path(folder) / "database")
        try:
            with LocalChain(Path(folder) / "chain", port=0) as chain:
                environment = _environment(Path(folder) / "home", database.start(), chain)
                migrate = [sys.executable, "-m", "govseal", "migrate"]
                subprocess.run(migrate, env=environment, check=True, capture_output=True)
                with _process(environment) as pool:
                    office = Opened(chain, environment, pool)
                    office.call(_institution_add)
                    yield office
        finally:
            database.remove()


def prepare(office: "Office", numbers: range) -> list[str]:
    """Seal letters and leave them waiting; return the texts of their codes."""
    from govseal.apps.issuance import services  # noqa: PLC0415 - Django, as above
    from govseal.apps.registry.models import Institution  # noqa: PLC0415 - needs Django, which is set up by now
    from govseal.project.wiring import keys  # noqa: PLC0415 - needs Django, which is set up by now

    configuration, page = office.configuration, _Page()
    institution = Institution.objects.get()
    signer = keys.seal_signer(configuration, institution.code)
    escrow = keys.escrow(configuration, institution.code)
    kind = office.document_type("letter")
    letter = kind.code, kind.version, kind.decisive, ("compact",)
    sheets = (
        services.Sheet(*letter, f"L-{number}", ISSUED, {"title": f"លិខិត {number}"}, "letter.pdf")
        for number in numbers
    )
    while drafts := [services.Draft(sheet, page.render) for sheet in itertools.islice(sheets, AT_ONCE)]:
        services.documents_prepare(
            institution=institution,
            drafts=drafts,
            country=office.country.code,
            host=configuration.host,
            signer=signer,
            escrow=escrow,
            reader=page,
            published=office.published,
            enqueue=lambda _: None,  # the benchmark is the worker
            now=now(),
        )
    return page.texts


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class _Page:
    """`render` and `SheetReader` of a page that is only said to bear its code."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def render(self, codes: Mapping[str, Any]) -> bytes:
        code = codes["compact"]
        assert isinstance(code, CompactCode)
        self.texts.append(code.text)
        return b"%PDF-1.7\n%%EOF\n"

    def read_pdf(self, _content: bytes) -> Iterator[tuple[int, list[FoundCode]]]:
        yield 1, [FoundCode(self.texts[-1], ())]


def _environment(home: Path, database_url: str, chain: LocalChain) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("GOVSEAL_")}
    return {
        **others,
        "GOVSEAL_HOME": str(home),
        "DATABASE_URL": database_url,
        "GOVSEAL_RPC_URL": chain.rpc_url,
        "GOVSEAL_CHAIN_ID": str(chain.chain_id),
        "GOVSEAL_GENESIS": chain.genesis,
    }


def _process(environment: Mapping[str, str]) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(environment,))


def _begin(environment: Mapping[str, str]) -> None:
    """Set this process up as the office's."""
    os.environ.clear()
    os.environ.update(environment)
    from govseal.project.cli.running import setup_django  # noqa: PLC0415 - needs Django, which is set up by now

    setup_django()
    from govseal.project.wiring.office import Office  # noqa: PLC0415 - needs Django, which is set up by now

    _OFFICE.append(Office(Configuration.load(os.environ)))


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(_OFFICE[0], *arguments)


def _nothing(_office: "Office", _argument: None) -> None:
    """Do nothing, in a process that has begun."""


def _institution_add(office: "Office") -> None:
    office.institution_add(
        code="moeys",
        names={"en": "Ministry of Education", "km": "ក្រសួងអប់រំ"},
        domain=DOMAIN,
        document_types=sorted(office.country.document_types),
    )
