"""`dialogbot doctor`: what it finds in the settings, the database, the workbook and Slack, and what it says to do."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiohttp import web

from bot import doctor
from bot.channels.slack_doctor import SlackCheck
from bot.channels.slack_manifest import SCOPES
from bot.channels.slack_settings import SlackSettings
from bot.findings import Finding, Level, Roll, fault, fine
from bot.gathering import House
from bot.main import main
from bot.rehearsal import WORKBOOK
from cards.chrome import words
from dialogs.script import Model, OwnDates, Wording
from store import tables as t
from store.database import Database, open_database
from store.roll import Register
from tests.acceptance.serving import running
from tests.rooms import ROOT
from tests.slackapi import APP_TOKEN, TOKEN, Fault, SlackApi
from tests.test_documents import shell_lines
from tests.town import SPRING, Town, fjordby, library

ROOM = "boern-og-skole-ledelse"
PEOPLE = ("Mette", "Jens", "Karen", "Sofie", "Ali", "Dora")
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - what one looks like
ROLL = Roll({"mette@fjordby.example": "Mette Søndergaard", "jens@fjordby.example": "Jens"}, {ROOM: ("Børn og Skole",)})


# --- Slack's own checks ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def api() -> SlackApi:
    made = SlackApi()
    for name in PEOPLE:
        made.add_user(name)
    made.add_channel("andet")
    made.add_channel(ROOM)
    return made


async def looked_over(api: SlackApi, roll: Roll = ROLL, **settings: str) -> dict[str, Finding]:
    """What is found in a workspace, by key; the last of each."""
    async with api.server() as server:
        given = {"bot_token": TOKEN, "signing_secret": SECRET, **settings}
        check = SlackCheck(SlackSettings(**given, api_url=str(server.make_url("/api/"))))
        return {one.key: one for one in await check.findings(roll)}


def levels(found: Mapping[str, Finding]) -> set[Level]:
    return {one.level for one in found.values()}


def said(finding: Finding, language: str = "da") -> str:
    return doctor.line_of(finding, language)


async def test_a_workspace_where_all_is_well_has_only_ticks(api: SlackApi) -> None:
    found = await looked_over(api)
    assert list(found) == ["slack.token", "slack.scopes", "slack.secret", "slack.rooms", "slack.people"]
    assert levels(found) == {Level.FINE}
    assert said(found["slack.token"]) == (
        "✓ Slack godtager tokenet: arbejdsområdet Fjordby Kommune, botten @dialogbot."
    )
    assert "Kun en rigtig forespørgsel kan vise" in said(found["slack.secret"])


async def test_each_list_is_asked_for_once_and_nothing_is_changed(api: SlackApi) -> None:
    await looked_over(api)
    pages = {"users.list": 3, "conversations.list": 2}
    assert {method: len(api.called(method)) for method in pages} == pages
    assert {method for method, _ in api.calls} == {"auth.test", *pages}


async def test_a_refused_token_is_said_and_what_to_do(api: SlackApi) -> None:
    found = await looked_over(api, bot_token="xoxb-old")  # noqa: S106
    assert found["slack.token_refused"].level is Level.FAULT
    assert "Slack afviser SLACK_BOT_TOKEN (invalid_auth)." in said(found["slack.token_refused"])
    assert "→ Installér appen igen" in said(found["slack.token_refused"])
    assert "xoxb" not in "".join(map(said, found.values()))


async def test_every_missing_scope_is_named(api: SlackApi) -> None:
    api.scopes = tuple(one for one in SCOPES if one not in {"channels:read", "users:read.email"})
    async with api.server() as server:
        check = SlackCheck(SlackSettings(TOKEN, SECRET, api_url=str(server.make_url("/api/"))))
        found = [said(one) for one in await check.findings(ROLL) if one.level is Level.FAULT]
    assert [line.split(".")[0] for line in found] == [
        "✗ Appen mangler rettigheden users:read",
        "✗ Appen mangler rettigheden channels:read",
    ]
    assert all("installér appen igen" in line for line in found)


@pytest.mark.parametrize("secret", ["a-signing-secret", SECRET.upper(), SECRET[1:]])
async def test_a_secret_that_does_not_look_like_one_is_a_remark_and_is_not_repeated(api: SlackApi, secret: str) -> None:
    found = await looked_over(api, signing_secret=secret)
    assert found["slack.secret_odd"].level is Level.WARNING
    assert secret not in "".join(map(said, found.values()))


async def test_in_socket_mode_the_app_level_token_is_tried_instead_of_the_secret(api: SlackApi) -> None:
    found = await looked_over(api, signing_secret="", app_token=APP_TOKEN)
    assert found["slack.socket"].level is Level.FINE
    assert "slack.secret_odd" not in found


async def test_a_refused_app_level_token_is_said(api: SlackApi) -> None:
    found = await looked_over(api, signing_secret="", app_token="xapp-old")  # noqa: S106
    assert said(found["slack.socket_refused"]).startswith(
        "✗ Slack afviser SLACK_APP_TOKEN til Socket Mode (invalid_auth)."
    )
    assert "connections:write" in said(found["slack.socket_refused"])


@pytest.mark.parametrize(
    ("room", "more", "key", "said_to_do"),
    [
        ("andet-navn", {}, "slack.room_unknown", "Ret navnet i arbejdsbogen"),
        (ROOM, {"is_archived": True}, "slack.room_archived", "Hent den frem"),
        (ROOM, {"is_member": False}, "slack.room_not_joined", "Skriv »/invite @dialogbot« i kanalen."),
    ],
    ids=["unknown", "archived", "not-joined"],
)
async def test_a_channel_where_nothing_can_be_posted_is_a_fault_with_its_units(
    api: SlackApi, room: str, more: dict[str, bool], key: str, said_to_do: str
) -> None:
    api.add_channel(ROOM, **more)
    found = await looked_over(api, Roll({}, {room: ("Børn og Skole", "Dagtilbud")}))
    assert found[key].level is Level.FAULT
    assert f"#{room} (Børn og Skole, Dagtilbud)" in said(found[key])
    assert said_to_do in said(found[key])


async def test_a_channel_may_be_named_by_its_id_or_in_capitals(api: SlackApi) -> None:
    found = await looked_over(api, Roll({}, {"CBOERNOGSKOLELEDELSE": ("A",), ROOM.upper(): ("B",)}))
    assert said(found["slack.rooms"]) == "✓ Botten er med i alle arbejdsbogens kanaler i Slack: 2."


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"profile": {"email": "m.soendergaard@fjordby.example"}}, "slack.person_unknown"),
        ({"deleted": True}, "slack.person_disabled"),
        ({"is_restricted": True}, "slack.person_guest"),
        ({"team_id": "T2ANDEN"}, "slack.person_refused"),
        ({"is_email_confirmed": False}, "slack.person_refused"),
    ],
    ids=["unknown", "deactivated", "guest", "elsewhere", "unconfirmed"],
)
async def test_somebody_the_bot_cannot_reach_is_named_and_stops_nobody_else(
    api: SlackApi, more: dict[str, object], key: str
) -> None:
    api.add_user("Mette", **more)
    found = await looked_over(api)
    assert levels(found) == {Level.FINE, Level.WARNING}
    assert "Mette Søndergaard (mette@fjordby.example)" in said(found[key])
    assert " → " in said(found[key])


async def test_an_old_deactivated_account_does_not_hide_the_one_in_use(api: SlackApi) -> None:
    for name in ("Abe", "Zoe"):  # before and after it in the list
        api.users[name] = {
            "id": name,
            "team_id": "T1FJORDBY",
            "deleted": True,
            "profile": {"email": "mette@fjordby.example"},
        }
    api.users = dict(sorted(api.users.items()))
    assert levels(await looked_over(api)) == {Level.FINE}


async def test_slack_that_does_not_answer_is_not_taken_for_a_bad_token() -> None:
    check = SlackCheck(SlackSettings(TOKEN, SECRET, api_url="http://127.0.0.1:9/api/"))
    found = {one.key: one for one in await check.findings(ROLL)}
    assert "slack.token_refused" not in found
    assert said(found["slack.unreachable"]).startswith("✗ Slack svarer ikke på http://127.0.0.1:9/api/ (no-answer).")


async def test_slack_in_trouble_is_not_taken_for_a_bad_token_either(api: SlackApi) -> None:
    api.faults["auth.test"] += [Fault(status=503)] * 3
    assert "slack.unreachable" in await looked_over(api)


@pytest.mark.parametrize("method", ["conversations.list", "users.list"])
async def test_a_list_that_slack_refuses_is_a_fault_and_not_a_missing_channel(api: SlackApi, method: str) -> None:
    api.faults[method] += [Fault(error="missing_scope")]
    found = await looked_over(api)
    assert "(missing_scope)" in said(found["slack.not_listed"])
    assert {"slack.room_unknown", "slack.person_unknown"}.isdisjoint(found)


async def test_where_slack_does_not_say_the_scopes_that_is_said(api: SlackApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SlackApi, "_answered", lambda _, answer: web.json_response({"ok": True, **answer}))
    found = await looked_over(api)
    assert found["slack.scopes_untold"].level is Level.WARNING


# --- the workbook ----------------------------------------------------------------------------------------------------------------


def of_the_town(database: Database, *platforms: str) -> dict[str, Finding]:
    return {one.key: one for one in doctor.workbook(database, House(library(), "Fjordby Kommune"), SPRING, platforms)}


def test_an_empty_database_says_to_import_the_workbook(database: Database) -> None:
    found = of_the_town(database)
    assert list(found) == ["workbook.missing"]
    assert "dialogbot import kommune.xlsx" in said(found["workbook.missing"])


def test_a_town_in_order_has_only_ticks(database: Database) -> None:
    town = fjordby(database)
    town.do(lambda connection: connection.execute(t.unit.update().values(slack_channel=ROOM)))
    found = of_the_town(database)
    assert list(found) == ["workbook.fine", "units.fine"]
    assert said(found["workbook.fine"]) == "✓ Arbejdsbogen er læst ind. Enheder: 5. Personer: 6. Aftaler: 2."


def test_a_nearest_leader_without_a_channel_is_a_remark(database: Database) -> None:
    town = fjordby(database)
    town.do(lambda connection: connection.execute(t.unit.update().values(slack_channel=None)))
    found = of_the_town(database)
    assert found["units.roomless"].level is Level.WARNING
    assert "Børnehuset Solsikken, Vuggestuen Månen. Opsummeringen kommer i lederens egen chat." in said(
        found["units.roomless"]
    )


def test_a_channel_on_a_platform_that_is_not_set_up_is_a_fault(database: Database) -> None:
    town = fjordby(database)
    town.do(lambda connection: connection.execute(t.unit.update().values(slack_channel=None, teams_channel=ROOM)))
    found = of_the_town(database, "slack")
    assert found["units.elsewhere"].level is Level.FAULT
    assert "units.fine" not in found
    assert "units.fine" in of_the_town(database, "slack", "teams")


def test_units_nobody_answers_for_or_leads_are_named(database: Database) -> None:
    town = fjordby(database)
    town.do(lambda connection: connection.execute(t.post.delete()))
    found = of_the_town(database)
    assert "Ingen kan svare for: Børnehuset Solsikken, Vuggestuen Månen." in said(found["units.unanswered"])
    assert "Ingen er nærmeste leder for: Børnehuset Solsikken, Vuggestuen Månen." in said(found["units.unled"])


def test_agreements_that_have_ended_are_a_remark(database: Database) -> None:
    town = fjordby(database)
    town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=date(2026, 12, 31))))
    assert of_the_town(database)["workbook.none_today"].level is Level.WARNING


def test_own_dates_that_are_no_units_are_a_remark_once_there_are_units(database: Database) -> None:
    dates = dict.fromkeys(("soelsikken", "solsikken", "maane"), OwnDates())
    model = Model("dialogaftale", Wording("Dialogaftale", "Dialogue agreement"), calendar=dates)
    assert list(doctor.calendars(database, {"dialogaftale": model})) == []
    fjordby(database)
    (found,) = doctor.calendars(database, {"dialogaftale": model})
    assert found.level is Level.WARNING
    assert said(found) == (
        "! Modellen dialogaftale har egne datoer for koder, som ingen enhed har: soelsikken, maane. Datoerne gælder for ingen. "
        "→ Ret koden under calendar i model.yaml, så den er som i arket Enheder, eller fjern den."
    )


def test_many_units_are_counted_after_the_first_few() -> None:
    finding = fault("units.unled", units=tuple("abcdefgh"))
    assert "a, b, c, d, e + 3." in said(finding)


def test_the_roll_is_of_those_with_a_post_that_day_and_of_one_platforms_channels(database: Database) -> None:
    town = fjordby(database)
    town.person("Gitte Gammel")
    town.post("gitte", "bs", until=date(2026, 12, 31))
    town.unit("teams", under="bs", room="#Ledelse ")
    town.do(lambda connection: connection.execute(t.unit.update().values(teams_channel="teamkanal")))
    with database.transaction() as connection:
        register = Register(connection)
        people, rooms = register.people(SPRING), register.rooms("slack")
        teams = register.rooms("teams")
    assert sorted(people) == [f"{name.lower()}@fjordby.example" for name in sorted(PEOPLE)]
    assert rooms == {ROOM: ("Børn og Skole",), "Ledelse": ("Teams",)}
    assert list(teams) == ["teamkanal"]


# --- the words -------------------------------------------------------------------------------------------------------------------


def told_as_fine() -> set[str]:
    """Every key that is only ever found where all is well."""
    paths = (ROOT / "bot" / "doctor.py", *(ROOT / "bot" / "channels").glob("*_doctor.py"))
    return {key for path in paths for key in re.findall(r"\bfine\(\s*\"([^\"]+)\"", path.read_text(encoding="utf-8"))}


def test_whatever_must_be_mended_says_how_and_what_is_fine_does_not() -> None:
    texts = set(words("doctor", "da"))
    mended = {key.removeprefix("mend.") for key in texts if key.startswith("mend.")}
    assert mended <= texts
    assert {key for key in texts - mended if not key.startswith("mend.")} == told_as_fine()


def test_what_is_said_can_neither_steer_a_terminal_nor_break_its_line() -> None:
    line = said(fine("slack.token", team="Fjord\x1b[31mby\nKommune", bot="dialogbot"))
    assert "\x1b" not in line
    assert "\n" not in line


# --- on the command line ---------------------------------------------------------------------------------------------------------


@contextmanager
def served(api: SlackApi) -> Iterator[str]:
    """Slack on a thread of its own, for a command that has its own loop."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    server = api.server()
    asyncio.run_coroutine_threadsafe(server.start_server(), loop).result()
    try:
        yield str(server.make_url("/api/"))
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DIALOGBOT_LOCAL_CHAT", "DIALOGBOT_MODELS", "DIALOGBOT_HOST", "DIALOGBOT_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DIALOGBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("DIALOGBOT_NOW", "2027-03-10T09:00")
    return monkeypatch


def set_up(environment: pytest.MonkeyPatch, url: str) -> None:
    """Slack's settings as they should be."""
    for name, value in {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": url}.items():
        environment.setenv(name, value)


def a_town_in(url: str) -> Town:
    with open_database(url) as database:
        return fjordby(database)


def test_all_is_said_at_once_and_nothing_must_be_mended(
    api: SlackApi, environment: pytest.MonkeyPatch, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    a_town_in(database_url)
    with served(api) as url:
        set_up(environment, url)
        assert main(["doctor"]) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert [line[0] for line in lines].count("✗") == 0
    assert lines[0] == "✓ Indstillingerne kan bruges."
    assert lines[-1] == "✓ Alle med en post i dag har en konto i Slack: 6."
    assert "Ingen fejl." in told.err
    assert not any(secret in told.out + told.err for secret in (TOKEN, SECRET))


def test_machines_get_one_object(
    environment: pytest.MonkeyPatch, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    a_town_in(database_url)
    environment.setenv("SLACK_BOT_TOKEN", "xoxp-wrong")
    assert main(["--lang", "en", "doctor", "--json"]) == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["faults"] == 2
    named = [one["what"] for one in told["findings"] if one["level"] == "fault"]
    assert named == ["SLACK_BOT_TOKEN cannot be used.", "SLACK_SIGNING_SECRET cannot be used."]
    assert {"workbook.fine", "database.fine"} <= {one["key"] for one in told["findings"]}, "the rest is looked at too"


one_database = pytest.mark.parametrize("kind", ["sqlite"])


@one_database
@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"DIALOGBOT_PORT": "elleve"}, "✗ DIALOGBOT_PORT kan ikke bruges. → Skriv et tal fra 0 til 65535."),
        ({"DIALOGBOT_DATABASE_URL": "mysql://somewhere"}, "✗ Databasen kan ikke bruges. → DIALOGBOT_DATABASE_URL kan ikke"),
        ({"SLACK_STATUS_COMMAND": "/status", "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET},
         "✗ SLACK_STATUS_COMMAND kan ikke bruges. → Vælg et andet navn"),
        ({}, "! Der er ikke sat en kanal op"),
        ({"DIALOGBOT_LOCAL_CHAT": "1", "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET,
          "SLACK_API_URL": "http://127.0.0.1:9/"}, "✗ DIALOGBOT_LOCAL_CHAT er til øvelse"),
        ({}, "✗ Arbejdsbogen mangler i databasen."),
    ],
    ids=["port", "database", "command", "no-channel", "two-channels", "empty"],
)  # fmt: skip
def test_what_is_wrong_is_one_line_with_its_mark_and_what_to_do(
    environment: pytest.MonkeyPatch, settings: dict[str, str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in settings.items():
        environment.setenv(name, value)
    assert main(["doctor"]) == 1
    found = [one for one in capsys.readouterr().out.splitlines() if one.startswith(line)]
    assert len(found) == 1
    assert " → " in found[0]


@one_database
@pytest.mark.parametrize("setting", ["DIALOGBOT_PORT", "DIALOGBOT_DATABASE_URL"])
def test_slack_is_looked_at_also_where_the_settings_or_the_database_cannot_be_used(
    setting: str, api: SlackApi, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv(setting, "elleve")
    with served(api) as url:
        set_up(environment, url)
        assert main(["doctor"]) == 1
    assert "✓ Slack godtager tokenet" in capsys.readouterr().out


@one_database
def test_faults_in_the_municipalitys_models_do_not_stop_the_rest(
    environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("modeller")
    (folder / "choices.yaml").write_text("status: 5", encoding="utf-8")
    environment.setenv("DIALOGBOT_MODELS", str(folder))
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"✗ Kommunens egne modeller i {folder} har fejl.") for line in lines)
    assert any(line.startswith("✓ Databasen svarer") for line in lines)


@one_database
def test_own_dates_that_are_nobodys_are_told_with_the_rest(
    environment: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    database_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    a_town_in(database_url)
    folder = tmp_path_factory.mktemp("modeller") / "fjordby"
    folder.mkdir()
    own = "extends: dialogaftale\ncalendar:\n  soelsikken:\n    rounds: {spring: {deadline: 04-15}}\n"
    (folder / "model.yaml").write_text(own, encoding="utf-8")
    environment.setenv("DIALOGBOT_MODELS", str(folder.parent))
    assert main(["doctor"]) == 0
    assert "! Modellen fjordby har egne datoer for koder, som ingen enhed har: soelsikken." in capsys.readouterr().out


@one_database
def test_where_slacks_library_is_missing_that_is_said(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("SLACK_BOT_TOKEN", TOKEN)
    environment.setenv("SLACK_SIGNING_SECRET", SECRET)
    environment.setitem(sys.modules, "bot.channels.slack_doctor", None)
    assert main(["doctor"]) == 1
    assert "✗ Slacks programbibliotek er ikke installeret. → Installér dialogbot" in capsys.readouterr().out


@one_database
def test_nothing_of_slacks_is_loaded_where_slack_is_not_set_up(environment: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("slack_sdk", "slack_bolt", "bot.channels.slack_"))]:
        environment.delitem(sys.modules, name)
    main(["doctor"])
    assert not any(name.startswith(("slack_sdk", "slack_bolt")) for name in sys.modules)


@one_database
def test_no_log_line_names_a_secret(
    api: SlackApi, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with served(api) as url:
        environment.setenv("SLACK_BOT_TOKEN", "xoxb-wrong-one")
        environment.setenv("SLACK_SIGNING_SECRET", SECRET)
        environment.setenv("SLACK_API_URL", url)
        assert main(["doctor"]) == 1
    assert "xoxb-wrong-one" not in caplog.text


# --- the guide -------------------------------------------------------------------------------------------------------------------


@one_database
def test_the_administrators_guide_works_in_the_order_it_stands(
    api: SlackApi,
    environment: pytest.MonkeyPatch,
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copyfile(WORKBOOK, tmp_path / "kommune.xlsx")
    environment.chdir(tmp_path)
    environment.setenv("DIALOGBOT_PORT", "0")
    begun = [shlex.split(line)[1:] for line in shell_lines(ROOT / "docs" / "slack.md")]
    assert [arguments[0] for arguments in begun] == ["manifest", "manifest", "import", "doctor", "run"]
    with served(api) as url:
        for arguments in begun:
            if arguments[0] == "import":
                set_up(environment, url)
            if arguments[0] == "run":
                with running(arguments, tmp_path) as server:
                    assert server.url
                break
            assert main(arguments) == 0, f"{arguments}\n{capsys.readouterr()}"
            assert capsys.readouterr().out
            if arguments[0] == "import":
                invite_the_bot(api, database_url)


def invite_the_bot(api: SlackApi, url: str) -> None:
    """To every channel that the workbook names."""
    with open_database(url) as database, database.transaction() as connection:
        for room in Register(connection).rooms("slack"):
            api.add_channel(room)


def test_who_answers_by_owners_is_not_missed_as_a_unit_without_a_nearest_leader(database: Database) -> None:
    town = fjordby(database)
    town.unit("plan", name="Direktionen")  # at the very top: nobody leads above
    number = town.agreement("plan")
    assert "units.unled" in of_the_town(database)
    town.do(
        lambda connection: connection.execute(
            t.agreement.update().where(t.agreement.c.id == number).values(model="handlingsplan")
        )
    )
    assert "units.unled" not in of_the_town(database)
