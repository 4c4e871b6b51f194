"""The goals that are not wholly reached, one by one: why, on what grounds, what follows, and what happens now.

Promises: all of it is what the leaders chose or wrote; what they wrote stands as theirs. A goal that nobody has new figures for says
why. Before politicians nobody who is to do something is named, and what happens now is not told: it was written to the nearest leader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from cards.asking import in_words
from cards.reports.attainment import origin, result, target
from cards.reports.prose import NOTHING, exact, measured, number_cell, stopped
from cards.reports.report import Block, Cell, Column, Fact, Facts, Heading, Kind, Listing, Paragraph, Shape, Table
from cards.reports.year import Year
from dialogs.engine import GOAL, Figures
from dialogs.results import Outcome, Rolled, chosen, judged, offered, roll_up, tally
from dialogs.script import Attainment, Choice, Role
from dialogs.script import Kind as Asked
from dialogs.summary import GoalEntry


def analysed(year: Year, level: int = 2) -> tuple[Block, ...]:
    """Each goal that is not reached or only in part, and after them those that cannot be judged, are off course, or lack figures."""
    return (*reasons(year), *explained(year, level))


def reasons(year: Year) -> tuple[Block, ...]:
    """How many goals are not wholly reached, and how many times each cause was chosen: nobody's own words."""
    return (Paragraph(_lead(year, _short(year))), *_causes(year))


def explained(year: Year, level: int) -> tuple[Block, ...]:
    """The leaders' explanations, goal by goal."""
    return (*(block for goal in _short(year) for block in _goal(year, goal, level)), *_others(year, level))


def _short(year: Year) -> Sequence[Rolled]:
    return [one for one in year.goals if any(outcome.is_short for outcome in one.outcomes)]


def _lead(year: Year, short: Sequence[Rolled]) -> str:
    if not short:
        return year.say("short.none" if judged(tally(year.outcomes)) else "goals.none")
    key = "short.lead_unit" if year.findings.kind is Kind.UNIT else "short.lead_many"
    key = "short.lead_political" if year.is_political else key
    return year.say(key, number=year.count(len(short)), of=year.count(len(year.goals)))


def lines(year: Year) -> Iterator[str]:
    """A line for each goal that is not wholly reached: how many units say so, or the unit with its result."""
    for goal in _short(year):
        named = year.say("short.goal", goal=goal.subject.title)
        if len(goal.outcomes) > 1:
            yield f"{named} {_of_units(year, goal)}"
        else:
            cell = result(year, goal.outcomes[0])
            unit = year.unit(goal.outcomes[0].unit)
            yield f"{named} {year.say('short.unit', unit=unit, symbol=cell.symbol, label=cell.text)}"


def _of_units(year: Year, goal: Rolled) -> str:
    short = sum(one.is_short for one in goal.outcomes)
    return year.say("short.of_units", number=year.count(short), of=year.count(len(goal.outcomes)))


def _goal(year: Year, goal: Rolled, level: int) -> Iterator[Block]:
    short = [one for one in goal.outcomes if one.is_short]
    yield Heading(goal.subject.title, level)
    if year.findings.kind is Kind.UNIT:
        for one in short:
            yield Facts(tuple(facts(year, one)), one.subject.id)
        return
    yield Paragraph(" ".join(_where(year, goal)), "note")
    yield Listing(tuple(point(year, one) for one in short))


def _where(year: Year, goal: Rolled) -> Iterator[str]:
    """Where the goal comes from, its target, and how many of the units that told of it fell short."""
    yield year.say("short.where", source=origin(year, goal.subject))
    meant = target(year, goal).text
    if meant != NOTHING:
        yield stopped(year.say("short.target", target=meant))
    if len(goal.outcomes) > 1:
        yield _of_units(year, goal)


# --- what was said of one goal -------------------------------------------------------------------------------------------------------


def facts(year: Year, outcome: Outcome) -> Iterator[Fact]:
    """Everything that was said of a goal, in the order it was asked; nothing that was left out."""
    said = outcome.said
    yield _fact(year, "result", result(year, outcome))
    if said.status:
        yield _fact(year, "course", _choice(year, said.status))
    yield from _measured(year, outcome)
    if said.challenge:
        yield _fact(year, "challenge", Cell(year.quoted(said.challenge)))
    if said.cause:
        yield _fact(year, "cause", _choice(year, said.cause))
    if said.basis:
        yield _fact(year, "basis", Cell(year.quoted(said.basis)))
    yield from _others_said(year, outcome)
    yield from _what_follows(year, outcome)


def _fact(year: Year, key: str, cell: Cell) -> Fact:
    return Fact(year.say(f"fact.{key}"), cell)


def _choice(year: Year, choice: Choice) -> Cell:
    return Cell(choice.label.in_(year.language), choice.id, choice.symbol)


def _measured(year: Year, outcome: Outcome) -> Iterator[Fact]:
    figures, reading = outcome.subject.figures or Figures(), outcome.reading
    if reading:
        now = measured(reading.value, figures.measure, year.language)
        is_alone = year.findings.kind is Kind.UNIT and figures.target is not None
        aim = measured(figures.target or Decimal(), figures.measure, year.language) if is_alone else ""
        said = year.say("fact.read", figure=now, day=reading.on, target=aim)
        yield _fact(year, "now", Cell(said, exact(reading.value)))
        if reading.source and year.findings.kind is Kind.UNIT:
            yield _fact(year, "read_source", Cell(year.quoted(reading.source)))
    if outcome.said.no_data:
        yield _fact(year, "no_data", Cell(year.quoted(outcome.said.no_data)))
    if outcome.said.next_reading:
        day = outcome.said.next_reading
        yield _fact(year, "next_reading", Cell(year.findings.texts.date(day), day))


def _others_said(year: Year, outcome: Outcome) -> Iterator[Fact]:
    """What the evaluation model asked besides: of one unit's own report a part, elsewhere too much."""
    if year.findings.kind is not Kind.UNIT:
        return
    scene = year.scene(outcome.dialogue)
    for field, value in outcome.said.other:
        answer = in_words(scene, field, value, outcome.subject)
        yield Fact(scene.asks(field.ask), Cell(year.quoted(answer) if field.kind is Asked.TEXT else answer))


def _what_follows(year: Year, outcome: Outcome) -> Iterator[Fact]:
    said = outcome.said
    if said.consequence:
        yield _fact(year, "consequence", _choice(year, said.consequence))
    if said.next and not year.is_political:
        yield _fact(year, "next", Cell(year.quoted(said.next)))
    if who := year.names(outcome.dialogue, said.responsible):
        yield _fact(year, "who", Cell(who))
    if said.by_when:
        yield _fact(year, "when", Cell(year.findings.texts.date(said.by_when), said.by_when))


def point(year: Year, outcome: Outcome) -> str:
    """The same in one paragraph that begins with the unit."""
    cell = result(year, outcome)
    begin = year.say("short.unit", unit=year.unit(outcome.unit), symbol=cell.symbol, label=cell.text)
    return " ".join((begin, *_rest(year, outcome)))


def _marked(cell: Cell) -> str:
    return f"{cell.symbol} {' '.join(cell.text.split())}".strip()


# --- why, counted ---------------------------------------------------------------------------------------------------------------------


def _causes(year: Year) -> tuple[Block, ...]:
    if year.findings.kind is Kind.UNIT:
        return ()
    counted = causes(year)
    return (counted,) if counted.rows else ()


def causes(year: Year) -> Table:
    """How many times each cause was chosen as the most important."""
    short = [one for one in year.outcomes if one.is_short]
    return counted(year, "causes", short, Role.CAUSE, lambda said: said.cause)


def counted(
    year: Year, what: str, among: Sequence[Outcome], role: Role, of: Callable[[GoalEntry], Choice | None]
) -> Table:
    """What was chosen how many times; the choices that nobody made are left out."""
    columns = (
        Column("choice", year.say(f"column.{what}"), wide=4),
        Column("number", year.say("column.times"), Shape.NUMBER),
    )
    found = chosen(among, offered(year.told, role, GOAL), of)
    rows = tuple((_choice(year, choice), number_cell(len(those), year.language)) for choice, those in found)
    return Table(what, year.say(f"counted.{what}"), columns, rows, year.say(f"counted.{what}_about"))


# --- those that are not short of their target, but of something else --------------------------------------------------------------


def _others(year: Year, level: int) -> Iterator[Block]:
    """The goals that cannot be judged yet, those that are not on their way, and those reached without new figures."""
    rest = [one for one in year.outcomes if not one.is_short]
    groups = {
        "short.unknown": [one for one in rest if one.counts_as is Attainment.UNKNOWN],
        "short.off_course": [one for one in rest if one.counts_as is None and _is_off_course(one)],
        "short.no_data": [one for one in rest if one.counts_as is Attainment.REACHED and one.said.no_data],
    }
    for key, found in groups.items():
        if found:
            yield Heading(year.say(key), level)
            yield from _grouped(year, found)


def _grouped(year: Year, found: Sequence[Outcome]) -> Iterator[Block]:
    """A point for each goal of one unit; of many units the goal by name, and a point for each of them."""
    if year.findings.kind is Kind.UNIT:
        yield Listing(tuple(_of_goal(year, one) for one in found))
        return
    for goal in roll_up(found, tuple(year.findings.sources)):
        yield Paragraph(year.say("short.goal", goal=goal.subject.title))
        yield Listing(tuple(_of_unit(year, one) for one in goal.outcomes))


def _is_off_course(outcome: Outcome) -> bool:
    return outcome.said.status is not None and outcome.said.status.concern


def _of_goal(year: Year, outcome: Outcome) -> str:
    return " ".join((year.say("short.goal", goal=outcome.subject.title), *_rest(year, outcome)))


def _of_unit(year: Year, outcome: Outcome) -> str:
    return " ".join((year.say("short.of_unit", unit=year.unit(outcome.unit)), *_rest(year, outcome)))


def _rest(year: Year, outcome: Outcome) -> Iterator[str]:
    """What was said of a goal, but for the result, which is the same for all that stand together."""
    _, *rest = facts(year, outcome)
    return (stopped(f"{one.label}: {_marked(one.cell)}") for one in rest)
