"""Who a platform's reference of a person is: linked once, by e-mail address, when somebody first makes contact.

Promises: a reference belongs to one person and stays theirs; linking again, from any process, changes nothing. The time zone is
taken from the platform, because the workbook has none. The language is not: Slack speaks no Danish, so English there says nothing of
the person; it is the workbook's until the person chooses another in the chat.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import Connection, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store import tables as t
from store.upserts import upsert

_LINKED = select(t.address.c.id).where(
    t.address.c.platform == bindparam("platform"),
    t.address.c.reference == bindparam("reference"),
    t.address.c.person_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """What a platform says of a person: the e-mail address, and the time zone, "" where it does not say."""

    email: str
    timezone: str = ""


def is_linked(connection: Connection, platform: str, reference: str) -> bool:
    """Whether a platform's reference is known to be a person."""
    return connection.execute(_LINKED, {"platform": platform, "reference": reference}).first() is not None


def link(connection: Connection, platform: str, reference: str, contact: Contact) -> bool:
    """Note that a platform's reference is the person with an e-mail address; False when nobody has it."""
    known = select(t.person.c.id).where(t.person.c.email == contact.email.strip().lower())
    person = connection.execute(known).scalar()
    if person is None:
        return False
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"person_id": person, "platform": platform, "reference": reference}
    is_new = not is_linked(connection, platform, reference)
    connection.execute(make(t.address).values(**values).on_conflict_do_nothing())
    unlinked = (t.address.c.platform == platform, t.address.c.reference == reference, t.address.c.person_id.is_(None))
    connection.execute(update(t.address).where(*unlinked).values(person_id=person))
    if is_new and contact.timezone in available_timezones():
        connection.execute(update(t.person).where(t.person.c.id == person).values(timezone=contact.timezone))
    return True


# --- where somebody's own conversation is, on a platform that does not say when asked ---------------------------------------------


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's own conversation with the bot, by the platform's reference of the person; `unreachable` says why it is of no use."""

    reference: str
    conversation: str | None = None
    service_url: str | None = None
    member: str | None = None
    email: str | None = None
    unreachable: str | None = None
    as_of: datetime | None = None  # when the platform says that this became so


_HOME = select(*(t.address.c[name] for name in Home.__slots__))
_KEEP = {
    dialect: upsert(dialect, t.address, ("platform", "reference"), Home.__slots__[1:])
    for dialect in ("sqlite", "postgresql")
}


def home(connection: Connection, platform: str, reference: str) -> Home | None:
    """The conversation of whoever has a reference, if any was kept."""
    where = (t.address.c.platform == platform, t.address.c.reference == reference)
    row = connection.execute(_HOME.where(*where)).first()
    return Home(*row) if row else None


def home_of(connection: Connection, platform: str, email: str) -> Home | None:
    """The conversation of whoever has an e-mail address, or was said by the platform to have it; the newest that is of use."""
    theirs = or_(t.person.c.email == email, and_(t.address.c.person_id.is_(None), t.address.c.email == email))
    row = connection.execute(
        _HOME.select_from(t.address.outerjoin(t.person, t.person.c.id == t.address.c.person_id))
        .where(t.address.c.platform == platform, theirs)
        .order_by(t.address.c.unreachable.is_not(None), t.address.c.conversation.is_(None), t.address.c.id.desc())
    ).first()
    return Home(*row) if row else None


def keep_home(connection: Connection, platform: str, kept: Home) -> None:
    """Keep where somebody's conversation is; whom it is linked to stays as it is."""
    values = {name: getattr(kept, name) for name in Home.__slots__}
    connection.execute(_KEEP[connection.dialect.name], {"platform": platform, **values})


def settle(connection: Connection, platform: str, kept: Home, contacts: Iterable[Contact]) -> bool:
    """Keep where somebody's conversation is, and link it to the first person whose address the platform vouches for; whether there was one."""
    keep_home(connection, platform, kept)
    return any(link(connection, platform, kept.reference, one) for one in contacts)


def close_home(
    connection: Connection, platform: str, reference: str, reason: str, as_of: datetime | None = None
) -> None:
    """Note why nothing can be sent to somebody any more; what happened before they were last reached says nothing."""
    where = [t.address.c.platform == platform, t.address.c.reference == reference]
    values: dict[str, object] = {"unreachable": reason}
    if as_of is not None:
        where.append(or_(t.address.c.as_of.is_(None), t.address.c.as_of <= as_of))
        values["as_of"] = as_of
    connection.execute(update(t.address).where(*where).values(values))


def homes(connection: Connection, platform: str) -> dict[str, str]:
    """Everybody with a conversation of their own, by e-mail address, with why nothing can be sent there; "" when it can."""
    rows = connection.execute(
        select(t.person.c.email, t.address.c.email, t.address.c.unreachable)
        .select_from(t.address.outerjoin(t.person, t.person.c.id == t.address.c.person_id))
        .where(t.address.c.platform == platform, t.address.c.conversation.is_not(None))
        .order_by(t.address.c.unreachable.is_(None), t.address.c.id)
    )
    return {email: unreachable or "" for linked, told, unreachable in rows if (email := linked or told)}


def forget_event(connection: Connection, platform: str, event: str, before: datetime | None = None) -> None:
    """Let an event that was noted, `before` then if that is said, be a first one again: what it was noted for was not done."""
    noted = delete(t.seen_event).where(t.seen_event.c.platform == platform, t.seen_event.c.event == event)
    connection.execute(noted if before is None else noted.where(t.seen_event.c.at < before))
