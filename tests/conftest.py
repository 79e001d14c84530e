"""What every test shares: deterministic property tests and no network but loopback."""

import os
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from govseal.adapters.photo import apart as decoding
from govseal.adapters.qrimage import apart as searching
from support.waiting import PATIENCE

pytest_plugins = ["support.chain", "support.database", "support.country", "support.sealed"]

settings.register_profile(
    "default", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("soak", deadline=None, max_examples=5_000)
settings.load_profile("soak" if os.environ.get("GOVSEAL_SOAK") else "default")

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a skipped test fail the run where everything is meant to be at hand (GOVSEAL_NO_SKIP)."""
    if _skipped and os.environ.get("GOVSEAL_NO_SKIP") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _unhurried() -> None:
    """Bound what is done with a picture by processor time alone: the clock on the wall runs on while others work."""
    searching._WALL = decoding.SECONDS = PATIENCE


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test reached out to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
