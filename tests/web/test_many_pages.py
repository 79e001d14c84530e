"""Many at once, without a browser: a row for everything that came, a table to take home, and nothing kept."""

import csv
import html
import io
import itertools
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.utils.translation import activate

from govseal.apps.verification.many import Checked, Item, Shown
from govseal.core.verdict import Outcome
from govseal.web.public import many, many_page
from govseal.web.shared import outcomes
from support import reports, web
from support.asking import ENGLISH


def send(
    client: Client, texts: list[str], files: dict[str, bytes] | None = None, **headers: str
) -> HttpResponse:
    uploads = [SimpleUploadedFile(name, content) for name, content in (files or {}).items()]
    return client.post("/many", {"texts": "\n".join(texts), "files": uploads}, **{**ENGLISH, **headers})


def page(response: HttpResponse) -> str:
    assert isinstance(response, StreamingHttpResponse)
    return html.unescape(b"".join(response.streaming_content).decode())


def rows(body: str) -> list[str]:
    return [
        re.sub(r"<[^>]*>|\s+", " ", row)
        for row in re.findall(
            r"<tr id=\"row-\d+\" tabindex=\"-1\">\n<th scope=\"row\">(.*?)</tr>", body, re.DOTALL
        )
    ]


def test_each_outcome_is_a_row_with_its_icon_and_word(client: Client) -> None:
    body = page(send(client, [web.CODE + one.value for one in Outcome]))
    found = rows(body)
    activate("en")
    assert len(found) == len(Outcome)
    for place, (outcome, row) in enumerate(zip(Outcome, found, strict=True), 1):
        look = outcomes.look(outcome)
        assert f"{place} / 9" in row
        assert str(look.word) in row
        assert body.count(f"tone-{look.tone}") >= 2  # in its row and in the summary
        stands = outcome in {"genuine", "replaced", "revoked", "suspended", "expired"}
        assert ("Ministry of Education (demonstration)" in row) is stands
    assert "9 checked" in body


def test_files_and_links_come_together_and_a_bad_one_is_a_row(client: Client) -> None:
    link = web.CODE + "genuine"
    body = page(
        send(
            client,
            ["", f"  {link} ", link, "nonsense"],
            {"a.pdf": b"%PDF-1.7", "b.txt": b"hello", "c.pdf": b""},
        )
    )
    found = rows(body)
    assert ["Genuine" in row for row in found] == [True, False, False, True, True, False]
    assert "No QR code was found" in found[1]
    assert ["The same document as" in row for row in found] == [False, False, False, False, True, False]
    assert body.count('action="/verify"') == 3  # what came as a link can be looked at closer


def test_what_was_found_can_be_taken_home_as_a_table(client: Client, verifier: web.MadeVerifier) -> None:
    hostile = "=HYPERLINK(1)"
    body = page(send(client, [web.CODE + "genuine", hostile, web.CODE + "altered"]))
    held = held_in(body)
    taken = client.post("/many/table", {"kept": held, "form": "csv"}, **ENGLISH)
    assert taken["Content-Disposition"] == 'attachment; filename="govseal-checked.csv"'
    header, *found = csv.reader(io.StringIO(taken.content.decode("utf-8-sig"), newline=""))
    assert header[:2] == ["File or link", "Outcome"]
    assert found[0][1] == "Genuine"
    assert found[0][5:8] == [reports.DOCUMENT.number, "2025-11-09", web.CODE + "genuine"]
    assert found[1][0] == f"'{hostile}"
    assert found[2][3:7] == ["", "", "", ""]  # of an altered document nothing is told
    taken = client.post("/many/table", {"kept": held, "form": "xlsx"}, **ENGLISH)
    assert [form for form, _ in verifier.tables] == ["csv", "xlsx"]
    assert taken["Content-Type"].endswith("spreadsheetml.sheet")


def test_the_same_finding_is_told_in_another_language_and_nothing_is_checked_again(
    client: Client, verifier: web.MadeVerifier
) -> None:
    sent = [*(web.CODE + one.value for one in Outcome), web.CODE + "genuine"]
    body = page(send(client, sent, {"a.pdf": b"%PDF-1.7", "b.txt": b"hello"}))
    asked = len(verifier.texts), len(verifier.uploads)
    held = held_in(body)
    answer = client.post("/many/again?lang=km", {"kept": held}, **ENGLISH)
    khmer = html.unescape(answer.content.decode())
    assert [told(row) for row in rows(khmer)] == [told(row) for row in rows(body)]
    assert "ឯកសារពិតប្រាកដ" in khmer
    assert "ក្រសួងអប់រំ (សាកល្បង), ថ្ងៃទី៩ ខែវិច្ឆិកា ឆ្នាំ២០២៥" in re.sub(r"<[^>]*>", "", khmer)
    assert "រកមិនឃើញកូដ QR" in khmer  # why nothing was found in the text
    english = html.unescape(client.post("/many/again?lang=en", {"kept": held_in(khmer)}).content.decode())
    assert summary(english) == summary(body)
    assert (len(verifier.texts), len(verifier.uploads)) == asked


def test_how_far_it_is_and_how_long_it_takes_is_told_while_it_goes_on() -> None:
    checked = Checked("a.pdf", Outcome.GENUINE, None)
    told = [
        html.unescape(many_page.row(checked, place, "en", running))
        for place, running in ((2, (200, 9.0)), (50, (200, 50.0)), (200, (200, 200.0)), (200, None))
    ]
    assert ["min left" in row for row in told] == [False, True, False, False]
    assert "50 / 200, about 3 min left" in told[1]
    assert ["<progress" in row for row in told] == [True, True, True, False]


def held_in(body: str) -> str:
    found = re.search(r'name="kept" value="([^"]+)" form="languages"', body)
    assert found is not None
    return found[1]


def told(row: str) -> list[str]:
    """Return what a row says in every language alike: its number, name and links."""
    return re.findall(r"https?:\S*\w|\S+\.(?:pdf|txt)|KH-\d+-\d+", row)


def summary(body: str) -> str:
    found = re.search(r"<section.*?</section>", body, re.DOTALL)
    assert found is not None
    return re.sub(r'value="[^"]*"', "", found[0])  # the signature has the moment of signing in it


@pytest.mark.parametrize("held", ["e30", "eyJhIjoxfQ:1abcde:forged"])
def test_only_what_we_found_is_shown_again(client: Client, held: str) -> None:
    assert client.post("/many/again", {"kept": held}, **ENGLISH).status_code == 400


def test_before_anything_was_found_a_change_of_language_leads_to_the_form(client: Client) -> None:
    answer = client.post("/many/again?lang=km", {})
    assert (answer.status_code, answer["Location"]) == (302, "/many")
    assert "ពិនិត្យឯកសារច្រើន" in client.get("/many").content.decode()  # the choice is remembered


def test_what_is_held_of_the_largest_page_can_be_handed_back(client: Client) -> None:
    digits = random.Random(1)
    longest = web.CODE + "genuine" + "?" * 8
    sent = [f"{longest}{digits.getrandbits(2_600)}" for _ in range(many.MOST_ITEMS)]  # the form takes 128 KiB
    held = held_in(page(send(client, sent)))
    assert len(held) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2
    assert client.post("/many/again", {"kept": held}).status_code == 200


def test_the_summary_leads_to_the_rows_that_ask_for_a_look(client: Client) -> None:
    body = page(send(client, [web.CODE + one for one in ("genuine", "revoked", "genuine", "revoked")]))
    assert re.findall(r'href="#(row-\d+)"', body) == ["row-2", "row-4"]
    assert 'id="row-4"' in body


@pytest.mark.parametrize("table", ["", "e30", "eyJhIjoxfQ:1abcde:forged"])
def test_only_what_we_found_becomes_a_table_of_ours(
    client: Client, verifier: web.MadeVerifier, table: str
) -> None:
    answer = client.post("/many/table", {"kept": table, "form": "csv"}, **ENGLISH)
    assert (answer.status_code, verifier.tables) == (400, [])


def test_rows_appear_while_others_are_checked(client: Client, verifier: web.MadeVerifier) -> None:
    asked: list[str] = []

    def one_by_one(items: Any) -> Iterator[Checked]:
        for item in items:
            asked.append(item.name)
            yield Checked(
                item.name, Outcome.GENUINE, None, Shown.of(reports.report(Outcome.GENUINE)), item.text
            )

    verifier.many = one_by_one  # type: ignore[method-assign] # to see what is asked for
    response = send(client, ["first", "second"])
    pieces = iter(response.streaming_content)
    assert b"What was found" in next(pieces)
    assert asked == []
    assert b"first" in next(pieces)
    assert asked == ["first"]
    response.close()  # and gives its place back at once


def test_few_steps_are_sent_however_many_rows_there_are_and_however_large() -> None:
    seconds = itertools.count()
    steps = list(many.in_steps((f"{row} " for row in range(270)), lambda: float(next(seconds))))
    assert "".join(steps) == "".join(f"{row} " for row in range(270))
    assert steps[0] == "0 "
    assert 5 < len(steps) < 16
    large = list(many.in_steps(["x" * 100_000] * 50, lambda: float(next(seconds) * 60)))
    assert [len(step) for step in large] == [100_000, 100_000, 4_800_000]


def test_a_service_that_is_away_ends_the_page_in_a_sentence(client: Client) -> None:
    body = page(send(client, [web.CODE + "genuine", "away", web.CODE + "genuine"]))
    assert len(rows(body)) == 1
    assert "2 were not checked. A service that the check needs did not answer." in body
    assert body.rstrip().endswith("</html>")


def test_nobody_holds_the_server_for_ever(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_SECONDS", 0.0)
    body = page(send(client, [web.CODE + "genuine"] * 3))
    assert len(rows(body)) == 1
    assert "2 were not checked. The time for one page is over." in body


def test_nothing_is_read_for_a_part_when_the_time_is_over(
    client: Client, verifier: web.MadeVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Item] = []

    def in_one_part(items: Iterator[Item]) -> Iterator[Checked]:
        read[:] = items
        for item in read:
            yield Checked(
                item.name, Outcome.GENUINE, None, Shown.of(reports.report(Outcome.GENUINE)), item.text
            )

    verifier.many = in_one_part  # type: ignore[method-assign] # as the real one, which reads before it asks
    monkeypatch.setattr(many, "_SECONDS", 0.0)
    assert "2 were not checked. The time for one page is over." in page(send(client, ["a", "b", "c"]))
    assert [one.name for one in read] == ["a"]
    monkeypatch.setattr(many, "_SECONDS", 60.0)
    assert len(rows(page(send(client, ["a", "b", "c"])))) == 3


def test_only_some_check_many_and_leave_when_they_go(client: Client) -> None:
    waiting = [send(client, ["x"] * 9) for _ in range(2)]
    for response in waiting:
        pieces = iter(response.streaming_content)
        next(pieces)
        next(pieces)
    assert "9 were not checked. Many others are being checked" in page(send(client, ["x"] * 9))
    waiting[0].close()  # as when the visitor closes the page
    assert "9 checked" in page(send(client, ["x"] * 9))
    waiting[1].close()


def test_the_page_is_in_the_language_that_was_asked_for(client: Client) -> None:
    body = page(send(client, [web.CODE + "genuine"], HTTP_ACCEPT_LANGUAGE="km"))
    assert "ឯកសារពិតប្រាកដ" in body
    assert "១ / ១" in body
    assert "Genuine" not in body


@pytest.mark.parametrize("texts", [[], [" "], ["x"] * (many.MOST_ITEMS + 1)])
def test_nothing_and_too_many_are_told(client: Client, texts: list[str]) -> None:
    answer = send(client, texts)
    assert answer.status_code == 400
    assert "Nothing of what you sent was kept." in answer.content.decode()


def test_as_many_files_as_are_promised_arrive(client: Client, verifier: web.MadeVerifier) -> None:
    body = page(send(client, [], {f"{number}.pdf": b"%PDF" for number in range(many.MOST_ITEMS)}))
    assert len(rows(body)) == many.MOST_ITEMS == len(verifier.uploads)


def test_more_than_can_be_held_is_refused_by_its_length(client: Client) -> None:
    body = bytes(many._BODY_BYTES + 1)
    answer = client.generic("POST", "/many", body, "multipart/form-data; boundary=b", **ENGLISH)
    assert answer.status_code == 413
    assert "larger than 40 MB" in answer.content.decode()


def test_one_file_that_is_too_large_is_a_row(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "UPLOAD_BYTES", 5)
    body = page(send(client, [], {"small.pdf": b"%PDF", "large.pdf": b"%PDF-1.7"}))
    assert "This is larger than can be checked here." in rows(body)[1]


def test_the_form_says_what_it_takes(client: Client) -> None:
    body = client.get("/many", **ENGLISH).content.decode()
    assert 'name="files" multiple' in body
    assert str(many.MOST_ITEMS) in body
    assert 'href="/many"' in client.get("/", **ENGLISH).content.decode()


def test_a_link_that_is_no_longer_than_it_may_be_is_kept_whole() -> None:
    (item,) = many._links("x" * 10_000)
    assert item == Item("x" * many.LINE_CHARACTERS, "x" * many.LINE_CHARACTERS)
