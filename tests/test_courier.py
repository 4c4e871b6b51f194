"""From the outbox to a channel that refuses, keeps silent or breaks: every delivery arrives once, or says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Row, select

from bot.courier import MOST_ATTEMPTS, Courier
from bot.outcome import summary_key
from bot.ports import Ambiguous, Busy, Dead, Destination, Outcome, Sent
from bot.running import Product
from cards.card import Card
from store import tables as t
from store.database import Database
from store.work import Work
from tests.test_service import answer_everything
from tests.town import Town, fjordby


class Fickle:
    """A channel that answers as it is told, and remembers what really arrived."""

    name = "web"

    def __init__(self, *answers: Callable[[str], Outcome]) -> None:
        self.answers = list(answers)
        self.arrived: dict[str, Card] = {}
        self.posted = self.corrected = 0
        self.meanwhile: Callable[[], None] = lambda: None

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:  # noqa: ARG002
        self.posted += 1
        answer = self.answers.pop(0)(key) if self.answers else Sent(key)
        if isinstance(answer, Sent | Ambiguous) and getattr(answer, "reason", "") != "lost":
            self.arrived[key] = card
        self.meanwhile()
        return answer

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        self.corrected += 1
        self.arrived[message_ref] = card
        return Sent(message_ref)

    async def find(self, destination: Destination, key: str) -> str | None:  # noqa: ARG002
        return key if key in self.arrived else None


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    answer_everything(town.user("mette")).presses("Se opsummeringen").presses("Send til Jens")
    return town


async def run(town: Town, channel: Fickle) -> int:
    return await Courier(town.house, town.database, {"web": channel}).run(town.now)


def row_of(town: Town) -> Row[tuple[object, ...]]:
    key = summary_key(town.dialogue("solsikken"))
    return town.do(lambda connection: connection.execute(select(t.delivery).where(t.delivery.c.key == key)).one())


async def test_what_is_due_is_delivered_once(town: Town) -> None:
    channel = Fickle()
    assert await run(town, channel) == 1
    assert await run(town, channel) == 0
    assert (channel.posted, row_of(town).state) == (1, "sent")


async def test_a_busy_platform_is_waited_for_and_that_is_no_attempt(town: Town) -> None:
    until = town.now + timedelta(seconds=20)
    channel = Fickle(lambda _: Busy(until))
    await run(town, channel)
    assert (row_of(town).state, row_of(town).attempts, row_of(town).due_at) == ("planned", 0, until)
    town.now = until
    await run(town, channel)
    assert (channel.posted, row_of(town).state) == (2, "sent")


async def test_what_may_have_arrived_is_looked_up_before_it_is_sent_again(town: Town) -> None:
    channel = Fickle(lambda _: Ambiguous("timeout"))
    await run(town, channel)
    town.now += timedelta(minutes=1)
    await run(town, channel)
    assert (channel.posted, row_of(town).state) == (1, "sent")


async def test_what_did_not_arrive_is_sent_again(town: Town) -> None:
    channel = Fickle(lambda _: Ambiguous("lost"))
    await run(town, channel)
    town.now += timedelta(minutes=1)
    await run(town, channel)
    assert (channel.posted, row_of(town).state) == (2, "sent")


async def test_a_refusal_for_good_is_kept_with_its_reason(town: Town) -> None:
    await run(town, Fickle(lambda _: Dead("is-archived")))
    assert (row_of(town).state, row_of(town).reason) == ("dead", "is-archived")


async def test_a_channel_that_breaks_is_given_up_after_a_bounded_number_of_tries(town: Town) -> None:
    channel = Fickle(*[lambda _: Ambiguous("lost")] * (MOST_ATTEMPTS + 3))
    for _ in range(MOST_ATTEMPTS + 3):
        await run(town, channel)
        town.now += timedelta(hours=1)
    assert (channel.posted, row_of(town).state) == (MOST_ATTEMPTS, "dead")


async def test_a_holder_that_died_is_followed_by_another_after_the_lease(town: Town) -> None:
    lease = timedelta(seconds=60)
    claimed = town.do(lambda connection: Work(connection).outbox.claim(town.now, lease))
    assert claimed is not None
    channel = Fickle()
    assert await run(town, channel) == 0, "the lease still holds"
    town.now += lease
    assert await run(town, channel) == 1


async def test_a_correction_planned_while_the_post_is_on_its_way_is_not_a_second_post(town: Town) -> None:
    channel = Fickle()
    key = summary_key(town.dialogue("solsikken"))

    def correct() -> None:
        channel.meanwhile = lambda: None
        town.do(lambda connection: Work(connection).outbox.plan_correction(key, 99, town.now))

    channel.meanwhile = correct
    await run(town, channel)
    assert (channel.posted, channel.corrected, row_of(town).state) == (1, 1, "sent")


# --- a platform that cannot look its messages up -------------------------------------------------------------------------------------------


async def test_what_nobody_can_look_up_is_sent_once_more_and_then_told(town: Town) -> None:
    channel = Fickle(*[lambda _: Ambiguous("lost", is_findable=False)] * 3)
    for _ in range(4):
        await run(town, channel)
        town.now += timedelta(minutes=10)
    assert channel.posted >= 2, "the consultant may be told meanwhile"
    assert (row_of(town).state, row_of(town).attempts, row_of(town).reason) == ("dead", 2, "lost")


async def test_a_nudge_that_may_have_arrived_is_left_to_the_next_one(town: Town) -> None:
    key = "invitation:again"
    person = town.id_of(t.person, email="ali@fjordby.example")
    town.do(lambda connection: Work(connection).outbox.plan(key, "invitation", due_at=town.now, person_id=person))
    channel = Fickle(*[lambda _: Ambiguous("timeout", is_findable=False)] * 3)
    for _ in range(3):
        await run(town, channel)
        town.now += timedelta(minutes=10)
    nudge = town.do(lambda connection: connection.execute(select(t.delivery).where(t.delivery.c.key == key)).one())
    assert (nudge.state, nudge.attempts) == ("dead", 1)


@pytest.mark.parametrize("is_busy", [True, False])
async def test_what_was_posted_in_part_is_completed_where_it_stands(town: Town, *, is_busy: bool) -> None:
    def in_part(key: str) -> Outcome:
        return Busy(town.now, key) if is_busy else Ambiguous("timeout", is_findable=False, stands=key)

    channel = Fickle(in_part)
    await run(town, channel)
    town.now += timedelta(minutes=10)
    await run(town, channel)
    assert (channel.posted, channel.corrected, row_of(town).state) == (1, 1, "sent")


class Slow(Fickle):
    """A channel that takes its time, and tells when it has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        self.begun.set()
        await asyncio.sleep(0.3)
        return await super().post(destination, card, key, now)


async def test_a_process_that_ends_finishes_the_delivery_under_way_and_begins_no_other(town: Town) -> None:
    town.do(lambda connection: Work(connection).outbox.plan("invitation:x", "invitation", due_at=town.now, person_id=1))
    channel = Slow()
    product = Product(town.house, town.database, lambda: town.now, {"web": channel})
    await product.tick_soon()
    await channel.begun.wait()
    await product.close()
    assert len(channel.arrived) == 1
    states = town.do(
        lambda connection: connection.execute(
            select(t.delivery.c.state).where(t.delivery.c.state != "skipped").order_by(t.delivery.c.id)
        ).all()
    )
    assert sorted(row.state for row in states) == ["planned", "sent"]
