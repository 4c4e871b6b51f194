"""INSERT … ON CONFLICT for either database: SQLAlchemy has one for each, and no common one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(dialect: str, table: Table, keys: Sequence[str], values: Sequence[str]) -> Insert:
    """Insert a row, or change `values` of the one with the same `keys`; with no values, leave that one as it is."""
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(table).execution_options(preserve_rowcount=True)  # an INSERT's is not kept otherwise
    if not values:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in values}
    )
