"""which team a channel is in: written by `python -m store.migrations`, then read by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go from the step before to this one."""
    op.create_table(
        "room_name",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("platform", "name", name=op.f("pk_room_name")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("as_of", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team_reference", sa.String(length=300), nullable=True))


def downgrade() -> None:
    """Go back to the step before."""
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_column("team_reference")

    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_column("as_of")

    op.drop_table("room_name")
