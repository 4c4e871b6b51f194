"""Figures as people write them: numbers with the thousands and the comma of the language, amounts in kroner, a trend in a few marks.

Promises: pure, and exact: a decimal is shown with every digit it was given, never rounded. A trend is drawn beside its figures in
words, never instead of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_decimal

_LEVELS = "▁▂▃▄▅▆▇█"
_NARROW = "\N{NO-BREAK SPACE}"  # a number is not parted from what it counts


def number(value: Decimal, language: str) -> str:
    """A number: 1.250,5 in Danish, 1,250.5 in English."""
    decimals = max(-int(value.as_tuple().exponent), 0) if value.is_finite() else 0
    pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    return str(format_decimal(value, format=pattern, locale=language, decimal_quantization=False))


def measured(value: Decimal, measure: str, language: str) -> str:
    """A number with what it counts: 4,9 %, 12 dage."""
    said = number(value, language)
    if not measure:
        return said
    return f"{said}{'' if measure == '%' and language == 'en' else _NARROW}{measure}"


def amount(value: Decimal, language: str) -> str:
    """An amount of Danish kroner: kr. 1.250.000."""
    return f"{'DKK' if language == 'en' else 'kr.'}{_NARROW}{number(value, language)}"


def trend(values: Sequence[Decimal]) -> str:
    """The values as marks of their height, the highest the top and the lowest half way up; nothing for fewer than two.

    Drawn from nought, 71 and 74 would look alike; the figures stand in words beside the marks.
    """
    if len(values) < 2:  # noqa: PLR2004 - one value is no trend
        return ""
    lowest, highest = min(values), max(values)
    span = highest - lowest
    if not span:
        return _LEVELS[len(_LEVELS) // 2] * len(values)
    steps = len(_LEVELS) - 1
    return "".join(_LEVELS[round((value - lowest + span) / (2 * span) * steps)] for value in values)
