"""Configuration and settings: what cannot be used is named; the web key is one for all processes of an installation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from govseal.core.errors import OperatorError
from govseal.project.configuration import Configuration

MEANWHILE = """
import pathlib, secrets, sys
made = secrets.token_urlsafe
def slowly(size):
    pathlib.Path(sys.argv[1]).write_text("of another process")
    return made(size)
secrets.token_urlsafe = slowly
"""
SHOW = "from govseal.project.settings import SECRET_KEY; print(SECRET_KEY)"


def key(home: Path, before: str = "") -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GOVSEAL_")}
    command = [sys.executable, "-c", before + SHOW, str(home / "run" / "django-secret")]
    done = subprocess.run(
        command, env={**environment, "GOVSEAL_HOME": str(home)}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_who_makes_the_web_key_beside_another_takes_the_first_ones(tmp_path: Path) -> None:
    assert key(tmp_path, MEANWHILE) == "of another process"
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["django-secret"]


@pytest.mark.parametrize("left_empty", [False, True])
def test_the_web_key_is_made_once_and_for_its_owner_alone(tmp_path: Path, *, left_empty: bool) -> None:
    file = tmp_path / "run" / "django-secret"
    if left_empty:
        file.parent.mkdir()
        file.touch()
    first = key(tmp_path)
    assert len(first) >= 64
    assert (key(tmp_path), file.stat().st_mode & 0o777) == (first, 0o600)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("GOVSEAL_PORT", "soon", "GOVSEAL_PORT is 'soon'"),
        ("GOVSEAL_PORT", "0", "1 to 65535"),
        ("GOVSEAL_PORT", "65536", "1 to 65535"),
        ("GOVSEAL_FINALITY", "9" * 5_000, "GOVSEAL_FINALITY is '9"),
        ("GOVSEAL_COUNTRY", "xx", "no such country pack. Known: kh"),
        ("GOVSEAL_COUNTRY", "../countries/kh", "no such country pack"),
        ("GOVSEAL_RPC_URL", "http://127.0.0.1:9", "set GOVSEAL_CHAIN_ID, and GOVSEAL_GENESIS"),
    ],
)
def test_what_a_variable_must_be_is_said(tmp_path: Path, name: str, value: str, told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        Configuration.load({"GOVSEAL_HOME": str(tmp_path), name: value})


def test_what_names_no_database_is_said_and_not_traced(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "govseal", "migrate"]
    where = {**os.environ, "GOVSEAL_HOME": str(tmp_path), "DATABASE_URL": "nonsense"}
    done = subprocess.run(command, env=where, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith("✗ DATABASE_URL names no")) == (2, True), done
