"""A report asked for in the chat: what is offered, to whom, and what becomes of an order, on both databases."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from bot import asking_reports, report_orders, reporting
from bot.courier import MOST_MADE, PACE, Courier
from bot.ports import Ambiguous, Busy, Dead, Destination, Direct, Keep, Outcome, Pressed, Sent, Unasked
from bot.report_orders import Make, Order
from cards import reporting as made
from cards import slack, slack_limits, teams, teams_limits, text
from cards import web as html
from cards.card import Card, Press
from cards.reporting import in_bytes
from cards.reports.report import File, Format, Kind
from store import tables as t
from store.database import Database
from store.records import Delivery
from store.work import Work
from tests.test_overview import answers
from tests.town import Town, User, at_nine, fjordby, mail


@pytest.fixture
def town(database: Database) -> Town:
    """Solsikken has sent its spring dialogue; nothing else waits to be delivered."""
    town = fjordby(database)
    answers(town, "mette", "Forsinket", "I gang", "I gang", cause="To skoler mangler")
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    return town


class Cabinet:
    """A channel that keeps what it is handed, and does as it is told."""

    name = "web"

    def __init__(self, *ends: Outcome | None) -> None:
        self.ends = list(ends)
        self.files: list[tuple[File, Card, str]] = []
        self.cards: dict[str, list[Card]] = {}
        self.stood: list[str | None] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    def _shows(self, reference: str, card: Card) -> Sent:
        self.cards.setdefault(reference, []).append(card)
        return Sent(reference)

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:  # noqa: ARG002
        assert key not in self.cards, "posted twice"
        return self._shows(key, card)

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        return self._shows(message_ref, card)

    async def find(self, destination: Destination, key: str) -> str | Unasked | None:  # noqa: ARG002
        return key if key in self.cards else None

    async def hand_over(
        self,
        destination: Destination,
        file: File,
        card: Card,
        key: str,
        now: datetime,  # noqa: ARG002
        *,
        stands: str | None = None,
        keep: Keep,  # noqa: ARG002
    ) -> Outcome:
        assert isinstance(destination, Direct)
        self.stood.append(stands)
        if self.meanwhile:
            await self.meanwhile()
        end = self.ends.pop(0) if self.ends else None
        if end is None:
            self.files.append((file, card, destination.reference))
            return self._shows(stands or key, card)
        return end

    @property
    def last(self) -> str:
        """What the latest card says."""
        return "\n".join(text.render(shown[-1], width=1000) for shown in self.cards.values())


async def run(town: Town, channel: Cabinet, make: Make = reporting.make, *, every: timedelta = PACE.progress) -> None:
    await Courier(town.house, town.database, {"web": channel}, replace(PACE, progress=every), make).run(town.now)


def rows(town: Town, kind: str = "report") -> list[Row[Any]]:
    asked = select(t.delivery).where(t.delivery.c.kind == kind).order_by(t.delivery.c.id)
    return list(town.do(lambda connection: connection.execute(asked).all()))


def orders(town: Town, who: str = "mette", **chosen: str) -> User:
    """Ask and order: two presses where nothing else is chosen."""
    return town.user(who).says("rapport").presses("Lav rapporten", 0, **chosen)


# --- what is offered ------------------------------------------------------------------------------------------------------------------


def test_a_leader_has_a_report_in_two_presses(town: Town) -> None:
    mette = town.user("mette").says("status").presses("Rapport")
    assert "Rapport om Børnehuset Solsikken" in mette.sees
    chosen = {one.field: one.value for one in mette.card.inputs}
    assert chosen == {"kind": "unit", "year": "2027", "format": "docx"}
    mette.presses("Lav rapporten")
    assert "Jeg laver rapporten som Word. Den kommer her i samtalen." in mette.sees
    assert "det, der er sendt: 1 af 1 dialog." in mette.sees
    (row,) = rows(town)
    order = Order.parse(row.key)
    assert order is not None
    assert (order.kind, order.year, order.format) == (Kind.UNIT, 2027, Format.WORD)
    assert (row.person_id, row.unit_id) == (order.person_id, None)


def test_a_director_begins_at_the_overview_and_is_offered_what_there_is_about_all(town: Town) -> None:
    karen = town.user("karen").says("status").presses("Rapport")
    kinds = next(one for one in karen.card.inputs if one.field == "kind")
    assert [one.value for one in kinds.options] == ["joint", "committee"]
    assert kinds.value == "joint"
    karen.presses("Lav rapporten", kind="committee", format="xlsx")
    assert "Udkast til udvalgssag 2027 for Børn og Skole" in karen.sees
    assert "som Excel" in karen.sees
    assert "1 af 2 dialoger" in karen.sees


@pytest.mark.parametrize(
    "words", ["rapport solsikken 2027", "/rapport SOLSIKKEN", "report børnehuset", "rapport 2027 solsikken"]
)
def test_a_unit_and_a_year_are_named_by_typing(town: Town, words: str) -> None:
    karen = town.user("karen").says(words)
    assert "Rapport om Børnehuset Solsikken" in karen.sees
    assert next(one.value for one in karen.card.inputs if one.field == "year") == "2027"


@pytest.mark.parametrize(
    ("words", "name", "year"),
    [
        ("rapport Projekt 2030", "Projekt 2030", "2027"),
        ("rapport Projekt 2030 2027", "Projekt 2030", "2027"),
        ("rapport Projekt", None, None),
        ("rapport Projekt 2025 2030", "Projekt 2025", "2027"),
        ("rapport 2027 Solsikken", "Børnehuset Solsikken", "2027"),
    ],
)
def test_a_year_that_is_part_of_a_name_is_no_year(town: Town, words: str, name: str | None, year: str | None) -> None:
    for number in ("2030", "2025"):
        town.unit(f"projekt-{number}", under="dagtilbud", name=f"Projekt {number}")
        town.agreement(f"projekt-{number}")
    karen = town.user("karen").says(words)
    assert f"Rapport om {name}" in karen.sees if name else "2 enheder passer" in karen.sees
    assert next((one.value for one in karen.card.inputs if one.field == "year"), None) == year
    assert ("Der er ikke sendt nogen dialoger i 2030" in karen.sees) == words.endswith("2025 2030")


def test_a_year_without_anything_sent_is_told(town: Town) -> None:
    assert "Der er ikke sendt nogen dialoger i 2019" in town.user("karen").says("rapport solsikken 2019").sees


def test_a_unit_that_is_not_theirs_and_one_that_is_not_are_answered_alike(town: Town) -> None:
    town.unit("hemmelig", under="fjordby", name="Hemmelig Enhed")
    theirs, none = (town.user("karen").says(f"rapport {word}").sees for word in ("Hemmelig Enhed", "Intetsteds Enhed"))
    assert theirs.replace("Hemmelig", "Intetsteds") == none
    assert "ingen enhed, der hedder" in none


def test_several_units_of_a_name_are_a_choice(town: Town) -> None:
    town.unit("solstraalen", under="dagtilbud", name="Børnehuset Solstrålen")
    karen = town.user("karen").says("rapport sol")
    assert "2 enheder passer på »sol«" in karen.sees
    assert "Rapport om Børnehuset Solsikken" in karen.presses("Vælg").sees


def test_who_has_two_units_chooses_between_them(town: Town) -> None:
    town.post("mette", "maanen")
    mette = town.user("mette").says("rapport")
    assert "Hvad skal rapporten handle om?" in mette.sees
    assert "Rapport om" in mette.presses("Vælg").sees


def test_a_unit_that_is_not_found_is_answered_with_an_example_of_ones_own(town: Town) -> None:
    mette = town.user("mette").says("rapport Byskolen")
    assert "ingen enhed, der hedder »Byskolen«" in mette.sees
    assert "fx »rapport Børnehuset Solsikken 2027«" in mette.sees


def test_a_year_is_kept_while_the_unit_is_chosen(town: Town) -> None:
    _sends(town, "maanen", "autumn", date(2026, 10, 1))
    town.post("mette", "maanen")
    mette = town.user("mette").says("rapport 2026")
    assert "Hvad skal rapporten for 2026 handle om?" in mette.sees
    mette.presses("Vælg", 1)
    assert next(one.value for one in mette.card.inputs if one.field == "year") == "2026"
    assert "Der er ikke sendt nogen dialoger i 2024" in town.user("mette").says("rapport 2024").presses("Vælg").sees


def _sends(town: Town, unit: str, round_id: str, due_on: date) -> None:
    dialogue = town.dialogue(unit)
    sent = {"round": round_id, "due_on": due_on, "opens_on": due_on, "sent_revision": 0}
    town.do(lambda connection: connection.execute(update(t.dialogue).where(t.dialogue.c.id == dialogue).values(**sent)))


def test_the_year_chosen_for_many_units_is_the_latest_in_which_goals_were_judged(town: Town) -> None:
    _sends(town, "maanen", "autumn", date(2026, 10, 1))
    chosen = [
        next(one.value for one in town.user(who).says(words).card.inputs if one.field == "year")
        for who, words in (("karen", "rapport bs"), ("karen", "rapport solsikken"), ("mette", "rapport"))
    ]
    assert chosen == ["2026", "2027", "2027"]


def test_of_many_units_the_first_are_shown_and_it_is_said_that_there_are_more(town: Town) -> None:
    town.person("Zoe Zed")
    for number in range(9):
        town.unit(f"ny-{number}", under="fjordby", name=f"Ny {number}")
        town.post("zoe", f"ny-{number}")
        town.agreement(f"ny-{number}")
    zoe = town.user("zoe").says("rapport")
    assert zoe.labels.count("Vælg") == 8
    assert "Her er de første 8." in zoe.sees


def test_who_has_no_unit_is_told_so(town: Town) -> None:
    town.person("Gitte Gæst")
    assert "ingen enheder" in town.user("gitte").says("rapport").sees
    assert "ingen enheder" in town.user("gitte").says("rapport solsikken").sees


def test_in_the_middle_of_a_text_a_report_is_only_meant_when_a_unit_is_named_whole(town: Town) -> None:
    town.user("ali").opens().presses("Start").presses("Forsinket")
    for words in ("rapport fra skolen mangler", "rapport 2027"):
        assert words in town.user("ali").says(words).sees
    assert "Rapport om Vuggestuen Månen" in town.user("ali").says("rapport Vuggestuen Månen").sees


@pytest.mark.parametrize(
    "words", ["/dialog rapport", "dialog rapport", "/dialog /rapport", "Dialog Rapport solsikken 2027"]
)
def test_slacks_command_may_be_typed_anywhere(town: Town, words: str) -> None:
    town.user("mette").opens()
    assert "Rapport om Børnehuset Solsikken" in town.user("mette").says(words).sees
    assert "Ingen svar nævner »nabo«" in town.user("jens").says("/dialog søg nabo").sees
    assert "Ali" in town.user("ali").says("dialog").sees, "alone it is what begins the dialogue"


def test_help_mentions_it(town: Town) -> None:
    for who in ("mette", "karen", "sofie"):
        assert "rapport – få en rapport" in town.user(who).says("hjælp").sees


# --- who may ---------------------------------------------------------------------------------------------------------------------------


def test_a_forged_press_about_a_unit_outside_reach_orders_nothing(town: Town) -> None:
    solsikken = str(town.id_of(t.unit, code="solsikken"))
    chosen = {"kind": "unit", "year": "2027", "format": "docx"}
    for press in (Press("report", value=solsikken), Press("report_now", value=solsikken)):
        ali = town.user("ali").presses_old(press, **chosen)
        assert "Den rapport kan jeg ikke lave til dig" in ali.sees
    for value in ("0", "999999", "x", "9" * 10, ""):
        town.user("ali").presses_old(Press("report_now", value=value), **chosen)
    assert rows(town) == []


def test_a_kind_that_was_not_offered_is_not_made(town: Town) -> None:
    solsikken = str(town.id_of(t.unit, code="solsikken"))
    for wrong in ({"kind": "council"}, {"year": "1999"}, {"format": "exe"}, {"kind": ""}):
        chosen = {"kind": "unit", "year": "2027", "format": "docx", **wrong}
        mette = town.user("mette").presses_old(Press("report_now", value=solsikken), **chosen)
        assert "Lav rapporten" in mette.labels, "the card is shown again"
    assert rows(town) == []


def test_an_old_button_gives_nothing_once_the_post_is_lost(town: Town) -> None:
    mette = town.user("mette").says("rapport")
    _loses_post(town, "mette")
    assert "Den rapport kan jeg ikke lave til dig" in mette.presses("Lav rapporten").sees
    assert rows(town) == []


def _loses_post(town: Town, who: str) -> None:
    person = town.id_of(t.person, email=mail(who))
    over = update(t.post).where(t.post.c.person_id == person).values(to_day=date(2027, 3, 1))
    town.do(lambda connection: connection.execute(over))


def test_an_event_that_comes_twice_orders_once(town: Town) -> None:
    mette = town.user("mette").says("rapport")
    press = Pressed(mette.button("Lav rapporten").press, {one.field: one.value for one in mette.card.inputs})
    for _ in range(2):
        mette.send(press, event="the same")
    assert len(rows(town)) == 1


async def test_the_same_report_ordered_twice_is_made_once_until_it_is_there(town: Town) -> None:
    orders(town)
    assert "Den er jeg allerede i gang med" in orders(town).sees
    assert len(rows(town)) == 1
    channel = Cabinet()
    await run(town, channel)
    orders(town)
    await run(town, channel)
    assert len(rows(town)) == len(channel.files) == 2


async def test_nobody_has_more_than_a_few_under_way(town: Town) -> None:
    for form in Format:
        orders(town, format=form.value)
    mette = orders(town, kind="record")
    assert "Du har allerede 4 rapporter på vej" in mette.sees
    assert len(rows(town)) == asking_reports.AT_ONCE == 4
    assert "Den er jeg allerede i gang med" in orders(town).sees, "one of them is no new one"
    assert "Jeg laver rapporten" in orders(town, "karen").sees, "others may"
    await run(town, Cabinet())
    assert "Jeg laver rapporten" in orders(town, kind="record").sees


@pytest.mark.parametrize("key", ["report:1:unit:2:2027:docx:0123456789ab", "report:1:council:0:2027:json:0123456789ab"])
def test_a_key_is_read_back_as_it_was_written(key: str) -> None:
    order = Order.parse(key)
    assert order is not None
    assert order.key == key


@pytest.mark.parametrize(
    "key",
    [
        "", "report:1:unit:2:2027:docx:", "report:1:other:2:2027:docx:0123456789ab", "report:1:unit:2:2027:pdf:0123456789ab",
        "report:x:unit:2:2027:docx:0123456789ab", "report:1:unit:2:2027:docx:0123456789ab\n", "report:1:unit:12345678901:2027:docx:0123456789ab",
    ],
)  # fmt: skip
def test_a_key_that_was_never_ours_is_no_order(key: str) -> None:
    assert Order.parse(key) is None


# --- made and handed over ---------------------------------------------------------------------------------------------------------------


async def test_an_order_is_made_and_handed_over_to_whoever_asked(town: Town) -> None:
    orders(town)
    channel = Cabinet()
    await run(town, channel)
    ((file, card, who),) = channel.files
    assert (who, file.language) == (mail("mette"), "da")
    assert file.name.endswith("-2027.docx")
    assert f"Rapporten er klar: Word, {in_bytes(len(file.content), 'da')}." in text.render(card, width=1000)
    assert rows(town)[0].state == "sent"
    assert len(channel.cards) == 1, "a short one is followed by no card"


async def test_whoever_gets_what_ends_on_an_agenda_is_asked_to_read_it_through(town: Town) -> None:
    orders(town, "karen", kind="committee")
    channel = Cabinet()
    await run(town, channel)
    assert "Læs ledernes egne ord igennem, før du sender den videre." in channel.last


async def test_who_lost_the_post_before_it_was_made_is_told_so_and_gets_no_file(town: Town) -> None:
    orders(town)
    _loses_post(town, "mette")
    renamed = update(t.unit).where(t.unit.c.code == "solsikken").values(name="Hemmeligt Navn")
    town.do(lambda connection: connection.execute(renamed))
    channel = Cabinet()
    await run(town, channel)
    assert channel.files == []
    assert "ikke længere blandt dem, du kan få en rapport om" in channel.last
    assert "Hemmeligt" not in channel.last, "what it is called by now is not theirs to know"
    assert rows(town)[0].state == "sent"


async def test_who_loses_the_post_while_it_is_made_gets_no_file(town: Town) -> None:
    async def make(*_: object) -> File:
        _loses_post(town, "mette")
        return File("x.docx", "application/octet-stream", b"x", "Rapport", "da")

    orders(town)
    channel = Cabinet()
    await run(town, channel, make)
    assert channel.files == []
    assert "ikke længere blandt dem" in channel.last


async def test_a_report_of_which_nothing_was_sent_is_refused_in_words(town: Town) -> None:
    async def make(*_: object) -> str:
        return "nothing-sent"

    orders(town)
    channel = Cabinet()
    await run(town, channel, make)
    assert "Der er ikke sendt nogen dialoger i 2027 endnu" in channel.last
    assert "Vælg en rapport" in channel.last


async def test_a_fault_is_told_in_plain_words_and_logged_without_what_people_wrote(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    written = "To skoler mangler"

    async def make(*_: object) -> str:
        raise ValueError(written)

    orders(town)
    channel = Cabinet()
    with caplog.at_level(logging.INFO):
        await run(town, channel, make)
    assert "Noget gik galt, mens jeg lavede den" in channel.last
    assert "ValueError" in caplog.text
    assert "To skoler" not in caplog.text
    assert rows(town)[0].state == "sent"


async def test_what_is_not_sent_is_never_in_it(town: Town) -> None:
    mette = town.user("mette").opens().presses("Åbn").presses("Ret", nth=1)
    mette.presses("Næste", cause="Hemmelig rettelse")
    town.user("ali").opens().presses("Start").presses("Forsinket").presses("Næste", cause="Hemmelig kladde")
    told = []

    async def make(*asked: Any) -> File | str:  # noqa: ANN401 - as reporting.make is called
        told.append(repr(await reporting.findings(*asked)))
        return await reporting.make(*asked)

    orders(town, "karen", format="json")
    orders(town, format="json")
    channel = Cabinet()
    await run(town, channel, make)
    assert len(channel.files) == len(told) == 2
    assert "To skoler mangler" in "".join(told)
    assert "Hemmelig" not in "".join(told)
    written = [file.content.decode() for file, _, _ in channel.files]
    assert all("To skoler mangler" in one for one in written)
    assert "Hemmelig" not in "".join(written)


async def test_a_refusal_for_good_is_told_to_whoever_asked(town: Town) -> None:
    orders(town)
    channel = Cabinet(Dead("missing-scope"))
    await run(town, channel)
    await run(town, channel)
    assert rows(town)[0].state == "dead"
    assert [row.person_id for row in rows(town, "report_lost")] == [rows(town)[0].person_id]
    assert "kunne ikke aflevere filen her" in channel.last
    assert "Den, der har sat mig op, skal give mig lov." in channel.last
    assert rows(town, "unreached") == [], "the consultant has nothing to mend"


async def test_who_cannot_be_reached_is_not_told_that_they_cannot(town: Town) -> None:
    orders(town)
    channel = Cabinet(Dead("blocked"))
    await run(town, channel)
    assert (rows(town)[0].state, rows(town, "report_lost")) == ("dead", [])


async def test_a_report_that_could_not_be_handed_over_now_is_made_anew_later(town: Town) -> None:
    orders(town)
    until = town.now + timedelta(minutes=1)
    channel = Cabinet(Busy(until), Ambiguous("timeout"))
    await run(town, channel)
    assert (rows(town)[0].state, rows(town)[0].attempts) == ("planned", 0)
    for _ in range(2):
        town.now += timedelta(minutes=2)
        await run(town, channel)
    assert (len(channel.files), rows(town)[0].state) == (1, "sent")


async def test_a_process_takes_no_more_than_it_has_room_to_make_and_leaves_the_rest_to_another(town: Town) -> None:
    for form in Format:
        orders(town, format=form.value)
    begun: list[str] = []
    done = asyncio.Event()

    def by(name: str) -> Make:
        async def make(*_: object) -> File:
            begun.append(name)
            await done.wait()
            return File("x.docx", "application/octet-stream", b"x", "Rapport", "da")

        return make

    channels = {name: Cabinet() for name in ("first", "second")}
    couriers = {name: Courier(town.house, town.database, {"web": one}, make=by(name)) for name, one in channels.items()}
    running = []
    for name in channels:
        running.append(asyncio.create_task(couriers[name].run(town.now)))
        await _until(partial(_has_begun, begun, name))
    assert begun == ["first", "first", "second", "second"]
    done.set()
    await asyncio.gather(*running)
    assert [len(one.files) for one in channels.values()] == [PACE.made, PACE.made]


async def test_what_is_only_to_be_sent_is_taken_by_who_has_no_room_to_make_more(town: Town) -> None:
    done = asyncio.Event()

    async def make(*_: object) -> File:
        await done.wait()
        return File("x.docx", "application/octet-stream", b"x", "Rapport", "da")

    for form in Format:
        orders(town, format=form.value)
    ali = town.id_of(t.person, email=mail("ali"))
    town.do(
        lambda connection: Work(connection).outbox.plan("invitation:x", "invitation", due_at=town.now, person_id=ali)
    )
    channel = Cabinet()
    running = asyncio.create_task(Courier(town.house, town.database, {"web": channel}, make=make).run(town.now))
    await _until(lambda: "invitation:x" in channel.cards)
    assert [one.state for one in rows(town)].count("claimed") == PACE.made
    done.set()
    await running
    assert len(channel.files) == len(Format), "the rest is made when there is room"


def _has_begun(begun: list[str], name: str) -> bool:
    return begun.count(name) == PACE.made


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to that")


@pytest.mark.parametrize("is_sent", [True, False])
async def test_a_report_that_ends_its_process_is_not_begun_for_ever(town: Town, *, is_sent: bool) -> None:
    orders(town)
    made = 0

    async def make(*_: object) -> File:
        nonlocal made
        made += 1
        if not is_sent:
            raise asyncio.CancelledError
        return File("x.docx", "application/octet-stream", b"x", "Rapport", "da")

    channel = Cabinet(*[Ambiguous("timeout") for _ in range(20)])
    for _ in range(10):
        with suppress(asyncio.CancelledError):
            await run(town, channel, make)
        lease_over(town)
        town.now += timedelta(minutes=20)
    assert made == MOST_MADE
    assert (rows(town)[0].state, [one.kind for one in rows(town, "report_lost")]) == ("dead", ["report_lost"])
    assert "Jeg lavede rapporten, men kunne ikke" in channel.last if is_sent else "Det tog for lang tid" in channel.last


# --- long ones -----------------------------------------------------------------------------------------------------------------------


def long_one(of: int = 120) -> Make:
    """What makes a report of so many dialogues, and tells of every fortieth."""

    async def make(*told: Any) -> File:  # noqa: ANN401 - as reporting.make is called
        for done in range(0, of + 1, 40):
            await told[-1](done, of)
        return File("lang.docx", "application/octet-stream", b"lang", "Rapport", "da")

    return make


async def test_a_long_one_is_followed_by_one_card_that_becomes_the_report(town: Town) -> None:
    orders(town)
    channel = Cabinet()
    await run(town, channel, long_one(), every=timedelta(0))
    ((key, shown),) = channel.cards.items()
    assert key == rows(town)[0].key == channel.stood[0]
    said = [text.render(one, width=1000) for one in shown]
    assert ["0 af 120 dialoger" in said[0], "120 af 120 dialoger" in said[-2], "Rapporten er klar" in said[-1]] == [
        True
    ] * 3
    assert len(shown) == 5


async def test_it_is_not_corrected_more_often_than_every_few_seconds(town: Town) -> None:
    orders(town)
    channel = Cabinet()
    await run(town, channel, long_one(), every=timedelta(hours=1))
    ((_, shown),) = channel.cards.items()
    assert len(shown) == 2


async def test_a_process_that_ends_between_making_and_handing_over_leaves_one(town: Town) -> None:
    orders(town)
    channel = Cabinet()

    async def die() -> None:
        raise asyncio.CancelledError

    channel.meanwhile = die
    with pytest.raises(asyncio.CancelledError):
        await run(town, channel, long_one(), every=timedelta(0))
    assert rows(town)[0].state == "claimed"
    lease_over(town)
    channel.meanwhile = None
    await run(town, channel, long_one(), every=timedelta(0))
    assert (len(channel.files), len(channel.cards), rows(town)[0].state) == (1, 1, "sent")


def lease_over(town: Town) -> None:
    long_ago = t.delivery.update().where(t.delivery.c.state == "claimed").values(lease_until=at_nine(date(2020, 1, 1)))
    town.do(lambda connection: connection.execute(long_ago))


async def test_the_lease_is_renewed_for_as_long_as_the_making_takes(town: Town) -> None:
    made = 0

    async def make(*_: object) -> File:
        nonlocal made
        made += 1
        for _again in range(20):
            await asyncio.sleep(0.1)
            claimed = town.do(lambda connection: Work(connection).outbox.claim(town.now, timedelta(seconds=1)))
            assert claimed is None, "somebody else took it"
        return File("lang.docx", "application/octet-stream", b"lang", "Rapport", "da")

    orders(town)
    channel = Cabinet()
    pace = replace(PACE, lease=timedelta(seconds=1))
    await Courier(town.house, town.database, {"web": channel}, pace, make).run(town.now)
    assert (made, len(channel.files), rows(town)[0].state) == (1, 1, "sent")


async def test_a_making_is_broken_off_when_another_has_taken_it_over(town: Town) -> None:
    taken: list[Delivery | None] = []

    async def make(*_: object) -> File:
        lease_over(town)
        taken.append(town.do(lambda connection: Work(connection).outbox.claim(town.now, timedelta(minutes=5))))
        await asyncio.sleep(60)
        raise AssertionError("never broken off")

    orders(town)
    channel = Cabinet()
    pace = replace(PACE, lease=timedelta(seconds=0.3))
    await Courier(town.house, town.database, {"web": channel}, pace, make).run(town.now)
    assert taken != [None]
    assert (channel.files, rows(town)[0].state) == ([], "claimed")


async def test_a_process_that_stops_leaves_the_making_to_the_next(town: Town) -> None:
    begun = asyncio.Event()

    async def make(*_: object) -> File:
        begun.set()
        await asyncio.sleep(60)
        raise AssertionError("never broken off")

    orders(town)
    channel = Cabinet()
    courier = Courier(town.house, town.database, {"web": channel}, make=make)
    running = asyncio.create_task(courier.run(town.now))
    await begun.wait()
    courier.stop()
    await running
    assert (rows(town)[0].state, rows(town)[0].attempts) == ("planned", 0)
    await run(town, channel)
    assert len(channel.files) == 1


async def test_a_long_making_holds_up_nothing_else(town: Town) -> None:
    begun, done = asyncio.Event(), asyncio.Event()

    async def make(*_: object) -> File:
        begun.set()
        await done.wait()
        return File("lang.docx", "application/octet-stream", b"lang", "Rapport", "da")

    orders(town)
    channel = Cabinet()
    courier = Courier(town.house, town.database, {"web": channel}, make=make)
    running = asyncio.create_task(courier.run(town.now))
    await begun.wait()
    ali = town.id_of(t.person, email=mail("ali"))
    town.do(
        lambda connection: Work(connection).outbox.plan("invitation:x", "invitation", due_at=town.now, person_id=ali)
    )
    courier.ring()
    for _ in range(200):
        if "invitation:x" in channel.cards:
            break
        await asyncio.sleep(0.02)
    assert "invitation:x" in channel.cards, "sent while the report is being made"
    assert channel.files == []
    done.set()
    await running
    assert len(channel.files) == 1


# --- made anew for whoever has the key -------------------------------------------------------------------------------------------------


async def test_a_key_is_worth_nothing_to_anybody_else_or_once_the_post_is_lost(town: Town) -> None:
    orders(town)
    (row,) = rows(town)

    counter = report_orders.Counter(town.house, town.database)

    async def gets(who: str, key: str = row.key) -> File | Card:
        return await counter.made_anew("web", mail(who), key, town.now)

    assert isinstance(await gets("mette"), File)
    for who in ("ali", "karen", "nobody"):
        assert isinstance(await gets(who), Card), who
    assert isinstance(await gets("mette", row.key.replace(":unit:", ":joint:")), Card)
    assert isinstance(await gets("mette", row.key[:-12] + "0" * 12), Card), "it was never ordered"
    assert isinstance(await gets("mette", "x"), Card)
    _loses_post(town, "mette")
    assert isinstance(await gets("mette"), Card)


async def test_what_is_made_anew_is_made_one_at_a_time_for_a_person_and_a_few_in_all(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("mette", "jens", "karen"):
        orders(town, who)
    keys = {mail(who): row.key for who, row in zip(("mette", "jens", "karen"), rows(town), strict=True)}
    at_once: list[int] = []
    most: list[int] = []

    async def make(house: object, database: object, order: Order, *_: object) -> File:  # noqa: ARG001
        at_once.append(order.person_id)
        most.append(len(at_once))
        assert len(set(at_once)) == len(at_once), "one at a time for a person"
        await asyncio.sleep(0.02)
        at_once.remove(order.person_id)
        return File("x.docx", "application/octet-stream", b"x", "Rapport", "da")

    monkeypatch.setattr(report_orders, "made", make)
    counter = report_orders.Counter(town.house, town.database)
    asked = [counter.made_anew("web", who, key, town.now) for who, key in keys.items() for _ in range(4)]
    assert all(isinstance(one, File) for one in await asyncio.gather(*asked))
    assert (len(most), max(most)) == (12, report_orders.ANEW)


# --- how the cards look -----------------------------------------------------------------------------------------------------------------


def test_every_card_keeps_what_the_platforms_allow(town: Town) -> None:
    town.unit("solstraalen", under="dagtilbud", name="Børnehuset Solstrålen")
    shown = [
        *(town.user("karen").says(words).card for words in ("rapport", "rapport sol", "status")),
        orders(town).card,
    ]
    order = Order.parse(rows(town)[0].key)
    assert order is not None
    about = town.do(lambda connection: report_orders.about(town.house, Work(connection), order, "da"))
    shown += [made.progress(about, 7, 300), made.ready(about, 48_000), made.declined(about), made.nothing(about.texts)]
    shown += [of(about, reason) for of in (made.refused, made.lost) for reason in (*sorted(made.KNOWN), "anything")]
    for card in shown:
        for message in slack.render(card):
            assert slack_limits.problems(message.blocks, "message") == ()
        for told in teams.render(card):
            assert teams_limits.problems(told.card) == ()
        assert html.render(card)


def test_sizes_are_written_as_people_read_them() -> None:
    assert [in_bytes(size, "da") for size in (1, 48_400, 1_250_000)] == ["1\u00a0kB", "48\u00a0kB", "1,2\u00a0MB"]
    assert in_bytes(1_250_000, "en") == "1.2\u00a0MB"
