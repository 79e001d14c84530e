"""Keys through their lives, in files and on a token alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from govseal.adapters.keys import CountryAuthority, KeyFolder, KeyStore
from govseal.adapters.keys.lifecycle import LedgerAccounts, SigningKeys
from govseal.adapters.keys.record import KeyRecord
from govseal.adapters.keys.tokenkeys import TokenKeys
from govseal.core import jose
from govseal.core.errors import OperatorError
from support.softhsm import PIN, softhsm_tokens

START = datetime(2026, 1, 1, tzinfo=UTC)
WHO = "Sok Dara"


class Clock:
    """Moves on by an hour whenever it is read."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now


@pytest.fixture(params=["files", "token"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyStore:
    if request.param == "files":
        return KeyFolder(tmp_path / "keys", "passphrase")
    return TokenKeys(softhsm_tokens(tmp_path, monkeypatch).create(), PIN)


@pytest.fixture
def record(tmp_path: Path) -> KeyRecord:
    return KeyRecord(tmp_path / "record")


@pytest.fixture
def seals(store: KeyStore, record: KeyRecord) -> SigningKeys:
    return SigningKeys(store, record, Clock())


@pytest.fixture
def accounts(store: KeyStore, record: KeyRecord) -> LedgerAccounts:
    return LedgerAccounts(store, record, Clock())


@pytest.fixture(scope="module")
def certify(tmp_path_factory: pytest.TempPathFactory) -> Callable[[ec.EllipticCurvePublicKey], bytes]:
    authority = CountryAuthority.create(
        KeyFolder(tmp_path_factory.mktemp("authority") / "keys", "another"),
        country="KH",
        operator="MPTC",
        not_before=START,
        not_after=START + timedelta(days=365),
    )
    return lambda public_key: authority.certify_institution(
        public_key,
        country="KH",
        code="moeys",
        name="MoEYS",
        not_before=START,
        not_after=START + timedelta(days=365),
    )


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(OperatorError) as caught:
        action()
    return caught.value.code


def story(record: KeyRecord) -> list[tuple[str, str]]:
    return [(event.kind.value, event.key) for event in record.read()]


Certify = Callable[[ec.EllipticCurvePublicKey], bytes]


def in_use(seals: SigningKeys, certify: Certify) -> None:
    seals.certify("moeys", certify(seals.create("moeys", by=WHO)), by=WHO)


def rotated(seals: SigningKeys, certify: Certify) -> str:
    seals.prepare("moeys", certify=certify, by=WHO)
    return seals.rotate("moeys", by=WHO, reason="yearly").name


def test_a_key_signs_once_it_is_certified(seals: SigningKeys, certify: Certify, record: KeyRecord) -> None:
    public_key = seals.create("moeys", by=WHO)
    assert refusal(lambda: seals.signer("moeys")) == "NO_KEY_IN_USE"
    seals.certify("moeys", certify(public_key), by=WHO)
    jose.verify_es256(public_key, seals.signer("moeys").sign(b"message"), b"message")
    assert story(record) == [("created", "moeys"), ("certified", "moeys")]
    assert len(record.read()[0].facts["public_key"]) == 64


def test_the_newest_version_signs_and_old_seals_stay_verifiable(
    seals: SigningKeys, store: KeyStore, certify: Certify, record: KeyRecord
) -> None:
    in_use(seals, certify)
    old = seals.signer("moeys")
    signature = old.sign(b"old seal")
    assert rotated(seals, certify) == "moeys.2"
    assert rotated(seals, certify) == "moeys.3"
    new = seals.signer("moeys")
    assert new.certificate == store.certificate("moeys.3") != old.certificate
    jose.verify_es256(store.certificate("moeys"), signature, b"old seal")
    assert [version.number for version in seals.versions("moeys")] == [1, 2, 3]
    assert seals.names() == ["moeys"]
    assert story(record)[2:5] == [("created", "moeys.2"), ("certified", "moeys.2"), ("rotated", "moeys")]
    assert record.read()[4].facts == {"successor": "moeys.2"}


def test_a_rotation_that_was_killed_is_finished_by_the_next(
    seals: SigningKeys, store: KeyStore, certify: Certify
) -> None:
    in_use(seals, certify)

    def away(public_key: ec.EllipticCurvePublicKey) -> bytes:
        raise OperatorError("The authority's key is in its safe.")

    assert refusal(lambda: seals.prepare("moeys", certify=away, by=WHO)) == "MISCONFIGURED"
    assert seals.current("moeys").name == "moeys"
    assert rotated(seals, certify) == "moeys.2"
    assert store.signing_keys() == ["moeys", "moeys.2"]


def test_a_successor_signs_once_verifiers_could_learn_of_it(
    seals: SigningKeys, store: KeyStore, certify: Certify
) -> None:
    in_use(seals, certify)
    prepared = seals.prepare("moeys", certify=certify, by=WHO)
    assert (prepared.name, prepared.ready) == ("moeys.2", False)
    assert seals.prepare("moeys", certify=certify, by=WHO) == prepared
    assert seals.signer("moeys").certificate == store.certificate("moeys")
    assert seals.rotate("moeys", by=WHO, reason="published").name == "moeys.2"
    assert seals.signer("moeys").certificate == store.certificate("moeys.2")
    assert refusal(lambda: seals.rotate("moeys", by=WHO, reason="again")) == "KEY_MISSING"


def test_what_has_no_certificate_is_not_put_in_use(
    seals: SigningKeys, store: KeyStore, certify: Certify
) -> None:
    seals.create("moeys", by=WHO)
    assert refusal(lambda: seals.prepare("moeys", certify=certify, by=WHO)) == "NO_KEY_IN_USE"
    assert refusal(lambda: seals.rotate("moeys", by=WHO, reason="")) == "KEY_MISSING"
    seals.certify("moeys", certify(store.public_key("moeys")), by=WHO)
    store.create_signing_key("moeys.2")
    assert refusal(lambda: seals.rotate("moeys", by=WHO, reason="")) == "KEY_MISSING"


def test_a_lost_record_is_not_taken_for_a_new_one(
    seals: SigningKeys, certify: Certify, tmp_path: Path
) -> None:
    in_use(seals, certify)
    rotated(seals, certify)
    (tmp_path / "record" / "key-events.jsonl").unlink()
    assert refusal(lambda: seals.signer("moeys")) == "KEY_RECORD_DAMAGED"


@pytest.mark.parametrize("end", ["retire", "compromise"])
def test_nothing_signs_after_the_newest_version_ended_until_it_is_rotated(
    seals: SigningKeys, certify: Certify, end: str
) -> None:
    in_use(seals, certify)
    rotated(seals, certify)
    if end == "retire":
        seals.retire("moeys.2", by=WHO, reason="closed")
    else:
        seals.compromise("moeys.2", since=START, by=WHO, reason="stolen")
    assert refusal(lambda: seals.signer("moeys")) == "NO_KEY_IN_USE"
    assert rotated(seals, certify) == "moeys.3"
    assert seals.signer("moeys").certificate


def test_the_earliest_moment_of_a_compromise_counts_and_nothing_undoes_it(
    seals: SigningKeys, certify: Certify
) -> None:
    in_use(seals, certify)
    for hours in (2, 1, 3):
        since = START + timedelta(hours=hours)
        seals.compromise("moeys", since=since, by=WHO, reason="more is known")
    (version,) = seals.versions("moeys")
    assert version.compromised_at == START + timedelta(hours=1)
    assert (version.retired_at, version.usable) == (None, False)
    rotated(seals, certify)
    assert seals.versions("moeys")[0].compromised_at == START + timedelta(hours=1)


def test_what_cannot_be_is_not_recorded(seals: SigningKeys, certify: Certify, record: KeyRecord) -> None:
    in_use(seals, certify)
    before = story(record)
    later = START + timedelta(days=9)
    assert refusal(lambda: seals.compromise("moeys", since=later, by=WHO, reason="")) == "MALFORMED_KEY_EVENT"
    assert refusal(lambda: seals.retire("moh", by=WHO, reason="")) == "KEY_MISSING"
    assert refusal(lambda: seals.prepare("moh", certify=certify, by=WHO)) == "KEY_MISSING"
    assert refusal(lambda: seals.create("moh.2", by=WHO)) == "MALFORMED_NAME"
    assert refusal(lambda: seals.create("moeys", by=WHO)) == "KEY_EXISTS"
    assert story(record) == before


def test_keys_older_than_the_record_work_and_are_adopted_once(
    seals: SigningKeys, store: KeyStore, certify: Certify, record: KeyRecord
) -> None:
    store.store_certificate("moeys", certify(store.create_signing_key("moeys")))
    store.create_signing_key("moh")
    assert seals.signer("moeys").certificate
    assert seals.versions("moeys")[0].created_at is None
    assert seals.adopt(by=WHO) == ["moeys", "moh"]
    assert story(record) == [("created", "moeys"), ("certified", "moeys"), ("created", "moh")]
    assert seals.adopt(by=WHO) == []


def test_a_ledger_account_is_prepared_before_it_is_put_in_use(
    accounts: LedgerAccounts, record: KeyRecord
) -> None:
    first = accounts.create("moeys", by=WHO)
    assert accounts.account("moeys").address == first.address
    assert refusal(lambda: accounts.rotate("moeys", by=WHO, reason="too soon")) == "KEY_MISSING"
    second = accounts.prepare("moeys", by=WHO)
    assert accounts.prepare("moeys", by=WHO).address == second.address
    assert accounts.account("moeys").address == first.address
    assert accounts.rotate("moeys", by=WHO, reason="yearly").name == "moeys.2"
    assert accounts.account("moeys").address == second.address
    assert [event.facts.get("address") for event in record.read()] == [first.address, second.address, None]


def test_a_stolen_ledger_account_signs_no_more(accounts: LedgerAccounts) -> None:
    accounts.create("moeys", by=WHO)
    accounts.prepare("moeys", by=WHO)
    accounts.compromise("moeys.2", since=START, by=WHO, reason="stolen before it was used")
    assert refusal(lambda: accounts.rotate("moeys", by=WHO, reason="")) == "KEY_MISSING"
    accounts.compromise("moeys", since=START, by=WHO, reason="stolen too")
    assert refusal(lambda: accounts.account("moeys")) == "NO_KEY_IN_USE"
    third = accounts.prepare("moeys", by=WHO)
    accounts.rotate("moeys", by=WHO, reason="stolen")
    assert accounts.account("moeys").address == third.address
    assert [version.number for version in accounts.versions("moeys")] == [1, 2, 3]


def test_an_account_whose_first_version_is_lost_is_rotated_still(
    accounts: LedgerAccounts, store: KeyStore
) -> None:
    left = store.create_ledger_account("moeys.2")
    accounts.adopt(by=WHO)
    assert refusal(lambda: accounts.account("moeys")) == "NO_KEY_IN_USE"
    accounts.rotate("moeys", by=WHO, reason="the first was lost")
    assert accounts.account("moeys").address == left.address


def test_ledger_accounts_older_than_the_record_are_adopted(
    accounts: LedgerAccounts, store: KeyStore, record: KeyRecord
) -> None:
    store.create_ledger_account("moeys")
    assert accounts.adopt(by=WHO) == ["moeys"]
    assert story(record) == [("created", "moeys")]
    assert accounts.adopt(by=WHO) == []


def test_a_replaced_key_signs_once_more_for_its_successor_unless_its_word_counts_for_nothing(
    store: KeyStore, record: KeyRecord, certify: Callable[[ec.EllipticCurvePublicKey], bytes]
) -> None:
    lists = SigningKeys(store, record, Clock())
    lists.certify("list", certify(lists.create("list", by=WHO)), by=WHO)
    first = store.certificate("list")
    lists.prepare("list", certify=certify, by=WHO)
    lists.rotate("list", by=WHO, reason="yearly")
    outgoing = lists.outgoing("list", first)
    assert outgoing is not None
    jose.verify_es256(first, outgoing.sign(b"said"), b"said")
    assert lists.outgoing("list", b"a key that is not here") is None
    lists.retire("list", by=WHO, reason="yearly")
    assert lists.outgoing("list", first) is None
    lists.compromise("list.2", since=START, by=WHO, reason="stolen")
    assert lists.outgoing("list", store.certificate("list.2")) is None
