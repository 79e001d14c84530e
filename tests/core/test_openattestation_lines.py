"""One JSON value in, one out: what `govseal core wrap` and `govseal core check` do with each line."""

from govseal.core import jsjson
from govseal.core.openattestation import lines
from support.oa_documents import DocumentSource

SOURCE = DocumentSource(5)
RAW = [jsjson.dumps(SOURCE.raw()).encode() for _ in range(3)]


def test_lines_are_wrapped_in_one_batch_and_check_as_valid() -> None:
    wrapped = list(lines.wrap_lines(RAW, SOURCE.new_uuid))
    results = [lines.check_line(jsjson.dumps(document).encode()) for document in wrapped]
    assert [result["integrity"] for result in results] == ["VALID"] * 3
    assert {result["merkleRoot"] for result in results} == {wrapped[0]["signature"]["merkleRoot"]}
    assert results[1]["targetHash"] == wrapped[1]["signature"]["targetHash"]
    assert results[1]["signers"] == []


def test_a_malformed_line_gives_its_error_in_place_and_the_rest_go_on() -> None:
    results = list(lines.wrap_lines([RAW[0], b"{", b"{}", RAW[1]], SOURCE.new_uuid))
    assert [result.get("error", {}).get("code") for result in results] == [
        None,
        "MALFORMED_DOCUMENT",
        "MALFORMED_DOCUMENT",
        None,
    ]
    assert len(results[3]["signature"]["proof"]) == 1
    assert lines.check_line(b"[1,")["error"]["code"] == "MALFORMED_DOCUMENT"
    assert lines.check_line(b"[" * 1000)["error"]["code"] == "TOO_LARGE"


def test_nothing_to_wrap_yields_nothing_but_errors() -> None:
    assert list(lines.wrap_lines([], SOURCE.new_uuid)) == []
    [only] = lines.wrap_lines([b"nonsense"], SOURCE.new_uuid)
    assert only["error"]["message"]


def test_what_is_not_wrapped_has_no_hashes() -> None:
    assert lines.check_line(b"{}") == {
        "integrity": "NOT_WRAPPED",
        "targetHash": None,
        "merkleRoot": None,
        "signers": [],
    }
