"""Keys change and documents stay what they were: rotation, retirement and theft, by the commands, in a whole country."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govseal.adapters.keys.record import KeyEventKind, KeyRecord
from govseal.adapters.localchain import LocalChain
from govseal.core import trustlist
from govseal.core.errors import RefusedError
from govseal.core.trustlist import TrustList, succession
from support import keyswork, officework
from support.country import Country, result
from support.lands import land, release
from support.softhsm import PIN, softhsm_tokens

SAID = ("--by", "Sok Dara, Chan Lina", "--reason", "a test", "--json")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, database_url: str, chain: LocalChain) -> Iterator[Country]:
    """A country whose keys these tests may change, with its worker."""
    with land(tmp_path_factory.mktemp("own"), database_url, chain) as country, country.worker():
        yield country


def act(country: Country, *arguments: str, fails: bool = False) -> Any:
    """Run `govseal keys …`; return what it wrote."""
    done = country.run("keys", *arguments, *(SAID if arguments[0] != "list" else ("--json",)))
    assert (done.returncode != 0) == fails, done
    return result(done)


def listed(country: Country) -> TrustList:
    """The list that the country publishes, under the pin that its own verifiers use."""
    token = (country.home / "published" / ".well-known" / "govseal" / "trust-list.jwt").read_bytes()
    pin = (country.home / "trust" / "trust-list-signer.der").read_bytes()
    return trustlist.read(token, pin=pin, now=datetime.now(UTC))


def states(country: Country, folder: str) -> dict[str, str]:
    return {one["key"]: one["state"] for one in act(country, "list", folder)["keys"]}


def test_documents_from_before_and_after_a_rotation_are_both_genuine(own: Country) -> None:
    code = own.institution()
    before = release(own, code, "before")
    assert act(own, "prepare", "seal", code)["key"] == f"{code}.2"
    during = release(own, code, "during")
    rotated = act(own, "rotate", "seal", code)
    assert (rotated["key"], rotated["state"]) == (f"{code}.2", "in use")
    after = release(own, code, "after")
    act(own, "retire", "seal", code)
    assert states(own, "seal")[code] == "retired"
    assert [own.office(officework.verify, text)[0] for text in (before, during, after)] == ["genuine"] * 3
    institution = listed(own).find_institution(code)
    assert institution is not None
    old, new = institution.certificates
    assert old.retired_at is not None
    assert new.retired_at is None
    events = [one for one in KeyRecord(own.home / "keys" / "seal").read() if one.key.startswith(code)]
    assert [one.kind.value for one in events] == ["created", "certified"] * 2 + ["rotated", "retired"]
    assert events[-1].by == "Sok Dara, Chan Lina"


def test_of_a_stolen_key_only_what_was_anchored_before_stays_genuine(own: Country) -> None:
    code = own.institution()
    early = release(own, code, "early")
    ((anchored,),) = own.rows(
        "SELECT max(b.block_time) FROM issuance_batch b JOIN registry_institution i"
        " ON i.id = b.institution_id WHERE i.code = %s",
        code,
    )
    stolen = anchored + timedelta(seconds=1)
    own.until(lambda: datetime.now(UTC) > stolen)
    late = release(own, code, "late")
    evidence = str(own.home / "early.evidence")
    assert own.run("evidence", early, "--out", evidence).returncode == 0
    act(own, "compromise", "seal", code, "--since", stolen.isoformat())
    assert own.office(officework.verify, early)[0] == "genuine"
    newest = str(own.home / "published" / ".well-known" / "govseal" / "trust-list.jwt")
    offline = own.run("verify", "--offline", evidence, "--trust", newest, "--json")
    assert (offline.returncode, result(offline)["reason"]["code"]) == (2, "KEY_COMPROMISED")
    assert own.run("verify", "--offline", evidence).returncode == 0  # by the list of then, that did not know
    outcome, reasons = own.office(officework.verify, late)
    assert (outcome, "KEY_COMPROMISED" in reasons) == ("could_not_check", True)
    with pytest.raises(Exception, match="no version in use"):
        own.office(officework.prepare, code, ["nobody signs this"])
    own.office(officework.ceremony, "rotate", "seal", code)
    assert own.office(officework.verify, release(own, code, "anew"))[0] == "genuine"
    assert own.office(officework.verify, late)[0] == "could_not_check"


def test_a_key_is_not_retired_while_what_it_sealed_waits_for_its_anchor(own: Country) -> None:
    code = own.institution()
    own.office(officework.hold, code)
    own.office(officework.ceremony, "rotate", "seal", code)
    refused = act(own, "retire", "seal", code, fails=True)
    assert refused["error"]["code"] == "DOCUMENTS_WAITING"
    assert states(own, "seal")[code] == "replaced"


@pytest.mark.parametrize("folder", ["status", "anchor"])
def test_what_the_worker_signs_with_is_rotated_and_the_list_names_both(own: Country, folder: str) -> None:
    own.institution()
    own.office(officework.ceremony, "rotate", folder, folder)
    own.office(officework.ceremony, "retire", folder, folder)
    certificates = getattr(listed(own), f"{folder}_certificates")
    assert [one.retired_at is None for one in certificates] == [False, True]
    in_use = [one for one in act(own, "list", folder)["keys"] if one["state"] == "in use"]
    assert [one["key"] for one in in_use] == [f"{folder}.2"]
    assert in_use[0]["identity"] == hashlib.sha256(certificates[1].der).hexdigest()
    with pytest.raises(RefusedError, match="in use"):
        own.office(officework.ceremony, "retire", folder, f"{folder}.2")
    own.office(officework.ceremony, "compromise", folder, folder, datetime(2026, 1, 1, tzinfo=UTC))
    assert getattr(listed(own), f"{folder}_certificates")[0].compromised_at == datetime(
        2026, 1, 1, tzinfo=UTC
    )


def pin_file(country: Country) -> Path:
    return country.home / "trust" / "trust-list-signer.der"


def verified(country: Country, *arguments: str) -> tuple[int, str | None]:
    """Run `govseal verify …`; return its exit status and the code of what was wrong."""
    done = country.run("verify", *arguments, "--json")
    told = result(done)
    return done.returncode, (told.get("error") or told.get("reason") or {}).get("code")


def test_who_pins_the_list_s_old_key_goes_on_when_it_is_rotated(own: Country, tmp_path: Path) -> None:
    code = own.institution()
    before = release(own, code, "before the rotation")
    old = pin_file(own).read_bytes()
    own.office(officework.ceremony, "rotate", "trust-list", "trust-list")
    statement = act(own, "rotate", "trust-list")["statement"]
    after = release(own, code, "after the rotation")
    first, second = listed(own).succeeded[-2:]
    assert (first, succession.path(second)) == (hashlib.sha256(old).hexdigest(), statement)
    assert [(own.home / "published" / succession.path(one)).is_file() for one in (first, second)] == [
        True
    ] * 2
    pin_file(own).write_bytes(old)  # as a verifier has it that was not told
    assert [own.office(keyswork.shown, text) for text in (before, after)] == ["genuine"] * 2
    assert verified(own, after) == (0, None)
    evidence, pin = tmp_path / "after.evidence", tmp_path / "old.der"
    pin.write_bytes(old)
    assert own.run("evidence", after, "--out", str(evidence)).returncode == 0
    newest = own.home / "published" / ".well-known" / "govseal" / "trust-list.jwt"
    unled = tmp_path / "unled.evidence"
    unled.write_text(json.dumps({**json.loads(evidence.read_text()), "successions": []}))
    for kept, told in (
        ((evidence,), (0, None)),
        ((unled,), (2, "UNPINNED_KEY")),
        ((unled, "--trust", newest), (0, None)),  # by the statements that lie beside it
    ):
        assert verified(own, "--pin", str(pin), "--offline", *map(str, kept)) == told


@pytest.mark.parametrize(
    ("cut_short", "retired"),
    [(keyswork.rotate_and_die_at_once, True), (keyswork.rotate_and_die_once_kept, False)],
)
def test_a_rotation_that_was_cut_short_is_finished_with_its_statement(
    own: Country, cut_short: Callable[..., None], *, retired: bool
) -> None:
    own.institution()
    old = pin_file(own).read_bytes()
    number = listed(own).sequence
    own.office(cut_short)
    statement = own.home / "published" / succession.path(hashlib.sha256(old).hexdigest())
    assert not statement.exists()
    if retired:
        replaced = KeyRecord(own.home / "keys" / "trust-list").read()[-1].key
        own.office(officework.ceremony, "retire", "trust-list", replaced)
    else:
        own.office(officework.ensure_trust_list)
    said = succession.read(statement.read_bytes(), predecessor=hashlib.sha256(old).hexdigest())
    assert (said.sequence, said.successor) == (number + 1, pin_file(own).read_bytes())
    assert own.office(keyswork.list_keys_are_well)[0]
    paths = own.office(keyswork.published_in_turn)
    assert succession.path(hashlib.sha256(old).hexdigest()) in paths[:-1]  # before the list that needs it
    assert paths[-1].endswith("trust-list.jwt")
    published = statement.read_bytes()
    statement.unlink()
    well, found = own.office(keyswork.list_keys_are_well)
    assert (well, found.partition(" the key ")[0]) == (False, "From")
    own.office(officework.ensure_trust_list)
    assert (statement.read_bytes(), listed(own).sequence) == (published, number + 1)


def test_a_list_key_that_is_declared_stolen_names_nobody_and_is_followed_by_a_new_pin(own: Country) -> None:
    own.institution()
    old, pin = listed(own), pin_file(own).read_bytes()
    record = KeyRecord(own.home / "keys" / "trust-list").read()
    rotations = [one for one in record if one.kind is KeyEventKind.ROTATED]
    used = rotations[-1].facts["successor"] if rotations else "trust-list"
    own.office(
        officework.ceremony,
        "compromise",
        "trust-list",
        used,
        datetime.now(UTC),
    )
    rotated = act(own, "rotate", "trust-list")
    new = listed(own)  # by the pin that this country's verifiers have now
    assert (new.sequence, new.succeeded, rotated["statement"]) == (old.sequence + 1, (), None)
    assert not (own.home / "published" / succession.path(hashlib.sha256(pin).hexdigest())).exists()
    handed = rotated["pin"]
    digest = hashlib.sha256(Path(handed["file"]).read_bytes()).hexdigest()
    assert digest == handed["sha256"] != hashlib.sha256(pin).hexdigest()
    pin_file(own).write_bytes(pin)
    assert verified(own, "https://verify.example/s#10") == (2, "UNPINNED_KEY")
    pin_file(own).write_bytes(Path(handed["file"]).read_bytes())


def test_a_new_authority_certifies_what_comes_after(own: Country) -> None:
    own.institution()
    own.office(officework.ceremony, "rotate", "authority", "authority")
    code = own.institution()
    assert states(own, "authority") == {"authority": "replaced", "authority.2": "in use"}
    assert states(own, "seal")[code] == "in use"


def test_a_ledger_account_is_replaced_while_documents_go_on(own: Country) -> None:
    code = own.institution()
    before = release(own, code, "before")
    act(own, "rotate", "ledger", code)
    after = release(own, code, "after")
    act(own, "retire", "ledger", code)
    assert states(own, "ledger")[code] == "retired"
    assert states(own, "ledger")[f"{code}.2"] == "in use"
    last = release(own, code, "last")
    assert [own.office(officework.verify, text)[0] for text in (before, after, last)] == ["genuine"] * 3
    accounts = {one["key"]: one["identity"] for one in act(own, "list", "ledger")["keys"]}
    may = [own.office(officework.may_issue, code, accounts[key]) for key in (code, f"{code}.2")]
    assert may == [False, True]


def test_of_a_stolen_ledger_account_the_roles_go_and_the_list_tells_since_when(own: Country) -> None:
    code = own.institution()
    before = release(own, code, "before")
    ((anchored,),) = own.rows(
        "SELECT max(b.block_time) FROM issuance_batch b JOIN registry_institution i"
        " ON i.id = b.institution_id WHERE i.code = %s",
        code,
    )
    stolen = anchored + timedelta(seconds=1)
    own.until(lambda: datetime.now(UTC) > stolen)
    act(own, "compromise", "ledger", code, "--since", stolen.isoformat())
    assert states(own, "ledger")[code] == "compromised"
    accounts = {one["key"]: one["identity"] for one in act(own, "list", "ledger")["keys"]}
    assert [own.office(officework.may_issue, code, accounts[key]) for key in (code, f"{code}.2")] == [
        False,
        True,
    ]
    institution = listed(own).find_institution(code)
    assert institution is not None
    assert [one.compromised_at for one in institution.stores] == [stolen]
    assert own.office(officework.verify, before)[0] == "genuine"


def test_a_moment_without_its_time_zone_is_not_guessed(own: Country) -> None:
    refused = act(own, "compromise", "seal", "moeys", "--since", "2026-01-01T00:00:00", fails=True)
    assert refused["error"]["code"] == "USAGE"


def test_a_seal_key_on_a_token_seals_is_rotated_and_its_documents_stay_genuine(
    tmp_path_factory: pytest.TempPathFactory,
    database_url: str,
    chain: LocalChain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path_factory.mktemp("token")
    tokens = softhsm_tokens(home, monkeypatch)
    address = tokens.create("seal")
    where = f"pkcs11:token={address.token}?module-path={address.module}"
    variables = {"GOVSEAL_KEYS_SEAL": where, "GOVSEAL_SEAL_PIN": PIN}
    variables["SOFTHSM2_CONF"] = str(tokens.configuration)
    with land(home / "home", database_url, chain, **variables) as country, country.worker():
        code = country.institution()
        before = release(country, code, "before")
        country.office(officework.ceremony, "rotate", "seal", code)
        after = release(country, code, "after")
        assert [country.office(officework.verify, text)[0] for text in (before, after)] == ["genuine"] * 2
        assert states(country, "seal") == {code: "replaced", f"{code}.2": "in use"}
        seal_files = {file.name for file in (country.home / "keys" / "seal").iterdir()}
        assert seal_files == {"key-events.jsonl"}, json.dumps(sorted(seal_files))
