"""All nine outcomes reached for real, by the command line and on the page, and evidence verified from files alone.

One country with its worker, database and chain. Documents are revoked, suspended, lifted, replaced and left to
expire by commands, as an officer does it.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govseal.core import jsjson
from govseal.core.qrtext import CompactCode
from govseal.core.verdict import Outcome
from support.country import GOVSEAL, PATIENCE, PROJECT, Country, result
from support.expiring import prepare_until_yesterday
from support.officework import blank_pdf
from support.ports import free_port
from support.sealed import HOST, Site, serve
from support.seals import certificate, drawn

NUMBERS = ("kept", "revoked", "suspended", "replaced", "newer", "lifted")
STATUSES = {Outcome.GENUINE: 0, Outcome.COULD_NOT_CHECK: 2}
BY_NUMBER = (Outcome.REVOKED, Outcome.SUSPENDED, Outcome.REPLACED)
AWAY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Letters:
    """What an institution issued, and what became of it.

    Attributes:
        folder: where the sealed PDFs lie.
        sealed: what `govseal seal` said of each, by number.
        expired: the code of a press release that was valid until yesterday.
    """

    folder: Path
    sealed: dict[str, dict[str, str]]
    expired: str

    def handed_in(self, outcome: Outcome) -> tuple[str, bytes]:
        """Return the text of a code, or the content of a file, that leads to an outcome."""
        if outcome is Outcome.ALTERED:
            kept = jsjson.dumps(jsjson.parse((self.folder / "kept.json").read_bytes()))
            return "", kept.replace(":string:kept", ":string:changed").encode()
        return self._codes[outcome], b""

    @property
    def _codes(self) -> dict[Outcome, str]:
        return {
            Outcome.NOT_RECOGNISED: CompactCode("verify.elsewhere.example", drawn("nobody's", 16)).text,
            Outcome.NOT_FOUND: CompactCode(HOST, drawn("nobody's", 16)).text,
            Outcome.EXPIRED: self.expired,
            Outcome.GENUINE: self.sealed["lifted"]["link"],
            Outcome.COULD_NOT_CHECK: self.sealed["kept"]["link"],
            **{one: self.sealed[one.value]["link"] for one in BY_NUMBER},
        }


@pytest.fixture(scope="module")
def letters(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Letters]:
    folder, institution = tmp_path_factory.mktemp("letters"), country.institution()
    files = [folder / f"{number}.pdf" for number in NUMBERS]
    for file in files:
        file.write_bytes(blank_pdf())
    with country.worker():
        expired, link = country.office(prepare_until_yesterday, institution, "brief")
        done = done_by(country, "seal", *map(str, files), "--institution", institution, "--out", str(folder))
        sealed = {one["number"]: one for one in done["documents"]}
        done_by(country, "suspend", sealed["lifted"]["id"], "--reason", "Under review")
        done_by(country, "lift", sealed["lifted"]["id"], "--reason", "Cleared")
        done_by(country, "suspend", sealed["suspended"]["id"], "--reason", "Under review")
        done_by(country, "revoke", sealed["revoked"]["id"], "--reason", "Misspelt", "--code", "error")
        successor = ["--by", sealed["newer"]["id"], "--reason", "Corrected"]
        done_by(country, "replace", sealed["replaced"]["id"], *successor)
        done_by(country, "release", sealed["kept"]["id"], "--attested", "--out", str(folder))
        anchored = "SELECT state FROM issuance_document WHERE id = %s"
        country.until(lambda: country.rows(anchored, expired) == [("anchored",)])
        yield Letters(folder, sealed, link)


@pytest.fixture(scope="module")
def site(country: Country, letters: Letters) -> Iterator[Site]:
    yield from serve(country, free_port())


@pytest.fixture(scope="module")
def site_without_ledger(country: Country, letters: Letters) -> Iterator[Site]:
    yield from serve(country, free_port(), GOVSEAL_RPC_URL=AWAY)


def done_by(country: Country, *arguments: str) -> Any:
    """Run a command that must succeed; return what it says."""
    done = country.run(*arguments, "--json")
    assert done.returncode == 0, done
    return result(done)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_is_told_by_the_command_line(
    country: Country, letters: Letters, tmp_path: Path, outcome: Outcome
) -> None:
    text, content = letters.handed_in(outcome)
    (tmp_path / "file.json").write_bytes(content)
    away = {"GOVSEAL_RPC_URL": AWAY} if outcome is Outcome.COULD_NOT_CHECK else {}
    done = country.run("verify", text or str(tmp_path / "file.json"), "--json", **away)
    assert result(done)["outcome"] == outcome.value
    assert done.returncode == STATUSES.get(outcome, 1)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_is_told_on_the_page(
    site: Site, site_without_ledger: Site, letters: Letters, outcome: Outcome
) -> None:
    text, content = letters.handed_in(outcome)
    where = site_without_ledger if outcome is Outcome.COULD_NOT_CHECK else site
    answer = where.verify(text) if text else where.upload(content)
    found = re.search(r'<h1 id="verdict">(.*?)</h1>', answer.text)
    assert found, answer.text
    unknown = outcome is Outcome.NOT_RECOGNISED
    assert found[1] == ("This code does not lead to a government site" if unknown else WORDS[outcome])


WORDS = {
    Outcome.ALTERED: "Altered",
    Outcome.REPLACED: "Replaced",
    Outcome.REVOKED: "Revoked",
    Outcome.SUSPENDED: "Suspended",
    Outcome.EXPIRED: "Expired",
    Outcome.NOT_FOUND: "Not found",
    Outcome.COULD_NOT_CHECK: "Could not check",
    Outcome.GENUINE: "Genuine",
}


# --- from files alone ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(country: Country, letters: Letters, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with evidence, the trust list and its signer's certificate: all that somebody kept."""
    folder = tmp_path_factory.mktemp("kept")
    for number in ("kept", "revoked", "suspended", "replaced"):
        out = str(folder / f"{number}.evidence")
        made = done_by(country, "evidence", letters.sealed[number]["link"], "--out", out)
        assert made["size"] == (folder / f"{number}.evidence").stat().st_size
    done_by(country, "evidence", letters.sealed["kept"]["file"], "--out", str(folder / "by-file.evidence"))
    published = country.home / "published" / ".well-known" / "govseal" / "trust-list.jwt"
    (folder / "list.jwt").write_bytes(published.read_bytes())
    (folder / "signer.der").write_bytes((country.home / "trust" / "trust-list-signer.der").read_bytes())
    return folder


def offline(folder: Path, evidence: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Verify where nothing of the platform is: no data folder, no chain, no published file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GOVSEAL_")}
    return subprocess.run(
        [*GOVSEAL, "verify", "--offline", evidence, "--pin", "signer.der", *more],
        env={**environment, "PYTHONPATH": str(PROJECT / "src"), "GOVSEAL_HOME": str(folder / "none")},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [
        ("kept", "genuine"),
        ("by-file", "genuine"),
        ("revoked", "revoked"),
        ("suspended", "suspended"),
        ("replaced", "replaced"),
    ],
)
def test_evidence_is_verified_from_files_alone(kept: Path, evidence: str, outcome: str) -> None:
    done = offline(kept, f"{evidence}.evidence", "--trust", "list.jwt", "--json")
    told = result(done)
    assert (told["outcome"], told["offline"]) == (outcome, True)
    assert done.returncode == (0 if outcome == "genuine" else 1)
    assert told["receipt"]["checkedAt"]
    assert told["status"]["asOf"]


def test_evidence_says_what_it_went_by_and_when(kept: Path) -> None:
    told = offline(kept, "kept.evidence", "--trust", "list.jwt", "--seen", "seen").stdout
    assert len(list((kept / "seen").glob("*.json"))) == 2  # the trust list and the status list
    assert told.startswith("GENUINE")
    assert "From files alone" in told
    assert re.search(r"Registration checked at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, says the platform", told)
    assert re.search(r"Status as of 20\d\d-.* UTC: valid", told)


def test_evidence_says_why_and_since_when_it_was_revoked(kept: Path) -> None:
    told = offline(kept, "revoked.evidence", "--trust", "list.jwt").stdout
    assert re.search(r"Revoked on \d{1,2} \w+ 20\d\d: issued in error\.", told)
    assert "Misspelt" not in told


def test_evidence_brings_its_own_trust_list_and_never_its_own_pin(kept: Path, country: Country) -> None:
    assert offline(kept, "kept.evidence").returncode == 0
    (kept / "other.der").write_bytes(certificate("mallory"))
    other = offline(kept, "kept.evidence", "--pin", "other.der", "--json")
    assert (other.returncode, result(other)["error"]["code"]) == (2, "UNPINNED_KEY")


def test_evidence_judged_as_of_another_day_needs_lists_of_that_day(kept: Path) -> None:
    later = (datetime.now(UTC) + timedelta(days=8)).date().isoformat()
    done = offline(kept, "kept.evidence", "--trust", "list.jwt", "--at", later, "--json")
    assert done.returncode == 2
    assert result(done)["reason"]["code"] == "STATUS_LIST_STALE"
    assert offline(kept, "kept.evidence", "--at", "soon").returncode == 64


def test_evidence_that_was_tampered_with_is_not_genuine(kept: Path) -> None:
    whole = json.loads((kept / "kept.evidence").read_text())
    revoked = json.loads((kept / "revoked.evidence").read_text())
    title = json.dumps(whole["document"]).replace(":string:kept", ":string:changed")
    for change, status in (
        ({"document": json.loads(title)}, 1),
        ({"receipt": revoked["trustList"][:4000]}, 2),
        ({"statusList": {**whole["statusList"], "uri": "https://verify.example/status/9"}}, 2),
        ({"made": "2024-01-01T00:00:00Z"}, 2),
        ({"more": 1}, 64),
    ):
        (kept / "changed.evidence").write_text(json.dumps({**whole, **change}))
        done = offline(kept, "changed.evidence", "--trust", "list.jwt")
        assert done.returncode == status, (list(change), done)


def test_of_what_nobody_stands_behind_there_is_no_evidence(
    country: Country, letters: Letters, tmp_path: Path
) -> None:
    text, _ = letters.handed_in(Outcome.NOT_FOUND)
    done = country.run("evidence", text, "--out", str(tmp_path / "none"), "--json")
    assert (done.returncode, result(done)["error"]["code"]) == (1, "NO_EVIDENCE")
    assert not (tmp_path / "none").exists()
