"""What a command says of a PDF of the office's own: where its code stands, and what may be done to it first."""

from govseal.adapters.pdf import PRESETS, Notice, Place, Wishes, lock_of
from govseal.adapters.pdf.placing import DEFAULT_SIDE_MM

__all__ = ["DEFAULT_SIDE_MM", "PRESETS", "Notice", "Place", "Wishes", "lock_of"]
