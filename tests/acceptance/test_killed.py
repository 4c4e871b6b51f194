"""Power cuts: the server is killed in the middle of two hundred turns, and no acknowledged answer is lost."""

from __future__ import annotations

import json
import random
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import pytest

from cards.card import Press
from store.database import open_database
from store.migrations import migrate
from store.work import Work
from tests.acceptance.serving import Server, running
from tests.town import Town, fjordby

pytestmark = pytest.mark.acceptance

TURNS = 200
KILLS = 12
HEALTHY = ("not_started", "on_plan", "completed")
_PRESS = re.compile(r'name="press" value="([^"]+)"')
_MESSAGE = re.compile(r'data-message="(\d+)"|id="m(\d+)"')


@dataclass
class Leader:
    """Mette's browser: presses what is on the newest card, and remembers what was acknowledged."""

    server: Server
    acknowledged: dict[str, str] = field(default_factory=dict)
    attempted: dict[str, str] = field(default_factory=dict)
    turns: int = 0

    def look(self) -> tuple[str, list[Press]]:
        """The newest message's number, and what can be pressed on it."""
        with urllib.request.urlopen(f"{self.server.url}?as=mette@fjordby.example", timeout=10) as page:
            html = page.read().decode()
        newest = max((int(one or other) for one, other in _MESSAGE.findall(html)), default=0)
        card = html[html.rindex(f'id="m{newest}"') :]
        return str(newest), [press for token in _PRESS.findall(card) if (press := Press.parse(token))]

    def press(self, message: str, press: Press) -> None:
        query = urllib.parse.urlencode({"as": "mette@fjordby.example", "message": message, "event": str(uuid4())})
        body = urllib.parse.urlencode({"press": press.token}).encode()
        request = urllib.request.Request(f"{self.server.url}press?{query}", body, {"Accept": "application/json"})
        if press.act == "answer":
            self.attempted[press.subject] = press.value
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert json.load(answer)["messages"]
        if press.act == "answer":
            self.acknowledged[press.subject] = press.value
            self.attempted.pop(press.subject, None)
            self.turns += 1

    def turn(self, chance: random.Random) -> None:
        """Answer what is asked, or change something in the review."""
        message, presses = self.look()
        answers = [press for press in presses if press.act == "answer" and press.value in HEALTHY]
        edits = [press for press in presses if press.act == "goto" and press.subject != "dialogue"]
        others = [press for press in presses if press.act in {"open", "skip", "review"}]
        self.press(message, chance.choice(answers or edits or others))


def large_town(path: Path) -> Town:
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    town = fjordby(database)
    for number in range(37):
        town.initiative("solsikken", f"Indsats {number}")
    town.plan()
    return town


def test_no_acknowledged_answer_is_lost_when_the_server_is_killed_in_the_middle_of_200_turns(tmp_path: Path) -> None:
    town = large_town(tmp_path / "town.sqlite")
    town.database.close()
    chance = random.Random(2027)  # noqa: S311 - no secret
    environment = {
        "DIALOGBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'town.sqlite'}",
        "DIALOGBOT_LOCAL_CHAT": "1",
        "DIALOGBOT_NOW": "2027-03-10T09:00:00+01:00",
        "DIALOGBOT_PORT": "0",
    }
    kills = 0
    with running(["run"], tmp_path, **environment) as server:
        leader = Leader(server)
        while leader.turns < TURNS:
            cut = None
            if kills < KILLS and leader.turns >= (kills + 1) * TURNS // (KILLS + 2):
                cut = threading.Timer(chance.uniform(0, 0.03), server.kill)
                cut.start()
            try:
                leader.turn(chance)
            except (OSError, HTTPException, urllib.error.URLError):
                assert cut is not None, server.told
            if cut is not None:
                cut.join()
                kills += 1
                server.start()
    assert kills == KILLS
    town = Town(open_database(environment["DIALOGBOT_DATABASE_URL"]))
    stored = {subject: str(values["status"]) for subject, values in statuses(town).items()}
    town.database.close()
    lost = {
        subject: (value, stored.get(subject))
        for subject, value in leader.acknowledged.items()
        if stored.get(subject) not in {value, leader.attempted.get(subject)}
    }
    assert not lost


def statuses(town: Town) -> dict[str, dict[str, object]]:
    dialogue = town.dialogue("solsikken")
    rows = town.do(lambda connection: Work(connection).answers(dialogue))
    return {row.subject: dict(row.values) for row in rows if row.step == "status"}
