"""what goals showed: written by `python -m store.migrations`, then read by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go from the step before to this one."""
    with op.batch_alter_table("agreement_goal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_attainment", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("last_dialogue_id", sa.Integer(), nullable=True))

    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dialogue_id", sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_reading_goal_id_dialogue_id"), ["goal_id", "dialogue_id"])
        batch_op.create_foreign_key(batch_op.f("fk_reading_dialogue_id"), "dialogue", ["dialogue_id"], ["id"])


def downgrade() -> None:
    """Go back to the step before."""
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_reading_dialogue_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_reading_goal_id_dialogue_id"), type_="unique")
        batch_op.drop_column("dialogue_id")

    with op.batch_alter_table("agreement_goal", schema=None) as batch_op:
        batch_op.drop_column("last_dialogue_id")
        batch_op.drop_column("last_attainment")
