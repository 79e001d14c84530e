"""Node from the wheel: the real program, not the shim beside Python."""

import subprocess
from pathlib import Path

from govseal.adapters.node import node_executable


def test_node_is_the_program_itself() -> None:
    with subprocess.Popen(
        [node_executable(), "-e", "process.stdin.resume()"], stdin=subprocess.PIPE
    ) as process:
        assert Path(f"/proc/{process.pid}/exe").readlink().name == "node"
        assert not Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().strip()
        process.kill()
