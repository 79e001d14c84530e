"""The confined process: a file that hangs it, crashes it or fills its memory ends it, and nothing else."""

import os
import resource
import signal
import threading
from pathlib import Path

import pytest

from govseal.adapters import pdf
from govseal.adapters.pdf import child, confinement
from govseal.core.errors import MalformedPdf, OutsideError
from support.codes import blank_pdf
from support.pdfs import document, drawing


def test_who_takes_too_long_is_ended_and_the_next_is_served() -> None:
    slow = document(contents=b"\n".join(drawing(seed) for seed in range(4_000)))
    with confinement.confined() as process:
        with pytest.raises(MalformedPdf, match="takes longer") as caught:
            process.ask("png", slow, page=1, dpi=300, seconds=0.05)
        assert caught.value.code == "PDF_TOO_LARGE"
        assert not process.usable
    assert pdf.page_count(blank_pdf()) == 1


def test_a_crash_is_an_error_and_the_next_is_served() -> None:
    with confinement.confined() as process:
        os.kill(process.pid, signal.SIGSEGV)
        with pytest.raises(MalformedPdf) as caught:
            process.ask("count", blank_pdf())
        assert caught.value.code == "PDF_TOO_LARGE"
    assert pdf.page_count(blank_pdf()) == 1


def test_a_process_that_does_not_start_is_not_the_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement.sys, "executable", "/bin/false")
    with pytest.raises(OutsideError, match="does not start"):
        confinement.Confined()


def test_one_that_died_while_nobody_used_it_is_replaced() -> None:
    with confinement.confined() as process:
        process.ask("count", blank_pdf())
        first = process.pid
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert pdf.page_count(blank_pdf()) == 1


def test_memory_processor_time_and_files_are_bounded_by_the_kernel() -> None:
    with confinement.confined() as process:
        process.ask("count", blank_pdf())
        bounds = {
            kind: resource.prlimit(process.pid, kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE)
        }
        seconds, _ = resource.prlimit(process.pid, resource.RLIMIT_CPU)
    assert bounds == {resource.RLIMIT_AS: (child.MEMORY_BYTES,) * 2, resource.RLIMIT_FSIZE: (0, 0)}
    assert 0 < seconds < 10 * confinement.SECONDS


def test_a_page_that_needs_more_memory_than_there_is_is_refused() -> None:
    with confinement.confined() as process:
        process.ask("count", blank_pdf())
        used = int(Path(f"/proc/{process.pid}/statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(process.pid, resource.RLIMIT_AS, (used + (32 << 20), child.MEMORY_BYTES))
        with pytest.raises(MalformedPdf):
            process.ask("png", blank_pdf(), page=1, dpi=600)
        process.end()
    assert pdf.page_count(blank_pdf()) == 1


def test_it_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVSEAL_SEAL_PASSPHRASE", "made up")
    process = confinement.Confined()
    process.ask("count", blank_pdf())
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    process.end()
    assert b"made up" not in environment


def test_who_looks_at_pages_may_ask_for_more_meanwhile() -> None:
    content, counts = blank_pdf(pages=2), []

    def look() -> None:
        counts.extend(pdf.page_count(content) for _ in pdf.page_images(content, 30))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2] * 8
