"""Bounds on PDFs, and the name that both who attaches and who reads must know."""

from typing import Final

MAX_PDF_BYTES: Final = 64 * 1024 * 1024
"""docs/protocol.md section 3: a file envelope inflates to 64 MiB at most."""

MAX_PAGES: Final = 10_000
"""docs/protocol.md section 5: a seal names no more pages. Of so many only some are drawn."""

ATTESTED_NAME: Final = "attested.json"
"""Name of the attachment that carries the attested document."""

MAX_JSON_BYTES: Final = 1024 * 1024
"""docs/protocol.md section 3: a JSON envelope inflates to 1 MiB at most."""
