"""Who a platform's reference of a person is: linked once, by e-mail address, when somebody first makes contact.

Promises: a reference belongs to one person and stays theirs; linking again, from any process, changes nothing. Languages and time
zones are the workbook's: everybody imported has their own, so nothing is taken from a platform.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from store import tables as t

_LINKED = select(t.address.c.id).where(
    t.address.c.platform == bindparam("platform"),
    t.address.c.reference == bindparam("reference"),
    t.address.c.person_id.is_not(None),
)


def is_linked(connection: Connection, platform: str, reference: str) -> bool:
    """Whether a platform's reference is known to be a person."""
    return connection.execute(_LINKED, {"platform": platform, "reference": reference}).first() is not None


def link(connection: Connection, platform: str, reference: str, email: str) -> bool:
    """Note that a platform's reference is the person with an e-mail address; False when nobody has it."""
    person = connection.execute(select(t.person.c.id).where(t.person.c.email == email.strip().lower())).scalar()
    if person is None:
        return False
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"person_id": person, "platform": platform, "reference": reference}
    connection.execute(make(t.address).values(**values).on_conflict_do_nothing())
    return True
