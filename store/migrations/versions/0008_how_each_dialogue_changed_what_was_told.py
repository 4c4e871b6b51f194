"""how each dialogue changed what was told: written by `python -m store.migrations`, then read by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go from the step before to this one."""
    with op.batch_alter_table("dialogue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_change", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("changed_since", sa.Date(), nullable=True))
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Tell of every dialogue that was sent how it differs from the one before it, of the same agreement."""
    columns = ("id", "agreement_id", "previous_id", "sent_revision", "due_on", "told_initiatives")
    types = {"due_on": sa.Date}
    dialogue = sa.table("dialogue", *(sa.column(one, types.get(one, sa.Text)) for one in columns))
    before = dialogue.alias("before")
    asked = (
        sa.select(dialogue.c.id, dialogue.c.told_initiatives, before.c.told_initiatives, before.c.due_on)
        .join_from(dialogue, before, before.c.id == dialogue.c.previous_id)
        .where(before.c.agreement_id == dialogue.c.agreement_id, dialogue.c.sent_revision.is_not(None))
        .where(dialogue.c.told_initiatives.is_not(None), before.c.told_initiatives.is_not(None))
    )
    rows = [
        {"change": _difference(told, was), "since": since, "dialogue": number}
        for number, told, was, since in connection.execute(asked).all()
    ]
    if rows:
        keep = sa.text("UPDATE dialogue SET told_change = :change, changed_since = :since WHERE id = :dialogue")
        connection.execute(keep.bindparams(sa.bindparam("since", type_=sa.Date)), rows)


def _difference(told: str, was: str) -> str:
    """By status: how many more, a word each: "completed*2 delayed*-2"."""
    change: dict[str, int] = {}
    for text, sign in ((told, 1), (was, -1)):
        for word in text.split():
            for one in word.partition(":")[2].split(","):
                state, _, number = one.rpartition("*")
                change[state] = change.get(state, 0) + sign * int(number)
    return " ".join(f"{state}*{number}" for state, number in sorted(change.items()) if number)


def downgrade() -> None:
    """Go back to the step before."""
    with op.batch_alter_table("dialogue", schema=None) as batch_op:
        batch_op.drop_column("changed_since")
        batch_op.drop_column("told_change")
