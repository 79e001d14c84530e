"""Published status lists and receipts, read as a verifier reads them: by the trust list's keys, from the files."""

import sys
from datetime import UTC, datetime

from govseal.core import receipt, status, trustlist
from support.country import PROJECT, Country

DYING_PUBLISHER = [sys.executable, str(PROJECT / "tests" / "support" / "dying_publisher.py")]


def trust(country: Country) -> trustlist.TrustList:
    """Return the country's trust list."""
    token = (country.home / "published/.well-known/govseal/trust-list.jwt").read_bytes()
    pin = (country.home / "trust/trust-list-signer.der").read_bytes()
    return trustlist.read(token, pin=pin, now=datetime.now(UTC))


def host(country: Country) -> str:
    """Return the origin that publishes."""
    return trust(country).hosts[0]


def place(country: Country, document: str) -> tuple[int, int]:
    """Return a document's list and index."""
    query = "SELECT status_list, status_index FROM issuance_document WHERE id = %s"
    ((number, index),) = country.rows(query, document)
    return number, index


def read(country: Country, number: int, form: str = "") -> status.StatusList:
    """Return a published list, judged by the trust list; `form` is what its path has added."""
    return status.read(
        (country.home / "published/status" / f"{number}{form}").read_bytes(),
        uri=f"{host(country)}/status/{number}",
        certificates=trust(country).status_certificates,
        now=datetime.now(UTC),
        max_age=status.ONLINE_AGE,
    )


def state(country: Country, document: str) -> str:
    """Return what both forms of its published list say of a document; read again while one is newer."""
    number, index = place(country, document)
    while True:
        jwt, cwt = read(country, number), read(country, number, ".cwt")
        if jwt.issued_at == cwt.issued_at:
            break
    assert jwt.state(index) == cwt.state(index)
    return jwt.state(index).name.lower()


def notice(country: Country, document: str) -> status.Notice | None:
    """Return what the published notices say of a document."""
    number, index = place(country, document)
    uri = f"{host(country)}/status/{number}"
    notices = status.read_notices(
        (country.home / "published/status" / f"{number}.notices").read_bytes(),
        uri=uri,
        certificates=trust(country).status_certificates,
        now=datetime.now(UTC),
        max_age=status.ONLINE_AGE,
    )
    return notices.entries.get(index)


def receipt_of(country: Country, institution: str, root: bytes) -> receipt.Receipt:
    """Return a published receipt, judged by the trust list."""
    return receipt.read(
        (country.home / "published/a" / root.hex()).read_bytes(),
        store=country.store(institution),
        root=root,
        certificates=trust(country).anchor_certificates,
    )


def publisher_that_dies(country: Country, at: str) -> None:
    """Run the publisher until it kills itself at a point; see `support/dying_publisher.py`."""
    process = country.start([*DYING_PUBLISHER, at], PYTHONPATH=f"{PROJECT / 'src'}:{PROJECT / 'tests'}")
    assert country.end(process) == -9, country.log()[-3000:]
