"""The nearest leader's reply: from the post in the channel to the leader's own chat, and back; on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.courier import Courier
from bot.ports import Dead, Destination, Direct, Outcome, Reply, Room, Sent
from cards import text
from cards.card import Card, Press
from store import tables as t
from store.database import Database
from tests.nofiles import NoFiles
from tests.test_service import answer_everything
from tests.town import Town, User, fjordby


class Pinboard(NoFiles):
    """A channel that keeps what it was sent, at the port."""

    name = "web"

    def __init__(self) -> None:
        self.posts: list[tuple[Destination, Card]] = []

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:  # noqa: ARG002
        self.posts.append((destination, card))
        return Sent(str(len(self.posts) - 1))

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        if int(message_ref) >= len(self.posts):
            return Dead("message-not-found")
        self.posts[int(message_ref)] = (destination, card)
        return Sent(message_ref)

    async def find(self, destination: Destination, key: str) -> str | None:  # noqa: ARG002
        return None

    def seen_by(self, destination: Destination) -> str:
        """All that stands at a destination, as plain text."""
        return "\n".join(text.render(card, width=10_000) for where, card in self.posts if where == destination)


ROOM = Room("boern-og-skole-ledelse")


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    answer_everything(town.user("mette")).presses("Se opsummeringen").presses("Send til Jens")
    return town


@pytest.fixture
def board() -> Pinboard:
    return Pinboard()


async def deliver(town: Town, board: Pinboard) -> None:
    await Courier(town.house, town.database, {"web": board}).run(town.now)


def in_the_channel(town: Town, board: Pinboard, who: str) -> User:
    """Somebody in front of the post in the channel."""
    user = town.user(who)
    user.reply = Reply(next(card for where, card in board.posts if where == ROOM))
    return user


async def test_the_post_offers_the_nearest_leader_four_things(town: Town, board: Pinboard) -> None:
    await deliver(town, board)
    assert in_the_channel(town, board, "jens").labels == ["Svar", "Spørg ind", "Tages op på mødet", "Godkend"]


async def test_a_reply_stands_under_the_post_and_reaches_the_leader(town: Town, board: Pinboard) -> None:
    await deliver(town, board)
    jens = in_the_channel(town, board, "jens").presses("Svar")
    assert "Det kommer til at stå under opsummeringen i #boern-og-skole-ledelse." in jens.sees
    jens.presses("Send", text="Jeg ringer til skolechefen på torsdag.")
    assert "Mette Søndergaard får dit svar" in jens.sees
    await deliver(town, board)
    assert "Jens Østergaard, 10. marts 2027: »Jeg ringer til skolechefen på torsdag.«" in board.seen_by(ROOM)
    assert "Jens Østergaard har svaret på din opsummering." in board.seen_by(Direct("mette@fjordby.example"))
    assert len([where for where, _ in board.posts if where == ROOM]) == 1, "the post is corrected, not posted again"


async def test_the_leader_can_answer_back(town: Town, board: Pinboard) -> None:
    await deliver(town, board)
    in_the_channel(town, board, "jens").presses("Spørg ind").presses("Send", text="Hvilke skoler?")
    await deliver(town, board)
    mette = town.user("mette")
    mette.presses_old(Press("respond", town.dialogue("solsikken"), value="answer")).presses(
        "Send", text="Byskolen og Fjordskolen"
    )
    await deliver(town, board)
    assert "Mette Søndergaard, 10. marts 2027: »Byskolen og Fjordskolen«" in board.seen_by(ROOM)
    assert "Mette Søndergaard har svaret." in board.seen_by(Direct("jens@fjordby.example"))


async def test_approving_is_one_press_and_twice_is_once(town: Town, board: Pinboard) -> None:
    await deliver(town, board)
    jens = in_the_channel(town, board, "jens")
    approve = jens.button("Godkend")
    jens.presses_old(approve).presses_old(approve)
    assert "Det er gjort allerede." in jens.sees
    await deliver(town, board)
    assert "● Godkendt af Jens Østergaard, 10. marts 2027" in board.seen_by(ROOM)
    assert "Godkend" not in in_the_channel(town, board, "jens").labels
    assert town.count(t.comment) == 1


async def test_an_approval_is_of_what_was_approved_and_is_asked_for_again_after_a_correction(
    town: Town, board: Pinboard
) -> None:
    await deliver(town, board)
    in_the_channel(town, board, "jens").presses("Godkend")
    town.now += timedelta(hours=1)
    mette = town.user("mette").opens().presses("Åbn").presses("Ret", 3).presses("Gennemført")
    mette.presses("Se det rettede opslag").presses("Ret opslaget")
    await deliver(town, board)
    assert "● Godkendt af Jens Østergaard, 10. marts 2027 – før rettelsen" in board.seen_by(ROOM)
    in_the_channel(town, board, "jens").presses("Godkend")
    await deliver(town, board)
    assert "Godkend" not in in_the_channel(town, board, "jens").labels


async def test_only_the_nearest_leader_and_those_above_may_reply(town: Town, board: Pinboard) -> None:
    await deliver(town, board)
    for who, allowed in {"ali": False, "mette": False, "sofie": False, "karen": True}.items():
        user = in_the_channel(town, board, who).presses("Svar")
        assert ("Svar til Mette Søndergaard" in user.sees) is allowed, who
        assert ("Kun Jens Østergaard kan svare" in user.sees) is not allowed, who


async def test_a_cpr_number_in_a_reply_is_refused_and_not_stored(town: Town, board: Pinboard) -> None:
    await deliver(town, board)
    jens = in_the_channel(town, board, "jens").presses("Svar").presses("Send", text="Det gælder 010115-1234")
    assert "ligner et CPR-nummer" in jens.sees
    assert town.count(t.comment) == 0


def test_nobody_replies_to_what_is_not_sent(database: Database) -> None:
    town = fjordby(database)
    town.plan()
    jens = town.user("jens").presses_old(Press("respond", town.dialogue("maanen"), value="reply"))
    assert "er ikke sendt endnu" in jens.sees
    assert "er ikke sendt endnu" in jens.presses_old(Press("post", town.dialogue("maanen"))).sees


def test_a_stranger_cannot_look_at_the_post(town: Town) -> None:
    ali = town.user("ali").presses_old(Press("post", town.dialogue("solsikken")))
    assert "Kun Mette Søndergaard og stedfortræderen kan svare" in ali.sees
    assert "To skoler" not in ali.sees


def test_who_stands_in_above_does_not_reply_to_what_they_answer_for_themselves(town: Town) -> None:
    town.away("jens", date(2027, 3, 1), date(2027, 4, 30), "mette")
    number = town.dialogue("solsikken")
    before = town.count(t.comment)
    mette = town.user("mette").presses_old(Press("respond", number, value="approval"))
    assert town.count(t.comment) == before
    assert "Kun" in mette.sees


def test_who_deputises_above_does_not_approve_their_own(town: Town) -> None:
    town.post("mette", "dagtilbud", "deputy")
    number = town.dialogue("solsikken")
    before = town.count(t.comment)
    town.user("mette").presses_old(Press("respond", number, value="approval"))
    assert town.count(t.comment) == before
