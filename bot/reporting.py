"""Making a report: from the dialogues of a year as they were last sent, unit by unit, to a file. In the chat and on the command line.

Promises: only what was sent is read. Whoever asks is authorised anew when it is begun and when it has been read. Many short
transactions, so that a long report keeps nobody waiting; the writing out is done on a thread beside the turns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from bot import access, agreeing, reportable
from bot.clock import danish_day
from bot.gathering import House, gather_sent
from bot.reportable import MILESTONES, OF_ONE, kinds_for
from bot.subjects import standing
from cards.reports import facts
from cards.reports.facts import Findings, Held, Unit
from cards.reports.refused import Refused
from cards.reports.report import File, Format, Kind
from cards.scene import Scene
from dialogs.calendar import What, calendar
from dialogs.engine import GOAL, Figures, Subject
from dialogs.results import wording
from dialogs.script import Model, Wording
from store import agreements as store
from store.database import Database
from store.records import Dialogue, Person
from store.reporting import FORVALTNING, Node
from store.work import Work, in_one_transaction

__all__ = ["Request", "Told", "findings", "kinds_for", "make"]

NOTHING_SENT = "nothing-sent"
NO_POLITICAL_GOALS = "no-political-goals"
BAD_TEMPLATE = "bad-template"
AT_ONCE = 2
"""Dialogues read in one transaction: on SQLite nobody else writes meanwhile."""

log = logging.getLogger("dialogbot.reports")

Told = Callable[[int, int], Awaitable[None]]
"""Told how many dialogues have been read, of how many."""


@dataclass(frozen=True, slots=True)
class Request:
    """The report somebody asks for. A unit of None is the whole municipality; a round, if any, is the only one it is about."""

    kind: Kind
    unit_id: int | None
    year: int
    format: Format
    language: str
    round_id: str = ""


async def make(
    house: House, database: Database, request: Request, asked_by: Person | None, now: datetime, told: Told | None = None
) -> File | str:
    """The report as a file; a str is the reason why there is none. Nobody asks, where it is the command line that does."""
    found = await findings(house, database, request, asked_by, now, told)
    if isinstance(found, str):
        return found
    made = await asyncio.to_thread(written, found, request.format, house.own_folder)
    if isinstance(made, File):
        return made
    log.error("a report could not be written: %s, %s", made.file, made.reason)
    return BAD_TEMPLATE


def written(found: Findings, as_: Format, own_folder: Path | None) -> File | Refused:
    """What was found, composed and written out, or what is wrong with the municipality's own template; takes its time."""
    from cards.reports.composing import compose  # noqa: PLC0415 - loads what draws and writes Word: for reports alone
    from cards.reports.writing import write_out  # noqa: PLC0415

    return write_out(compose(found), as_, own_folder)


async def findings(
    house: House, database: Database, request: Request, asked_by: Person | None, now: datetime, told: Told | None = None
) -> Findings | str:
    """Everything the report is about; a str is the reason why there is nothing."""
    today = danish_day(now)
    outline = await in_one_transaction(database, lambda work: _outline(house, work, request, asked_by, today))
    if isinstance(outline, str):
        return outline
    gathered: list[_Gathered] = []
    if told:
        await told(0, len(outline.sent))
    for some in _few_at_once(outline.sent):
        gathered += await _read(house, database, outline, some, request.language, today)
        if told:
            await told(len(gathered), len(outline.sent))
    refused = await in_one_transaction(database, lambda work: _let_out(work, request, asked_by, now))
    return refused or _findings(house, request, outline, gathered, asked_by, today)


# --- what it is about -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Outline:
    """What a report is about, before any dialogue is read."""

    unit: Unit | None
    units: Mapping[int, Unit]
    sent: tuple[int, ...]  # dialogues, in the order of the tree
    of: int
    municipality: str
    owner: str
    owner_title: str
    agreements: tuple[tuple[Unit, facts.Agreement], ...]
    milestone: date | None
    having: Mapping[tuple[str, ...], frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Gathered:
    held: Held
    model: str


def _refusal(work: Work, request: Request, asked_by: Person | None, today: date) -> str:
    person_id = asked_by.id if asked_by else None
    return reportable.refusal(work, request.kind, request.unit_id, person_id, today)


def _let_out(work: Work, request: Request, asked_by: Person | None, now: datetime) -> str:
    """Why what was read may not be handed over after all; "" when it may, which the audit then says."""
    refused = _refusal(work, request, asked_by, danish_day(now))
    if not refused:
        what = f"{request.kind} {request.year} unit {request.unit_id or 'all'}"
        by = asked_by.id if asked_by else None
        work.note("report", what, now, person_id=by, reason=None if asked_by else "by command")
    return refused


def _outline(house: House, work: Work, request: Request, asked_by: Person | None, today: date) -> _Outline | str:
    if refused := _refusal(work, request, asked_by, today):
        return refused
    if request.kind in MILESTONES and not reportable.political(house.library, request.kind):
        return NO_POLITICAL_GOALS
    is_alone = request.kind in OF_ONE
    rows = work.reports.dialogues(request.unit_id, request.year, today, is_alone=is_alone, round_id=request.round_id)
    based_on = _basis(work, request)
    if not any(row.is_sent for row in rows) and (request.round_id or not based_on):
        return NOTHING_SENT
    place = _place(house, work, request.unit_id)
    order = {unit_id: number for number, unit_id in enumerate(place.units)}
    found = (
        row for row in rows if row.is_sent and row.unit_id in order
    )  # an import may move a unit between two statements
    sent = sorted(found, key=lambda row: (order[row.unit_id], row.due_on, row.id))
    owner, title = _owner(house, work, place, request.language, today)
    return _Outline(
        unit=place.units[request.unit_id] if request.unit_id is not None else None,
        units=place.units,
        sent=tuple(row.id for row in sent),
        of=len(rows),
        municipality=reportable.municipality(house.municipality, work),
        owner=owner,
        owner_title=title,
        agreements=tuple((place.units[one.unit_id], _agreement(house, work, one, request, today)) for one in based_on),
        milestone=_milestone(house, place, request),
        having=_having(work, request, today, is_alone=is_alone),
    )


def _having(work: Work, request: Request, today: date, *, is_alone: bool) -> Mapping[tuple[str, ...], frozenset[int]]:
    """The units that were asked of each goal, by the words of the goal; a record counts none."""
    if request.kind is Kind.RECORD:
        return {}
    found: dict[tuple[str, ...], set[int]] = {}
    rows = work.reports.goals(request.unit_id, request.year, today, is_alone=is_alone, round_id=request.round_id)
    for one in rows:
        goal = Subject(f"goal-{one.goal_id}", GOAL, one.title, one.source, one.policy, figures=Figures(one.measure))
        found.setdefault(wording(goal), set()).add(one.unit_id)
    return {words: frozenset(units) for words, units in found.items()}


def _basis(work: Work, request: Request) -> tuple[store.Agreement, ...]:
    """The agreements a record begins with; the other reports have none."""
    if request.kind is not Kind.RECORD or request.unit_id is None:
        return ()
    return work.reports.agreements(request.unit_id, request.year)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree a report is: the unit it is about and what is above it, and the units from it down, in the tree's order."""

    node: Node | None
    above: tuple[Node, ...]
    units: Mapping[int, Unit]
    is_municipality: bool  # the whole of it, with forvaltninger below

    @property
    def title(self) -> str:
        """What its leader is, as a key of our texts."""
        if self.is_municipality:
            return "report.chief"
        is_forvaltning = self.node is not None and self.node.kind == FORVALTNING
        return "report.director" if is_forvaltning else "report.leader"


def _place(house: House, work: Work, unit_id: int | None) -> _Place:
    nodes = {one.id: one for one in work.reports.tree(unit_id)}
    above = work.reports.above(unit_id) if unit_id is not None else ()
    roots = work.reports.roots()
    whole = work.reports.about(roots[0].id) if len(roots) == 1 else None
    is_whole = whole is not None and (whole.has_forvaltning_below or whole.node.name == house.municipality)
    hidden = whole.node.id if whole and is_whole else None  # a unit is not said to be in the municipality
    lineage = tuple(one.name for one in above if one.id != hidden)
    top = nodes.get(unit_id) if unit_id is not None else None
    node = top or (roots[0] if len(roots) == 1 else None)
    units = {unit.id: unit for unit in _in_order(nodes, unit_id, lineage, hidden)}
    return _Place(node, above, units, is_municipality=node is not None and node.id == hidden)


def _in_order(nodes: Mapping[int, Node], top: int | None, above: tuple[str, ...], hidden: int | None) -> Iterator[Unit]:
    """The units as one reads the tree: each before those below it, those beside each other by name."""
    below: dict[int | None, list[Node]] = {}
    for one in nodes.values():
        parent = one.parent_id if one.id != top else None
        below.setdefault(parent if parent in nodes else None, []).append(one)
    waiting = [(one, above) for one in sorted(below.get(None, []), key=_by_name, reverse=True)]
    while waiting:
        node, names = waiting.pop()
        yield Unit(node.id, node.code, node.name, names)
        under = names if node.id == hidden else (*names, node.name)
        waiting += [(one, under) for one in sorted(below.get(node.id, []), key=_by_name, reverse=True)]


_DANISH = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"})


def _by_name(node: Node) -> tuple[str, str]:
    """As a Danish list of names is ordered: æ, ø and å last."""
    return node.name.casefold().replace("aa", "å").translate(_DANISH), node.code


def _owner(house: House, work: Work, place: _Place, language: str, today: date) -> tuple[str, str]:
    """Who leads the unit, and so owns the report, and as what."""
    if place.node is None:
        return "", ""
    leader = access.leader_of(work.holders(place.node.id, today))
    return leader.name if leader else "", house.texts(language).say(place.title)


def _milestone(house: House, place: _Place, request: Request) -> date | None:
    """When a pack is to be there, by the unit's own model if it says so, else by the first that does."""
    wanted = MILESTONES.get(request.kind)
    if wanted is None:
        return None
    lineage = [one for one in (place.node, *reversed(place.above)) if one is not None]
    codes = tuple(dict.fromkeys(one.code for one in lineage))
    own = house.model(next((one.model for one in lineage if one.model), None) or house.default_model)
    models = [*([own] if own else []), *house.library.models.values()]
    return next((day for model in models if (day := _day_of(house, model, codes, wanted, request.year))), None)


def _day_of(house: House, model: Model, codes: Sequence[str], wanted: str, year: int) -> date | None:
    if not any(one.id == wanted for one in model.milestones):
        return None
    entries = calendar(model, year, codes=codes, off=house.library.days_off)
    return next((one.day for one in entries if one.what is What.MILESTONE and one.id == f"{year}-{wanted}"), None)


def _agreement(house: House, work: Work, one: store.Agreement, request: Request, today: date) -> facts.Agreement:
    """The agreement as it stands, with what its evidence had shown when the year was over."""
    model = house.model(one.model or house.default_model)
    seen = agreeing.see(work, one, min(today, one.to_day))
    goals, initiatives = standing(work, one, model)
    last = date(request.year, 12, 31)
    return facts.Agreement(
        code=one.code,
        title=model.words.get("agreement", model.title) if model else Wording("aftale", "agreement"),
        first=one.from_day,
        last=one.to_day,
        version=one.version,
        counterpart=seen.sides["counterpart"].name,
        signatures=tuple(facts.Signed(signed.party, signed.name, signed.at) for signed in seen.signatures),
        amendments=tuple(
            facts.Amended(row.version, row.what.in_(request.language), row.who, row.at)
            for row in work.agreements.amendments(one.id)
        ),
        goals=tuple(_as_known(goal, last) for goal in goals),
        initiatives=initiatives,
        sources={source.id: source.label for source in model.sources} if model else {},
        is_signed=agreeing.needs_signing(house, one),
    )


# --- dialogues --------------------------------------------------------------------------------------------------------------------


def _few_at_once(sent: Sequence[int]) -> Iterator[Sequence[int]]:
    return (sent[begin : begin + AT_ONCE] for begin in range(0, len(sent), AT_ONCE))


async def _read(
    house: House, database: Database, outline: _Outline, some: Sequence[int], language: str, today: date
) -> list[_Gathered]:
    return await in_one_transaction(database, lambda work: _held(house, work, outline, some, language, today))


def _held(
    house: House, work: Work, outline: _Outline, some: Sequence[int], language: str, today: date
) -> list[_Gathered]:
    found = [one for number in some if (one := work.dialogue(number)) is not None]
    actions = work.reports.actions(some)
    gathered = []
    for one in found:
        scene = _sent(house, work, one, language, today)
        agreed = tuple(facts.Agreed(*row) for row in actions.get(one.id, ()))
        is_owners = one.owner_id is not None
        held = Held(outline.units[one.unit_id], one.round, is_owners, scene, scene.person, agreed)
        gathered.append(_Gathered(held, one.model))
    return gathered


def _sent(house: House, work: Work, dialogue: Dialogue, language: str, today: date) -> Scene:
    """A dialogue as it was last sent, with what was known of its goals then; whether it has been changed since is nobody's."""
    scene = gather_sent(house, work, dialogue, language, today)
    last = danish_day(scene.corrected_at or scene.sent_at) if scene.sent_at else today
    known = tuple(_as_known(one, last) for one in scene.subjects)
    return replace(scene, subjects=known, is_changed=False, revision=dialogue.sent_revision or 0)


def _as_known(subject: Subject, day: date) -> Subject:
    """A goal with what had been measured by a day."""
    figures = subject.figures
    if figures is None or all(one.on <= day for one in figures.readings):
        return subject
    readings = tuple(one for one in figures.readings if one.on <= day)
    fresh = figures.fresh if figures.fresh in readings else None
    return replace(subject, figures=replace(figures, readings=readings, fresh=fresh))


def _findings(
    house: House,
    request: Request,
    outline: _Outline,
    gathered: Sequence[_Gathered],
    asked_by: Person | None,
    today: date,
) -> Findings:
    return Findings(
        kind=request.kind,
        texts=house.texts(request.language),
        municipality=outline.municipality,
        unit=outline.unit,
        year=request.year,
        round_id=request.round_id,
        today=today,
        asked_by=asked_by.name if asked_by else "",
        owner=outline.owner,
        owner_title=outline.owner_title,
        of=outline.of,
        held=tuple(one.held for one in gathered),
        agreements=outline.agreements,
        sources=_sources(house, {one.model for one in gathered}),
        political=reportable.political(house.library, request.kind),
        milestone=outline.milestone,
        having=outline.having,
    )


def _sources(house: House, used: set[str]) -> Mapping[str, Wording]:
    """The sources of all the models in their order, as those that were used call them."""
    models = sorted(house.library.models.values(), key=lambda model: model.id not in used)
    found: dict[str, Wording] = {}
    for source in (one for model in models for one in model.sources):
        found.setdefault(source.id, source.label)
    return found
