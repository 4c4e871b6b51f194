"""A leader answers in Slack: real Bolt, signed requests, a Web API on loopback, both databases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.channels.slack import mount, typed
from bot.channels.slack_settings import SlackSettings, read_slack_settings
from bot.channels.slack_workspace import SlackChannel
from bot.ports import Ambiguous, Busy, Channel, Dead, Destination, Direct, Room, Sent
from bot.running import Product
from cards import slack as blocks
from cards.card import Card, Para, Press, Run
from cards.chrome import chrome
from store import tables as t
from store.database import Database, open_database
from tests import samples
from tests.slackapi import BOT_USER, FORM, SECRET, TOKEN, Fault, SlackApi, SlackUser, all_text, payload
from tests.town import Town, fjordby

ROOM = "boern-og-skole-ledelse"
PEOPLE = ("Mette", "Jens", "Karen", "Sofie", "Ali", "Dora")
METTE = Direct("mette@fjordby.example")


PATIENCE = 15  # seconds: a busy machine is slow, and the test is not about that


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what happens after the answer."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in many places
            await asyncio.sleep(0.02)


@dataclass
class Workspace:
    """Fjordby in Slack."""

    town: Town
    api: SlackApi
    channel: SlackChannel
    product: Product
    bot: TestClient[web.Request, web.Application]
    url: str

    def user(self, name: str) -> SlackUser:
        return SlackUser(self.api, self.bot, name)

    async def deliver(self) -> int:
        return await self.product.deliver()

    async def conversation_looks(self) -> None:
        """Let the bot look around, as it does at the start and every hour."""
        await self.user("Mette").happens({"type": "channel_unarchive", "channel": "CANYTHING"})

    def posted(self) -> list[dict[str, Any]]:
        return self.api.messages[f"C{ROOM.upper().replace('-', '')}"]

    async def post(self, destination: Destination = METTE, card: Card | None = None, key: str = "k") -> object:
        return await self.channel.post(destination, card or samples.summary(), key, self.town.now)


@pytest.fixture
async def slack(database: Database) -> AsyncIterator[Workspace]:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    api = SlackApi()
    for name in PEOPLE:
        api.add_user(name)
    api.add_channel("andet")
    api.add_channel(ROOM)
    async with api.server() as server, started(town, api, str(server.make_url("/api/"))) as workspace:
        yield workspace


@asynccontextmanager
async def started(town: Town, api: SlackApi, url: str) -> AsyncIterator[Workspace]:
    """One process of the product, with Slack at `url`."""
    channels: dict[str, Channel] = {}
    product = Product(town.house, town.database, lambda: town.now, channels)
    app = web.Application()
    channels["slack"] = channel = mount(app, product, SlackSettings(TOKEN, SECRET, api_url=url), checked=True)
    async with TestClient(TestServer(app, host="127.0.0.1")) as bot:
        yield Workspace(town, api, channel, product, bot, url)


one_database = pytest.mark.parametrize("kind", ["sqlite"])


async def answer_everything(user: SlackUser) -> SlackUser:
    await user.says("start")
    for label in ("Start", "Forsinket"):
        await user.presses(label)
    await user.presses("Næste", cause="To skoler har ikke svaret.", remedy="En aftale på chefniveau")
    await user.presses("Næste", next="Jens tager det op", new_deadline="2027-09-01")
    for label in ("I gang", "Gennemført", "Spring over"):
        await user.presses(label)
    return user


# --- a whole dialogue -----------------------------------------------------------------------------------------------------------


async def test_a_whole_spring_dialogue_is_answered_sent_and_corrected_in_slack(slack: Workspace) -> None:
    mette = await answer_everything(slack.user("Mette"))
    assert "To skoler har ikke svaret." in mette.sees
    await mette.presses("Se opsummeringen")
    assert "3 personer kan læse den" in mette.sees
    await mette.presses("Send til Jens")
    assert "Tak, Mette" in mette.sees
    await slack.deliver()
    (post,) = [one for one in slack.posted() if "thread_ts" not in one or one["thread_ts"] == one["ts"]]
    assert "»To skoler har ikke svaret.«" in "\n".join(all_text(post["blocks"]))
    assert len(slack.api.own(mette.id)) == 1, "one card, changed in place"

    await mette.presses("Ret svar")
    await mette.presses_beside("Digitale forløb")
    await mette.presses("Stoppet")
    await mette.presses("Næste", cause="Pengene er brugt.")
    await mette.presses("Det aftaler vi på mødet")
    await mette.presses("Se det rettede opslag")
    await mette.presses("Ret opslaget")
    await slack.deliver()
    assert "»Pengene er brugt.«" in "\n".join(all_text(post["blocks"])), "the post is corrected where it stands"
    assert len(slack.api.called("conversations.open")) == 1


async def test_the_nearest_leader_replies_from_the_post_in_their_own_chat(slack: Workspace) -> None:
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    await mette.presses("Send til Jens")
    await slack.deliver()
    post, jens = slack.posted()[0], slack.user("Jens")
    before = len(slack.posted())
    answer = await jens.press(jens.action("Svar", message=post), post, slack.channel._rooms[ROOM])  # noqa: SLF001
    assert answer.status == 200
    assert "Svar til Mette Søndergaard" in jens.sees
    assert len(slack.posted()) == before, "nothing is said in the channel"
    await jens.presses("Send", text="Jeg ringer på torsdag.")
    await slack.deliver()
    assert "Jeg ringer på torsdag." in "\n".join(all_text(post["blocks"]))
    assert "Jeg ringer på torsdag." in mette.sees, "and Mette has it in her own chat"


async def test_a_press_in_the_channel_by_an_outsider_changes_nothing(slack: Workspace) -> None:
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    await mette.presses("Send til Jens")
    await slack.deliver()
    ali, post = slack.user("Ali"), slack.posted()[0]
    before = [list(all_text(one["blocks"])) for one in slack.posted()]
    await ali.press(ali.action("Godkend", message=post), post, "CBOERNOGSKOLELEDELSE")
    assert "Kun Jens Østergaard kan svare" in ali.sees
    assert slack.town.count(t.comment) == 0
    assert [list(all_text(one["blocks"])) for one in slack.posted()] == before


async def test_typed_text_is_answered_below(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    await mette.says("forsinket")
    await mette.says("Tom &amp; <https://fjordby.dk|fjordby.dk> &lt;3")
    assert len(slack.api.own(mette.id)) == 3
    await mette.presses("Næste")
    cause = slack.town.answers("solsikken")["Overleveringsmøder", "challenge"]["cause"]
    assert cause == "Tom & fjordby.dk <3"


async def test_the_app_home_shows_ones_own_dialogues_and_leads_into_the_chat(slack: Workspace) -> None:
    mette = slack.user("Mette")
    assert (await mette.opens("home")).status == 200
    home = "\n".join(all_text(slack.api.homes[mette.id]))
    assert "Forårsdialog 2027 for Børnehuset Solsikken" in home
    assert "Månen" not in home
    assert (await mette.press_home("Start")).status == 200
    assert "Overleveringsmøder" in mette.sees


async def test_whoever_opens_an_empty_chat_is_greeted_once(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await asyncio.gather(*(mette.opens("messages") for _ in range(3)))
    assert "Jeg spørger til jeres 3 indsatser" in mette.sees
    assert len(slack.api.own(mette.id)) == 1


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        ("/dialog", "", "Jeg spørger til jeres 3 indsatser"),
        ("/dialog", "status", "Dine dialoger"),
        ("/dialog", "hjælp", "Det kan jeg hjælpe med"),
        ("/dialog", "det går skidt", "Det kan jeg hjælpe med"),
        ("/dialogstatus", "", "Dine dialoger"),
    ],
)
@one_database
async def test_commands_are_answered_in_ones_own_chat(slack: Workspace, name: str, text: str, seen: str) -> None:
    mette = slack.user("Mette")
    assert (await mette.commands(name, text)).status == 200
    assert seen in mette.sees
    assert slack.town.count(t.answer) == slack.town.count(t.draft) == 0


# --- what is refused ------------------------------------------------------------------------------------------------------------


async def test_forged_old_and_replayed_requests_are_refused_and_nothing_is_stored(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    events, shown = slack.town.count(t.seen_event), mette.sees
    body = payload(mette.press_body(mette.action("Gennemført"), mette.message, mette.place, {}))
    forged = await replace(mette, secret="guessed").send(body, FORM)  # noqa: S106
    old = await mette.send(body, FORM, at=time.time() - 6 * 60)
    unsigned = await slack.bot.post("/slack/events", data=body, headers={"Content-Type": FORM})
    assert [forged.status, old.status, unsigned.status] == [401, 401, 401]
    assert (await slack.bot.post("/slack/events", data=b"\xff\xfe")).status == 400
    assert slack.town.count(t.answer) == 0
    assert slack.town.count(t.seen_event) == events
    assert mette.sees == shown


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff", b"payload=%5B%5D", b"payload={", b"payload=%ff", b"{}", b"a=1", b""]
)
@one_database
async def test_garbage_is_refused_and_never_a_fault(slack: Workspace, body: bytes) -> None:
    for kind in (FORM, "application/json", "text/plain"):
        signed = slack.user("Mette").signs(body)
        answer = await slack.bot.post("/slack/events", data=body, headers={**signed, "Content-Type": kind})
        assert answer.status in {400, 401, 404}, (kind, await answer.text())
    assert slack.town.count(t.seen_event) == 0


async def test_a_request_replayed_at_once_changes_nothing(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    body = payload(mette.press_body(mette.action("Gennemført"), mette.message, mette.place, {}))
    assert [(await mette.send(body, FORM)).status for _ in range(2)] == [200, 200]
    assert slack.town.count(t.answer) == 1
    assert "2 af 3" in mette.sees


@pytest.mark.parametrize("retry", [0, 1])
async def test_the_same_event_twice_changes_nothing_and_answers_again(slack: Workspace, retry: int) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    await mette.says("forsinket", "EvSAME")
    answers, first = slack.town.count(t.answer), len(slack.api.own(mette.id))
    assert (await mette.says("forsinket", "EvSAME", retry=retry)).status == 200
    assert slack.town.count(t.answer) == answers == 1
    assert "Hvori består udfordringen" in mette.sees
    assert len(slack.api.own(mette.id)) == first, "the card that answers it is there, and stays the only one"


async def test_pressed_twice_quickly_is_one_answer(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    shown = mette.message
    presses = [mette.press(mette.action("Gennemført", message=shown), shown) for _ in range(4)]
    assert {answer.status for answer in await asyncio.gather(*presses)} == {200}
    assert slack.town.count(t.answer) == 1
    assert "2 af 3" in mette.sees


@pytest.mark.parametrize("retry", [0, 1])
async def test_two_processes_that_get_the_same_event_at_once_keep_it_once(slack: Workspace, retry: int) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    async with started(slack.town, slack.api, slack.url) as other:
        twin = replace(mette, bot=other.bot)
        shown = mette.message
        body = payload(mette.press_body(mette.action("Forsinket"), shown, mette.place, {}))
        pressed = await asyncio.gather(*(one.send(body, FORM) for one in (mette, twin)))
        typed = await asyncio.gather(mette.says("To skoler", "EvSAME"), twin.says("To skoler", "EvSAME", retry=retry))
    assert {answer.status for answer in (*pressed, *typed)} == {200}
    assert slack.town.count(t.answer) == 1
    assert slack.town.count(t.address) == 1
    assert slack.town.count(t.draft) == 1
    assert "Hvori består udfordringen" in mette.sees


@pytest.mark.parametrize(
    "what",
    [
        {"is_bot": True},
        {"deleted": True},
        {"is_restricted": True},
        {"team_id": "T2ELSEWHERE"},
        {"is_email_confirmed": False},
    ],
)
@one_database
async def test_bots_guests_and_other_workspaces_get_nothing(slack: Workspace, what: dict[str, object]) -> None:
    slack.api.add_user("Mette", **what)
    mette = slack.user("Mette")
    assert (await mette.says("start")).status == 200
    await mette.opens("home")
    await mette.commands("/dialog")
    assert slack.api.own(mette.id) == []
    assert slack.api.homes == {}
    assert slack.town.count(t.address) == slack.town.count(t.seen_event) == 0


async def test_the_time_zone_is_taken_at_first_contact_and_the_language_is_the_persons_own_choice(
    slack: Workspace,
) -> None:
    slack.api.users["UMETTE"] |= {"tz": "America/Nuuk", "locale": "en-US"}
    slack.api.users["UJENS"] |= {"tz": "Mars/Olympus"}
    mette, jens = slack.user("Mette"), slack.user("Jens")
    await mette.says("start")
    await jens.says("start")
    assert "Hej Mette" in mette.sees, "Slack speaks no Danish, so English there says nothing"
    rows = slack.town.do(lambda connection: connection.execute(select(t.person.c.email, t.person.c.timezone)).all())
    zones = {row.email: row.timezone for row in rows}
    assert (zones["mette@fjordby.example"], zones["jens@fjordby.example"]) == ("America/Nuuk", "Europe/Copenhagen")
    await mette.says("english")
    assert "Hello Mette" in mette.sees
    await mette.says("status")
    assert "Your dialogues" in mette.sees
    await mette.says("dansk")
    assert "Hej Mette" in mette.sees


@one_database
async def test_somebody_unknown_is_told_whom_to_ask(slack: Workspace) -> None:
    slack.api.add_user("Ukendt")
    await slack.user("Ukendt").says("start")
    assert "Sofie Bæk" in slack.user("Ukendt").sees
    assert slack.town.count(t.address) == 0


async def test_a_person_is_found_by_email_once(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await asyncio.gather(mette.says("start"), mette.says("hjælp"))
    slack.api.calls.clear()
    await mette.says("status")
    assert slack.api.called("users.info") == []
    assert slack.town.count(t.address) == 1


@pytest.mark.parametrize(
    "more", [{"bot_id": "B1"}, {"subtype": "message_changed"}, {"channel_type": "channel"}, {"text": " "}]
)
@one_database
async def test_what_is_not_somebodys_own_words_is_let_be(slack: Workspace, more: dict[str, str]) -> None:
    mette = slack.user("Mette")
    assert (await mette.says(**{"text": "start", **more})).status == 200  # type: ignore[arg-type]
    assert slack.api.own(mette.id) == []


# --- when something is down -----------------------------------------------------------------------------------------------------


async def test_while_the_database_is_down_the_person_is_told_and_the_retry_succeeds(
    slack: Workspace, tmp_path: Path
) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    up = slack.product.database
    gone = tmp_path / "gone"
    gone.mkdir()
    slack.product.database = open_database(f"sqlite:///{gone}/none.sqlite")
    gone.rmdir()
    body = payload(mette.press_body(mette.action("Gennemført"), mette.message, mette.place, {}))
    assert (await mette.send(body, FORM)).status == 500
    assert (await mette.says("hjælp", "Ev1")).status == 500
    assert (await mette.says("hjælp", "Ev1", retry=1)).status == 500
    assert [one["text"] for one in slack.api.whispers] == [chrome("da")["trouble"]] * 2, "once for each thing done"
    slack.product.database.close()
    slack.product.database = up
    assert slack.town.count(t.answer) == 0
    assert (await mette.send(body, FORM, headers={"X-Slack-Retry-Num": "1"})).status == 200
    assert slack.town.count(t.answer) == 1
    assert "2 af 3" in mette.sees
    assert (await mette.says("hjælp", "Ev1", retry=2)).status == 200
    assert "Det kan jeg hjælpe med" in mette.sees


@pytest.mark.parametrize("fault", [Fault("internal_error"), Fault(status=502), Fault("ratelimited", 429, 61)])
@one_database
async def test_an_answer_that_cannot_be_shown_is_stored_all_the_same(slack: Workspace, fault: Fault) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    slack.api.faults["chat.update"] = [fault] * 3
    await mette.presses("Gennemført")
    assert slack.town.count(t.answer) == 1
    assert "1 af 3" in mette.sees
    slack.api.faults.clear()
    await mette.presses("Gennemført")
    assert "2 af 3" in mette.sees, "a press on the old card shows the present one"


@pytest.mark.parametrize("method", ["chat.update", "chat.postMessage"])
@one_database
async def test_an_answer_that_slack_wants_later_is_shown_then(slack: Workspace, method: str) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    slack.api.faults[method] = [Fault("ratelimited", 429, 4)]
    if method == "chat.update":
        await mette.presses("Gennemført")
        seen = "2 af 3"
    else:
        await mette.says("hjælp")
        seen = "Det kan jeg hjælpe med"
    assert seen not in mette.sees, "Slack's request did not wait for it"
    await until(lambda: seen in mette.sees)


@one_database
async def test_a_summary_refused_below_its_first_message_is_made_whole_and_not_posted_again(slack: Workspace) -> None:
    page = Card("page", (Para((Run("Første"),)),), "Første")
    two = replace(page, thread=(replace(page, parts=(Para((Run("Anden"),)),)),))
    slack.api.faults["chat.postMessage"] = [Fault(wait=0.01), Fault("ratelimited", 429, 9)]
    ended = await slack.post(Room(ROOM), two)
    assert isinstance(ended, Busy)
    assert ended.stands is not None
    assert isinstance(await slack.channel.correct(Room(ROOM), ended.stands, two, slack.town.now), Sent)
    assert ["\n".join(all_text(one["blocks"])) for one in slack.posted()] == ["Første", "Anden"]
    slack.api.faults["chat.postMessage"] = [Fault(wait=0.01), Fault("msg_too_long")]
    assert isinstance(await slack.post(Room(ROOM), two, "another"), Sent), (
        "the page stands, and the log says what does not"
    )


@one_database
async def test_a_slow_slack_holds_no_acknowledgement_and_the_newest_card_stands_last(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    shown = mette.message
    slack.api.faults["chat.update"] = [Fault(wait=4)]
    began = time.monotonic()
    first = await mette.press(mette.action("Gennemført", message=shown), shown)
    assert first.status == 200
    assert time.monotonic() - began < 3.5, "before Slack had answered"
    assert slack.town.count(t.answer) == 1, "stored before it was acknowledged"
    status = {"type": "button", "action_id": "status", "value": Press("status").token, "action_ts": "2.1"}
    await mette.press(status, shown)
    await until(lambda: "Dine dialoger" in mette.sees)


@pytest.mark.parametrize("error", ["message_not_found", "edit_window_closed", "cant_update_message"])
@one_database
async def test_a_card_that_cannot_be_changed_is_followed_by_the_next(slack: Workspace, error: str) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    slack.api.faults["chat.update"] = [Fault(error)]
    await mette.presses("Gennemført")
    assert "2 af 3" in mette.sees
    assert len(slack.api.own(mette.id)) == 2


@pytest.mark.parametrize("done", [True, False])
@one_database
async def test_an_answer_that_may_have_been_posted_is_looked_up_first(slack: Workspace, *, done: bool) -> None:
    slack.api.faults["chat.postMessage"] = [Fault(status=503, done=done)]
    mette = slack.user("Mette")
    await mette.says("start")
    assert len(slack.api.own(mette.id)) == 1


@pytest.mark.parametrize("fault", [Fault("invalid_auth"), Fault(status=500)])
@one_database
async def test_nothing_is_acknowledged_that_could_not_be_authorized(slack: Workspace, fault: Fault) -> None:
    slack.channel._bot = None  # noqa: SLF001 - as if nothing had been asked of Slack yet
    slack.api.faults["auth.test"] = [fault] * 40
    mette = slack.user("Mette")
    assert (await mette.says("start", "Ev1")).status == 500
    slack.api.faults.clear()
    assert (await mette.says("start", "Ev1", retry=1)).status == 200
    assert "Jeg spørger til jeres 3 indsatser" in mette.sees


# --- delivering -----------------------------------------------------------------------------------------------------------------


@one_database
async def test_a_post_carries_its_key_and_a_whole_text_and_unfolds_no_links(slack: Workspace) -> None:
    sent = await slack.post(Room(ROOM), key="summary:7")
    assert isinstance(sent, Sent)
    call = slack.api.called("chat.postMessage")[0]
    assert call["metadata"]["event_payload"] == {"key": "summary:7"}
    assert (call["unfurl_links"], call["unfurl_media"], call["parse"]) == (False, False, "none")
    assert len(call["text"]) > len(samples.summary().fallback)
    assert await slack.channel.find(Room(ROOM), "summary:7") == sent.message_ref
    assert await slack.channel.find(Room(ROOM), "summary:8") is None
    assert await slack.channel.find(Room("findes-ikke"), "summary:7") is None


@one_database
async def test_what_follows_in_the_thread_is_corrected_with_its_card(slack: Workspace) -> None:
    page = Card("page", (Para((Run("Første"),)),), "Første")
    three = replace(page, thread=(page, replace(page, parts=(Para((Run("Anden"),)),))))
    sent = await slack.post(Room(ROOM), three)
    assert isinstance(sent, Sent)
    assert len(slack.posted()) == 3
    one = replace(page, thread=(replace(page, parts=(Para((Run("Tredje"),)),)),))
    for _ in range(2):
        assert await slack.channel.correct(Room(ROOM), sent.message_ref, one, slack.town.now) == sent
    assert ["\n".join(all_text(one["blocks"])) for one in slack.posted()] == ["Første", "Tredje"]
    await slack.channel.correct(Room(ROOM), sent.message_ref, three, slack.town.now)
    assert ["\n".join(all_text(one["blocks"])) for one in slack.posted()] == ["Første", "Første", "Anden"]


@pytest.mark.parametrize(
    ("destination", "reason"),
    [
        (Room("arkiveret"), "is-archived"),
        (Room("CARKIVERET0"), "is-archived"),
        (Room("#ikke-med"), "not-in-channel"),
        (Room("CIKKEMED00"), "not-in-channel"),
        (Room("findes-ikke"), "channel-not-found"),
        (Direct("ude@fjordby.example"), "user-disabled"),
        (Direct("gaest@fjordby.example"), "guest"),
        (Direct("ukendt@fjordby.example"), "no-account"),
    ],
)
@one_database
async def test_what_can_never_arrive_is_dead_with_its_reason(
    slack: Workspace, destination: Destination, reason: str
) -> None:
    slack.api.add_channel("arkiveret", is_archived=True)
    slack.api.add_channel("ikke-med", is_member=False)
    slack.api.channels["CARKIVERET0"] = slack.api.channels["CARKIVERET"]
    slack.api.channels["CIKKEMED00"] = slack.api.channels["CIKKEMED"]
    slack.api.add_user("Ude", deleted=True)
    slack.api.add_user("Gaest", is_restricted=True)
    assert await slack.post(destination) == Dead(reason)
    assert slack.api.messages == {}


@one_database
async def test_a_channel_the_bot_is_not_in_is_never_tried(slack: Workspace) -> None:
    slack.api.add_channel("ikke-med", is_member=False)
    await slack.post(Room("ikke-med"))
    assert slack.api.called("chat.postMessage") == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("ratelimited", 429, 30), "busy 30"),
        (Fault("invalid_auth"), "busy 600"),
        (Fault("missing_scope"), "busy 600"),
        (Fault("user_disabled"), Dead("user-disabled")),
        (Fault("cannot_dm_bot"), Dead("cannot-dm-bot")),
        (Fault("invalid_blocks"), Dead("invalid-blocks")),
        (Fault("internal_error"), Ambiguous("internal_error")),
        (Fault(status=502), Ambiguous("http-502")),
        (Fault("fatal_error", 500, done=True), Ambiguous("fatal_error")),
    ],
)
@one_database
async def test_every_refusal_of_a_post_has_its_class_and_is_tried_once(
    slack: Workspace, fault: Fault, outcome: object
) -> None:
    slack.api.faults["chat.postMessage"] = [fault]
    ended = await slack.post()
    if isinstance(outcome, str):
        assert ended == Busy(slack.town.now + timedelta(seconds=int(outcome.split()[1])))
    else:
        assert ended == outcome
    assert len(slack.api.called("chat.postMessage")) == 1


@one_database
async def test_a_bot_that_is_invited_later_can_post_then(slack: Workspace) -> None:
    slack.api.add_channel("ikke-med", is_member=False)
    assert await slack.post(Room("ikke-med")) == Dead("not-in-channel")
    slack.api.add_channel("ikke-med")
    assert isinstance(await slack.post(Room("ikke-med")), Sent)


async def test_a_summary_that_waits_for_an_invitation_is_posted_when_the_bot_is_let_in(slack: Workspace) -> None:
    slack.api.add_channel(ROOM, is_member=False)
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    await mette.presses("Send til Jens")
    await slack.deliver()
    sofie = slack.user("Sofie")
    assert "Jeg er ikke med i kanalen" in sofie.sees
    assert sofie.labels == ["Prøv igen"]
    assert slack.posted() == []
    place = f"C{ROOM.upper().replace('-', '')}"
    joined = {"type": "member_joined_channel", "channel": place, "channel_type": "C"}
    await mette.happens({**joined, "user": mette.id})
    await slack.deliver()
    assert slack.posted() == [], "that somebody else joined changes nothing"
    slack.api.add_channel(ROOM)
    await mette.happens({**joined, "user": BOT_USER})
    await slack.deliver()
    assert "Forårsdialog" in "\n".join(all_text(slack.posted()[0]["blocks"]))
    summaries = len(slack.posted())
    await sofie.presses("Prøv igen")
    await slack.deliver()
    assert len(slack.posted()) == summaries
    assert "Der venter ikke noget længere" in sofie.sees


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"num_members": 8}, "7 personer kan læse den"),
        ({"num_members": 2}, "1 person kan læse den"),
        ({"num_members": 8, "is_private": False}, "Kanalen er åben, så alle i kommunens chat kan læse den"),
    ],
)
async def test_a_preview_says_how_many_really_read_the_channel(
    slack: Workspace, more: dict[str, object], said: str
) -> None:
    place = slack.api.add_channel(ROOM, **more)
    mette = await answer_everything(slack.user("Mette"))
    await mette.happens({"type": "member_joined_channel", "channel": place, "user": "UJENS"})
    await mette.presses("Se opsummeringen")
    assert said in mette.sees
    slack.api.add_channel(ROOM, num_members=12)
    await mette.happens({"type": "member_left_channel", "channel": place, "user": "UJENS"})
    await mette.presses("Send til Jens")
    assert "Opslaget er ændret, siden du så det" in mette.sees, "nothing is sent to more people than were shown"
    assert "11 personer kan læse den" in mette.sees
    await mette.presses("Send til Jens")
    assert "Tak, Mette" in mette.sees


@pytest.mark.parametrize("is_private", [True, False])
async def test_a_channel_the_bot_is_not_in_yet_is_told_as_what_it_is(slack: Workspace, *, is_private: bool) -> None:
    slack.api.add_channel(ROOM, is_member=False, is_private=is_private, num_members=54)
    await slack.conversation_looks()
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    said = "54 personer kan læse den" if is_private else "Kanalen er åben, så alle i kommunens chat kan læse den"
    assert said in mette.sees


@one_database
async def test_a_channel_that_nobody_has_described_is_not_guessed_at(slack: Workspace) -> None:
    slack.town.do(lambda connection: connection.execute(t.room.delete()))
    mette = await answer_everything(slack.user("Mette"))
    slack.town.do(lambda connection: connection.execute(t.room.delete()))
    await mette.presses("Se opsummeringen")
    assert "Jeg ved ikke endnu, hvor mange der kan læse med dér" in mette.sees


@one_database
async def test_a_channel_shared_with_others_is_said_to_be(slack: Workspace) -> None:
    slack.api.add_channel(ROOM, is_ext_shared=True)
    await slack.conversation_looks()
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    assert "så også folk uden for kommunen kan læse den" in mette.sees


@one_database
async def test_a_renamed_channel_gets_nothing_that_is_meant_for_the_new_one(slack: Workspace) -> None:
    assert isinstance(await slack.post(Room(ROOM), key="before"), Sent)
    old = f"C{ROOM.upper().replace('-', '')}"
    slack.api.channels[old]["name"] = "gammel-kanal"
    slack.api.channels["CNEW"] = {"id": "CNEW", "name": ROOM, "is_member": True, "is_archived": False}
    await slack.user("Mette").happens({"type": "channel_rename", "channel": {"id": old, "name": "gammel-kanal"}})
    sent = await slack.post(Room(ROOM), key="after")
    assert isinstance(sent, Sent)
    assert sent.message_ref.startswith("CNEW:")


@one_database
async def test_a_channel_may_be_given_as_its_link_or_with_capitals_and_is_called_by_its_name(slack: Workspace) -> None:
    place = slack.api.add_channel("Ledelse-Med-Id".lower())
    slack.api.channels["C0ABCDEFGH"] = {**slack.api.channels.pop(place), "id": "C0ABCDEFGH"}
    link = "https://fjordby.slack.com/archives/C0ABCDEFGH"
    unit = t.unit.update().where(t.unit.c.slack_channel.is_not(None))
    slack.town.do(lambda connection: connection.execute(unit.values(slack_channel=link)))
    await slack.conversation_looks()
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    assert "i #ledelse-med-id" in mette.sees
    await mette.presses("Send til Jens")
    await slack.deliver()
    assert slack.api.messages["C0ABCDEFGH"]


@one_database
async def test_a_summary_for_somebody_without_an_account_is_told_and_sent_when_they_come(slack: Workspace) -> None:
    slack.town.do(lambda connection: connection.execute(t.unit.update().values(slack_channel=None)))
    jens = slack.api.users.pop("UJENS")
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    await mette.presses("Send til Jens")
    await slack.deliver()
    await slack.deliver()
    sofie = slack.user("Sofie")
    assert "1 opsummering venter på at komme frem til Jens Østergaard" in sofie.sees
    await mette.says("status")
    assert "men ikke kommet frem endnu" in mette.sees
    await mette.presses("Åbn")
    slack.api.users["UJENS"] = jens
    await slack.user("Jens").says("start")
    await slack.deliver()
    assert any("Forårsdialog 2027" in "\n".join(all_text(one["blocks"])) for one in slack.api.own("UJENS"))
    await mette.says("status")
    assert "ikke kommet frem" not in mette.sees


@one_database
async def test_a_nearest_leader_may_simply_type_the_reply(slack: Workspace) -> None:
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    await mette.presses("Send til Jens")
    await slack.deliver()
    post, jens = slack.posted()[0], slack.user("Jens")
    await jens.press(jens.action("Svar", message=post), post, slack.channel._rooms[ROOM])  # noqa: SLF001
    assert [one["text"] for one in slack.api.whispers] == [chrome("da")["answered_aside"]]
    await jens.says("Jeg ringer")
    await jens.says("på torsdag.")
    assert "Jeg har skrevet det ind" in jens.sees
    assert "Jeg ringer\npå torsdag." in jens.sees
    await jens.presses("Send")
    await slack.deliver()
    assert "Jeg ringer\npå torsdag." in "\n".join(all_text(post["blocks"]))
    await jens.says("Og en ting mere")
    assert "Og en ting mere" not in "\n".join(all_text(post["blocks"]))


@one_database
async def test_who_becomes_a_guest_gets_nothing_from_then_on(slack: Workspace) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    slack.api.users[mette.id]["is_restricted"] = True
    await mette.happens({"type": "user_change", "user": {"id": mette.id}})
    await mette.presses("Gennemført")
    assert slack.town.count(t.answer) == 0


@one_database
async def test_who_asks_elsewhere_is_told_where_the_answer_stands(slack: Workspace) -> None:
    mette = slack.user("Mette")
    assert chrome("da")["answered_aside"] in await (await mette.commands("/dialog")).text()
    await mette.opens("home")
    await mette.press_home("Start")
    assert chrome("da")["answered_below"] in "\n".join(all_text(slack.api.homes[mette.id]))


@pytest.mark.parametrize("subtype", ["thread_broadcast", "me_message"])
@one_database
async def test_words_are_words_however_they_are_sent(slack: Workspace, subtype: str) -> None:
    mette = slack.user("Mette")
    await mette.says("hjælp", subtype=subtype)
    assert "Det kan jeg hjælpe med" in mette.sees
    await mette.says("", subtype="file_share", files=[{"id": "F1"}])
    assert [one["text"] for one in slack.api.whispers] == [chrome("da")["only_text"]]


@one_database
async def test_a_wrong_token_is_one_plain_line_in_the_log_at_the_start(
    slack: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    slack.api.faults["auth.test"] = [Fault("invalid_auth")] * 4
    async with started(slack.town, slack.api, slack.url):
        await until(lambda: "Slack refuses the installation: invalid_auth" in caplog.text)
    assert "Traceback" not in caplog.text


@one_database
async def test_outside_production_a_card_that_breaks_slacks_rules_is_told_before_slack_sees_it(
    slack: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = blocks.Message("Hej", [{"type": "section", "text": {"type": "plain_text", "text": "hemmeligt " * 500}}])
    monkeypatch.setattr(blocks, "render", lambda _, **_how: (broken,))
    assert await slack.post() == Dead("bad-card")
    assert slack.api.called("chat.postMessage") == []
    assert "a card breaks Slack's rules" in caplog.text
    assert "hemmeligt" not in caplog.text


@one_database
async def test_a_channel_is_resolved_once(slack: Workspace) -> None:
    await slack.conversation_looks()
    slack.api.calls.clear()
    for key in ("a", "b"):
        assert isinstance(await slack.post(Room(ROOM), key=key), Sent)
    assert slack.api.called("conversations.list") == [], "it was looked up when the bot looked around"


@one_database
async def test_a_post_that_is_gone_is_said_to_be_gone(slack: Workspace) -> None:
    gone = await slack.channel.correct(Room(ROOM), "CBOERNOGSKOLELEDELSE:1.1", samples.summary(), slack.town.now)
    assert gone == Dead("message-not-found")


async def test_a_summary_that_may_have_arrived_is_not_posted_twice(slack: Workspace) -> None:
    mette = await answer_everything(slack.user("Mette"))
    await mette.presses("Se opsummeringen")
    slack.api.faults["chat.postMessage"] = [Fault(status=504, done=True)]
    await mette.presses("Send til Jens")
    await slack.product.settled()
    await slack.deliver()
    slack.town.now += timedelta(minutes=5)
    await slack.deliver()
    posts = [one for one in slack.posted() if one.get("thread_ts") in {None, one["ts"]}]
    assert len(posts) == 1
    assert (
        slack.town.do(
            lambda connection: connection.execute(t.delivery.select().where(t.delivery.c.kind == "summary")).one().state
        )
        == "sent"
    )


# --- what people write ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
@one_database
async def test_what_people_write_stays_text(slack: Workspace, text: str) -> None:
    mette = slack.user("Mette")
    await mette.says("start")
    await mette.presses("Start")
    await mette.presses("Forsinket")
    await mette.presses("Næste", cause=text)
    await mette.presses("Det aftaler vi på mødet")
    for label in ("I gang", "Gennemført", "Spring over"):
        await mette.presses(label)
    await mette.presses("Se opsummeringen")
    await mette.presses("Send til Jens")
    await slack.deliver()
    for message in [*slack.api.own(mette.id), *slack.posted()]:
        assert "<" not in message["text"]
        assert not [one for one in _objects(message["blocks"]) if one.get("type") == "mrkdwn" and "<" in one["text"]]


def _objects(node: object) -> list[dict[str, Any]]:
    match node:
        case dict():
            return [node, *(found for value in node.values() for found in _objects(value))]
        case list():
            return [found for value in node for found in _objects(value)]
    return []


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("a &lt; b &amp;amp; c", "a < b &amp; c"),
        ("<https://fjordby.dk>", "https://fjordby.dk"),
        ("<https://fjordby.dk/x|fjordby.dk/x>", "fjordby.dk/x"),
        ("<mailto:a@b.dk|a@b.dk>", "a@b.dk"),
        ("<!channel> <!here|here>", "@channel @here"),
        ("<!subteam^S1|@ledelse>", "@ledelse"),
        ("<#C1|ledelse> <#C1>", "#ledelse #C1"),
        ("<@U1> <@U1|jens>", "@U1 @jens"),
        ("<!date^1^{date}|1. april>", "1. april"),
    ],
)
def test_slacks_marks_become_words_again(sent: str, words: str) -> None:
    assert typed(sent) == words


# --- settings -------------------------------------------------------------------------------------------------------------------


def test_slack_is_off_when_nothing_is_set() -> None:
    assert read_slack_settings({"SLACK_API_URL": "https://slack.example/api/"}) is None


def test_settings_are_read_and_their_secrets_are_not_shown() -> None:
    found = read_slack_settings({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "hemmelig"})
    assert found == SlackSettings("xoxb-1", "hemmelig", "", "https://slack.com/api/")
    assert "xoxb" not in repr(found)
    assert "hemmelig" not in repr(found)


@pytest.mark.parametrize(
    ("told", "faults"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, ["SLACK_SIGNING_SECRET"]),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": " "}, ["SLACK_SIGNING_SECRET"]),
        ({"SLACK_SIGNING_SECRET": "s"}, ["SLACK_BOT_TOKEN"]),
        ({"SLACK_BOT_TOKEN": "xoxp-1", "SLACK_APP_TOKEN": "x"}, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"]),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://slack.com"}, ["SLACK_API_URL"]),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://127.0.0.1:4004/api/"}, None),
    ],
)  # fmt: skip
def test_half_a_setting_is_a_fault_that_names_it(told: dict[str, str], faults: list[str] | None) -> None:
    found = read_slack_settings(told)
    if faults is None:
        assert isinstance(found, SlackSettings)
    else:
        assert isinstance(found, tuple)
        assert [one.name for one in found] == faults
