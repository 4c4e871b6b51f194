"""A report in Teams: asked for there, offered in the own chat of whoever asked, and put into their OneDrive once they say yes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from bot.channels import teams_files
from bot.channels.teams_conversation import Conversation
from bot.channels.teams_files import PIECE, SEEN_TO, answered, may_take, pieces
from bot.channels.teams_settings import TeamsSettings
from bot.ports import Ambiguous, Busy, Dead, Direct, Room, Sent
from cards.card import Card, Para, Run
from cards.reports.report import File
from store import tables as t
from store.database import Database
from tests.teamsapi import FILES, STRANGE, Fault, TeamsApi, TeamsUser, shown
from tests.test_overview import answers
from tests.test_teams_channel import CHANNEL, PEOPLE, Tenant, started
from tests.town import fjordby, mail

METTE = Direct("mette@fjordby.example")
FILE = File("aarsrapport-sol-2027.docx", "application/octet-stream", b"PK" * 700, "Årsrapport 2027", "da")
CARD = Card("report", (Para((Run("Rapporten er klar"),)),), "Rapporten er klar: Årsrapport 2027")


@pytest.fixture
async def teams(database: Database) -> AsyncIterator[Tenant]:
    town = fjordby(database)
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    api = TeamsApi()
    for name in PEOPLE:
        api.add_user(name)
    api.add_team("Ledelse", "Opslag")
    async with api.server() as server:
        api.url = str(server.make_url("")).rstrip("/")
        async with started(town, api, upload_hosts=("127.0.0.1",)) as tenant:
            yield tenant


one_database = pytest.mark.parametrize("kind", ["sqlite"])


def row(teams: Tenant) -> Row[Any]:
    asked = select(t.delivery).where(t.delivery.c.kind == "report").order_by(t.delivery.c.id.desc())
    return teams.town.do(lambda connection: connection.execute(asked).first())  # type: ignore[return-value]


async def ordered(teams: Tenant, name: str = "Mette") -> TeamsUser:
    """Somebody who ordered a report, and is asked whether it may be put into their OneDrive."""
    user = await teams.arrived(name)
    await user.says("rapport")
    await shown()
    await user.presses("Lav rapporten")
    await teams.deliver()
    return user


async def test_a_leader_gets_a_file_in_two_presses_and_a_yes(teams: Tenant) -> None:
    mette = await ordered(teams)
    asked = mette.asked["file"]
    assert asked["content"]["sizeInBytes"] > 0
    assert asked["content"]["acceptContext"] == {"report": row(teams).key}
    assert "Årsrapport 2027 for Børnehuset Solsikken" in asked["content"]["description"]
    assert row(teams).state == "sent"
    assert teams.api.drive == {}, "nothing is put anywhere before they say yes"
    question = mette.asked
    assert (await mette.consents()).status == 200
    ((name, content),) = teams.api.drive.items()
    assert (name, len(content)) == (asked["name"], asked["content"]["sizeInBytes"])
    (opens,) = mette.files
    assert opens["content"] == {"uniqueId": "1150D938-8870-4044-9F2C-5BBDEBA70C9D", "fileType": "docx"}
    assert opens["contentUrl"].endswith(name)
    assert question not in teams.api.own("Mette"), "what is answered is no question any more"
    assert teams.api.posts() == []


@one_database
async def test_who_would_rather_not_is_answered_politely_and_nothing_is_uploaded(teams: Tenant) -> None:
    mette = await ordered(teams)
    await mette.consents("decline")
    assert teams.api.called("upload") == []
    assert "Så lægger jeg ikke filen ind" in mette.sees
    assert all(one.get("file", {}).get("contentType") != FILES[0] for one in teams.api.own("Mette"))


@one_database
async def test_it_is_asked_for_in_a_channel_and_comes_in_the_own_chat(teams: Tenant) -> None:
    karen = await teams.arrived("Karen")
    await karen.mentions("rapport solsikken 2027", CHANNEL)
    await shown()
    assert "Rapport om Børnehuset Solsikken" in karen.sees
    said = [told["text"] for place, told_there in teams.api.messages.items() if place == CHANNEL for told in told_there]
    assert said == ["Jeg har svaret dig i din egen chat med mig."]


@one_database
async def test_a_yes_that_comes_twice_is_done_once(teams: Tenant) -> None:
    mette = await ordered(teams)
    activity = mette.consent_activity("accept", mette.asked)
    again = {**activity, "id": "f:another"}
    for told in (activity, activity, again):
        assert (await mette.send(told)).status == 200
    await shown()
    assert (len(teams.api.called("upload")), len(mette.files)) == (1, 1)
    assert "Den fil har jeg allerede taget mig af" in str(teams.api.own("Mette"))


@one_database
async def test_the_key_is_worth_nothing_in_anothers_hands(teams: Tenant) -> None:
    mette, karen = await ordered(teams), await ordered(teams, "Karen")
    theirs = mette.asked["file"]["content"]["acceptContext"]["report"]
    own = karen.asked["file"]["content"]["acceptContext"]["report"]
    for forged in (theirs, theirs.replace(":unit:", ":joint:"), own.replace(":joint:", ":council:"), "x"):
        activity = {**karen.consent_activity("accept", karen.asked, key=forged), "replyToId": f"1{len(forged)}"}
        assert (await karen.send(activity)).status == 200
        await shown()
        assert "Den rapport kan jeg ikke lave til dig" in karen.sees, forged
    assert teams.api.drive == {}


@one_database
async def test_a_yes_after_the_post_is_lost_gives_nothing(teams: Tenant) -> None:
    mette = await ordered(teams)
    person = teams.town.id_of(t.person, email=mail("mette"))
    over = update(t.post).where(t.post.c.person_id == person).values(to_day=date(2027, 3, 1))
    teams.town.do(lambda connection: connection.execute(over))
    await mette.consents()
    assert teams.api.drive == {}
    assert "Den rapport kan jeg ikke lave til dig" in mette.sees


@one_database
async def test_an_answer_that_nobody_signed_or_that_says_nothing_is_refused(teams: Tenant) -> None:
    mette = await ordered(teams)
    stranger = replace(mette, key=STRANGE)
    assert (await stranger.send(mette.consent_activity("accept", mette.asked))).status in {401, 403}
    for value in (None, {}, {"action": "accept", "context": {}}, {"action": "maybe", "context": {"report": "x"}}):
        activity = mette.activity("invoke", name="fileConsent/invoke", value=value)
        assert (await mette.send(activity)).status == 400, value
    in_channel = mette.consent_activity("accept", mette.asked, place=CHANNEL)
    assert (await mette.send(in_channel)).status == 400
    assert teams.api.drive == {}


@one_database
@pytest.mark.parametrize(
    "url",
    ["https://sharepoint.example/upload", "http://fjordby-my.sharepoint.com/upload", "http://localhost:1/x",
     "https://127.0.0.1@evil.example/x", "http://169.254.169.254/latest", "file:///etc/passwd", "https://evil127.0.0.1/x"],
)  # fmt: skip
async def test_bytes_go_to_microsofts_own_addresses_and_nowhere_else(teams: Tenant, url: str) -> None:
    mette = await ordered(teams)
    await mette.consents(url=url)
    assert (teams.api.drive, mette.files) == ({}, [])
    assert "Filen blev afvist" in mette.sees


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://fjordby-my.sharepoint.com/personal/mette/_api/v2.0/drive/items/01/uploadSession?guid=1", True),
        ("https://SHAREPOINT.com/x", True),
        ("https://evilsharepoint.com/x", False),
        ("https://sharepoint.com.evil.example/x", False),
        ("https://a:b@fjordby.sharepoint.com/x", False),
        ("https://fjordby.sharepoint.com:99999/x", False),
        ("http://fjordby.sharepoint.com/x", False),
        ("https://localhost/x", False),
        ("", False),
    ],
)
def test_which_addresses_take_files(url: str, is_taken: bool) -> None:  # noqa: FBT001 - a table
    assert may_take(url, TeamsSettings()) is is_taken
    assert not may_take("https://fjordby.sharepoint.com/x", TeamsSettings(is_local=True)), (
        "in a rehearsal this machine alone"
    )


@one_database
@pytest.mark.parametrize("status", [400, 404, 409, 500])
async def test_an_upload_that_fails_is_told_with_a_way_to_ask_again(teams: Tenant, hurried: None, status: int) -> None:
    del hurried
    mette = await ordered(teams)
    teams.api.faults["upload"] = [Fault(status)] * 3
    await mette.consents()
    assert mette.files == []
    assert "Filen blev afvist, da jeg ville lægge den ind. Bed om den igen." in mette.sees
    assert "Vælg en rapport" in mette.labels


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes at once where a call waits before it is done again."""
    monkeypatch.setattr("bot.channels.teams_workspace.WAIT_UNTOLD", 0)


@one_database
async def test_a_hiccup_of_the_upload_is_tried_again(teams: Tenant, hurried: None) -> None:
    del hurried
    mette = await ordered(teams)
    teams.api.faults["upload"] = [Fault(503)]
    await mette.consents()
    assert (len(teams.api.called("upload")), len(mette.files)) == (2, 1)


@one_database
async def test_a_file_that_is_there_and_cannot_be_shown_is_told_of(teams: Tenant, hurried: None) -> None:
    del hurried
    mette = await ordered(teams)
    teams.api.faults["send"] = [Fault(500)] * 2
    await mette.consents()
    assert len(teams.api.drive) == 1
    assert "Filen ligger nu i din OneDrive" in str(teams.api.own("Mette"))


@one_database
async def test_a_file_of_which_nothing_could_be_said_is_not_uploaded_again_at_once(
    teams: Tenant, hurried: None
) -> None:
    del hurried
    mette = await ordered(teams)
    teams.api.faults["send"] = [Fault(500)] * 6
    await mette.consents()
    teams.api.faults["send"] = []
    await mette.consents()
    assert len(teams.api.called("upload")) == 1
    assert "Den fil har jeg allerede taget mig af" in str(teams.api.own("Mette"))


@one_database
async def test_a_yes_whose_process_ended_can_be_said_again_a_little_later(
    teams: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mette = await ordered(teams)

    async def ends(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    async def forgets_nothing(*_: object, **__: object) -> None:
        """A process that is killed puts nothing right."""

    with monkeypatch.context() as first:
        first.setattr(Conversation, "_file", ends)
        first.setattr(Conversation, "_forget_shown", forgets_nothing)
        await mette.send(mette.consent_activity("accept", mette.asked))
        await asyncio.sleep(0.2)
    await mette.consents()
    assert "Den fil har jeg allerede taget mig af" in str(teams.api.own("Mette"))
    assert mette.files == []
    teams.town.now += SEEN_TO + timedelta(seconds=1)
    await mette.consents()
    assert len(mette.files) == 1


def test_a_long_file_is_sent_in_pieces_that_onedrive_takes() -> None:
    content = bytes(PIECE + 7)
    (first, one), (second, two) = pieces(content)
    assert (len(one) + len(two), PIECE % (320 * 1024)) == (len(content), 0)
    assert (first, second) == (f"bytes 0-{PIECE - 1}/{len(content)}", f"bytes {PIECE}-{PIECE + 6}/{len(content)}")


def test_an_answer_is_read_as_anybodys() -> None:
    told: dict[str, object] = {"action": "accept", "context": {"report": "k"}, "uploadInfo": {"uploadUrl": 7}}
    assert answered(told) is None
    assert answered({**told, "uploadInfo": {"uploadUrl": "u" * 5000, "contentUrl": "c", "name": "n"}}) is None
    assert answered({"action": "decline", "context": {"report": "k"}}) == teams_files.Consent("k", None)
    assert "uploadUrl" not in repr(answered({**told, "uploadInfo": {"uploadUrl": "u", "contentUrl": "c", "name": "n"}}))


# --- as the courier sees it ---------------------------------------------------------------------------------------------------------------


async def nothing(_: str) -> None:
    """Keep nothing: what was asked cannot be looked for."""


async def hands(teams: Tenant, stands: str | None = None) -> object:
    return await teams.channel.hand_over(METTE, FILE, CARD, "report:k", teams.town.now, stands=stands, keep=nothing)


@one_database
async def test_the_card_that_followed_the_making_becomes_the_one_that_says_it_is_there(teams: Tenant) -> None:
    await teams.arrived("Mette")
    posted = await teams.post(card=Card("report", (Para((Run("120 af 300 dialoger"),)),), "Jeg laver rapporten"))
    assert isinstance(posted, Sent)
    outcome = await hands(teams, posted.message_ref)
    following, question = teams.api.own("Mette")[-2:]
    assert "Rapporten er klar" in str(following["card"])
    assert question["file"]["name"] == FILE.name
    assert outcome == Sent(f"{posted.message_ref}|{question['id']}")


@one_database
async def test_how_a_question_can_end(teams: Tenant, hurried: None) -> None:
    del hurried
    await teams.arrived("Mette")
    teams.api.faults["send"] = [Fault(429, retry_after="60")]
    assert isinstance(await hands(teams), Busy)
    teams.api.faults["send"] = [Fault(500, done=True)]
    assert await hands(teams) == Ambiguous("possibly-delivered", is_findable=False)
    room = await teams.channel.hand_over(Room("Ledelse › Opslag"), FILE, CARD, "k", teams.town.now, keep=nothing)
    assert room == Dead("not-allowed")
    await teams.user("Mette").uninstalls()
    assert await hands(teams) == Dead("not-installed")


@one_database
async def test_a_question_that_may_stand_is_asked_once_more(teams: Tenant) -> None:
    await ordered(teams)
    assert row(teams).state == "sent"
    teams.town.do(
        lambda connection: connection.execute(
            t.delivery.update().where(t.delivery.c.kind == "report").values(state="planned", message_ref=None)
        )
    )
    await teams.deliver()
    questions = [one for one in teams.api.own("Mette") if one.get("file")]
    assert (len(questions), row(teams).state) == (2, "sent")
