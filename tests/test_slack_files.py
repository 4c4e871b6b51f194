"""A report in Slack: asked for there, made, and shared once in the own conversation of whoever asked, whatever Slack answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from bot.channels.slack_files import Standing
from bot.ports import Ambiguous, Busy, Dead, Direct, Outcome, Room, Sent
from cards.card import Card, Para, Run
from cards.reports.report import File
from store import tables as t
from store.database import Database
from tests.slackapi import Fault, SlackApi
from tests.test_overview import answers
from tests.test_slack_channel import PEOPLE, ROOM, Workspace, started
from tests.town import fjordby

METTE = Direct("mette@fjordby.example")
FILE = File("aarsrapport-sol-2027.docx", "application/octet-stream", b"PK" * 700, "Årsrapport 2027", "da")
CARD = Card("report", (Para((Run("Rapporten er klar: <Word> & 2 kB."),)),), "Rapporten er klar")


@pytest.fixture
async def slack(database: Database) -> AsyncIterator[Workspace]:
    town = fjordby(database)
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    api = SlackApi()
    for name in PEOPLE:
        api.add_user(name)
    api.add_channel(ROOM)
    async with api.server() as server, started(town, api, str(server.make_url("/api/"))) as workspace:
        yield workspace


one_database = pytest.mark.parametrize("kind", ["sqlite"])


def row(slack: Workspace, kind: str = "report") -> Row[Any]:
    asked = select(t.delivery).where(t.delivery.c.kind == kind)
    return slack.town.do(lambda connection: connection.execute(asked).one())


@one_database
async def test_the_bytes_follow_no_one_elsewhere(slack: Workspace) -> None:
    slack.api.faults["upload"] = [Fault(status=307, location=f"{slack.api.origin}/upload/elsewhere")]
    assert await Shelf().hand(slack) == Dead("upload-refused")
    assert len(slack.api.called("upload")) == 1


class Shelf:
    """What the outbox is told of what stands."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    async def keep(self, stands: str) -> None:
        self.kept.append(stands)

    async def hand(self, slack: Workspace, stands: str | None = None, file: File = FILE) -> Outcome:
        now: datetime = slack.town.now
        return await slack.channel.hand_over(METTE, file, CARD, "report:k", now, stands=stands, keep=self.keep)


async def test_a_leader_gets_a_file_in_two_presses(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.commands("/dialog", "rapport")
    assert "Rapport om Børnehuset Solsikken" in mette.sees
    await mette.presses("Lav rapporten")
    await slack.product.settled()
    (message,) = slack.api.shared(mette.id)
    assert "Rapporten er klar: Word" in message["text"]
    assert message["files"][0]["name"].endswith(".docx")
    assert message["files"][0]["alt_txt"]
    assert message["files"][0]["title"]
    assert (row(slack).state, row(slack).message_ref) == ("sent", f"D{mette.id}::{message['files'][0]['id']}")
    assert slack.posted() == [], "nothing of it in a channel"


@one_database
@pytest.mark.parametrize("words", ["rapport solsikken 2027", "/rapport Solsikken", "report solsikken"])
async def test_it_is_asked_for_in_ones_own_words(slack: Workspace, words: str) -> None:
    await slack.user("Karen").says(words)
    assert "Rapport om Børnehuset Solsikken" in slack.user("Karen").sees


@one_database
async def test_what_is_chosen_on_the_card_is_what_is_made(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("rapport")
    await mette.presses("Lav rapporten", kind="record", format="json")
    await slack.product.settled()
    assert slack.api.shared(mette.id)[0]["files"][0]["name"].endswith(".json")
    assert row(slack).key.split(":")[2] == "record"


@one_database
async def test_a_press_in_a_channel_hands_the_file_over_in_the_own_conversation(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("rapport")
    card = mette.message
    place = f"C{ROOM.upper().replace('-', '')}"
    slack.api.messages[place].append(card)
    assert (await mette.press(mette.action("Lav rapporten"), card, place)).status == 200
    await slack.product.settled()
    assert len(slack.api.shared(mette.id)) == 1
    assert [one for one in slack.posted() if one.get("files")] == []


@one_database
async def test_a_press_that_slack_brings_twice_orders_one(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("rapport")
    action, card = mette.action("Lav rapporten"), mette.message
    for _ in range(2):
        assert (await mette.press(action, card)).status == 200
    await slack.product.settled()
    assert len(slack.api.shared(mette.id)) == 1


@one_database
async def test_the_file_is_never_shared_in_a_channel(slack: Workspace) -> None:
    shelf = Shelf()
    outcome = await slack.channel.hand_over(Room(ROOM), FILE, CARD, "k", slack.town.now, keep=shelf.keep)
    assert (outcome, slack.api.files) == (Dead("not-allowed"), {})


@one_database
async def test_what_the_card_says_stands_beside_the_file_as_it_was_written(slack: Workspace) -> None:
    shelf = Shelf()
    assert isinstance(await shelf.hand(slack), Sent)
    (message,) = slack.api.shared("UMETTE")
    assert message["text"] == "Rapporten er klar: &lt;Word&gt; &amp; 2 kB."
    assert slack.api.files[message["files"][0]["id"]]["content"] == FILE.content


@one_database
async def test_which_file_it_is_is_kept_before_it_is_shared(slack: Workspace) -> None:
    shelf = Shelf()

    async def keep(stands: str) -> None:
        assert slack.api.shared("UMETTE") == []
        shelf.kept.append(stands)

    outcome = await slack.channel.hand_over(METTE, FILE, CARD, "k", slack.town.now, keep=keep)
    assert outcome == Sent(shelf.kept[0])
    assert Standing.read(shelf.kept[0]).file in slack.api.files


@one_database
@pytest.mark.parametrize("fault", [Fault(status=500, done=True), Fault("internal_error", done=True)])
async def test_a_file_that_was_shared_without_an_answer_is_not_shared_again(slack: Workspace, fault: Fault) -> None:
    shelf = Shelf()
    slack.api.faults["files.completeUploadExternal"] = [fault]
    outcome = await shelf.hand(slack)
    assert isinstance(outcome, Ambiguous)
    assert outcome.stands == shelf.kept[0]
    assert await shelf.hand(slack, outcome.stands) == Sent(shelf.kept[0])
    assert len(slack.api.shared("UMETTE")) == len(slack.api.files) == 1


@one_database
async def test_a_file_that_was_not_shared_after_all_is_uploaded_anew(slack: Workspace) -> None:
    shelf = Shelf()
    slack.api.faults["files.completeUploadExternal"] = [Fault(status=500)]
    outcome = await shelf.hand(slack)
    assert isinstance(outcome, Ambiguous)
    assert isinstance(await shelf.hand(slack, outcome.stands), Sent)
    assert (len(slack.api.shared("UMETTE")), len(slack.api.files)) == (1, 2)


@one_database
@pytest.mark.parametrize(
    "method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal", "conversations.open"]
)
async def test_a_platform_that_wants_to_be_let_be_is_waited_for(slack: Workspace, method: str) -> None:
    slack.api.faults[method] = [Fault(status=429, retry_after=60)]
    outcome = await Shelf().hand(slack)
    assert isinstance(outcome, Busy)
    assert outcome.until == slack.town.now + timedelta(seconds=60)
    assert slack.api.shared("UMETTE") == []


@one_database
@pytest.mark.parametrize(
    ("status", "outcome"), [(500, Ambiguous("http-500")), (503, Ambiguous("http-503")), (413, Dead("upload-refused"))]
)
async def test_an_upload_that_fails_shares_nothing(slack: Workspace, status: int, outcome: Outcome) -> None:
    slack.api.faults["upload"] = [Fault(status=status)]
    assert await Shelf().hand(slack) == outcome
    assert slack.api.called("files.completeUploadExternal") == []


@one_database
@pytest.mark.parametrize("error", ["file_uploads_disabled", "storage_limit_reached", "channel_not_found"])
async def test_a_refusal_for_good_has_its_reason(slack: Workspace, error: str) -> None:
    slack.api.faults["files.completeUploadExternal"] = [Fault(error)]
    assert await Shelf().hand(slack) == Dead(error.replace("_", "-"))


@one_database
async def test_an_installation_that_may_share_no_files_goes_on_with_everything_else(slack: Workspace) -> None:
    slack.api.scopes = tuple(one for one in slack.api.scopes if one != "files:write")
    mette = slack.user("Mette")
    await mette.says("rapport")
    await mette.presses("Lav rapporten")
    await slack.product.settled()
    await slack.deliver()
    assert (row(slack).state, row(slack).reason) == ("dead", "missing-scope")
    assert row(slack, "report_lost").state == "sent"
    assert "kunne ikke aflevere filen her" in mette.sees


@one_database
async def test_the_card_that_followed_the_making_becomes_the_one_that_says_it_is_there(slack: Workspace) -> None:
    card = Card("report", (Para((Run("120 af 300 dialoger"),)),), "Jeg laver rapporten")
    posted = await slack.channel.post(METTE, card, "report:k", slack.town.now)
    assert isinstance(posted, Sent)
    outcome = await Shelf().hand(slack, posted.message_ref)
    assert isinstance(outcome, Sent)
    following, file = slack.api.own("UMETTE")
    assert "Rapporten er klar" in str(following["blocks"])
    assert (file["text"], file["files"][0]["title"]) == ("", FILE.title)
    later = await slack.channel.correct(METTE, outcome.message_ref, CARD, slack.town.now)
    assert isinstance(later, Sent)


@one_database
async def test_a_file_alone_is_no_card_that_can_be_corrected(slack: Workspace) -> None:
    outcome = await slack.channel.correct(METTE, "DUMETTE::F1", CARD, slack.town.now)
    assert outcome == Dead("message-not-found")
