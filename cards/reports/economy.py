"""The budgets, as the units told of them: what each has, what it expects, whether it holds, and why where it does not.

Promises: kroner are exact; a difference is what is expected less what is budgeted, said in words as well. Totals are of those units
alone that told both. Whether a budget holds is the leader's own answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cards.reports.prose import NOTHING, amount, amount_cell, exact, stopped
from cards.reports.report import Block, Cell, Column, Fact, Facts, Heading, Kind, Listing, Paragraph, Shape, Table
from cards.reports.year import Year
from dialogs.results import Budget, totals


def told(year: Year, level: int = 2) -> tuple[Block, ...]:
    """The table, the totals where there are many units, and inside the house why some budgets do not hold; or that nobody was asked."""
    if not year.budgets:
        return (Paragraph(year.say("economy.none")),)
    why = () if year.is_political else explained(year, level)
    return (*_lead(year), table(year), *_totals(year), *why)


def _lead(year: Year) -> tuple[Block, ...]:
    if year.findings.kind is Kind.UNIT:
        return ()
    return (Paragraph(year.say("economy.lead", number=year.count(len(year.budgets)), one=len(year.budgets) == 1)),)


def table(year: Year) -> Table:
    """What each unit has, expects, and answered."""
    columns = (
        Column("unit", year.say("column.unit"), wide=4),
        Column("budget", year.say("column.budget"), Shape.AMOUNT, 3),
        Column("expected", year.say("column.expected"), Shape.AMOUNT, 3),
        Column("difference", year.say("column.difference"), Shape.AMOUNT, 3),
        Column("holds", year.say("column.holds"), wide=3),
    )
    rows = tuple(_row(year, one) for one in year.budgets)
    note = year.say("economy.note")
    return Table("economy", year.say("economy.title"), columns, rows, year.say("economy.about"), note)


def _row(year: Year, one: Budget) -> tuple[Cell, ...]:
    holds = one.holds
    return (
        Cell(year.unit(one.unit)),
        amount_cell(one.budget, year.language),
        amount_cell(one.expected, year.language),
        difference(year, one.difference),
        Cell(holds.label.in_(year.language), holds.id, holds.symbol) if holds else Cell(NOTHING),
    )


def difference(year: Year, value: Decimal | None) -> Cell:
    """How much more or less is expected than budgeted, in words; below nought it is less."""
    if value is None:
        return Cell(NOTHING)
    key = "economy.more" if value > 0 else "economy.less" if value < 0 else "economy.even"
    return Cell(year.say(key, amount=amount(abs(value), year.language)), exact(value))


def _totals(year: Year) -> tuple[Block, ...]:
    whole = totals(year.budgets)
    if whole is None or len(year.budgets) == 1:
        return ()
    facts = (
        Fact(year.say("economy.units"), Cell(year.count(whole.units), whole.units)),
        Fact(year.say("column.budget"), amount_cell(whole.budget, year.language)),
        Fact(year.say("column.expected"), amount_cell(whole.expected, year.language)),
        Fact(year.say("column.difference"), difference(year, whole.difference)),
    )
    return (Facts(facts, "economy_total"),)


def explained(year: Year, level: int) -> Iterator[Block]:
    """Why some budgets do not hold, in the leaders' words; nothing where all do."""
    said = [one for one in year.budgets if one.deviation is not None or one.cause or one.remedy]
    if said:
        yield Heading(year.say("economy.deviations"), level)
        yield Listing(tuple(_why(year, one) for one in said))


def _why(year: Year, one: Budget) -> str:
    parts = [_how_much(year, one)]
    if one.cause:
        parts.append(stopped(year.say("economy.cause", text=year.quoted(" ".join(one.cause.split())))))
    if one.remedy:
        parts.append(stopped(year.say("economy.remedy", text=year.quoted(" ".join(one.remedy.split())))))
    return " ".join(parts)


def _how_much(year: Year, one: Budget) -> str:
    """Which way it goes where both numbers say so, else the deviation as it was told."""
    unit, is_told = year.unit(one.unit), one.deviation is not None
    if one.difference and (not is_told or abs(one.difference) == one.deviation):
        return year.say("economy.expects", unit=unit, difference=difference(year, one.difference).text)
    if one.deviation is None:
        return year.say("economy.of_unit", unit=unit)
    return year.say("economy.deviation", unit=unit, amount=amount(one.deviation, year.language))


def in_words(year: Year) -> tuple[Paragraph, ...]:
    """The budget in a sentence, for the head of a report; nothing where nobody told of one."""
    whole = totals(year.budgets)
    if whole is None:
        return ()
    said = {
        "budget": amount(whole.budget, year.language),
        "expected": amount(whole.expected, year.language),
        "difference": difference(year, whole.difference).text if whole.difference else "",
    }
    if year.findings.kind is Kind.UNIT:
        return (Paragraph(year.say("economy.sum_unit", **said)),)
    return (Paragraph(year.say("economy.sum", **said, number=year.count(whole.units), one=whole.units == 1)),)
