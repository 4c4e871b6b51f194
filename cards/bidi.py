"""Text that runs from right to left, or pretends to: kept inside its own borders.

Promises: a text stays as written to the eye; marks that it opens it also closes, and those it closes it has opened, line by line,
so that nothing around it is reordered. A <bdi> alone does not hold a closing mark that nobody opened.
"""

from __future__ import annotations

_OPENING = "\u2066\u2067\u2068"  # LRI, RLI, FSI
_ISOLATE, _CLOSE = "\u2068", "\u2069"  # FSI, PDI
_STEERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def contained(text: str) -> str:
    """Return the text with every line that holds a mark of direction closed in an isolate of its own."""
    if _STEERING.isdisjoint(text):
        return text
    return "\n".join(map(_line, text.split("\n")))  # a line break ends every direction


def _line(line: str) -> str:
    if _STEERING.isdisjoint(line):
        return line
    depth = unopened = 0
    for character in line:
        if character in _OPENING:
            depth += 1
        elif character == _CLOSE and depth:
            depth -= 1
        elif character == _CLOSE:
            unopened += 1
    return _ISOLATE * (unopened + 1) + line + _CLOSE * (depth + 1)
