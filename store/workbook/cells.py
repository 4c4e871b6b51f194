"""One cell of a workbook -> the value it holds, or the reason why not.

Promises: bad input gives a `Refused`, never an exception. Spaces around and doubled within are not content, nor are control
characters. Numbers are read as Danes write them: comma before decimals, point between thousands. So `1.200` is one thousand two
hundred, because a point followed by exactly three digits separates thousands; `4.9` and `0.125` can only be decimals and are read
so. Knows nothing of sheets and rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches

from dialogs.script import Wording
from store.workbook import phrases
from store.workbook.sheets import Column, Holds, Words

Value = str | date | Decimal | tuple[str, ...] | None
Raw = str | int | float | bool | datetime | date | time | timedelta | Decimal | None

EXCELS_DIGITS = 15  # a number in Excel is exact to this many significant digits
FIRST_YEAR, LAST_YEAR = 1950, 2149  # a year outside these is a slip of the finger
LONGEST_NUMBER = 40  # characters that a number may take, written out; what both databases keep whole


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. `format` is Excel's number format; `error` is the error it shows, `pending` an uncalculated formula."""

    value: Raw
    format: str = "General"
    error: str = ""
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The cell cannot be read as its column; `what` says why, and how to mend it."""

    what: Wording


EMPTY = Cell(None)


def read_cell(cell: Cell, column: Column, words: Words) -> Value | Refused:
    """The value of a cell in that column; `words` are those a WORD column takes. An empty cell is the column's default."""
    if cell.pending:
        return Refused(phrases.not_calculated())
    if cell.error:
        return Refused(phrases.error_value(cell.error))
    if isinstance(cell.value, str):
        cell = Cell(tidy(_unescaped(cell.value)) or None, cell.format)
    if cell.value is None:
        return Refused(phrases.missing(column.header)) if column.required else _nothing(column)
    if column.holds is Holds.WORD:
        return _word(cell, column, words)
    value = _READERS[column.holds](cell)
    if isinstance(value, str) and column.limit and len(value) > column.limit:
        return Refused(phrases.too_long(len(value), column.limit))
    return value


def _nothing(column: Column) -> Value:
    return () if column.holds is Holds.CODES else column.default


def tidy(text: str) -> str:
    """The text without what nobody sees: control and zero-width characters, spaces around it or doubled in it.

    A letter written as itself and its ring (as a Mac may) is the same letter, so that codes with å are found.
    """
    spaced = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _unseen(char))
    return unicodedata.normalize("NFC", " ".join(spaced.split()))


def is_blank(text: str) -> bool:
    """Whether nobody would see anything in it."""
    return all(char.isspace() or _unseen(char) for char in text)


def nearest(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or nothing."""
    by_folded = {plain(one): one for one in known}
    close = get_close_matches(plain(word), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def plain(text: str) -> str:
    """The text as it compares: lower case, æ ø å spelled out, nothing but letters and digits."""
    spelled = text.casefold().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    return "".join(char for char in unicodedata.normalize("NFKD", spelled) if char.isalnum())


def _unseen(char: str) -> bool:
    # Control characters and lone surrogates; and what Excel and web pages leave behind, one by one, for the rest of that
    # category holds the joiner in family emoji.
    return unicodedata.category(char) in {"Cc", "Cs"} or char in "\u200b\u2060\ufeff\u00ad\ufffe\uffff"


def _unescaped(text: str) -> str:
    """The text without Excel's own escape for characters that XML cannot hold."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), text)


def _text(cell: Cell) -> str | Refused:
    match cell.value:
        case str() as text:
            return text
        case bool() | datetime() | date() | time() | timedelta() as other:
            return Refused(phrases.not_text(other))
        case number:
            return _written(number, cell.format)


def _written(number: float | Decimal | None, number_format: str) -> str:
    """A number that stands where a text belongs: a code 12, shown as 0012 where the format says so."""
    text = format(_exact(number), "f").removesuffix(".0")
    return text.zfill(len(number_format)) if set(number_format) == {"0"} else text.replace(".", ",")


def _code(cell: Cell) -> str | Refused:
    text = _text(cell)
    return Refused(phrases.semicolon_in_code(text)) if isinstance(text, str) and ";" in text else text


def _codes(cell: Cell) -> tuple[str, ...] | Refused:
    text = _text(cell)
    if isinstance(text, Refused):
        return text
    return tuple(sorted({part.strip() for part in text.split(";")} - {""}))


def _channel(cell: Cell) -> str | Refused | None:
    text = _text(cell)
    if isinstance(text, Refused):
        return text
    name = text.lstrip("#").strip()
    return Refused(phrases.spaces_in_channel(text)) if " " in name else name or None


_ADDRESS = re.compile(r"[^@\s;,<>()\"]+@[^@\s;,<>()\"]+\.[^@\s;,<>()\".]+")


def _email(cell: Cell) -> str | Refused:
    text = _text(cell)
    if isinstance(text, Refused):
        return text
    address = text.lower().removeprefix("mailto:").strip("<> ")
    return address if _ADDRESS.fullmatch(address) else Refused(phrases.not_an_address(text))


_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[-./ ](?P<month>\d{1,2})[-./ ](?P<year>\d{4})")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ]00:00(?::00)?)?")
_EXCELS_DAYS = range(18264, 91313)  # 1950 to 2149 as Excel counts days: a date whose cell lost its date format
_DAY_ZERO = date(1899, 12, 30)


def _date(cell: Cell) -> date | Refused:
    match cell.value:
        case datetime() as instant:
            return _likely(instant.date(), instant.date())
        case date() as day:
            return _likely(day, day)
        case bool():
            return Refused(phrases.not_a_date(cell.value))
        case int() | float() as number if number == int(number) and int(number) in _EXCELS_DAYS:
            return _DAY_ZERO + timedelta(days=int(number))
        case str() as text:
            return _written_date(text)
        case other:
            return Refused(phrases.not_a_date(other))


def _written_date(text: str) -> date | Refused:
    match = _DAY_FIRST.fullmatch(text) or _YEAR_FIRST.fullmatch(text)
    if match is None:
        return Refused(phrases.not_a_date(text))
    try:
        return _likely(date(int(match["year"]), int(match["month"]), int(match["day"])), text)
    except ValueError:
        return Refused(phrases.no_such_day(text))


def _likely(day: date, written: object) -> date | Refused:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else Refused(phrases.unlikely_year(written))


_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:[. ]\d{3})+(?:,\d+)?")
_COMMA = re.compile(r"-?\d+(?:,\d+)?")
_POINT = re.compile(r"-?\d+\.\d+")
_ENGLISH = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+\.\d+")


def _number(cell: Cell) -> Decimal | Refused:
    match cell.value:
        case str() as text:
            return _kept(_written_number(text), text)
        case bool() | datetime() | date() | time() | timedelta() as other:
            return Refused(phrases.not_a_number(other))
        case number:
            exact = _exact(number)
            return _kept(exact * 100 if "%" in cell.format else exact, number)  # Excel shows 0.049 as 4,9 %


def _exact(number: float | Decimal | None) -> Decimal:
    """The number as it was typed, without what binary fractions add."""
    return Decimal(format(number, f".{EXCELS_DIGITS}g")) if isinstance(number, float) else Decimal(number or 0)


def _kept(number: Decimal | Refused, value: object) -> Decimal | Refused:
    """The number, if both databases can keep it as it is."""
    if isinstance(number, Refused) or len(format(number, "f")) <= LONGEST_NUMBER:
        return number
    return Refused(phrases.unlikely_number(value))


def _written_number(text: str) -> Decimal | Refused:
    bare = re.sub(r"^kr\.?\s*|\s*(?:%|kr\.?)$", "", text.lower().replace("−", "-").replace("–", "-")).strip()
    if not bare.isascii():  # digits of other scripts are digits to a regular expression
        return Refused(phrases.not_a_number(text))
    if _THOUSANDS.fullmatch(bare):
        return Decimal(bare.replace(".", "").replace(" ", "").replace(",", "."))
    if _COMMA.fullmatch(bare):
        return Decimal(bare.replace(",", "."))
    if _POINT.fullmatch(bare):
        return Decimal(bare)
    if _ENGLISH.fullmatch(bare):
        return Decimal(bare.replace(",", ""))
    return Refused(phrases.not_a_number(text))


def _word(cell: Cell, column: Column, words: Words) -> str | Refused:
    text = _text(cell)
    if isinstance(text, Refused):
        return text
    if text.lower() in words:
        return words[text.lower()]
    if column.outlives:
        return text  # it may have been known once: what is stored decides
    offered = offer(words)
    return Refused(phrases.unknown_word(text, column.header, offered, nearest(text, offered)))


def offer(words: Words) -> tuple[str, ...]:
    """The words to show: the first for each value."""
    first: dict[str, str] = {}
    for word, value in words.items():
        first.setdefault(value, word)
    return tuple(first.values())


_READERS: dict[Holds, Callable[[Cell], Value | Refused]] = {
    Holds.CODE: _code,
    Holds.CODES: _codes,
    Holds.TEXT: _text,
    Holds.CHANNEL: _channel,
    Holds.EMAIL: _email,
    Holds.DATE: _date,
    Holds.NUMBER: _number,
}
