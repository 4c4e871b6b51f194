"""What every drawing of ours needs: text as XML can hold it, and in lines that fit.

Promises: pure. How wide a text becomes is a guess on the wide side: no typeface is read.
"""

from __future__ import annotations

from html import escape
from textwrap import wrap

LOCALES = {"da": "da_DK", "en": "en_GB"}
LETTER = 0.53  # a letter's width against the size of its type, on the whole


def lines(text: str, width: float, size: float, *, most: int = 4) -> list[str]:
    """The text in lines that fit; what is left over ends in an ellipsis."""
    letters = max(int(width / (size * LETTER)), 1)
    return wrap(text, letters, max_lines=most, placeholder=" …") or [""]


def safe(text: str) -> str:
    """The text as XML can hold it."""
    return escape("".join(char if char.isprintable() else " " for char in text))
