"""The machine a run was measured on, and whether it was quiet.

What is *not* here: any name of the machine or of who uses it.
"""

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from bench.measure import FOLDER, NODE

_BUSY = 0.3
"""Share of the cores that others may keep busy before a run's figures deserve a note."""
_PEERS = ("@govtechsg/open-attestation", "@govtechsg/oa-encryption", "@govtechsg/oa-verify")


def facts() -> dict[str, Any]:
    """Return what the figures depend on: processor, memory, versions of ours and of the peers."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "node": subprocess.run(
            [NODE, "--version"], capture_output=True, check=True, text=True
        ).stdout.strip(),
        "peers": {name: _version(name) for name in _PEERS},
    }


def load_note(load: float) -> str | None:
    """Return a sentence for the reader when the load average `load`, before the run, says the machine was not quiet."""
    if load <= _BUSY * (os.cpu_count() or 1):
        return None
    return f"The machine was not quiet (load average {load:.1f} before the run): take the ratios with care."


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _version(package: str) -> str:
    return str(json.loads((FOLDER.parent / "node_modules" / package / "package.json").read_text())["version"])
