"""`govseal core …`: one JSON value a line in, one a line out, in order, whatever a line holds."""

import json
import subprocess
import sys
from typing import Any

import pytest

from support.country import GOVSEAL, PATIENCE, PROJECT

CODE = "https://verify.example/s#1" + "0" * 39
ENVIRONMENT = {"PYTHONPATH": str(PROJECT / "src"), "PATH": "/usr/bin:/bin"}


def core(tool: str, content: bytes) -> list[Any]:
    done = subprocess.run(
        [*GOVSEAL, "core", tool],
        input=content,
        capture_output=True,
        env=ENVIRONMENT,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def raw(**members: Any) -> dict[str, Any]:
    store, proof = "0x" + "ab" * 20, {"type": "DNS-TXT", "location": "office.example"}
    return {"issuers": [{"name": "Office", "documentStore": store, "identityProof": proof}], **members}


def test_wrapped_documents_are_valid_and_of_one_batch() -> None:
    raws = [raw(number=str(number), list=[1, None, {}], khmer="ខ្មែរ") for number in range(5)]
    wrapped = core("wrap", lines(*raws))
    assert len({one["signature"]["merkleRoot"] for one in wrapped}) == 1
    checked = core("check", lines(*wrapped))
    assert [one["integrity"] for one in checked] == ["VALID"] * 5
    assert [one["targetHash"] for one in checked] == [one["signature"]["targetHash"] for one in wrapped]
    wrapped[2]["data"]["number"] = "1e0e2d3a-8d2e-4d4b-8a3a-3d0f7f2b6a11:string:99"
    assert core("check", lines(*wrapped))[2]["integrity"] == "DOCUMENT_TAMPERED"


def test_a_bad_line_is_answered_in_its_place_and_the_rest_go_on() -> None:
    good = core("wrap", lines(raw(a=1)))[0]
    answers = core("check", lines(good) + b"{not json\n" + b"\xff\xfe\n" + b'{"a":1,"a":2}\n' + lines(good))
    assert [one.get("integrity") for one in answers] == ["VALID", None, None, None, "VALID"]
    for answer in answers[1:4]:
        assert set(answer) == {"error"}
        assert set(answer["error"]) == {"code", "message"}


def test_a_bad_raw_document_leaves_the_batch_of_the_others_whole() -> None:
    answers = core("wrap", lines(raw(n=1)) + b"[[\n" + lines(raw(n=2)))
    assert "error" in answers[1]
    assert [one["integrity"] for one in core("check", lines(answers[0], answers[2]))] == ["VALID", "VALID"]


def test_input_may_end_without_a_newline_and_hold_empty_lines() -> None:
    assert len(core("qr", f'\n"{CODE}"\r\n\n  \n"{CODE}"'.encode())) == 2
    assert core("qr", b"") == []
    assert core("wrap", b"\n") == []


@pytest.mark.parametrize("tool", ["check", "open", "qr", "wrap"])
def test_a_line_that_is_too_long_is_refused_and_passed_over(tool: str) -> None:
    answers = core(tool, b'"' + b"a" * ((32 << 20) + 10) + b'"\n' + b"{\n")
    assert [one["error"]["code"] for one in answers] == ["TOO_LARGE", answers[1]["error"]["code"]]


def test_a_line_nested_without_end_is_refused() -> None:
    for tool in ("check", "wrap", "qr", "open"):
        (answer,) = core(tool, b"[" * 200_000 + b"]" * 200_000)
        assert "error" in answer


def test_a_qr_text_is_described() -> None:
    (found,) = core("qr", lines(CODE))
    assert (found["profile"], found["host"], len(found["id"])) == ("compact", "verify.example", 32)


def test_what_opens_nothing_says_so() -> None:
    envelope = {"type": "OPEN-ATTESTATION-TYPE-1", "cipherText": "AAAA", "iv": "AAAA", "tag": "AAAA"}
    answers = core(
        "open",
        lines(
            {"encrypted_document": envelope, "document_key": "0" * 64},
            {"encrypted_document": "no", "document_key": "k" * 21},
            {"document_key": "0" * 64},
            7,
        ),
    )
    assert all(set(answer) == {"error"} for answer in answers)
    assert [one["error"]["code"] for one in answers[2:]] == ["WRONG_LINE", "WRONG_LINE"]


def test_answers_come_line_by_line() -> None:
    command = [sys.executable, "-m", "govseal", "core", "qr"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines(CODE))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["profile"] == "compact"
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_a_reader_that_leaves_causes_no_trace() -> None:
    command = f"{sys.executable} -m govseal core qr | head -1"
    done = subprocess.run(
        ["bash", "-c", command],
        input=lines(*[CODE] * 20_000),
        capture_output=True,
        env=ENVIRONMENT,
        check=True,
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == b""
