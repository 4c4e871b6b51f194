"""What Alembic runs for every command: our tables, on the connection it was handed, inside the transaction that holds the lock."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from store.tables import Exact, Instant, metadata


def plain_types(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:  # noqa: ANN401  Alembic's signature
    """Write our own column types as SQLAlchemy's, so that a step never changes when our code does."""
    match kind, item:
        case "type", Instant():
            return "sa.DateTime(timezone=True)"
        case "type", Exact():
            return 'sa.String(length=40).with_variant(sa.Numeric(), "postgresql")'
        case _:
            return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=plain_types,
    render_as_batch=True,  # SQLite changes a table by writing it anew
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
