"""The index of a ledger, for each test its own chain."""

from support.evidence import before, ledger_index

__all__ = ["before", "ledger_index"]
