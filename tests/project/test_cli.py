"""The command line over a running country: results, exit statuses, and sentences instead of traces."""

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from support.country import GOVSEAL, PATIENCE, Country, result
from support.officework import blank_pdf, refusal_of_institution


@pytest.fixture(scope="module")
def office(country: Country) -> str:
    return country.institution()


@pytest.fixture(scope="module", autouse=True)
def _worker(country: Country) -> Any:
    with country.worker():
        yield


@pytest.fixture(scope="module")
def sample(country: Country) -> dict[str, Any]:
    """Fields that a press release may have."""
    source = Path(__file__).parents[2] / "countries" / "kh" / "types" / "press-release" / "sample.json"
    return dict(json.loads(source.read_text()))


@pytest.fixture(scope="module")
def sealed(country: Country, office: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A letter sealed by the command line."""
    folder = tmp_path_factory.mktemp("letter")
    (folder / "Letter 7.pdf").write_bytes(blank_pdf())
    done = country.run(
        "seal", str(folder / "Letter 7.pdf"), "--institution", office, "--out", str(folder), "--json"
    )
    assert done.returncode == 0, done
    return dict(result(done)["documents"][0])


def told(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a person is told, which is never a trace."""
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


# --- verify: the statuses -----------------------------------------------------------------------------


def test_a_sealed_file_is_genuine_by_its_file_its_code_and_its_text(
    country: Country, sealed: dict[str, Any]
) -> None:
    for what in (sealed["file"], sealed["link"]):
        done = country.run("verify", what, "--json")
        assert (done.returncode, result(done)["outcome"]) == (0, "genuine"), done
    people = country.run("verify", sealed["file"])
    assert people.stdout.startswith("GENUINE")
    typed = subprocess.run(
        [*GOVSEAL, "verify", "-"],
        input=sealed["link"].encode(),
        env=country.environment,
        capture_output=True,
        check=False,
    )
    assert typed.returncode == 0


def test_a_code_of_no_document_is_not_genuine(country: Country, sealed: dict[str, Any]) -> None:
    unknown = sealed["link"].split("#")[0] + "#1" + "0" * 39
    elsewhere = "https://verify.elsewhere.example/s#1" + "0" * 39
    done = country.run_each([["verify", unknown], ["verify", elsewhere]])
    assert [one.returncode for one in done] == [1, 1], done


def test_what_cannot_be_checked_is_not_called_false(country: Country, sealed: dict[str, Any]) -> None:
    away = country.run("verify", sealed["file"], "--json", GOVSEAL_RPC_URL="http://127.0.0.1:9")
    assert (away.returncode, result(away)["outcome"]) == (2, "could_not_check")
    damaged = sealed["link"].replace("#1", "#1x")
    assert country.run("verify", damaged).returncode == 2


def test_a_terminal_that_lacks_khmer_letters_is_shown_their_numbers(
    country: Country, sealed: dict[str, Any]
) -> None:
    shown = country.run("verify", sealed["file"], PYTHONIOENCODING="ascii")
    assert shown.returncode == 0, told(shown)
    assert "\\u2713 1 " in shown.stdout


def test_a_file_that_holds_no_code_could_not_be_checked(country: Country, tmp_path: Path) -> None:
    files = [tmp_path / "empty.pdf", tmp_path / "noise.bin"]
    for file, content in zip(files, (blank_pdf(), b"\x00noise"), strict=True):
        file.write_bytes(content)
    for done in country.run_each([["verify", str(file), "--json"] for file in files]):
        assert done.returncode == 2, done
        assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_wrong_usage(country: Country, tmp_path: Path) -> None:
    none, folder = country.run_each([["verify", str(tmp_path / "none.pdf")], ["verify", str(tmp_path)]])
    assert (none.returncode, folder.returncode) == (64, 64)
    assert "There is no file" in told(none)


# --- usage ----------------------------------------------------------------------------------------------


def test_wrong_usage_is_a_sentence_and_64(country: Country) -> None:
    wrong = [
        ["nonsense"],
        ["verify"],
        ["verify", "--nonsense", "x"],
        ["issue", "--template", "diploma"],
        ["seal", "none.pdf", "--institution", "x"],
        ["institution", "add", "x", "--name", "en", "--domain", "x.example", "--type", "letter"],
        ["demo", "--port", "70000"],
    ]
    every = country.run_each([*wrong, *(["--json", *arguments] for arguments in wrong)])
    assert [done.returncode for done in every] == [64] * len(every), every
    for to_people, to_programs in zip(every[: len(wrong)], every[len(wrong) :], strict=True):
        assert told(to_people).startswith("✗ ")
        assert set(result(to_programs)["error"]) == {"code", "message"}


def test_json_may_stand_anywhere(country: Country, office: str) -> None:
    places = [
        ["--json", "institution", "list"],
        ["institution", "--json", "list"],
        ["institution", "list", "--json"],
    ]
    *lists, version = country.run_each([*places, ["--version", "--json"]])
    for done in lists:
        assert office in [one["code"] for one in result(done)["institutions"]]
    assert "version" in result(version)


def test_help_names_every_command(country: Country) -> None:
    shown = country.run("--help").stdout
    for command in ("demo", "serve", "worker", "institution", "seal", "issue", "verify", "revoke", "core"):
        assert re.search(rf"\b{command}\b", shown)


def test_a_variable_that_cannot_be_used_is_named(country: Country) -> None:
    done = country.run("institution", "list", GOVSEAL_FINALITY="soon")
    assert done.returncode == 2
    assert "GOVSEAL_FINALITY" in told(done)


def test_what_nobody_expected_is_a_sentence_and_its_trace_is_kept(country: Country) -> None:
    code = country.institution()
    kept = country.rows("SELECT names::text FROM registry_institution WHERE code = %s", code)[0][0]
    change = "UPDATE registry_institution SET names = %s::jsonb WHERE code = %s RETURNING 1"
    country.rows(change, "7", code)
    try:
        done = country.run("institution", "list", "--json")
        debugged = country.run("institution", "list", GOVSEAL_DEBUG="1")
    finally:
        country.rows(change, kept, code)
    assert (done.returncode, result(done)["error"]["code"]) == (2, "UNEXPECTED")
    assert "Traceback" not in done.stderr
    assert "Traceback" in (country.home / "run" / "error.log").read_text()
    assert "Traceback" in debugged.stderr


def test_a_database_that_is_away_is_named(country: Country) -> None:
    done = country.run("institution", "list", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert done.returncode == 2
    assert "database does not answer" in told(done)


# --- institutions ---------------------------------------------------------------------------------------


def test_an_institution_is_added_once(country: Country) -> None:
    arguments = ["institution", "add", "city-hall", "--name", "en=City hall", "--name", "km=សាលាក្រុង"]
    arguments += ["--domain", "hall.example", "--type", "letter", "--json"]
    added = country.run(*arguments)
    assert added.returncode == 0, added
    assert result(added)["store"].startswith("0x")
    again = country.run(*arguments)
    assert (again.returncode, result(again)["error"]["code"]) == (1, "INSTITUTION_EXISTS")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (("City Hall",), "MALFORMED_CODE"),
        (("../hall",), "MALFORMED_CODE"),
        (("h" * 33,), "MALFORMED_CODE"),
        (("hall", "not a domain"), "MALFORMED_DOMAIN"),
        (("hall", "hall"), "MALFORMED_DOMAIN"),
        (("hall", "https://hall.example"), "MALFORMED_DOMAIN"),
        (("hall", "hall.example", "xx"), "UNKNOWN_LANGUAGE"),
    ],
)
def test_an_institution_is_refused_before_anything_is_made_for_it(
    country: Country, wrong: tuple[str, ...], refusal: str
) -> None:
    before = sorted((country.home / "keys").rglob("*"))
    assert country.office(refusal_of_institution, *wrong) == refusal
    assert sorted((country.home / "keys").rglob("*")) == before


# --- seal -----------------------------------------------------------------------------------------------


def test_files_that_may_not_be_sealed_are_named_while_the_others_go_on(
    country: Country, office: str, tmp_path: Path
) -> None:
    for name in ("first", "locked", "second"):
        (tmp_path / f"{name}.pdf").write_bytes(blank_pdf())
    with pikepdf.open(tmp_path / "locked.pdf", allow_overwriting_input=True) as document:
        document.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    files = [str(tmp_path / f"{name}.pdf") for name in ("first", "locked", "second")]
    done = country.run("seal", *files, "--institution", office, "--out", str(tmp_path / "out"), "--json")
    assert done.returncode == 1
    by_number = {one["number"]: one for one in result(done)["documents"]}
    assert by_number["locked"]["error"] == "PDF_ENCRYPTED"
    assert {Path(by_number[name]["file"]).name for name in ("first", "second")} == {
        "first.sealed.pdf",
        "second.sealed.pdf",
    }
    checked = country.run_each([["verify", by_number[name]["file"]] for name in ("first", "second")])
    assert [one.returncode for one in checked] == [0, 0], checked


def test_a_type_that_an_institution_may_not_issue_is_refused(country: Country, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(blank_pdf())
    done = country.run("seal", str(tmp_path / "x.pdf"), "--institution", "nobody", "--json")
    assert (done.returncode, result(done)["documents"][0]["error"]) == (1, "UNKNOWN_INSTITUTION")


def test_mis_ordered_khmer_is_not_sealed(country: Country, office: str, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(blank_pdf())
    title = ("--field", "title=ខែ្មរ")
    done = country.run("seal", str(tmp_path / "x.pdf"), "--institution", office, *title, "--json")
    (refused,) = result(done)["documents"]
    assert (done.returncode, refused["error"]) == (1, "KHMER_MISORDERED")
    assert "write ខ្មែ" in refused["message"]


# --- issue ----------------------------------------------------------------------------------------------


def rows(sample: dict[str, Any], name: str, count: int) -> list[dict[str, Any]]:
    return [{"number": f"{name}/{number}", "fields": sample} for number in range(count)]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_rows_of_every_form_are_issued(
    country: Country, office: str, sample: dict[str, Any], tmp_path: Path, form: str
) -> None:
    table = tmp_path / f"rows.{form}"
    made = rows(sample, form, 2)
    if form == "json":
        table.write_text(json.dumps(made))
    elif form == "jsonl":
        table.write_text("\n".join(json.dumps(row) for row in made))
    else:
        table.write_text(_csv(made), encoding="utf-8-sig")
    done = issue(country, office, table, tmp_path / "out")
    assert done.returncode == 0, done
    documents = result(done)["documents"]
    assert [one["number"] for one in documents] == [row["number"] for row in made]
    assert all(Path(one["file"]).read_bytes().startswith(b"%PDF") for one in documents)
    assert country.run("verify", documents[1]["file"]).returncode == 0


def _csv(made: list[dict[str, Any]]) -> str:
    names = ["number", *made[0]["fields"]]
    lines = [",".join(names)]
    for row in made:
        cells = [row["number"], *(str(value) for value in row["fields"].values())]
        lines.append(",".join('"' + cell.replace('"', '""') + '"' for cell in cells))
    return "\r\n".join(lines)


def issue(country: Country, office: str, table: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return country.run(*issuing(office, table, out))


def issuing(office: str, table: Path, out: Path) -> list[str]:
    named = {"--template": "press-release", "--data": table, "--institution": office, "--out": out}
    return ["issue", "--json", *(str(one) for pair in named.items() for one in pair)]


def test_bad_rows_are_all_named_and_nothing_is_issued(
    country: Country, office: str, sample: dict[str, Any], tmp_path: Path
) -> None:
    table = tmp_path / "rows.json"
    bad = rows(sample, "bad", 6)
    del bad[1]["number"]
    bad[2]["fields"] = {**sample, "unknown": "field"}
    bad[3]["issued"] = "yesterday"
    bad[4]["number"] = bad[0]["number"]
    bad[5]["fields"] = {**sample, "place": "ខែ្មរ"}
    table.write_text(json.dumps(bad))
    done = issue(country, office, table, tmp_path / "out")
    assert done.returncode == 64
    error = result(done)["error"]
    assert error["code"] == "BAD_ROWS"
    for place in ("row 2", "row 3", "row 4", "row 5", "row 6"):
        assert place in error["message"]
    assert country.rows("SELECT 1 FROM issuance_document WHERE number LIKE 'bad/%%'") == []


def test_a_table_that_cannot_be_read_says_so(country: Country, office: str, tmp_path: Path) -> None:
    unreadable = {
        "cut.json": b"{",
        "empty.json": b"[]",
        "rows.jsonl": b'{"number": "1"}\n{oops\n',
        "short.csv": b"number,subject\n1\n",
        "coded.csv": b"number\n\xff\xfe\n",
        "rows.xlsx": b"PK",
        "rows": b"",
    }
    for name, content in unreadable.items():
        (tmp_path / name).write_bytes(content)
    for done in country.run_each([issuing(office, tmp_path / name, tmp_path) for name in unreadable]):
        assert done.returncode == 64, done
        assert result(done)["error"]["message"]


def test_issuing_again_goes_on_and_issues_nothing_twice(
    country: Country, office: str, sample: dict[str, Any], tmp_path: Path
) -> None:
    table = tmp_path / "rows.json"
    made = rows(sample, "twice", 12)
    table.write_text(json.dumps(made))
    interrupted = country.start([*GOVSEAL, *issuing(office, table, tmp_path / "out")])
    count = "SELECT count(*) FROM issuance_document WHERE number LIKE 'twice/%%'"
    country.until(lambda: country.rows(count)[0][0] >= 3)
    interrupted.send_signal(signal.SIGKILL)
    interrupted.wait(PATIENCE)
    assert 3 <= country.rows(count)[0][0] <= 12
    first = result(issue(country, office, table, tmp_path / "out"))["documents"]
    second = result(issue(country, office, table, tmp_path / "out"))["documents"]
    assert [one["id"] for one in first] == [one["id"] for one in second]
    assert country.rows(count) == [(12,)]
    leaves = "SELECT count(*), count(DISTINCT target_hash) FROM issuance_document WHERE state = 'released'"
    assert country.rows(f"{leaves} AND number LIKE 'twice/%%'") == [(12, 12)]
    made[1]["fields"] = {**sample, "place": "Another place under that number"}
    table.write_text(json.dumps(made[:2]))
    done = issue(country, office, table, tmp_path / "other")
    taken, same = result(done)["documents"]
    assert (done.returncode, taken["number"], taken["error"]) == (1, made[1]["number"], "NUMBER_TAKEN")
    assert same["id"] == first[0]["id"]
    assert [one.name for one in (tmp_path / "other").iterdir()] == [Path(same["file"]).name]


# --- release and revoke ---------------------------------------------------------------------------------


def test_a_revoked_document_is_not_genuine(country: Country, office: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.pdf").write_bytes(blank_pdf())
    done = country.run(
        "seal", str(tmp_path / "wrong.pdf"), "--institution", office, "--out", str(tmp_path), "--json"
    )
    (sealed,) = result(done)["documents"]
    again, unreasoned, revoked, found, released, unknown = country.run_each(
        [
            ["release", sealed["id"], "--out", str(tmp_path / "again"), "--json"],
            ["revoke", sealed["id"], "--reason", "  "],
            ["revoke", sealed["id"], "--reason", "Made in error", "--json"],
            ["verify", sealed["file"], "--json"],
            ["release", sealed["id"]],
            ["revoke", "none-such", "--reason", "x"],
        ]
    )
    assert Path(result(again)["file"]).read_bytes() == Path(sealed["file"]).read_bytes()
    assert unreasoned.returncode == 64
    assert result(revoked) == {"id": sealed["id"], "standing": "revoked"}
    assert (found.returncode, result(found)["outcome"]) == (1, "revoked")
    assert released.returncode == 1
    assert unknown.returncode == 64


def test_text_of_a_document_cannot_steer_the_terminal(country: Country, office: str, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(blank_pdf())
    title = "[/] [bold]GENUINE[/bold] \x1b[2J"
    arguments = ["seal", str(tmp_path / "x.pdf"), "--institution", office, "--number", "STEER-1"]
    done = country.run(*arguments, "--field", f"title={title}", "--out", str(tmp_path))
    assert done.returncode == 0, done
    shown = country.run("verify", str(tmp_path / "x.sealed.pdf"))
    assert shown.returncode == 0
    assert "\x1b" not in shown.stdout
    assert "[/] [bold]GENUINE[/bold]" in shown.stdout
