"""The year's reports inside the administration: of one unit, and of a forvaltning with all its units.

Promises: a unit's report sums up its goals and its budget; the joint one does so for all the units, with the shared goals rolled up.
In the joint one units that have not answered are a number, never a name. Where no goals are told of, or no budget, there is no section of
them.
"""

from __future__ import annotations

from cards.reports import ahead, attainment, basis, economy, initiatives, shortfall
from cards.reports.report import Block, Paragraph, Section
from cards.reports.year import Year


def unit_sections(year: Year) -> tuple[Section, ...]:
    """The year of one unit."""
    return _sections(year, ())


def joint_sections(year: Year) -> tuple[Section, ...]:
    """The year of all the units."""
    shared = (Section("shared", year.say("section.shared"), attainment.rolled_up(year)),) if year.goals else ()
    return _sections(year, shared)


def _sections(year: Year, shared: tuple[Section, ...]) -> tuple[Section, ...]:
    money = (Section("economy", year.say("section.economy"), economy.told(year)),) if year.budgets else ()
    return (
        Section("summary", year.say("section.summary"), _summary(year)),
        *shared,
        *(_of_goals(year) if year.goals else ()),
        Section("initiatives", year.say("section.initiatives"), initiatives.told(year)),
        *money,
        Section("ahead", year.say("section.ahead"), ahead.told(year)),
        Section("basis", year.say("section.basis"), basis.told(year)),
    )


def _of_goals(year: Year) -> tuple[Section, ...]:
    return (
        Section("goals", year.say("section.goals"), goals(year)),
        Section("not_reached", year.say("section.not_reached"), shortfall.analysed(year)),
    )


def _summary(year: Year) -> tuple[Block, ...]:
    if not year.findings.held:
        return (Paragraph(basis.sent(year), "lead"), Paragraph(year.say("basis.empty")))
    return (
        *attainment.summed_up(year),
        *initiatives.in_words(year),
        *economy.in_words(year),
    )


def goals(year: Year) -> tuple[Block, ...]:
    """The table of all goals with their results, and the chart."""
    if not year.goals:
        return (attainment.none(year),)
    return (attainment.table(year), *attainment.missing(year), *attainment.chart(year))
