"""How long a test waits: until something holds, and never so short that a busy machine fails.

A limit here only ever ends what hangs. What must be quick is shown by the order of events, not by a clock.
"""

import time
from collections.abc import Callable

PATIENCE = 240
"""Seconds that anything may take on a busy machine; no test fails because it is slow."""


def until(
    holds: Callable[[], object], otherwise: object = "it does not come true", pause: float = 0.02
) -> None:
    """Wait until something holds.

    Args:
        holds: asked again and again.
        otherwise: what the failure says; a callable is asked for it then.
        pause: seconds between two questions.
    """
    assert comes_true(holds, pause), otherwise() if callable(otherwise) else otherwise


def comes_true(holds: Callable[[], object], pause: float = 0.02) -> bool:
    """Wait until something holds; say whether it did at last."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
