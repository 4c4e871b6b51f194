"""Reports: who may have which, and what one is made from; only ever what was sent. On both databases."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from bot.reporting import Format, Request, findings, kinds_for
from cards.reports.facts import Findings
from cards.reports.report import Kind
from store import tables as t
from store.database import Database
from store.work import Work
from tests.test_overview import answers
from tests.town import Town, fjordby, mail


@pytest.fixture
def town(database: Database) -> Town:
    """Fjordby in March, with schools beside the day care, and a direktion."""
    town = fjordby(database)
    town.unit("skoler", under="bs", name="Skoler", kind="afdeling")
    town.unit("byskolen", under="skoler", name="Byskolen")
    for name in ("Pia Holm", "Steen Malmberg"):
        town.person(name)
    town.post("pia", "byskolen")
    town.post("steen", "fjordby", "direktion")
    town.agreement("byskolen")
    town.initiative("byskolen", "Læsebånd", source="politik")
    return town


def found(town: Town, kind: Kind, unit: str | None, year: int = 2027, who: str | None = None) -> Findings | str:
    unit_id = town.id_of(t.unit, code=unit) if unit else None
    request = Request(kind, unit_id, year, Format.WORD, "da")
    person = town.id_of(t.person, email=mail(who)) if who else 0
    asked_by = town.do(lambda connection: Work(connection).person_by_id(person)) if who else None
    return asyncio.run(findings(town.house, town.database, request, asked_by, town.now))


def told(town: Town, kind: Kind, unit: str | None, year: int = 2027, who: str | None = None) -> Findings:
    one = found(town, kind, unit, year, who)
    assert isinstance(one, Findings), one
    return one


def kinds(town: Town, who: str, unit: str | None, day: date | None = None) -> set[str]:
    unit_id = town.id_of(t.unit, code=unit) if unit else None
    person = town.id_of(t.person, email=mail(who))
    return set(town.do(lambda c: kinds_for(Work(c), person, unit_id, day or town.now.date())))


def test_only_what_was_sent_is_in_a_report(town: Town) -> None:
    answers(town, "mette", "Gennemført", "I gang", "I gang")
    town.user("ali").opens().presses("Start").presses("Forsinket").presses("Næste", cause="Hemmeligt endnu")
    one = told(town, Kind.JOINT, "bs")
    assert [held.unit.name for held in one.held] == ["Børnehuset Solsikken"]
    assert one.of == 3
    assert "Hemmeligt" not in repr(one)
