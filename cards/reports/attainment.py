"""How far the goals are reached: the table of all of them, the shared ones rolled up, the chart, and the same in a sentence.

Promises: every goal the report is about stands in the table once. A goal of many units has no result of its own there, but how many
units judged it how; a figure that is not the same for all of them is a span. What the chart shows, its `about` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from cards.reports.prose import (
    NOTHING,
    day_cell,
    figure_cell,
    measured,
    number_cell,
    short_day,
    text_cell,
)
from cards.reports.report import Bar, Block, Cell, Chart, Column, Kind, Paragraph, Part, Shape, Table
from cards.reports.year import Year
from cards.scene import Scene
from dialogs.engine import Figures, Subject
from dialogs.results import Outcome, Rolled, Tally, counted_together, judged, split, tally
from dialogs.script import Attainment, Role
from dialogs.summary import GoalEntry

_ALL_OF_IT = 100
_NARROW = "\N{NO-BREAK SPACE}"


# --- in words ---------------------------------------------------------------------------------------------------------------------


def in_words(year: Year, counts: Tally) -> str:
    """How many are judged how, where any are: 3 er nået, 1 er delvist nået og 2 kan ikke vurderes endnu."""
    return year.findings.texts.listed(_counted(year, one, counts[one]) for one in Attainment if counts[one])


def _counted(year: Year, one: Attainment, number: int) -> str:
    is_unknown = one is Attainment.UNKNOWN
    label = year.attainment(one)
    return year.say("goals.counted", number=year.count(number), label=label, is_unknown=is_unknown)


def marked(year: Year, counts: Tally) -> str:
    """How many are judged how, with their marks, those alone that there are."""
    said = (
        year.say("goals.marked", symbol=year.symbol(one), number=year.count(number), label=year.attainment(one))
        for one, number in counts.items()
        if number
    )
    return " · ".join(one.replace(" ", _NARROW, 1) for one in said)


def result(year: Year, outcome: Outcome) -> Cell:
    """One unit's result: the leader's own choice, with its mark."""
    said, counts = outcome.said, outcome.counts_as
    if said.attained:
        word, symbol = said.attained.label.in_(year.language), said.attained.symbol or year.symbol(counts)
    else:
        word, symbol = year.attainment(counts), year.symbol(counts)
    if counts is None and said.status:
        word = year.say("goals.on_the_way", label=word, status=said.status.label.in_(year.language))
    if said.score is not None:
        word = year.say("goals.scored", label=word, score=score(year, outcome.said, year.scene(outcome.dialogue)))
    return Cell(word, counts.value if counts else "not_judged", symbol)


def score(year: Year, said: GoalEntry, scene: Scene) -> str:
    """The number a goal was judged by, of how many there are to give: 36 %, 3 af 5."""
    asked = (one for section in scene.script.sections for step in section.steps for one in step.fields)
    most = next((one.most for one in asked if one.role is Role.ATTAINMENT), None)
    given = said.score or Decimal()
    if most is None or most == _ALL_OF_IT:
        return measured(given, "%" if most else "", year.language)
    return year.say("goals.of", number=measured(given, "", year.language), of=measured(most, "", year.language))


def none(year: Year) -> Paragraph:
    """That no goals have been judged."""
    return Paragraph(year.say("goals.none_political" if year.is_political else "goals.none"))


def summed_up(year: Year) -> Iterator[Paragraph]:
    """How many goals there are, and how they were judged."""
    if not year.goals:
        yield none(year)
        return
    counts = tally(year.outcomes)
    many = {"goals": year.count(len(year.goals)), "judgements": year.count(judged(counts))}
    key = "goals.sum_unit" if year.findings.kind is Kind.UNIT else "goals.sum_many"
    if judged(counts):
        yield Paragraph(year.say(key, **many, counts=in_words(year, counts)), "lead")
    if counts[None]:
        key = "goals.not_asked_unit" if year.findings.kind is Kind.UNIT else "goals.not_asked"
        yield Paragraph(year.say(key, number=year.count(counts[None]), one=counts[None] == 1))


# --- the table ----------------------------------------------------------------------------------------------------------------------


def table(year: Year) -> Table:
    """Every goal with what it began at, is to reach, is at, and how far it is reached."""
    columns = (
        Column("source", year.say("column.policy" if year.is_political else "column.source"), wide=3),
        Column("goal", year.say("column.goal"), wide=5),
        Column("units", year.say("column.units"), wide=3),
        Column("baseline", year.say("column.baseline"), Shape.NUMBER, 3),
        Column("target", year.say("column.target"), Shape.NUMBER, 2),
        Column("now", year.say("column.now"), Shape.NUMBER, 3),
        Column("read_on", year.say("column.read_on"), Shape.DAY, 3),
        Column("due", year.say("column.due"), Shape.DAY, 3),
        Column("result", year.say("column.result"), wide=4),
    )
    rows = tuple(_row(year, one) for one in year.goals)
    about = year.say("goals.about", number=year.count(len(rows)), columns=_titles(year, columns))
    note = year.say("goals.note_unit" if year.findings.kind is Kind.UNIT else "goals.note_many")
    return Table("goals", year.say("goals.title"), columns, rows, about, note, by="source")


def missing(year: Year) -> tuple[Paragraph, ...]:
    """How many goals are left out since no dialogue about them was sent; nothing where all are there, and never whose."""
    if not year.missing or year.findings.kind is Kind.UNIT:
        return ()
    key = "goals.missing_political" if year.is_political else "goals.missing"
    return (Paragraph(year.say(key, number=year.count(year.missing), one=year.missing == 1), "note"),)


def _titles(year: Year, columns: Sequence[Column]) -> str:
    return year.findings.texts.listed(one.title.lower() for one in columns)


def _row(year: Year, goal: Rolled) -> tuple[Cell, ...]:
    subject = goal.subject
    return (
        Cell(origin(year, subject), subject.source),
        Cell(subject.title, subject.id),
        _units(year, goal),
        baseline(year, goal),
        target(year, goal),
        *now(year, goal),
        _due(year, goal),
        _result(year, goal),
    )


def baseline(year: Year, goal: Rolled) -> Cell:
    """What the goal began at; of goals worded alike, from the lowest to the highest."""
    return _figure(year, goal, [one.baseline for one in goal.each])


def target(year: Year, goal: Rolled) -> Cell:
    """What the goal is to reach; of goals worded alike, from the lowest to the highest."""
    return _figure(year, goal, [one.target for one in goal.each])


def _figure(year: Year, goal: Rolled, values: Sequence[Decimal | None]) -> Cell:
    measure, known = (goal.subject.figures or Figures()).measure, sorted({one for one in values if one is not None})
    if len(known) > 1:
        return Cell(span(year, known[0], known[-1], measure))
    return figure_cell(None if None in values or not known else known[0], measure, year.language)


def span(year: Year, least: Decimal, most: Decimal, measure: str) -> str:
    """From the lowest to the highest."""
    return year.say(
        "goals.span", least=measured(least, measure, year.language), most=measured(most, measure, year.language)
    )


def _due(year: Year, goal: Rolled) -> Cell:
    """The deadline; of goals worded alike that have several, the last of them."""
    days = {one.subject.due_on or (one.subject.figures or Figures()).due_on for one in goal.outcomes}
    known = [one for one in days if one]
    if len(days) < 2 or not known:  # noqa: PLR2004 - one is the same for all
        return day_cell(max(known, default=None), year.language)
    return Cell(year.say("goals.latest", day=short_day(max(known), year.language)), max(known))


def origin(year: Year, subject: Subject) -> str:
    """Where a goal comes from; before politicians, who know the source, the policy alone."""
    if year.is_political or not subject.heading:
        return year.origin(subject)
    return f"{year.source(subject.source)}: {subject.heading}"


def _units(year: Year, goal: Rolled) -> Cell:
    """Whose goal it is: the unit by name, or how many units have told of it."""
    if year.findings.kind is Kind.UNIT:
        units = year.asked(goal)
        return Cell(year.say("goals.shared_by", number=year.count(units))) if units > 1 else _named(year, goal)
    told, of = len(goal.outcomes), year.asked(goal)
    if told < of:
        return Cell(year.say("goals.units_of", number=year.count(told), of=year.count(of)), told)
    if told > 1:
        return Cell(year.say("goals.units", number=year.count(told)), told)
    return _named(year, goal)


def _named(year: Year, goal: Rolled) -> Cell:
    return Cell(year.unit(goal.outcomes[0].unit))


def now(year: Year, goal: Rolled) -> tuple[Cell, Cell]:
    """The latest reading with its day; of many units the lowest and the highest, and the newest day."""
    found, measure = goal.readings, (goal.subject.figures or Figures()).measure
    if not found:
        return Cell(NOTHING), Cell(NOTHING)
    newest = max(one.on for one in found)
    if found[0].value == found[-1].value:
        return figure_cell(found[0].value, measure, year.language), day_cell(newest, year.language)
    lowest_to_highest = span(year, found[0].value, found[-1].value, measure)
    return Cell(lowest_to_highest), Cell(year.say("goals.latest", day=short_day(newest, year.language)), newest)


def _result(year: Year, goal: Rolled) -> Cell:
    return result(year, goal.outcomes[0]) if len(goal.outcomes) == 1 else Cell(marked(year, goal.counts))


# --- goals of many units --------------------------------------------------------------------------------------------------------------


def rolled_up(year: Year) -> tuple[Block, ...]:
    """The shared goals: how many units judged each of them how, and which."""
    shared = [one for one in year.goals if one.is_shared]
    if not shared:
        return (Paragraph(year.say("shared.none")),)
    return (Paragraph(year.say("shared.lead", number=year.count(len(shared)))), _shared(year, shared), by_unit(year))


def _shared(year: Year, shared: Sequence[Rolled]) -> Table:
    columns = (
        Column("source", year.say("column.policy" if year.is_political else "column.source"), wide=3),
        Column("goal", year.say("column.goal"), wide=5),
        Column("units", year.say("column.units"), Shape.NUMBER, 2),
        *(Column(one.value, year.attainment(one), Shape.NUMBER, 2) for one in Attainment),
        Column("not_judged", year.attainment(None), Shape.NUMBER, 2),
        Column("now", year.say("column.now"), Shape.NUMBER, 2),
        Column("target", year.say("column.target"), Shape.NUMBER, 2),
    )
    rows = tuple(_shared_row(year, one) for one in shared)
    about = year.say("shared.about", number=year.count(len(rows)))
    return Table("shared", year.say("shared.title"), columns, rows, about, by="source")


def _shared_row(year: Year, goal: Rolled) -> tuple[Cell, ...]:
    return (
        Cell(origin(year, goal.subject), goal.subject.source),
        Cell(goal.subject.title, goal.subject.id),
        number_cell(len(goal.outcomes), year.language),
        *(number_cell(number, year.language) for number in goal.counts.values()),
        now(year, goal)[0],
        target(year, goal),
    )


def by_unit(year: Year) -> Table:
    """Which units judged each shared goal how, with what they measured: a row for each goal and result."""
    columns = (
        Column("goal", year.say("column.goal"), wide=4),
        Column("result", year.say("column.result"), wide=2),
        Column("number", year.say("column.number"), Shape.NUMBER),
        Column("units", year.say("column.units"), wide=6),
    )
    rows = tuple(row for one in year.goals if one.is_shared for row in _rows_by_result(year, one))
    return Table(
        "shared_units", year.say("shared.units_title"), columns, rows, year.say("shared.units_about"), by="goal"
    )


def _rows_by_result(year: Year, goal: Rolled) -> Iterator[tuple[Cell, ...]]:
    measure = (goal.subject.figures or Figures()).measure
    for one in (*Attainment, None):
        found = [outcome for outcome in goal.outcomes if outcome.counts_as is one]
        named = (_with_reading(year, outcome, measure, is_common=goal.is_common) for outcome in found)
        if found:  # who was followed and has not judged it yet is not named
            yield (
                Cell(goal.subject.title, goal.subject.id),
                Cell(year.attainment(one), one.value if one else "not_judged", year.symbol(one)),
                number_cell(len(found), year.language),
                text_cell("" if one is None else ", ".join(named)),
            )


def _with_reading(year: Year, outcome: Outcome, measure: str, *, is_common: bool) -> str:
    name = year.unit(outcome.unit)
    if is_common or outcome.reading is None:
        return name
    return f"{name} ({measured(outcome.reading.value, measure, year.language)})"


# --- the chart ------------------------------------------------------------------------------------------------------------------------


def chart(year: Year) -> tuple[Chart, ...]:
    """A bar for each source, or policy, in its parts; none where nothing was judged."""
    by = year.origin if year.is_political else (lambda subject: year.source(subject.source))
    counted = [(label, counted_together(goals)) for label, goals in split(year.goals, by).items()]
    counted = [(label, counts) for label, counts in counted if judged(counts)]
    if not counted:
        return ()
    title = year.say("chart.by_policy" if year.is_political else "chart.by_source")
    bars = tuple(Bar(label, parts(year, counts)) for label, counts in counted)
    return (Chart("attainment", title, bars, _about(year, title, counted)),)


def parts(year: Year, counts: Tally) -> tuple[Part, ...]:
    """The four parts of a bar, always all of them."""
    return tuple(Part(one.value, year.attainment(one), year.symbol(one), counts[one]) for one in Attainment)


def _about(year: Year, title: str, counted: Iterable[tuple[str, Tally]]) -> str:
    bars = (year.say("chart.bar", label=label, counts=in_words(year, counts)) for label, counts in counted)
    return " ".join((year.say("chart.about", title=title), *bars))
