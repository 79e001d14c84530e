"""Native documents: built, read, and compared with their seals."""

import os
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jsjson, native, openattestation, seal
from govseal.core.errors import GovsealError, MalformedDocument
from govseal.core.openattestation import v2
from govseal.core.openattestation.salting import uuid4_source
from support.seals import native_data
from support.vectors import vectors, why

VECTORS = vectors("native")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("data", VECTORS["valid"])
def test_a_document_survives_salting_and_unsalting(data: dict[str, Any]) -> None:
    (wrapped,) = v2.wrap_batch([data], uuid4_source(os.urandom))
    check = openattestation.check(jsjson.parse(jsjson.dumps(wrapped)))
    assert check.integrity is openattestation.Integrity.VALID
    assert native.read(check.data) == native.read(data)


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_a_malformed_document_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(GovsealError) as caught:
        native.read(case["data"])
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["matches"])
def test_a_seal_differs_where_the_vectors_say(case: dict[str, Any]) -> None:
    claims = seal.read(bytes.fromhex(case["seal"])).claims
    assert native.matches_seal(native.read(case["data"]), claims, case["decisive"]) == case["differences"]


@given(st.data(), JSON_VALUES)
def test_any_member_replaced_by_anything_is_read_or_refused(data: st.DataObject, value: Any) -> None:
    document = native_data()
    member = data.draw(st.sampled_from(sorted(document)))
    block = data.draw(st.sampled_from(sorted(document["govseal"])))
    for changed in (
        {**document, member: value},
        {**document, "govseal": {**document["govseal"], block: value}},
    ):
        try:
            read = native.read(changed)
        except MalformedDocument:
            continue
        assert read.id == document["govseal"]["id"]


@pytest.mark.parametrize("value", [" x", "x\u3000", "x\x85", "\ufeffx"])
def test_a_value_that_unsalting_would_trim_is_not_built(value: str) -> None:
    with pytest.raises(MalformedDocument):
        native_data(fields={"name": value})


@pytest.mark.parametrize("changed", [{"number": "A\ud800"}, {"fields": {"name": "\udc00"}}])
def test_a_text_with_half_a_character_is_refused_since_nothing_can_show_it(changed: dict[str, Any]) -> None:
    with pytest.raises(MalformedDocument):
        native.read({**native_data(), **changed})


def test_the_last_day_of_validity_ends_with_its_last_second() -> None:
    document = native.read(native_data(valid_until=date(2026, 1, 1)))
    assert native.expires_at(document.valid_until) == 1_767_311_999
    assert native.expires_at(None) is None
