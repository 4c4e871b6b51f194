"""A leader answers in Teams: real botbuilder, signed activities, a connector on loopback, both databases."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Row, select, update

from bot import doctor
from bot.channels.teams import mount
from bot.channels.teams_conversation import Event, typed
from bot.channels.teams_doctor import TeamsCheck
from bot.channels.teams_settings import TeamsSettings, is_of_teams
from bot.channels.teams_workspace import REF_MOST, Standing, TeamsChannel, TeamsError
from bot.findings import Roll
from bot.ports import Ambiguous, Busy, Channel, Dead, Destination, Direct, Room, Sent
from bot.running import Product
from cards import teams as blocks
from cards.card import Card, Para, Run
from cards.chrome import chrome
from store import addresses, places
from store import tables as t
from store.database import Database, open_database
from store.roll import Register
from tests import samples
from tests.teamsapi import (
    APP,
    BOT,
    LINE,
    SECRET,
    STRANGE,
    TENANT,
    Fault,
    TeamsApi,
    TeamsUser,
    aad,
    all_text,
    elements,
    home,
    shown,
)
from tests.town import Town, fjordby

PEOPLE = ("Mette", "Jens", "Karen", "Sofie", "Ali", "Dora")
METTE, OPSLAG = Direct("mette@fjordby.example"), Room("Ledelse › Opslag")
CHANNEL = "19:ledelse-opslag@thread.tacv2"


@dataclass
class Tenant:
    """Fjordby in Teams."""

    town: Town
    api: TeamsApi
    channel: TeamsChannel
    product: Product
    bot: TestClient[web.Request, web.Application]

    def user(self, name: str) -> TeamsUser:
        return TeamsUser(self.api, self.bot, name)

    async def arrived(self, name: str) -> TeamsUser:
        user = self.user(name)
        await user.installs()
        return user

    async def deliver(self) -> int:
        await self.product.settled()
        return await self.product.deliver()

    def thread(self) -> tuple[str, list[dict[str, Any]]]:
        (found,) = self.api.posts()
        return found

    async def post(self, destination: Destination = METTE, card: Card | None = None) -> object:
        return await self.channel.post(destination, card or samples.step(), "k", self.town.now)

    def row(self, kind: str) -> Row[Any]:
        rows = self.town.do(lambda connection: connection.execute(select(t.delivery).order_by(t.delivery.c.id)).all())
        return [row for row in rows if row.kind == kind][-1]


@pytest.fixture
async def teams(database: Database) -> AsyncIterator[Tenant]:
    town = fjordby(database)
    town.plan()

    def settle(connection: Any) -> None:  # noqa: ANN401 - a connection of the database's
        connection.execute(t.delivery.update().values(state="skipped"))
        connection.execute(update(t.unit).values(slack_channel=None))
        connection.execute(update(t.unit).where(t.unit.c.code == "bs").values(teams_channel="Ledelse › Opslag"))

    town.do(settle)
    api = TeamsApi()
    for name in PEOPLE:
        api.add_user(name)
    api.add_team("Ledelse", "Opslag")
    async with api.server() as server:
        api.url = str(server.make_url("")).rstrip("/")
        async with started(town, api) as tenant:
            yield tenant


@asynccontextmanager
async def started(town: Town, api: TeamsApi, **more: Any) -> AsyncIterator[Tenant]:  # noqa: ANN401 - settings
    """One process of the product."""
    told: dict[str, Any] = {
        "app_id": APP,
        "app_password": SECRET,
        "tenant_id": TENANT,
        "openid_metadata_url": f"{api.url}/openid",
        "login_url": f"{api.url}/login/",
        "service_hosts": ("127.0.0.1",),
        **more,
    }
    channels: dict[str, Channel] = {}
    product = Product(town.house, town.database, lambda: town.now, channels)
    app = web.Application()
    channels["teams"] = channel = mount(app, product, TeamsSettings(**told), checked=True)
    async with TestClient(TestServer(app, host="127.0.0.1")) as bot:
        yield Tenant(town, api, channel, product, bot)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes at once where a call waits before it is done again."""
    monkeypatch.setattr("bot.channels.teams_workspace.WAIT_UNTOLD", 0)


one_database = pytest.mark.parametrize("kind", ["sqlite"])


async def let_in(teams: Tenant) -> None:
    """The bot is added to the team, and Teams tells of it."""
    sofie = teams.user("Sofie")
    told = sofie.activity("conversationUpdate", place="19:ledelse@thread.tacv2", membersAdded=[{"id": BOT}])
    assert (await sofie.send(told)).status == 200


async def answer_everything(user: TeamsUser) -> TeamsUser:
    await user.says("start")
    for label in ("Start", "Forsinket"):
        await user.presses(label)
    await user.presses("Næste", cause="To skoler har ikke svaret.", remedy="En aftale på chefniveau")
    await user.presses("Næste", next="Jens tager det op", new_deadline="2027-09-01")
    for label in ("I gang", "Gennemført", "Spring over"):
        await user.presses(label)
    return user


async def sent_by(user: TeamsUser) -> TeamsUser:
    await answer_everything(user)
    await user.presses("Se opsummeringen")
    await user.presses("Send til Jens")
    return user


# --- a whole dialogue -----------------------------------------------------------------------------------------------------------


async def test_a_whole_spring_dialogue_is_answered_sent_and_corrected_in_teams(teams: Tenant) -> None:
    await let_in(teams)
    mette = await answer_everything(await teams.arrived("Mette"))
    assert "To skoler har ikke svaret." in mette.sees
    await mette.presses("Se opsummeringen")
    assert "6 personer kan læse den" in "\n".join(all_text(mette.message["card"]))
    await mette.presses("Send til Jens")
    assert "Tak, Mette" in mette.sees
    await teams.deliver()
    place, thread = teams.thread()
    assert place.startswith(CHANNEL)
    told = "\n".join(all_text([one["card"] for one in thread]))
    assert "»To skoler har ikke svaret.«" in told
    assert len(thread) > 1, "the details stand below the post"

    await mette.presses("Ret svar")
    await mette.presses("Ret", nth=3)
    await mette.presses("Stoppet")
    await mette.presses("Næste", cause="Pengene er brugt.")
    await mette.presses("Det aftaler vi på mødet")
    await mette.presses("Se det rettede opslag")
    await mette.presses("Ret opslaget")
    await teams.deliver()
    _, corrected = teams.thread()
    assert "»Pengene er brugt.«" in "\n".join(all_text([one["card"] for one in corrected]))
    assert corrected[0]["id"] == thread[0]["id"], "the post is corrected where it stands"


async def test_the_nearest_leader_replies_from_the_post_in_their_own_chat(teams: Tenant) -> None:
    await let_in(teams)
    mette = await sent_by(await teams.arrived("Mette"))
    jens = await teams.arrived("Jens")
    await teams.deliver()
    place, thread = teams.thread()
    before, card = len(thread), thread[0]["card"]
    answer = await jens.send(jens.press_activity("Svar", thread[0], place))
    assert await answer.json() == {"statusCode": 200, "type": LINE, "value": chrome("da")["teams_aside"]}
    assert "Svar til Mette Søndergaard" in jens.sees
    assert (len(thread), thread[0]["card"]) == (before, card), "nothing private in the channel"
    await jens.presses("Send", text="Jeg ringer på torsdag.")
    await teams.deliver()
    assert "Jeg ringer på torsdag." in "\n".join(all_text([one["card"] for one in thread]))
    assert "Jeg ringer på torsdag." in mette.sees, "and Mette has it in her own chat"


async def test_a_press_in_the_channel_by_an_outsider_changes_nothing(teams: Tenant) -> None:
    await let_in(teams)
    await sent_by(await teams.arrived("Mette"))
    await teams.deliver()
    place, thread = teams.thread()
    before = [list(all_text(one["card"])) for one in thread]
    ali = await teams.arrived("Ali")
    assert (await ali.send(ali.press_activity("Godkend", thread[0], place))).status == 200
    assert "Kun Jens Østergaard kan svare" in ali.sees
    assert teams.town.count(t.comment) == 0
    assert [list(all_text(one["card"])) for one in thread] == before


async def test_whoever_has_not_the_app_is_written_to_as_one_of_the_team_or_told_to_get_it(teams: Tenant) -> None:
    await let_in(teams)
    await sent_by(await teams.arrived("Mette"))
    await teams.deliver()
    place, thread = teams.thread()
    jens, karen = teams.user("Jens"), teams.user("Karen")
    teams.api.blocked[home("Karen")] = "BotNotInConversationRoster"
    told = [await (await one.send(one.press_activity("Svar", thread[0], place))).json() for one in (jens, karen)]
    assert [one["value"] for one in told] == [chrome("da")["teams_aside"], chrome("da")["teams_alone"]]
    assert "Svar til Mette Søndergaard" in jens.sees
    assert teams.api.own("Karen") == []


async def test_typed_text_is_answered_below(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    await mette.says("forsinket")
    await mette.says("Tom &amp; fjordby.dk &lt;3")
    assert len(teams.api.own("Mette")) == 3
    await mette.presses("Næste")
    cause = teams.town.answers("solsikken")["Overleveringsmøder", "challenge"]["cause"]
    assert cause == "Tom & fjordby.dk <3"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("status", "Dine dialoger"),
        ("/status", "Dine dialoger"),
        ("hjælp", "Det kan jeg hjælpe med"),
        ("start", "Jeg spørger til jeres 3 indsatser"),
    ],
)
@one_database
async def test_commands_are_answered_in_ones_own_chat_with_and_without_a_mention(
    teams: Tenant, text: str, seen: str
) -> None:
    mette = await teams.arrived("Mette")
    mention = {"type": "mention", "mentioned": {"id": BOT, "name": "Dialogbot"}, "text": "<at>Dialogbot</at>"}
    for more in ({"text": text}, {"text": f"<at>Dialogbot</at> {text}", "entities": [mention]}):
        assert (await mette.send(mette.activity("message", **more))).status == 200
        assert seen in mette.sees
    place = f"{CHANNEL};messageid=1"
    assert (await mette.mentions(text, place)).status == 200
    assert seen in mette.sees
    assert [one["text"] for one in teams.api.messages[place]] == [chrome("da")["teams_aside"]]
    assert len(teams.api.own("Mette")) == 4
    assert teams.town.count(t.answer) == teams.town.count(t.draft) == 0


@one_database
async def test_what_is_said_in_a_channel_is_nobodys_answer(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    await mette.mentions("forsinket", f"{CHANNEL};messageid=1")
    assert "Det kan jeg hjælpe med" in mette.sees
    assert teams.town.count(t.answer) == teams.town.count(t.draft) == 0


@one_database
async def test_fields_sent_as_a_message_are_taken_as_a_press(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    pressed = mette.message
    value = mette.press_activity("Start", pressed)["value"]["action"]["data"]
    assert (await mette.says("", value=value, replyToId=pressed["id"])).status == 200
    assert "Overleveringsmøder" in mette.sees
    assert len(teams.api.own("Mette")) == 1, "changed where it stood"


async def test_what_was_begun_in_teams_goes_on_elsewhere_and_an_old_card_shows_where_it_stands(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    beside = teams.town.user("mette").says("start")
    beside.presses("Start")
    assert "1 af 3" in beside.sees, "the same dialogue, in the browser"
    beside.presses("Gennemført")
    card = await mette.presses("Stoppet")
    assert "2 af 3" in "\n".join(all_text(card)), "a card left open elsewhere shows the present state"
    assert len(teams.town.answers("solsikken")) == 1
    answered = next(iter(teams.town.answers("solsikken").values()))
    assert "done" in str(answered) or "completed" in str(answered), answered


# --- what is refused ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "claims", "status"),
    [
        ({}, {"aud": "another"}, 401),
        ({}, {"exp": 1}, 401),
        ({}, {"serviceurl": "https://elsewhere.example"}, 401),
        ({"channelId": "webchat"}, {}, 401),
        ({"channelData": {"tenant": {"id": APP}}}, {}, 403),
        ({"from": "me"}, {}, 400),
        ({"timestamp": "yesterday"}, {}, 400),
        ({"conversation": {"tenantId": TENANT}}, {}, 400),
        ({"conversation": {"id": "a" * 400, "tenantId": TENANT}}, {}, 400),
    ],
)
@one_database
async def test_what_cannot_be_believed_or_read_is_refused_and_nothing_is_stored(
    teams: Tenant, caplog: pytest.LogCaptureFixture, change: dict[str, Any], claims: dict[str, Any], status: int
) -> None:
    mette = teams.user("Mette")
    assert (await mette.send({**mette.activity("message", text="start"), **change}, **claims)).status == status
    assert teams.town.count(t.seen_event) == teams.town.count(t.address) == 0
    assert teams.api.own("Mette") == []
    assert "refused: " in caplog.text


@one_database
async def test_a_forged_signature_and_no_token_are_refused(teams: Tenant) -> None:
    mette = teams.user("Mette")
    told = mette.activity("message", text="start")
    assert (await replace(mette, key=STRANGE).send(told)).status == 401
    assert (await teams.bot.post("/api/messages", json=told)).status == 401
    assert (await teams.bot.post("/api/messages", data=b"\xff")).status == 415
    assert teams.town.count(t.seen_event) == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/smba",
        "http://smba.trafficmanager.net/emea/",
        "https://evil.example/smba.trafficmanager.net",
        "https://mine.trafficmanager.net/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://notbotframework.com/",
        "https://x@evil.example/",
    ],
)
@one_database
async def test_an_address_that_is_not_teams_own_is_neither_believed_nor_sent_our_token(teams: Tenant, url: str) -> None:
    async with started(teams.town, teams.api, service_hosts=TeamsSettings().service_hosts) as other:
        mette = other.user("Mette")
        told = {**mette.activity("message", text="start"), "serviceUrl": url}
        assert (await mette.send(told, serviceurl=url)).status == 400
        with pytest.raises(TeamsError, match="untrusted"):
            await other.channel.wire.say(url, home("Mette"), "Hej")
        with pytest.raises(TeamsError, match="untrusted"):
            await other.channel.wire.team(url, "19:ledelse@thread.tacv2")
    assert teams.town.count(t.address) == 0


def test_teams_own_addresses_are_known() -> None:
    for url in (
        "https://smba.trafficmanager.net/emea/",
        "https://smba.infra.gcc.teams.microsoft.com/teams",
        "https://europe.botframework.com/",
    ):
        assert is_of_teams(url, TeamsSettings())
        assert not is_of_teams(url, TeamsSettings(is_local=True))
    assert is_of_teams("http://localhost:56150/_connector", TeamsSettings(is_local=True))


@pytest.mark.parametrize(
    "conversation",
    [
        {"id": CHANNEL},
        {"id": CHANNEL, "conversationType": "personal"},
        {"id": "a:mette"},
        {"id": "a:mette", "conversationType": "groupChat"},
    ],
)
@one_database
async def test_only_what_teams_says_is_somebodys_own_chat_is_one(teams: Tenant, conversation: dict[str, str]) -> None:
    mette = teams.user("Mette")
    told = {**mette.activity("message", text="start"), "conversation": {"tenantId": TENANT, **conversation}}
    teams.api.blocked[home("Mette")] = "BotNotInConversationRoster"
    assert (await mette.send(told)).status == 200
    stored = teams.town.do(lambda connection: addresses.home_of(connection, "teams", "mette@fjordby.example"))
    assert stored is not None
    assert stored.conversation in {None, home("Mette")}
    assert stored.conversation != conversation["id"] or stored.unreachable
    assert not any(one["card"] for messages in teams.api.messages.values() for one in messages)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x",
        [],
        {},
        {"action": None},
        {"action": {"data": {"press": "rm -rf"}}},
        {"action": {"data": {"press": 7}}},
    ],
)
@one_database
async def test_a_malformed_press_is_answered_as_one(teams: Tenant, value: object) -> None:
    mette = await teams.arrived("Mette")
    answer = await mette.send(mette.activity("invoke", name="adaptiveCard/action", value=value))
    assert answer.status == 400
    told = await answer.json()
    assert (told["statusCode"], told["type"]) == (400, "application/vnd.microsoft.error")
    assert told["value"]["message"] == chrome("da")["not_ours"]


@one_database
async def test_what_we_do_not_take_is_let_be(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    before = len(teams.api.own("Mette"))
    assert (await mette.send(mette.activity("messageReaction", reactionsAdded=[{"type": "like"}]))).status == 200
    assert (await mette.send(mette.activity("messageUpdate", text="start"))).status == 200
    assert (await mette.says("  ")).status == 200
    assert (await mette.send(mette.activity("invoke", name="composeExtension/query", value={}))).status == 501
    assert len(teams.api.own("Mette")) == before


@pytest.mark.parametrize(
    "what",
    [
        {"userRole": "guest"},
        {"userPrincipalName": "m_x.dk#EXT#@fjordby.example"},
        {"tenantId": APP},
        {"aadObjectId": aad("Jens")},
        {"aadObjectId": None},
        {"tenantId": None},
        {"userRole": None},
    ],
)
@one_database
async def test_guests_and_other_tenants_people_get_one_sentence_and_nothing_is_kept(
    teams: Tenant, what: dict[str, object]
) -> None:
    teams.api.add_user("Mette", **what)
    mette = await teams.arrived("Mette")
    assert teams.api.own("Mette") == []
    told = mette.activity("message", text="start")
    for _ in range(2):
        assert (await mette.send(told)).status == 200
    assert [one["text"] for one in teams.api.own("Mette")] == [chrome("da")["teams_stranger"]]
    assert teams.town.count(t.address) == teams.town.count(t.seen_event) == 0


@pytest.mark.parametrize("sender", [{"id": "28:another", "aadObjectId": aad("Mette")}, {"id": "29:mette"}])
@one_database
async def test_bots_and_people_without_an_account_get_nothing(teams: Tenant, sender: dict[str, str]) -> None:
    mette = teams.user("Mette")
    assert (await mette.send({**mette.activity("message", text="start"), "from": sender})).status == 200
    assert teams.api.own("Mette") == []


async def test_somebody_unknown_is_told_whom_to_ask_once_they_write_and_is_known_when_the_workbook_names_them(
    teams: Tenant,
) -> None:
    teams.api.add_user("Ukendt")
    unknown = await teams.arrived("Ukendt")
    assert teams.api.own("Ukendt") == [], "nobody is written to who did not ask"
    await unknown.says("start")
    assert "Sofie Bæk" in unknown.sees
    teams.town.person("Ukendt Nu Kendt")
    assert isinstance(await teams.post(Direct("ukendt@fjordby.example")), Sent), "the conversation was kept meanwhile"
    await unknown.says("start")
    assert "Ukendt" in unknown.sees


@one_database
async def test_a_person_is_found_by_the_login_when_the_address_is_another(teams: Tenant) -> None:
    teams.api.add_user("Mette", email="mette.alias@fjordby.example")
    mette = await teams.arrived("Mette")
    assert "Hej Mette" in mette.sees
    teams.api.calls.clear()
    await mette.says("status")
    assert teams.api.called("member") == [], "asked once"


# --- twice and at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_new", [False, True])
async def test_a_press_brought_again_under_the_same_or_a_new_id_changes_nothing(teams: Tenant, *, is_new: bool) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    told = mette.press_activity("Gennemført", mette.message)
    answers = [await (await mette.send(told)).json()]
    again = {**told, "id": "f:another"} if is_new else told
    answers += [await (await mette.send(again)).json() for _ in range(2)]
    assert teams.town.count(t.answer) == 1
    assert all("2 af 3" in "\n".join(all_text(one["value"])) for one in answers)
    assert len(teams.api.own("Mette")) == 1


async def test_typed_words_brought_again_are_answered_once(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    told = mette.activity("message", text="forsinket")
    for _ in range(3):
        assert (await mette.send(told)).status == 200
    assert teams.town.count(t.answer) == 1
    assert len(teams.api.own("Mette")) == 2
    assert "Hvori består udfordringen" in mette.sees


async def test_typed_words_brought_again_under_another_id_are_the_same_words(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    told = mette.activity("message", text="gennemført")
    for number in range(3):
        assert (await mette.send({**told, "id": f"f:{number}"})).status == 200
    assert teams.town.count(t.answer) == 1
    assert len(teams.api.own("Mette")) == 2
    await mette.says("gennemført")
    assert teams.town.count(t.answer) == 2, "written twice is said twice"


@one_database
async def test_what_is_not_words_is_answered_once(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    picture = mette.activity("message", attachments=[{"contentType": "image/png"}, {"contentType": "text/html"}])
    for _ in range(2):
        assert (await mette.send(picture)).status == 200
    assert [one["text"] for one in teams.api.own("Mette") if one["text"]] == [chrome("da")["only_text"]]


async def test_two_processes_that_get_the_same_event_at_once_keep_it_once(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    async with started(teams.town, teams.api) as other:
        twin = replace(mette, bot=other.bot)
        pressed = mette.press_activity("Forsinket", mette.message)
        answers = await asyncio.gather(*(one.send(pressed) for one in (mette, twin)))
        words = mette.activity("message", text="To skoler")
        answers += await asyncio.gather(*(one.send(words) for one in (mette, twin)))
    assert {answer.status for answer in answers} == {200}
    assert teams.town.count(t.answer) == teams.town.count(t.draft) == teams.town.count(t.address) == 1
    assert len(teams.api.own("Mette")) == 2


async def test_pressed_twice_quickly_is_one_answer(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    shown = mette.message
    presses = [mette.send(mette.press_activity("Gennemført", shown)) for _ in range(4)]
    assert {answer.status for answer in await asyncio.gather(*presses)} == {200}
    assert teams.town.count(t.answer) == 1


# --- coming and going -----------------------------------------------------------------------------------------------------------


async def test_whoever_gets_the_app_is_greeted_once_and_again_when_they_come_back(teams: Tenant) -> None:
    mette = teams.user("Mette")
    await asyncio.gather(mette.installs(), mette.installs())
    assert len(teams.api.own("Mette")) == 1
    assert "Jeg spørger til jeres 3 indsatser" in mette.sees
    await mette.uninstalls()
    assert await teams.post() == Dead("not-installed")
    assert not [one for one in teams.api.called("send") if one["place"] == home("Mette")][1:], "nothing is tried"
    del teams.api.blocked[home("Mette")]
    await mette.installs()
    assert len(teams.api.own("Mette")) == 2
    assert isinstance(await teams.post(), Sent)


async def test_whoever_blocked_the_bot_is_not_tried_again_until_they_write(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    teams.api.blocked[home("Mette")] = "MessageWritesBlocked"
    assert await teams.post() == Dead("blocked")
    calls = len(teams.api.called("send"))
    assert await teams.post() == Dead("blocked")
    assert len(teams.api.called("send")) == calls
    reason = teams.town.do(lambda connection: connection.execute(select(t.address.c.unreachable)).scalar_one())
    assert reason == "blocked"
    teams.api.blocked.clear()
    await mette.says("status")
    assert isinstance(await teams.post(), Sent)


async def test_a_summary_that_waits_for_the_bot_to_be_let_in_is_posted_then(teams: Tenant) -> None:
    sofie = await teams.arrived("Sofie")
    await sent_by(await teams.arrived("Mette"))
    await teams.deliver()
    assert teams.row("summary").reason == "channel-not-found"
    assert "Jeg kan ikke finde kanalen" in sofie.sees
    await let_in(teams)
    await teams.deliver()
    assert "Forårsdialog" in "\n".join(all_text(teams.thread()[1][0]["card"]))
    posts = len(teams.thread()[1])
    await sofie.presses("Prøv igen")
    await teams.deliver()
    assert len(teams.thread()[1]) == posts
    assert "Der venter ikke noget længere" in sofie.sees


async def test_told_late_or_again_of_leaving_or_coming_changes_nothing(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    early, gone = (
        mette.activity("installationUpdate", action="add"),
        mette.activity("installationUpdate", action="remove"),
    )
    await mette.send(gone)
    assert await teams.post() == Dead("not-installed")
    await mette.send(early)
    assert await teams.post() == Dead("not-installed"), "an older coming"
    await mette.installs()
    for again in (gone, {**gone, "id": "f:another"}):
        await mette.send(again)
        assert isinstance(await teams.post(), Sent), "an older leaving"
    await mette.send(mette.activity("installationUpdate", action="remove"))
    assert await teams.post() == Dead("not-installed")
    await mette.says("status")
    untimed = {**mette.activity("installationUpdate", action="remove"), "timestamp": None}
    await mette.send(untimed)
    await mette.says("status")
    await mette.send(untimed)
    assert isinstance(await teams.post(), Sent), "known by its id"


@one_database
async def test_a_channel_that_is_renamed_deleted_or_left_is_known_to_be_so(teams: Tenant) -> None:
    await let_in(teams)
    sofie, team = teams.user("Sofie"), "19:ledelse@thread.tacv2"

    async def told(kind: str) -> None:
        data = {"eventType": kind, "channel": {"id": CHANNEL}}
        assert (await sofie.send(sofie.activity("conversationUpdate", place=team, channelData=data))).status == 200

    assert isinstance(await teams.post(OPSLAG), Sent)
    for name in ("generelt", "Ledelse/General", "LEDELSE > OPSLAG", CHANNEL, "opslag"):
        assert isinstance(await teams.post(Room(name)), Sent), name
    teams.api.teams[team]["channels"][1]["name"] = "Nyheder"
    await told("channelRenamed")
    assert await teams.post(OPSLAG) == Dead("channel-not-found")
    assert isinstance(await teams.post(Room("Ledelse › Nyheder")), Sent)
    teams.api.teams[team]["name"] = "Chefer"
    await told("teamRenamed")
    assert isinstance(await teams.post(Room("Chefer › Nyheder")), Sent)
    deleted = teams.api.teams[team]["channels"].pop()
    await told("channelDeleted")
    assert await teams.post(Room("Nyheder")) == Dead("channel-not-found")
    teams.api.teams[team]["channels"].append(deleted)
    await told("channelRestored")
    assert isinstance(await teams.post(Room("Nyheder")), Sent)
    left = sofie.activity("conversationUpdate", place=team, membersRemoved=[{"id": BOT}])
    there = teams.api.teams.pop(team)
    assert (await sofie.send(left)).status == 200
    assert await teams.post(Room("Nyheder")) == Dead("not-installed")
    teams.api.teams[team] = there
    assert (await sofie.send({**left, "id": "f:late"})).status == 200
    assert isinstance(await teams.post(Room("Nyheder")), Sent), "told late of what is no longer so"


@one_database
async def test_a_name_that_two_channels_have_is_not_guessed(teams: Tenant) -> None:
    teams.api.add_team("Skole", "Opslag")
    await let_in(teams)
    sofie = teams.user("Sofie")
    told = sofie.activity("installationUpdate", place="19:skole@thread.tacv2", action="add")
    assert (await sofie.send(told)).status == 200
    assert await teams.post(Room("Opslag")) == Dead("channel-ambiguous")
    assert isinstance(await teams.post(Room("Skole › Opslag")), Sent)
    del teams.api.teams["19:skole@thread.tacv2"]
    assert (await sofie.send({**told, "action": "remove"})).status == 200
    assert await teams.post(Room("Opslag")) == Dead("channel-ambiguous"), "it may be the one that is gone"


OTHER = "19:other@thread.tacv2"


async def namesake(teams: Tenant, *, people: int = 6) -> TeamsUser:
    """Ali makes a team of the same name, with a channel of the same name, and adds the bot."""
    teams.api.add_team("Other", "Opslag", people=people)
    teams.api.teams[OTHER]["name"] = "Ledelse"
    ali = teams.user("Ali")
    told = ali.activity("conversationUpdate", place=OTHER, membersAdded=[{"id": BOT}])
    assert (await ali.send(told)).status == 200
    return ali


async def left(teams: Tenant, team: str) -> None:
    """The bot is taken out of a team, and Teams tells of it."""
    del teams.api.teams[team]
    sofie = teams.user("Sofie")
    told = sofie.activity("conversationUpdate", place=team, membersRemoved=[{"id": BOT}])
    assert (await sofie.send(told)).status == 200


async def test_a_name_that_was_posted_to_is_that_channels_and_never_anothers(teams: Tenant) -> None:
    await let_in(teams)
    assert isinstance(await teams.post(OPSLAG), Sent)
    await namesake(teams, people=900)
    assert isinstance(await teams.post(OPSLAG), Sent), "a namesake hinders nobody"
    with teams.town.database.transaction() as connection:
        told = places.audience(connection, "Ledelse › Opslag")
    assert told is not None
    assert told.count == 6
    await left(teams, "19:ledelse@thread.tacv2")
    assert await teams.post(OPSLAG) == Dead("channel-ambiguous")
    assert all(place.startswith(CHANNEL) for place, _ in teams.api.posts())


async def test_a_summary_that_was_previewed_does_not_go_to_a_namesake_and_the_consultant_is_told(teams: Tenant) -> None:
    await let_in(teams)
    sofie = await teams.arrived("Sofie")
    mette = await answer_everything(await teams.arrived("Mette"))
    await mette.presses("Se opsummeringen")
    await left(teams, "19:ledelse@thread.tacv2")
    await namesake(teams)
    await mette.presses("Send til Jens")
    for _ in range(3):
        await teams.deliver()
    assert teams.api.posts() == []
    assert "Der er flere kanaler med det navn" in sofie.sees


async def test_a_namesake_releases_nothing_that_waits(teams: Tenant) -> None:
    await let_in(teams)
    assert isinstance(await teams.post(OPSLAG), Sent)
    await left(teams, "19:ledelse@thread.tacv2")
    await sent_by(await teams.arrived("Mette"))
    await teams.deliver()
    assert teams.row("summary").reason == "not-installed"
    await namesake(teams)
    await teams.deliver()
    assert (teams.row("summary").state, len(teams.api.posts())) == ("dead", 1)
    teams.api.add_team("Ledelse", "Opslag")
    await let_in(teams)
    await teams.deliver()
    assert (teams.row("summary").state, len(teams.api.posts())) == ("sent", 2)
    assert all(place.startswith(CHANNEL) for place, _ in teams.api.posts())


@one_database
async def test_teams_of_the_same_name_do_not_close_each_others_channels(teams: Tenant) -> None:
    await let_in(teams)
    await namesake(teams)
    teams.api.teams[OTHER]["channels"][1]["name"] = "Nyt"
    ali = teams.user("Ali")
    told = ali.activity("conversationUpdate", place=OTHER, membersAdded=[{"id": "29:karen"}])
    assert (await ali.send(told)).status == 200
    assert isinstance(await teams.post(OPSLAG), Sent)
    await left(teams, OTHER)
    assert isinstance(await teams.post(Room("Opslag")), Sent)


async def test_a_channel_that_refused_the_bot_is_tried_again_when_the_consultant_asks(teams: Tenant) -> None:
    await let_in(teams)
    sofie = await teams.arrived("Sofie")
    teams.api.blocked[CHANNEL] = "Forbidden"
    await sent_by(await teams.arrived("Mette"))
    for _ in range(2):
        await teams.deliver()
    assert teams.row("summary").reason == "not-allowed"
    assert "Bed teamets ejer om at lade apps skrive dér." in sofie.sees
    teams.api.blocked.clear()
    await sofie.presses("Prøv igen")
    await teams.deliver()
    assert teams.row("summary").state == "sent"


async def test_a_channel_that_was_closed_is_looked_at_when_something_is_to_be_posted(teams: Tenant) -> None:
    await let_in(teams)
    channels = teams.api.teams["19:ledelse@thread.tacv2"]["channels"]
    gone = channels.pop()
    assert await teams.post(OPSLAG) == Dead("channel-not-found")
    assert await teams.post(OPSLAG) == Dead("channel-not-found")
    channels.append(gone)
    assert isinstance(await teams.post(OPSLAG), Sent), "nobody told of it"


# --- when something is down -----------------------------------------------------------------------------------------------------


async def test_while_the_database_is_down_the_person_is_told_and_trying_again_succeeds(
    teams: Tenant, tmp_path: Path
) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    up = teams.product.database
    gone = tmp_path / "gone"
    gone.mkdir()
    teams.product.database = open_database(f"sqlite:///{gone}/none.sqlite")
    gone.rmdir()
    told = mette.press_activity("Gennemført", mette.message)
    answer = await (await mette.send(told)).json()
    assert (answer["statusCode"], answer["type"]) == (500, "application/vnd.microsoft.error")
    assert answer["value"]["message"] == chrome("da")["trouble"]
    words = mette.activity("message", text="hjælp")
    assert [(await mette.send(words)).status for _ in range(2)] == [500, 500]
    assert [one["text"] for one in teams.api.own("Mette") if one["text"]] == [chrome("da")["trouble"]], "said once"
    teams.product.database.close()
    teams.product.database = up
    assert teams.town.count(t.answer) == 0
    assert "2 af 3" in "\n".join(all_text((await (await mette.send(told)).json())["value"]))
    assert (await mette.send(words)).status == 200
    assert "Det kan jeg hjælpe med" in mette.sees


@pytest.mark.parametrize("fault", [Fault(502), Fault(500, "ServiceError"), Fault(403, "Forbidden"), Fault(drop=True)])
@pytest.mark.usefixtures("hurried")
@one_database
async def test_an_answer_that_cannot_be_made_to_stay_is_stored_all_the_same(teams: Tenant, fault: Fault) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    teams.api.faults["update"] = [fault] * 9
    shown = mette.message
    answer = await mette.send(mette.press_activity("Gennemført", shown))
    assert "2 af 3" in "\n".join(all_text((await answer.json())["value"]))
    assert teams.town.count(t.answer) == 1
    await mette.says("status")
    teams.api.faults.clear()
    assert "1 af 3" in "\n".join(all_text(shown["card"])), "the old card stands"
    await mette.presses("Gennemført", message=shown)
    assert "2 af 3" in "\n".join(all_text(shown["card"])), "a press on the old card shows the present one"
    assert teams.town.count(t.answer) == 1


BUSY = [Fault(429, "Throttled", "10"), Fault(401, "Unauthorized"), Fault(429, "Throttled", "600")]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown later is shown at once."""
    monkeypatch.setattr("bot.channels.teams_conversation.MOST_PATIENCE", 0)


@pytest.mark.parametrize("fault", BUSY)
@pytest.mark.usefixtures("impatient")
@one_database
async def test_an_answer_that_teams_wants_later_is_shown_then(
    teams: Tenant, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    mette = await teams.arrived("Mette")
    teams.api.faults["send"] = [fault, fault] if fault.status == 401 else [fault]
    assert (await mette.says("status")).status == 200
    await shown()
    assert "Dine dialoger" in mette.sees
    assert len(teams.api.own("Mette")) == 2
    assert "an answer is shown later" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("impatient")
@one_database
async def test_an_answer_that_could_not_be_shown_is_shown_when_it_is_brought_again(
    teams: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    mette = await teams.arrived("Mette")
    teams.api.faults["send"] = [Fault(429, "Throttled", "10")] * 2
    told = mette.activity("message", text="status")
    await mette.send(told)
    await shown()
    assert len(teams.api.own("Mette")) == 1
    assert "Traceback" not in caplog.text
    for _ in range(2):
        await mette.send(told)
        await shown()
    assert len(teams.api.own("Mette")) == 2
    assert teams.api.own("Mette")[-1]["card"]


@pytest.mark.usefixtures("impatient")
@one_database
async def test_what_is_said_beside_a_channel_is_true(teams: Tenant) -> None:
    await let_in(teams)
    await sent_by(await teams.arrived("Mette"))
    await teams.deliver()
    place, thread = teams.thread()
    jens = await teams.arrived("Jens")

    async def pressed() -> str:
        answer = await (await jens.send(jens.press_activity("Svar", thread[0], place))).json()
        await shown()
        return next(key for key, line in chrome("da").items() if key.startswith("teams_") and line == answer["value"])

    teams.api.faults["send"] = [Fault(429, "Throttled", "10")]
    assert await pressed() == "teams_soon"
    assert "Svar til Mette Søndergaard" in jens.sees, "a moment later"
    teams.api.faults["send"] = [Fault(400, "BadSyntax")]
    assert await pressed() == "teams_later"
    teams.api.blocked[home("Jens")] = "MessageWritesBlocked"
    assert await pressed() == "teams_blocked"
    teams.api.blocked.clear()
    assert await pressed() == "teams_aside", "whoever presses is tried"
    assert isinstance(await teams.post(Direct("jens@fjordby.example")), Sent)


@one_database
async def test_a_slow_teams_holds_no_answer_to_a_press(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    teams.api.faults["update"] = [Fault(wait=4)]
    began = time.monotonic()
    answer = await mette.send(mette.press_activity("Gennemført", mette.message))
    assert answer.status == 200
    assert time.monotonic() - began < 3.5, "before Teams had answered"


# --- delivering -----------------------------------------------------------------------------------------------------------------

_page = Card("page", (Para((Run("Første"),)),), "Første")


@one_database
async def test_what_follows_below_is_corrected_with_its_post(teams: Tenant) -> None:
    await let_in(teams)
    three = replace(_page, thread=(_page, replace(_page, parts=(Para((Run("Anden"),)),))))
    sent = await teams.post(OPSLAG, three)
    assert isinstance(sent, Sent)
    assert len(sent.message_ref) <= REF_MOST
    _, thread = teams.thread()
    assert len(thread) == 3
    one = replace(_page, thread=(replace(_page, parts=(Para((Run("Tredje"),)),)),))
    corrected = await teams.channel.correct(OPSLAG, sent.message_ref, one, teams.town.now)
    assert isinstance(corrected, Sent)
    assert ["\n".join(all_text(one["card"])) for one in thread] == ["Første", "Tredje"]
    again = await teams.channel.correct(OPSLAG, corrected.message_ref, three, teams.town.now)
    assert isinstance(again, Sent)
    assert ["\n".join(all_text(one["card"])) for one in thread] == ["Første", "Første", "Anden"]


@pytest.mark.parametrize(
    ("fault", "outcome", "calls"),
    [
        (Fault(429, "Throttled", "30"), "busy 30", 1),
        (Fault(429, "Throttled", "0"), "sent", 2),
        (Fault(412), "sent", 2),
        (Fault(401, "Unauthorized"), "sent", 2),
        (Fault(403, "ConversationBlockedByUser"), Dead("blocked"), 1),
        (Fault(403, "BotNotInConversationRoster"), Dead("not-installed"), 1),
        (Fault(404, "ConversationNotFound"), Dead("not-installed"), 1),
        (Fault(400, "BadSyntax"), Dead("BadSyntax"), 1),
        (Fault(413, "MessageSizeTooBig"), Dead("MessageSizeTooBig"), 1),
        (Fault(502), "sent", 2),
        (Fault(504), "sent", 2),
        (Fault(503), Ambiguous("possibly-delivered", is_findable=False), 1),
        (Fault(500, "ServiceError"), Ambiguous("possibly-delivered", is_findable=False), 1),
        (Fault(drop=True), Ambiguous("possibly-delivered", is_findable=False), 1),
    ],
)
@pytest.mark.usefixtures("hurried")
@one_database
async def test_every_refusal_of_a_post_has_its_class(
    teams: Tenant, caplog: pytest.LogCaptureFixture, fault: Fault, outcome: object, calls: int
) -> None:
    await teams.arrived("Mette")
    teams.api.calls.clear()
    teams.api.faults["send"] = [fault]
    ended = await teams.post()
    match outcome:
        case "sent":
            assert isinstance(ended, Sent)
        case str():
            assert ended == Busy(teams.town.now + timedelta(seconds=int(outcome.split()[1])))
        case _:
            assert ended == outcome
    assert len(teams.api.called("send")) == calls
    assert isinstance(ended, Ambiguous) == ("possibly delivered" in caplog.text)


@one_database
async def test_a_token_that_teams_takes_no_more_is_fetched_anew_once(teams: Tenant) -> None:
    await teams.arrived("Mette")
    logins = len(teams.api.called("login"))
    teams.api.token = "another"  # noqa: S105 - nobody's
    assert isinstance(await teams.post(), Sent)
    assert len(teams.api.called("login")) == logins + 1
    teams.api.faults["send"] = [Fault(401, "Unauthorized")] * 3
    for _ in range(3):
        assert await teams.post() == Busy(teams.town.now + timedelta(minutes=10))
    assert len(teams.api.called("login")) == logins + 1, "one that is refused at once is not fetched again and again"


@one_database
async def test_how_long_teams_wants_to_be_let_be_has_an_end(teams: Tenant) -> None:
    await teams.arrived("Mette")
    for told in ("999999999999999", "9" * 5000):
        teams.api.faults["send"] = [Fault(429, "Throttled", told)]
        assert await teams.post() == Busy(teams.town.now + timedelta(days=1))


@pytest.mark.usefixtures("hurried")
@one_database
async def test_a_gateway_that_refuses_twice_leaves_it_unknown(teams: Tenant) -> None:
    await teams.arrived("Mette")
    teams.api.faults["send"] = [Fault(502), Fault(504)]
    assert await teams.post() == Ambiguous("possibly-delivered", is_findable=False)


@one_database
async def test_nobody_home_is_not_an_attempt(teams: Tenant) -> None:
    await teams.arrived("Mette")
    nowhere = "http://127.0.0.1:9/smba"
    teams.town.do(lambda connection: connection.execute(update(t.address).values(service_url=nowhere)))
    assert await teams.post() == Busy(teams.town.now + timedelta(seconds=30))


@pytest.mark.usefixtures("hurried")
async def test_a_post_in_part_is_completed_where_it_stands(teams: Tenant) -> None:
    await let_in(teams)
    mette = await answer_everything(await teams.arrived("Mette"))
    await mette.presses("Se opsummeringen")
    await teams.product.settled()
    teams.api.faults["send"] = [Fault(429, "Throttled", "30")]
    await mette.presses("Send til Jens")
    await teams.deliver()
    assert (teams.row("summary").state, len(teams.thread()[1])) == ("planned", 1)
    teams.town.now += timedelta(minutes=1)
    await teams.deliver()
    assert teams.row("summary").state == "sent"
    assert len(teams.thread()[1]) > 1
    assert len(teams.api.called("create")) == 1, "not posted twice"


@pytest.mark.parametrize("done", [True, False])
async def test_a_summary_that_may_have_arrived_is_sent_once_more_and_a_nudge_is_not(
    teams: Tenant, *, done: bool
) -> None:
    await let_in(teams)
    sofie, mette = await teams.arrived("Sofie"), await answer_everything(await teams.arrived("Mette"))
    await mette.presses("Se opsummeringen")
    await teams.product.settled()
    teams.api.faults["create"] = [Fault(500, done=done)] * 3
    await mette.presses("Send til Jens")
    for _ in range(4):
        await teams.deliver()
        teams.town.now += timedelta(hours=1)
    assert len(teams.api.called("create")) == 2
    assert (teams.row("summary").state, teams.row("summary").reason) == ("dead", "possibly-delivered")
    assert "om opslaget kom frem" in sofie.sees


@one_database
async def test_outside_production_a_card_that_breaks_teams_rules_is_told_before_teams_sees_it(
    teams: Tenant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await teams.arrived("Mette")
    teams.api.calls.clear()
    broken = blocks.Message("Hej", {"type": "AdaptiveCard", "version": "1.6", "body": [{"type": "Hemmeligt"}]})
    monkeypatch.setattr(blocks, "render", lambda _, **_how: (broken,))
    assert await teams.post() == Dead("bad-card")
    assert teams.api.called("send") == []
    assert "a card breaks Teams' rules" in caplog.text


@one_database
async def test_a_post_that_is_gone_is_said_to_be_gone(teams: Tenant) -> None:
    await let_in(teams)
    await teams.arrived("Mette")
    for where, ref in ((OPSLAG, f"{CHANNEL};messageid=1|1"), (METTE, f"{home('Mette')}|1")):
        gone = await teams.channel.correct(where, ref, samples.step(), teams.town.now)
        assert gone == Dead("message-not-found")
    assert isinstance(await teams.post(), Sent), "the person is reachable all the same"


def test_a_reference_is_never_longer_than_the_outbox_keeps() -> None:
    stands = Standing(
        "19:" + "a" * 60 + "@thread.tacv2;messageid=1800000000000", [str(1800000000000 + n) for n in range(40)]
    )
    assert len(stands.reference) <= REF_MOST
    assert Standing.read(stands.reference).ids == stands.ids[: len(Standing.read(stands.reference).ids)]
    assert len(Standing.read(stands.reference).ids) > 12


# --- the token ------------------------------------------------------------------------------------------------------------------


@one_database
async def test_one_token_is_fetched_before_anybody_waits_for_it_and_used_for_everything(teams: Tenant) -> None:
    mette = await teams.arrived("Mette")
    await asyncio.gather(*(mette.says("status") for _ in range(5)))
    assert len(teams.api.called("login")) == 1


@pytest.mark.parametrize(
    ("fault", "seconds"), [(Fault(401, "AADSTS7000215"), 600), (Fault(503), 30), (Fault(429, "Slow", "9"), 30)]
)
@pytest.mark.usefixtures("hurried")
@one_database
async def test_without_a_token_a_delivery_waits_and_the_log_says_why(
    teams: Tenant, caplog: pytest.LogCaptureFixture, fault: Fault, seconds: int
) -> None:
    await teams.arrived("Mette")
    teams.api.faults["login"] = [fault] * 9
    async with started(teams.town, teams.api) as other:
        assert await other.post() == Busy(teams.town.now + timedelta(seconds=seconds))
    assert SECRET not in caplog.text
    assert "Microsoft gives the bot no token" in caplog.text


@one_database
async def test_a_login_that_does_not_answer_is_asked_once_for_all_and_nothing_is_said_to_be_delivered(
    teams: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await teams.arrived("Mette")
    monkeypatch.setattr("bot.channels.teams.HTTP_SECONDS", 2)  # enough for a busy machine to have asked
    teams.api.faults["login"] = [Fault(503, wait=3)] * 9
    logins = len(teams.api.called("login"))
    async with started(teams.town, teams.api) as other:
        ended = await asyncio.gather(*(other.post() for _ in range(6)))
    assert ended == [Busy(teams.town.now + timedelta(seconds=30))] * 6
    assert len(teams.api.called("login")) == logins + 1


@one_database
async def test_a_delivery_whose_time_is_out_before_teams_was_asked_is_not_said_to_be_delivered(
    teams: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await teams.arrived("Mette")
    monkeypatch.setattr("bot.channels.teams_workspace.DELIVERY_SECONDS", 1)
    teams.api.faults["login"] = [Fault(503, wait=2)] * 9
    async with started(teams.town, teams.api) as other:
        assert await other.post() == Busy(teams.town.now + timedelta(seconds=30))
    teams.api.faults["send"] = [Fault(wait=2)]
    assert await teams.post() == Ambiguous("possibly-delivered", is_findable=False)


@one_database
async def test_a_managed_identity_that_does_not_answer_holds_nobody(
    teams: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(
        "botframework.connector.auth.ManagedIdentityAppCredentials.get_access_token", lambda _: let_go.wait() and ""
    )
    monkeypatch.setattr("bot.channels.teams.HTTP_SECONDS", 0.1)
    await teams.arrived("Mette")
    try:
        async with started(teams.town, teams.api, app_password="", app_type="UserAssignedMSI") as other:
            assert await other.post() == Busy(teams.town.now + timedelta(seconds=30))
    finally:
        let_go.set()


@one_database
async def test_a_managed_identity_gets_its_token_from_the_machine_it_runs_on(
    teams: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def identity(request: web.Request) -> web.Response:
        assert request.query["client_id"] == APP
        assert request.headers["X-IDENTITY-HEADER"] == "ours"
        told = {"access_token": "our-token", "expires_on": str(int(time.time()) + 3600), "token_type": "Bearer"}
        return web.json_response({**told, "resource": request.query["resource"]})

    app = web.Application()
    app.router.add_get("/identity", identity)
    async with TestServer(app, host="127.0.0.1") as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", str(server.make_url("/identity")))
        monkeypatch.setenv("IDENTITY_HEADER", "ours")
        async with started(teams.town, teams.api, app_password="", app_type="UserAssignedMSI") as other:
            await other.arrived("Mette")
            assert isinstance(await other.post(), Sent)
    assert len(teams.api.called("login")) == 1, "only the other process's"


# --- what people write ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
@one_database
async def test_what_people_write_stays_text(teams: Tenant, text: str) -> None:
    await let_in(teams)
    mette = await teams.arrived("Mette")
    await mette.presses("Start")
    await mette.presses("Forsinket")
    await mette.presses("Næste", cause=text)
    await mette.presses("Det aftaler vi på mødet")
    for label in ("I gang", "Gennemført", "Spring over"):
        await mette.presses(label)
    await mette.presses("Se opsummeringen")
    await mette.presses("Send til Jens")
    await teams.deliver()
    shown = [one["card"] for one in [*teams.api.own("Mette"), *teams.thread()[1]]]
    for block in elements(shown, "TextBlock"):
        assert not set(block["text"]) & set("<>[]*_`{}"), "a TextBlock reads markup"


@pytest.mark.parametrize(
    ("text", "marks", "words"),
    [
        ("<at>Dialogbot</at> status", [("bot", "<at>Dialogbot</at>")], "status"),
        (
            "sig til <at>Jens</at> og <at>Dialogbot</at>",
            [("jens", "<at>Jens</at>"), ("bot", "<at>Dialogbot</at>")],
            "sig til @Jens og",
        ),
        ("<at>Dialogbot</at>: <at>Dialogbot</at>", [("bot", "<at>Dialogbot</at>")], ": <at>Dialogbot</at>"),
        ("&lt;b&gt; &amp;amp; &quot;x&quot;&nbsp;y", [], '<b> &amp; "x" y'),
        ("a\xa0b", [("bot", "")], "a b"),
    ],
)
def test_teams_marks_become_words_again(text: str, marks: list[tuple[str, str]], words: str) -> None:
    entities = tuple(
        {"type": "mention", "text": mark, "mentioned": {"id": who, "name": who.title()}} for who, mark in marks
    )
    assert (
        typed(Event("message", "a:1", "https://x", bot="bot", text=text, entities=(*entities, {"type": "clientInfo"})))
        == words
    )


# --- the doctor ------------------------------------------------------------------------------------------------------------------


async def looked_over(teams: Tenant, **more: Any) -> dict[str, list[str]]:  # noqa: ANN401 - settings
    """What the doctor finds, in words, by key."""
    with teams.town.database.transaction() as connection:
        roll = Roll(
            {"mette@fjordby.example": "Mette", "jens@fjordby.example": "Jens"},
            Register(connection).rooms("teams"),
            addresses.homes(connection, "teams"),
            places.known(connection, "teams"),
        )
    found: dict[str, list[str]] = {}
    for one in await TeamsCheck(replace(teams.channel.settings, **more)).findings(roll):
        found.setdefault(one.key.removeprefix("teams."), []).append(doctor.line_of(one, "da"))
    return found


@one_database
async def test_where_all_is_well_the_doctor_has_only_ticks(teams: Tenant) -> None:
    await let_in(teams)
    await teams.arrived("Mette")
    await teams.arrived("Jens")
    calls = [name for name, _ in teams.api.calls if name != "login"]
    found = await looked_over(teams)
    assert list(found) == ["token", "keys", "rooms", "people"]
    assert all(line.startswith("✓") for lines in found.values() for line in lines)
    assert [name for name, _ in teams.api.calls if name != "login"] == calls, "nobody is written to"


@one_database
async def test_the_doctor_names_who_and_what_cannot_be_reached(teams: Tenant) -> None:
    found = await looked_over(teams)
    assert "Ledelse › Opslag (Børn og Skole) har botten ikke set" in found["room_unknown"][0]
    assert len(found["person_without"]) == 2
    await let_in(teams)
    await teams.arrived("Mette")
    jens = await teams.arrived("Jens")
    await jens.uninstalls()
    teams.api.blocked[home("Mette")] = "MessageWritesBlocked"
    await teams.post()
    await left(teams, "19:ledelse@thread.tacv2")
    found = await looked_over(teams)
    assert set(found) == {"token", "keys", "room_left", "person_blocked", "person_gone"}
    assert "Mette" in found["person_blocked"][0]
    assert "Jens" in found["person_gone"][0]


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        ({"app_password": "forkert"}, "token_refused", "Microsoft giver ikke botten adgang (invalid_client)."),
        ({"login_url": "http://127.0.0.1:9/"}, "unreachable", "Microsofts login svarer ikke på http://127.0.0.1:9/"),
        ({"openid_metadata_url": "http://127.0.0.1:9/"}, "keys_unreachable", "bliver afvist"),
        ({"is_local": True}, "local", "en øvelse med en emulator"),
    ],
)
@one_database
async def test_what_microsoft_refuses_is_said_and_what_to_do(
    teams: Tenant, settings: dict[str, Any], key: str, said: str
) -> None:
    found = await looked_over(teams, **settings)
    assert said in found[key][0]
    assert " → " in found[key][0]
    assert "forkert" not in str(found)


# --- a rehearsal with an emulator -----------------------------------------------------------------------------------------------


@one_database
async def test_in_a_rehearsal_this_machine_is_believed_and_no_token_is_fetched(teams: Tenant) -> None:
    told = {"app_id": "", "app_password": "", "tenant_id": "", "is_local": True}
    await teams.channel.wire.log_in()
    logins = len(teams.api.called("login"))
    async with started(teams.town, teams.api, **told) as rehearsal:
        body = teams.user("Mette").activity("message", text="start")
        passed_on = {"X-Forwarded-For": "10.0.0.1"}
        assert (await rehearsal.bot.post("/api/messages", json=body, headers=passed_on)).status == 403
        assert (await rehearsal.bot.post("/api/messages", json=body)).status == 500, "our small Teams wants a token"
    assert len(teams.api.called("login")) == logins
