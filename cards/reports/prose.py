"""The reports' own sentences by key, and figures, amounts and days as they stand in a table.

Promises: read once a process, in both languages; a missing key or parameter is a fault. A figure is shown with every digit it was
given, and its cell holds it exactly. A municipality changes what stands around its reports in its own Word templates.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime

from cards import figures
from cards.reports.report import Cell
from cards.wording import DENMARK, LOCALES, Texts, read_sentences
from dialogs.numbers import canonical
from dialogs.script import LANGUAGES

_FOLDER = Path(__file__).parent.parent / "texts"
_SHORT = "d. MMM y"
_MOMENT = {"da": "d. MMMM y 'kl.' HH.mm", "en": "d MMMM y 'at' HH:mm"}
_OERE = Decimal("0.01")
NOTHING = "–"
"""What stands in a cell that has nothing to tell."""


@cache
def prose(language: str) -> Texts:
    """The sentences of the reports in a language; Danish for one we do not speak."""
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    return Texts(spoken, read_sentences(_FOLDER / f"reports.{spoken}.yaml"))


def exact(value: Decimal) -> Decimal:
    """The number without noughts that say nothing, however it was kept."""
    return Decimal(canonical(value))


def measured(value: Decimal, measure: str, language: str) -> str:
    """A figure with what it counts: 4,9 %."""
    return figures.measured(exact(value), measure, language)


def amount(value: Decimal, language: str) -> str:
    """Kroner: kr. 1.250.000, and kr. 1.250.000,50 where there are øre."""
    said = exact(value)
    has_one_decimal = said.as_tuple().exponent == -1
    return figures.amount(said.quantize(_OERE) if has_one_decimal else said, language)


def short_day(day: date, language: str) -> str:
    """A day as it stands in a table: 14. sep. 2027."""
    return str(format_date(day, _SHORT if language == "da" else "d MMM y", locale=LOCALES[language]))


def moment(at: datetime, language: str) -> str:
    """A day and a time in Denmark: 10. marts 2027 kl. 09.15."""
    return str(format_datetime(at, _MOMENT[language], tzinfo=DENMARK, locale=LOCALES[language]))


def figure_cell(value: Decimal | None, measure: str, language: str) -> Cell:
    """A figure, or that there is none."""
    return Cell(NOTHING) if value is None else Cell(measured(value, measure, language), exact(value))


def amount_cell(value: Decimal | None, language: str) -> Cell:
    """An amount, or that there is none."""
    return Cell(NOTHING) if value is None else Cell(amount(value, language), exact(value))


def day_cell(day: date | None, language: str) -> Cell:
    """A day, or that there is none."""
    return Cell(NOTHING) if day is None else Cell(short_day(day, language), day)


def number_cell(number: int, language: str) -> Cell:
    """A count."""
    return Cell(figures.number(Decimal(number), language), number)


def text_cell(text: str) -> Cell:
    """Words, or that there are none."""
    return Cell(text or NOTHING)


_SPELT = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "é": "e", "ß": "ss"})


def file_name(*words: str) -> str:
    """Words as the name of a file: lower case letters, digits and hyphens."""
    spelt = " ".join(words).lower().translate(_SPELT)
    return re.sub(r"[^a-z0-9]+", "-", spelt).strip("-")


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    """The text with a full stop, unless it ends a sentence already."""
    return text if text.endswith((".", "?", "!", "…", ".«", "?«", "!«", ".”", "?”", "!”")) else f"{text}."
