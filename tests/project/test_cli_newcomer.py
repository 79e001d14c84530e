"""What the commands say where nothing was set up yet."""

import os
import subprocess
from pathlib import Path

from support.country import GOVSEAL, result
from support.waiting import PATIENCE


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GOVSEAL_")}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        [*GOVSEAL, *arguments, "--json"],
        env={**environment, "GOVSEAL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_looking_at_keys_makes_none_nor_a_passphrase(tmp_path: Path) -> None:
    done = run(tmp_path / "home", "keys", "list")
    assert (done.returncode, result(done)) == (0, {"keys": [], "closed": {}}), done
    assert not (tmp_path / "home").exists()


def test_a_file_that_is_not_there_is_named_before_anything_else_that_is_missing(tmp_path: Path) -> None:
    done = run(tmp_path / "home", "verify", str(tmp_path / "none.pdf"))
    assert (done.returncode, result(done)["error"]["code"]) == (64, "NO_SUCH_FILE"), done
