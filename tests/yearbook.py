"""A year of Fjordby as findings: every dialogue that was sent, read as it was last sent, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from bot.gathering import gather_sent
from bot.subjects import subjects
from cards.reports.facts import Agreed, Agreement, Findings, Held, Signed, Unit
from cards.reports.report import Kind
from dialogs.script import Wording
from store import tables as t
from store.work import Work
from tests.town import Town, at_nine

TODAY = date(2026, 12, 10)
_TITLES = {"da": ("leder", "direktør"), "en": ("leader", "director")}


def findings(town: Town, kind: Kind, code: str, year: int = 2026, language: str = "da") -> Findings:
    """What a report of a unit, with those below it, is made from."""
    return town.do(lambda connection: _findings(town, connection, kind, code, year, language))


def _findings(town: Town, connection: Connection, kind: Kind, code: str, year: int, language: str) -> Findings:
    work, house = Work(connection), town.house
    top = _units(connection, code)[0]
    units = {one.id: one for one in _units(connection, code)}
    c = t.dialogue.c
    asked = (
        select(c.id, t.agreement.c.unit_id)
        .join(t.agreement)
        .where(c.due_on.between(date(year, 1, 1), date(year, 12, 31)))
    )
    rows = connection.execute(asked.order_by(c.due_on, c.id)).all()
    found = [row for row in rows if row.unit_id in (units if kind not in (Kind.RECORD, Kind.UNIT) else {top.id})]
    order = list(units)
    held = [
        _held(town, work, row.id, units[row.unit_id], language)
        for row in sorted(found, key=lambda row: order.index(row.unit_id))
    ]
    models = list(house.library.models.values())
    sources = {source.id: source.label for model in reversed(models) for source in model.sources}
    leader = work.holders(top.id, TODAY)
    return Findings(
        kind=kind,
        texts=house.texts(language),
        municipality=house.municipality,
        unit=top,
        year=year,
        today=TODAY,
        asked_by="Sofie Bæk",
        owner=leader[0].name if leader else "",
        owner_title=_TITLES[language][kind in (Kind.COMMITTEE, Kind.COUNCIL)],
        of=len(found),
        held=tuple(one for one in held if one),
        agreements=tuple((top, one) for one in _agreements(town, work, top, language, [row.id for row in found]))
        if kind is Kind.RECORD
        else (),
        sources=sources,
        political=frozenset({"politik"}),
        milestone=date(year, 11, 1) if kind is Kind.COMMITTEE else date(year, 12, 1) if kind is Kind.COUNCIL else None,
    )


def _units(connection: Connection, code: str) -> list[Unit]:
    """A unit and those below it, the topmost first."""
    rows = {
        row.id: row for row in connection.execute(select(t.unit.c.id, t.unit.c.code, t.unit.c.name, t.unit.c.parent_id))
    }
    top = next(row for row in rows.values() if row.code == code)

    def below(parent: int) -> list[int]:
        children = sorted((row for row in rows.values() if row.parent_id == parent), key=lambda row: str(row.name))
        return [parent, *(one for child in children for one in below(child.id))]

    def above(unit_id: int) -> tuple[str, ...]:
        parent = rows[unit_id].parent_id
        return (*above(parent), str(rows[parent].name)) if parent and rows[parent].parent_id else ()

    return [Unit(one, rows[one].code, rows[one].name, above(one)) for one in below(top.id)]


def _held(town: Town, work: Work, dialogue_id: int, unit: Unit, language: str) -> Held | None:
    dialogue = work.dialogue(dialogue_id)
    if dialogue is None or not dialogue.is_sent:
        return None
    scene = gather_sent(town.house, work, dialogue, language, TODAY)
    rows = work.actions.of_dialogue(dialogue_id)
    actions = tuple(Agreed(one.what, one.who, one.due_on, one.state == "done", "") for one in rows)
    return Held(unit, dialogue.round, dialogue.owner_id is not None, scene, scene.person, actions)


def _agreements(town: Town, work: Work, unit: Unit, language: str, dialogues: Sequence[int]) -> list[Agreement]:
    """The unit's agreements, each with what it holds and two signatures."""
    found = []
    for dialogue in (one for one in map(work.dialogue, dialogues) if one and one.unit_id == unit.id):
        model = town.house.model(dialogue.model)
        assert model
        asking = (one for one in model.scripts.values() if any(part.each == "goal" for part in one.sections))
        script = next(asking, next(iter(model.scripts.values())))
        asked = subjects(work, dialogue, script, model, town.house.library.days_off, town.house.texts(language))
        first, last = work.period_of(dialogue.agreement_id)
        signed = (
            Signed("unit", "Mette Søndergaard", at_nine(date(2026, 1, 20))),
            Signed("counterpart", "Jens Østergaard", at_nine(date(2026, 1, 22))),
        )
        found.append(
            Agreement(
                code=unit.code,
                title=model.words.get("agreement", Wording(da="aftale", en="agreement")),
                first=first,
                last=last,
                version=1,
                counterpart="Jens Østergaard",
                signatures=signed,
                goals=tuple(one for one in asked if one.kind == "goal"),
                initiatives=tuple(one for one in asked if one.kind == "initiative"),
                sources={one.id: one.label for one in model.sources},
            )
        )
    return found[:1]
