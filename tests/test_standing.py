"""How dialogues stand together: what the database counts is what a plain count of every dialogue gives, whatever was sent and when."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Table, insert, select, update

from bot.generating import TODAY, grow, municipality, read_pieces
from store import migrations, standing
from store import tables as t
from store.database import Database
from store.overview import Overview
from store.standing import Answered, Brief, Figures, Standing, change_in_words, counted, in_words
from store.work import Work
from tests.town import library

WEEK = timedelta(days=7)
NOON = datetime(2027, 3, 22, 12, tzinfo=UTC)
CONCERNS = {"delayed", "stopped"}


@pytest.fixture(params=[1, 2, 3])
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)  # noqa: S311 - the same every time is the point


def lived(database: Database, chance: random.Random) -> None:
    """A generated municipality in which things happened: agreements ended and followed, owners asked, deadlines moved, rounds corrected."""
    pieces = read_pieces()
    grow(database, municipality(40, chance.randrange(100), pieces), library(), 1, pieces)
    with database.transaction() as connection:
        agreements = connection.execute(select(t.agreement.c.id, t.agreement.c.unit_id)).all()
        dialogues = _rows(connection, t.dialogue).values()
        by_agreement = {one["agreement_id"]: one for one in dialogues if one["round"] == "2027-spring"}
        for agreement, unit in chance.sample(agreements, 14):
            happens = chance.choice(("ended", "followed", "owners", "moved", "future"))
            dialogue = by_agreement[agreement]
            if happens in {"ended", "followed"}:
                ended = update(t.agreement).where(t.agreement.c.id == agreement)
                connection.execute(ended.values(to_day=TODAY - WEEK))
            if happens == "followed":
                row = {
                    "code": f"next-{agreement}",
                    "unit_id": unit,
                    "from_day": TODAY - WEEK,
                    "to_day": date(2028, 1, 1),
                }
                following = connection.execute(insert(t.agreement), row).inserted_primary_key
                assert following
                connection.execute(insert(t.dialogue), _new(dialogue, following[0], previous_id=dialogue["id"]))
            if happens == "owners":
                for owner in chance.sample(range(1, 30), 2):
                    connection.execute(insert(t.dialogue), _new(dialogue, agreement, owner_id=owner))
            if happens == "moved":
                Work(connection).move_deadline(dialogue["id"], TODAY - chance.randrange(1, 4) * WEEK)
                Work(connection).move_deadline(dialogue["previous_id"], date(2026, 11, 2))
            if happens == "future":
                later = _new(dialogue, agreement, round="2027-autumn", previous_id=dialogue["id"])
                later |= {"opens_on": TODAY + WEEK, "due_on": TODAY + 9 * WEEK}
                connection.execute(insert(t.dialogue), later)
        everything = connection.execute(select(t.dialogue.c.id)).scalars().all()
        for one in chance.sample(everything, 30):
            _sends(Work(connection), one, chance)


def _new(like: Mapping[str, Any], agreement: int, **values: object) -> dict[str, Any]:
    kept = ("model", "round", "opens_on", "due_on", "script_digest")
    return {name: like[name] for name in kept} | {"agreement_id": agreement} | values


def _sends(work: Work, dialogue_id: int, chance: random.Random) -> None:
    """Whoever answers sends it, for the first time or corrected, with statuses of their own; some have nothing to tell."""
    dialogue = work.dialogue(dialogue_id)
    assert dialogue is not None
    connection = work._connection  # noqa: SLF001
    own = select(t.initiative.c.id).where(t.initiative.c.agreement_id == dialogue.agreement_id)
    states = ("on_plan", "completed", "delayed", "stopped")
    statuses = {one: chance.choice(states) for one in connection.execute(own).scalars() if chance.random() < 0.9}
    work.mark_sent(dialogue, statuses, 1, NOON)
    work.overview.keep_initiatives(dialogue_id, statuses, sum(one in CONCERNS for one in statuses.values()))


# --- the plain count --------------------------------------------------------------------------------------------------------------------


def _rows(connection: Connection, table: Table) -> dict[int, Mapping[str, Any]]:
    found = connection.execute(select(table)).mappings()
    return {row["id"]: {column.name: row[column.name] for column in table.c} for row in found}


class Plain:
    """Every dialogue read as it is, and counted one by one."""

    def __init__(self, database: Database, day: date) -> None:
        with database.transaction() as connection:
            self.parent = dict(connection.execute(select(t.unit.c.id, t.unit.c.parent_id)).all())
            self.agreements = _rows(connection, t.agreement)
            self.dialogues = _rows(connection, t.dialogue)
        self.day = day

    def asked(self, heads: Sequence[int], own: int, round_id: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The dialogues that count, each with its head."""
        for one in self.dialogues.values():
            if one["opens_on"] > self.day:
                continue
            if one["round"] != round_id if round_id else not self._is_latest(one):
                continue
            unit = self.agreements[one["agreement_id"]]["unit_id"]
            yield from ((head, one) for head in heads if (unit == own if head == own else self._is_below(unit, head)))

    def _is_latest(self, one: Mapping[str, Any]) -> bool:
        agreement = self.agreements[one["agreement_id"]]
        same = [other for other in self.dialogues.values() if other["agreement_id"] == one["agreement_id"]]
        same = [other for other in same if other["owner_id"] == one["owner_id"] and other["opens_on"] <= self.day]
        in_force = agreement["from_day"] <= self.day <= agreement["to_day"]
        return in_force and not any(other["due_on"] > one["due_on"] for other in same)

    def _is_below(self, unit: int | None, head: int) -> bool:
        while unit is not None and unit != head:
            unit = self.parent[unit]
        return unit == head

    def before(self, one: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The one before it in the same agreement."""
        found = self.dialogues.get(one["previous_id"])
        return found if found and found["agreement_id"] == one["agreement_id"] else None

    def tells(self, one: Mapping[str, Any], round_id: str) -> Mapping[str, Any] | None:
        """The dialogue whose words count for it."""
        return one if one["sent_revision"] is not None else None if round_id else self.before(one)

    def figures(self, heads: Sequence[int], own: int, round_id: str) -> Figures:
        asked = list(self.asked(heads, own, round_id))
        sent: Counter[tuple[Any, ...]] = Counter()
        of: Counter[tuple[Any, ...]] = Counter()
        change: Counter[str] = Counter()
        since: Counter[date] = Counter()
        for _, one in asked:
            key = (one["model"], one["round"], one["due_on"], one["owner_id"] is not None)
            of[key] += 1
            sent[key] += one["sent_revision"] is not None
            was = self.before(one)
            if one["sent_revision"] is not None and was and was["told_initiatives"] and one["told_initiatives"]:
                since[was["due_on"]] += 1
                for text, sign in ((one["told_initiatives"], 1), (was["told_initiatives"], -1)):
                    for (_, state), number in counted([text]).items():
                        change[state] += sign * number
        told = [self.tells(one, round_id) or {} for _, one in asked]
        rounds = [Answered._make((*key, sent[key], of[key])) for key in of]
        return Figures(
            rounds=tuple(sorted(rounds, key=lambda one: (-one.of, one.due_on, one.round))),
            initiatives=counted([one.get("told_initiatives") for one in told]),
            goals=counted([one.get("told_goals") for one in told]),
            change={state: number for state, number in change.items() if number},
            since=max(since, key=lambda day: (since[day], day)) if since else None,
            late=sum(self.is_late(one) for _, one in asked),
            worries=sum(one.get("concerns") or 0 for one in told),
        )

    def is_late(self, one: Mapping[str, Any]) -> bool:
        return one["sent_revision"] is None and bool(one["due_on"] < self.day)

    def briefs(self, heads: Sequence[int], own: int, round_id: str) -> Mapping[int, Brief]:
        found: dict[int, Brief] = {}
        for head, one in self.asked(heads, own, round_id):
            so_far = found.get(head, Brief(0, 0, 0, 0))
            more = (one["sent_revision"] is not None, 1, self.is_late(one), self.concerns(one, round_id))
            found[head] = Brief(*(was + plus for was, plus in zip(so_far, more, strict=True)))
        return found

    def concerns(self, one: Mapping[str, Any], round_id: str) -> int:
        return (self.tells(one, round_id) or {}).get("concerns") or 0

    def worth(self, heads: Sequence[int], own: int, round_id: str) -> list[int]:
        found = [one for _, one in self.asked(heads, own, round_id)]
        found = [one for one in found if self.concerns(one, round_id) or self.is_late(one)]
        found.sort(
            key=lambda one: (
                -self.concerns(one, round_id),
                one["sent_revision"] is not None,
                one["due_on"],
                self.agreements[one["agreement_id"]]["unit_id"],
                one["id"],
            )
        )
        return [one["id"] for one in found]


@pytest.mark.parametrize("round_id", ["", "2027-spring", "2026-autumn"])
def test_groups_count_what_a_plain_count_of_every_dialogue_counts(
    database: Database, chance: random.Random, round_id: str
) -> None:
    lived(database, chance)
    for day in (TODAY, TODAY + 2 * WEEK):
        plain = Plain(database, day)
        children = [unit for unit, parent in plain.parent.items() if parent == 1]
        leaf = max(plain.parent)
        for heads, own in (([1], 0), ([*children, 1], 1), ([leaf], 0), ([leaf, plain.parent[leaf] or 0], leaf)):
            with database.transaction() as connection:
                groups = Overview(connection).standing(heads, own, day, round_id)
                first, is_more = standing.worth_a_look(groups, day, 7, 3)
                stands = Overview(connection).stand(first, alone=bool(round_id))
            assert standing.figures(groups, day) == plain.figures(heads, own, round_id)
            assert standing.by_head(groups, day) == plain.briefs(heads, own, round_id)
            worth = plain.worth(heads, own, round_id)
            assert (list(first), is_more) == (worth[3:10], len(worth) > 10)
            for row in stands:
                _is_as_it_stands(row, plain, round_id)


def _is_as_it_stands(row: Standing, plain: Plain, round_id: str) -> None:
    one = plain.dialogues[row.dialogue_id]
    tells = plain.tells(one, round_id)
    assert row.told_in == (tells["id"] if tells else None)
    assert row.told == (tells["told_initiatives"] if tells else None)
    assert row.is_late(plain.day) == plain.is_late(one)


def test_what_changed_before_it_was_kept_is_kept_too(database: Database, chance: random.Random) -> None:
    lived(database, chance)
    before = _changes(database)
    alone = migrations._alone_on_sqlite if database.kind == "sqlite" else migrations._alone_on_postgresql  # noqa: SLF001
    with alone(database) as connection:
        command.downgrade(migrations.alembic_config(connection), "0007")
    migrations.migrate(database)
    assert _changes(database) == before
    assert any(change for change, _ in before.values())


def _changes(database: Database) -> Mapping[int, tuple[str | None, date | None]]:
    asked = select(t.dialogue.c.id, t.dialogue.c.told_change, t.dialogue.c.changed_since)
    with database.transaction() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(asked)}


def test_a_change_is_told_in_words_over_all_sources_and_is_none_where_nothing_can_be_compared() -> None:
    was = in_words({("politik", "delayed"): 2, ("lokal", "on_plan"): 1})
    told = in_words({("politik", "completed"): 2, ("lokal", "on_plan"): 1})
    assert change_in_words(told, was) == "completed*2 delayed*-2"
    assert change_in_words(told, told) == ""
    assert change_in_words(told, None) is None
    assert change_in_words(None, was) is None
