"""What was planned in the evening reaches who leads in the morning, and nobody on leave; on both databases."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import Connection, select

from bot import mending
from cards.card import Press
from store import tables as t
from store.database import Database
from store.deliveries import Deliveries, Wanted
from store.work import Work
from tests.test_nudging import OPENS, Days, april, march, send, start, without_deputy
from tests.town import DENMARK, fjordby, mail


@pytest.fixture
def days(database: Database) -> Days:
    return Days(without_deputy(fjordby(database)))


def evening(days: Days, day: date) -> None:
    days.town.now = datetime.combine(day, time(19), DENMARK)


def outcome(days: Days, kind: str) -> list[tuple[str, str | None]]:
    """How the deliveries of a kind stand."""
    rows = days.town.do(
        lambda connection: connection.execute(
            select(t.delivery.c.state, t.delivery.c.reason).where(t.delivery.c.kind == kind).order_by(t.delivery.c.id)
        ).all()
    )
    return [(row.state, row.reason) for row in rows]


def retry_dead(connection: Connection, now: datetime) -> None:
    """Plan anew what was given up, as `dialogbot outbox --retry-dead` does."""
    deliveries = Deliveries(connection)
    for line in deliveries.listed(Wanted(("dead",))):
        assert deliveries.plan_anew(line.id, now)


async def replied_in_the_evening(days: Days) -> None:
    """Mette has sent, and Jens replies on 8 March after working hours."""
    await start(days)
    send(days.user("mette"))
    evening(days, march(8))
    jens = days.town.user("jens").presses_old(Press("respond", days.town.dialogue("solsikken"), value="reply"))
    jens.presses(jens.labels[0], text="Tak for det arbejde.")


async def told(days: Days, day: date, words: str, hour: float = 8.5) -> list[str]:
    """Who is told something with those words, in their own chat, at a time on a day."""
    return [who for who, said in await days.at(day, hour) if words in said and not who.startswith("#")]


async def test_a_reply_goes_to_who_leads_when_it_is_sent(days: Days) -> None:
    await replied_in_the_evening(days)
    days.leaves("mette", "solsikken", march(8))
    days.town.post("dora", "solsikken", since=march(9))
    assert await told(days, march(9), "Tak for det arbejde.") == ["dora"]
    dora = days.town.id_of(t.person, email=mail("dora"))
    assert days.town.id_of(t.delivery, kind="response", person_id=dora)


async def test_a_reply_to_a_leader_who_left_a_vacant_post_goes_to_nobody(days: Days) -> None:
    await replied_in_the_evening(days)
    days.leaves("mette", "solsikken", march(8))
    assert await told(days, march(9), "Tak for det arbejde.") == []
    assert outcome(days, "response") == [("skipped", "nobody")]


async def test_a_reply_to_a_leader_who_is_away_goes_to_who_stands_in(days: Days) -> None:
    await replied_in_the_evening(days)
    days.town.away("mette", march(9), march(20), "dora")
    assert await told(days, march(9), "Tak for det arbejde.") == ["dora"]


async def test_a_reply_to_a_leader_who_is_away_waits_where_nobody_stands_in(days: Days) -> None:
    await replied_in_the_evening(days)
    days.town.away("mette", march(9), march(12))
    assert await told(days, march(9), "Tak for det arbejde.") == []
    assert outcome(days, "response") == [("planned", "away")]
    assert await told(days, march(15), "Tak for det arbejde.", 7.9) == [], "Monday, before eight"
    assert await told(days, march(15), "Tak for det arbejde.", 8.0) == ["mette"]


async def test_who_stands_in_and_wrote_the_reply_is_not_told_of_it(days: Days) -> None:
    await replied_in_the_evening(days)
    days.town.away("mette", march(9), march(12), "jens")
    assert await told(days, march(9), "Tak for det arbejde.") == []
    assert await told(days, march(15), "Tak for det arbejde.") == ["mette"]


async def test_an_answer_to_the_nearest_leader_goes_to_who_stands_in_there(days: Days) -> None:
    await start(days)
    send(days.user("mette"))
    jens = days.town.user("jens").presses_old(Press("respond", days.town.dialogue("solsikken"), value="question"))
    jens.presses(jens.labels[0], text="Hvornår?")
    evening(days, march(8))
    mette = days.town.user("mette").presses_old(Press("respond", days.town.dialogue("solsikken"), value="answer"))
    mette.presses(mette.labels[0], text="I maj måned.")
    days.town.away("jens", march(9), march(20), "karen")
    assert await told(days, march(9), "I maj måned.") == ["karen"]


async def test_who_is_asked_below_and_is_away_is_told_when_they_are_back(days: Days) -> None:
    await start(days)
    evening(days, march(8))
    mette = days.user("mette").presses("Start").presses("Bed en anden")
    ali = days.town.id_of(t.person, email=mail("ali"))
    mette.presses_old(mette.button(mette.labels[0]), **{mette.card.inputs[0].field: str(ali)})
    days.town.away("ali", march(9), march(11))
    days.town.away("ali", march(12), march(12))
    assert await told(days, march(9), "Overleveringsmøder") == []
    assert await told(days, march(12), "Overleveringsmøder") == []
    assert "ali" in await told(days, march(15), "Overleveringsmøder")
    assert outcome(days, "delegated") == [("sent", None)]


@pytest.mark.parametrize(("stand_in", "first", "later"), [(None, [], ["mette"]), ("dora", ["dora"], [])])
async def test_a_word_to_somebody_away_goes_to_who_stands_in_or_waits(
    days: Days, stand_in: str | None, first: list[str], later: list[str]
) -> None:
    await start(days)
    await days.until(march(5), april(6))
    evening(days, april(6))
    days.user("jens").presses("Skriv til dem").presses("Send til dem", text="Skal jeg hjælpe jer?")
    days.town.away("mette", april(7), april(9), stand_in)
    assert [who for who in await told(days, april(7), "Skal jeg hjælpe jer?") if who != "ali"] == first
    assert await told(days, april(12), "Skal jeg hjælpe jer?") == later


async def test_a_consultant_who_is_away_is_told_once_of_all_the_days_when_they_are_back(days: Days) -> None:
    days.letters.strangers = ("mette", "ali")
    days.town.away("sofie", march(1), march(21))
    await days.until(OPENS, march(19))
    assert [who for _, who, _ in days.letters.sent if who == "sofie"] == []
    assert await told(days, march(22), "Jeg kan ikke nå 2 personer") == ["sofie"]
    assert await told(days, march(23), "Jeg kan ikke nå") == []


async def test_a_word_that_could_not_arrive_goes_when_the_person_comes(days: Days) -> None:
    await start(days)
    days.letters.strangers = ("mette",)
    await days.until(march(5), april(6))
    days.user("jens").presses("Skriv til dem").presses("Send til dem", text="Skal jeg hjælpe jer?")
    await days.at(april(6), 10)
    days.letters.strangers = ()
    mette = days.town.id_of(t.person, email=mail("mette"))
    days.town.do(lambda connection: mending.person_reached(Work(connection), mette, days.town.now))
    assert "mette" in await told(days, april(6), "Skal jeg hjælpe jer?", 11)


async def test_a_reminder_that_was_given_up_is_not_sent_after_a_later_one_has_arrived(days: Days) -> None:
    days.letters.strangers = ("mette",)
    await days.until(OPENS, march(29))
    days.letters.strangers = ()
    assert "mette" in [who for who, _ in await days.at(march(30))]
    days.town.do(lambda connection: retry_dead(connection, days.town.now))
    assert "mette" not in [who for who, _ in await days.at(march(30), 9.5)]
    assert set(days.outcomes("mette")) == {("skipped", "not-due"), ("sent", None)}


async def test_of_several_reminders_that_were_given_up_one_is_sent(days: Days) -> None:
    days.letters.strangers = ("mette",)
    await days.until(OPENS, march(29))
    days.letters.strangers = ()
    days.town.do(lambda connection: retry_dead(connection, days.town.now))
    assert [who for who, _ in await days.at(march(29), 9.5)].count("mette") == 1
