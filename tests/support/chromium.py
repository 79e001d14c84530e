"""Debian's chromium, headless and silent on the network; tests that need it are skipped by name without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from support.waiting import PATIENCE

EXECUTABLE = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",  # we may run as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
]
_MILLISECONDS = 1_000 * PATIENCE

expect.set_options(timeout=_MILLISECONDS)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start chromium; end it with the block."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=EXECUTABLE, args=ARGUMENTS, timeout=_MILLISECONDS
        )
        try:
            yield chromium
        finally:
            chromium.close()


def new_context(chromium: Browser, **options: Any) -> BrowserContext:
    """Return a new context whose pages wait as long as any test does."""
    context = chromium.new_context(**options)
    context.set_default_timeout(_MILLISECONDS)
    return context
