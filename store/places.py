"""The channels that units own, as their platforms last described them: under which name, how many read there, whether it is open.

Promises: a channel is noted once for its platform and reference, and what is noted later takes its place. Teams and channels may be
called the same, and anybody may make one: once a name was used for a post, it is the name of that channel alone. Lives inside one
open transaction and commits nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

from sqlalchemy import Connection, or_, select, update

from store import tables as t
from store.upserts import upsert


@dataclass(frozen=True, slots=True)
class Place:
    """One channel. `unreachable` says why nothing can be posted there; None is not known, or not so."""

    platform: str
    reference: str
    name: str
    team: str | None = None
    service_url: str | None = None
    readers: int | None = None
    is_open: bool | None = None
    is_shared: bool | None = None
    unreachable: str | None = None
    team_reference: str | None = None  # what the platform calls the team; others may have its name
    bound: frozenset[str] = frozenset()  # the names it was posted to under


_FIELDS = tuple(one.name for one in fields(Place) if one.name != "bound")
_KEEP = {dialect: upsert(dialect, t.room, _FIELDS[:2], _FIELDS[2:]) for dialect in ("sqlite", "postgresql")}
_BIND = {dialect: upsert(dialect, t.room_name, ("platform", "name"), ()) for dialect in ("sqlite", "postgresql")}


def keep(connection: Connection, place: Place) -> None:
    """Note what a platform says of a channel."""
    connection.execute(_KEEP[connection.dialect.name], {name: getattr(place, name) for name in _FIELDS})


def keep_team(connection: Connection, seen: Sequence[Place]) -> None:
    """Note all the channels that a team has now; those it no longer has cannot be posted in. Teams of the same name are let be."""
    there = {one.reference for one in seen}
    for platform, team in {(one.platform, one.team_reference) for one in seen if one.team_reference}:
        noted = [one.reference for one in known(connection, platform) if one.team_reference == team]
        close(connection, platform, [one for one in noted if one not in there], "channel-not-found")
    for one in seen:
        keep(connection, one)


def known(connection: Connection, platform: str | None = None) -> tuple[Place, ...]:
    """Every channel that was noted, of one platform or of all."""
    statement = select(*(t.room.c[name] for name in _FIELDS)).order_by(t.room.c.id)
    if platform is not None:
        statement = statement.where(t.room.c.platform == platform)
    bound: dict[tuple[str, str], set[str]] = {}
    for row in connection.execute(select(t.room_name)):
        bound.setdefault((row.platform, row.reference), set()).add(row.name)
    noted = (Place(*row) for row in connection.execute(statement))
    return tuple(replace(one, bound=frozenset(bound.get((one.platform, one.reference), ()))) for one in noted)


def bind(connection: Connection, place: Place, name: str) -> None:
    """Let a name be that of one channel from now on; one that is another's already stays so."""
    values = {"platform": place.platform, "name": _plain(plain(name))[:MOST_NAME], "reference": place.reference}
    connection.execute(_BIND[connection.dialect.name], values)


MOST_NAME = 200  # characters that are kept of a name
_BETWEEN = re.compile(r"\s*[›>/]\s*")
_FIRST = {"generelt": "general"}  # a team's first channel has no name of its own: everybody reads their own language's


def meant(places: Iterable[Place], name: str) -> tuple[Place, ...]:
    """Those that a workbook may mean: by the platform's reference, by name, or by name after its team's, as in »Ledelse › Opslag«."""
    given, asked = tuple(places), plain(name)
    exact = tuple(one for one in given if one.reference == asked)
    wanted = _plain(asked)
    return exact or tuple(one for one in given if wanted in {_plain(one.name), _plain(f"{one.team}›{one.name}")})


def chosen(places: Iterable[Place], name: str) -> Place | str:
    """The channel that a name is of, though nothing may be posted there now; or why it cannot be said which.

    One that cannot be reached has its name all the same: what was meant for it is not another's.
    """
    given = tuple(places)
    found, asked = meant(given, name), _plain(plain(name))[:MOST_NAME]
    if any(asked in one.bound for one in given) and not is_reference(plain(name)):
        bound = [one for one in found if asked in one.bound]
        return bound[0] if bound else "channel-ambiguous" if found else "channel-not-found"
    match found:
        case ():
            return "channel-not-found"
        case (one,):
            return one
    return "channel-ambiguous"


def why_not(places: Iterable[Place], name: str) -> str:
    """Why nothing can be posted under a name; "" when it can."""
    given = tuple(places)
    one = chosen(given, name)
    if isinstance(one, str):
        return one
    is_gone = bool(one.unreachable) and len(meant(given, name)) > 1
    return "channel-ambiguous" if is_gone else one.unreachable or ""


def _plain(name: str) -> str:
    *team, channel = _BETWEEN.split(name.strip().casefold())
    return "›".join((*team, _FIRST.get(channel, channel)))


def close(connection: Connection, platform: str, references: Iterable[str], reason: str) -> None:
    """Note why nothing can be posted in some channels any more."""
    where = (t.room.c.platform == platform, t.room.c.reference.in_(list(references)))
    connection.execute(update(t.room).where(*where).values(unreachable=reason))


def close_team(connection: Connection, platform: str, team: str, reason: str) -> None:
    """Note why nothing can be posted in any channel of a team, which has its first channel's reference."""
    theirs = or_(t.room.c.team_reference == team, t.room.c.reference == team)
    connection.execute(update(t.room).where(t.room.c.platform == platform, theirs).values(unreachable=reason))


@dataclass(frozen=True, slots=True)
class Audience:
    """Who can read what is posted in a channel: `count` is None where nobody knows yet."""

    count: int | None = None
    is_open: bool = False
    is_shared: bool = False


def audience(connection: Connection, name: str) -> Audience | None:
    """Who can read a channel, by what its platform last said; None while none has."""
    noted = known(connection)
    one = chosen(noted, name)
    told = [one for one in ((one,) if isinstance(one, Place) else meant(noted, name)) if one.readers is not None]
    if not told:
        return None
    shared = any(one.is_shared for one in told)
    return Audience(max(one.readers or 0 for one in told), any(one.is_open for one in told), shared)


_LINK = re.compile(r"https?://\S+/(?:archives|client/[A-Z0-9]+)/([CG][A-Z0-9]{8,})\S*")


_REFERENCE = re.compile(r"[CG][A-Z0-9]{8,}|19:\S+@thread\.\S+")


def is_reference(name: str) -> bool:
    """Whether a channel is given by what its platform calls it, which says nothing to people."""
    return bool(_REFERENCE.fullmatch(name))


def plain(written: str) -> str:
    """A channel as somebody wrote it, without what they wrote around it: a # before its name, a link to it."""
    name = written.strip()
    link = _LINK.fullmatch(name)
    return link[1] if link else name.removeprefix("#").strip()


def is_ours(connection: Connection, place: Place) -> bool:
    """Whether the workbook names a channel, by its name or its reference."""
    ours = {name.casefold() for name in named(connection, place.platform)}
    return bool(ours & {place.name.casefold(), place.reference.casefold()})


def named(connection: Connection, platform: str) -> tuple[str, ...]:
    """The channels the workbook names on a platform, without what some write around them."""
    column = t.unit.c.teams_channel if platform == "teams" else t.unit.c.slack_channel
    rows = connection.execute(select(column).where(column.is_not(None)).distinct().order_by(column))
    return tuple(dict.fromkeys(name for row in rows if (name := plain(row[0]))))
