"""The tables, for both databases, and the few column types they share.

Promises: one metadata object that Alembic compares with; dates are days in Denmark, instants are aware UTC datetimes, numbers
are exact decimals. History is kept by append and replace: an answer is never changed, only followed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite forgets zones, so they are put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive datetime: it is a fault in the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal that comes back as it went in: NUMERIC on PostgreSQL, text on SQLite, which has no decimals."""

    impl = String(40)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type by database."""
        return dialect.type_descriptor(Numeric() if dialect.name == "postgresql" else String(40))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Write text where the database has no decimals."""
        if value is None or dialect.name == "postgresql":
            return value
        return format(value, "f")

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Read text back as a decimal."""
        return None if value is None else Decimal(value)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _to(target: str, *, name: str | None = None, null: bool = False, index: bool = False) -> Column[int]:
    return Column(name or f"{target}_id", Integer, ForeignKey(f"{target}.id"), nullable=null, index=index)


def _where(condition: str) -> dict[str, Any]:
    """For an index over some of the rows, on either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# --- the organisation -------------------------------------------------------------------------------------------------------

unit = Table(
    "unit",
    metadata,
    _id(),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    _to("unit", name="parent_id", null=True, index=True),
    Column("kind", String(20), nullable=False),
    Column("model", String(60)),  # None: inherited from the unit above
    Column("evaluation", String(60)),  # the evaluation model; None: as the unit above, else the model's
    Column("slack_channel", String(120)),
    Column("teams_channel", String(200)),
)

unit_closure = Table(
    "unit_closure",
    metadata,
    Column("ancestor_id", Integer, ForeignKey("unit.id"), primary_key=True),
    Column("descendant_id", Integer, ForeignKey("unit.id"), primary_key=True, index=True),
    Column("depth", Integer, nullable=False),
)

person = Table(
    "person",
    metadata,
    _id(),
    Column("email", String(254), nullable=False, unique=True),  # lower case
    Column("name", String(200), nullable=False),
    Column("language", String(5), nullable=False),
    Column("timezone", String(60), nullable=False),
    Column("speaks", String(5)),  # the language they chose in the chat; None: the workbook's
    Column("platform", String(20)),  # where they last spoke to the bot; None: nowhere yet
    Column("cadence", String(20)),  # how often they want to be reminded: light, off; None: as everybody
    Column("digest", Boolean),  # whether they want the weekly overview of an open round; None: as their post has it
)

post = Table(
    "post",
    metadata,
    _id(),
    _to("person", index=True),
    _to("unit", index=True),
    Column("role", String(20), nullable=False),  # leader, deputy, consultant, direktion
    Column("from_day", Date, nullable=False),
    Column("to_day", Date),  # the last day; None: until further notice
    UniqueConstraint("person_id", "unit_id", "role", "from_day"),
)

absence = Table(
    "absence",
    metadata,
    _id(),
    _to("person", index=True),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date, nullable=False),
    _to("person", name="stand_in_id", null=True, index=True),
    UniqueConstraint("person_id", "from_day"),
)

address = Table(
    "address",
    metadata,
    _id(),
    _to("person", null=True, index=True),
    _to("unit", null=True, index=True),
    Column("platform", String(20), nullable=False),
    Column("reference", String(200), nullable=False),
    Column(
        "conversation", String(300)
    ),  # their own conversation with the bot, where the platform does not give it when asked
    Column("service_url", String(300)),  # the part of the platform that conversation lives in
    Column("member", String(200)),  # what the platform calls them there
    Column("email", String(254)),  # who the platform says it is: the workbook may name them later
    Column("unreachable", String(60)),  # why nothing can be sent to them; None: it can
    Column("as_of", Instant),  # when what made them reachable or not happened, as the platform says
    UniqueConstraint("platform", "reference"),
)

room = Table(
    "room",
    metadata,
    _id(),
    Column("platform", String(20), nullable=False),
    Column("reference", String(300), nullable=False),
    Column("name", String(200), nullable=False),
    Column("team", String(200)),  # what the channel is part of, where there is such a thing
    Column("service_url", String(300)),
    Column("readers", Integer),  # how many people are in it, as the platform last said; None: not known
    Column("is_open", Boolean),  # whether everybody in the workspace can read it; None: not known
    Column("is_shared", Boolean),  # whether people of other organisations can read it; None: not known
    Column("unreachable", String(60)),  # why nothing can be posted there; None: it can
    Column("team_reference", String(300)),  # the team's own id: several may have its name
    UniqueConstraint("platform", "reference"),
)

room_name = Table(
    "room_name",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("name", String(200), primary_key=True),  # as the workbook writes it, in small letters
    Column("reference", String(300), nullable=False),  # the one room that was posted to under it
)

# --- agreements, goals, initiatives -----------------------------------------------------------------------------------------

agreement = Table(
    "agreement",
    metadata,
    _id(),
    Column("code", String(60), nullable=False, unique=True),
    _to("unit", index=True),
    Column("model", String(60)),  # None: the unit's
    Column("evaluation", String(60)),  # None: the unit's, else the model's
    Column("from_day", Date, nullable=False),
    Column("to_day", Date, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    _to("person", name="counterpart_id", null=True),  # None: the nearest leader of the day
)

signature = Table(
    "signature",
    metadata,
    _id(),
    _to("agreement"),
    Column("version", Integer, nullable=False),  # what was signed; an amendment makes a new version, signed anew
    Column("party", String(20), nullable=False),  # unit, counterpart
    _to("person"),
    Column("at", Instant, nullable=False),
    UniqueConstraint("agreement_id", "version", "party"),
)

amendment = Table(
    "amendment",
    metadata,
    _id(),
    _to("agreement", index=True),
    Column("version", Integer, nullable=False),  # the version it made
    Column("what", Text, nullable=False),  # one change in words
    Column("what_en", Text),  # the same in English
    _to("person", null=True),  # None: a workbook that was read in
    Column("at", Instant, nullable=False),
)

objective = Table(
    "objective",
    metadata,
    _id(),
    Column("title", String(500), nullable=False, unique=True),
)

goal = Table(
    "goal",
    metadata,
    _id(),
    Column("code", String(60), nullable=False, unique=True),
    _to("objective", null=True, index=True),
    Column("title", String(1000), nullable=False),
    Column("source", String(40), nullable=False),
    Column("policy", String(300)),
    Column("measure", String(120)),
    Column("baseline", Exact),
    Column("baseline_on", Date),
    Column("target", Exact),
    Column("due_on", Date),
    Column("evidence", String(1000)),
    Column("next_reading_on", Date),
    Column("readings", String(20)),  # "common": one number for all who have the goal; None: each unit its own
)

agreement_goal = Table(
    "agreement_goal",
    metadata,
    Column("agreement_id", Integer, ForeignKey("agreement.id"), primary_key=True),
    Column("goal_id", Integer, ForeignKey("goal.id"), primary_key=True, index=True),
    Column("last_attainment", String(20)),  # as last sent: reached, partly, not_reached, unknown; None: never evaluated
    Column("last_dialogue_id", Integer),
)

reading = Table(
    "reading",
    metadata,
    _id(),
    _to("goal", index=True),
    _to("unit", null=True),  # None: common to every agreement with the goal
    _to("dialogue", null=True),  # the dialogue it was given in; None: imported
    Column("value", Exact),
    Column("measured_on", Date),
    Column("source", String(300)),
    Column("no_data_because", Text),
    Column("next_reading_on", Date),
    _to("person", null=True),  # None: a workbook that was read in
    Column("at", Instant, nullable=False),
    UniqueConstraint("goal_id", "dialogue_id"),
)

initiative = Table(
    "initiative",
    metadata,
    _id(),
    Column("code", String(60), nullable=False, unique=True),
    _to("goal", index=True),
    _to("agreement"),
    Column("title", String(1000), nullable=False),
    _to("person", name="owner_id", null=True),
    Column("due_on", Date),
    _to(
        "initiative", name="continues_id", null=True
    ),  # the initiative of an earlier agreement that goes on in this one
    Column("last_status", String(40)),  # as last sent to the nearest leader; `/status` lists by it
    Column("last_dialogue_id", Integer),
    Index("ix_initiative_standing", "agreement_id", "last_status"),
)

# --- dialogues --------------------------------------------------------------------------------------------------------------

script = Table(
    "script",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the body
    Column("body", Text, nullable=False),  # frozen: later edits of the YAML never derail a running dialogue
)

dialogue = Table(
    "dialogue",
    metadata,
    _id(),
    _to("agreement"),
    _to("person", name="owner_id", null=True),  # whose initiatives it asks about; None: the unit's
    Column("model", String(60), nullable=False),
    Column("round", String(60), nullable=False),  # "2027-spring"
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False, index=True),
    Column("script_digest", String(64), ForeignKey("script.digest"), nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),  # counts changes of answers
    Column("sent_revision", Integer),  # the revision the nearest leader has seen; None: not sent yet
    Column("sent_at", Instant),  # when it was first sent
    Column("corrected_at", Instant),  # when it was last sent again
    _to("person", name="sent_by_id", null=True),
    _to("dialogue", name="previous_id", null=True),  # last round's, whose answers are shown and can be kept
    # What `/status` counts, as it was last sent: "lokal:delayed*1 politik:on_plan*2", sorted; None: nothing of the kind was asked.
    Column("told_initiatives", Text),
    Column("told_goals", Text),
    Column(
        "told_change", Text
    ),  # how many more than the one before it told: "completed*2 delayed*-2"; None: not to be compared
    Column("changed_since", Date),  # when that one was due
    Column("concerns", Integer),  # how many of the initiatives have a status that is worth talking about
    Index("ix_dialogue_latest", "agreement_id", "due_on", "opens_on", "owner_id"),
    # Over owners alone: SQLite would look for those without one in an index that holds nearly nothing else.
    Index("ix_dialogue_owner_id", "owner_id", **_where("owner_id IS NOT NULL")),
    # One dialogue a round of the unit's, and one of each owner's where the owners answer: two indexes, as NULLs are never the same.
    Index("uq_dialogue_unit", "agreement_id", "round", unique=True, **_where("owner_id IS NULL")),
    Index("uq_dialogue_owner", "agreement_id", "round", "owner_id", unique=True, **_where("owner_id IS NOT NULL")),
)

answer = Table(
    "answer",
    metadata,
    _id(),
    _to("dialogue"),
    Column("subject", String(32), nullable=False),  # "initiative-33", or "dialogue"
    Column("step", String(32), nullable=False),
    Column("values", JSON, nullable=False),  # field id -> value as dialogs.answers writes it; {} is an answer too
    Column("revision", Integer, nullable=False),  # from this revision of the dialogue ...
    Column("replaced_revision", Integer),  # ... up to, not including, this one; None: still stands
    _to("person"),
    Column("platform", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_answer_dialogue_place", "dialogue_id", "subject", "step"),
    Index("ix_answer_subject", "subject"),
)

draft = Table(
    "draft",
    metadata,
    Column("dialogue_id", Integer, ForeignKey("dialogue.id"), primary_key=True),
    Column("subject", String(32), primary_key=True),
    Column("step", String(32), primary_key=True),
    Column("values", JSON, nullable=False),  # field id -> what was typed; nobody but the answering side sees it
    _to("person"),
    Column("at", Instant, nullable=False),
)

focus = Table(
    "focus",
    metadata,
    Column("person_id", Integer, ForeignKey("person.id"), primary_key=True),
    Column("dialogue_id", Integer, ForeignKey("dialogue.id"), nullable=False),
    Column("subject", String(32), nullable=False),  # the card in front of the person: where typed text belongs
    Column("step", String(32), nullable=False),
)

comment = Table(
    "comment",
    metadata,
    _id(),
    _to("dialogue", index=True),
    _to("person"),
    Column("kind", String(20), nullable=False),  # reply, question, at_meeting, approval
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

action = Table(
    "action",
    metadata,
    _id(),
    _to("dialogue", index=True),
    _to("initiative", null=True, index=True),
    Column("what", Text, nullable=False),
    Column("who", Text, nullable=False),
    _to("person", null=True, index=True),  # who does it, where that is one of the municipality's people
    Column("due_on", Date),
    Column("state", String(20), nullable=False),  # open, done, replaced
)

delegation = Table(
    "delegation",
    metadata,
    _id(),
    _to("dialogue"),
    Column("subject", String(32), nullable=False),  # "initiative-33"
    _to("person", index=True),  # who is asked to answer about it
    _to("person", name="asked_by_id"),
    Column("at", Instant, nullable=False),
    Column("answered_at", Instant),
    UniqueConstraint("dialogue_id", "subject"),
)

# --- delivery ---------------------------------------------------------------------------------------------------------------

delivery = Table(
    "delivery",
    metadata,
    _id(),
    Column("key", String(200), nullable=False, unique=True),  # what makes it planned once
    Column("kind", String(40), nullable=False),
    _to("person", null=True, index=True),
    _to("unit", null=True),
    _to("dialogue", null=True, index=True),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("state", String(20), nullable=False),  # planned, claimed, sent, skipped, dead; gathered: told by another
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("posted_at", Instant),
    Column("platform", String(20)),
    Column("message_ref", String(300)),
    Column("content", Integer),  # which revision of the dialogue the message shows
    Column("reason", String(200)),
    Index("ix_delivery_state_due_at", "state", "due_at"),
)

throttle = Table(
    "throttle",
    metadata,
    Column("bucket", String(120), primary_key=True),
    Column("until", Instant, nullable=False),
)

seen_event = Table(
    "seen_event",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("event", String(120), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    _to("person", null=True),
    Column("act", String(40), nullable=False),
    Column("object", String(120), nullable=False),
    Column("reason", String(200)),
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(60), primary_key=True),  # such as the rehearsal's day
    Column("value", Text, nullable=False),
)

# --- the local channel, which is its own platform ------------------------------------------------------------------------------

message = Table(
    "message",
    metadata,
    _id(),
    Column("room", String(140), nullable=False),  # "dm-12" or "channel-boern-og-skole-ledelse"
    Column("author", String(200), nullable=False),  # "" is the bot
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("card", String(20), nullable=False),  # the card's kind; "said" for typed text
    Column("live", Integer, nullable=False),  # 1: its buttons still work
    _to("message", name="thread_of", null=True, index=True),
    Column("delivery_key", String(200), index=True),
    Column("at", Instant, nullable=False),
    Column("edited_at", Instant),
    Index("ix_message_room_id", "room", "id"),
)
