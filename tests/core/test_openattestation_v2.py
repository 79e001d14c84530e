"""OpenAttestation v2: wrapping, hiding, checking (docs/protocol.md section 1)."""

import copy
import gc
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jsjson
from govseal.core.errors import InputError, MalformedDocument
from govseal.core.openattestation import Integrity, check, v2
from govseal.core.openattestation.leaves import digest, digest_of_hashes, leaf_hash
from govseal.core.openattestation.reading import leaves
from govseal.core.openattestation.salting import salt_leaves, uuid4_source
from govseal.core.openattestation.shapes import V3
from support.oa_documents import DocumentSource

ISSUERS = [
    {
        "name": "x",
        "documentStore": "0x" + "ab" * 20,
        "identityProof": {"type": "DNS-TXT", "location": "e.gov"},
    }
]
SEEDS = st.integers(0, 1 << 32)


def numbered_uuids() -> Any:
    numbers = count()
    return lambda: f"00000000-0000-4000-8000-{next(numbers):012}"


def wrap_one(**members: Any) -> dict[str, Any]:
    [wrapped] = v2.wrap_batch([{**members, "issuers": ISSUERS}], numbered_uuids())
    return wrapped


def sealed(wrapped: dict[str, Any]) -> dict[str, Any]:
    """Digest anew what an issuer, or a forger with an issuer's help, put together."""
    target = v2.digest(wrapped["data"]).hex()
    return {
        **wrapped,
        "signature": {"type": "SHA3MerkleProof", "targetHash": target, "proof": [], "merkleRoot": target},
    }


@given(SEEDS)
def test_what_was_salted_unsalts_to_the_same_value(seed: int) -> None:
    source = DocumentSource(seed)
    raw = jsjson.parse(
        jsjson.dumps(source.raw())
        .replace(" padded ", "padded")
        .replace("\ufeff", "")
        .replace("\u2028\u2029", "")
    )
    assert v2.unsalt(v2.salt(raw, source.new_uuid)) == raw


@given(SEEDS)
def test_salting_finds_the_leaves_that_a_check_will_find(seed: int) -> None:
    source = DocumentSource(seed)
    salted, found = salt_leaves(source.raw(), source.new_uuid)
    assert list(found.items()) == list(leaves(salted).items())


def test_the_cycle_collector_is_at_work_again_after_a_batch_even_a_refused_one() -> None:
    assert gc.isenabled()
    wrap_one()
    with pytest.raises(MalformedDocument):
        v2.wrap_batch([{}], numbered_uuids())
    assert gc.isenabled()


def test_a_batch_leaves_a_cycle_collector_at_rest_where_it_was() -> None:
    gc.disable()
    try:
        wrap_one()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_each_value_gets_a_salt_of_its_own_and_keeps_its_type() -> None:
    salted = v2.salt({"s": "a:b", "n": 1e21, "b": True, "z": None, "e": [{}, []]}, numbered_uuids())
    assert salted == {
        "s": "00000000-0000-4000-8000-000000000000:string:a:b",
        "n": "00000000-0000-4000-8000-000000000001:number:1e+21",
        "b": "00000000-0000-4000-8000-000000000002:boolean:true",
        "z": "00000000-0000-4000-8000-000000000003:null:null",
        "e": [{}, []],
    }


def test_uuids_are_of_version_4_and_drawn_in_blocks() -> None:
    drawn: list[int] = []

    def draw(size: int) -> bytes:
        drawn.append(size)
        return bytes([len(drawn) * 0x55 % 256]) * size

    new_uuid = uuid4_source(draw)
    assert [new_uuid() for _ in range(257)][::256] == [
        "55555555-5555-4555-9555-555555555555",
        "aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa",
    ]
    assert drawn == [4736, 4736]


@given(SEEDS, st.integers(1, 9))
def test_every_document_of_a_batch_is_valid_under_one_root(seed: int, size: int) -> None:
    source = DocumentSource(seed)
    checks = [
        check(wrapped) for wrapped in v2.wrap_batch([source.raw() for _ in range(size)], source.new_uuid)
    ]
    assert {one.integrity for one in checks} == {Integrity.VALID}
    assert len({one.merkle_root for one in checks}) == 1
    assert all(
        one.path_hashes[0].hex() == one.target_hash and one.path_hashes[-1].hex() == one.merkle_root
        for one in checks
    )


@given(SEEDS, st.data())
def test_any_one_changed_bit_is_caught(seed: int, data: st.DataObject) -> None:
    source = DocumentSource(seed)
    wrapped = v2.wrap_batch([source.raw() for _ in range(3)], source.new_uuid)[0]
    protected = {"data": wrapped["data"], "signature": wrapped["signature"]}
    text = jsjson.dumps(protected).encode()
    at, bit = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(text)
    changed[at] ^= 1 << bit
    try:
        document = jsjson.parse(bytes(changed))
    except InputError:
        return
    if _same_hashes(document, protected):  # an escape or a hash in another spelling says the same
        return
    assert check(document).integrity is not Integrity.VALID


def _same_hashes(document: Any, protected: dict[str, Any]) -> bool:
    lowered = copy.deepcopy(document)
    if isinstance(lowered, dict) and isinstance(lowered.get("signature"), dict):
        signature = lowered["signature"]
        if isinstance(signature.get("merkleRoot"), str):
            signature["merkleRoot"] = signature["merkleRoot"].lower()
        if isinstance(signature.get("proof"), list):
            signature["proof"] = [one.lower() if isinstance(one, str) else one for one in signature["proof"]]
    return bool(lowered == protected)


def test_a_hidden_field_leaves_target_and_proof_as_they_were() -> None:
    wrapped = wrap_one(name="Sok", address={"city": "Phnom Penh"}, marks=[{"a": 1, "b": 2}, {"a": 3}])
    shown = v2.obfuscate(wrapped, ["address.city", "marks.0.b"])
    found = check(shown)
    assert found.integrity is Integrity.VALID
    assert found.data == {"name": "Sok", "marks": [{"a": 1}, {"a": 3}], "issuers": ISSUERS}
    assert found.target_hash == wrapped["signature"]["targetHash"]
    assert shown["privacy"]["obfuscatedData"] == [
        leaf_hash("address.city", wrapped["data"]["address"]["city"]),
        leaf_hash("marks.0.b", wrapped["data"]["marks"][0]["b"]),
    ]
    assert wrapped["data"]["address"], "the whole document is untouched"


def test_hiding_twice_keeps_what_was_hidden_before() -> None:
    once = v2.obfuscate(wrap_one(a={"x": 1, "y": 2}, b=1), ["a"])
    twice = v2.obfuscate(once, ["b"])
    assert len(twice["privacy"]["obfuscatedData"]) == 3
    assert check(twice).integrity is Integrity.VALID


@pytest.mark.parametrize(
    "path", ["nothing", "name.first", "marks.0", "marks.9.a", "marks.1.a", "marks.x", ""]
)
def test_what_cannot_be_hidden_without_breaking_the_document_is_refused(path: str) -> None:
    with pytest.raises(InputError):
        v2.obfuscate(wrap_one(name="Sok", marks=[{"a": 1, "b": 2}, {"a": 3}]), [path])


def test_the_whole_document_cannot_be_hidden() -> None:
    with pytest.raises(InputError, match="everything"):
        v2.obfuscate(wrap_one(), ["issuers"])


def test_attachments_of_another_form_than_the_references_are_not_wrapped() -> None:
    with pytest.raises(MalformedDocument):
        wrap_one(
            attachments=[{"filename": "a.pdf", "type": "application/pdf", "size": 1, "sha256": "ab" * 32}]
        )


@pytest.mark.parametrize(
    "text", ["plain", "ខ្មែរ", '"', "\\", "\x00", "\n", "\x1f", "\x7f", "\ud800", "\u2028"]
)
def test_leaves_hashed_together_have_the_hashes_that_they_have_alone(text: str) -> None:
    found = {"a": "x", "b": text, f"c{text}": "y", "d": 1.5}
    for leaves_of_it in (found, dict(list(found.items())[:2]), dict(list(found.items())[:3])):
        alone = [leaf_hash(path, value) for path, value in leaves_of_it.items()]
        assert digest(leaves_of_it) == digest_of_hashes(alone)


def test_flattening_joins_keys_and_indexes_and_drops_an_empty_prefix() -> None:
    assert leaves({"a": [{"b": 1}, [], {}], "": {"c": {"": 2}}}) == {
        "a.0.b": 1,
        "a.1": [],
        "a.2": {},
        "c.": 2,
    }


@pytest.mark.parametrize(
    "raw",
    [
        {}, [], None, "text", {"issuers": []}, {"issuers": {}}, {"issuers": [{"name": "x"}]}, {"issuers": ISSUERS, "a.b": 1},
        {"issuers": ISSUERS, "": 1}, {"issuers": ISSUERS, "a": [{"__proto__": 1}]}, {"issuers": ISSUERS, "constructor": "x"},
        {"issuers": ISSUERS, "prototype": {}}, {"issuers": ISSUERS, "id": 7}, {"issuers": ISSUERS, "a": {1, 2}},
    ],
)  # fmt: skip
def test_what_no_verifier_would_take_or_hashing_would_not_protect_is_not_attested(raw: Any) -> None:
    with pytest.raises(MalformedDocument):
        v2.attest(raw, numbered_uuids())


@pytest.mark.parametrize(
    "added",
    [
        {"": {"name": "forged"}}, {"__proto__": "x"}, {"constructor": "forged"}, {"prototype": []},
        {"name": {"__proto__": "x"}},
    ],
)  # fmt: skip
def test_content_that_is_shown_but_not_what_was_hashed_is_ambiguous(added: dict[str, Any]) -> None:
    wrapped = wrap_one()
    assert (
        check(sealed({**wrapped, "data": {**added, **wrapped["data"]}})).integrity
        is Integrity.AMBIGUOUS_CONTENT
    )


def test_a_forged_field_shadowed_by_an_empty_key_is_ambiguous_without_any_new_digest() -> None:
    wrapped = wrap_one(name="Sok")
    forged = {**wrapped, "data": {"": {"name": "Forged"}, **wrapped["data"]}}
    assert check(forged).integrity is Integrity.AMBIGUOUS_CONTENT


def test_of_two_leaves_with_one_path_the_later_in_javascripts_order_is_hashed() -> None:
    wrapped = wrap_one(**{"1": "Sok"})
    genuine = wrapped["data"].pop("1")
    forged = {**wrapped, "data": {**wrapped["data"], "": {"1": genuine}, "1": "Forged"}}
    assert check(forged).integrity is Integrity.AMBIGUOUS_CONTENT


def test_a_salted_value_of_no_type_is_ambiguous() -> None:
    wrapped = wrap_one()
    unknown = {**wrapped["data"], "x": "00000000-0000-4000-8000-000000000009:date:today"}
    assert check(sealed({**wrapped, "data": unknown})).integrity is Integrity.AMBIGUOUS_CONTENT


@pytest.mark.parametrize(
    ("salted", "shown"),
    [
        ("number:", 0), ("number: 12 ", 12), ("number:0x1F", 31), ("number:0b101", 5), ("number:0o17", 15), ("number:.5", 0.5),
        ("number:-0", 0), ("number:Infinity", float("inf")), ("number:1e400", float("inf")), ("number:0x" + "f" * 300, float("inf")),
        ("boolean:yes", False), ("null:x", None), ("string: \u3000x\ufeff ", " \u3000x"), ("string:x\u0085", "x\u0085"), ("string:\u200bក\u200b", "\u200bក\u200b"),
    ],
)  # fmt: skip
def test_salted_text_is_read_as_javascript_reads_it(salted: str, shown: Any) -> None:
    assert v2.unsalt({"x": f"00000000-0000-4000-8000-000000000009:{salted}"}) == {"x": shown}


def test_a_number_that_javascript_cannot_read_is_not_a_number() -> None:
    shown = v2.unsalt("00000000-0000-4000-8000-000000000009:number:1_000")
    assert shown != shown  # noqa: PLR0124 - the definition of NaN


def test_an_undefined_member_is_absent_and_an_undefined_element_null() -> None:
    undefined = "00000000-0000-4000-8000-000000000009:undefined:undefined"
    assert v2.unsalt({"a": undefined, "b": [undefined]}) == {"b": [None]}


@pytest.mark.parametrize("spelling", [str.upper, lambda root: root + "a", lambda root: root + "zz"])
def test_a_root_in_another_spelling_passes_integrity_but_yields_no_hash_to_look_up(spelling: Any) -> None:
    wrapped = wrap_one()
    wrapped["signature"]["merkleRoot"] = spelling(wrapped["signature"]["merkleRoot"])
    found = check(wrapped)
    assert found.integrity is Integrity.VALID
    assert bool(found.path_hashes) is (spelling is str.upper)


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        ("signature", None, "NOT_WRAPPED"), ("data", None, "NOT_WRAPPED"), ("data", "x", "NOT_WRAPPED"), ("version", "other", "VALID"),
        ("privacy", None, "VALID"), ("privacy", {"obfuscatedData": None}, "DOCUMENT_TAMPERED"), ("privacy", {"obfuscatedData": [1]}, "DOCUMENT_TAMPERED"),
        ("privacy", {"obfuscatedData": ["ab" * 32]}, "DOCUMENT_TAMPERED"), ("privacy", {"obfuscatedData": ["😀", "\ud800"]}, "DOCUMENT_TAMPERED"),
    ],
)  # fmt: skip
def test_wrong_types_are_judged_and_never_raise(part: str, value: Any, expected: str) -> None:
    assert check({**wrap_one(), part: value}).integrity == expected


@pytest.mark.parametrize(
    "document", [None, 1, "x", [], {}, [{}], {"version": 7}, {"data": {}, "signature": []}]
)
def test_other_json_is_not_wrapped(document: Any) -> None:
    assert check(document).integrity is Integrity.NOT_WRAPPED


@pytest.mark.parametrize("data", [None, True, 5, "", "text", [], ["text"], [{"issuers": []}], {"a": []}])
def test_data_that_is_no_document_is_judged_where_the_members_beside_it_pass_for_it(data: Any) -> None:
    claimed = {"version": V3, "issuers": ISSUERS, "data": data}
    assert check(sealed(claimed)).integrity is Integrity.AMBIGUOUS_CONTENT
    signature = {"type": "SHA3MerkleProof", "targetHash": "0" * 64, "proof": [], "merkleRoot": "0" * 64}
    assert check({**claimed, "signature": signature}).integrity is Integrity.DOCUMENT_TAMPERED
    assert check({"version": V3, "issuers": ISSUERS, "signature": signature}).integrity is not Integrity.VALID


@given(SEEDS)
def test_no_document_however_broken_makes_a_check_raise(seed: int) -> None:
    assert check(DocumentSource(seed).case()["document"]).integrity in Integrity
