"""From the outbox to a channel that refuses, keeps silent or breaks: every delivery arrives once, or says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, Row, select

from bot.courier import MOST_ATTEMPTS, MOST_CLAIMS, ONE_AT_A_TIME, PACE, Courier
from bot.outcome import summary_key
from bot.ports import Ambiguous, Busy, Dead, Destination, Direct, Keep, Outcome, Sent, Unasked
from bot.running import Product
from cards.card import Card
from cards.reports.report import File
from store import tables as t
from store.database import Database
from store.outbox import Target
from store.records import Delivery
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
        self.files: list[File] = []
        self.stood: list[str | None] = []
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

    async def find(self, destination: Destination, key: str) -> str | Unasked | None:  # noqa: ARG002
        return key if key in self.arrived else None

    async def hand_over(
        self,
        destination: Destination,  # noqa: ARG002
        file: File,
        card: Card,
        key: str,
        now: datetime,  # noqa: ARG002
        *,
        stands: str | None = None,
        keep: Keep,  # noqa: ARG002
    ) -> Outcome:
        self.stood.append(stands)
        answer = self.answers.pop(0)(key) if self.answers else Sent(key)
        if isinstance(answer, Sent):
            self.arrived[key] = card
            self.files.append(file)
        return answer


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


def claimed_by_another(
    town: Town, lease: timedelta = timedelta(seconds=60), ahead: timedelta = timedelta(0)
) -> Delivery:
    """Another process takes what is due next, and says nothing more; its clock may be wrong."""
    claimed = town.do(lambda connection: Work(connection).outbox.claim(town.now + ahead, lease))
    assert claimed is not None
    return claimed


def lease_over(town: Town, claimed: Delivery) -> None:
    """Let a claim's lease be over, as it is after a minute."""
    past = datetime(2020, 1, 1, tzinfo=UTC)
    row = t.delivery.c.id == claimed.id
    town.do(lambda connection: connection.execute(t.delivery.update().where(row).values(lease_until=past)))


async def test_a_holder_that_died_is_followed_by_another_after_the_lease(town: Town) -> None:
    claimed = claimed_by_another(town)
    channel = Fickle()
    assert await run(town, channel) == 0, "the lease still holds"
    lease_over(town, claimed)
    assert await run(town, channel) == 1
    assert (channel.posted, row_of(town).state) == (1, "sent")


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_process_whose_clock_is_an_hour_wrong_takes_nothing_that_another_holds(town: Town, hours: int) -> None:
    town.do(lambda connection: connection.execute(t.delivery.update().values(due_at=town.now - timedelta(hours=2))))
    claimed_by_another(town, ahead=timedelta(hours=hours))
    channel = Fickle()
    for ahead in (-1, 0, 1):
        town.now += timedelta(hours=ahead)
        assert await run(town, channel) == 0, "the lease still holds by the database's clock"


async def test_a_lease_is_over_on_the_databases_clock(town: Town) -> None:
    claimed_by_another(town, lease=timedelta(seconds=0.2), ahead=timedelta(hours=1))
    channel = Fickle()
    for _ in range(100):
        if await run(town, channel):
            break
        await asyncio.sleep(0.05)
    assert (channel.posted, row_of(town).state) == (1, "sent")


async def test_what_a_crash_left_between_sending_and_settling_is_looked_up(town: Town) -> None:
    claimed = claimed_by_another(town)
    assert town.do(lambda connection: Work(connection).outbox.begin(claimed, town.now, timedelta(seconds=60)))
    channel = Fickle()
    await channel.post(Direct("as it crashed"), Card("note", (), "Sendt"), claimed.key, town.now)
    lease_over(town, claimed)
    await run(town, channel)
    assert (channel.posted, channel.corrected, row_of(town).state) == (1, 1, "sent")


async def test_who_lost_a_claim_meanwhile_does_not_begin_to_send(town: Town) -> None:
    claimed = claimed_by_another(town)
    lease_over(town, claimed)
    assert claimed_by_another(town).id == claimed.id
    assert not town.do(lambda connection: Work(connection).outbox.begin(claimed, town.now, timedelta(seconds=60)))


async def test_what_was_given_up_in_doubt_is_looked_up_when_it_is_tried_again(town: Town) -> None:
    channel = Fickle(*[lambda _: Ambiguous("lost")] * (MOST_ATTEMPTS - 1), lambda _: Ambiguous("timeout"))
    for _ in range(MOST_ATTEMPTS):
        await run(town, channel)
        town.now += timedelta(hours=1)
    assert row_of(town).state == "dead"
    where = Target(unit_id=row_of(town).unit_id)
    assert town.do(lambda connection: Work(connection).outbox.revive("summary", [where], town.now)) == 1
    await run(town, channel)
    assert (channel.posted, row_of(town).state) == (MOST_ATTEMPTS, "sent")


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
    """A channel that takes its time, and tells when as many as are let have begun."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.under_way = self.most = 0
        self.begun = asyncio.Event()

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if self.under_way == self.width:
            self.begun.set()
        await asyncio.sleep(0.3)
        self.under_way -= 1
        return await super().post(destination, card, key, now)


def plan_invitations(town: Town, count: int, expires_at: datetime | None = None) -> None:
    """Plan some invitations to Ali, each with a key of its own."""
    person = town.id_of(t.person, email="ali@fjordby.example")

    def plan(connection: Connection) -> None:
        for number in range(count):
            key = f"invitation:{number}"
            Work(connection).outbox.plan(key, "invitation", due_at=town.now, person_id=person, expires_at=expires_at)

    town.do(plan)


def states(town: Town) -> list[str]:
    """How every delivery that is not skipped stands, sorted."""
    wanted = select(t.delivery.c.state).where(t.delivery.c.state != "skipped")
    return sorted(town.do(lambda connection: connection.execute(wanted).scalars().all()))


async def test_a_process_that_ends_finishes_what_is_under_way_and_begins_no_other(town: Town) -> None:
    plan_invitations(town, 6)
    channel = Slow(PACE.width)
    product = Product(town.house, town.database, lambda: town.now, {"web": channel})
    await product.tick_soon()
    await channel.begun.wait()
    await product.close()
    assert len(channel.arrived) == PACE.width
    assert states(town) == ["planned"] * (7 - PACE.width) + ["sent"] * PACE.width


async def test_so_many_are_under_way_at_a_time_and_no_more(town: Town) -> None:
    plan_invitations(town, 9)
    channel = Slow(PACE.width)
    assert await run(town, channel) == 10
    assert (channel.most, states(town)) == (PACE.width, ["sent"] * 10)


# --- what must not hold up the rest --------------------------------------------------------------------------------------------------------


async def test_a_delivery_that_always_fails_holds_up_no_other(town: Town) -> None:
    key = summary_key(town.dialogue("solsikken"))
    missing = {"digest": "none", "body": "this is no script"}
    town.do(lambda connection: connection.execute(t.script.insert().values(**missing)))
    broken = t.dialogue.update().where(t.dialogue.c.id == town.dialogue("solsikken")).values(script_digest="none")
    town.do(lambda connection: connection.execute(broken))
    plan_invitations(town, 3)
    channel = Fickle()
    for _ in range(MOST_ATTEMPTS):
        await run(town, channel)
        town.now += timedelta(hours=1)
    assert key not in channel.arrived
    assert {f"invitation:{number}" for number in range(3)} <= set(channel.arrived)
    assert (row_of(town).state, row_of(town).reason, row_of(town).attempts) == ("dead", "fault", MOST_ATTEMPTS)


async def test_what_ends_every_process_that_takes_it_is_given_up(town: Town) -> None:
    for _ in range(MOST_CLAIMS):
        lease_over(town, claimed_by_another(town))
    channel = Fickle()
    await run(town, channel)
    assert (channel.arrived.keys() & {row_of(town).key}, row_of(town).state, row_of(town).reason) == (
        set(),
        "dead",
        "given-up",
    )


async def test_the_wait_grows_with_every_try_and_has_an_end(town: Town) -> None:
    channel = Fickle(*[lambda _: Ambiguous("lost")] * MOST_ATTEMPTS)
    waits = []
    for _ in range(MOST_ATTEMPTS - 1):
        await run(town, channel)
        waits.append((row_of(town).due_at - town.now).total_seconds())
        town.now = row_of(town).due_at
    assert waits == [30, 60, 120, 240, 480, 900, 900]


async def test_what_is_past_its_late_limit_is_skipped_and_says_so(town: Town) -> None:
    plan_invitations(town, 2, expires_at=town.now + timedelta(hours=1))
    town.now += timedelta(hours=1)
    channel = Fickle()
    await run(town, channel)
    found = select(t.delivery.c.state, t.delivery.c.reason).where(t.delivery.c.key.like("invitation:_"))
    rows = town.do(lambda connection: connection.execute(found).all())
    assert [tuple(row) for row in rows] == [("skipped", "too-late")] * 2
    assert list(channel.arrived) == [summary_key(town.dialogue("solsikken"))]


async def test_what_an_older_process_does_not_know_is_left_to_a_newer_one(town: Town) -> None:
    of_a_kind = {"key": "later:1", "kind": "of-a-later-release", "due_at": town.now, "state": "planned"}
    town.do(lambda connection: connection.execute(t.delivery.insert().values(**of_a_kind)))
    found = select(t.delivery).where(t.delivery.c.key == "later:1")
    for _ in range(3):
        await run(town, Fickle())
        row = town.do(lambda connection: connection.execute(found).one())
        assert (row.state, row.reason, row.attempts) == ("planned", "unknown-kind", 0)
        assert town.now < row.due_at <= town.now + timedelta(minutes=5)
        town.now = row.due_at


# --- a platform that wants to be let be -----------------------------------------------------------------------------------------------------


class Named(Fickle):
    """A channel of a platform with a name of its own."""

    def __init__(self, name: str, *answers: Callable[[str], Outcome]) -> None:
        super().__init__(*answers)
        self.name = name


async def test_a_platform_that_wants_to_be_let_be_is_let_be_by_every_process_and_holds_up_no_other_platform(
    town: Town,
) -> None:
    until = town.now + timedelta(minutes=2)
    plan_invitations(town, 5)
    town.do(lambda connection: connection.execute(t.person.update().values(platform="web")))
    mine = Courier(town.house, town.database, {"web": Named("web", lambda _: Busy(until))}, ONE_AT_A_TIME)
    await mine.run(town.now)
    web, slack = Named("web"), Named("slack")
    town.do(lambda connection: connection.execute(t.unit.update().values(slack_channel="ledelse")))
    await Courier(town.house, town.database, {"web": web, "slack": slack}).run(town.now)
    assert web.posted == 0, "another process knows of it"
    assert slack.posted <= 1, "what prefers the other platform waits for it"
    town.now = until
    await Courier(town.house, town.database, {"web": web, "slack": slack}).run(town.now)
    assert states(town) == ["sent"] * 6
    assert town.do(lambda connection: connection.execute(select(t.delivery.c.attempts)).scalars().all()).count(2) == 0


async def test_a_conversation_that_is_refused_alone_holds_up_no_other(town: Town) -> None:
    until = town.now + timedelta(minutes=2)
    plan_invitations(town, 3)
    channel = Fickle(lambda _: Busy(until, is_for_all=False))
    await Courier(town.house, town.database, {"web": channel}, ONE_AT_A_TIME).run(town.now)
    assert (row_of(town).state, states(town)) == ("planned", ["planned", *["sent"] * 3])
    bucket = town.do(lambda connection: connection.execute(select(t.throttle.c.bucket)).scalar_one())
    assert bucket.startswith("web:")
    assert "@" not in bucket


async def test_a_platform_that_cannot_be_asked_at_the_moment_is_asked_later(town: Town) -> None:
    class Shy(Fickle):
        shy = True

        async def find(self, destination: Destination, key: str) -> str | Unasked | None:
            return Unasked("ratelimited", timedelta(seconds=40)) if self.shy else await super().find(destination, key)

    channel = Shy(lambda _: Ambiguous("timeout"))
    await run(town, channel)
    town.now += timedelta(seconds=30)
    await run(town, channel)
    assert (row_of(town).state, row_of(town).attempts, row_of(town).reason) == ("planned", 1, "busy")
    town.now += timedelta(seconds=40)
    channel.shy = False
    await run(town, channel)
    assert (channel.posted, row_of(town).state) == (1, "sent")


def begun(claimed: Delivery, now: datetime, connection: Connection) -> bool:
    """Let a holder note that it is about to send."""
    return Work(connection).outbox.begin(claimed, now, timedelta(seconds=60))


class Blind(Fickle):
    """A channel that can never be asked what arrived, as Teams."""

    async def find(self, destination: Destination, key: str) -> Unasked:  # noqa: ARG002
        return Unasked("possibly-delivered", is_findable=False)


async def test_what_a_crash_leaves_in_doubt_where_nobody_can_be_asked_is_sent_again_but_a_nudge_is_left_be(
    town: Town,
) -> None:
    plan_invitations(town, 1)
    crashed = [claimed_by_another(town) for _ in range(2)]
    for claimed in crashed:
        town.do(partial(begun, claimed, town.now))
        lease_over(town, claimed)
    await run(town, Blind())
    assert row_of(town).state == "sent"
    nudge = select(t.delivery).where(t.delivery.c.kind == "invitation", t.delivery.c.state != "skipped")
    row = town.do(lambda connection: connection.execute(nudge).one())
    assert (row.state, row.reason, row.attempts) == ("dead", "possibly-delivered", 2)
