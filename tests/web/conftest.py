"""What every test of the pages shares: the public site over a made verifier, and who asks it."""

from collections.abc import Iterator

import pytest
from django.test import Client

from support import web


@pytest.fixture
def verifier() -> Iterator[web.MadeVerifier]:
    with web.configured() as made:
        yield made


@pytest.fixture
def client(verifier: web.MadeVerifier) -> Client:
    return Client(raise_request_exception=False)
