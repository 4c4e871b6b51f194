"""People's text as it may stand in a file of any kind: characters that no document can hold are gone, directions are closed.

Promises: pure; everything that can be seen stays as it was written. Says nothing of markup: whoever writes a file escapes for it.
"""

from __future__ import annotations

import re
from typing import Final

from cards.bidi import contained

# What XML 1.0 has no way to say: controls but tab and line break, lone surrogates, and two that are no characters.
_UNWRITABLE: Final = re.compile("[^\t\n\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKS: Final = re.compile("\r\n?|\x0b|\x0c|\u2028|\u2029|\u0085")


def clean(text: str) -> str:
    """Return the text with every sort of line break as a newline, nothing unwritable in it, and its marks of direction closed."""
    return contained(_UNWRITABLE.sub("", _BREAKS.sub("\n", text)))


def flat(text: str) -> str:
    """Return the text without any line break; not clean yet, and made so once."""
    return " ".join(_BREAKS.sub("\n", text).split("\n"))


def one_line(text: str) -> str:
    """Return the text, clean, without any line break."""
    return clean(flat(text))
