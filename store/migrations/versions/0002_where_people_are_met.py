"""where people are met: written by `python -m store.migrations`, then read by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go from the step before to this one."""
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=True),
        sa.Column("service_url", sa.String(length=300), nullable=True),
        sa.Column("readers", sa.Integer(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=True),
        sa.Column("unreachable", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("platform", "reference", name=op.f("uq_room_platform_reference")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("conversation", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("service_url", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("member", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("unreachable", sa.String(length=60), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("speaks", sa.String(length=5), nullable=True))
        batch_op.add_column(sa.Column("platform", sa.String(length=20), nullable=True))


def downgrade() -> None:
    """Go back to the step before."""
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("platform")
        batch_op.drop_column("speaks")

    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_column("unreachable")
        batch_op.drop_column("email")
        batch_op.drop_column("member")
        batch_op.drop_column("service_url")
        batch_op.drop_column("conversation")

    op.drop_table("room")
