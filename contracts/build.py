"""Compile DocumentStore.vy into the artefact that the package carries.

    .venv/bin/python contracts/build.py

A test compiles again and compares, so the source and the deployed bytes cannot part.
"""

import json
from pathlib import Path
from typing import Any

from vyper import __version__ as compiler_version
from vyper.compiler import compile_code

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "DocumentStore.vy"
ARTEFACT = HERE.parent / "src" / "govseal" / "adapters" / "evm" / "documentstore.json"


def artefact() -> dict[str, Any]:
    """Return the compiled contract: its interface (`abi`) and creation bytecode (`bytecode`, 0x hex)."""
    output = compile_code(SOURCE.read_text("utf-8"), output_formats=["abi", "bytecode"])
    return {
        "contract": SOURCE.name,
        "compiler": f"vyper {compiler_version}",
        "evmVersion": "paris",
        "abi": output["abi"],
        "bytecode": output["bytecode"],
    }


if __name__ == "__main__":
    ARTEFACT.write_text(json.dumps(artefact(), indent=1) + "\n", "utf-8")
