"""What a command says of a PDF of the office's own: where its code stands, and what may be done to it first."""

from govseal.adapters.pdf import PRESETS, Notice, Place, Wishes, lock_of

__all__ = ["PRESETS", "Notice", "Place", "Wishes", "lock_of"]
