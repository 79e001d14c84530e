"""What is asked of every table of documents that two outside verifiers and ours judge: a test class a table.

class TestVersion2(Judged):
    ROWS = {"alone": Row(), "a field changed": ALTERED}

    @staticmethod
    def made(registry):
        return {"alone": registry.asked(...), "a field changed": registry.asked(...)}
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from govseal.adapters.evm import EvmLedger
from govseal.adapters.localchain import LocalChain
from support.node import PROJECT
from support.outside import Asked, Registry, Row, check_said, differing, need_verifiers, said


class Judged:
    """The tests of one table.

    Attributes:
        ROWS: what is said of each document.
    """

    ROWS: ClassVar[Mapping[str, Row]]

    @staticmethod
    def made(registry: Registry) -> dict[str, Asked]:
        """Return the document of each row."""
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "name" in metafunc.fixturenames:
            metafunc.parametrize("name", self.ROWS)

    @pytest.fixture(scope="class")
    @classmethod
    def registry(cls, ledger: EvmLedger) -> Registry:
        need_verifiers()
        return Registry(ledger)

    @pytest.fixture(scope="class")
    @classmethod
    def documents(cls, registry: Registry) -> dict[str, Asked]:
        return cls.made(registry)

    @pytest.fixture(scope="class")
    @classmethod
    def theirs(cls, chain: LocalChain, documents: dict[str, Asked]) -> dict[str, Any]:
        return said(chain, documents)

    def test_every_row_is_asked(self, documents: dict[str, Asked]) -> None:
        assert documents.keys() == self.ROWS.keys()

    def test_the_outside_verifiers_say_so(self, name: str, theirs: dict[str, Any]) -> None:
        check_said(theirs[name], self.ROWS[name])

    def test_we_say_so(self, name: str, documents: dict[str, Asked], registry: Registry) -> None:
        assert registry.told(documents[name]) == self.ROWS[name].ours

    def test_only_rows_that_say_why_differ(self) -> None:
        assert differing(self.ROWS) == {name for name, row in self.ROWS.items() if row.why}

    def test_each_difference_stands_in_the_documents(self) -> None:
        table = (PROJECT / "docs" / "conformance.md").read_text(encoding="utf-8")
        assert {name for name in differing(self.ROWS) if f"| {name} |" not in table} == set()
