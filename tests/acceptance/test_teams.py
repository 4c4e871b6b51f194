"""A whole spring dialogue in Teams: a real `dialogbot run`, Microsoft's local Teams, Mette in Chromium and her colleagues over HTTP.

Beside the dialogue: what comes twice, what no Teams would send, whoever is not let in, and a power cut.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page

from store import tables as t
from store.database import open_database
from tests.acceptance.browser import LOOKS, Look, browser, window
from tests.acceptance.serving import Server, running
from tests.acceptance.teams_peer import CHANNEL, ROOM, Desk, Person, TeamsPeer, buttons, desk, teams_peer, until
from tests.acceptance.teams_pictures import PAGE
from tests.teamsapi import Raw, all_text
from tests.town import Town

pytestmark = pytest.mark.acceptance

PROJECT: Final = Path(__file__).parents[2]
PICTURES: Final = "DIALOGBOT_PICTURES"  # where whoever wants to look at them has them put
BEFORE, SPRING, AUTUMN = "2027-02-01T09:00", "2027-03-10T09:00", "2027-09-10T09:00"
CAUSE: Final = "To skoler har ikke svaret. Vi mangler en aftale på chefniveau."
REPLY: Final = "Jeg ringer til skolechefen på torsdag."


@dataclass
class TeamsTown:
    """The tenant, the database behind the bot, and the bot's process."""

    peer: TeamsPeer
    town: Town
    server: Server

    @property
    def kept(self) -> Mapping[str, str]:
        """What Mette's unit has answered of its initiatives."""
        answers = self.town.answers("solsikken")
        return {subject: str(told["status"]) for (subject, step), told in answers.items() if step == "status"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fjordby's database, imported once, before its spring round opens."""
    path = tmp_path_factory.mktemp("fjordby") / "fjordby.sqlite"
    settings = {"DIALOGBOT_DATABASE_URL": f"sqlite:///{path}", "DIALOGBOT_NOW": BEFORE, "PYTHONPATH": str(PROJECT)}
    environment = {**os.environ, **settings}
    command = [sys.executable, "-m", "bot.main", "import", str(PROJECT / "bot/fjordby/kommune.xlsx")]
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=path.parent)
    with open_database(f"sqlite:///{path}") as database:
        # A municipality that has Teams alone: its workbook names no channel of Slack's.
        Town(database).do(lambda connection: connection.execute(t.unit.update().values(slack_channel=None)))
    return path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def teams_town(filled: Path, folder: Path, now: str) -> AsyncIterator[TeamsTown]:
    """A town of its own on a day of its own; its process comes back where it was."""
    path, port = Path(shutil.copyfile(filled, folder / "town.sqlite")), free_port()
    environment = {
        "DIALOGBOT_DATABASE_URL": f"sqlite:///{path}",
        "DIALOGBOT_NOW": now,
        "DIALOGBOT_HOST": "127.0.0.1",
        "DIALOGBOT_PORT": str(port),
        "DIALOGBOT_LOCAL_TEAMS": "1",
    }
    endpoint = f"http://127.0.0.1:{port}/api/messages"
    with open_database(f"sqlite:///{path}") as database, running(["run"], folder, **environment) as server:
        async with teams_peer(endpoint, folder, free_port()) as peer:
            yield TeamsTown(peer, Town(database), server)


@pytest.fixture
async def teams(filled: Path, tmp_path: Path) -> AsyncIterator[TeamsTown]:
    """A tenant in the spring, with Mette in it."""
    async with teams_town(filled, tmp_path, SPRING) as town:
        await town.peer.joins()
        yield town


def text_of(message: Raw) -> str:
    return "\n".join(all_text(message["card"]))


# --- the dialogue -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures are put."""
    folder = Path(os.environ.get(PICTURES, tmp_path)) / "teams"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def test_a_whole_spring_dialogue_in_teams(filled: Path, tmp_path: Path, folder: Path) -> None:
    async with (
        teams_town(filled, tmp_path, BEFORE) as teams,
        browser() as opened,
        desk(opened, teams.peer, LOOKS[0]) as mette,
        pictures_of(opened, mette, teams.peer, folder) as pictures,
    ):
        await invited(teams, mette)
        await pictures.take("invitation")
        await mette.press("Start")
        await pictures.take("question")
        await the_delayed_one(mette, pictures)
        await the_others(teams, mette)
        await review_and_send(mette, pictures)
        await the_summary(teams, mette, pictures)
        await jens_replies(teams, mette, pictures)
        await mette_corrects(teams, mette, pictures)
    assert not [line for line in teams.server.told if "Traceback" in line]


@dataclass
class Pictures:
    """What Mette sees: the emulator's own page, and the same card as Microsoft's renderer draws it on a phone and in the dark.

    The emulator's page has neither: it is wider than a phone, knows no dark, and forgets what was typed when its size changes.
    """

    mette: Desk
    peer: TeamsPeer
    folder: Path
    drawn: Mapping[Look, Page]

    @property
    def newest(self) -> list[Raw]:
        """The newest card that can be used, and what stands below it."""
        own = self.peer.own("Mette")
        return own[max(place for place, one in enumerate(own) if buttons(one)) :]

    async def take(self, name: str, *messages: Raw) -> None:
        """Take the page, and the newest card or these messages in every look."""
        await self.mette.page.screenshot(path=self.folder / f"{name}.png")
        cards = [one["card"] for one in messages or self.newest]
        for look, page in self.drawn.items():
            assert await page.evaluate("([cards, isDark]) => draw(cards, isDark)", [cards, look.scheme == "dark"]) == []
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, look)
            await page.screenshot(path=self.folder / f"{name}-{look.name}.png", full_page=True)


@asynccontextmanager
async def pictures_of(opened: Browser, mette: Desk, peer: TeamsPeer, folder: Path) -> AsyncIterator[Pictures]:
    """Pictures into a folder that is there."""
    async with AsyncExitStack() as windows:
        drawn = {look: await windows.enter_async_context(window(opened, PAGE.as_uri(), look)) for look in LOOKS}
        yield Pictures(mette, peer, folder, drawn)


async def invited(teams: TeamsTown, mette: Desk) -> None:
    """Greeted when she gets the app, before there is anything to answer; when the round opens the bot writes first."""
    await until(lambda: teams.peer.own("Mette"), "she is greeted")
    assert "Start" not in buttons(teams.peer.own("Mette")[0])
    await teams.peer.joins_team()
    await until(lambda: teams.town.count(t.room), "the team's channels are known")
    before = mette.drawn
    teams.server.kill()
    teams.server.environment["DIALOGBOT_NOW"] = SPRING
    teams.server.start()
    await mette.changed(before)
    await mette.sees("Forårsdialog 2027")
    assert len(teams.peer.own("Mette")) == 2
    assert teams.kept == {}


async def the_delayed_one(mette: Desk, pictures: Pictures) -> None:
    """A challenge, a colleague picked, back to look, and a day."""
    await mette.sees("Overleveringsmøder")
    await mette.press("Forsinket")
    await mette.fill("Hvori består udfordringen", CAUSE)
    await mette.pick("Hvem skal involveres?", "Jens Østergaard")
    await mette.fill("Andre, fx eksterne", "PPR")
    await mette.press("Næste")
    await mette.sees("Hvad skal der ske nu?")
    await mette.press("‹ Tilbage")
    assert await mette.card.get_by_label("Hvori består udfordringen").input_value() == CAUSE
    await pictures.take("challenge")
    await mette.press("Næste")
    await mette.fill("Hvad skal der ske nu?", "Jens tager det op med skolechefen.")
    await mette.fill("Hvornår?", "2027-04-15")
    await mette.fill("Ny frist for indsatsen", "2027-09-01")
    await pictures.take("way-forward")
    await mette.press("Næste")
    await mette.sees("2 af 7")


async def the_others(teams: TeamsTown, mette: Desk) -> None:
    """Pressed and typed, with a pause and a power cut in between."""
    await mette.press("I gang")
    await mette.say("i gang")
    await mette.sees("4 af 7")
    await mette.press("Fortsæt senere")
    await mette.sees("Du er nået til 3 af 7")
    teams.server.kill()
    teams.server.start()
    await mette.press("Fortsæt")
    await mette.sees("4 af 7")
    for name in ("Gennemført", "I gang", "I gang", "Ikke startet"):
        await mette.press(name)
    await mette.fill("Er der andet", "Normeringen efter sommerferien")
    await mette.press("Næste")
    assert len(teams.kept) == 7


async def review_and_send(mette: Desk, pictures: Pictures) -> None:
    """One answer is changed in the review; the preview says where it will stand."""
    await mette.sees(CAUSE)
    await pictures.take("review")
    await mette.press_beside("vikarkorps")
    await mette.press("Gennemført")
    await mette.sees("Dine svar")
    await mette.press("Se opsummeringen")
    await mette.sees(ROOM)
    await pictures.take("preview")
    await mette.press("Send til Jens")
    await mette.sees("Tak, Mette")


async def the_summary(teams: TeamsTown, mette: Desk, pictures: Pictures) -> None:
    """One page in the channel, and all answers in its thread."""
    await until(teams.peer.posts, "the summary is in the channel")
    await until(lambda: teams.peer.post[2], "all answers are in its thread")
    place, post, below = teams.peer.post
    assert place.startswith(f"{CHANNEL};messageid=")
    assert "Forårsdialog 2027 · Børnehuset Solsikken" in text_of(post)
    assert f"»{CAUSE}«" in text_of(post)
    assert "frist 15. maj 2027 → 1. september 2027" in text_of(post)
    assert all(subject in "\n".join(map(text_of, below)) for subject in teams.kept)
    await mette.go(ROOM)
    await mette.page.get_by_text("Forårsdialog 2027 · Børnehuset Solsikken").first.wait_for()
    await pictures.take("summary", post, *below)
    await mette.go("Personal Chat")


async def jens_replies(teams: TeamsTown, mette: Desk, pictures: Pictures) -> None:
    """From the post, in his own chat; it reaches Mette, who pressed nothing."""
    jens, (place, post, below) = teams.peer.person("Jens"), teams.peer.post
    answer = await jens.send(jens.press_activity("Svar", post, place))
    assert (await answer.json())["value"] == "Jeg har svaret dig i din egen chat med mig."
    assert "Svar til Mette Søndergaard" in jens.sees
    assert teams.peer.post[2] == below
    before = mette.drawn
    await jens.presses("Send", text=REPLY)
    await mette.changed(before)
    await mette.sees(REPLY)
    await pictures.take("reply")
    await until(lambda: REPLY in text_of(teams.peer.post[1]), "the reply stands under the summary")


async def mette_corrects(teams: TeamsTown, mette: Desk, pictures: Pictures) -> None:
    """Sent is not the end: the post is corrected where it stands."""
    await mette.say("start")
    await mette.press("Åbn")
    await mette.press_beside("Videomøder")
    await mette.press("Stoppet")
    await mette.fill("Hvori består udfordringen", "Pengene er brugt.")
    await mette.press("Næste")
    await mette.press("Det aftaler vi på mødet")
    await mette.press("Se det rettede opslag")
    await mette.press("Ret opslaget")
    await until(lambda: "»Pengene er brugt.«" in text_of(teams.peer.post[1]), "the post is corrected in place")
    assert "Rettet 10. marts 2027" in text_of(teams.peer.post[1])
    await mette.go(ROOM)
    await mette.page.get_by_text("Rettet 10. marts 2027").first.wait_for()
    await pictures.take("corrected", teams.peer.post[1])


# --- over HTTP ----------------------------------------------------------------------------------------------------------------------------


async def test_what_comes_twice_changes_nothing_more(teams: TeamsTown) -> None:
    """With the same id, and with a new one, as Teams does when it waited too long."""
    mette = teams.peer.person("Mette")
    await mette.presses("Start")
    await until(lambda: "1 af 7" in mette.sees, "the question is shown")
    pressed = mette.press_activity("Gennemført", mette.message)
    for again in (pressed, pressed, {**pressed, "id": "f:anew"}):
        answer = await mette.send(again)
        assert answer.status == 200
        assert "2 af 7" in text_of({"card": (await answer.json())["value"]})
    assert list(teams.kept.values()) == ["completed"]
    said = mette.activity("message", text="i gang")
    cards = len(teams.peer.own("Mette"))
    for again in (said, said):
        assert (await mette.send(again)).status == 200
    assert list(teams.kept.values()) == ["completed", "on_plan"]
    await until(lambda: "3 af 7" in mette.sees, "the next question is shown")
    assert len(teams.peer.own("Mette")) == cards + 1


async def test_autumn_asks_in_teams_what_the_goals_show(filled: Path, tmp_path: Path) -> None:
    """What the sheet holds is kept as it is in every other channel; the cards are drawn by the emulator as they come."""
    async with teams_town(filled, tmp_path, AUTUMN) as teams:
        await teams.peer.joins()
        mette = teams.peer.person("Mette")
        await until(lambda: "Efterårsdialog 2027 for Børnehuset Solsikken" in mette.sees, "Mette is greeted")
        await on(mette, "Start")
        while "Hvad viser dokumentationen nu?" not in mette.sees:
            await on(mette, "I gang")
        await on(mette, "Næste", value="82", measured_on="2027-09-01", source="Forældretilfredshed ved skolestart")
        await on(mette, "Delvist nået")
        await on(mette, "Næste", cause="too_early", basis="Svarene fra to ud af tre skoler")
        await on(mette, "Næste", consequence="adjust", what="Vi begynder med de yngste", when="2027-12-01")
        assert "2 af" in mette.sees
        await on(mette, "Der er ingen nye data")
        await on(mette, "Næste", because="Der måles først i november", next_reading_on="2027-12-01")
        await on(mette, "Kan ikke vurderes endnu")
        await on(mette, "Næste", consequence="continue")
        assert "3 af" in mette.sees
        kept = [
            values for (subject, _), values in teams.town.answers("solsikken").items() if subject.startswith("goal-")
        ]
    assert {"value": "82", "measured_on": "2027-09-01", "source": "Forældretilfredshed ved skolestart"} in kept
    assert {"consequence": "adjust", "what": "Vi begynder med de yngste", "when": "2027-12-01"} in kept
    assert {"because": "Der måles først i november", "next_reading_on": "2027-12-01"} in kept


async def on(person: Person, label: str, **fields: str) -> None:
    """Press, and wait until the emulator shows what it led to."""
    before = person.sees
    await person.presses(label, 0, None, **fields)
    await until(lambda: person.sees != before, f"»{label}« leads on")


async def test_what_is_odd_passed_on_or_anothers_is_refused_and_stores_nothing(teams: TeamsTown) -> None:
    await the_odd(teams)
    await the_passed_on(teams)
    await the_outsiders(teams)


async def the_outsiders(teams: TeamsTown) -> None:
    """A colleague who may not answer, and one whom the workbook does not know, press the very card that Mette has."""
    mette, ali, stranger = teams.peer.person("Mette"), await teams.peer.met("Ali"), await teams.peer.met("Fremmed")
    await until(lambda: "1 af 7" in mette.sees, "the question is shown")
    shown = text_of(mette.message)
    said = []
    for person in (ali, stranger):
        answer = await person.send(person.press_activity("Gennemført", mette.message))
        assert answer.status == 200
        said.append(text_of({"card": (await answer.json())["value"]}))
    assert "Kun Mette Søndergaard og stedfortræderen kan svare for Børnehuset Solsikken." in said[0]
    assert "Overleveringsmøder" not in said[0] + said[1]
    assert teams.kept == {}
    assert text_of(mette.message) == shown


def odd(person_activity: Raw) -> dict[str, tuple[object, int]]:
    """Activities that Teams may send one day, or never, and how they are answered."""
    invoke = {**person_activity, "type": "invoke"}
    action = {**invoke, "name": "adaptiveCard/action"}
    return {
        "reaction": ({**person_activity, "type": "messageReaction", "reactionsAdded": [{"type": "like"}]}, 200),
        "typing": ({**person_activity, "type": "typing"}, 200),
        "no such kind": ({**person_activity, "type": "whatever/comes"}, 200),
        "end": ({**person_activity, "type": "endOfConversation"}, 200),
        "edited": ({**person_activity, "type": "messageUpdate", "text": "rettet"}, 200),
        "no words": ({**person_activity, "type": "message"}, 200),
        "no such invoke": ({**invoke, "name": "task/fetch"}, 501),
        "nameless invoke": (invoke, 400),
        "press without a value": (action, 400),
        "press of a list": ({**action, "value": ["press"]}, 400),
        "press of another's": ({**action, "value": {"action": {"data": {"press": 7}}}}, 400),
        "kindless": ({**person_activity, "type": ""}, 400),
        "text of numbers": ({**person_activity, "type": "message", "text": 7}, 400),
        "from nobody": ({**person_activity, "type": "message", "text": "hej", "from": []}, 400),
        "no way back": (
            {**person_activity, "type": "message", "text": "hej", "serviceUrl": "http://andet.example"},
            400,
        ),
        "list": ([], 400),
        "number": (7, 400),
    }


async def the_odd(teams: TeamsTown) -> None:
    """Each has its status, and none is a fault."""
    mette = teams.peer.person("Mette")
    expected = {name: status for name, (_, status) in odd({}).items()}
    got = {}
    for name, (told, _) in odd(mette.activity("message")).items():
        got[name] = (await mette.send(told)).status
    assert got == expected
    await mette.uninstalls()
    await mette.installs()
    await until(lambda: len(teams.peer.own("Mette")) == 2, "she is greeted when she is back, and only then")
    headers = {"Content-Type": "application/json"}
    bodies = {
        b"{": 400,
        b"": 400,
        b"\xff\xfe": 400,
        b"[" * 9000: 400,
        b'{"type":NaN}': 400,
        b" " * (256 * 1024 + 1): 413,
    }
    for body, status in bodies.items():
        async with teams.peer.session.post(teams.peer.endpoint, data=body, headers=headers) as answer:
            assert answer.status == status, body[:20]
    async with teams.peer.session.post(teams.peer.endpoint, data=b"{}") as answer:
        assert answer.status == 415
    assert teams.town.count(t.answer) == 0
    assert not [line for line in teams.server.told if "Traceback" in line]


async def the_passed_on(teams: TeamsTown) -> None:
    """A tunnel, or the browser of somebody who reads a bad page here, may not pretend to be Mette."""
    mette = teams.peer.person("Mette")
    start = mette.press_activity("Start", mette.message)
    for headers in ({"X_Forwarded_For": "127.0.0.1"}, {"Origin": "https://andet.example"}, {"Host": "andet.example"}):
        assert (await mette.send(start, **headers)).status == 403
    assert (await mette.send(start)).status == 200


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        pytest.param({"DIALOGBOT_LOCAL_CHAT": "1"}, 404, id="not set up"),
        pytest.param(
            {
                "MICROSOFT_APP_ID": "01234567-89ab-cdef-0123-456789abcdef",
                "MICROSOFT_APP_TENANT_ID": "fedcba98-7654-3210-fedc-ba9876543210",
                "MICROSOFT_APP_PASSWORD": "hemmelig",
                "MICROSOFT_LOGIN_URL": "http://127.0.0.1:9/",
                "MICROSOFT_OPENID_METADATA_URL": "http://127.0.0.1:9/",
            },
            401,
            id="real",
        ),
    ],
)
async def test_without_the_rehearsal_nobody_is_believed_without_a_token(
    filled: Path, tmp_path: Path, settings: dict[str, str], status: int
) -> None:
    path = shutil.copyfile(filled, tmp_path / "town.sqlite")
    environment = {"DIALOGBOT_DATABASE_URL": f"sqlite:///{path}", "DIALOGBOT_NOW": SPRING, "DIALOGBOT_PORT": "0"}
    with running(["run"], tmp_path, **environment, **settings) as server:
        async with ClientSession() as session:
            peer = TeamsPeer(url="http://127.0.0.1:9", endpoint=f"{server.url}api/messages", session=session)
            mette = peer.person("Mette")
            assert (await mette.says("start")).status == status
    with open_database(f"sqlite:///{path}") as database:
        assert Town(database).count(t.address) == 0
