"""what each dialogue told: written by `python -m store.migrations`, then read by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go from the step before to this one."""
    with op.batch_alter_table("dialogue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_initiatives", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("told_goals", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("concerns", sa.Integer(), nullable=True))
        batch_op.create_index("ix_dialogue_latest", ["agreement_id", "due_on", "opens_on", "owner_id"], unique=False)
        batch_op.drop_index(batch_op.f("ix_dialogue_owner_id"))
        batch_op.create_index(
            "ix_dialogue_owner_id",
            ["owner_id"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )

    with op.batch_alter_table("initiative", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_initiative_agreement_id"))
        batch_op.create_index("ix_initiative_standing", ["agreement_id", "last_status"], unique=False)
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Tell of every dialogue that was sent last what it told of its initiatives and goals."""
    counted = {
        "told_initiatives": """SELECT i.last_dialogue_id, g.source, i.last_status, count(*) FROM initiative i
            JOIN goal g ON g.id = i.goal_id WHERE i.last_dialogue_id IS NOT NULL GROUP BY 1, 2, 3""",
        "told_goals": """SELECT a.last_dialogue_id, g.source, a.last_attainment, count(*) FROM agreement_goal a
            JOIN goal g ON g.id = a.goal_id WHERE a.last_dialogue_id IS NOT NULL GROUP BY 1, 2, 3""",
    }
    for column, statement in counted.items():
        told: dict[int, dict[str, list[str]]] = {}
        concerns: dict[int, int] = {}
        for dialogue, source, state, number in connection.execute(sa.text(statement)):
            told.setdefault(dialogue, {}).setdefault(source, []).append(f"{state}*{number}")
            concerns[dialogue] = concerns.get(dialogue, 0) + (number if state in {"delayed", "stopped"} else 0)
        counts = ", concerns = :concerns" if column == "told_initiatives" else ""
        update = sa.text(f"UPDATE dialogue SET {column} = :told{counts} WHERE id = :dialogue")  # noqa: S608 - names of ours
        for dialogue, sources in told.items():
            words = (f"{source}:{','.join(sorted(states))}" for source, states in sorted(sources.items()))
            row = {"told": " ".join(words), "dialogue": dialogue}
            connection.execute(update, row | ({"concerns": concerns[dialogue]} if counts else {}))


def downgrade() -> None:
    """Go back to the step before."""
    with op.batch_alter_table("initiative", schema=None) as batch_op:
        batch_op.drop_index("ix_initiative_standing")
        batch_op.create_index(batch_op.f("ix_initiative_agreement_id"), ["agreement_id"], unique=False)

    with op.batch_alter_table("dialogue", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_dialogue_owner_id",
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_dialogue_owner_id"), ["owner_id"], unique=False)
        batch_op.drop_index("ix_dialogue_latest")
        batch_op.drop_column("concerns")
        batch_op.drop_column("told_goals")
        batch_op.drop_column("told_initiatives")
