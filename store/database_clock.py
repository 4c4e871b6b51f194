"""The database's own clock, as expressions: what several processes must agree on is set and compared by this one alone.

Promises: the same instant for everybody who asks at the same time, however wrong a process's own clock is. On PostgreSQL it is the
moment the statement runs, not the one the transaction began; on SQLite it is the machine's, which all who share the file are on.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Float, bindparam, func

from store.tables import Instant

_KEPT: Final = "%Y-%m-%d %H:%M:%f000"  # as SQLite keeps an Instant: text in UTC, microseconds at the end


def now_by(dialect: str) -> ColumnElement[object]:
    """The instant it is."""
    if dialect == "sqlite":
        return func.strftime(_KEPT, "now", type_=Instant)
    return func.clock_timestamp(type_=Instant)


def after_by(dialect: str, seconds: str) -> ColumnElement[object]:
    """The instant that it will be after so many seconds, which are the statement's parameter of that name."""
    asked = bindparam(seconds, type_=Float)
    if dialect == "sqlite":
        return func.strftime(_KEPT, "now", func.printf("%+.3f seconds", asked), type_=Instant)
    return func.clock_timestamp(type_=Instant).op("+")(func.make_interval(0, 0, 0, 0, 0, 0, asked))
