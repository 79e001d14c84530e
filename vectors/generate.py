"""Write the vectors that a second implementation is written against: `python vectors/generate.py`.

Each `vectors/<name>.json` comes from `vectors/makers/<name>.py`. A test runs the same and compares. What npm's own
packages say of attested documents is in `generate.mjs`.
"""

import importlib
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NAMES = (
    "secret",
    "envelope",
    "seal",
    "qrtext",
    "native",
    "trustlist",
    "succession",
    "status",
    "notices",
    "receipt",
)


def text(name: str) -> str:
    """Return the content of one file."""
    cases = importlib.import_module(f"makers.{name}").cases()
    return json.dumps(cases, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write every file."""
    for name in NAMES:
        (FOLDER / f"{name}.json").write_text(text(name))


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parent / "src"))
    main()
