"""Who a platform's reference of a person is: linked once, by e-mail address, when somebody first makes contact.

Promises: a reference belongs to one person and stays theirs; linking again, from any process, changes nothing. The time zone is
taken from the platform, because the workbook has none. The language is not: Slack speaks no Danish, so English there says nothing of
the person; it is the workbook's until the person chooses another in the chat.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store import tables as t

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
    if is_new and contact.timezone in available_timezones():
        connection.execute(update(t.person).where(t.person.c.id == person).values(timezone=contact.timezone))
    return True
