"""One transaction's questions and changes, named as what they answer.

Promises: a `Work` lives inside one open transaction and commits nothing itself. On PostgreSQL the dialogue's row is locked by
`dialogue(lock=True)`; on SQLite the transaction already holds the write lock. The statements of a turn's path are built once.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from store import addresses, branches, places, rooms
from store import tables as t
from store.actions import Actions
from store.agreements import Agreements, inherited
from store.database import Database, DatabaseUnavailableError
from store.delegations import Delegations
from store.goals import Goals
from store.outbox import Outbox
from store.overview import Overview
from store.places import Audience
from store.records import (
    AgreementInForce,
    AnswerRow,
    Colleague,
    Dialogue,
    Focus,
    Holder,
    InitiativeRow,
    Person,
    ResponseRow,
    Unit,
    with_owner,
)
from store.reminders import Reminders
from store.reporting import Reports
from store.traffic import Traffic
from store.upserts import upsert

Result = TypeVar("Result")

MOST_TRIES = 5
ANSWERING_ROLES = ("leader", "deputy")
COLLEAGUES_SHOWN = 60

_WORD = "word"
"""The kind of comment that is written before anything is sent, and stands under no summary."""
_LOCAL = "web"
"""The platform on which people are known by their e-mail address."""


def digest_of(body: str) -> str:
    """What a frozen script is known by: the SHA-256 of its body."""
    return hashlib.sha256(body.encode()).hexdigest()


class ChangedMeanwhileError(Exception):
    """Somebody else changed the dialogue between reading and writing; the whole transaction is to be tried again."""


_UPSERTS = {
    dialect: {
        "event": upsert(dialect, t.seen_event, ("platform", "event"), ()),
        "script": upsert(dialect, t.script, ("digest",), ()),
        "dialogue": upsert(dialect, t.dialogue, ("agreement_id", "round"), ()),
        "focus": upsert(dialect, t.focus, ("person_id",), ("dialogue_id", "subject", "step")),
        "draft": upsert(dialect, t.draft, ("dialogue_id", "subject", "step"), ("values", "person_id", "at")),
        "setting": upsert(dialect, t.setting, ("name",), ("value",)),
    }
    for dialect in ("sqlite", "postgresql")
}

_PERSON = select(  # every field of a Person, in its order
    t.person.c.id,
    t.person.c.email,
    t.person.c.name,
    func.coalesce(t.person.c.speaks, t.person.c.language),
    t.person.c.timezone,
    t.person.c.platform,
)
_CALLER = _PERSON.add_columns(t.focus.c.dialogue_id, t.focus.c.subject, t.focus.c.step).outerjoin(
    t.focus, t.focus.c.person_id == t.person.c.id
)
_CALLER_BY_EMAIL = _CALLER.where(t.person.c.email == bindparam("reference"))
_CALLER_BY_ADDRESS = _CALLER.join(t.address, t.address.c.person_id == t.person.c.id).where(
    t.address.c.platform == bindparam("platform"), t.address.c.reference == bindparam("reference")
)
_PERSON_BY_ID = _PERSON.where(t.person.c.id == bindparam("person_id"))

_previous = t.dialogue.alias("previous")
_DIALOGUE: Select[Any] = select(  # every field of a Dialogue, in its order
    t.dialogue.c.id,
    t.dialogue.c.agreement_id,
    t.agreement.c.unit_id,
    t.unit.c.name,
    t.dialogue.c.model,
    t.dialogue.c.round,
    t.dialogue.c.opens_on,
    t.dialogue.c.due_on,
    t.dialogue.c.script_digest,
    t.dialogue.c.revision,
    t.dialogue.c.sent_revision,
    t.dialogue.c.sent_at,
    t.dialogue.c.corrected_at,
    t.dialogue.c.sent_by_id,
    t.dialogue.c.previous_id,
    _previous.c.due_on,
    _previous.c.sent_revision,
    t.dialogue.c.owner_id,
    select(t.delegation.c.id).where(t.delegation.c.dialogue_id == t.dialogue.c.id).exists(),
).select_from(
    t.dialogue.join(t.agreement)
    .join(t.unit, t.unit.c.id == t.agreement.c.unit_id)
    .outerjoin(_previous, _previous.c.id == t.dialogue.c.previous_id)
)
_DIALOGUE_BY_ID = _DIALOGUE.where(t.dialogue.c.id == bindparam("dialogue_id"))
_LOCK = select(t.dialogue.c.id).where(t.dialogue.c.id == bindparam("dialogue_id")).with_for_update()

_day = bindparam("day", type_=Date)
_ABSENT = and_(t.absence.c.from_day <= _day, t.absence.c.to_day >= _day)
_ON_POST = and_(t.post.c.from_day <= _day, or_(t.post.c.to_day.is_(None), t.post.c.to_day >= _day))
_AWAY = and_(t.absence.c.person_id == t.post.c.person_id, _ABSENT)

_stand_in = t.person.alias("stand_in")
_OWNER = (
    select(
        t.person.c.id,
        t.person.c.name,
        t.absence.c.id.is_not(None),
        t.absence.c.stand_in_id,
        func.coalesce(_stand_in.c.name, ""),
    )
    .select_from(
        t.person.outerjoin(t.absence, and_(t.absence.c.person_id == t.person.c.id, _ABSENT)).outerjoin(
            _stand_in, _stand_in.c.id == t.absence.c.stand_in_id
        )
    )
    .where(t.person.c.id == bindparam("person_id"))
    .limit(1)
)
_HOLDERS = (
    select(
        t.post.c.person_id,
        t.person.c.name,
        t.post.c.role,
        t.post.c.unit_id,
        t.unit.c.name,
        t.unit_closure.c.depth,
        t.absence.c.id.is_not(None),
        t.absence.c.stand_in_id,
        func.coalesce(_stand_in.c.name, ""),
    )
    .select_from(
        t.unit_closure.join(t.post, t.post.c.unit_id == t.unit_closure.c.ancestor_id)
        .join(t.person, t.person.c.id == t.post.c.person_id)
        .join(t.unit, t.unit.c.id == t.post.c.unit_id)
        .outerjoin(t.absence, _AWAY)
        .outerjoin(_stand_in, _stand_in.c.id == t.absence.c.stand_in_id)
    )
    .where(t.unit_closure.c.descendant_id == bindparam("unit_id"), _ON_POST)
    .order_by(t.unit_closure.c.depth, t.post.c.id)
)

_ANY_INITIATIVE: Select[Any] = (
    select(
        t.initiative.c.id,
        t.initiative.c.title,
        t.initiative.c.due_on,
        t.goal.c.title,
        t.goal.c.source,
        func.coalesce(t.goal.c.policy, ""),
        func.coalesce(t.objective.c.title, ""),
        t.goal.c.id,
        t.initiative.c.owner_id,
        t.initiative.c.continues_id,
    )
    .select_from(t.initiative.join(t.goal).outerjoin(t.objective))
    .order_by(t.goal.c.id, t.initiative.c.id)
)
_INITIATIVES = _ANY_INITIATIVE.where(t.initiative.c.agreement_id == bindparam("agreement_id"))

_ANSWER = select(t.answer.c.subject, t.answer.c.step, t.answer.c["values"])
_ANSWERS_NOW = _ANSWER.where(t.answer.c.dialogue_id == bindparam("dialogue_id"), t.answer.c.replaced_revision.is_(None))
_ANSWERS_SENT = _ANSWER.join(t.dialogue).where(
    t.answer.c.dialogue_id == bindparam("dialogue_id"),
    t.answer.c.revision <= t.dialogue.c.sent_revision,
    or_(t.answer.c.replaced_revision.is_(None), t.answer.c.replaced_revision > t.dialogue.c.sent_revision),
)
_REPLACE = (
    update(t.answer)
    .where(
        t.answer.c.dialogue_id == bindparam("of_dialogue"),
        t.answer.c.subject == bindparam("of_subject"),
        t.answer.c.step == bindparam("of_step"),
        t.answer.c.replaced_revision.is_(None),
    )
    .values(replaced_revision=bindparam("by_revision"))
)
_APPEND = insert(t.answer)
_ADVANCE = (
    update(t.dialogue)
    .where(t.dialogue.c.id == bindparam("of_dialogue"), t.dialogue.c.revision == bindparam("from_revision"))
    .values(revision=bindparam("to_revision"))
)
_DRAFT = select(t.draft.c["values"], t.draft.c.person_id).where(
    t.draft.c.dialogue_id == bindparam("dialogue_id"),
    t.draft.c.subject == bindparam("subject"),
    t.draft.c.step == bindparam("step"),
)
_DROP_DRAFT = delete(t.draft).where(
    t.draft.c.dialogue_id == bindparam("dialogue_id"),
    t.draft.c.subject == bindparam("subject"),
    t.draft.c.step == bindparam("step"),
)
_SCRIPT = select(t.script.c.body).where(t.script.c.digest == bindparam("digest"))


class Work:
    """The store as one transaction sees it.

    Its `outbox` is what is to be sent; its `goals`, `agreements`, `actions`, `reminders`, `overview`,
    `traffic` and `reports` answer for themselves.
    """

    def __init__(self, connection: Connection) -> None:
        self.outbox = Outbox(connection)
        self.goals = Goals(connection)
        self.agreements = Agreements(connection)
        self.delegations = Delegations(connection)
        self.reminders = Reminders(connection)
        self.actions = Actions(connection)
        self.overview = Overview(connection)
        self.traffic = Traffic(connection)
        self.reports = Reports(connection)
        self._connection = connection
        self._upserts = _UPSERTS[connection.dialect.name]

    # --- events and people ------------------------------------------------------------------------------------------------

    def is_first(self, platform: str, event: str, now: datetime) -> bool:
        """Note a platform's event; False when it was noted before."""
        noted = self._connection.execute(self._upserts["event"], {"platform": platform, "event": event, "at": now})
        return noted.rowcount == 1

    def caller(self, platform: str, reference: str) -> tuple[Person, Focus | None] | None:
        """Who a platform's reference is (the local chat's are e-mail addresses), and the card last put in front of them."""
        if platform == _LOCAL:
            row = self._connection.execute(_CALLER_BY_EMAIL, {"reference": reference.lower()}).first()
        else:
            row = self._connection.execute(_CALLER_BY_ADDRESS, {"platform": platform, "reference": reference}).first()
        if row is None:
            return None
        person, focus = Person(*row[:6]), row[6:]
        return person, Focus(*focus) if focus[0] is not None else None

    def meet(self, person_id: int, platform: str) -> None:
        """Note where somebody speaks to the bot: what is for them alone is sent there."""
        self._connection.execute(update(t.person).where(t.person.c.id == person_id).values(platform=platform))

    def close_home(self, platform: str, reference: str, reason: str, at: datetime | None) -> None:
        """Note why somebody cannot be reached on a platform any more, unless something newer is known."""
        addresses.close_home(self._connection, platform, reference, reason, at)

    def speak(self, person_id: int, language: str) -> None:
        """Note the language somebody chose."""
        self._connection.execute(update(t.person).where(t.person.c.id == person_id).values(speaks=language))

    def person_by_id(self, person_id: int) -> Person:
        """The person with an id that is known to exist."""
        return Person(*self._connection.execute(_PERSON_BY_ID, {"person_id": person_id}).one())

    def names(self, person_ids: Iterable[int]) -> dict[int, str]:
        """Names by id."""
        wanted = sorted(set(person_ids))
        if not wanted:
            return {}
        rows = self._connection.execute(select(t.person.c.id, t.person.c.name).where(t.person.c.id.in_(wanted)))
        return {row.id: row.name for row in rows}

    def holders(self, unit_id: int, day: date) -> tuple[Holder, ...]:
        """Everyone with a post at the unit or above it on a day, closest first."""
        return tuple(Holder(*row) for row in self._connection.execute(_HOLDERS, {"unit_id": unit_id, "day": day}))

    def holders_for(self, dialogue: Dialogue, day: date) -> tuple[Holder, ...]:
        """Everyone with a part in a dialogue on a day: as `holders`; where an owner answers, the owner is the closest of them.

        The unit's own leader, and the executive board of that unit, are then the level above.
        """
        holders = self.holders(dialogue.unit_id, day)
        if dialogue.owner_id is None:
            return holders
        owner = self._connection.execute(_OWNER, {"person_id": dialogue.owner_id, "day": day}).one()
        own = Holder(owner[0], owner[1], "leader", dialogue.unit_id, dialogue.unit_name, 0, *owner[2:])
        return with_owner(own, holders)

    def posts_of(self, person_id: int, day: date) -> tuple[tuple[str, Unit], ...]:
        """The person's roles and units on a day."""
        rows = self._connection.execute(
            select(t.post.c.role, t.unit.c.id, t.unit.c.code, t.unit.c.name, t.unit.c.kind)
            .join(t.unit, t.unit.c.id == t.post.c.unit_id)
            .where(t.post.c.person_id == person_id, _ON_POST)
            .order_by(t.post.c.id),
            {"day": day},
        )
        return tuple((row.role, Unit(row.id, row.code, row.name, row.kind)) for row in rows)

    def consultant(self, day: date) -> tuple[str, str] | None:
        """Whom to ask: the name of a consultant and of the unit at the post, the highest one first."""
        row = self._connection.execute(
            select(t.person.c.name, t.unit.c.name)
            .select_from(t.post.join(t.person).join(t.unit, t.unit.c.id == t.post.c.unit_id))
            .where(t.post.c.role == "consultant", _ON_POST)
            .order_by(
                select(func.count())
                .select_from(t.unit_closure)
                .where(t.unit_closure.c.descendant_id == t.unit.c.id)
                .scalar_subquery(),
                t.post.c.id,
            ),
            {"day": day},
        ).first()
        return (row[0], row[1]) if row else None

    def consultant_ids(self, day: date) -> tuple[int, ...]:
        """Everybody who is a consultant on a day, the longest at it first."""
        rows = self._connection.execute(
            select(t.post.c.person_id).where(t.post.c.role == "consultant", _ON_POST).order_by(t.post.c.id),
            {"day": day},
        )
        return tuple(dict.fromkeys(row.person_id for row in rows))

    def away(self, person_ids: Iterable[int], day: date) -> frozenset[int]:
        """Those of some people who are away on a day."""
        absent = select(t.absence.c.person_id).where(_ABSENT, t.absence.c.person_id.in_(sorted(set(person_ids))))
        return frozenset(self._connection.execute(absent, {"day": day}).scalars())

    def colleagues(self, unit_id: int, day: date) -> tuple[Colleague, ...]:
        """The people a leader of the unit is most likely to involve: those above, then those beside, closest first."""
        above = t.unit_closure.alias("above")
        beside = t.unit_closure.alias("beside")
        distance = func.min(above.c.depth + beside.c.depth)
        led = func.min(
            case((t.post.c.role == "leader", t.unit.c.name))
        )  # what they lead tells more than where else they sit
        rows = self._connection.execute(
            select(t.person.c.id, t.person.c.name, func.coalesce(led, func.min(t.unit.c.name)))
            .select_from(
                above.join(beside, beside.c.ancestor_id == above.c.ancestor_id)
                .join(t.post, t.post.c.unit_id == beside.c.descendant_id)
                .join(t.person, t.person.c.id == t.post.c.person_id)
                .join(t.unit, t.unit.c.id == t.post.c.unit_id)
            )
            .where(above.c.descendant_id == unit_id, _ON_POST)
            .group_by(t.person.c.id, t.person.c.name)
            .order_by(distance, t.person.c.name)
            .limit(COLLEAGUES_SHOWN),
            {"day": day},
        )
        return tuple(Colleague(*row) for row in rows)

    # --- dialogues --------------------------------------------------------------------------------------------------------

    def dialogue(self, dialogue_id: int, *, lock: bool = False) -> Dialogue | None:
        """The dialogue with an id; `lock` keeps others from changing it until this transaction ends."""
        if lock and self._connection.dialect.name == "postgresql":
            # a statement of its own: what is read beside a locked row is as it was before the lock was waited for
            self._connection.execute(_LOCK, {"dialogue_id": dialogue_id})
        row = self._connection.execute(_DIALOGUE_BY_ID, {"dialogue_id": dialogue_id}).first()
        return Dialogue(*row) if row else None

    def dialogues_for(self, person_id: int, day: date) -> tuple[Dialogue, ...]:
        """The open dialogues a person may answer on a day, by deadline: as leader, deputy, or stand-in for one who is away.

        A unit's latest round is open until the next one opens, so what is late can still be answered, and what is sent corrected.
        """
        asked = {"person_id": person_id, "day": day}
        return tuple(Dialogue(*row) for row in self._connection.execute(_dialogues_for(), asked))

    def open_dialogues(self, day: date) -> tuple[Dialogue, ...]:
        """Every dialogue that has opened and is not yet due."""
        statement = _DIALOGUE.where(t.dialogue.c.opens_on <= _day, t.dialogue.c.due_on >= _day).order_by(
            t.dialogue.c.id
        )
        return tuple(Dialogue(*row) for row in self._connection.execute(statement, {"day": day}))

    def period_of(self, agreement_id: int) -> tuple[date, date]:
        """An agreement's first and last day."""
        period = select(t.agreement.c.from_day, t.agreement.c.to_day).where(t.agreement.c.id == agreement_id)
        row = self._connection.execute(period).one()
        return row[0], row[1]

    def owner_of(self, initiative_id: int) -> Person | None:
        """Who has an initiative, where somebody is named."""
        owned = t.initiative.c.id == initiative_id
        row = self._connection.execute(
            _PERSON.join(t.initiative, t.initiative.c.owner_id == t.person.c.id).where(owned)
        )
        found = row.first()
        return Person(*found) if found else None

    def kind_of(self, unit_id: int) -> str:
        """What kind of unit it is."""
        return str(self._connection.execute(select(t.unit.c.kind).where(t.unit.c.id == unit_id)).scalar_one())

    def initiatives(self, agreement_id: int) -> tuple[InitiativeRow, ...]:
        """The agreement's initiatives, those of one goal together."""
        return tuple(
            InitiativeRow(*row) for row in self._connection.execute(_INITIATIVES, {"agreement_id": agreement_id})
        )

    def initiatives_by_ids(self, initiative_ids: Iterable[int]) -> tuple[InitiativeRow, ...]:
        """Initiatives by their ids, whatever agreement they are in today."""
        wanted = sorted(set(initiative_ids))
        rows = self._connection.execute(_ANY_INITIATIVE.where(t.initiative.c.id.in_(wanted))) if wanted else ()
        return tuple(InitiativeRow(*row) for row in rows)

    def answers(self, dialogue_id: int) -> tuple[AnswerRow, ...]:
        """The answers that stand now, sent or not."""
        return tuple(AnswerRow(*row) for row in self._connection.execute(_ANSWERS_NOW, {"dialogue_id": dialogue_id}))

    def answers_sent(self, dialogue_id: int) -> tuple[AnswerRow, ...]:
        """The answers as they stood when the dialogue was last sent: all that anybody but the answering side may see."""
        return tuple(AnswerRow(*row) for row in self._connection.execute(_ANSWERS_SENT, {"dialogue_id": dialogue_id}))

    def is_changed_since(self, dialogue_id: int, subject: str, revision: int) -> bool:
        """Whether anything about a subject was answered after a revision of its dialogue."""
        changed = select(t.answer.c.id).where(
            t.answer.c.dialogue_id == dialogue_id, t.answer.c.subject == subject, t.answer.c.revision > revision
        )
        return self._connection.execute(changed.limit(1)).first() is not None

    def script_body(self, digest: str) -> str:
        """The script as it was frozen."""
        return str(self._connection.execute(_SCRIPT, {"digest": digest}).scalar_one())

    def record(
        self,
        dialogue: Dialogue,
        answers: Sequence[AnswerRow],
        *,
        replaces: bool,
        person_id: int,
        platform: str,
        now: datetime,
    ) -> int:
        """Append answers as one change; the ones they replace stay as history. The dialogue's new revision."""
        revision = dialogue.revision + 1
        of = {"of_dialogue": dialogue.id, "by_revision": revision}
        if replaces:
            for one in answers:
                self._connection.execute(_REPLACE, {**of, "of_subject": one.subject, "of_step": one.step})
        by = {"dialogue_id": dialogue.id, "revision": revision, "person_id": person_id, "platform": platform, "at": now}
        rows = [{**by, "subject": one.subject, "step": one.step, "values": dict(one.values)} for one in answers]
        self._connection.execute(_APPEND, rows if len(rows) > 1 else rows[0])
        step = {"of_dialogue": dialogue.id, "from_revision": dialogue.revision, "to_revision": revision}
        if self._connection.execute(_ADVANCE, step).rowcount != 1:
            raise ChangedMeanwhileError
        return revision

    def mark_sent(self, dialogue: Dialogue, statuses: Mapping[int, str], person_id: int, now: datetime) -> None:
        """Note that the nearest leader is given the present revision, with each initiative's status in it."""
        first = {"sent_at": now, "sent_by_id": person_id} if dialogue.sent_at is None else {"corrected_at": now}
        self._connection.execute(
            update(t.dialogue).where(t.dialogue.c.id == dialogue.id).values(sent_revision=dialogue.revision, **first)
        )
        rows = [{"of_initiative": one, "status": status, "dialogue": dialogue.id} for one, status in statuses.items()]
        if rows:
            self._connection.execute(
                update(t.initiative)
                .where(t.initiative.c.id == bindparam("of_initiative"), ~_told_later(dialogue))
                .values(last_status=bindparam("status"), last_dialogue_id=bindparam("dialogue")),
                rows,
            )
        self._connection.execute(delete(t.draft).where(t.draft.c.dialogue_id == dialogue.id))  # what was never used
        self._show_to_later_rounds(dialogue)

    def _show_to_later_rounds(self, dialogue: Dialogue) -> None:
        """A round sent late becomes what the unit's next round compares with."""
        of_unit = select(t.agreement.c.id).where(t.agreement.c.unit_id == dialogue.unit_id)
        earlier = select(t.dialogue.c.id).where(t.dialogue.c.due_on >= dialogue.due_on)
        self._connection.execute(
            update(t.dialogue)
            .where(
                t.dialogue.c.agreement_id.in_(of_unit),
                t.dialogue.c.owner_id.is_not_distinct_from(dialogue.owner_id),
                t.dialogue.c.due_on > dialogue.due_on,
                or_(t.dialogue.c.previous_id.is_(None), ~t.dialogue.c.previous_id.in_(earlier)),
            )
            .values(previous_id=dialogue.id)
        )

    def respond(self, dialogue_id: int, person_id: int, kind: str, text: str, now: datetime) -> int:
        """Keep what somebody said about a summary; its id."""
        row = {"dialogue_id": dialogue_id, "person_id": person_id, "kind": kind, "text": text, "at": now}
        key = self._connection.execute(insert(t.comment), row).inserted_primary_key
        return int(key[0]) if key else 0

    def responses(self, dialogue_id: int) -> tuple[ResponseRow, ...]:
        """What was said about a summary, oldest first."""
        return self._comments(dialogue_id, t.comment.c.kind != _WORD)

    def words(self, dialogue_id: int) -> tuple[ResponseRow, ...]:
        """What was written to whoever answers, while nothing was sent yet."""
        return self._comments(dialogue_id, t.comment.c.kind == _WORD)

    def move_deadline(self, dialogue_id: int, due_on: date) -> None:
        """Give a dialogue another day to be answered by."""
        self._connection.execute(update(t.dialogue).where(t.dialogue.c.id == dialogue_id).values(due_on=due_on))
        moved = t.dialogue.alias("moved")
        beside = select(moved.c.agreement_id).where(moved.c.id == dialogue_id).scalar_subquery()
        compared = and_(t.dialogue.c.agreement_id == beside, t.dialogue.c.previous_id == dialogue_id)
        self._connection.execute(
            update(t.dialogue).where(compared, t.dialogue.c.changed_since.is_not(None)).values(changed_since=due_on)
        )

    def _comments(self, dialogue_id: int, wanted: ColumnElement[bool]) -> tuple[ResponseRow, ...]:
        rows = self._connection.execute(
            select(
                t.comment.c.id,
                t.comment.c.kind,
                t.comment.c.person_id,
                t.person.c.name,
                t.comment.c.text,
                t.comment.c.at,
            )
            .join(t.person, t.person.c.id == t.comment.c.person_id)
            .where(t.comment.c.dialogue_id == dialogue_id, wanted)
            .order_by(t.comment.c.id)
        )
        return tuple(ResponseRow(*row) for row in rows)

    # --- what is in front of a person ----------------------------------------------------------------------------------------

    def set_focus(self, person_id: int, focus: Focus) -> None:
        """Note the card now in front of the person."""
        values = {
            "person_id": person_id,
            "dialogue_id": focus.dialogue_id,
            "subject": focus.subject,
            "step": focus.step,
        }
        self._connection.execute(self._upserts["focus"], values)

    def draft(self, focus: Focus, *, by: int | None = None) -> Mapping[str, Any]:
        """What was typed for a step and not yet given as its answer, by field id; with `by` only if that person typed it."""
        where = {"dialogue_id": focus.dialogue_id, "subject": focus.subject, "step": focus.step}
        row = self._connection.execute(_DRAFT, where).first()
        return dict(row[0]) if row and by in (None, row[1]) else {}

    def keep_draft(self, focus: Focus, values: Mapping[str, object], person_id: int, now: datetime) -> None:
        """Keep what was typed for a step."""
        row = {"dialogue_id": focus.dialogue_id, "subject": focus.subject, "step": focus.step}
        self._connection.execute(
            self._upserts["draft"], {**row, "values": dict(values), "person_id": person_id, "at": now}
        )

    def drop_draft(self, focus: Focus) -> None:
        """Forget what was typed for a step."""
        where = {"dialogue_id": focus.dialogue_id, "subject": focus.subject, "step": focus.step}
        self._connection.execute(_DROP_DRAFT, where)

    # --- rounds -----------------------------------------------------------------------------------------------------------

    def agreements_in_force(self, day: date, default_model: str) -> tuple[AgreementInForce, ...]:
        """Every agreement whose period covers the day, with its model and its evaluation model."""
        rows = self._connection.execute(
            select(
                t.agreement.c.id,
                t.agreement.c.unit_id,
                func.coalesce(t.agreement.c.model, inherited(t.unit.c.model), default_model),
                func.coalesce(t.agreement.c.evaluation, inherited(t.unit.c.evaluation), ""),
            )
            .where(t.agreement.c.from_day <= day, t.agreement.c.to_day >= day)
            .order_by(t.agreement.c.id)
        )
        return tuple(AgreementInForce(*row) for row in rows)

    def codes_of(self, unit_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
        """The codes from each unit up to the top, its own first."""
        return branches.codes_of(self._connection, unit_ids)

    def branches_of(
        self, email: str, day: date, year: int
    ) -> tuple[tuple[branches.Branch, tuple[branches.AgreementDays, ...]], ...]:
        """The units somebody has a post in on a day, each with its agreements of a year."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        found = branches.branches_of(self._connection, email, day)
        return tuple((one, branches.agreements_of(self._connection, one.unit_id, first, last)) for one in found)

    def models_named(self) -> frozenset[str]:
        """Every model that a unit or an agreement names."""
        return branches.models_named(self._connection)

    def periods(self, person_id: int | None = None, day: date | None = None) -> tuple[tuple[date, date], ...]:
        """The periods there are agreements for; with a person, those of the units they answer for on a day."""
        statement = select(t.agreement.c.from_day, t.agreement.c.to_day).distinct().order_by(t.agreement.c.from_day)
        if person_id is not None:
            mine = select(t.post.c.unit_id).where(
                t.post.c.person_id == person_id, t.post.c.role.in_(ANSWERING_ROLES), _ON_POST
            )
            statement = statement.where(t.agreement.c.unit_id.in_(mine))
        parameters = {"day": day} if person_id is not None else {}
        return tuple((row[0], row[1]) for row in self._connection.execute(statement, parameters))

    def keep_script(self, digest: str, body: str) -> None:
        """Keep a frozen script; the same one is kept once."""
        self._connection.execute(self._upserts["script"], {"digest": digest, "body": body})

    def open_dialogue(
        self,
        agreement: AgreementInForce,
        round_id: str,
        opens_on: date,
        due_on: date,
        script_digest: str,
        owner_id: int | None = None,
    ) -> Dialogue | None:
        """Open an agreement's dialogue in a round, of the unit or of one owner; None when it is open already."""
        values = {
            "agreement_id": agreement.id,
            "owner_id": owner_id,
            "model": agreement.model,
            "round": round_id,
            "opens_on": opens_on,
            "due_on": due_on,
            "script_digest": script_digest,
            "previous_id": self._connection.execute(_last_sent(agreement, due_on, owner_id)).scalar(),
        }
        if self._connection.execute(self._upserts["dialogue"], values).rowcount != 1:
            return None
        opened = _DIALOGUE.where(
            t.dialogue.c.agreement_id == agreement.id,
            t.dialogue.c.round == round_id,
            t.dialogue.c.owner_id.is_not_distinct_from(owner_id),
        )
        return Dialogue(*self._connection.execute(opened).one())

    def dialogues_in(self, round_id: str) -> frozenset[tuple[int, int | None]]:
        """The dialogues of a round that are open already: whose agreement, and which owner's."""
        rows = self._connection.execute(
            select(t.dialogue.c.agreement_id, t.dialogue.c.owner_id).where(t.dialogue.c.round == round_id)
        )
        return frozenset((row.agreement_id, row.owner_id) for row in rows)

    def owners(self, agreement_ids: Iterable[int]) -> Mapping[int, tuple[int, ...]]:
        """Who has an initiative in each of the agreements, the first one's owner first."""
        rows = self._connection.execute(
            select(t.initiative.c.agreement_id, t.initiative.c.owner_id)
            .where(t.initiative.c.agreement_id.in_(sorted(set(agreement_ids))), t.initiative.c.owner_id.is_not(None))
            .order_by(t.initiative.c.id)
        )
        found: defaultdict[int, list[int]] = defaultdict(list)
        for row in rows:
            if row.owner_id not in found[row.agreement_id]:
                found[row.agreement_id].append(row.owner_id)
        return {agreement: tuple(owners) for agreement, owners in found.items()}

    # --- rooms and deliveries ------------------------------------------------------------------------------------------------

    def room_above(self, unit_id: int, platform: str = "") -> tuple[int, str] | None:
        """The closest channel at a unit or above it: the unit that owns it, and what it is called, on a platform if it has one there."""
        columns = (t.unit.c.slack_channel, t.unit.c.teams_channel)
        name = func.coalesce(*(reversed(columns) if platform == "teams" else columns))
        row = self._connection.execute(
            select(t.unit.c.id, name)
            .join(t.unit_closure, t.unit_closure.c.ancestor_id == t.unit.c.id)
            .where(t.unit_closure.c.descendant_id == unit_id, name.is_not(None))
            .order_by(t.unit_closure.c.depth)
            .limit(1)
        ).first()
        return (row[0], self._called(row[1])) if row else None

    def _called(self, written: str) -> str:
        """What a channel is called; one that the workbook names by its id or a link is called as its platform says."""
        name = places.plain(written)
        if name == written and not places.is_reference(name):
            return name
        seen = places.meant(places.known(self._connection), name)
        return seen[0].name if seen else name

    def room_by_platform(self, unit_id: int) -> Mapping[str, str]:
        """The channel a unit owns, by platform; the local platform's stands under its own name."""
        row = self._connection.execute(
            select(t.unit.c.slack_channel, t.unit.c.teams_channel).where(t.unit.c.id == unit_id)
        ).one()
        named = {"slack": row.slack_channel, "teams": row.teams_channel, _LOCAL: row.slack_channel or row.teams_channel}
        return {platform: places.plain(name) for platform, name in named.items() if name}

    def units_with_room(self, platform: str, names: Collection[str]) -> tuple[int, ...]:
        """The units that own a channel of a platform, by any of its names."""
        column = t.unit.c.teams_channel if platform == "teams" else t.unit.c.slack_channel
        rows = self._connection.execute(select(t.unit.c.id, column).where(column.is_not(None)))
        wanted = {name.casefold() for name in names}
        return tuple(row[0] for row in rows if places.plain(row[1]).casefold() in wanted)

    def audience(self, channel: str, day: date, platform: str) -> Audience:
        """Who can read a channel: as its platform last said; on the local one, by the posts of a day."""
        told = places.audience(self._connection, channel)
        if told is None and platform == _LOCAL:
            return Audience(rooms.readers(self._connection, channel, day))
        return told or Audience()

    # --- the rest ---------------------------------------------------------------------------------------------------------

    def note(
        self, act: str, what: str, now: datetime, *, person_id: int | None = None, reason: str | None = None
    ) -> None:
        """Write a line in the audit: ids and reasons, never what people wrote."""
        self._connection.execute(
            insert(t.audit), {"at": now, "person_id": person_id, "act": act, "object": what, "reason": reason}
        )

    def times_noted(self, act: str, what: str) -> int:
        """How often something stands in the audit."""
        noted = select(func.count()).where(t.audit.c.act == act, t.audit.c.object == what)
        return int(self._connection.execute(noted).scalar_one())

    def setting(self, name: str) -> str | None:
        """A kept setting, such as the rehearsal's day."""
        return self._connection.execute(select(t.setting.c.value).where(t.setting.c.name == name)).scalar()

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting."""
        self._connection.execute(self._upserts["setting"], {"name": name, "value": value})

    def last_message_at(self) -> datetime | None:
        """When the local platform's last message was written."""
        return self._connection.execute(select(func.max(t.message.c.at))).scalar()

    def is_empty(self) -> bool:
        """Whether no unit has been imported yet."""
        return self._connection.execute(select(t.unit.c.id).limit(1)).first() is None


async def in_one_transaction(database: Database, act: Callable[[Work], Result]) -> Result:
    """Do `act` in a transaction of its own, on the database's threads; again from the start when another changed it meanwhile."""
    for _ in range(MOST_TRIES):
        with suppress(ChangedMeanwhileError):
            return await database.run(lambda connection: act(Work(connection)))
    raise DatabaseUnavailableError("changed by others again and again")


def _has_work() -> ColumnElement[bool]:
    """Whether the owner of a dialogue still has any of the agreement's initiatives."""
    theirs = and_(
        t.initiative.c.agreement_id == t.dialogue.c.agreement_id, t.initiative.c.owner_id == t.dialogue.c.owner_id
    )
    return select(t.initiative.c.id).where(theirs).exists()


@cache
@cache
def _dialogues_for() -> Select[Any]:
    """The open dialogues of one person on a day."""
    who = bindparam("person_id", type_=Integer)
    stood_in_for = select(t.absence.c.person_id).where(t.absence.c.stand_in_id == who, _ABSENT)
    owned = t.dialogue.c.owner_id.in_(union_all(select(who), stood_in_for))
    own = and_(t.post.c.person_id == who, t.post.c.role.in_(ANSWERING_ROLES))
    stand_in = and_(t.absence.c.stand_in_id == who, t.post.c.role == "leader")
    stood_in_at = select(t.post.c.unit_id).join(t.absence, _AWAY).where(_ON_POST, stand_in)
    units = union_all(select(t.post.c.unit_id).where(_ON_POST, own), stood_in_at)
    later = t.dialogue.alias("later")
    superseded = select(later.c.id).where(
        later.c.agreement_id == t.dialogue.c.agreement_id,
        later.c.owner_id.is_not_distinct_from(t.dialogue.c.owner_id),
        later.c.opens_on <= _day,
        later.c.due_on > t.dialogue.c.due_on,
    )
    # two ways to a dialogue, each by its own index: one condition for both would look through every dialogue there is
    of_units = select(t.dialogue.c.id).join(t.agreement)
    of_units = of_units.where(t.dialogue.c.owner_id.is_(None), t.agreement.c.unit_id.in_(units))
    has_part = or_(_has_work(), t.dialogue.c.sent_revision.is_not(None))
    return _DIALOGUE.where(
        t.dialogue.c.id.in_(union_all(of_units, select(t.dialogue.c.id).where(owned, has_part))),
        t.dialogue.c.opens_on <= _day,
        t.agreement.c.to_day >= _day,
        ~superseded.exists(),
    ).order_by(t.dialogue.c.due_on, t.unit.c.name)


def _told_later(dialogue: Dialogue) -> ColumnElement[bool]:
    """Whether an initiative's status is from a later round: what is corrected afterwards in an earlier one does not change it."""
    later = t.dialogue.alias("later")
    told = and_(later.c.id == t.initiative.c.last_dialogue_id, later.c.due_on > dialogue.due_on)
    return select(later.c.id).where(told).exists()


def _last_sent(agreement: AgreementInForce, before: date, owner_id: int | None) -> Select[tuple[int]]:
    """What was sent last before a day: by the unit; of an owner's dialogues the one that says most of what is theirs now."""
    sent = (
        select(t.dialogue.c.id)
        .join(t.agreement)
        .where(
            t.agreement.c.unit_id == agreement.unit_id,
            t.dialogue.c.due_on < before,
            t.dialogue.c.sent_revision.is_not(None),
        )
    )
    latest = t.dialogue.c.due_on.desc()
    if owner_id is None:
        return sent.where(t.dialogue.c.owner_id.is_(None)).order_by(latest).limit(1)
    told = (
        select(func.count())
        .select_from(t.initiative)
        .where(
            t.initiative.c.agreement_id == agreement.id,
            t.initiative.c.owner_id == owner_id,
            select(t.answer.c.id)
            .where(
                t.answer.c.dialogue_id == t.dialogue.c.id,
                t.answer.c.subject == literal("initiative-") + cast(t.initiative.c.id, String),
            )
            .exists(),
        )
        .correlate(t.dialogue)
        .scalar_subquery()
    )
    return sent.where(t.dialogue.c.owner_id.is_not(None), told > 0).order_by(latest, told.desc()).limit(1)
