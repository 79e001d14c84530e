"""Every block of docs/runbooks/keys.md, run in order in an empty folder."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govseal.adapters.keys.record import KeyRecord
from support.softhsm import softhsm_tokens

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbooks" / "keys.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_runbook_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = softhsm_tokens(tmp_path, monkeypatch)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("MODULE", str(tokens.module))
    monkeypatch.setenv("GOVSEAL_SEAL_PIN", "481516")
    monkeypatch.setenv("GOVSEAL_OFFICER_PIN", "2342 officer")
    for folder in ("AUTHORITY", "TRUST_LIST", "LEDGER"):
        monkeypatch.setenv(f"GOVSEAL_{folder}_PASSPHRASE", f"passphrase of {folder}")
    names: dict[str, Any] = {}
    for language, text in BLOCK.findall(RUNBOOK.read_text()):
        if language == "sh":
            subprocess.run(["sh", "-eu", "-c", text], check=True, capture_output=True)
            monkeypatch.setenv("SOFTHSM2_CONF", str(here / "softhsm2.conf"))
        else:
            exec(compile(text, str(RUNBOOK), "exec"), names)
    states = [(key.name, key.retired_at, key.compromised_at) for key in names["seals"].versions("moeys")]
    assert [name for name, *_ in states] == ["moeys", "moeys.2"]
    assert datetime.now(UTC) - states[0][1] < timedelta(minutes=5)
    assert states[1][2] is not None
    assert names["accounts"].account("moeys").address == names["successor"].address
    recorded = [event.kind.value for event in KeyRecord(here / "keys" / "seal").read()]
    assert recorded == ["created", "certified", "created", "certified", "rotated", "retired", "compromised"]
    assert [event.key for event in KeyRecord(here / "keys" / "authority").read()] == ["authority"] * 2
