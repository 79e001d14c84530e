"""Whether processes live that are nobody's child here."""

from contextlib import suppress
from pathlib import Path


def ended(pid: int) -> bool:
    """Say whether a process has ended, even if nobody has taken note of it yet."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True
