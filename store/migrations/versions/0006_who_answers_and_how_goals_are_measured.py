"""who answers, and how goals are measured: written by `python -m store.migrations`, then read by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go from the step before to this one."""
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dialogue_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_delegation_asked_by_id")),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogue.id"], name=op.f("fk_delegation_dialogue_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delegation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("dialogue_id", "subject", name=op.f("uq_delegation_dialogue_id_subject")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_action_person_id"), ["person_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_action_person_id"), "person", ["person_id"], ["id"])

    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evaluation", sa.String(length=60), nullable=True))

    with op.batch_alter_table("dialogue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_dialogue_agreement_id_round"), type_="unique")
        batch_op.create_index(batch_op.f("ix_dialogue_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(
            "uq_dialogue_owner",
            ["agreement_id", "round", "owner_id"],
            unique=True,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_dialogue_unit",
            ["agreement_id", "round"],
            unique=True,
            sqlite_where=sa.text("owner_id IS NULL"),
            postgresql_where=sa.text("owner_id IS NULL"),
        )
        batch_op.create_foreign_key(batch_op.f("fk_dialogue_owner_id"), "person", ["owner_id"], ["id"])

    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("readings", sa.String(length=20), nullable=True))

    with op.batch_alter_table("initiative", schema=None) as batch_op:
        batch_op.add_column(sa.Column("continues_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_initiative_continues_id"), "initiative", ["continues_id"], ["id"])

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cadence", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.Boolean(), nullable=True))

    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evaluation", sa.String(length=60), nullable=True))


def downgrade() -> None:
    """Go back to the step before."""
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_column("evaluation")

    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.alter_column("person_id", existing_type=sa.INTEGER(), nullable=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("digest")
        batch_op.drop_column("cadence")

    with op.batch_alter_table("initiative", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_initiative_continues_id"), type_="foreignkey")
        batch_op.drop_column("continues_id")

    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.drop_column("readings")

    with op.batch_alter_table("dialogue", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_dialogue_owner_id"), type_="foreignkey")
        batch_op.drop_index(
            "uq_dialogue_unit", sqlite_where=sa.text("owner_id IS NULL"), postgresql_where=sa.text("owner_id IS NULL")
        )
        batch_op.drop_index(
            "uq_dialogue_owner",
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_dialogue_owner_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_dialogue_agreement_id_round"), ["agreement_id", "round"])
        batch_op.drop_column("owner_id")

    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_column("evaluation")

    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_action_person_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_action_person_id"))
        batch_op.drop_column("person_id")

    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_person_id"))

    op.drop_table("delegation")
