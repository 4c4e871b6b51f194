"""One indsats is answered by somebody else: who may ask, what they see, and where the leader stands meanwhile."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.courier import Courier
from bot.ports import Direct
from cards.card import Press
from store import tables as t
from store.database import Database
from tests.test_agreements import platform_problems
from tests.test_replying import Pinboard
from tests.town import Town, User, fjordby


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    return town


def asks(town: Town, who: str = "ali") -> User:
    """Mette asks somebody about her first indsats."""
    mette = town.user("mette").opens().presses("Start")
    mette.presses("Bed en anden svare")
    return mette.presses("Spørg", person=str(town.id_of(t.person, email=f"{who}@fjordby.example")))


def answers_it(user: User) -> User:
    return (
        user.opens()
        .presses("Svar")
        .presses("Forsinket")
        .presses("Næste", cause="To skoler mangler.")
        .presses("Det aftaler vi på mødet")
    )


async def test_whoever_is_asked_is_told_and_answers_that_one_alone(town: Town) -> None:
    mette = asks(town, "karen")
    assert "Karen Aagaard bliver bedt om at svare" in mette.sees
    assert "Digitale forløb" in mette.sees  # she goes on with the next
    board = Pinboard()
    await Courier(town.house, town.database, {"web": board}).run(town.now)
    told = board.seen_by(Direct("karen@fjordby.example"))
    assert "Mette Søndergaard beder dig svare om én indsats" in told
    assert "Overleveringsmøder" in told
    assert "vikarkorps" not in told
    karen = answers_it(town.user("karen"))
    assert "Dit svar er gemt. Mette Søndergaard ser det" in karen.sees
    assert "vikarkorps" not in karen.sees
    assert town.answers("solsikken")[("Overleveringsmøder", "status")] == {"status": "delayed"}
    mette.opens().presses("Fortsæt")
    assert "Digitale forløb" in mette.sees
    mette.presses("I gang").presses("I gang").presses("Spring over")
    assert "To skoler mangler." in mette.sees  # all of it stands in her review


def test_what_another_was_asked_about_comes_last_and_the_leader_may_answer_it(town: Town) -> None:
    mette = asks(town).presses("I gang").presses("I gang").presses("Spring over")
    assert "Overleveringsmøder" in mette.sees
    assert "Ali Demir er bedt om at svare på den her. Du kan også svare selv." in mette.sees
    mette.presses("I gang")
    assert mette.card.kind == "review"
    assert town.do(lambda connection: connection.execute(select(t.delegation.c.answered_at)).scalar_one()) is not None
    ali = town.user("ali").opens()
    assert "beder dig" not in ali.sees


@pytest.mark.parametrize("act", ["preview", "submit", "review"])
def test_whoever_is_asked_neither_sends_nor_sees_the_rest(town: Town, act: str) -> None:
    asks(town)
    town.user("mette").opens().presses("Fortsæt" if "Fortsæt" in town.user("mette").opens().labels else "Start")
    ali = town.user("ali")
    number = town.dialogue("solsikken")
    ali.presses_old(Press(act, number, revision=0))
    assert "Digitale forløb" not in ali.sees
    assert "Fælles vikarkorps" not in ali.sees
    assert town.do(lambda connection: connection.execute(select(t.dialogue.c.sent_revision)).scalars().all()) == [
        None,
        None,
    ]


def test_a_press_about_another_indsats_is_not_theirs(town: Town) -> None:
    asks(town)
    other = town.id_of(t.initiative, title="Fælles vikarkorps")
    ali = town.user("ali").presses_old(
        Press("answer", town.dialogue("solsikken"), f"initiative-{other}", "status", 0, "completed")
    )
    assert "vikarkorps" not in ali.sees
    assert town.count(t.answer) == 0


def test_asking_another_takes_it_from_the_first(town: Town) -> None:
    asks(town)
    mette = town.user("mette").presses_old(press_about(town, "Overleveringsmøder"))
    assert "Ali Demir er bedt om at svare." in mette.sees
    mette.presses("Spørg", person=str(town.id_of(t.person, email="jens@fjordby.example")))
    assert "Jens Østergaard bliver bedt om at svare" in mette.sees
    assert "Overleveringsmøder" not in town.user("ali").opens().sees
    assert "Kun Mette Søndergaard" in town.user("ali").presses_old(Press("open", town.dialogue("solsikken"))).sees
    assert "Overleveringsmøder" in town.user("jens").opens().sees


def press_about(town: Town, title: str, act: str = "ask") -> Press:
    number = town.id_of(t.initiative, title=title)
    return Press(act, town.dialogue("solsikken"), f"initiative-{number}", "status")


def test_the_leader_takes_it_back(town: Town) -> None:
    asks(town)
    mette = town.user("mette").presses_old(press_about(town, "Overleveringsmøder")).presses("Jeg svarer selv")
    assert "Du svarer selv." in mette.sees
    assert "Overleveringsmøder" in mette.sees
    assert "Overleveringsmøder" not in town.user("ali").opens().sees
    assert "Overleveringsmøder" not in town.user("ali").presses_old(Press("open", town.dialogue("solsikken"))).sees


@pytest.mark.parametrize("picked", ["", "999", "mette"])
def test_nobody_is_asked_who_was_not_offered(town: Town, picked: str) -> None:
    chosen = str(town.id_of(t.person, email="mette@fjordby.example")) if picked == "mette" else picked
    mette = town.user("mette").opens().presses("Start").presses("Bed en anden svare")
    mette.presses_old(mette.button("Spørg"), person=chosen)
    assert town.count(t.delegation) == 0
    assert mette.card.kind == "delegate"


def test_whoever_is_asked_cannot_ask_further_and_others_not_at_all(town: Town) -> None:
    asks(town)
    jens = str(town.id_of(t.person, email="jens@fjordby.example"))
    assert "Bed en anden svare" not in town.user("ali").opens().presses("Svar").labels
    for who in ("ali", "jens"):
        town.user(who).presses_old(press_about(town, "Overleveringsmøder", "ask_now"), person=jens)
    kept = town.do(lambda connection: connection.execute(select(t.delegation.c.person_id)).scalars().all())
    assert kept == [town.id_of(t.person, email="ali@fjordby.example")]


def test_once_it_is_sent_it_is_the_leaders_alone(town: Town) -> None:
    asks(town)
    ali = answers_it(town.user("ali"))
    edit = ali.button("Ret: Overleveringsmøder")
    mette = town.user("mette").opens().presses("Fortsæt").presses("I gang").presses("I gang").presses("Spring over")
    mette.presses("Se opsummeringen").presses("Send til Jens")
    assert "Svarene er sendt" in ali.presses_old(edit).sees
    before = town.count(t.answer)
    ali.presses_old(Press("answer", town.dialogue("solsikken"), edit.press.subject, "status", 99, "completed"))
    assert town.count(t.answer) == before


async def test_nobody_is_told_of_what_is_answered_already(town: Town) -> None:
    town.now = town.now.replace(hour=19)
    mette = asks(town).presses("I gang").presses("I gang").presses("Spring over")
    mette.presses("I gang")
    board = Pinboard()
    await Courier(town.house, town.database, {"web": board}).run(town.now + timedelta(days=1))
    assert "beder dig" not in board.seen_by(Direct("ali@fjordby.example"))
    (reason,) = town.do(
        lambda connection: (
            connection.execute(select(t.delivery.c.reason).where(t.delivery.c.kind == "delegated")).scalars().all()
        )
    )
    assert reason == "answered"


def test_the_owner_of_the_indsats_is_offered_first(town: Town) -> None:
    ali = town.id_of(t.person, email="ali@fjordby.example")
    number = town.id_of(t.initiative, title="Overleveringsmøder")
    town.do(
        lambda connection: connection.execute(
            t.initiative.update().where(t.initiative.c.id == number).values(owner_id=ali)
        )
    )
    mette = town.user("mette").opens().presses("Start").presses("Bed en anden svare")
    first = next(one for one in mette.card.inputs).options[0]
    assert (first.value, first.label) == (str(ali), "Ali Demir")


def test_the_deadline_is_told(town: Town) -> None:
    asks(town)
    assert date(2027, 4, 1) == town.do(
        lambda connection: connection.execute(select(t.dialogue.c.due_on)).scalars().first()
    )
    assert "Frist: torsdag den 1. april." in town.user("ali").opens().sees


async def test_its_cards_stay_within_every_platform(town: Town) -> None:
    for number in range(80):  # a municipality has many colleagues, with long names and posts
        name = f"Person{number} Med-Et-Rigtig-Langt-Efternavn Fra Den Store Familie Nummer {number}"
        town.person(name)
        town.unit(
            f"u{number}", under="dagtilbud", name=f"Enheden med det lange navn, der aldrig får ende, nummer {number}"
        )
        town.post(name.split(maxsplit=1)[0].lower(), f"u{number}")
    long = "Overleveringsmøder " * 40
    town.do(
        lambda connection: connection.execute(
            t.initiative.update().where(t.initiative.c.title == "Overleveringsmøder").values(title=long)
        )
    )
    mette = town.user("mette").opens().presses("Start").presses("Bed en anden svare")
    assert platform_problems(mette.card) == []
    mette.presses("Spørg", person=str(town.id_of(t.person, email="ali@fjordby.example")))
    board = Pinboard()
    await Courier(town.house, town.database, {"web": board}).run(town.now)
    assert [platform_problems(card) for _, card in board.posts] == [[]]
    assert platform_problems(answers_it(town.user("ali")).card) == []


def test_what_the_other_answers_does_not_undo_the_leaders_press(town: Town) -> None:
    mette = asks(town)
    button = mette.button("I gang")  # about the next indsats
    town.user("ali").opens().presses("Svar").presses("I gang")
    mette.presses_old(button)
    assert town.answers("solsikken")[("Digitale forløb", "status")] == {"status": "on_plan"}
    assert "Det er besvaret siden" not in mette.sees


def test_what_the_leader_typed_and_did_not_give_is_not_shown_to_whoever_is_asked(town: Town) -> None:
    mette = town.user("mette").opens().presses("Start").presses("Forsinket")
    mette.presses("‹ Tilbage", cause="Kun for mig selv endnu")
    mette.presses("Bed en anden svare")
    mette.presses("Spørg", person=str(town.id_of(t.person, email="ali@fjordby.example")))
    ali = town.user("ali").opens().presses("Svar")
    assert "Udfordringen" in ali.sees
    assert "Kun for mig selv endnu" not in ali.sees


def test_whoever_is_asked_finds_it_when_they_begin(town: Town) -> None:
    asks(town, "karen")
    assert "Overleveringsmøder" in town.user("karen").says("start").sees


async def test_asked_again_they_are_told_again(town: Town) -> None:
    asks(town)
    board = Pinboard()
    courier = Courier(town.house, town.database, {"web": board})
    await courier.run(town.now)
    mette = town.user("mette")
    for who in ("jens", "ali"):
        mette.presses_old(press_about(town, "Overleveringsmøder"))
        mette.presses("Spørg", person=str(town.id_of(t.person, email=f"{who}@fjordby.example")))
    await courier.run(town.now)
    assert board.seen_by(Direct("ali@fjordby.example")).count("beder dig svare") == 2
