"""Reminders through the running product: planned once, rechecked when sent, to whoever it concerns that day and to nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot import foreseeing
from bot.gathering import House
from bot.ports import Dead, Destination, Direct, Outcome, Reply, Room, Sent
from bot.running import Product
from cards import slack, slack_limits, teams, teams_limits, text
from cards.card import Card, Press
from dialogs.library import Library, load
from store import tables as t
from store.actions import Action, Agreed
from store.database import Database
from store.work import Work
from tests.nofiles import NoFiles
from tests.town import DENMARK, Town, User, fjordby, mail

OPENS, DUE = date(2027, 3, 4), date(2027, 4, 1)


def march(day: int) -> date:
    return date(2027, 3, day)


def april(day: int) -> date:
    return date(2027, 4, day)


@dataclass
class Letters(NoFiles):
    """A platform that keeps what it was given, by the day and the person or channel."""

    name: str = "web"
    sent: list[tuple[date, str, Card]] = field(default_factory=list)

    strangers: tuple[str, ...] = ()

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        if _who(destination) in self.strangers:
            return Dead("no-account")
        self.sent.append((now.astimezone(DENMARK).date(), _who(destination), card))
        return Sent(key)

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        return Sent(message_ref)

    async def find(self, destination: Destination, key: str) -> str | None:  # noqa: ARG002
        return None


def _who(destination: Destination) -> str:
    match destination:
        case Direct(reference):
            return reference.split("@")[0]
        case Room(reference):
            return f"#{reference}"


@dataclass
class Days:
    """Days in the town, one after the other, with what is sent on them."""

    town: Town
    letters: Letters = field(default_factory=Letters)

    def __post_init__(self) -> None:
        channels = {self.letters.name: self.letters}
        self.product = Product(self.town.house, self.town.database, lambda: self.town.now, channels)

    async def at(self, day: date, hour: float = 8.5) -> list[tuple[str, str]]:
        """Let it be a time on a day; whom something was sent to then, and all that could be read in it."""
        minutes = int(hour * 60)
        self.town.now = datetime.combine(day, time(minutes // 60, minutes % 60), DENMARK)
        before = len(self.letters.sent)
        await self.product.plan()
        await self.product.deliver()
        found = [(who, text.render(card, width=10_000)) for _, who, card in self.letters.sent[before:]]
        return sorted(found, key=lambda one: one[0])  # several are under way at a time

    async def until(self, first: date, last: date) -> list[tuple[date, str, Card]]:
        """Every day at half past eight; what was sent."""
        before = len(self.letters.sent)
        day = first
        while day <= last:
            await self.at(day)
            day += timedelta(days=1)
        return self.letters.sent[before:]

    def user(self, who: str) -> User:
        """Somebody in front of the newest message they were sent."""
        user = self.town.user(who)
        card = next(card for _, whom, card in reversed(self.letters.sent) if whom == who)
        user.reply = Reply(card)
        return user

    def outcomes(self, who: str) -> list[tuple[str, str | None]]:
        """How the person's messages of the day ended."""
        person = self.town.id_of(t.person, email=mail(who))
        rows = self.town.do(
            lambda connection: connection.execute(
                select(t.delivery.c.state, t.delivery.c.reason)
                .where(t.delivery.c.kind == "nudge", t.delivery.c.person_id == person)
                .order_by(t.delivery.c.key)
            ).all()
        )
        return [(row.state, row.reason) for row in rows]

    def leaves(self, who: str, unit: str, last: date) -> None:
        """Let somebody's post end."""
        ends = update(t.post).where(
            t.post.c.person_id == self.town.id_of(t.person, email=mail(who)),
            t.post.c.unit_id == self.town.id_of(t.unit, code=unit),
        )
        self.town.do(lambda connection: connection.execute(ends.values(to_day=last)))


@pytest.fixture
def days(database: Database) -> Days:
    return Days(without_deputy(fjordby(database)))


def without_deputy(town: Town) -> Town:
    town.do(lambda connection: connection.execute(t.post.delete().where(t.post.c.role == "deputy")))
    return town


def send(user: User) -> User:
    """Answer that everything goes as planned, and send it."""
    user.opens().presses("Start")
    while user.card.kind == "step":
        user.presses("I gang" if "I gang, efter planen" in user.labels else "Spring over")
    return user.presses("Se opsummeringen").presses("Send til Jens")


async def start(days: Days) -> None:
    """The round has opened, and everybody is invited."""
    assert [who for who, _ in await days.at(OPENS)] == ["ali", "mette"]


# --- the plain way ------------------------------------------------------------------------------------------------------------------------


async def test_an_invitation_says_what_by_when_and_how_long_and_starts_in_one_press(days: Days) -> None:
    said = dict(await days.at(OPENS))["mette"]
    assert "Forårsdialog 2027 for Børnehuset Solsikken" in said
    assert "Jeg spørger til jeres 3 indsatser. Det tager cirka 3 minutter" in said
    assert "Frist: torsdag den 1. april. Bagefter får Jens Østergaard én side" in said
    mette = days.user("mette")
    assert mette.labels == ["Start", "Mind mig i morgen", "Jeg er væk …"]
    assert "1 af 3" in mette.presses("Start").sees


async def test_the_reminders_come_on_their_days_to_whoever_has_not_sent(days: Days) -> None:
    await start(days)
    send(days.user("ali"))
    sent = await days.until(march(5), april(20))
    assert [day for day, who, _ in sent if who == "mette"] == [march(18), march(24), march(30), april(5)]
    assert [day for day, who, _ in sent if who == "ali"] == []


async def test_half_way_it_says_what_is_left(days: Days) -> None:
    await start(days)
    days.user("mette").presses("Start").presses("I gang")
    await days.until(march(5), march(17))
    said = dict(await days.at(march(18)))["mette"]
    assert "Du mangler 2 af 3. Det tager cirka 2 minutter, og det, du har svaret, er gemt." in said
    assert "Fortsæt" in days.user("mette").labels


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (march(30), "Frist: torsdag den 1. april."),
        (april(5), "Fristen var torsdag den 1. april. Svarer du i dag, kan Jens nå at læse det, før I mødes."),
    ],
)
async def test_the_deadline_in_the_words_of_the_day(days: Days, day: date, words: str) -> None:
    await start(days)
    send(days.user("ali"))
    said = [said for who, said in await days.at(day) if who == "mette"]
    assert len(said) == 1
    assert words in said[0]


async def test_that_somebody_reads_it_in_time_is_not_said_while_they_are_away(days: Days) -> None:
    await start(days)
    days.town.away("jens", april(1), april(30))
    said = dict(await days.at(april(5)))["mette"]
    assert "Fristen var torsdag den 1. april. Du kan stadig nå at svare." in said
    assert "Jens" not in said


async def test_two_units_are_one_message_with_a_press_for_each(days: Days) -> None:
    days.leaves("ali", "maanen", date(2026, 12, 31))
    days.town.post("mette", "maanen")
    ((_, said),) = await days.at(OPENS)
    assert "Hej Mette. Det her venter på dig" in said
    mette = days.user("mette")
    assert mette.labels == ["Start", "Start", "Mind mig i morgen", "Jeg er væk …"]
    assert "Sprogtrappen" in mette.presses("Start", 1).sees


async def test_nothing_is_sent_twice_however_often_it_is_planned(days: Days) -> None:
    await start(days)
    for hour in (8.5, 9, 10.25, 12, 15.5, 16.5, 23):
        assert await days.at(OPENS, hour) == []
    assert await days.at(march(5), 0.1) == []


async def test_at_night_and_at_the_weekend_it_waits(days: Days) -> None:
    await start(days)
    assert await days.at(march(18), 7.9) == []
    assert {"mette", "ali"} < {who for who, _ in await days.at(march(18), 8)}
    assert await days.at(march(20), 9) == []


async def test_a_machine_that_slept_for_weeks_sends_one_message(days: Days) -> None:
    await start(days)
    sent = await days.at(march(31))
    assert sorted(who for who, _ in sent) == ["ali", "karen", "mette", "sofie"]
    assert await days.until(march(31), april(2)) == []


async def test_what_is_past_its_late_limit_is_sent_the_next_day_instead(days: Days) -> None:
    days.town.now = datetime.combine(OPENS, time(8, 30), DENMARK)
    await days.product.plan()
    assert await days.at(OPENS, 16.5) == []
    assert days.outcomes("mette") == [("skipped", "too-late")]
    assert [who for who, _ in await days.at(march(5))] == ["ali", "mette"]


async def test_who_was_invited_by_a_message_of_an_older_version_is_not_invited_again(days: Days) -> None:
    mette = days.town.id_of(t.person, email=mail("mette"))
    key = f"invitation:2027-spring:2027-04-01:{mette}"
    at = datetime.combine(OPENS, time(8), DENMARK)
    days.town.do(lambda connection: Work(connection).outbox.plan(key, "invitation", due_at=at, person_id=mette))
    sent = await days.until(OPENS, march(17))
    assert [day for day, who, _ in sent if who == "mette"] == [OPENS]
    assert "mette" in [who for who, _ in await days.at(march(18))]


async def test_who_cannot_be_reached_is_tried_at_each_step_and_told_of_to_the_consultant(days: Days) -> None:
    days.letters.strangers = ("mette",)
    sent = await days.until(OPENS, march(19))
    assert days.outcomes("mette") == [("dead", "no-account")] * 2
    told = [text.render(card, width=10_000) for _, who, card in sent if who == "sofie" and card.kind == "trouble"]
    assert len(told) == 2
    assert "Mette Søndergaard har ingen konto" in told[0]


# --- rechecked when it is sent ----------------------------------------------------------------------------------------------------------


async def planned(days: Days, day: date) -> None:
    """It is early, and what is due that day is planned."""
    assert await days.at(day, 6) == []
    assert days.outcomes("mette")[-1] == ("planned", None)


async def test_who_sent_it_meanwhile_is_not_reminded(days: Days) -> None:
    await start(days)
    await planned(days, march(18))
    send(days.town.user("mette"))
    assert "mette" not in [who for who, _ in await days.at(march(18))]
    assert days.outcomes("mette")[-1] == ("skipped", "submitted")


async def test_who_went_away_meanwhile_is_not_reminded(days: Days) -> None:
    await start(days)
    await planned(days, march(18))
    days.town.away("mette", march(18), march(22))
    assert "mette" not in [who for who, _ in await days.at(march(18))]
    assert days.outcomes("mette")[-1] == ("skipped", "away")
    assert [who for who, _ in await days.at(march(23))] == ["karen", "mette", "sofie"]


async def test_who_does_not_lead_the_unit_any_more_is_not_reminded(days: Days) -> None:
    await start(days)
    await planned(days, march(18))
    days.leaves("mette", "solsikken", march(17))
    assert "mette" not in [who for who, _ in await days.at(march(18))]
    assert days.outcomes("mette")[-1] == ("skipped", "no-longer-leader")


async def test_a_unit_whose_agreement_is_over_is_not_reminded(days: Days) -> None:
    await start(days)
    await planned(days, march(18))
    days.town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=march(17))))
    assert await days.at(march(18)) == []
    assert days.outcomes("mette")[-1] == ("skipped", "unit-closed")


async def test_who_wants_no_reminders_meanwhile_gets_none(days: Days) -> None:
    await start(days)
    await planned(days, march(18))
    days.town.user("mette").says("påmindelser").presses("Ingen")
    assert "mette" not in [who for who, _ in await days.at(march(18))]
    assert days.outcomes("mette")[-1] == ("skipped", "not-due")


# --- changes of leader ------------------------------------------------------------------------------------------------------------------


async def test_the_dialogue_is_handed_over_in_the_middle(days: Days) -> None:
    await start(days)
    days.user("mette").presses("Start").presses("I gang")
    days.leaves("mette", "solsikken", march(9))
    days.town.post("dora", "solsikken", since=march(10))
    sent = dict(await days.at(march(10)))
    assert (
        "Forårsdialog 2027 for Børnehuset Solsikken er givet videre til Dora Dam. Du skal ikke gøre mere"
        in sent["mette"]
    )
    assert "er din nu. 1 af 3 er besvaret, og du kan fortsætte derfra." in sent["dora"]
    assert set(sent) == {"mette", "dora", "karen", "sofie"}
    assert "2 af 3" in days.user("dora").presses("Fortsæt").sees
    assert "Kun Dora Dam" in days.town.user("mette").presses_old(days.user("dora").button("Fortsæt")).sees
    later = await days.until(march(11), april(20))
    assert [day for day, who, _ in later if who == "mette"] == []
    assert [day for day, who, _ in later if who == "dora"] == [march(18), march(24), march(30), april(5)]


async def test_who_takes_over_on_the_last_day_of_another_is_told_that_it_is_theirs(days: Days) -> None:
    await start(days)
    days.leaves("mette", "solsikken", march(9))
    days.town.post("dora", "solsikken", since=march(9))
    sent = [(day, who, text.render(card, width=10_000)) for day, who, card in await days.until(march(9), march(10))]
    assert [(day, who) for day, who, said in sent if "er din nu" in said] == [(march(9), "dora")]
    assert [(day, who) for day, who, said in sent if "givet videre" in said] == [(march(10), "mette")]


async def test_somebody_who_never_heard_of_it_is_not_told_that_it_is_handed_over(days: Days) -> None:
    days.leaves("mette", "solsikken", OPENS)
    days.town.post("dora", "solsikken", since=march(5))
    assert {who for who, _ in await days.at(march(5))} == {"dora", "ali"}


async def test_a_post_that_is_filled_and_vacant_again_is_told_again(days: Days) -> None:
    await start(days)
    days.leaves("mette", "solsikken", march(8))
    days.town.post("dora", "solsikken", since=march(11), until=march(12))
    sent = await days.until(march(9), march(20))
    told = [(day, who) for day, who, card in sent if "hverken leder" in text.render(card, width=10_000)]
    assert told == [(march(9), "jens"), (march(15), "jens")]


async def test_the_nearest_leader_is_told_once_that_a_unit_has_no_leader(days: Days) -> None:
    days.leaves("mette", "solsikken", date(2027, 2, 1))
    sent = dict(await days.at(OPENS))
    assert "Børnehuset Solsikken har hverken leder eller stedfortræder registreret" in sent["jens"]
    assert "Sofie Bæk kan skrive ind, hvem det er." in sent["jens"]
    later = await days.until(march(5), april(5))
    assert [who for _, who, _ in later if who in {"jens", "mette"}] == []


async def test_the_stand_in_is_told_and_reminded_while_the_leader_is_away(days: Days) -> None:
    await start(days)
    days.town.away("mette", march(15), april(2), stand_in="dora")
    sent = dict(await days.at(march(15)))
    assert "Mette Søndergaard er væk til og med fredag den 2. april, og du svarer imens." in sent["dora"]
    assert "mette" not in sent
    later = await days.until(march(16), april(6))
    assert [day for day, who, _ in later if who == "dora"] == [march(18), march(24), march(30)]
    assert [day for day, who, _ in later if who == "mette"] == [april(5)]


async def test_who_stands_in_for_some_days_is_told_for_whom_the_first_time(days: Days) -> None:
    await start(days)
    days.town.away("mette", march(15), march(26), stand_in="dora")
    sent = await days.until(march(5), march(26))
    first, second = (text.render(card, width=10_000) for _, who, card in sent if who == "dora")
    assert "Mette Søndergaard er væk til og med fredag den 26. marts, og du svarer imens." in first
    assert "Forårsdialog 2027 for Børnehuset Solsikken" in second
    assert "Mette Søndergaard er væk" not in second


async def test_a_stand_in_with_a_unit_of_their_own_is_told_which_is_not(days: Days) -> None:
    days.town.away("mette", march(1), march(12), stand_in="ali")
    said = dict(await days.at(OPENS))["ali"]
    assert "Mette Søndergaard er væk til og med fredag den 12. marts, og du svarer imens." in said


async def test_news_is_not_announced_as_something_that_waits(days: Days) -> None:
    await start(days)
    days.leaves("mette", "solsikken", march(9))
    days.town.post("dora", "solsikken", since=march(10))
    said = dict(await days.at(march(10)))
    assert "er din nu. Det tager cirka 3 minutter." in said["dora"]
    card = next(card for _, who, card in reversed(days.letters.sent) if who == "mette")
    assert card.fallback == "Nyt om dialogerne"


async def test_a_stand_in_answers_from_the_message_they_were_sent(days: Days) -> None:
    await start(days)
    days.town.away("mette", march(15), april(2), stand_in="dora")
    await days.at(march(15))
    assert "1 af 3" in days.user("dora").presses("Start").sees


# --- those above ------------------------------------------------------------------------------------------------------------------------


async def test_five_days_after_the_nearest_leader_alone_hears_who_is_missing(days: Days) -> None:
    await start(days)
    send(days.user("ali"))
    sent = await days.until(march(5), april(20))
    missing = [
        (day, who, text.render(card, width=10_000)) for day, who, card in sent if "mangler at svare" in str(card)
    ]
    ((day, who, said),) = missing
    assert (day, who) == (april(6), "jens")
    assert "Forårsdialog 2027: 1 af dine 2 enheder mangler at svare." in said
    assert "• Børnehuset Solsikken" in said
    assert "Månen" not in said.partition("mangler")[2]
    rooms = [card for _, who, card in days.letters.sent if who.startswith("#")]
    assert all("mangler at svare" not in str(card) for card in rooms)


async def told_of_the_missing(days: Days) -> str:
    """What Jens is told on the sixth of April."""
    return dict(await days.at(april(6)))["jens"]


async def test_only_those_who_were_reminded_are_said_to_have_been(days: Days) -> None:
    days.town.away("mette", march(1), april(20))
    await days.until(OPENS, april(5))
    said = await told_of_the_missing(days)
    assert "2 af dine 2 enheder mangler at svare. Kun du kan se det her. Den her har fået en påmindelse:" in said
    reminded, _, others = said.partition("Den her er ikke mindet:")
    assert "Månen" in reminded
    assert "• Børnehuset Solsikken (væk til og med tirsdag den 20. april)" in others


async def test_a_unit_that_nobody_leads_is_named_as_one_that_nobody_was_reminded_of(days: Days) -> None:
    await start(days)
    send(days.user("ali"))
    days.leaves("mette", "solsikken", march(20))
    await days.until(march(5), april(5))
    said = await told_of_the_missing(days)
    assert "1 af dine 2 enheder mangler at svare. Kun du kan se det her. Den her er ikke mindet:" in said
    assert "• Børnehuset Solsikken (ingen leder)" in said
    assert "påmindelse" not in said


async def test_who_wants_no_reminders_is_not_told_of_as_such(days: Days) -> None:
    days.town.user("mette").says("påmindelser").presses("Ingen")
    days.leaves("ali", "maanen", date(2026, 12, 31))
    maanen = t.agreement.c.unit_id == days.town.id_of(t.unit, code="maanen")
    days.town.do(lambda connection: connection.execute(update(t.agreement).where(maanen).values(to_day=march(1))))
    await days.until(OPENS, april(5))
    said = await told_of_the_missing(days)
    assert "Forårsdialog 2027: din enhed mangler at svare. Kun du kan se det her. Den her er ikke mindet:" in said
    assert "• Børnehuset Solsikken\n" in said + "\n"


async def test_a_summary_that_waits_for_a_reply_is_told_to_the_nearest_leader_until_there_is_one(days: Days) -> None:
    await start(days)
    send(days.user("mette"))
    send(days.user("ali"))
    sent = await days.until(march(5), march(12))
    ((day, who, _),) = [one for one in sent if one[1] == "jens"]
    assert (day, who) == (march(11), "jens")
    jens = days.user("jens")
    assert "Mette Søndergaard sendte Forårsdialog 2027 for Børnehuset Solsikken den 4. marts 2027" in jens.sees
    jens.presses("Svar").presses("Send", text="Tak, det ser godt ud.")
    ((day, _, card),) = [one for one in await days.until(march(15), april(2)) if one[1] == "jens"]
    assert day == march(18)
    assert "Månen" in str(card)
    assert "Solsikken" not in str(card)


async def test_the_overview_is_numbers_once_a_week_for_those_who_want_it(days: Days) -> None:
    await start(days)
    send(days.user("ali"))
    await days.at(march(5))
    sent = dict(await days.at(march(8)))
    assert "Forårsdialog 2027: 1 af 2 enheder har svaret. Frist torsdag den 1. april." in sent["karen"]
    assert "Solsikken" not in sent["karen"]
    assert set(sent) == {"karen", "sofie"}
    karen = days.town.user("karen").says("påmindelser").presses("Ikke hver uge")
    assert "Du får ingen ugentlig oversigt" in karen.sees
    jens = days.town.user("jens").says("påmindelser").presses("Send mig oversigten")
    assert "får du en oversigt hver uge" in jens.sees
    assert {who for who, _ in await days.at(march(15))} == {"jens", "sofie"}


# --- one press ----------------------------------------------------------------------------------------------------------------------------


async def test_remind_me_tomorrow_is_one_press_and_one_message(days: Days) -> None:
    await start(days)
    mette = days.user("mette").presses("Mind mig i morgen")
    assert "Jeg skriver igen fredag den 5. marts." in mette.sees
    mette.presses_old(mette.card.buttons[0])
    ((who, said),) = await days.at(march(5))
    assert who == "mette"
    assert "Forårsdialog 2027 for Børnehuset Solsikken" in said
    days.user("mette").presses("Mind mig i morgen")
    assert await days.until(march(6), march(7)) == []
    assert [who for who, _ in await days.at(march(8))] == ["karen", "mette", "sofie"]


async def test_what_was_to_come_tomorrow_does_not_when_it_is_done(days: Days) -> None:
    await start(days)
    days.user("mette").presses("Mind mig i morgen")
    send(days.town.user("mette"))
    assert "mette" not in [who for who, _ in await days.at(march(5))]
    assert days.outcomes("mette") == [("sent", None), ("skipped", "submitted")]


async def test_tomorrow_is_kept_by_whoever_was_just_told_that_the_dialogue_is_theirs(days: Days) -> None:
    await start(days)
    days.leaves("mette", "solsikken", march(8))
    days.town.post("dora", "solsikken", since=march(9))
    await days.at(march(9))
    assert "Jeg skriver igen onsdag" in days.user("dora").presses("Mind mig i morgen").sees
    said = dict(await days.at(march(10)))["dora"]
    assert "Forårsdialog 2027 for Børnehuset Solsikken" in said
    assert "er din nu" not in said


async def test_tomorrow_is_kept_for_those_who_want_no_reminders(days: Days) -> None:
    days.town.user("mette").says("påmindelser").presses("Ingen")
    await start(days)
    days.user("mette").presses("Mind mig i morgen")
    assert [who for who, _ in await days.at(march(5))] == ["mette"]
    assert "mette" not in [who for who, _ in await days.at(march(8))]


async def test_tomorrow_is_kept_on_the_next_day_when_nothing_could_be_sent(days: Days) -> None:
    await start(days)
    days.user("mette").presses("Mind mig i morgen")
    assert "mette" in [who for who, _ in await days.at(march(8))]
    assert "mette" not in [who for who, _ in await days.at(march(8), 10)]
    assert "mette" not in [who for who, _ in await days.at(march(9))]
    days.user("mette").presses("Mind mig i morgen")
    assert await days.at(march(10), 17) == []
    assert [who for who, _ in await days.at(march(11))] == ["mette"]
    assert await days.at(march(12)) == []


async def test_tomorrow_is_kept_within_the_reminder_of_the_day_it_is_made_up_on(days: Days) -> None:
    await start(days)
    await days.until(march(5), march(16))
    days.town.user("mette").presses_old(Press("tomorrow", days.town.dialogue("solsikken")))
    assert await days.at(march(17), 17) == []
    assert [who for who, _ in await days.at(march(18))].count("mette") == 1
    assert "mette" not in [who for who, _ in await days.at(march(19))]


async def test_away_with_a_stand_in_is_one_press_and_a_form(days: Days) -> None:
    await start(days)
    mette = days.user("mette").presses("Jeg er væk")
    assert [one.field for one in mette.card.inputs] == ["last", "stand_in"]
    ali = str(days.town.id_of(t.person, email=mail("ali")))
    assert "Vælg en dag" in mette.presses("Gem", last="2029-01-01", stand_in=ali).sees
    assert "passeret" in mette.presses("Gem", last="2027-03-01", stand_in=ali).sees
    assert "Skriv et svar" in mette.presses("Gem", last="").sees
    assert "Jeg kan ikke læse datoen" in mette.presses("Gem", last="snart").sees
    assert "Vælg en anden" in mette.presses("Gem", last="2027-04-02", stand_in="999999").sees
    mette.presses("Gem", last="2027-04-02", stand_in=ali)
    assert "Du er væk til og med fredag den 2. april. Ali Demir kan svare for dig" in mette.sees
    later = await days.until(march(5), march(19))
    assert [day for day, who, _ in later if who == "mette"] == []
    assert [day for day, who, _ in later if who == "ali"] == [march(5), march(18)]
    assert "Solsikken" in days.user("ali").sees
    assert "Velkommen tilbage" in days.town.user("mette").says("tilbage").sees
    assert [who for who, _ in await days.at(march(22))] == ["karen", "mette", "sofie"]


async def test_back_is_a_step_back_for_whoever_is_not_away(days: Days) -> None:
    await start(days)
    mette = days.user("mette").presses("Start").presses("I gang")
    assert "2 af 3" in mette.sees
    assert "1 af 3" in mette.says("tilbage").sees


async def test_nobody_can_say_that_they_are_away_for_somebody_else(days: Days) -> None:
    await start(days)
    form = days.user("mette").presses("Jeg er væk").button("Gem")
    days.town.user("ali").presses_old(form, last="2027-03-20")
    rows = days.town.do(lambda connection: connection.execute(select(t.absence.c.person_id)).scalars().all())
    assert rows == [days.town.id_of(t.person, email=mail("ali"))]


@pytest.mark.parametrize(
    ("label", "kept", "days_told"),
    [
        ("Færre", "light", [march(24), april(5)]),
        ("Ingen", "off", []),
        ("Som normalt", None, [march(18), march(24), march(30), april(5)]),
    ],
)
async def test_people_choose_how_often_they_are_reminded(
    days: Days, label: str, kept: str | None, days_told: list[date]
) -> None:
    await start(days)
    mette = days.town.user("mette").says("påmindelser").presses(label)
    assert "minder" in mette.sees
    cadence = select(t.person.c.cadence).where(t.person.c.email == mail("mette"))
    assert days.town.do(lambda connection: connection.execute(cadence).scalar()) == kept
    later = await days.until(march(5), april(9))
    assert [day for day, who, _ in later if who == "mette"] == days_told


# --- actions ------------------------------------------------------------------------------------------------------------------------------


async def delayed(days: Days) -> None:
    """Mette has sent her dialogue: Ali does something about what is delayed, by 14 May."""
    await start(days)
    ali = str(days.town.id_of(t.person, email=mail("ali")))
    mette = days.user("mette").presses("Start").presses("Forsinket")
    mette.presses("Næste", cause="To skoler mangler.", remedy="", involve__others="")
    mette.presses("Næste", next="Vi ringer til dem.", responsible=(ali,), by_when="2027-05-14")
    while "Spring over" not in mette.labels:
        mette.presses("I gang")
    mette.presses("Spring over").presses("Se opsummeringen").presses("Send til Jens")


async def test_an_action_is_kept_and_whoever_does_it_is_told_until_it_is_done(days: Days) -> None:
    await delayed(days)
    send(days.user("ali"))
    sent = await days.until(date(2027, 5, 3), date(2027, 5, 12))
    ((day, who, _),) = [one for one in sent if one[1] == "ali"]
    assert (day, who) == (date(2027, 5, 7), "ali")
    ali = days.user("ali")
    assert "aftalte du: »Vi ringer til dem.« Frist fredag den 14. maj." in ali.sees
    done = ali.button("Det er gjort")
    assert "Det er en anden" in days.town.user("mette").presses_old(done).sees
    assert "noteret, at det er gjort" in ali.presses("Det er gjort").sees
    assert [one for one in await days.until(date(2027, 5, 13), date(2027, 5, 20)) if one[1] == "ali"] == []


async def test_sending_again_keeps_what_is_done_and_doubles_nothing(days: Days) -> None:
    await delayed(days)
    days.town.do(lambda connection: connection.execute(t.action.update().values(state="done")))
    mette = days.town.user("mette").opens().presses("Åbn").presses("Ret", 2)
    mette.presses("Næste", next="Vi ringer til dem.", by_when="2027-05-20")
    mette.presses("Se det rettede opslag").presses("Ret opslaget")
    dialogue = days.town.dialogue("solsikken")
    (action,) = days.town.do(lambda connection: Work(connection).actions.of_dialogue(dialogue))
    assert (action.who, action.due_on, action.state) == ("Ali Demir", date(2027, 5, 20), "done")


async def test_done_goes_on_working_when_something_else_is_corrected(days: Days) -> None:
    await delayed(days)
    send(days.user("ali"))
    await days.until(date(2027, 5, 3), date(2027, 5, 7))
    done = days.user("ali").button("Det er gjort")
    mette = days.town.user("mette").opens().presses("Åbn").presses("Ret", 1)
    mette.presses("Næste", cause="Tre skoler mangler.")
    mette.presses("Se det rettede opslag").presses("Ret opslaget")
    assert "noteret, at det er gjort" in days.town.user("ali").presses_old(done).sees


def test_a_number_in_an_old_button_never_means_another_action(days: Days) -> None:
    town = days.town
    town.now = datetime.combine(OPENS, time(9), DENMARK)
    town.plan()
    dialogue, mette = town.dialogue("solsikken"), town.id_of(t.person, email=mail("mette"))
    one, other, third = (Agreed(what, "Mette", mette, march(20)) for what in ("Ringer", "Skriver", "Holder møde"))

    def keep(*agreed: Agreed) -> list[Action]:
        town.do(lambda connection: Work(connection).actions.keep(dialogue, agreed))
        return list(town.do(lambda connection: Work(connection).actions.of_dialogue(dialogue)))

    first, second = keep(one, other)
    assert keep(one) == [first]
    stays, new = keep(one, third)
    assert (stays, new.what) == (first, "Holder møde")
    said = town.user("mette").presses_old(Press("done", value=str(second.id))).sees
    assert "Det er en anden, der skal melde det gjort" in said
    assert [one.state for one in keep(one, third)] == ["open", "open"]
    assert keep(one, other)[1].id in {second.id, new.id}
    town.user("mette").presses_old(Press("done", value=str(first.id)))
    assert [(one.what, one.state) for one in keep(other, one)] == [("Ringer", "done"), ("Skriver", "open")]


@pytest.mark.parametrize("dialogue", [999_999, 999_999_999])
def test_tomorrow_of_a_dialogue_that_is_not_there_is_refused(days: Days, dialogue: int) -> None:
    mette = days.town.user("mette").presses_old(Press("tomorrow", dialogue))
    assert "Den dialog findes ikke længere" in mette.sees
    assert days.outcomes("mette") == []
    assert Press.parse(f"tomorrow.{dialogue}...0.") == Press("tomorrow", dialogue)
    assert Press.parse(f"tomorrow.{dialogue}0000...0.") is None, "no database has so long a number"


async def test_tomorrow_of_somebody_elses_dialogue_is_refused(days: Days) -> None:
    await start(days)
    ali = days.town.user("ali").presses_old(Press("tomorrow", days.town.dialogue("solsikken")))
    assert "Den dialog findes ikke længere" in ali.sees
    jens = days.town.user("jens").presses_old(Press("tomorrow", days.town.dialogue("solsikken")))
    assert "Jeg skriver igen" in jens.sees


@pytest.mark.parametrize("value", ["9" * 40, "9999999999", "", "abc"])
def test_done_of_what_is_no_action_is_refused(days: Days, value: str) -> None:
    mette = days.town.user("mette").presses_old(Press("done", value=value))
    assert "Det er en anden, der skal melde det gjort" in mette.sees


async def test_away_names_colleagues_only_to_whoever_answers_there(days: Days) -> None:
    days.town.person("Xenia Xeno")
    await start(days)
    xenia = days.town.user("xenia").presses_old(Press("away", days.town.dialogue("solsikken")))
    assert [one.field for one in xenia.card.inputs] == ["last"]
    mette = days.town.user("mette").presses_old(Press("away_set"), last="20-3-2027", stand_in="9" * 40)
    assert "Vælg en anden" in mette.sees


# --- the days ahead -----------------------------------------------------------------------------------------------------------------------


def ahead(town: Town, last: date) -> list[str]:
    texts = town.house.texts("da")
    return town.do(
        lambda connection: [
            foreseeing.line(town.house, texts, one)
            for one in foreseeing.foresee(town.house, Work(connection), town.now, last)
        ]
    )


async def test_the_plan_tells_before_the_round_has_opened_who_gets_what_and_why(database: Database) -> None:
    town = without_deputy(fjordby(database))
    town.now = datetime.combine(date(2027, 2, 1), time(9), DENMARK)
    lines = [line for line in ahead(town, april(30)) if "Mette" in line]
    assert lines == [
        "2027-03-04 08:00  Mette Søndergaard  indbydelse  Børnehuset Solsikken, frist 1. april 2027  (dialogen er åbnet)",
        "2027-03-18 08:00  Mette Søndergaard  påmindelse  Børnehuset Solsikken, frist 1. april 2027  (14 dage før fristen)",
        "2027-03-24 08:00  Mette Søndergaard  påmindelse  Børnehuset Solsikken, frist 1. april 2027  (7 dage før fristen)",
        "2027-03-30 08:00  Mette Søndergaard  påmindelse  Børnehuset Solsikken, frist 1. april 2027  (2 dage før fristen)",
        "2027-04-05 08:00  Mette Søndergaard  påmindelse  Børnehuset Solsikken, frist 1. april 2027  (3 dage efter fristen)",
    ]


async def test_what_was_foreseen_is_what_is_sent_when_nobody_answers(days: Days) -> None:
    days.town.away("mette", march(15), march(26), stand_in="dora")
    days.leaves("ali", "maanen", march(22))
    days.town.post("dora", "maanen", since=march(23))
    days.town.now = datetime.combine(date(2027, 3, 1), time(8), DENMARK)
    foreseen = [(line[:10], line.split("  ")[1].split(maxsplit=1)[0].lower()) for line in ahead(days.town, april(30))]
    sent = await days.until(date(2027, 3, 2), april(30))
    assert sorted(foreseen) == sorted((day.isoformat(), who) for day, who, _ in sent)


async def test_what_somebody_asked_to_hear_tomorrow_is_foreseen(days: Days) -> None:
    await start(days)
    days.user("mette").presses("Mind mig i morgen")
    assert ahead(days.town, march(5)) == [
        "2027-03-05 08:00  Mette Søndergaard  påmindelse  Børnehuset Solsikken, frist 1. april 2027  (bad om at høre det i dag)"
    ]
    day = days.town.do(lambda connection: foreseeing.next_day(days.town.house, Work(connection), days.town.now))
    assert day == march(5)


async def test_what_was_agreed_is_foreseen_when_the_agreement_is_over(days: Days) -> None:
    await delayed(days)
    days.town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=date(2027, 4, 30))))
    days.town.now = datetime.combine(date(2027, 5, 3), time(7), DENMARK)
    unit = frozenset({days.town.id_of(t.unit, code="solsikken")})
    texts = days.town.house.texts("da")
    lines = days.town.do(
        lambda connection: [
            foreseeing.line(days.town.house, texts, one)
            for one in foreseeing.foresee(days.town.house, Work(connection), days.town.now, date(2027, 5, 20))
            if foreseeing.about(one, unit)
        ]
    )
    assert [line[:10] for line in lines] == ["2027-05-07", "2027-05-14"]
    assert all("Ali Demir  aftalt handling  Børnehuset Solsikken  (" in line for line in lines)


async def test_a_consultant_sees_the_plan_in_the_chat_and_nobody_else_does(days: Days) -> None:
    await start(days)
    sofie = days.town.user("sofie").says("plan")
    assert "2027-03-18 08:00  Mette Søndergaard  påmindelse" in sofie.sees
    assert "Sådan bliver det, hvis ingen svarer imens." in sofie.sees
    only = days.town.user("sofie").says("plan månen").sees
    assert "Ali Demir" in only
    assert "Mette" not in only
    assert "Jeg kan ikke finde en enhed" in days.town.user("sofie").says("plan atlantis").sees
    mette = days.town.user("mette").says("plan")
    assert "Planen er for kommunens konsulenter" in mette.sees
    assert "Ali" not in mette.sees


async def test_the_plan_of_a_consultant_ends_at_what_their_post_covers(days: Days) -> None:
    days.town.person("Nanna Falk")
    days.town.post("nanna", "maanen", "consultant")
    days.town.now = datetime.combine(OPENS, time(7), DENMARK)
    assert "Ali Demir" in days.town.user("nanna").says("plan").sees
    assert "Mette" not in days.town.user("nanna").says("plan").sees
    assert "Jeg kan ikke finde" in days.town.user("nanna").says("plan solsikken").sees


async def test_the_next_day_of_the_demo_is_the_next_on_which_anything_is_sent(days: Days) -> None:
    await start(days)
    stops = []
    for _ in range(5):
        day = days.town.do(lambda connection: foreseeing.next_day(days.town.house, Work(connection), days.town.now))
        assert day is not None
        assert await days.at(day) != []
        stops.append(day)
    assert stops == [march(8), march(15), march(18), march(22), march(24)]


# --- the cards ----------------------------------------------------------------------------------------------------------------------------


async def test_every_message_fits_on_every_platform(days: Days) -> None:
    for number in range(40):
        unit = f"hus{number}"
        days.town.unit(unit, under="dagtilbud", name=f"Børnehuset nummer {number} ved den gamle banegård")
        days.town.agreement(unit)
        days.town.initiative(unit, "En indsats")
        days.town.post("mette", unit)
    sent = await days.until(OPENS, april(6))
    assert max(len(card.buttons) for _, _, card in sent) > 20
    missing = next(card for _, who, card in sent if who == "jens")
    assert "og 17 mere" in text.render(missing, width=10_000)
    mette = days.town.user("mette")
    mette.reply = Reply(next(card for _, who, card in sent if who == "mette"))
    forms = [
        mette.presses("Jeg er væk").card,
        mette.says("påmindelser").card,
        days.town.user("sofie").says("plan").card,
    ]
    for card in (*(card for _, _, card in sent), *forms):
        assert [slack_limits.problems(message.blocks) for message in slack.render(card)] == [()], card.kind
        assert [teams_limits.problems(message.card) for message in teams.render(card)] == [()], card.kind


def test_a_model_says_when_it_reminds(database: Database, tmp_path: Path) -> None:
    (tmp_path / "dialogaftale").mkdir()
    own = "extends: dialogaftale\nreminders: {before: [10], after: off, digest: off}\n"
    (tmp_path / "dialogaftale" / "model.yaml").write_text(own, encoding="utf-8")
    library = load(tmp_path)
    assert isinstance(library, Library), library
    town = without_deputy(fjordby(database))
    town.house = House(library, "Fjordby Kommune")
    town.now = datetime.combine(OPENS, time(7), DENMARK)
    town.plan()
    lines = [line[:10] for line in ahead(town, april(30)) if "Mette" in line or "Jens" in line]
    assert lines == ["2027-03-04", "2027-03-22"]
