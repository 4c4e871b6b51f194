"""Who may have which report about what, on a day. The posts of the day are asked each time.

Promises: nobody has a report about a unit they do not reach from its own level or from above; the same reach as the overview's. What
there can be about a unit is decided by the unit alone: its agreements, what is below it, and whether it is a forvaltning.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot import access
from bot.settings import UNNAMED
from cards.reports.report import Kind
from dialogs.library import Library
from store.reporting import FORVALTNING, About
from store.work import Work

OF_ONE = frozenset({Kind.RECORD, Kind.UNIT})
"""The reports that are about a unit's own agreements; the others are about all the units from it down."""
MILESTONES = {Kind.COMMITTEE: "committees", Kind.COUNCIL: "council"}
"""The milestone by which each of the political packs is to be there; the models say whose goals it concerns."""
NOT_THEIRS = "not-theirs-to-see"
NO_SUCH = "no-such-report"


def kinds_for(work: Work, person_id: int, unit_id: int | None, day: date) -> tuple[Kind, ...]:
    """The reports a person may have about a unit on a day, or about the whole municipality; none when it is not theirs."""
    if unit_id is None:
        return kinds_of(work, None) if _reaches_all(work, person_id, day) else ()
    reach = access.reach(person_id, work.holders(unit_id, day))
    return kinds_of(work, unit_id) if reach is not None else ()


def kinds_of(work: Work, unit_id: int | None) -> tuple[Kind, ...]:
    """The reports there can be about a unit, or about the whole municipality."""
    if unit_id is None:
        return (Kind.JOINT, Kind.COUNCIL) if work.reports.roots() else ()
    about = work.reports.about(unit_id)
    if about is None:
        return ()
    is_whole = about.node.parent_id is None and len(work.reports.roots()) == 1
    return tuple(_kinds(about, is_whole=is_whole))


def _kinds(about: About, *, is_whole: bool) -> Iterator[Kind]:
    if about.has_agreements:
        yield from (Kind.RECORD, Kind.UNIT)
    if about.has_below:
        yield Kind.JOINT
    if is_for_committee(about):
        yield Kind.COMMITTEE
    if is_whole:
        yield Kind.COUNCIL


def is_for_committee(about: About) -> bool:
    """Whether a committee follows up on it: a forvaltning, or the topmost unit where there are none below it.

    The municipality itself, above its forvaltninger, is the council's, whatever kind of unit it is written as.
    """
    if about.node.parent_id is None:
        return not about.has_forvaltning_below
    return about.node.kind == FORVALTNING


def municipality(named: str, work: Work) -> str:
    """The municipality by name: as it is set, else as the unit at the top is called; "" where neither is known."""
    if named != UNNAMED:
        return named
    roots = work.reports.roots()
    about = work.reports.about(roots[0].id) if len(roots) == 1 else None
    is_whole = about is not None and (about.has_forvaltning_below or about.node.kind != FORVALTNING)
    return about.node.name if about and is_whole else ""


def refusal(work: Work, kind: Kind, unit_id: int | None, person_id: int | None, day: date) -> str:
    """Why somebody may not have a report; "" when they may. The person None is whoever has the command line, who may have all."""
    if person_id is None:
        return "" if kind in kinds_of(work, unit_id) else NO_SUCH
    theirs = kinds_for(work, person_id, unit_id, day)
    if kind in theirs:
        return ""
    return NO_SUCH if theirs else NOT_THEIRS


def _reaches_all(work: Work, person_id: int, day: date) -> bool:
    """Whether somebody reaches every unit there is."""
    roots = {one.id for one in work.reports.roots()}
    return bool(roots) and roots <= {one.id for one in work.overview.tops(person_id, day)}


def political(library: Library, kind: Kind) -> frozenset[str]:
    """The sources whose goals a political pack is about: those the models' milestones name. Empty for the other reports.

    A source is known by its id: what one model says of it holds for every model that has it.
    """
    milestone = MILESTONES.get(kind)
    named = (one for model in library.models.values() for one in model.milestones if one.id == milestone)
    return frozenset(one.source for one in named if one.source)
