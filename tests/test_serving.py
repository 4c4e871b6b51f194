"""`dialogbot run` as it is started: with nothing configured, with Slack, with Teams, with what contradicts itself."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.serving import running

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret", "SLACK_API_URL": "http://127.0.0.1:9/api/"}

TEAMS = {
    "MICROSOFT_APP_ID": "01234567-89ab-cdef-0123-456789abcdef",
    "MICROSOFT_APP_PASSWORD": "secret",
    "MICROSOFT_APP_TENANT_ID": "fedcba98-7654-3210-fedc-ba9876543210",
    "MICROSOFT_OPENID_METADATA_URL": "http://127.0.0.1:9/openid",
    "MICROSOFT_LOGIN_URL": "http://127.0.0.1:9/",
}


def status_of(url: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded") -> int:
    asked = urllib.request.Request(url, body, {"Content-Type": kind} if body is not None else {})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_without_a_channel_the_server_is_healthy_and_says_that_nothing_is_sent(tmp_path: Path) -> None:
    with running(["run"], tmp_path, DIALOGBOT_PORT="0", DIALOGBOT_DATABASE_URL="sqlite:///d.sqlite") as server:
        assert status_of(f"{server.url}health") == 200
        assert status_of(f"{server.url}slack/events", b"{}") == 404


def test_with_slack_a_request_without_its_signature_is_refused(tmp_path: Path) -> None:
    environment = {"DIALOGBOT_PORT": "0", "DIALOGBOT_DATABASE_URL": "sqlite:///d.sqlite", **SLACK}
    with running(["run"], tmp_path, **environment) as server:
        assert status_of(f"{server.url}health") == 200
        assert status_of(f"{server.url}slack/events", b"{}") == 401


def test_slack_and_teams_stand_in_one_server_and_believe_nobody_without_a_signature(tmp_path: Path) -> None:
    environment = {"DIALOGBOT_PORT": "0", "DIALOGBOT_DATABASE_URL": "sqlite:///d.sqlite", **SLACK, **TEAMS}
    with running(["run"], tmp_path, **environment) as server:
        assert status_of(f"{server.url}health") == 200
        assert status_of(f"{server.url}slack/events", b"{}") == 401
        activity = b'{"type":"message","serviceUrl":"https://x.example","conversation":{"id":"a"}}'
        assert status_of(f"{server.url}api/messages", activity, "application/json") == 401


def test_an_emulator_on_this_machine_is_believed_when_it_is_asked_for(tmp_path: Path) -> None:
    environment = {"DIALOGBOT_PORT": "0", "DIALOGBOT_DATABASE_URL": "sqlite:///d.sqlite", "DIALOGBOT_LOCAL_TEAMS": "1"}
    with running(["run"], tmp_path, **environment) as server:
        activity = b'{"type":"typing","serviceUrl":"http://127.0.0.1:9","conversation":{"id":"a"}}'
        assert status_of(f"{server.url}api/messages", activity, "application/json") == 200


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({**TEAMS, "MICROSOFT_APP_PASSWORD": ""}, "MICROSOFT_APP_PASSWORD: Lav en Client secret"),
        ({**TEAMS, "DIALOGBOT_LOCAL_CHAT": "1"}, "kan ikke bruges sammen med Slack eller Teams"),
        ({"DIALOGBOT_LOCAL_TEAMS": "1", "DIALOGBOT_HOST": "0.0.0.0"}, "DIALOGBOT_LOCAL_TEAMS: En Teams-emulator"),  # noqa: S104
        ({**SLACK, "SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET: Kopiér Signing Secret"),
        ({**SLACK, "DIALOGBOT_LOCAL_CHAT": "1"}, "kan ikke bruges sammen med Slack"),
        ({"DIALOGBOT_PORT": "elleve"}, "DIALOGBOT_PORT: Skriv et tal fra 0 til 65535."),
        ({"DIALOGBOT_NOW": "2027-03-10", "DIALOGBOT_HOST": "0.0.0.0"}, "DIALOGBOT_NOW: Uret må kun stilles"),  # noqa: S104
        ({"DIALOGBOT_LOCAL_CHAT": "1", "DIALOGBOT_HOST": "0.0.0.0"}, "DIALOGBOT_LOCAL_CHAT: Browserchatten"),  # noqa: S104
        (
            {"DIALOGBOT_DATABASE_URL": "mysql://somewhere"},
            "DIALOGBOT_DATABASE_URL kan ikke bruges (kun SQLite og PostgreSQL kan bruges)",
        ),
        ({"DIALOGBOT_MODELS": "nowhere"}, "DIALOGBOT_MODELS: Mappen findes ikke."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_said_in_one_sentence_and_never_as_a_traceback(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    environment = {
        **os.environ,
        "DIALOGBOT_DATABASE_URL": "sqlite:///d.sqlite",
        **settings,
        "PYTHONPATH": str(Path.cwd()),
    }
    command = [sys.executable, "-m", "bot.main", "run"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 1


def test_a_file_that_is_no_database_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "d.sqlite").write_text("this is not a database, but a text of some length" * 40)
    environment = {**os.environ, "DIALOGBOT_DATABASE_URL": "sqlite:///d.sqlite", "PYTHONPATH": str(Path.cwd())}
    ended = subprocess.run(
        [sys.executable, "-m", "bot.main", "run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Databasen svarer ikke" in ended.stderr
    assert "Traceback" not in ended.stderr
