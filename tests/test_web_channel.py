from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import date

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels import web_guard
from bot.channels.web import WebChannel, create_app
from bot.channels.web_news import Bell
from bot.ports import Ambiguous, Dead, Direct, Opened, Pressed, Room, Said, Sent
from cards.card import Press
from cards.chrome import chrome
from store import rooms
from store.database import Database, open_database
from tests import fakechat, samples
from tests.fakechat import CHANNEL, DAY, EMMA, JENS, KAREN, METTE, SOFIE, FakeChat

JSON = {"Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
START = Press("begin", 1).token
NEXT = Press("next", 1, "initiative-2", "challenge", 3).token

Browser = TestClient[web.Request, web.Application]


class Town:
    """The local chat over a real database, with one browser that can be anybody."""

    def __init__(self, client: Browser, chat: FakeChat, channel: WebChannel) -> None:
        self.client = client
        self.chat = chat
        self.channel = channel
        self.events = 0

    async def page(self, who: str = METTE, room: str = "") -> str:
        response = await self.client.get("/", params={"as": who, **({"room": room} if room else {})})
        assert response.status == 200, await response.text()
        return await response.text()

    async def press(
        self, token: str, who: str = METTE, message: int | None = None, **fields: str | list[str]
    ) -> ClientResponse:
        self.events += 1
        last = message or await self.last(who)
        params = {"as": who, "message": str(last), "event": f"event-{self.events:04}"}
        return await self.client.post("/press", params=params, data=_pairs({"press": token, **fields}), headers=JSON)

    async def say(self, text: str, who: str = METTE, event: str = "") -> ClientResponse:
        self.events += 1
        params = {"as": who, "event": event or f"event-{self.events:04}"}
        return await self.client.post("/say", params=params, data={"text": text}, headers=JSON)

    async def last(self, who: str = METTE) -> int:
        return (await self.messages(who))[-1].id

    async def messages(self, who: str = METTE) -> tuple[rooms.Message, ...]:
        sight = await self.channel.database.run(lambda connection: rooms.sight(connection, who, "", self.chat.day))
        assert sight is not None
        return sight.messages


def _pairs(fields: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in fields.items() for one in ([value] if isinstance(value, str) else value)]


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    await database.run(fakechat.settle_town)
    chat = FakeChat()
    channel = WebChannel(database)
    app = create_app(chat, channel, chat.now, title="Fjordby Kommune (eksempel)", first=fakechat.MAIN)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield Town(client, chat, channel)


@pytest.fixture
def kind() -> str:
    """The page's own tests run on SQLite; what the rooms ask of a database is tested on both below."""
    return "sqlite"


# --- turns


async def test_opening_an_empty_conversation_greets_once(town: Town) -> None:
    assert "Hej Mette" in await town.page()
    assert "Hej Mette" in await town.page()
    assert [type(inbound.intent) for inbound in town.chat.heard] == [Opened]
    assert [inbound.person for inbound in town.chat.heard] == [METTE]


async def test_two_windows_that_open_at_once_get_one_greeting(town: Town) -> None:
    await asyncio.gather(town.page(), town.page(), town.page())
    assert len(await town.messages()) == 1


async def test_a_press_replaces_its_card_in_place(town: Town) -> None:
    await town.page()
    response = await town.press(START)
    answer = await response.json()
    (message,) = await town.messages()
    assert message.card == "step"
    assert message.live
    assert answer["focus"] == message.id
    assert answer["go"] is None
    assert "Hvordan går det?" in answer["messages"][-1]["html"]


async def test_what_the_fields_held_comes_with_the_press(town: Town) -> None:
    await town.page()
    await town.press(NEXT, cause="Linje 1\r\nLinje 2", involve=["1", "2"], involve__others="Lene")
    intent = town.chat.heard[-1].intent
    assert isinstance(intent, Pressed)
    assert intent.press == Press.parse(NEXT)
    assert intent.inputs == {"cause": "Linje 1\nLinje 2", "involve": ("1", "2"), "involve__others": "Lene"}


@pytest.mark.parametrize(("picked", "held"), [([], ()), (["7"], ("7",))])
async def test_a_list_is_a_list_however_many_were_picked(town: Town, picked: list[str], held: tuple[str, ...]) -> None:
    await town.page()
    await town.press(NEXT, involve=picked, involve__others="")
    intent = town.chat.heard[-1].intent
    assert isinstance(intent, Pressed)
    assert intent.inputs["involve"] == held


async def test_a_double_click_is_one_event(town: Town) -> None:
    await town.page()
    params = {"as": METTE, "message": str(await town.last()), "event": "the-same-event"}
    posts = [town.client.post("/press", params=params, data={"press": START}, headers=JSON) for _ in range(3)]
    assert {response.status for response in await asyncio.gather(*posts)} == {200}
    assert [type(inbound.intent) for inbound in town.chat.heard] == [Opened, Pressed]
    assert len(await town.messages()) == 1


async def test_something_said_twice_under_one_event_is_said_once(town: Town) -> None:
    await town.page()
    for _ in range(2):
        await town.say("hjælp", event="the-same-event")
    assert [message.card for message in await town.messages()] == ["invitation", "said", "step"]


async def test_two_people_may_use_the_same_event_id(town: Town) -> None:
    await town.say("hjælp", METTE, event="the-same-event")
    await town.say("hjælp", JENS, event="the-same-event")
    assert [inbound.person for inbound in town.chat.heard] == [METTE, JENS]


async def test_an_answer_below_makes_earlier_cards_history(town: Town) -> None:
    await town.page()
    await town.press(START)
    await town.say("hvad så?")
    assert [(message.card, message.live) for message in await town.messages()] == [
        ("step", False),
        ("said", False),
        ("step", True),
    ]
    page = await town.page()
    assert page.count("<fieldset disabled><form") == 1
    assert chrome("da")["retired"] in page
    assert isinstance(town.chat.heard[-1].intent, Said)


async def test_an_old_card_in_another_window_still_reaches_the_service(town: Town) -> None:
    await town.page()
    old = await town.last()
    await town.say("hvad så?")
    assert (await town.press(START, message=old)).status == 200
    assert isinstance(town.chat.heard[-1].intent, Pressed)


async def test_two_cards_of_a_kind_are_not_left_standing(town: Town) -> None:
    await town.page()
    await town.press(START)
    await town.channel.post(Direct(METTE), samples.invitation(), "nudge", town.chat.now())
    await town.press(START)
    assert [(message.card, message.live) for message in await town.messages()] == [("step", False), ("step", True)]


async def test_when_it_could_not_be_kept_the_page_says_so_and_nothing_changes(town: Town) -> None:
    await town.page()
    before = await town.messages()
    town.chat.broken = True
    for response in (await town.press(START), await town.say("hjælp")):
        assert response.status == 503
        assert (await response.json())["error"] == chrome("da")["trouble"]
    assert await town.messages() == before


async def test_when_the_conversation_cannot_be_opened_the_page_says_so(town: Town) -> None:
    town.chat.broken = True
    assert chrome("da")["trouble_open"] in await town.page()
    town.chat.broken = False
    assert "Hej Mette" in await town.page()


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
async def test_what_is_said_comes_out_as_written(town: Town, text: str) -> None:
    await town.page()
    await town.say(text)
    said = (await town.messages())[1]
    assert said.text == text.strip()
    assert re.sub(r"<(/?)(p class=\"said\"|p|bdi)>", "", said.html).count("<") == 0


async def test_what_looks_like_a_cpr_number_is_not_kept(town: Town) -> None:
    await town.page()
    await town.say("familien 010190-1234 venter")
    answer = await (await town.press(NEXT, cause="familien 010190-1234 venter")).json()
    kept = await town.messages()
    assert not [message for message in kept if "1234" in message.html + message.text]
    assert "••••••-••••" in kept[1].text
    assert "010190-1234" in answer["messages"][-1]["html"], "whoever typed it can still mend it"


async def test_a_press_in_a_channel_is_answered_in_the_persons_own_conversation(town: Town) -> None:
    posted = await town.channel.post(Room(CHANNEL), samples.summary(), "k", town.chat.now())
    assert isinstance(posted, Sent)
    response = await town.press(Press("reply", 1).token, JENS, int(posted.message_ref))
    answer = await response.json()
    assert answer["go"].startswith("/?as=jens")
    assert len(await town.messages(JENS)) == 1
    assert "Værd at tale om" in await town.page(JENS, f"channel-{CHANNEL}")


async def test_without_scripts_a_form_leads_back_to_the_page(town: Town) -> None:
    page = await town.page()
    action = re.search(r'action="(/press\?[^"]+)"', page)
    assert action is not None
    address = action[1].replace("&amp;", "&")
    response = await town.client.post(address, data={"press": START}, allow_redirects=False)
    assert response.status == 303
    assert response.headers["Location"] == f"/?as=mette@fjordby.example#m{await town.last()}"


# --- the årshjul


async def year_of(town: Town, who: str, **more: str) -> str:
    response = await town.client.get("/year", params={"as": who, **more})
    assert response.status == 200, await response.text()
    return html.unescape(await response.text())


async def test_the_aarshjul_is_one_press_from_the_day(town: Town) -> None:
    address = re.search(r'<a class="wheel" href="([^"]+)">Årshjul 2027', await town.page())
    assert address is not None
    response = await town.client.get(html.unescape(address[1]))
    assert "Årshjul 2027</h1>" in await response.text()


async def test_what_the_drawing_shows_stands_as_text_under_the_same_numbers(town: Town) -> None:
    page = await year_of(town, METTE)
    told = re.findall(r'<li.*?><span class="when">(.*?)</span> <span class="what">(.*?)</span>', page)
    assert told == [("4. marts – 1. april", "Forårsdialog: åben"), ("1. november", "Udvalgene")]
    address = re.search(r'<img src="([^"]+)"', page)
    assert address is not None
    drawn = await town.client.get(address[1])
    assert drawn.content_type == "image/svg+xml"
    assert "script-src" not in drawn.headers["Content-Security-Policy"]
    svg = await drawn.text()
    assert all(when in svg and what in svg for when, what in told)
    assert "Børnehuset Solsikken · Dialogaftale" in re.sub(r"</?bdi>", "", page)


async def test_the_day_it_is_is_marked_among_the_days_of_its_own_year_only(town: Town) -> None:
    now = await year_of(town, METTE)
    assert "I dag er det onsdag den 10. marts 2027." in now
    assert re.search(r'<li aria-current="date"><span class="when">4. marts – 1. april', now)
    later = await year_of(town, METTE, year="2028")
    assert "Årshjul 2028</h1>" in later
    assert "I dag er det" not in later
    assert 'aria-current="date"' not in later


async def test_who_has_several_units_chooses_between_them_and_who_has_none_is_told_so(town: Town) -> None:
    first, second = await year_of(town, JENS), await year_of(town, JENS, unit="BS")
    assert "Vælg enhed" in first
    assert "Der sker ikke noget i det år." in second
    assert "Vælg enhed" not in await year_of(town, METTE)
    assert "Du har ingen post i dag" in await year_of(town, "gæst@fjordby.example")


async def test_the_aarshjul_speaks_the_persons_language(town: Town) -> None:
    page = await year_of(town, EMMA)
    assert "The year 2027</h1>" in page
    assert "1 November" in page


@pytest.mark.parametrize("year", ["1999", "2050", "x", "20271"])
async def test_a_year_nobody_can_travel_to_is_the_year_it_is(town: Town, year: str) -> None:
    assert "Årshjul 2027</h1>" in await year_of(town, METTE, year=year)


# --- what is refused


@pytest.mark.parametrize(
    ("method", "path", "status", "key"),
    [
        ("GET", "/?as=ukendt@fjordby.example", 404, "refused_person"),
        ("GET", f"/?as={METTE}&room=channel-{CHANNEL}", 404, "refused_room"),
        ("GET", f"/?as={METTE}&room=dm-2", 404, "refused_room"),
        ("GET", f"/?as={METTE}&room=channel-findes-ikke", 404, "refused_room"),
        ("GET", "/events", 404, "refused_person"),
        ("GET", "/year?as=ukendt@fjordby.example", 404, "refused_person"),
        ("GET", "/year.svg", 404, "refused_person"),
        ("GET", f"/events?as={METTE}&since=x", 400, "refused_input"),
        ("GET", "/findes-ikke", 404, "refused_page"),
        ("GET", "/static/page.html", 404, "refused_page"),
        ("GET", "/static/..%2f..%2fports.py", 404, "refused_page"),
        ("GET", "/press", 405, "refused_page"),
        ("POST", f"/press?as={METTE}&message=1&event=12345678", 400, "refused_input"),
        ("POST", f"/say?as={METTE}&event=12345678", 400, "refused_input"),
        ("POST", f"/day?as={METTE}", 400, "refused_input"),
    ],
)
async def test_what_cannot_be_is_refused_in_plain_words(
    town: Town, method: str, path: str, status: int, key: str
) -> None:
    headers = FORM if method == "POST" else {}
    response = await town.client.request(method, path, headers=headers)
    assert (response.status, chrome("da")[key] in await response.text()) == (status, True)


@pytest.mark.parametrize(
    ("query", "data", "status"),
    [
        ({"message": "0"}, {"press": START}, 404),
        ({"message": "999999999999999999999"}, {"press": START}, 400),
        ({"message": "-1"}, {"press": START}, 400),
        ({"event": "kort"}, {"press": START}, 400),
        ({"event": "x" * 65}, {"press": START}, 400),
        ({"as": "nobody@x"}, {"press": START}, 404),
        ({"as": JENS}, {"press": START}, 404),  # Mette's message
        ({}, {"press": "<script>"}, 400),
        ({}, {"press": START + "." * 400}, 400),
        ({}, {}, 400),
        ({}, {"press": START, "cause": "a\0b"}, 400),
    ],
)
async def test_a_malformed_press_is_refused(
    town: Town, query: dict[str, str], data: dict[str, str], status: int
) -> None:
    await town.page()
    params = {"as": METTE, "message": str(await town.last()), "event": "event-0001", **query}
    response = await town.client.post("/press", params=params, data=data, headers={**FORM, **JSON})
    assert response.status == status
    assert (await response.json())["error"]


@pytest.mark.parametrize("body", [b"text=%FF%FE", b"text=%ED%A0%80", b"\xff\xfe=1", b"&".join([b"a=1"] * 2000)])
async def test_a_body_that_is_no_text_is_refused(town: Town, body: bytes) -> None:
    response = await town.client.post("/say", params={"as": METTE, "event": "event-0001"}, data=body, headers=FORM)
    assert response.status == 400


async def test_json_and_files_are_not_what_a_form_sends(town: Town) -> None:
    response = await town.client.post("/say", params={"as": METTE, "event": "event-0001"}, json={"text": "hej"})
    assert response.status == 415


async def test_too_much_text_is_refused(town: Town) -> None:
    response = await town.say("x" * 600_000)
    assert response.status == 413
    assert (await response.json())["error"] == chrome("da")["refused_large"]


@pytest.mark.parametrize("day", ["", "2027-02-30", "1000-01-01", "27-01-01", "2027-01-01; DROP", "２０２７-01-01"])
async def test_a_day_that_is_none_is_refused(town: Town, day: str) -> None:
    response = await town.client.post("/day", params={"as": METTE}, data={"day": day})
    assert response.status == 400
    assert town.chat.day == DAY


async def test_refusals_speak_english_to_those_who_do(town: Town) -> None:
    response = await town.client.get("/?as=nobody", headers={"Accept-Language": "en"})
    assert chrome("en")["refused_person"] in await response.text()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "ond.example"}, 421),
        ({"Host": "127.0.0.1.ond.example"}, 421),
        ({"Host": "[::1"}, 421),
        ({"Host": "localhost:8080"}, 200),
        ({"Host": "[::1]:8080"}, 200),
    ],
)
async def test_only_this_machines_own_names_are_answered(town: Town, headers: dict[str, str], status: int) -> None:
    assert (await town.client.get("/", headers=headers)).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://ond.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
async def test_only_this_page_may_press(town: Town, headers: dict[str, str], status: int) -> None:
    params = {"as": METTE, "event": "event-0001"}
    response = await town.client.post("/say", params=params, data={"text": "hej"}, headers={**JSON, **headers})
    assert response.status == status
    assert len(town.chat.heard) == (1 if status == 200 else 0)


async def test_every_answer_forbids_what_the_page_does_not_need(town: Town) -> None:
    for path in ("/", f"/?as={METTE}", "/static/chat.js", "/findes-ikke", "/?as=nobody"):
        response = await town.client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    page = await town.page()
    assert "<style" not in page
    assert " style=" not in page
    assert re.findall(r"<script(?! src=\"/static/chat.js\" defer)", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("192.168.1.2", False),
        ("fjordby.dk", False),
        ("", False),
    ],
)
def test_it_listens_on_loopback_only(host: str, *, allowed: bool) -> None:
    assert web_guard.is_loopback(host) is allowed
    if not allowed:
        with pytest.raises(ValueError, match="loopback only"):
            web_guard.require_loopback(host)


# --- the page


async def test_nobody_chosen_yet(town: Town) -> None:
    response = await town.client.get("/")
    page = await response.text()
    assert chrome("da")["choose_intro"] in page
    main = page[page.index("<main") :]
    assert [main.index(name) for name in ("Mette", "Jens", "Karen", "Sofie")] == sorted(
        main.index(name) for name in ("Mette", "Jens", "Karen", "Sofie")
    )
    assert "Ali Demir" in page[: page.index("<main")]
    assert town.chat.heard == []


async def test_the_page_speaks_the_persons_language(town: Town) -> None:
    assert '<html lang="en">' in await town.page(EMMA)
    assert "Wednesday, March 10, 2027" in await town.page(EMMA) or "Wednesday, 10 March 2027" in await town.page(EMMA)
    assert "onsdag den 10. marts 2027" in await town.page(METTE)


async def test_travelling_moves_the_day_and_stays_in_the_room(town: Town) -> None:
    params = {"as": JENS, "room": f"channel-{CHANNEL}"}
    response = await town.client.post("/day", params=params, data={"day": "2027-03-18"}, allow_redirects=False)
    assert response.status == 303
    assert town.chat.day == date(2027, 3, 18)
    assert response.headers["Location"] == f"/?as=jens@fjordby.example&room=channel-{CHANNEL}"


async def test_the_calendar_turns_to_other_months(town: Town) -> None:
    for month, shown in (("2027-01", "januar 2027"), ("2027-12", "december 2027"), ("ufug", "marts 2027")):
        response = await town.client.get("/", params={"as": METTE, "month": month})
        page = await response.text()
        assert f"<h3>{shown}</h3>" in page
        assert len(re.findall(r'name="day" value="\d', page)) in {31 + 1, 30 + 1, 28 + 1}


# --- news


async def _next(response: ClientResponse, name: str) -> dict[str, object]:
    while True:
        block = (await asyncio.wait_for(response.content.readuntil(b"\n\n"), 5)).decode()
        lines = dict(line.split(": ", 1) for line in block.strip().split("\n") if ": " in line)
        if lines.get("event") == name:
            return {"id": lines["id"], **json.loads(lines["data"])}


async def test_two_windows_see_what_is_posted_at_once(town: Town) -> None:
    async with (
        town.client.get("/events", params={"as": JENS}) as jens,
        town.client.get("/events", params={"as": METTE}) as mette,
    ):
        await _next(jens, "versions")
        await _next(mette, "versions")
        await town.channel.post(Room(f"#{CHANNEL}"), samples.summary(), "k", town.chat.now())
        await town.channel.post(Direct(METTE), samples.invitation(), "k", town.chat.now())
        seen = await _next(jens, "message")
        assert seen["room"] == f"channel-{CHANNEL}"
        assert "Forårsdialog 2027" in str(seen["announce"])
        assert str((await _next(mette, "message"))["room"]).startswith("dm-"), "and nothing of a channel she is not in"


async def test_a_window_that_was_away_learns_what_it_missed(town: Town) -> None:
    await town.page()
    first = await town.last()
    await town.press(START)
    await town.say("hjælp")
    headers = {"Last-Event-ID": str(first)}
    async with town.client.get("/events", params={"as": METTE}, headers=headers) as window:
        versions = await _next(window, "versions")
        assert str(first) in versions, "the card it knows was changed meanwhile"
        missed = [await _next(window, "message"), await _next(window, "message")]
    assert [one["id"] for one in missed] == [message.id for message in (await town.messages())[1:]]


async def test_a_correction_is_sent_to_open_windows(town: Town) -> None:
    sent = await town.channel.post(Room(CHANNEL), samples.summary(), "k", town.chat.now())
    assert isinstance(sent, Sent)
    async with town.client.get("/events", params={"as": JENS, "since": sent.message_ref}) as window:
        await _next(window, "versions")
        await town.channel.correct(Room(CHANNEL), sent.message_ref, samples.stranger(), town.chat.now())
        seen = await _next(window, "message")
    assert seen["id"] == int(sent.message_ref)
    assert chrome("da")["edited"] in str(seen["html"])


async def test_travel_is_told_to_every_window(town: Town) -> None:
    async with town.client.get("/events", params={"as": JENS}) as window:
        await _next(window, "versions")
        await town.client.post("/day", params={"as": METTE}, data={"day": "2027-03-18"})
        assert (await _next(window, "day"))["day"] == "2027-03-18"


def test_a_closed_bell_wakes_everyone() -> None:
    bell = Bell()
    with bell.listen() as rung:
        bell.close()
        assert rung.is_set()
        assert bell.closed


# --- the channel's side, and the rooms, on both databases


@pytest.fixture(params=["sqlite", "postgresql"])
async def channel(request: pytest.FixtureRequest, tmp_path: object) -> AsyncIterator[WebChannel]:
    from tests.databases import fresh_database  # noqa: PLC0415  the page's tests need no PostgreSQL

    with fresh_database(request.param, tmp_path) as url, open_database(url) as database:  # type: ignore[arg-type]
        await database.run(fakechat.settle_town)
        yield WebChannel(database)


NOW = FakeChat().now()


async def test_a_delivery_is_posted_once_and_found_by_its_key(channel: WebChannel) -> None:
    first = await channel.post(Direct(METTE.upper()), samples.invitation(), "delivery-1", NOW)
    again = await channel.post(Direct(METTE), samples.step(), "delivery-1", NOW)
    assert isinstance(first, Sent)
    assert again == first
    assert await channel.find(Direct(METTE), "delivery-1") == first.message_ref
    assert await channel.find(Direct(JENS), "delivery-1") is None
    assert await channel.find(Direct("nobody@x"), "delivery-1") is None


async def test_a_correction_changes_the_post_where_it_stands(channel: WebChannel) -> None:
    sent = await channel.post(Room(CHANNEL), samples.summary(), "delivery-1", NOW)
    assert isinstance(sent, Sent)
    assert await channel.correct(Room(CHANNEL), sent.message_ref, samples.stranger(), NOW) == sent
    (message,) = await channel.database.run(lambda c: rooms.history(c, [rooms.named(CHANNEL)]))
    assert message.card == "stranger"
    assert message.edited_at == NOW


@pytest.mark.parametrize("destination", [Direct("nobody@x"), Room("findes-ikke")])
async def test_an_address_nobody_has_is_refused_for_good(channel: WebChannel, destination: Direct | Room) -> None:
    assert await channel.post(destination, samples.step(), "k", NOW) == Dead("unknown-address")
    assert await channel.correct(destination, "1", samples.step(), NOW) == Dead("unknown-address")


@pytest.mark.parametrize(
    ("reference", "reason"), [("7", "message-not-found"), ("x", "unknown-address"), ("9" * 30, "unknown-address")]
)
async def test_a_message_that_is_not_there_cannot_be_corrected(
    channel: WebChannel, reference: str, reason: str
) -> None:
    assert await channel.correct(Direct(METTE), reference, samples.step(), NOW) == Dead(reason)


async def test_a_database_that_is_away_leaves_it_open_whether_it_was_posted() -> None:
    with open_database("postgresql://nobody@127.0.0.1:1/nowhere") as database:
        outcome = await WebChannel(database).post(Direct(METTE), samples.step(), "k", NOW)
    assert outcome == Ambiguous("database-unavailable")


@pytest.mark.parametrize(
    ("email", "channels"),
    [
        (METTE, ()),  # a leader below the afdeling sits in none
        (JENS, ("boern-og-kultur-chefer", CHANNEL)),  # his own, and the one above, as an afdeling's leader
        (KAREN, ("boern-og-kultur-chefer", CHANNEL)),  # direktion sits in those below her own post
        (SOFIE, ("direktionen",)),  # a stab just below the municipality
        (EMMA, ("teknik-og-miljoe",)),  # the # of the workbook is no part of the name
        ("gæst@fjordby.example", ()),
    ],
)
async def test_a_person_is_in_the_channels_their_posts_give(
    channel: WebChannel, email: str, channels: tuple[str, ...]
) -> None:
    sight = await channel.database.run(lambda c: rooms.sight(c, email, "", DAY))
    assert sight is not None
    assert sight.channels == channels


async def test_how_many_can_read_a_channel(channel: WebChannel) -> None:
    counts = {
        name: await channel.database.run(lambda c, name=name: rooms.readers(c, name, DAY))  # type: ignore[misc]
        for name in ("direktionen", f"#{CHANNEL}", "findes-ikke")
    }
    assert counts == {"direktionen": 1, f"#{CHANNEL}": 2, "findes-ikke": 0}
    assert await channel.database.run(lambda c: rooms.readers(c, CHANNEL, date(2019, 1, 1))) == 0
    names = await channel.database.run(rooms.channels)
    assert names == ("boern-og-kultur-chefer", CHANNEL, "direktionen", "teknik-og-miljoe")


async def test_people_come_with_their_posts_and_forvaltning(channel: WebChannel) -> None:
    people = {one.email: one for one in await channel.database.run(lambda c: rooms.people(c, DAY))}
    assert people[METTE].held == (rooms.Held("leader", "Børnehuset Solsikken", "Børn og Kultur"),)
    assert people[SOFIE].held == (rooms.Held("consultant", "Økonomi og Løn", "Fjordby Kommune"),)
    assert people["gæst@fjordby.example"].held == ()
