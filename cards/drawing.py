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


def width_of(text: str, size: float) -> float:
    """How wide a line becomes, at most, in pixels: figures and capitals are wider than the rest, symbols as wide as they are high."""
    return size * sum(_wide(char) for char in text)


def _wide(char: str) -> float:
    if char in " .,:;!|ijlt'·-–()fr":
        return 0.34
    if not char.isalnum() or char in "mwMW@":
        return 0.95
    return 0.7 if char.isupper() else 0.57


def fitted(text: str, width: float, size: float) -> str:
    """The text, or as much of it as there is room for with an ellipsis."""
    if width_of(text, size) <= width:
        return text
    room = width - width_of("…", size)
    end = next((at for at in range(len(text)) if width_of(text[: at + 1], size) > room), len(text))
    return text[:end].rstrip(" ,-–") + "…"


def safe(text: str) -> str:
    """The text as XML can hold it."""
    return escape("".join(char if char.isprintable() else " " for char in text))
