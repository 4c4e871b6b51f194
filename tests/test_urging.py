"""What a nearest leader does about units that have not answered: writes to their leaders, or gives them more time."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, select

from bot.courier import Courier
from bot.ports import Direct
from cards.card import Press
from store import tables as t
from store.database import Database
from store.work import Work
from tests.test_agreements import platform_problems
from tests.test_replying import Pinboard
from tests.test_service import answer_everything
from tests.town import Town, User, at_nine, fjordby

LATE = date(2027, 4, 6)  # five days after the deadline
METTE, ALI, JENS = (Direct(f"{who}@fjordby.example") for who in ("mette", "ali", "jens"))


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="sent", posted_at=town.now)))
    town.now = at_nine(LATE)
    return town


@pytest.fixture
def board() -> Pinboard:
    return Pinboard()


async def deliver(town: Town, board: Pinboard) -> None:
    town.plan()
    await Courier(town.house, town.database, {"web": board}).run(town.now)


async def told_of_the_missing(town: Town, board: Pinboard) -> User:
    """Jens, in front of the message that names those who have not answered."""
    await deliver(town, board)
    jens = town.user("jens").opens()
    assert jens.reply is not None
    card = next(card for where, card in board.posts if where == JENS)
    jens.reply = type(jens.reply)(card)
    return jens


def deadlines(town: Town) -> dict[str, date]:
    rows = town.do(
        lambda connection: connection.execute(
            select(t.unit.c.code, t.dialogue.c.due_on).select_from(t.dialogue.join(t.agreement).join(t.unit))
        ).all()
    )
    return {row.code: row.due_on for row in rows}


async def test_what_is_written_reaches_each_leader_alone(town: Town, board: Pinboard) -> None:
    jens = await told_of_the_missing(town, board)
    assert "Børnehuset Solsikken" in jens.sees
    jens.presses("Skriv til dem")
    assert "Det gælder Børnehuset Solsikken og Vuggestuen Månen." in jens.sees
    jens.presses("Send til dem", text="Sig til, hvis I har brug for hjælp.")
    assert "Det bliver sendt til 2, hver i sin egen chat." in jens.sees
    await deliver(town, board)
    for where, other in ((METTE, "Månen"), (ALI, "Solsikken")):
        told = board.seen_by(where)
        assert "Jens Østergaard skriver:" in told
        assert "»Sig til, hvis I har brug for hjælp.«" in told
        assert other not in told
    number = town.dialogue("solsikken")
    said = town.do(lambda connection: Work(connection).responses(number))
    assert said == ()  # it is no reply to a summary


@pytest.mark.parametrize("text", ["", "   ", "Husk 010190-1234"])
async def test_nothing_unfit_is_written(town: Town, board: Pinboard, text: str) -> None:
    jens = (await told_of_the_missing(town, board)).presses("Skriv til dem").presses("Send til dem", text=text)
    assert jens.card.kind == "urge"
    assert town.count(t.comment) == 0


async def test_more_time_is_for_those_who_are_missing_alone_and_they_are_told(town: Town, board: Pinboard) -> None:
    answer_everything(town.user("mette")).presses("Se opsummeringen").presses("Send til Jens")
    jens = (await told_of_the_missing(town, board)).presses("Udsæt fristen")
    assert "Solsikken" not in jens.sees
    jens.presses("Udsæt fristen", due="17-4-2027")  # a Saturday
    assert "Fristen er nu fredag den 16. april. Den ene, det gælder, får besked." in jens.sees
    assert deadlines(town) == {"solsikken": date(2027, 4, 1), "maanen": date(2027, 4, 16)}
    await deliver(town, board)
    assert "Jens Østergaard har givet dig mere tid. Fristen er nu fredag den 16. april." in board.seen_by(ALI)
    assert "mere tid" not in board.seen_by(METTE)
    assert "Frist: fredag den 16. april." in town.user("ali").opens().sees


@pytest.mark.parametrize("written", ["", "i morgen tidlig", "1-4-2027", "6-4-2027", "1-12-2027"])
async def test_a_deadline_is_moved_only_ahead_and_not_far(town: Town, board: Pinboard, written: str) -> None:
    jens = (await told_of_the_missing(town, board)).presses("Udsæt fristen").presses("Udsæt fristen", due=written)
    assert jens.card.kind == "urge"
    assert set(deadlines(town).values()) == {date(2027, 4, 1)}


@pytest.mark.parametrize("who", ["mette", "ali", "karen", "sofie"])
@pytest.mark.parametrize("act", ["urge", "urge_now", "extend", "extend_now"])
def test_nobody_but_the_nearest_leader_does_either(town: Town, who: str, act: str) -> None:
    user = town.user(who).presses_old(Press(act, town.dialogue("solsikken")), text="Skynd jer.", due="16-4-2027")
    assert "Der er ikke nogen, der mangler at svare dig her." in user.sees
    assert town.count(t.comment) == 0
    assert set(deadlines(town).values()) == {date(2027, 4, 1)}


async def test_who_has_answered_meanwhile_is_told_nothing(town: Town, board: Pinboard) -> None:
    jens = (await told_of_the_missing(town, board)).presses("Skriv til dem")
    town.now = town.now.replace(hour=20)
    jens.presses("Send til dem", text="Kom nu.")
    answer_everything(town.user("mette")).presses("Se opsummeringen").presses("Send til Jens")
    town.now = at_nine(date(2027, 4, 7))
    await deliver(town, board)
    assert "Kom nu." not in board.seen_by(METTE)
    assert "Kom nu." in board.seen_by(ALI)


async def test_its_cards_stay_within_every_platform(town: Town, board: Pinboard) -> None:
    jens = await told_of_the_missing(town, board)
    found = platform_problems(jens.card)
    for press in ("Skriv til dem", "Udsæt fristen"):
        other = jens.copy()
        found += platform_problems(other.presses(press).card)
    assert found == []


async def test_who_leads_two_of_them_is_written_to_once_and_the_same_words_twice_are_once(
    town: Town, board: Pinboard
) -> None:
    town.do(
        lambda connection: connection.execute(
            t.post.update()
            .where(t.post.c.person_id == town_person(connection, "ali"))
            .values(person_id=town_person(connection, "mette"))
        )
    )
    jens = await told_of_the_missing(town, board)
    before = len(board.posts)
    again = jens.presses("Skriv til dem").copy()
    jens.presses("Send til dem", text="Skal vi tale sammen?")
    assert "Det bliver sendt til den ene" in jens.sees
    again.presses("Send til dem", text="Skal vi tale sammen?")
    await deliver(town, board)
    assert len(board.posts) == before + 1


def town_person(connection: Connection, who: str) -> int:
    found = select(t.person.c.id).where(t.person.c.email == f"{who}@fjordby.example")
    return int(connection.execute(found).scalar_one())


@pytest.mark.parametrize("act", ["urge", "extend", "extend_now"])
def test_before_the_deadline_nobody_is_told_who_has_not_answered(town: Town, act: str) -> None:
    town.now = at_nine(date(2027, 4, 1))
    jens = town.user("jens").presses_old(Press(act, town.dialogue("solsikken")), due="16-4-2027")
    assert "Solsikken" not in jens.sees
    assert set(deadlines(town).values()) == {date(2027, 4, 1)}


async def test_a_unit_nobody_answers_for_is_said_to_be_one(town: Town, board: Pinboard) -> None:
    town.do(
        lambda connection: connection.execute(
            t.post.update()
            .where(
                t.post.c.role == "leader",
                t.post.c.unit_id.in_(select(t.unit.c.id).where(t.unit.c.code.in_(("solsikken", "maanen")))),
            )
            .values(to_day=date(2027, 4, 5))
        )
    )
    town.do(lambda connection: connection.execute(t.post.delete().where(t.post.c.role == "deputy")))
    jens = town.user("jens").presses_old(Press("urge_now", town.dialogue("solsikken")), text="Hvem svarer?")
    await deliver(town, board)
    assert "Ingen kan svare her lige nu" in jens.sees


async def test_a_deadline_that_cannot_be_moved_more_is_said_so(town: Town, board: Pinboard) -> None:
    jens = await told_of_the_missing(town, board)
    town.now = at_nine(date(2027, 5, 10))
    assert "Fristen kan ikke udsættes mere" in jens.presses("Udsæt fristen").sees
