"""The basis and record of a unit's dialogues: what was agreed, all that was sent as it was sent, what was replied, what came of it.

Promises: whole. Every answer that was sent stands here, whole and in the words it was given in; every reply and approval with who and
when, those from before a correction marked. It says nothing of the day it is made on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cards.asking import in_names
from cards.reports import verbatim
from cards.reports.attainment import score
from cards.reports.facts import Agreed, Agreement, Held, Unit
from cards.reports.prose import (
    NOTHING,
    capital,
    day_cell,
    figure_cell,
    moment,
    text_cell,
)
from cards.reports.report import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Section,
    Shape,
    Table,
)
from cards.reports.year import Year
from cards.scene import Scene
from cards.wording import DENMARK
from dialogs.engine import Figures, Subject
from dialogs.script import Choice, Field, Script
from dialogs.summary import Entry, GoalEntry, Summary


def sections(year: Year) -> tuple[Section, ...]:
    """The basis, the plan, the dialogues, and what was agreed in them."""
    return (
        Section("basis", year.say("record.basis"), _basis(year)),
        Section("plan", year.say("record.plan"), _plan(year)),
        Section("dialogues", year.say("record.dialogues"), _dialogues(year)),
        Section("actions", year.say("record.actions"), _actions(year)),
    )


# --- the agreements ------------------------------------------------------------------------------------------------------------------


def _basis(year: Year) -> tuple[Block, ...]:
    made = _marked(year)
    blocks = tuple(block for mark, unit, one in made for block in _agreement(year, mark, unit, one))
    return blocks or (Paragraph(year.say("record.no_agreement")),)


def _marked(year: Year) -> Iterator[tuple[str, Unit, Agreement]]:
    """The agreements, each with what is put after the ids of its tables: nothing for the first of them."""
    for number, (unit, one) in enumerate(year.findings.agreements, start=1):
        yield "" if number == 1 else f"-{number}", unit, one


def _agreement(year: Year, mark: str, unit: Unit, one: Agreement) -> Iterator[Block]:
    yield Heading(_title(year, one))
    period = year.say("record.period", first=one.first, last=one.last)
    said = (
        ("unit", Cell(unit.name)),
        *((("counterpart", Cell(one.counterpart or year.say("record.vacant"))),) if one.is_signed else ()),
        ("period", Cell(period)),
        ("code", Cell(one.code)),
        ("agreement_version", Cell(str(one.version), one.version)),
    )
    facts = (Fact(year.say(f"fact.{key}"), cell, is_of_today=key == "counterpart") for key, cell in said)
    yield Facts(tuple(facts), f"agreement{mark}")
    if one.signatures:
        yield _signatures(year, mark, one)
    elif one.is_signed:
        yield Paragraph(year.say("record.unsigned"))
    if one.amendments:
        yield _amendments(year, mark, one)


def _title(year: Year, one: Agreement) -> str:
    said = capital(one.title.in_(year.language))
    return year.say("record.agreement", title=said, first=one.first, last=one.last)


def _signatures(year: Year, mark: str, one: Agreement) -> Table:
    columns = (
        Column("party", year.say("column.party"), wide=3),
        Column("name", year.say("column.name"), wide=3),
        Column("at", year.say("column.at"), wide=3),
    )
    rows = tuple(
        (Cell(year.say(f"party.{signed.party}"), signed.party), Cell(signed.name), at_cell(year, signed.at))
        for signed in one.signatures
    )
    return Table(f"signatures{mark}", year.say("record.signatures"), columns, rows, year.say("record.signatures_about"))


def _amendments(year: Year, mark: str, one: Agreement) -> Table:
    columns = (
        Column("version", year.say("column.version"), Shape.NUMBER),
        Column("what", year.say("column.what"), wide=6),
        Column("name", year.say("column.by"), wide=3),
        Column("at", year.say("column.at"), wide=3),
    )
    rows = tuple(
        (
            Cell(str(amended.version), amended.version),
            Cell(amended.what),
            text_cell(amended.name),
            at_cell(year, amended.at),
        )
        for amended in one.amendments
    )
    return Table(f"amendments{mark}", year.say("record.amendments"), columns, rows, year.say("record.amendments_about"))


def at_cell(year: Year, at: datetime) -> Cell:
    """A moment in Denmark: in words, and exactly."""
    return Cell(moment(at, year.language), at.astimezone(DENMARK).isoformat(timespec="seconds"))


# --- what was planned -----------------------------------------------------------------------------------------------------------------


def _plan(year: Year) -> tuple[Block, ...]:
    blocks = [
        block
        for mark, _, one in _marked(year)
        for block in (Heading(_title(year, one)), _goals(year, mark, one), _initiatives(year, mark, one))
    ]
    return tuple(blocks) or (Paragraph(year.say("record.no_agreement")),)


def _source(year: Year, one: Agreement, subject: Subject) -> Cell:
    label = one.sources.get(subject.source)
    said = label.in_(year.language) if label else year.source(subject.source)
    return Cell(": ".join(filter(None, (said, subject.heading))), subject.source)


def _goals(year: Year, mark: str, one: Agreement) -> Table:
    columns = (
        Column("source", year.say("column.source"), wide=3),
        Column("objective", year.say("column.objective"), wide=3),
        Column("goal", year.say("column.goal"), wide=5),
        Column("evidence", year.say("column.evidence"), wide=3),
        Column("baseline", year.say("column.baseline"), Shape.NUMBER, 2),
        Column("target", year.say("column.target"), Shape.NUMBER, 2),
        Column("due", year.say("column.due"), Shape.DAY, 2),
        Column("next_reading", year.say("column.next_reading"), Shape.DAY, 2),
    )
    rows = tuple(_goal(year, one, subject) for subject in one.goals)
    return Table(
        f"plan_goals{mark}", year.say("record.goals"), columns, rows, year.say("record.goals_about"), by="source"
    )


def _goal(year: Year, one: Agreement, subject: Subject) -> tuple[Cell, ...]:
    figures = subject.figures or Figures()
    return (
        _source(year, one, subject),
        text_cell(subject.goal),
        Cell(subject.title, subject.id),
        text_cell(figures.evidence),
        figure_cell(figures.baseline, figures.measure, year.language),
        figure_cell(figures.target, figures.measure, year.language),
        day_cell(subject.due_on or figures.due_on, year.language),
        day_cell(figures.next_reading_on, year.language),
    )


def _initiatives(year: Year, mark: str, one: Agreement) -> Table:
    columns = (
        Column("source", year.say("column.source"), wide=3),
        Column("goal", year.say("column.goal"), wide=4),
        Column("initiative", year.say("column.initiative"), wide=5),
        Column("due", year.say("column.due"), Shape.DAY, 2),
    )
    rows = tuple(
        (
            _source(year, one, subject),
            text_cell(subject.goal),
            Cell(subject.title, subject.id),
            day_cell(subject.due_on, year.language),
        )
        for subject in one.initiatives
    )
    return Table(
        f"plan_initiatives{mark}",
        year.say("record.initiatives"),
        columns,
        rows,
        year.say("record.plan_about"),
        by="source",
    )


# --- what was sent ---------------------------------------------------------------------------------------------------------------------


def _dialogues(year: Year) -> tuple[Block, ...]:
    blocks = tuple(block for one in _kept(year) for block in _dialogue(year, one))
    return blocks or (Paragraph(year.say("record.none_sent")),)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A dialogue with what it said, and a mark of its own for the ids of its tables."""

    mark: str
    held: Held
    summary: Summary


def _kept(year: Year) -> Iterator[_Kept]:
    """The dialogues; those of one round, of two agreements, are told apart by a number."""
    seen: Counter[str] = Counter()
    for held, told in zip(year.findings.held, year.told, strict=True):
        seen[held.round_id] += 1
        number = seen[held.round_id]
        yield _Kept(held.round_id if number == 1 else f"{held.round_id}-{number}", held, told.summary)


def _dialogue(year: Year, kept: _Kept) -> Iterator[Block]:
    held, summary = kept.held, kept.summary
    yield Heading(_called(year, held))
    yield Facts(tuple(_when(year, held)), f"dialogue-{kept.mark}")
    if summary.talk:
        yield Heading(year.say("record.points"), 3)
        yield Listing(tuple(one.subject.title for one in summary.talk), is_numbered=True)
    yield from _of_initiatives(year, kept)
    yield from _of_goals(year, kept)
    yield from _closing(year, kept)
    yield from _replies(year, kept)


def _called(year: Year, held: Held) -> str:
    """The round; where several owners answer in one, with whoever did."""
    title = held.scene.round.in_(year.language)
    return year.say("record.of_owner", round=title, who=held.sent_by) if held.is_owners and held.sent_by else title


def _when(year: Year, held: Held) -> Iterator[Fact]:
    scene = held.scene
    yield Fact(year.say("fact.deadline"), Cell(year.findings.texts.date(scene.due), scene.due))
    yield Fact(year.say("fact.sent_by"), text_cell(held.sent_by))
    if scene.sent_at:
        yield Fact(year.say("fact.sent_at"), at_cell(year, scene.sent_at))
    if scene.corrected_at:
        yield Fact(year.say("fact.corrected_at"), at_cell(year, scene.corrected_at))
    yield Fact(year.say("fact.revision"), Cell(year.count(scene.revision), scene.revision))


def _of_initiatives(year: Year, kept: _Kept) -> Iterator[Block]:
    held, entries = kept.held, kept.summary.entries
    if not entries:
        return
    yield Heading(year.say("record.statuses"), 3)
    columns = (
        Column("source", year.say("column.source"), wide=3),
        Column("initiative", year.say("column.initiative"), wide=5),
        Column("status", year.say("column.status"), wide=3),
        Column("before", year.say("column.before"), wide=3),
        Column("due", year.say("column.due"), Shape.DAY, 2),
        Column("new_due", year.say("column.new_due"), Shape.DAY, 2),
    )
    rows = tuple(_status_row(year, held, one) for one in entries)
    yield Table(
        f"statuses-{kept.mark}",
        year.say("record.statuses"),
        columns,
        rows,
        year.say("record.statuses_about"),
        by="source",
    )
    for one in entries:
        yield from _said(kept, one, tuple(verbatim.of_initiative(year, held.scene, one)))


def _said(kept: _Kept, one: Entry | GoalEntry, facts: tuple[Fact, ...]) -> Iterator[Block]:
    """What was said of an initiative or a goal under its own heading; nothing where the table has said it all."""
    if facts:
        yield Heading(one.subject.title, 4)
        yield Facts(facts, f"{kept.mark}-{one.subject.id}")


def _status_row(year: Year, held: Held, one: Entry) -> tuple[Cell, ...]:
    def chosen(found: Choice | None) -> Cell:
        return Cell(found.label.in_(year.language), found.id, found.symbol) if found else Cell(NOTHING)

    label = held.scene.sources.get(one.subject.source)
    source = label.in_(year.language) if label else year.source(one.subject.source)
    return (
        Cell(": ".join(filter(None, (source, one.subject.heading))), one.subject.source),
        Cell(one.subject.title, one.subject.id),
        chosen(one.status),
        chosen(one.before),
        day_cell(one.subject.due_on, year.language),
        day_cell(one.deadline, year.language),
    )


def _of_goals(year: Year, kept: _Kept) -> Iterator[Block]:
    if not kept.summary.goals:
        return
    yield Heading(year.say("record.judged"), 3)
    columns = (
        Column("goal", year.say("column.goal"), wide=5),
        Column("now", year.say("column.new_reading"), Shape.NUMBER, 2),
        Column("read_on", year.say("column.read_on"), Shape.DAY, 2),
        Column("target", year.say("column.target"), Shape.NUMBER, 2),
        Column("result", year.say("column.result"), wide=3),
    )
    rows = tuple(_goal_row(year, one, kept.held.scene) for one in kept.summary.goals)
    yield Table(f"goals-{kept.mark}", year.say("record.judged"), columns, rows, year.say("record.judged_about"))
    for one in kept.summary.goals:
        yield from _said(kept, one, tuple(verbatim.of_goal(year, kept.held.scene, one)))


def _goal_row(year: Year, one: GoalEntry, scene: Scene) -> tuple[Cell, ...]:
    figures = one.subject.figures or Figures()
    return (
        Cell(one.subject.title, one.subject.id),
        figure_cell(one.reading, figures.measure, year.language),
        day_cell(one.reading_on, year.language),
        figure_cell(figures.target, figures.measure, year.language),
        _judged(year, one, scene),
    )


def _judged(year: Year, one: GoalEntry, scene: Scene) -> Cell:
    if one.counts_as is None and one.status:
        return Cell(one.status.label.in_(year.language), one.status.id, one.status.symbol)
    counts, symbol = one.counts_as, year.symbol(one.counts_as)
    word = one.attained.label.in_(year.language) if one.attained else year.attainment(counts)
    if one.score is not None:
        word = year.say("goals.scored", label=word, score=score(year, one, scene))
    return Cell(word, counts.value if counts else "not_judged", symbol)


def _closing(year: Year, kept: _Kept) -> Iterator[Block]:
    """The answers about the whole dialogue under the name of what was asked; last what the leader wants to talk about."""
    scene = kept.held.scene
    found: dict[str, list[Fact]] = {}
    for field, value in kept.summary.closing:
        fact = verbatim.asked(year, scene, field, value)
        found.setdefault(_section(year, scene.script, field), []).append(fact)
    for title, facts in found.items():
        yield Heading(title, 3)
        yield Facts(tuple(facts))
    if kept.summary.remark:
        yield Heading(year.say("record.remark"), 3)
        yield Paragraph(year.quoted(kept.summary.remark), "quote")


def _section(year: Year, script: Script, field: Field) -> str:
    sections = (one for one in script.sections if any(field in step.fields for step in one.steps))
    title = next((one.title for one in sections), None)
    return title.in_(year.language) if title else year.say("ahead.other")


def _replies(year: Year, kept: _Kept) -> Iterator[Block]:
    said = kept.held.scene.responses
    if not said:
        yield Paragraph(year.say("record.no_replies"))
        return
    columns = (
        Column("at", year.say("column.at"), wide=3),
        Column("who", year.say("column.name"), wide=3),
        Column("kind", year.say("column.kind"), wide=3),
        Column("text", year.say("column.said"), wide=6),
    )
    rows = tuple(
        (
            at_cell(year, one.at),
            Cell(one.who),
            Cell(_kind(year, one.kind, is_before=one.is_before), one.kind),
            Cell(year.quoted(one.text) if one.text else NOTHING),
        )
        for one in said
    )
    yield Heading(year.say("record.replies"), 3)
    yield Table(f"replies-{kept.mark}", year.say("record.replies"), columns, rows, year.say("record.replies_about"))


def _kind(year: Year, kind: str, *, is_before: bool) -> str:
    said = year.say(f"reply.{kind}")
    return year.say("record.before_correction", said=said) if is_before else said


# --- what came of it -------------------------------------------------------------------------------------------------------------------


def _actions(year: Year) -> tuple[Block, ...]:
    rows = tuple(row for kept in _kept(year) for row in _rows(year, kept))
    if not rows:
        return (Paragraph(year.say("record.no_actions")),)
    columns = (
        Column("what", year.say("column.what"), wide=5),
        Column("who", year.say("column.who"), wide=3),
        Column("due", year.say("column.when"), Shape.DAY, 2),
        Column("state", year.say("column.state"), wide=2),
        Column("subject", year.say("column.subject"), wide=4),
        Column("round", year.say("column.round"), wide=3),
    )
    about, note = year.say("record.actions_about"), year.say("record.actions_note")
    return (Table("actions", year.say("record.actions"), columns, rows, about, note),)


def _rows(year: Year, kept: _Kept) -> Iterator[tuple[Cell, ...]]:
    """What one dialogue says happens now, each with the initiative or the goal it was said of."""
    held = kept.held
    said: tuple[Entry | GoalEntry, ...] = (*kept.summary.entries, *kept.summary.goals)
    left = [one for one in said for _ in range(_acting(one))]
    for one in held.actions:
        said_of = _said_of(held, left, one)
        if said_of:
            left.remove(said_of)
        yield (
            Cell(one.what),
            text_cell(one.who),
            day_cell(one.due_on, year.language),
            Cell(year.say("record.done" if one.is_done else "record.open"), "done" if one.is_done else "open"),
            text_cell(said_of.subject.title if said_of else one.initiative),
            Cell(held.scene.round.in_(year.language), held.round_id),
        )


def _acting(said: Entry | GoalEntry) -> int:
    """How many actions what was said gives: one for each who acts."""
    who = said.responsible
    return max(1, len(who["people"]) + bool(who["others"])) if who else 1


def _said_of(held: Held, said: Iterable[Entry | GoalEntry], action: Agreed) -> Entry | GoalEntry | None:
    """What an action was said of: the first of those left that it can be, one that names whoever acts before the others."""
    same = [one for one in said if (one.next, one.by_when) == (action.what, action.due_on)]
    same = [one for one in same if one.subject.title == action.initiative] or same
    theirs = [one for one in same if one.responsible and action.who in in_names(held.scene, one.responsible)]
    return next(iter(theirs or same), None)
