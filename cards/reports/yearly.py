"""The year's reports inside the administration: of one unit, and of a forvaltning with all its units.

Promises: a unit's report sums up its goals and its budget; the joint one does so for all the units, with the shared goals rolled up.
In the joint one units that have not answered are a number, never a name.
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
    return _sections(year, (Section("shared", year.say("section.shared"), attainment.rolled_up(year)),))


def _sections(year: Year, shared: tuple[Section, ...]) -> tuple[Section, ...]:
    return (
        Section("summary", year.say("section.summary"), _summary(year)),
        *shared,
        Section("goals", year.say("section.goals"), goals(year)),
        Section("not_reached", year.say("section.not_reached"), shortfall.analysed(year)),
        Section("initiatives", year.say("section.initiatives"), initiatives.told(year)),
        Section("economy", year.say("section.economy"), economy.told(year)),
        Section("ahead", year.say("section.ahead"), ahead.told(year)),
        Section("basis", year.say("section.basis"), basis.told(year)),
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
    return (attainment.table(year), *attainment.chart(year))
