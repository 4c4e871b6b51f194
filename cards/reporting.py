"""Cards of asking for a report, of its making, and of what comes of it.

Promises: the ordinary report is preselected; how big it is, and how far its making has come, is said in words. Says nothing of what
stands in a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal

from cards.card import (
    Button,
    Buttons,
    Card,
    Input,
    Note,
    Option,
    Para,
    Part,
    Points,
    Press,
    Progress,
    Row,
    Run,
    Style,
    Title,
)
from cards.reports.report import Format, Kind
from cards.wording import Texts

OPEN, ORDER = "report", "report_now"
KIND, YEAR, FORMAT = "kind", "year", "format"
"""The fields of the card."""
KNOWN = frozenset(
    {
        "not-theirs-to-see",
        "nothing-sent",
        "fault",
        "missing-scope",
        "possibly-delivered",
        "given-up",
        "not-allowed",
        "bad-template",
    }
    | {"no-such-report", "no-political-goals", "upload-refused", "file-uploads-disabled", "storage-limit-reached"}
)
"""The reasons for which there is a sentence of its own."""
_PUBLIC = frozenset({Kind.COMMITTEE, Kind.COUNCIL})
"""The reports that end on an agenda, which everybody can read."""
_THOUSAND, _MILLION = 1000, 1_000_000


@dataclass(frozen=True, slots=True)
class About:
    """Which report it is: of which unit, for which year, as what. `unit_id` is 0 for the whole municipality."""

    texts: Texts
    unit_id: int
    unit: str
    kind: Kind
    year: int
    format: Format

    def say(self, key: str, /, **params: object) -> str:
        """A sentence about it."""
        return self.texts.say(key, **({"report": self.name, "unit": self.unit, "year": self.year} | params))

    @property
    def name(self) -> str:
        """Årsrapport 2027 for Børnehuset Solsikken."""
        kind = self.texts.say(f"report_kind.{self.kind.value}")
        return self.texts.say("reporting.name", kind=kind, unit=self.unit, year=self.year)

    @property
    def form(self) -> str:
        """Word."""
        return self.texts.say(f"report_format.{self.format.value}")

    @property
    def open(self) -> Press:
        """What opens the card on which it is asked for."""
        return Press(OPEN, value=str(self.unit_id))


def asked(about: About, kinds: Sequence[Kind], years: Sequence[int], note: str = "") -> Card:
    """Which report, for which year, as what; what `about` names is chosen already."""
    say = about.texts.say
    parts: list[Part] = [
        Title(say("reporting.title", unit=about.unit)),
        *([Note(note)] if note else []),
        _choice(KIND, say("reporting.which"), about.kind.value, [_option(about, one) for one in kinds]),
        _choice(YEAR, say("reporting.year"), str(about.year), [Option(str(one), str(one)) for one in years]),
        _choice(
            FORMAT,
            say("reporting.format"),
            about.format.value,
            [Option(one.value, say(f"report_format.{one.value}")) for one in Format],
        ),
        _quiet(say("reporting.sent_alone")),
        Buttons((Button(say("button.make_report"), Press(ORDER, value=str(about.unit_id)), "primary"),)),
    ]
    return Card("report", tuple(parts), say("reporting.title", unit=about.unit), about.texts.language)


def _option(about: About, kind: Kind) -> Option:
    say = about.texts.say
    return Option(kind.value, say(f"report_kind.{kind.value}"), say(f"report_about.{kind.value}"))


def _choice(field: str, label: str, value: str, options: Sequence[Option]) -> Input:
    return Input(field, "choice", label, value=value, options=tuple(options))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit a report can be about: what it is called, what it is below, and the press that asks for one."""

    name: str
    above: str
    press: Press


def choose(texts: Texts, line: str, units: Sequence[Unit], example: tuple[str, int] | None, *, is_more: bool) -> Card:
    """Which unit it is to be about, the first of more if so; `example` is a unit and a year that can be named instead."""
    rows = [
        Row(
            (Run(one.name, Style.STRONG), *([Run(f"\n{one.above}")] if one.above else [])),
            Button(texts.say("reporting.pick"), one.press),
        )
        for one in units
    ]
    parts: list[Part] = [Title(line), *rows]
    if is_more:
        parts.append(Note(texts.say("reporting.first", shown=len(units))))
    if example:
        parts.append(_quiet(texts.say("reporting.name_it", unit=example[0], year=example[1])))
    return Card("report", tuple(parts), line, texts.language)


def ordered(about: About, sent: int, of: int, *, is_long: bool, is_again: bool = False) -> Card:
    """That it is being made, from how much, and where it comes."""
    lines = [about.say("reporting.made_already" if is_again else "reporting.making", format=about.form)]
    lines += [about.say("reporting.rests_on", sent=sent, of=of)]
    lines += [about.say("reporting.takes_time")] if is_long else []
    parts: tuple[Part, ...] = (Title(about.name), *(_para(line) for line in lines))
    return Card("report", parts, lines[0], about.texts.language)


def waits(about: About, under_way: int) -> Card:
    """That it is not begun, since as many as there may be are under way already; with the way to ask again."""
    line = about.say("reporting.waits", count=under_way)
    parts = (Title(about.name), _para(line), Buttons((Button(about.say("button.ask_again"), about.open),)))
    return Card("report", parts, line, about.texts.language)


def progress(about: About, done: int, of: int) -> Card:
    """How far its making has come."""
    words = about.say("reporting.progress", done=done, of=of)
    parts = (Title(about.name), Progress(done, of, words))
    return Card("report", parts, about.say("reporting.making", format=about.form), about.texts.language)


def ready(about: About, size: int) -> Card:
    """That it is there; `size` is in bytes."""
    line = about.say("reporting.ready", format=about.form, size=in_bytes(size, about.texts.language))
    say = about.texts.say
    care = say("reporting.own_words") if about.kind in _PUBLIC else say("reporting.personal")
    return Card(
        "report",
        (Title(about.name), _para(line), _quiet(care)),
        about.say("reporting.ready_short"),
        about.texts.language,
    )


def refused(about: About, reason: str) -> Card:
    """Why it was not made, with a way to ask again; to those who may not see the unit it is not named."""
    if reason == "not-theirs-to-see":
        return Card("report", (_para(why(about, reason)),), why(about, reason), about.texts.language)
    way = Buttons((Button(about.say("button.ask_again"), about.open),))
    parts = (Title(about.name), _para(why(about, reason)), way)
    return Card("report", parts, about.say("reporting.not_made"), about.texts.language)


def why(about: About, reason: str) -> str:
    """Why a report was not made or did not arrive."""
    return about.say(f"report_why.{reason.replace('-', '_')}" if reason in KNOWN else "report_why.other")


def lost(about: About, reason: str) -> Card:
    """That it was made and could not be handed over."""
    parts: tuple[Part, ...] = (
        Title(about.name),
        _para(about.say("reporting.lost")),
        Points(((_para(why(about, reason)),),), numbered=False),
        Buttons((Button(about.say("button.ask_again"), about.open),)),
    )
    return Card("report", parts, about.say("reporting.lost"), about.texts.language)


def declined(about: About) -> Card:
    """That it was not wanted after all."""
    parts = (_para(about.say("reporting.declined")), Buttons((Button(about.say("button.ask_again"), about.open),)))
    return Card("report", parts, about.say("reporting.declined"), about.texts.language)


def nothing(texts: Texts) -> Card:
    """That there is no such report for them: the same sentence as for one that does not exist."""
    line = texts.say("reporting.not_yours")
    return Card("refusal", (_para(line),), line, texts.language)


def in_bytes(size: int, language: str) -> str:
    """A size as people read it: 48 kB, 1,2 MB."""
    locale = "en_GB" if language == "en" else "da_DK"
    if size < _MILLION:
        return f"{max(round(size / _THOUSAND), 1)}\u00a0kB"
    return f"{format_decimal(round(size / _MILLION, 1), locale=locale)}\u00a0MB"


def _para(text: str) -> Para:
    return Para((Run(text),))


def _quiet(text: str) -> Para:
    return Para((Run(text, Style.QUIET),))
