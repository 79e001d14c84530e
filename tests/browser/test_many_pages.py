"""Many at once in a real browser that runs no script: form, growing table, and the table that is taken home."""

import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from govseal.apps.verification.many import Checked, Item
from govseal.core.verdict import Outcome
from support import chromium, web
from support.waiting import PATIENCE

AXE = web.PROJECT / "node_modules" / "axe-core" / "axe.min.js"
PDF = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium.EXECUTABLE.exists(), reason="Debian's chromium is absent"),
    pytest.mark.skipif(not web.built(), reason="browser files are not built: node browser/build.mjs"),
]


def test_files_and_links_become_a_table_without_a_script(
    browser: Browser, origin: str, tmp_path: Path
) -> None:
    context = chromium.new_context(
        browser, viewport={"width": 390, "height": 844}, locale="en", java_script_enabled=False
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(origin)
    page.get_by_role("link", name="Many documents?").click()
    page.locator("#files").set_input_files([PDF, {**PDF, "name": "again.pdf"}])
    page.locator("#texts").fill("\n".join(web.CODE + one.value for one in Outcome))
    page.get_by_role("button", name="Check them all").click()
    expect(page.locator(".findings tbody tr")).to_have_count(2 + len(Outcome))
    expect(page.locator("#summary-title")).to_have_text(f"{2 + len(Outcome)} checked")
    with page.expect_download() as started:
        page.get_by_role("button", name="CSV").click()
    started.value.save_as(tmp_path / "table.csv")
    assert len((tmp_path / "table.csv").read_bytes().splitlines()) == 1 + 2 + len(Outcome)
    with context.expect_page() as opened:  # beside the table, which a way back would not find again
        page.get_by_role("button", name="Look closer at").first.click()
    expect(opened.value.locator("#verdict")).to_be_visible()
    page.get_by_role("button", name="ខ្មែរ").click()
    expect(page.locator(".findings tbody tr")).to_have_count(2 + len(Outcome))
    expect(page.locator("#summary-title")).to_contain_text("បានពិនិត្យ")
    context.close()
    assert complaints == []


def test_while_it_goes_on_it_says_how_far_it_is_and_then_where_the_summary_stands(
    browser: Browser, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def one_and_then_the_others(items: Iterable[Item]) -> Iterator[Checked]:
        for item in items:
            yield Checked(item.name, Outcome.GENUINE, None)
            go_on.wait(PATIENCE)

    monkeypatch.setattr(web.Ports.verify, "many", one_and_then_the_others)
    context = chromium.new_context(browser, viewport={"width": 390, "height": 844}, locale="en")
    page = context.new_page()
    page.goto(f"{origin}/many")
    page.locator("#texts").fill("\n".join("abcdefgh"))
    page.locator("main form button").click(no_wait_after=True)
    expect(page.locator("#row-1 .so-far")).to_contain_text("1 / 8")
    expect(page.locator("#row-1 .so-far")).to_be_in_viewport()
    expect(page.locator(".languages")).to_be_hidden()
    go_on.set()
    expect(page.locator(".languages")).to_be_visible()
    expect(page.locator("#row-8 .so-far")).to_be_hidden()
    expect(page.get_by_role("link", name="8 checked")).to_be_in_viewport()
    context.close()


def test_chosen_files_are_counted_and_too_many_refused_before_they_are_sent(
    browser: Browser, origin: str
) -> None:
    context = chromium.new_context(browser, viewport={"width": 390, "height": 844}, locale="km")
    page = context.new_page()
    page.goto(f"{origin}/many")
    page.locator("#files").set_input_files([{**PDF, "name": f"{number}.pdf"} for number in range(12)])
    expect(page.locator("[data-chosen]")).to_contain_text("១២")
    page.locator("#files").set_input_files([{**PDF, "name": f"{number}.pdf"} for number in range(201)])
    assert page.locator("#files").evaluate("input => input.validity.customError")
    context.close()


@pytest.mark.parametrize(
    ("width", "language", "theme"), [(390, "km", "light"), (390, "en", "dark"), (1280, "km", "dark")]
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, origin: str, width: int, language: str, theme: str
) -> None:
    if not AXE.exists():
        pytest.skip("npm package absent: axe-core")
    context = chromium.new_context(
        browser,
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        locale=language,
        bypass_csp=True,
    )
    page = context.new_page()
    page.goto(f"{origin}/many")
    for _ in range(2):  # the form, and then what was found
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run().then(result => result.violations)")
        assert found == [], json.dumps(found, indent=1)[:3000]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if page.locator("#texts").count():
            page.locator("#texts").fill("\n".join([*(web.CODE + one.value for one in Outcome), "x" * 3_000]))
            page.locator("main form button").click()
            expect(page.locator("#summary-title")).to_be_visible()
    context.close()
