"""The channels that units own, as their platforms last described them: under which name, how many read there, whether it is open.

Promises: a channel is noted once for its platform and reference, and what is noted later takes its place. Lives inside one open
transaction and commits nothing itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, Integer, cast, func, select

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
    unreachable: str | None = None


_FIELDS = tuple(one.name for one in fields(Place))
_KEEP = {dialect: upsert(dialect, t.room, _FIELDS[:2], _FIELDS[2:]) for dialect in ("sqlite", "postgresql")}


def keep(connection: Connection, place: Place) -> None:
    """Note what a platform says of a channel."""
    connection.execute(_KEEP[connection.dialect.name], asdict(place))


def known(connection: Connection, platform: str) -> tuple[Place, ...]:
    """Every channel of a platform that was noted."""
    rows = connection.execute(select(*(t.room.c[name] for name in _FIELDS)).where(t.room.c.platform == platform))
    return tuple(Place(*row) for row in rows)


def audience(connection: Connection, name: str) -> tuple[int, bool] | None:
    """How many people are in a channel, and whether everybody can read it; None while no platform has said."""
    row = connection.execute(
        select(func.max(t.room.c.readers), func.max(cast(t.room.c.is_open, Integer))).where(
            t.room.c.name == name, t.room.c.readers.is_not(None)
        )
    ).one()
    return (int(row[0]), bool(row[1])) if row[0] is not None else None


def named(connection: Connection, platform: str) -> tuple[str, ...]:
    """The channels the workbook names on a platform, without the # some write before them."""
    column = t.unit.c.teams_channel if platform == "teams" else t.unit.c.slack_channel
    rows = connection.execute(select(column).where(column.is_not(None)).distinct().order_by(column))
    return tuple(dict.fromkeys(name for row in rows if (name := row[0].strip().removeprefix("#"))))
