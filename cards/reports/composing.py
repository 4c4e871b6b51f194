"""From findings to a report: what stands in each of the five kinds, in which order, under which name.

Promises: pure. The same findings give the same report. Every section that is there has something in it, if only a sentence that there
is nothing to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from cards.reports import data
from cards.reports.facts import Findings
from cards.reports.political import committee_sections, council_sections
from cards.reports.prose import capital, file_name
from cards.reports.record import sections as record_sections
from cards.reports.report import Block, Cell, Fact, Facts, Kind, Report, Section
from cards.reports.year import Year
from cards.reports.yearly import joint_sections, unit_sections

_SECTIONS: Final[Mapping[Kind, Callable[[Year], tuple[Section, ...]]]] = {
    Kind.RECORD: record_sections,
    Kind.UNIT: unit_sections,
    Kind.JOINT: joint_sections,
    Kind.COMMITTEE: committee_sections,
    Kind.COUNCIL: council_sections,
}


def compose(findings: Findings) -> Report:
    """The report of the kind that was asked for, in the language of the findings."""
    year, kind = Year(findings), findings.kind
    report = Report(
        kind=kind,
        language=year.language,
        name=file_name(year.say(f"name.{kind.value}"), year.place, str(findings.year), *filter(None, [year.round])),
        title=_title(year),
        subtitle=year.say(f"subtitle.{kind.value}", has_budget=bool(year.budgets)),
        municipality=findings.municipality,
        made=_made(year),
        made_on=findings.today,
        facts=Facts(tuple(_facts(year)), "about"),
        sections=_SECTIONS[kind](year),
        is_draft=year.is_political,
    )
    return replace(report, version=version(report)) if kind is Kind.RECORD else report


def version(report: Report) -> str:
    """SHA-256 over all that a report says but for what is of today alone, whoever made it and whenever."""
    sections = tuple(replace(one, blocks=tuple(map(_lasting, one.blocks))) for one in report.sections)
    lasting = replace(report, facts=_without_today(report.facts), sections=sections)
    return sha256(data.as_json(lasting, is_content=True).encode()).hexdigest()


def _lasting(block: Block) -> Block:
    return _without_today(block) if isinstance(block, Facts) else block


def _without_today(facts: Facts) -> Facts:
    return replace(facts, facts=tuple(one for one in facts.facts if not one.is_of_today))


def _title(year: Year) -> str:
    title = year.say(f"title.{year.findings.kind.value}")
    return year.say("title.of_round", title=title) if year.round else title


def _made(year: Year) -> str:
    """When, from what, and by whom it was made; a report that is open to everybody names only who owns it."""
    found = year.findings
    by = "" if year.is_political else found.asked_by
    return year.say("made.line", day=found.today, by=by, number=year.count(len(found.held)), one=len(found.held) == 1)


def _facts(year: Year) -> Iterator[Fact]:
    found = year.findings
    if found.municipality:
        yield Fact(year.say("fact.municipality"), Cell(found.municipality))
    if found.unit:
        yield Fact(year.say("fact.of_unit"), Cell(found.unit.name, found.unit.code))
        if found.unit.above:
            yield Fact(year.say("fact.above"), Cell(" › ".join(found.unit.above)), is_of_today=True)
    yield Fact(year.say("fact.year"), Cell(str(found.year), found.year))
    if year.round:
        yield Fact(year.say("fact.round"), Cell(year.round, found.round_id))
    title = capital(found.owner_title) if found.owner and found.owner_title else year.say("fact.owner")
    yield Fact(title, Cell(found.owner or year.say("record.vacant")), is_of_today=True)
    sent, of = len(found.held), max(found.of, len(found.held))
    yield Fact(year.say("fact.sent"), Cell(year.say("fact.of", sent=year.count(sent), of=year.count(of)), sent))
    if found.kind is Kind.RECORD:
        yield Fact(year.say("fact.case_number"), Cell(year.say("fact.to_fill_in")))
    if found.milestone:
        yield Fact(year.say("fact.milestone"), Cell(year.say("fact.month", day=found.milestone), found.milestone))
