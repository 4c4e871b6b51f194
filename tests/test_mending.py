"""A summary that cannot be posted is told to the consultant, who can have it tried again; and which way a delivery goes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.courier import Courier
from bot.outcome import summary_key
from bot.ports import Channel, Dead, Destination, Direct, Outcome, Reply, Room, Sent
from cards import text
from cards.card import Card
from store import tables as t
from store.database import Database
from store.outbox import Target
from store.work import Work
from tests.nofiles import NoFiles
from tests.test_service import answer_everything
from tests.town import Town, fjordby


class Platform(NoFiles):
    """A platform that lets the bot into some of its channels, and knows some of its people."""

    def __init__(self, name: str, *, reason: str = "", strangers: tuple[str, ...] = ()) -> None:
        self.name = name
        self.reason = reason  # why no channel takes a post; "" when they do
        self.strangers = strangers
        self.told: list[tuple[Destination, Card]] = []

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:  # noqa: ARG002
        if isinstance(destination, Room) and self.reason:
            return Dead(self.reason)
        if isinstance(destination, Direct) and destination.reference in self.strangers:
            return Dead("no-account")
        self.told.append((destination, card))
        return Sent(key)

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        self.told.append((destination, card))
        return Sent(message_ref)

    async def find(self, destination: Destination, key: str) -> str | None:  # noqa: ARG002
        return None

    @property
    def kinds(self) -> list[str]:
        return [card.kind for _, card in self.told]


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    answer_everything(town.user("mette")).presses("Se opsummeringen").presses("Send til Jens")
    return town


async def deliver(town: Town, *platforms: Channel) -> None:
    await Courier(town.house, town.database, {one.name: one for one in platforms}).run(town.now)


def states(town: Town, kind: str) -> list[tuple[str, str | None]]:
    rows = town.do(
        lambda connection: connection.execute(
            select(t.delivery.c.state, t.delivery.c.reason).where(t.delivery.c.kind == kind).order_by(t.delivery.c.id)
        ).all()
    )
    return [(row.state, row.reason) for row in rows]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("not-in-channel", "/invite"),
        ("channel-not-found", "staves den sådan"),
        ("is-archived", "arkiveret"),
        ("not-installed", "ikke installeret"),
        ("restricted-action", "blev afvist (restricted-action)"),
    ],
)
async def test_the_consultant_is_told_what_is_wrong_with_the_channel_and_what_to_do(
    town: Town, reason: str, words: str
) -> None:
    slack = Platform("slack", reason=reason)
    await deliver(town, slack)
    assert states(town, "summary") == [("dead", reason)]
    ((destination, card),) = slack.told
    assert destination == Direct("sofie@fjordby.example")
    said = "\n".join(run.text for part in card.walk() for run in getattr(part, "runs", ()))
    assert "1 opsummering venter på at komme i #boern-og-skole-ledelse" in said
    assert words in said


async def test_pressing_try_again_posts_what_waited_once(town: Town) -> None:
    slack = Platform("slack", reason="not-in-channel")
    await deliver(town, slack)
    sofie = town.user("sofie")
    sofie.reply = Reply(slack.told[0][1])
    slack.reason = ""
    sofie.presses("Prøv igen")
    assert "Jeg prøver igen nu" in sofie.sees
    await deliver(town, slack)
    assert slack.kinds == ["trouble", "summary"]
    assert states(town, "summary") == [("sent", None)]
    sofie.reply = Reply(slack.told[0][1])
    sofie.presses("Prøv igen")
    assert "Der venter ikke noget længere" in sofie.sees
    await deliver(town, slack)
    assert slack.kinds == ["trouble", "summary"]


async def test_what_is_tried_again_in_vain_is_told_again_and_otherwise_once_a_day(town: Town) -> None:
    slack = Platform("slack", reason="not-in-channel")
    await deliver(town, slack)
    ali = town.user("ali").says("start").presses("Start").presses("I gang").presses("Spring over")
    ali.presses("Se opsummeringen").presses("Send til Jens")
    await deliver(town, slack)
    assert slack.kinds == ["trouble"], "two summaries wait for the same channel, and one message says so"
    sofie = town.user("sofie")
    sofie.reply = Reply(slack.told[0][1])
    sofie.presses("Prøv igen")
    await deliver(town, slack)
    assert slack.kinds == ["trouble", "trouble"]
    said = "\n".join(run.text for part in slack.told[1][1].walk() for run in getattr(part, "runs", ()))
    assert "2 opsummeringer venter" in said


async def test_only_the_consultant_can_try_again(town: Town) -> None:
    slack = Platform("slack", reason="not-in-channel")
    await deliver(town, slack)
    mette = town.user("mette")
    mette.reply = Reply(slack.told[0][1])
    mette.presses("Prøv igen")
    assert "Kun kommunens konsulent" in mette.sees
    assert states(town, "summary") == [("dead", "not-in-channel")]


async def test_a_consultant_is_not_told_of_what_was_mended_meanwhile(town: Town) -> None:
    slack = Platform("slack", reason="not-in-channel")
    town.do(lambda connection: connection.execute(update(t.person).values(timezone="Pacific/Auckland")))  # night there
    await deliver(town, slack)
    assert slack.told == []
    slack.reason = ""
    owner = _owner(town)
    town.do(lambda connection: Work(connection).outbox.revive("summary", [Target(unit_id=owner)], town.now))
    await deliver(town, slack)
    town.do(lambda connection: connection.execute(update(t.delivery).values(due_at=town.now)))
    await deliver(town, slack)
    assert slack.kinds == ["summary"]
    assert states(town, "trouble") == [("skipped", "mended")]


def _owner(town: Town) -> int:
    return int(
        town.do(
            lambda connection: connection.execute(
                select(t.delivery.c.unit_id).where(t.delivery.c.kind == "summary")
            ).scalar_one()
        )
    )


def _give_room(town: Town, **channels: str | None) -> None:
    owner = _owner(town)
    town.do(lambda connection: connection.execute(update(t.unit).where(t.unit.c.id == owner).values(**channels)))


async def test_people_who_cannot_be_reached_are_named_to_the_consultant_once_a_day(town: Town) -> None:
    strangers = ("mette@fjordby.example", "ali@fjordby.example")
    slack = Platform("slack", strangers=strangers)
    for who in ("mette", "ali"):
        person = town.id_of(t.person, email=f"{who}@fjordby.example")
        plan = {"due_at": town.now, "person_id": person}
        town.do(
            lambda connection, who=who, plan=plan: Work(connection).outbox.plan(
                f"invitation:{who}", "invitation", **plan
            )  # type: ignore[misc]
        )
    town.do(lambda connection: connection.execute(update(t.dialogue).values(sent_revision=None)))
    await deliver(town, slack)
    assert [state for state, _ in states(town, "invitation") if state != "skipped"] == ["dead", "dead"]
    assert "trouble" not in slack.kinds, "it waits a little, so that all are named in one"
    town.now += timedelta(minutes=20)
    await deliver(town, slack)
    (card,) = [card for _, card in slack.told if card.kind == "trouble"]
    said = text.render(card)
    assert "Jeg kan ikke nå 2 personer" in said
    assert "Mette Søndergaard har ingen konto" in said
    town.user("mette").says("start")
    town.user("ali").says("start")
    assert [state for state, _ in states(town, "invitation")].count("dead") == 0, "they are here"


# --- which way -----------------------------------------------------------------------------------------------------------------


async def test_a_summary_goes_to_the_platform_that_has_the_units_channel(town: Town) -> None:
    slack, teams = Platform("slack"), Platform("teams")
    _give_room(town, slack_channel=None, teams_channel="Ledelse")
    await deliver(town, slack, teams)
    assert slack.told == []
    assert [destination for destination, _ in teams.told] == [Room("Ledelse")]


async def test_a_summary_for_a_platform_that_is_not_set_up_is_told_to_the_consultant(town: Town) -> None:
    teams = Platform("teams")
    await deliver(town, teams)
    assert states(town, "summary") == [("dead", "no-channel")]
    ((destination, card),) = teams.told
    assert destination == Direct("sofie@fjordby.example")
    assert card.kind == "trouble"


async def test_what_is_for_one_person_goes_where_they_last_spoke_to_the_bot(town: Town) -> None:
    slack, teams = Platform("slack"), Platform("teams")
    town.do(lambda connection: connection.execute(update(t.person).values(platform="teams")))
    slack.reason = teams.reason = "not-in-channel"
    await deliver(town, slack, teams)
    assert (slack.kinds, teams.kinds) == ([], ["trouble"])


async def test_who_has_no_account_on_one_platform_is_reached_on_the_other(town: Town) -> None:
    slack, teams = Platform("slack", reason="is-archived", strangers=("sofie@fjordby.example",)), Platform("teams")
    await deliver(town, slack, teams)
    assert (slack.kinds, teams.kinds) == ([], ["trouble"])
    assert states(town, "trouble") == [("sent", None)]


async def test_a_correction_goes_where_the_post_stands(town: Town) -> None:
    slack, teams = Platform("slack"), Platform("teams")
    _give_room(town, teams_channel="Ledelse")
    await deliver(town, teams, slack)
    assert (teams.kinds, slack.kinds) == (["summary"], [])
    key = summary_key(town.dialogue("solsikken"))
    town.do(lambda connection: Work(connection).outbox.plan_correction(key, 1, town.now))
    await deliver(town, slack, teams)
    assert (teams.kinds, slack.kinds) == (["summary", "summary"], [])
