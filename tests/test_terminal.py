"""The conversation in a terminal, as a script would hold it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from store.database import open_database
from store.migrations import migrate
from tests.town import fjordby


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path / 'town.sqlite'}"
    with open_database(url) as database:
        migrate(database)
        fjordby(database).plan()
    return {**os.environ, "DIALOGBOT_DATABASE_URL": url, "DIALOGBOT_NOW": "2027-03-10T09:00:00+01:00"}


def say(environment: dict[str, str], lines: list[str], *arguments: str, who: str = "mette@fjordby.example") -> str:
    command = [sys.executable, "-m", "bot.main", "say", "--as", who, *arguments]
    done = subprocess.run(
        command, input="\n".join(lines), env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_a_whole_dialogue_can_be_held_line_by_line(environment: dict[str, str]) -> None:
    said = say(environment, ["1", "gennemført", "i gang", "forsinket", "Vi mangler en vikar.", "næste"])
    assert "Forårsdialog 2027 for Børnehuset Solsikken" in said
    assert "Jeg har skrevet det ind under" in said


def test_what_was_answered_is_there_the_next_time(environment: dict[str, str]) -> None:
    say(environment, ["1", "gennemført"])
    assert "Du mangler 2 af 3" in say(environment, [])


def test_machines_get_a_json_object_a_line(environment: dict[str, str]) -> None:
    lines = say(environment, ["1", "status"], "--json").splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds == ["greeting", "step", "status"]


def test_a_stranger_is_told_whom_to_ask(environment: dict[str, str]) -> None:
    assert "Sofie Bæk" in say(environment, [], who="stranger@nowhere.example")
