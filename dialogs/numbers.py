"""Numbers as Danes write them: 12,5 and 1.200 and 4,9 %, kr. 1.250.000 and 1,2 mio.

Promises: pure. What could be two numbers is asked about, never guessed: a point is for thousands, so "1.2" is refused and "1,2"
suggested. A number that is kept is canonical: `canonical` gives the same text for the same number, however it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

MOST_DIGITS = 15
_LONGEST = 40  # characters: more is no number, whatever it is
_PLAIN: dict[int, int | str] = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-"),
    **{0xFF01 + place: 0x21 + place for place in range(94)},  # full-width signs
}
_DANISH = re.compile(r"(\d+|[1-9]\d{0,2}(?:(?:\.\d{3})+|(?: \d{3})+))(?:,(\d+))?", re.ASCII)
_ALONE = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)", re.ASCII)
_POINTED = re.compile(r"(\d+)\.(\d+)", re.ASCII)
_PERCENT = re.compile(r" ?(?:%|pct\.?|procent)$", re.ASCII)
_KRONER = re.compile(r" ?(?:kr\.?|kroner|dkk)$", re.ASCII)
_KRONER_FIRST = re.compile(r"^(?:kr\.?|dkk) ?", re.ASCII)
_AND_NOTHING = re.compile(r"(?<=\d),-+$", re.ASCII)  # 500,-
_SIZES = (
    (re.compile(r" ?(?:tkr|t\. ?kr|tusind|tusinde)\.?$", re.ASCII), 1_000),
    (re.compile(r" ?(?:mio|million|millioner)\.?$", re.ASCII), 1_000_000),
    (re.compile(r" ?(?:mia|milliard|milliarder)\.?$", re.ASCII), 1_000_000_000),
)
_SMALLEST_COIN = 2  # decimals


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why a text is no number: the key of a problem, and the text that was probably meant, where there is one."""

    key: str
    meant: str = ""


def read_number(text: str, *, amount: bool = False) -> Decimal | NotRead:
    """The number a text says, or why it says none. An amount is in kroner and may be said in thousands or millions."""
    flat = " ".join(text.translate(_PLAIN).lower().split())
    if len(flat) > _LONGEST or sum(char.isdigit() for char in flat) > MOST_DIGITS:
        return NotRead("number_long")
    bare, factor = _bare(flat, amount=amount)
    sign, digits = (-1, bare[1:].strip()) if bare.startswith("-") else (1, bare)
    found = _DANISH.fullmatch(digits)
    if found is None:
        return _why_not(digits, flat)
    whole, decimals = re.sub(r"[. ]", "", found[1]), found[2] or "0"
    value = sign * factor * Decimal(f"{whole}.{decimals}")
    if amount and value != round(value, _SMALLEST_COIN):
        return NotRead("amount_decimals")
    return value


def _bare(flat: str, *, amount: bool) -> tuple[str, int]:
    """The number without its measure, and what it is to be multiplied by."""
    bare = _KRONER.sub("", _KRONER_FIRST.sub("", flat))
    if not amount:
        return _PERCENT.sub("", bare), 1
    bare = _AND_NOTHING.sub("", bare)
    for pattern, size in _SIZES:
        # "t.kr." ends in "kr.", so it is looked for in what was written too
        for written in (bare, _KRONER_FIRST.sub("", flat)):
            if pattern.search(written):
                return pattern.sub("", written), size
    return bare, 1


def _why_not(digits: str, flat: str) -> NotRead:
    if pointed := _POINTED.fullmatch(digits):
        return NotRead("number_point", f"{pointed[1]},{pointed[2]}")
    if len(_ALONE.findall(flat)) > 1:
        return NotRead("number_two")
    return NotRead("number")


def canonical(value: Decimal) -> str:
    """The number as it is kept: 12.5, 1200, -3."""
    said = format(value, "f")
    said = said.rstrip("0").rstrip(".") if "." in said else said
    return "0" if said == "-0" else said


def as_typed(kept: str) -> str:
    """A kept number as it could have been typed: 12,5."""
    return kept.replace(".", ",")
