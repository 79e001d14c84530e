"""What every test of the pages shares: a real browser, and the public site over a made verifier."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from support import chromium, web


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browser() as started:
        yield started


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with web.configured(), web.served() as address:
        yield address
