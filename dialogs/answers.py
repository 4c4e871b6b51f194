"""From what a person typed or picked to a value, or the reason why not.

Promises: nothing that is refused is ever stored, and a refusal says which field and how to mend it (`problem.<key>` in the
texts). A value is JSON as it is kept: a choice's id, a text, an ISO date, a number as "12.5", or people as
{"people": [ids], "others": text}.
CPR numbers: ten digits whose first six are a date (source: the CPR Office; since 2007 the check digit proves nothing, so it is
not asked for), with the usual separators, full-width digits and replacement numbers (day + 60) included.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypedDict

from dialogs.numbers import MOST_DIGITS, NotRead, as_typed, canonical, read_number
from dialogs.script import Field, Kind, Step

Raw = str | tuple[str, ...]
OTHERS = "__others"
OTHERS_LIMIT = 300
YEARS_AHEAD = 10


class People(TypedDict):
    """Colleagues by id, and others in words."""

    people: list[int]
    others: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field's input was refused: a key among the texts' problems, and what its wording needs."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Read:
    """What a step's inputs came to: values by field id, or problems by field id. Never both."""

    values: Mapping[str, object]
    problems: Mapping[str, Problem]


def read_step(step: Step, inputs: Mapping[str, Raw], known: frozenset[int], today: date) -> Read:
    """Read every field of a step. `known` are the people who may be picked; optional fields left empty have no value."""
    values: dict[str, object] = {}
    problems: dict[str, Problem] = {}
    for one in step.fields:
        outcome = _read_field(one, inputs, known, today)
        if isinstance(outcome, Problem):
            problems[one.id] = outcome
        elif outcome is not None:
            values[one.id] = outcome
        elif not one.optional:
            problems[one.id] = Problem("choice" if one.kind is Kind.CHOICE else "required")
    return Read({}, problems) if problems else Read(values, {})


def _read_field(one: Field, inputs: Mapping[str, Raw], known: frozenset[int], today: date) -> object | Problem | None:
    raw = inputs.get(one.id, "")
    match one.kind:
        case Kind.CHOICE:
            return _read_choice(one, _as_text(raw))
        case Kind.TEXT:
            return _read_text(_as_text(raw), one.limit)
        case Kind.DATE:
            return _read_date(_as_text(raw), today, past=one.past)
        case Kind.NUMBER | Kind.AMOUNT:
            return _read_number(one, _as_text(raw))
        case Kind.PEOPLE:
            picked = raw if isinstance(raw, tuple) else tuple(filter(None, [raw]))
            return _read_people(picked, _as_text(inputs.get(one.id + OTHERS, "")), known)


def _as_text(raw: Raw) -> str:
    return clean(raw if isinstance(raw, str) else " ".join(raw))


def clean(text: str) -> str:
    """Text as it is kept: one kind of line break, no control characters or lone surrogates, no blank ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def _read_choice(one: Field, text: str) -> str | Problem | None:
    if not text:
        return None
    return text if one.choice(text) else Problem("choice")


def _read_text(text: str, limit: int) -> str | Problem | None:
    if not text:
        return None
    return text_problem(text, limit) or text


def text_problem(text: str, limit: int) -> Problem | None:
    """What is wrong with a text before it may be kept: a CPR number, or too many characters."""
    if looks_like_cpr(text):
        return Problem("cpr")
    if len(text) > limit:
        return Problem("too_long", {"limit": limit, "over": len(text) - limit})
    return None


def _read_people(picked: tuple[str, ...], others: str, known: frozenset[int]) -> People | Problem | None:
    ids = [int(one) for one in picked if re.fullmatch(r"[0-9]{1,12}", one)]
    if len(ids) != len(picked) or not known.issuperset(ids):
        return Problem("unknown_person")
    if problem := text_problem(others, OTHERS_LIMIT):
        return problem
    return {"people": sorted(set(ids)), "others": others} if ids or others else None


_PRODUCTION_UNIT = re.compile(r"\bP-?(?:nummer|nr)\b\.?:? ?\d{10}(?!\d)", re.IGNORECASE | re.ASCII)  # ten digits too
_CPR = re.compile(  # looked for at every number anew: a telephone number before it must not swallow its first digits
    r"(?<!\d)(?=(\d{2})[ .\-/\u00a0]{0,2}(\d{2})[ .\-/\u00a0]{0,2}(?:(?:18|19|20)(?=\d{2}[ ,\-]))?(\d{2})"
    r"[\s,.\-/\u00a0\u2010-\u2015\u2212]{0,5}(\d{2} ?\d{2})(?!\d))",
    re.ASCII,
)
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
_REPLACEMENT_DAY = 60
_LAST_DAY, _LAST_MONTH = 31, 12


def looks_like_cpr(text: str) -> bool:
    """Whether something in the text has the shape of a CPR number."""
    flat = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    flat = "".join(str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char for char in flat)
    flat = _PRODUCTION_UNIT.sub("", flat)
    return any(_is_birth_date(int(day), int(month)) for day, month, _, _ in _CPR.findall(flat))


def _is_birth_date(day: int, month: int) -> bool:
    day = day - _REPLACEMENT_DAY if day > _REPLACEMENT_DAY else day
    return 1 <= day <= _LAST_DAY and 1 <= month <= _LAST_MONTH


MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januar", "january"), ("feb", "februar", "february"), ("mar", "marts", "march"), ("apr", "april"),
            ("maj", "may"), ("jun", "juni", "june"), ("jul", "juli", "july"), ("aug", "august"),
            ("sep", "sept", "september"), ("okt", "oktober", "oct", "october"), ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})[./\- ]+(\d{1,2})[./\- ]+(\d{4}|\d{2})", re.ASCII)
_WORDS = re.compile(r"(?:d(?:en)?\.? )?(\d{1,2})\.? ?([a-zæøå]+)\.?(?:,? ?(\d{4}))?", re.ASCII | re.IGNORECASE)


def _read_date(text: str, today: date, *, past: bool = False) -> str | Problem | None:
    if not text:
        return None
    day = parse_date(text, today, past=past)
    if day is None:
        return Problem("date")
    return (_not_behind(day, today) if past else _not_ahead(day, today)) or day.isoformat()


def _not_behind(day: date, today: date) -> Problem | None:
    if day > today:
        return Problem("future_date", {"day": day})
    if day < today - timedelta(days=366 * YEARS_AHEAD):
        return Problem("long_past_date", {"day": day})
    return None


def _not_ahead(day: date, today: date) -> Problem | None:
    if day < today:
        return Problem("past_date", {"day": day})
    if day > today + timedelta(days=366 * YEARS_AHEAD):
        return Problem("far_date", {"day": day})
    return None


def parse_date(text: str, today: date, *, past: bool = False) -> date | None:
    """A day as Danes (and ISO) write it; without a year, the next such day, or the last one. None when it is no date."""
    text = text.strip().lower()
    try:
        if match := _ISO.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _NUMBERS.fullmatch(text):
            return date(_full_year(match[3]), int(match[2]), int(match[1]))
        if (match := _WORDS.fullmatch(text)) and match[2] in MONTHS:
            return _in_words(int(match[1]), MONTHS[match[2]], match[3], today, past=past)
    except ValueError:
        return None
    return None


def _full_year(text: str) -> int:
    return int(text) if len(text) > len("27") else 2000 + int(text)


def _in_words(day: int, month: int, year: str | None, today: date, *, past: bool) -> date:
    if year is not None:
        return date(int(year), month, day)
    this_year = date(today.year, month, day)
    if past:
        return this_year if this_year <= today else date(today.year - 1, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _read_number(one: Field, text: str) -> str | Problem | None:
    if not text:
        return None
    if looks_like_cpr(text):
        return Problem("cpr")
    number = read_number(text, amount=one.kind is Kind.AMOUNT)
    if isinstance(number, NotRead):
        return _not_read(one, number)
    if one.least is not None and number < one.least:
        return Problem("number_least", {"least": as_typed(canonical(one.least))})
    if one.most is not None and number > one.most:
        return Problem("number_most", {"most": as_typed(canonical(one.most))})
    return canonical(number)


def _not_read(one: Field, why: NotRead) -> Problem:
    match why.key:
        case "number_point":
            return Problem(why.key, {"meant": why.meant})
        case "number_long":
            return Problem(why.key, {"most": MOST_DIGITS})
        case "number" if one.kind is Kind.AMOUNT:
            return Problem("amount")
        case _:
            return Problem(why.key)


def carried(
    step: Step, before: Mapping[str, object] | None, known: frozenset[int], today: date
) -> Mapping[str, object] | None:
    """Last round's answer to a step as it can be kept today, or None when it must be asked again.

    Fields that are not carried are left empty; a day that has passed, or a colleague who has left, is not kept.
    """
    if before is None:
        return None
    if not before and step.skip:
        return {}  # skipped last time, and unchanged means skipped again
    inputs: dict[str, Raw] = {}
    for one in step.fields:
        if one.carry and one.id in before:
            inputs |= as_inputs(one, before[one.id])
    outcome = read_step(step, inputs, known, today)
    return None if outcome.problems else outcome.values


def as_inputs(one: Field, value: object) -> dict[str, Raw]:
    """A kept value as the inputs that would give it again."""
    if one.kind is Kind.PEOPLE:
        people = as_people(value)
        return {one.id: tuple(str(person) for person in people["people"]), one.id + OTHERS: people["others"]}
    typed = as_typed(str(value)) if one.kind in (Kind.NUMBER, Kind.AMOUNT) else str(value)
    return {one.id: typed}


def as_number(value: object) -> Decimal | None:
    """A kept value as a number; None when it is none."""
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def as_people(value: object) -> People:
    """A kept value as people; nobody when it is none."""
    if not isinstance(value, Mapping):
        return {"people": [], "others": ""}
    return {"people": [int(one) for one in value.get("people", ())], "others": str(value.get("others", ""))}


def as_day(value: object) -> date | None:
    """A kept value as a day; None when it is none."""
    return date.fromisoformat(value) if isinstance(value, str) and value else None
