"""How the initiatives go: counted by source and status, and those that are delayed or stopped in the leaders' words.

Promises: every initiative the report is about is counted once, as it was last told. Before politicians nobody is named, and what the
leaders wrote of them is left out: it was written to the nearest leader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cards.asking import in_names
from cards.reports.attainment import origin
from cards.reports.prose import NOTHING, day_cell, number_cell, stopped
from cards.reports.report import Block, Cell, Column, Fact, Facts, Heading, Kind, Listing, Paragraph, Shape, Table
from cards.reports.year import Year
from dialogs.engine import INITIATIVE
from dialogs.results import Standing, offered, statuses
from dialogs.script import Choice, Role

DEEPEST = 3
"""The level of the smallest heading there is."""


def told(year: Year, level: int = 2) -> tuple[Block, ...]:
    """The counts; of one unit every initiative, of many those that are delayed or stopped."""
    if not year.standings:
        return (Paragraph(year.say("initiatives.none")),)
    whole = (every(year),) if year.findings.kind is Kind.UNIT else ()
    return (*counted(year), *whole, *concerns(year, level))


def counted(year: Year) -> tuple[Block, ...]:
    """How many there are of each status; or that there are none."""
    if not year.standings:
        return (Paragraph(year.say("initiatives.none")),)
    return (*in_words(year), counts(year))


def in_words(year: Year) -> tuple[Paragraph, ...]:
    """How many there are, and how many are delayed or stopped; nothing where there are none."""
    if not year.standings:
        return ()
    many = {"number": year.count(len(year.standings)), "one": len(year.standings) == 1}
    late = sum(one.is_concern for one in year.standings)
    return (Paragraph(year.say("initiatives.lead", **many, concerns=year.count(late))),)


def choices(year: Year) -> tuple[Choice, ...]:
    """Every status an initiative can have here, in the order offered."""
    return offered(year.told, Role.STATUS, INITIATIVE)


def counts(year: Year) -> Table:
    """How many initiatives have each status, by where they come from."""
    asked = choices(year)
    columns = (
        Column("source", year.say("column.policy" if year.is_political else "column.source"), wide=3),
        *(Column(one.id, one.label.in_(year.language), Shape.NUMBER, 2) for one in asked),
        Column("total", year.say("column.total"), Shape.NUMBER, 2),
    )
    found: dict[str, list[Standing]] = {}
    for one in year.standings:
        label = year.origin(one.subject) if year.is_political else year.source(one.subject.source)
        found.setdefault(label, []).append(one)
    rows = tuple(_counted(year, label, those, asked) for label, those in found.items())
    return Table("initiatives", year.say("initiatives.title"), columns, rows, year.say("initiatives.about"))


def _counted(year: Year, label: str, those: Sequence[Standing], asked: Sequence[Choice]) -> tuple[Cell, ...]:
    numbers = (number for _, number in statuses(those, asked))
    return (
        Cell(label, those[0].subject.source),
        *(number_cell(number, year.language) for number in numbers),
        number_cell(len(those), year.language),
    )


def every(year: Year) -> Table:
    """Each initiative with its status and its deadline."""
    columns = (
        Column("source", year.say("column.source"), wide=3),
        Column("initiative", year.say("column.initiative"), wide=5),
        Column("goal", year.say("column.goal"), wide=4),
        Column("status", year.say("column.status"), wide=3),
        Column("due", year.say("column.due"), Shape.DAY, 2),
        Column("new_due", year.say("column.new_due"), Shape.DAY, 2),
    )
    rows = tuple(_row(year, one) for one in year.standings)
    return Table(
        "every_initiative",
        year.say("initiatives.every"),
        columns,
        rows,
        year.say("initiatives.every_about"),
        by="source",
    )


def _row(year: Year, one: Standing) -> tuple[Cell, ...]:
    return (
        Cell(origin(year, one.subject), one.subject.source),
        Cell(one.subject.title, one.subject.id),
        Cell(one.subject.goal or NOTHING),
        status(year, one),
        day_cell(one.subject.due_on, year.language),
        day_cell(one.said.deadline, year.language),
    )


def status(year: Year, one: Standing) -> Cell:
    """The status the leader chose, with its mark."""
    chosen = one.said.status
    return Cell(chosen.label.in_(year.language), chosen.id, chosen.symbol) if chosen else Cell(NOTHING)


def concerns(year: Year, level: int = 2) -> Iterator[Block]:
    """Those that are delayed or stopped, under a heading of their own; nothing where there are none."""
    found = [one for one in year.standings if one.is_concern]
    if not found:
        return
    yield Heading(year.say("initiatives.concerns"), level)
    if year.findings.kind is Kind.UNIT:
        for one in found:
            yield Heading(one.subject.title, level + 1)
            yield Facts(tuple(facts(year, one)), one.subject.id)
        return
    for source, those in _by_origin(year, found).items():
        yield Heading(source, level + 1) if level < DEEPEST else Paragraph(source)
        yield Listing(tuple(_point(year, one) for one in those))


def _by_origin(year: Year, those: Iterable[Standing]) -> dict[str, list[Standing]]:
    found: dict[str, list[Standing]] = {}
    for one in those:
        found.setdefault(origin(year, one.subject), []).append(one)
    return found


def facts(year: Year, one: Standing) -> Iterator[Fact]:
    """What was said of an initiative that is delayed or stopped."""
    said, texts = one.said, year.findings.texts
    yield Fact(year.say("fact.status"), status(year, one))
    if said.deadline:
        yield Fact(year.say("fact.new_due"), Cell(texts.date(said.deadline), said.deadline))
    if year.is_political:
        return
    if said.challenge:
        yield Fact(year.say("fact.challenge"), Cell(year.quoted(said.challenge)))
    if said.remedy:
        yield Fact(year.say("fact.remedy"), Cell(year.quoted(said.remedy)))
    if said.involve:
        yield Fact(year.say("fact.involve"), Cell(in_names(year.scene(one.dialogue), said.involve)))
    if said.next:
        yield Fact(year.say("fact.next"), Cell(year.quoted(said.next)))
    if who := year.names(one.dialogue, said.responsible):
        yield Fact(year.say("fact.who"), Cell(who))
    if said.by_when:
        yield Fact(year.say("fact.when"), Cell(texts.date(said.by_when), said.by_when))


def _point(year: Year, one: Standing) -> str:
    """An initiative of many: the unit, the status, and where it may be told the challenge and what happens now."""
    cell = status(year, one)
    begin = year.say(
        "initiatives.point", initiative=one.subject.title, unit=year.unit(one.unit), symbol=cell.symbol, label=cell.text
    )
    short = {year.say("fact.challenge"), year.say("fact.next"), year.say("fact.new_due")}
    rest = (fact for fact in facts(year, one) if fact.label in short)
    return " ".join((begin, *(stopped(f"{fact.label}: {' '.join(fact.cell.text.split())}") for fact in rest)))
