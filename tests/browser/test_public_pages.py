"""The public pages in a real browser: phone and desk, both languages, both themes, with and without JavaScript."""

import gzip
import json
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from govseal.adapters.node import node_executable
from support import chromium, web

AXE = web.PROJECT / "node_modules" / "axe-core" / "axe.min.js"
BUILD = web.SHARED / "static" / "build"
CODE = "#1172938102938401928301928"
BUDGET = 60_000  # bytes, compressed, before fonts
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium.EXECUTABLE.exists(), reason="Debian's chromium is absent"),
    pytest.mark.skipif(not web.built(), reason="browser files are not built: node browser/build.mjs"),
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from _page(chromium.new_context(browser, viewport=PHONE, locale="en"))


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A page whose browser runs no script."""
    yield from _page(chromium.new_context(browser, viewport=PHONE, locale="en", java_script_enabled=False))


def _page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page that must not complain: a refused script, style or missing file is a failure."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def _check(page: Page, origin: str, case: str) -> None:
    page.goto(origin)
    page.locator("#text").fill(web.CODE + case)
    page.locator("form:has(#text) button[type=submit]").click()
    expect(page.locator("#verdict")).to_be_visible()


# --- everybody can use it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [("km", "light", PHONE), ("km", "dark", DESK), ("en", "light", DESK), ("en", "dark", PHONE)],
    ids=["km-light-phone", "km-dark-desk", "en-light-desk", "en-dark-phone"],  # every two of them meet once
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, origin: str, size: dict[str, int], theme: str, language: str
) -> None:
    if not AXE.exists():
        pytest.skip("npm package absent: axe-core")
    # axe is put in by the test, which our policy rightly refuses: for this test alone it is set aside.
    context = chromium.new_context(
        browser, viewport=size, color_scheme=theme, locale=language, bypass_csp=True
    )
    page = context.new_page()
    for name in ("home", "institutions", "scanned", "missing", *web.CASES):
        _open(page, origin, name)
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run().then(result => result.violations)")
        assert found == [], f"{name}: {json.dumps(found, indent=1)[:3000]}"
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    context.close()


def _open(page: Page, origin: str, name: str) -> None:
    addresses = {
        "home": "/",
        "institutions": "/institutions",
        "scanned": f"/s{CODE}",
        "missing": "/no-such-page",
    }
    if name in addresses:
        page.goto(origin + addresses[name])
    else:
        _check(page, origin, name)
        for summary in page.locator("summary").all():
            summary.click()


@pytest.mark.parametrize("language", ["km", "en"])
def test_at_twice_the_text_nothing_is_wider_than_a_phone(
    browser: Browser, origin: str, language: str
) -> None:
    context = browser.new_context(viewport=PHONE, locale=language)
    page = context.new_page()
    for name in ("home", "institutions", "scanned", "unknown_host", "suspended"):
        _open(page, origin, name)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    context.close()


def test_every_target_is_44_pixels_high(page: Page, origin: str) -> None:
    for name in ("home", "genuine", "could_not_check"):
        _open(page, origin, name)
        targets = page.locator("button:visible, [role=button]:visible, header a:visible, summary:visible")
        for target in targets.all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44, f"{name}: {target.inner_text()}"


def test_the_keyboard_reaches_the_check_and_shows_where_it_is(page: Page, origin: str) -> None:
    page.goto(origin)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.locator("#text").focus()
    page.keyboard.type(web.CODE + "genuine")
    page.keyboard.press("Tab")
    button = page.locator("form:has(#text) button")
    expect(button).to_be_focused()
    assert button.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_have_text("Genuine")


# --- with JavaScript ----------------------------------------------------------------------------------


def test_a_phones_camera_lands_one_tap_from_the_result_and_leaves_no_key_in_the_history(
    page: Page, origin: str
) -> None:
    page.goto(f"{origin}/s{CODE}")
    expect(page.get_by_text("The code was read. One tap checks it.")).to_be_visible()
    expect(page.locator("#text")).to_be_hidden()
    page.get_by_role("button", name="Check the document").click()
    expect(page.locator("#verdict")).to_be_visible()
    assert web.Ports.verify.texts[-1] == f"{origin}/s{CODE}"
    page.go_back()
    assert page.url == f"{origin}/s"


def test_a_change_of_language_keeps_the_scanned_code(page: Page, origin: str) -> None:
    page.goto(f"{origin}/s{CODE}")
    page.get_by_role("link", name="ខ្មែរ").click()
    page.wait_for_url("**/s?lang=km#*")
    assert page.locator("#text").input_value() == f"{origin}/s{CODE}"


def test_the_old_forms_key_leaves_the_address_bar(page: Page, origin: str) -> None:
    page.goto(f"{origin}/verify/R-77?key=k3y")
    page.wait_for_url(f"{origin}/verify/R-77")


def test_a_universal_action_is_filled_in_whole(page: Page, origin: str) -> None:
    action = f"{origin}/?q=%7B%22type%22%3A%22DOCUMENT%22%7D#%7B%22key%22%3A%22ab%22%7D"
    page.goto(action)
    assert page.locator("#text").input_value() == action


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(page: Page, origin: str) -> None:
    page.goto(origin)
    page.locator("input[type=file]").evaluate(
        """input => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(21 * 1024 * 1024)], "large.pdf"));
            input.files = files.files;
            input.dispatchEvent(new Event("change"));
        }"""
    )
    message = page.locator("input[type=file]").evaluate("input => input.validationMessage")
    assert message == "This file is larger than 20 MB. Choose a smaller one."


def test_work_that_goes_on_is_said_until_the_answer_comes(page: Page, origin: str) -> None:
    page.goto(origin)
    page.locator("#text").fill(web.CODE + "genuine")
    said = page.evaluate(
        """() => new Promise(resolve => {
            const button = document.querySelector("form:has(#text) button");
            document.addEventListener("submit", event => {
                event.preventDefault();
                resolve([document.querySelector("#working").textContent, button.getAttribute("aria-busy")]);
            });
            button.click();
        })"""
    )
    assert said == ["Checking … On a slow line this can take half a minute.", "true"]
    expect(page.locator("#working")).to_be_in_viewport()


def test_a_picture_from_the_clipboard_is_chosen(page: Page, origin: str) -> None:
    page.goto(origin)
    page.evaluate(
        """() => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File(["picture"], "pasted.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
        }"""
    )
    expect(page.locator("[data-chosen]")).to_have_text("pasted.png")


# --- without ------------------------------------------------------------------------------------------


def test_a_pasted_code_is_checked_without_javascript(plain_page: Page, origin: str) -> None:
    _check(plain_page, origin, "revoked")
    expect(plain_page.locator("#verdict")).to_have_text("Revoked")


def test_a_chosen_file_is_acknowledged_and_checked_without_javascript(plain_page: Page, origin: str) -> None:
    plain_page.goto(origin)
    plain_page.set_input_files(
        "input[type=file]", {"name": "diploma.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    expect(plain_page.get_by_text("A file is chosen.")).to_be_visible()
    plain_page.get_by_role("button", name="Check the file").click()
    expect(plain_page.locator("#verdict")).to_have_text("Genuine")


def test_a_scan_without_javascript_asks_for_the_code_to_be_pasted(plain_page: Page, origin: str) -> None:
    plain_page.goto(f"{origin}/s{CODE}")
    expect(plain_page.get_by_text("Paste the whole link of the code here")).to_be_visible()
    expect(plain_page.locator("#text")).to_be_visible()


def test_a_difference_on_paper_leads_to_how_to_report_it_without_javascript(
    plain_page: Page, origin: str
) -> None:
    _check(plain_page, origin, "genuine")
    expect(plain_page.locator("#different")).to_be_hidden()
    plain_page.get_by_role("button", name="No, something differs").click()
    expect(plain_page.locator("#different")).to_be_visible()
    expect(plain_page.locator("#verdict")).to_be_visible()


def test_the_language_of_a_result_changes_without_javascript(plain_page: Page, origin: str) -> None:
    _check(plain_page, origin, "genuine")
    plain_page.get_by_role("button", name="ខ្មែរ").click()
    expect(plain_page.locator("#verdict")).to_have_text("ឯកសារពិតប្រាកដ")


# --- weight and types ---------------------------------------------------------------------------------


def test_the_result_page_stays_within_its_budget_before_fonts(page: Page, origin: str) -> None:
    _check(page, origin, "genuine")
    parts = [page.content().encode(), *(path.read_bytes() for path in BUILD.glob("site.*"))]
    assert len(parts) == 3
    assert sum(len(gzip.compress(part)) for part in parts) < BUDGET


def test_the_page_asks_only_its_own_site(page: Page, origin: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _check(page, origin, "genuine")
    assert asked
    assert all(url.startswith(origin) for url in asked)


def test_the_scripts_have_no_type_errors() -> None:
    compiler = web.PROJECT / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        pytest.skip("npm package absent: typescript")
    command = [str(node_executable()), str(compiler), "-p", str(web.PROJECT / "browser" / "tsconfig.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
