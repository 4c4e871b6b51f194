"""Slack's app manifest: held to Slack's own limits, to the commands that Slack keeps for itself, and to what the channel listens for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from bot.channels import slack
from bot.channels.slack_manifest import EVENTS, PATH, SCOPES, slack_manifest
from bot.channels.slack_settings import NAMES, RESERVED, Commands, command_names
from bot.main import main
from bot.talk import command
from tests.rooms import ROOT

ADDRESS = "https://bot.kommune.example"

# Slack's schema for manifests, as far as ours goes: least and most characters of a text, True for what must be there.
Shape = dict[str, Any]
TEXT_1, URL = (1, 10_000), (8, 3000)
COMMAND: Final[Shape] = {
    "command": (2, 32),
    "description": (1, 2000),
    "usage_hint": (1, 1000),
    "should_escape": bool,
    "url": URL,
}
SHAPE: Final[Shape] = {
    "display_information": {
        "name": (1, 35),
        "description": (1, 140),
        "long_description": (175, 4000),
        "background_color": (4, 7),
    },
    "features": {
        "app_home": {"home_tab_enabled": bool, "messages_tab_enabled": bool, "messages_tab_read_only_enabled": bool},
        "bot_user": {"display_name": (1, 80), "always_online": bool},
        "slash_commands": [COMMAND],
    },
    "oauth_config": {"scopes": {"bot": [TEXT_1]}},
    "settings": {
        "event_subscriptions": {"request_url": URL, "bot_events": [TEXT_1]},
        "interactivity": {"is_enabled": bool, "request_url": URL},
        "org_deploy_enabled": bool,
        "socket_mode_enabled": bool,
        "token_rotation_enabled": bool,
    },
}
MOST_COMMANDS: Final = 5  # Slack's documentation says five, its schema fifty


def misfits(thing: object, shape: object, at: str = "") -> list[str]:
    """Everything in a manifest that Slack does not know, or that is too short or too long for it."""
    match thing, shape:
        case dict(), dict():
            unknown = [f"{at}.{name}" for name in thing if name not in shape]
            return unknown + [one for name in thing if name in shape for one in misfits(thing[name], shape[name], name)]
        case list(), [inner]:
            return [one for number, part in enumerate(thing) for one in misfits(part, inner, f"{at}[{number}]")]
        case bool(), type():
            return []
        case str(), (int(least), int(most)):
            return [] if least <= len(thing) <= most else [f"{at}: {len(thing)} characters"]
    return [f"{at}: {thing!r}"]


def manifest(address: str | None = ADDRESS, municipality: str = "Fjordby Kommune", language: str = "da") -> Shape:
    return slack_manifest(Commands(), municipality, language, address)


# --- what Slack takes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("address", [ADDRESS, None])
@pytest.mark.parametrize("municipality", ["Ø", "Fjordby Kommune", "Landsbyfællesskabernes Kommune " * 9])
def test_nothing_in_it_is_unknown_to_slack_or_too_long(address: str | None, municipality: str, language: str) -> None:
    made = slack_manifest(Commands(), municipality, language, address)
    assert misfits(made, SHAPE) == []
    assert len(made["features"]["slash_commands"]) <= MOST_COMMANDS


def test_a_text_that_is_too_long_and_a_field_that_slack_does_not_know_would_be_found() -> None:
    made = manifest()
    made["display_information"]["name"] = "x" * 36
    made["settings"]["is_hosted"] = False
    assert misfits(made, SHAPE) == ["name: 36 characters", "settings.is_hosted"]


def test_people_can_write_to_the_bot_and_open_its_home() -> None:
    home = manifest()["features"]["app_home"]
    assert home == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_it_asks_for_every_scope_once_and_for_the_events_the_channel_hears() -> None:
    made = manifest()
    assert made["oauth_config"] == {"scopes": {"bot": list(SCOPES)}}
    assert len(set(SCOPES)) == len(SCOPES)
    assert made["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)


def test_with_an_address_slack_comes_where_the_channel_listens() -> None:
    assert PATH == slack.PATH
    made, where = manifest(), f"{ADDRESS}{slack.PATH}"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"] == {"is_enabled": True, "request_url": where}
    assert made["settings"]["event_subscriptions"]["request_url"] == where
    assert [one["url"] for one in made["features"]["slash_commands"]] == [where, where]


def test_in_socket_mode_there_is_no_address_anywhere() -> None:
    made = manifest(None)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "https://" not in json.dumps(made)


# --- the commands ----------------------------------------------------------------------------------------------------------------


def commands_of(made: Shape) -> list[str]:
    return [one["command"] for one in made["features"]["slash_commands"]]


def test_no_command_in_it_is_one_of_slacks_own() -> None:
    assert commands_of(manifest()) == ["/dialog", "/dialogstatus"]
    assert RESERVED.isdisjoint(commands_of(manifest()))


@pytest.mark.parametrize("name", sorted(RESERVED))
@pytest.mark.parametrize("setting", ["SLACK_COMMAND", "SLACK_STATUS_COMMAND"])
def test_a_command_that_slack_keeps_for_itself_is_refused_before_it_gets_there(setting: str, name: str) -> None:
    refused = command_names({setting: name})
    assert isinstance(refused, tuple)
    assert [one.name for one in refused] == [setting]


def test_status_is_one_of_slacks_own() -> None:
    assert "/status" in RESERVED


def test_the_municipality_chooses_the_names() -> None:
    chosen = command_names({"SLACK_COMMAND": "/opfølgning", "SLACK_STATUS_COMMAND": "/overblik"})
    assert isinstance(chosen, Commands)
    assert commands_of(slack_manifest(chosen, "Fjordby", "da", None)) == ["/opfølgning", "/overblik"]


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_word_of_the_hint_is_understood(language: str) -> None:
    first, *_ = manifest(language=language)["features"]["slash_commands"]
    hinted = first["usage_hint"].strip("[]").split(" | ")
    assert len(hinted) == 4
    assert [word for word in hinted if command(word) is None] == []


# --- on the command line ---------------------------------------------------------------------------------------------------------


def test_it_is_printed_as_json_to_paste_with_the_municipalitys_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIALOGBOT_MUNICIPALITY", "Ærøskøbing Kommune")
    monkeypatch.setenv("SLACK_COMMAND", "/opfølgning")
    assert main(["manifest", "slack", "--url", f"{ADDRESS}/"]) == 0
    printed = capsys.readouterr().out
    made = json.loads(printed)
    assert "Opfølgning på dialogaftalerne i Ærøskøbing Kommune" in printed, "as letters, not as codes"
    assert commands_of(made)[0] == "/opfølgning"
    assert made["settings"]["interactivity"]["request_url"] == f"{ADDRESS}/slack/events"


def test_it_is_in_utf_8_whatever_the_terminal_is_set_to() -> None:
    command_line = [sys.executable, "-m", "bot.main", "--lang", "en", "manifest", "slack", "--socket-mode"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "DIALOGBOT_MUNICIPALITY": "Ærøskøbing"}
    done = subprocess.run(command_line, env=environment, capture_output=True, timeout=60, check=True)
    assert "Ærøskøbing" in json.loads(done.stdout.decode("utf-8"))["display_information"]["description"]


@pytest.mark.parametrize(
    "url",
    [
        "http://bot.kommune.example",
        "https://bot.kommune.example/slack/events",
        "https://bot.kommune.example?x=1",
        "https://mig@bot.kommune.example",
        "https://",
        "bot.kommune.example",
        "https://bot kommune.example",
    ],
)
def test_an_address_that_slack_cannot_use_is_told_in_a_sentence(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "slack", "--url", url]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"»{url}« kan ikke bruges. Skriv adressen med https:// og uden sti")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Vælg én af dem: --url --socket-mode."),
        (["--url", ADDRESS, "--socket-mode"], "--socket-mode og --url kan ikke bruges sammen."),
        (["--url"], "--url: der mangler en værdi."),
    ],
    ids=["neither", "both", "empty"],
)
def test_one_way_for_slack_to_reach_the_bot_must_be_chosen(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["manifest", "slack", *arguments])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_a_bad_command_name_stops_it_and_says_which(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_STATUS_COMMAND", "/status")
    assert main(["manifest", "slack", "--socket-mode"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("SLACK_STATUS_COMMAND: Vælg et andet navn")


# --- the guide -------------------------------------------------------------------------------------------------------------------


def test_the_guide_says_what_every_scope_is_for_and_names_every_setting() -> None:
    page = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    assert [scope for scope in SCOPES if f"\n| `{scope}` | " not in page] == []
    assert [name for name in NAMES if f"\n| `{name}` | " not in page] == []
