"""What a report rests on: how many dialogues were sent, of which rounds, and how things are counted.

Promises: who has not answered is never named; it is told as a number.
"""

from __future__ import annotations

from collections import Counter

from cards.reports.prose import day_cell, number_cell, text_cell
from cards.reports.report import Block, Cell, Column, Kind, Paragraph, Shape, Table
from cards.reports.year import Year


def told(year: Year) -> tuple[Block, ...]:
    """How many were sent of how many, round by round, and how it was counted."""
    kind = year.findings.kind
    rounds = _own(year) if kind is Kind.UNIT else _rounds(year)
    how = year.say("basis.how_unit" if kind is Kind.UNIT else "basis.how")
    return (
        Paragraph(sent(year)),
        *((rounds,) if rounds.rows else ()),
        Paragraph(how),
        Paragraph(year.say("basis.open")),
    )


def sent(year: Year) -> str:
    """How many of how many dialogues were sent."""
    held, of = len(year.findings.held), max(year.findings.of, len(year.findings.held))
    if year.round:
        return year.say("basis.sent_round", sent=year.count(held), of=year.count(of))
    return year.say("basis.sent", sent=year.count(held), of=year.count(of), none=not of, whole=held == of)


def _rounds(year: Year) -> Table:
    """How many were sent of each round, in the order the rounds are due."""
    counted = Counter((one.scene.round, one.round_id) for one in year.findings.held)
    due = {one.round_id: one.scene.due for one in reversed(year.findings.held)}
    columns = (
        Column("round", year.say("column.round"), wide=3),
        Column("sent", year.say("column.sent"), Shape.NUMBER),
    )
    ordered = sorted(counted.items(), key=lambda one: (due[one[0][1]], one[0][1], one[0][0].da))
    rows = tuple(
        (Cell(title.in_(year.language), round_id), number_cell(number, year.language))
        for (title, round_id), number in ordered
    )
    return Table("rounds", year.say("basis.rounds"), columns, rows, year.say("basis.rounds_about"))


def _own(year: Year) -> Table:
    """A unit's own dialogues: when they were due, by whom they were sent, and when."""
    columns = (
        Column("round", year.say("column.round"), wide=3),
        Column("due", year.say("column.deadline"), Shape.DAY, 2),
        Column("sent_on", year.say("column.sent_on"), Shape.DAY, 2),
        Column("sent_by", year.say("column.sent_by"), wide=3),
        Column("corrected_on", year.say("column.corrected_on"), Shape.DAY, 2),
    )
    rows = tuple(
        (
            Cell(one.scene.round.in_(year.language), one.round_id),
            day_cell(one.scene.due, year.language),
            day_cell(year.day(one.scene.sent_at), year.language),
            text_cell(one.sent_by),
            day_cell(year.day(one.scene.corrected_at), year.language),
        )
        for one in year.findings.held
    )
    return Table("rounds", year.say("basis.rounds"), columns, rows, year.say("basis.own_about"))
