"""One conversation on every platform: the same presses and words, the same answers stored, the same summary in the channel.

Each surface presses the buttons and fills in the fields that really stand in what was sent to it: HTML, Block Kit, Adaptive Cards.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Protocol

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert, select, update

from bot.channels.web import WebChannel, create_app
from bot.clock import RehearsalClock
from bot.running import Product
from bot.serving import LocalChat
from store import rooms
from store import tables as t
from store.database import Database
from tests.slackapi import SlackApi, SlackUser, all_text
from tests.teamsapi import TeamsApi, TeamsUser
from tests.teamsapi import all_text as teams_text
from tests.test_slack_channel import PEOPLE, started
from tests.test_teams_channel import Tenant, let_in
from tests.test_teams_channel import started as teams_started
from tests.town import Town, at_nine, fjordby

ROOM = "boern-og-skole-ledelse"
_events = itertools.count(1)


class Surface(Protocol):
    """A platform with one person in front of it, and a look into the channel."""

    platform: str

    async def says(self, words: str) -> None:
        """Type a message."""

    async def presses(self, label: str, **fields: str) -> None:
        """Fill in fields of the newest card, and press a button of it."""

    async def sees(self) -> str:
        """All that can be read on the newest card."""

    async def room(self) -> str:
        """All that can be read in the nearest leader's channel, threads and all."""


# --- the browser ----------------------------------------------------------------------------------------------------------------


class Form(HTMLParser):
    """A card as the browser has it: its buttons, what its fields hold, and what can be read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.buttons: list[tuple[str, str]] = []  # label, press
        self.fields: dict[str, list[str]] = {}
        self.read: list[str] = []
        self._press = ""
        self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "button" and at.get("name") == "press":
            self._press = at["value"]
            self.buttons.append(("", self._press))
        elif tag == "textarea":
            self._area = at["name"]
            self.fields[self._area] = [""]
        elif tag == "input" and "name" in at:
            held = self.fields.setdefault(at["name"], [])
            if at["type"] not in {"checkbox", "radio"} or "checked" in at:
                held.append(at.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._press = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] = [data.removeprefix("\n")]
            return
        if self._press:
            label, press = self.buttons[-1]
            self.buttons[-1] = (label + data, press)
        self.read.append(data)


class InBrowser:
    """Mette in the local chat."""

    platform = "web"

    def __init__(self, client: TestClient[web.Request, web.Application], product: Product, day: datetime) -> None:
        self._client, self._product, self._day = client, product, day
        self._who = "mette@fjordby.example"

    async def says(self, words: str) -> None:
        await self._client.get("/", params={"as": self._who})
        await self._post("/say", [("text", words)], {})

    async def presses(self, label: str, **fields: str) -> None:
        message = await self._newest()
        form = Form(message.html)
        found = [press for name, press in form.buttons if re.sub(r"^\W+", "", name).startswith(label)]
        assert found, f"no »{label}« among {[name for name, _ in form.buttons]}"
        held = {**form.fields, **{name: [value] for name, value in fields.items()}}
        assert set(held) == set(form.fields), f"no such field among {set(form.fields)}"
        pairs = [(name, value) for name, values in held.items() for value in values]
        await self._post("/press", [("press", found[0]), *pairs], {"message": str(message.id)})

    async def sees(self) -> str:
        form = Form((await self._newest()).html)
        return "\n".join([*form.read, *(value for values in form.fields.values() for value in values)])

    async def room(self) -> str:
        await self._product.deliver()
        sight = await self._sight("jens@fjordby.example", f"channel-{ROOM}")
        return "\n".join("\n".join(Form(message.html).read) for message in sight.messages)

    async def _newest(self) -> rooms.Message:
        return (await self._sight(self._who)).messages[-1]

    async def _sight(self, who: str, room: str = "") -> rooms.Sight:
        day = self._day.date()
        found = await self._product.database.run(lambda connection: rooms.sight(connection, who, room, day))
        assert found is not None
        return found

    async def _post(self, path: str, data: list[tuple[str, str]], more: dict[str, str]) -> None:
        params = {"as": self._who, "event": f"contract-{next(_events)}", **more}
        response = await self._client.post(path, params=params, data=data, headers={"Accept": "application/json"})
        assert response.status == 200, await response.text()


@asynccontextmanager
async def in_browser(town: Town) -> AsyncIterator[Surface]:
    clock, channel = RehearsalClock(town.now), WebChannel(town.database)
    product = Product(town.house, town.database, clock, {"web": channel})
    app = create_app(LocalChat(product, clock), channel, clock, title="Fjordby", first=())
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield InBrowser(client, product, town.now)


# --- Slack ----------------------------------------------------------------------------------------------------------------------


class InSlack:
    """Mette in Slack."""

    platform = "slack"

    def __init__(self, user: SlackUser, deliver: Callable[[], object], api: SlackApi) -> None:
        self._user, self._deliver, self._api = user, deliver, api

    async def says(self, words: str) -> None:
        assert (await self._user.says(words)).status == 200

    async def presses(self, label: str, **fields: str) -> None:
        await self._user.presses(label, 0, **fields)

    async def sees(self) -> str:
        return self._user.sees

    async def room(self) -> str:
        await self._deliver()  # type: ignore[misc]
        place = f"C{ROOM.upper().replace('-', '')}"
        return "\n".join("\n".join(all_text(one["blocks"])) for one in self._api.messages[place])


@asynccontextmanager
async def in_slack(town: Town) -> AsyncIterator[Surface]:
    api = SlackApi()
    for name in PEOPLE:
        api.add_user(name)
    api.add_channel(ROOM)
    async with api.server() as server, started(town, api, str(server.make_url("/api/"))) as workspace:
        yield InSlack(workspace.user("Mette"), workspace.deliver, api)


# --- Teams ----------------------------------------------------------------------------------------------------------------------


class InTeams:
    """Mette in Teams."""

    platform = "teams"

    def __init__(self, tenant: Tenant, user: TeamsUser) -> None:
        self._tenant, self._user = tenant, user

    async def says(self, words: str) -> None:
        assert (await self._user.says(words)).status == HTTPStatus.OK

    async def presses(self, label: str, **fields: str) -> None:
        await self._user.presses(label, 0, None, **fields)

    async def sees(self) -> str:
        return self._user.sees

    async def room(self) -> str:
        await self._tenant.deliver()
        return "\n".join("\n".join(teams_text(one["card"])) for _, thread in self._tenant.api.posts() for one in thread)


@asynccontextmanager
async def in_teams(town: Town) -> AsyncIterator[Surface]:
    leading = update(t.unit).where(t.unit.c.code == "bs").values(teams_channel=ROOM)
    town.do(lambda connection: connection.execute(leading))
    api = TeamsApi()
    for name in PEOPLE:
        api.add_user(name)
    api.add_team("Ledelse", ROOM)
    async with api.server() as server:
        api.url = str(server.make_url("")).rstrip("/")
        async with teams_started(town, api) as tenant:
            await let_in(tenant)
            yield InTeams(tenant, await tenant.arrived("Mette"))


SURFACES: dict[str, Callable[[Town], AbstractAsyncContextManager[Surface]]] = {
    "web": in_browser,
    "slack": in_slack,
    "teams": in_teams,
}


# --- the conversation -------------------------------------------------------------------------------------------------------------


async def converse(mette: Surface) -> None:
    """Mette's spring dialogue, with everything that one does on the way."""
    await mette.says("start")
    assert "Jeg spørger til jeres 3 indsatser" in await mette.sees()
    await mette.presses("Start")
    await mette.presses("Forsinket")
    await mette.presses("Næste", cause="Ring til 010190-1234")
    assert "ligner et CPR-nummer" in await mette.sees()
    await mette.presses(
        "Næste", cause="To skoler *har ikke* svaret <b>endnu</b>.\nDe tøver.", involve__others="Byskolen"
    )
    await mette.presses("Tilbage")
    assert "To skoler *har ikke* svaret" in await mette.sees()
    await mette.presses("Næste")
    await mette.presses("Næste", next="Jens tager det op", by_when="2027-04-15", new_deadline="2027-09-01")
    await mette.presses("Fortsæt senere")
    await mette.says("status")
    assert "1 af 3 besvaret" in await mette.sees()
    await mette.says("fortsæt")
    await mette.presses("Fortsæt")
    await mette.says("i gang")
    await mette.presses("Gennemført")
    await mette.presses("Næste", remark="Normeringen efter sommerferien & »resten«")
    await mette.presses("Se opsummeringen")
    assert "Byskolen" in await mette.sees()
    await mette.presses("Send til Jens")
    assert "Tak, Mette" in await mette.sees()


def words_of(text: str) -> list[str]:
    """The words in order, whatever stands between them: renderers draw marks and bars of their own."""
    return re.findall(r"\w+", text)


PROMISED = (
    "Forårsdialog 2027 Børnehuset Solsikken",
    "Mette Søndergaard 10 marts 2027 3 indsatser",
    "1 i gang efter planen",
    "1 forsinket",
    "1 gennemført",
    "Værd at tale om",
    "Forsinket Overleveringsmøder frist 15 maj 2027 1 september 2027",
    "To skoler har ikke svaret b endnu b",
    "De tøver",
    "Skal involveres Byskolen",
    "Nu Jens tager det op",
    "Andet Mette gerne vil tale om",
    "Normeringen efter sommerferien resten",
    "De øvrige 2 indsatser står i tråden",
    "Svar",
    "Spørg ind",
    "Tages op på mødet",
    "Godkend",
    "Alle svar",
    "Digitale forløb",
    "Fælles vikarkorps",
)


@pytest.mark.parametrize("surface", SURFACES)
async def test_the_same_conversation_stores_the_same_answers_and_posts_the_same_summary(
    database: Database, surface: str
) -> None:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    async with SURFACES[surface](town) as mette:
        await converse(mette)
        room = " ".join(words_of(await mette.room()))
    assert {place: dict(values) for place, values in town.answers("solsikken").items()} == {
        ("Overleveringsmøder", "status"): {"status": "delayed"},
        ("Overleveringsmøder", "challenge"): {
            "cause": "To skoler *har ikke* svaret <b>endnu</b>.\nDe tøver.",
            "involve": {"people": [], "others": "Byskolen"},
        },
        ("Overleveringsmøder", "way_forward"): {
            "next": "Jens tager det op",
            "by_when": "2027-04-15",
            "new_deadline": "2027-09-01",
        },
        ("Digitale forløb", "status"): {"status": "on_plan"},
        ("Fælles vikarkorps", "status"): {"status": "completed"},
        ("dialogue", "anything_else"): {"remark": "Normeringen efter sommerferien & »resten«"},
    }
    rows = town.do(lambda connection: connection.execute(select(t.answer.c.platform).distinct()).all())
    assert [row.platform for row in rows] == [mette.platform]
    assert [one for one in PROMISED if one not in room] == []
    assert "010190" not in room


# --- autumn, and a year's report ---------------------------------------------------------------------------------------------------


def in_season(database: Database, day: date) -> tuple[Town, str, str]:
    """Fjordby on another day, with two goals in Solsikken's agreement: one shared and measured, and one local. The goals' subjects."""
    town = fjordby(database)
    town.now = at_nine(day)
    agreement = town.id_of(t.agreement, code="solsikken-2026")
    figures = {"measure": "%", "baseline": Decimal("6.5"), "baseline_on": date(2025, 12, 31), "target": Decimal("4.9")}
    shared = town.add(t.goal, code="G1", title="Sygefraværet er højst 4,9 %", source="direktion", **figures)
    local = town.add(t.goal, code="G2", title="Vikarforbruget er faldet", source="lokal", evidence="Vikarstatistik")
    for goal in (shared, local):
        town.do(
            lambda connection, goal=goal: connection.execute(  # type: ignore[misc]
                insert(t.agreement_goal).values(agreement_id=agreement, goal_id=goal)
            )
        )
    return town, f"goal-{shared}", f"goal-{local}"


def opened(town: Town) -> Town:
    """The round open, and nothing on its way to anybody."""
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    return town


async def converse_in_autumn(mette: Surface) -> None:
    """Mette's autumn: a reading given, no data for the other goal, judged, and a change to what the revised plan says."""
    await mette.says("start")
    assert "Jeg spørger til jeres 3 indsatser og 2 mål" in await mette.sees()
    for label in ("Start", "I gang", "I gang", "I gang"):
        await mette.presses(label)
    assert "Sygefraværet er højst 4,9 %" in await mette.sees()
    await mette.presses("Næste", value="5.7", measured_on="2026-09-01", source="Lønsystemet & »tal«")
    assert "Mener du 5,7?" in await mette.sees()
    await mette.presses("Næste", value="5,7 %", measured_on="2026-09-01", source="Lønsystemet & »tal«")
    await mette.presses("Delvist")
    await mette.presses("Næste", cause="too_early", basis="Tallene for *august*")
    await mette.presses("Næste", consequence="adjust", what="Vi begynder med de yngste", when="2026-12-01")
    await mette.presses("Der er ingen nye data")
    await mette.presses("Næste", because="Tallene kommer <i>senere</i>", next_reading_on="2026-12-01")
    await mette.presses("Kan ikke vurderes")
    await mette.presses("Næste", consequence="continue")
    await mette.presses("Indsatsen tilpasses")
    await mette.presses("Næste", plan_change="To forløb i stedet for fire", plan_from="2026-11-01")
    assert "Hvilke målsætninger, mål og indsatser skal med i den nye dialogaftale?" in await mette.sees()
    for label in ("Det aftaler vi på mødet", "Spring over", "Se opsummeringen", "Send til Jens"):
        await mette.presses(label)
    assert "Tak, Mette" in await mette.sees()


AUTUMN = (
    "Efterårsdialog 2026 Børnehuset Solsikken",
    "2 mål",
    "1 delvist nået",
    "1 kan ikke vurderes endnu",
    "Delvist nået Sygefraværet er højst 4 9 5 7 mod 4 9",
    "Grund Det er for tidligt",
    "Bygger på Tallene for august",
    "Konsekvens Justér indsatsen",
    "Nu Vi begynder med de yngste",
    "Målt 1 september 2026 Kilde Lønsystemet tal",
    "Ingen nye data Tallene kommer i senere i",
    "Næste måling 1 december 2026",
    "To forløb i stedet for fire",
)


@pytest.mark.parametrize("surface", SURFACES)
async def test_the_same_autumn_about_goals_and_the_revised_plan(database: Database, surface: str) -> None:
    town, shared, local = in_season(database, date(2026, 9, 10))
    async with SURFACES[surface](opened(town)) as mette:
        await converse_in_autumn(mette)
        room = " ".join(words_of(await mette.room()))
    stored = {place: dict(values) for place, values in town.answers("solsikken").items() if place[1] != "status"}
    assert stored == {
        (shared, "reading"): {"value": "5.7", "measured_on": "2026-09-01", "source": "Lønsystemet & »tal«"},
        (shared, "attainment"): {"attained": "partly"},
        (shared, "cause"): {"cause": "too_early", "basis": "Tallene for *august*"},
        (shared, "consequence"): {"consequence": "adjust", "what": "Vi begynder med de yngste", "when": "2026-12-01"},
        (local, "reading"): {},
        (local, "no_data"): {"because": "Tallene kommer <i>senere</i>", "next_reading_on": "2026-12-01"},
        (local, "attainment"): {"attained": "unknown"},
        (local, "consequence"): {"consequence": "continue"},
        ("Digitale forløb", "revised_plan"): {"plan": "plan_adjust"},
        ("Digitale forløb", "plan_change"): {"plan_change": "To forløb i stedet for fire", "plan_from": "2026-11-01"},
        ("renewal", "next_agreement"): {},
        ("dialogue", "anything_else"): {},
    }
    assert [one for one in AUTUMN if one not in room] == []


async def converse_at_the_end_of_the_year(mette: Surface) -> None:
    """Mette's institutionsaftale: the goals' attainment, the budget that does not hold, next year's themes, the board."""
    await mette.says("start")
    assert "Årsopfølgning 2026 for Børnehuset Solsikken" in await mette.sees()
    for label in ("Start", "I gang", "I gang", "I gang"):
        await mette.presses(label)
    for _ in range(2):
        await mette.presses("Næste", value="4,5", measured_on="2026-10-01", source="Løn")
        await mette.presses("Nået")
        await mette.presses("Næste", consequence="close")
    await mette.presses("Næste", budget="ni mio.", expected="9,65 mio.")
    assert "Jeg kan ikke læse beløbet" in await mette.sees()
    assert "Vælg en af mulighederne" in await mette.sees()
    await mette.presses("Næste", budget="9.400.000", expected="9,65 mio.", budget_holds="budget_over")
    await mette.presses("Næste", deviation="250.000", deviation_cause="Varmen er dyrere", deviation_remedy="Vi sparer")
    assert "Hvilke temaer skal næste års institutionsaftale handle om?" in await mette.sees()
    await mette.presses("Næste", themes="Børn i *naturen*")
    assert "Er det drøftet med bestyrelsen?" in await mette.sees()
    for label in ("Nej, men det kommer på", "Spring over", "Se opsummeringen", "Send til Jens"):
        await mette.presses(label)
    assert "Tak, Mette" in await mette.sees()


YEAR = (
    "Årsopfølgning 2026 Børnehuset Solsikken",
    "2 mål 2 nået",
    "Budgetramme kr 9 400 000 forventet kr 9 650 000 afvigelse kr 250 000",
    "Overholder I budgettet Nej vi bruger mere",
    "Årsag Varmen er dyrere",
    "Det gør vi Vi sparer",
    "Hvilke temaer skal næste års institutionsaftale handle om Børn i naturen",
    "Er det drøftet med bestyrelsen Nej men det kommer på",
)


@pytest.mark.parametrize("surface", SURFACES)
async def test_the_same_year_with_its_economy_of_a_unit_with_a_board(database: Database, surface: str) -> None:
    town, shared, local = in_season(database, date(2026, 10, 20))
    town.do(lambda connection: connection.execute(t.agreement.update().values(model="institutionsaftale")))
    own = update(t.unit).where(t.unit.c.code == "solsikken").values(kind="selvejende")
    town.do(lambda connection: connection.execute(own))
    async with SURFACES[surface](opened(town)) as mette:
        await converse_at_the_end_of_the_year(mette)
        room = " ".join(words_of(await mette.room()))
    stored = {place: dict(values) for place, values in town.answers("solsikken").items() if place[1] != "status"}
    reading = {"value": "4.5", "measured_on": "2026-10-01", "source": "Løn"}
    assert stored == {
        (shared, "reading"): reading,
        (shared, "attainment"): {"attained": "reached"},
        (shared, "consequence"): {"consequence": "close"},
        (local, "reading"): reading,
        (local, "attainment"): {"attained": "reached"},
        (local, "consequence"): {"consequence": "close"},
        ("dialogue", "economy"): {"budget": "9400000", "expected": "9650000", "budget_holds": "budget_over"},
        ("dialogue", "deviation"): {
            "deviation": "250000",
            "deviation_cause": "Varmen er dyrere",
            "deviation_remedy": "Vi sparer",
        },
        ("dialogue", "themes"): {"themes": "Børn i *naturen*"},
        ("board", "board"): {"board": "to_discuss"},
        ("dialogue", "anything_else"): {},
    }
    assert [one for one in YEAR if one not in room] == []
    assert "dialogaftale" not in room.lower()


async def test_a_dialogue_begun_in_teams_goes_on_in_slack_and_is_finished_in_the_browser(database: Database) -> None:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    async with in_teams(town) as teams, in_slack(town) as slack, in_browser(town) as browser:
        await teams.says("start")
        await teams.presses("Start")
        await teams.presses("Forsinket")

        await slack.says("fortsæt")
        assert "Det, du har svaret, er gemt" in await slack.sees()
        await slack.presses("Fortsæt")
        await slack.presses("Næste", cause="To skoler har ikke svaret.")

        await teams.presses("Næste", cause="Skrevet på et gammelt kort")
        stale = await teams.sees()
        assert "Det er besvaret siden" in stale
        assert "Hvad skal der ske nu?" in stale, "the old card shows where the dialogue stands"

        await browser.says("start")
        await browser.presses("Fortsæt")
        await browser.presses("Det aftaler vi på mødet")
        for label in ("I gang", "Gennemført", "Spring over", "Se opsummeringen", "Send til Jens"):
            await browser.presses(label)
        assert "To skoler har ikke svaret." in await browser.room()

        await slack.says("status")
        assert "Sendt 10. marts 2027" in await slack.sees()
    rows = town.do(lambda connection: connection.execute(select(t.answer.c.platform, t.answer.c.step)).all())
    answered = [(row.platform, row.step) for row in rows]
    assert answered[:3] == [("teams", "status"), ("slack", "challenge"), ("web", "way_forward")]
    assert {platform for platform, _ in answered[3:]} == {"web"}


async def test_where_both_platforms_have_a_channel_the_preview_names_the_one_the_post_goes_to(
    database: Database,
) -> None:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    async with in_teams(town) as mette:
        elsewhere = update(t.unit).where(t.unit.c.code == "bs").values(slack_channel="et-andet-sted")
        town.do(lambda connection: connection.execute(elsewhere))
        await mette.says("start")
        for label in ("Start", "I gang", "I gang", "I gang", "Spring over", "Se opsummeringen"):
            await mette.presses(label)
        preview = "\n".join([await mette.sees()])
        await mette.presses("Send til Jens")
        sent = await mette.sees()
        assert "Forårsdialog 2027" in await mette.room()
    assert "et-andet-sted" not in preview + sent
    assert ROOM in sent
