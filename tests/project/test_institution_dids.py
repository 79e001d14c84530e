"""DIDs of institutions: listed by command, published in the trust list, judged by `govseal verify`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey

from govseal.core import jsjson, trustlist
from govseal.core.merkle import keccak256
from govseal.core.openattestation import did
from govseal.core.openattestation.salting import uuid4_source
from support import dids
from support.country import Country, result
from support.nameserver import nameserver
from support.officework import add_did, compromise_did
from support.seals import drawn
from support.site import reply, site

STORE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
DOMAIN = "letters.example"


class Signer:
    """A key of its own for each test: a country lists a DID once."""

    def __init__(self, label: str) -> None:
        self.key = PrivateKey(drawn(label, 32))
        address = keccak256(self.key.public_key.format(compressed=False)[1:])[-20:]
        self.did = f"did:ethr:{did.checksummed(address)}"
        self.url = f"{self.did}#controller"

    def write(self, file: Path, *revocation: str, domain: str | None = None) -> Path:
        """Write a document that the key has signed."""
        named = dids.issuer(*revocation, domain=domain, id=self.did)
        named["identityProof"]["key"] = self.url
        made = dids.signed(named, uuid4_source(lambda size: drawn(f"{file} uuid", size)), key=self.key)
        file.write_text(jsjson.dumps(made))
        return file


@pytest.fixture(scope="module")
def office(country: Country) -> str:
    options = ("--name", "en=Plain", "--domain", "plain.example", "--type", "openattestation")
    done = country.run("institution", "add", "plain", *options)
    assert done.returncode == 0, done
    return "plain"


@pytest.fixture
def signer(request: pytest.FixtureRequest) -> Signer:
    return Signer(request.node.name)


def listed(country: Country, code: str) -> trustlist.Institution:
    """Return the institution as the published list names it."""
    token = (country.home / "published" / ".well-known" / "govseal" / "trust-list.jwt").read_bytes()
    pin = (country.home / "trust" / "trust-list-signer.der").read_bytes()
    found = trustlist.read(token, pin=pin, now=datetime.now(UTC)).find_institution(code)
    assert found is not None
    return found


def verdict(country: Country, file: Path, **environment: str) -> tuple[str, str | None]:
    """Return what `govseal verify` says."""
    done = country.run("verify", str(file), "--json", **environment)
    assert "Traceback" not in done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == {"genuine": 0, "could_not_check": 2}.get(told["outcome"], 1)
    return told["outcome"], told["reason"] and told["reason"]["code"]


def test_a_did_is_listed_asked_about_and_declared_stolen_by_command(
    country: Country, office: str, signer: Signer, tmp_path: Path
) -> None:
    def answer(connection: Any, request: bytes) -> None:
        name = request.split(b" ")[1].rpartition(b"/")[2].decode()
        reply(json.dumps({"revoked": revoked, "documentHash": name}).encode(), "200 OK", "Connection: close")(
            connection, request
        )

    since = "2026-01-31T08:00:00Z"
    domain = f"{DOMAIN}.{listed(country, office).domain}"
    records = {domain: [f"openatts a=dns-did; p={signer.url}; v=1.0;"]}
    with site(answer) as served, nameserver(records) as names:
        location = f"{served.origin}/ocsp"
        file = signer.write(tmp_path / "letter.json", "OCSP_RESPONDER", location, domain=domain)
        done = country.run("institution", "did", "add", office, signer.url, "--ocsp", location, "--json")
        assert result(done)["did"] == signer.url
        revoked = False
        assert verdict(country, file, GOVSEAL_DNS=names.address) == ("genuine", None)
        assert set(names.asked) == {domain}
        records[domain] = ["openatts a=dns-did; p=did:ethr:0xab#controller; v=1.0;"]
        assert verdict(country, file, GOVSEAL_DNS=names.address) == ("not_recognised", "DNS_RECORD_MISSING")
        revoked = True
        assert verdict(country, file) == ("revoked", "REVOKED")
    done = country.run("institution", "did", "compromise", office, signer.url, "--since", since, "--json")
    assert result(done)["compromisedAt"] == since
    assert verdict(country, file, GOVSEAL_DNS="") == ("could_not_check", "OCSP_UNAVAILABLE")
    found = listed(country, office).did(signer.url)
    assert found is not None
    assert found.compromised_at == datetime.fromisoformat(since)


def test_the_earliest_theft_counts_and_none_is_to_come(country: Country, office: str, signer: Signer) -> None:
    country.office(add_did, office, signer.url)
    early, late = datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    for since in (late, early, late):
        assert country.office(compromise_did, office, signer.url, since) == ""
    found = listed(country, office).did(signer.url)
    assert found is not None
    assert found.compromised_at == early
    later = datetime.now(UTC) + timedelta(days=2)
    assert country.office(compromise_did, office, signer.url, later) == "MALFORMED_MOMENT"


def test_where_it_revokes_is_added_and_never_taken_away(
    country: Country, office: str, signer: Signer
) -> None:
    assert country.office(add_did, office, signer.url, [STORE.lower()], ["https://ocsp.example"]) == ""
    assert country.office(add_did, office, signer.url, [STORE], ["https://ocsp.example/v1"]) == ""
    found = listed(country, office)
    assert {"https://ocsp.example", "https://ocsp.example/v1"} <= set(found.ocsp_responders)
    assert [one.address for one in found.revocation_stores] == [STORE]
    assert found.revocation_stores[0].genesis == found.stores[0].ref.genesis


def test_a_did_is_one_institution_s(country: Country, office: str, signer: Signer) -> None:
    other = country.institution()
    assert country.office(add_did, office, signer.url) == ""
    assert country.office(add_did, other, signer.url) == "DID_TAKEN"
    assert (
        country.office(compromise_did, other, signer.url, datetime(2026, 1, 1, tzinfo=UTC)) == "UNKNOWN_DID"
    )


SLIP = STORE.replace("0x5a", "0x5A")


@pytest.mark.parametrize(("url", "stores", "responders", "code"), [
    ("did:web:moeys.example", [], [], "MALFORMED_DID"),
    (dids.DID, [], [], "MALFORMED_DID"),
    (f"did:ethr:{SLIP}#controller", [], [], "MALFORMED_DID"),
    (dids.CONTROLLER, ["0xab"], [], "MALFORMED_STORE"),
    (dids.CONTROLLER, [SLIP], [], "MALFORMED_STORE"),
    (dids.CONTROLLER, [], ["http://ocsp.example"], "MALFORMED_RESPONDER"),
    (dids.CONTROLLER, [], ["https://ocsp.example/v1/"], "MALFORMED_RESPONDER"),
    (dids.CONTROLLER, [], ["https://ocsp.example/?q=1"], "MALFORMED_RESPONDER"),
    (dids.CONTROLLER, [], ["https://ocsp.example/../x"], "MALFORMED_RESPONDER"),
])  # fmt: skip
def test_a_slip_of_the_pen_is_refused_and_nothing_is_listed(
    country: Country, office: str, url: str, stores: list[str], responders: list[str], code: str
) -> None:
    assert country.office(add_did, office, url, stores, responders) == code
    assert listed(country, office).did(dids.CONTROLLER) is None


def test_an_institution_may_be_permitted_documents_without_a_seal(country: Country, office: str) -> None:
    assert listed(country, office).document_types["openattestation"].decisive == ()


def test_a_resolver_that_is_none_is_told_to_the_operator(
    country: Country, office: str, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_text("{}")
    done = country.run("verify", str(tmp_path / "x.json"), GOVSEAL_DNS="dns.example")
    assert "GOVSEAL_DNS" in done.stderr
    assert "Traceback" not in done.stderr
