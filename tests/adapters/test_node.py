"""Node from the wheel: the real program, not the shim beside Python."""

import subprocess
from pathlib import Path

from govseal.adapters.node import node_executable, npm_command, npm_install_command


def test_node_is_the_program_itself() -> None:
    with subprocess.Popen(
        [node_executable(), "-e", "process.stdin.resume()"], stdin=subprocess.PIPE
    ) as process:
        assert Path(f"/proc/{process.pid}/exe").readlink().name == "node"
        assert not Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().strip()
        process.kill()


def test_npm_runs_on_that_node() -> None:
    said = subprocess.run([*npm_command(), "--version"], capture_output=True, text=True, check=True).stdout
    assert int(said.split(".")[0]) >= 10


def test_an_install_runs_no_scripts_of_packages() -> None:
    assert npm_install_command()[:2] == npm_command()
    assert "--ignore-scripts" in npm_install_command()
