"""`dialogbot outbox`: what could not be sent is listed with its reason, and planned anew by command, but never what was sent."""

from __future__ import annotations

import ast
import inspect
import json
import shlex
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Row, select

from bot import courier, mending, reminding
from bot.addressing import COME_AGAIN, KINDS, REPORTS, TO_CONSULTANT
from bot.courier import Courier
from bot.main import main
from bot.ports import Busy, Dead, Destination, Outcome, Sent, Unasked
from cards import chrome
from cards.card import Card
from store import tables as t
from store.database import Database
from store.work import Work
from tests.nofiles import NoFiles
from tests.rooms import ROOT
from tests.test_documents import shell_lines
from tests.test_service import answer_everything
from tests.town import Town, fjordby

OPERATIONS = ROOT / "docs" / "operations.md"
WRITTEN = "To skoler har ikke svaret"


class Platform(NoFiles):
    """A platform that refuses as it is told, and else takes everything."""

    name = "slack"

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome
        self.posted: list[str] = []

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:  # noqa: ARG002
        self.posted.append(key)
        return self.outcome or Sent(key)

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        return Sent(message_ref)

    async def find(self, destination: Destination, key: str) -> str | Unasked | None:  # noqa: ARG002
        return None


@pytest.fixture
def town(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("DIALOGBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("DIALOGBOT_NOW", "2027-03-10T09:00:00+01:00")
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.delete()))
    invite(town, "ali")
    answer_everything(town.user("mette")).presses("Se opsummeringen").presses("Send til Jens")
    return town


def invite(town: Town, who: str, expires_at: datetime | None = None) -> None:
    """Plan an invitation."""
    person = town.id_of(t.person, email=f"{who}@fjordby.example")
    key = f"invitation:{who}{':late' if expires_at else ''}"
    due_at = town.now - timedelta(days=2) if expires_at else town.now
    town.do(
        lambda connection: Work(connection).outbox.plan(
            key, "invitation", person_id=person, due_at=due_at, expires_at=expires_at
        )
    )


async def carried(town: Town, platform: Platform) -> Platform:
    await Courier(town.house, town.database, {"slack": platform}).run(town.now)
    return platform


def rows(town: Town, kind: str) -> list[Row[tuple[object, ...]]]:
    found = select(t.delivery).where(t.delivery.c.kind == kind).order_by(t.delivery.c.id)
    return list(town.do(lambda connection: connection.execute(found).all()))


async def test_what_was_given_up_is_listed_with_whom_it_is_for_and_why(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    await carried(town, Platform(Dead("no-account")))
    assert main(["outbox"]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert all(line.startswith("2027-03-10  ") for line in lines), shown.out
    ali = next(line for line in lines if "Ali Demir" in line)
    assert ali.split("  ")[-1] == "personen har ingen konto med arbejdsbogens mail"
    assert "indbydelse" in ali
    assert "opgivet" in ali
    post = next(line for line in lines if "opsummering" in line)
    assert "#boern-og-skole-ledelse" in post
    assert WRITTEN not in shown.out + shown.err
    assert f"Leverancer: {len(lines)}." in shown.err


async def test_the_plan_shows_what_lies_ready_to_be_sent(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--from", "2027-03-10", "--to", "2027-03-10"]) == 0
    lines = capsys.readouterr().out.splitlines()
    ready = [line for line in lines if "ligger klar til at blive sendt" in line]
    assert "2027-03-10 09:00  Ali Demir  indbydelse  (ligger klar til at blive sendt)" in ready
    assert any("  opsummering  " in line for line in ready)
    await carried(town, Platform())
    assert main(["plan", "--from", "2027-03-10", "--to", "2027-03-10"]) == 0
    assert "ligger klar" not in capsys.readouterr().out


async def test_it_speaks_english_and_to_machines(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    await carried(town, Platform(Dead("no-account")))
    assert main(["--lang", "en", "outbox", "--person", "ali@fjordby.example"]) == 0
    assert "the person has no account with the workbook's e-mail address" in capsys.readouterr().out
    assert main(["outbox", "--person", "Ali", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told == {
        "date": "2027-03-10",
        "id": told["id"],
        "kind": "invitation",
        "for": "Ali Demir",
        "state": "dead",
        "attempts": 1,
        "reason": "no-account",
    }


async def test_only_what_is_asked_for_is_listed(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    until = town.now + timedelta(minutes=3)
    await carried(town, Platform(Busy(until, is_for_all=False)))
    for asked, count in (
        (["--state", "failed"], 2),
        (["--state", "dead"], 0),
        (["--state", "sent"], 0),
        (["--unit", "solsikken"], 1),
        (["--unit", "Børnehuset Solsikken", "--since", "2027-03-11"], 0),
        (["--since", "2027-03-10"], 2),
    ):
        assert main(["outbox", *asked]) == 0
        shown = capsys.readouterr()
        assert len(shown.out.splitlines()) == count, (asked, shown.out)
    assert main(["outbox", "--person", "Nobody"]) == 1
    assert "Der er ingen person med mailen eller navnet »Nobody«." in capsys.readouterr().err
    assert main(["outbox", "--unit", "nix"]) == 1
    assert main(["outbox", "--since", "i går"]) == 1


async def test_a_reason_that_only_the_platform_knows_is_told_as_it_is(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    await carried(town, Platform(Dead("msg_blocks_too_long")))
    assert main(["outbox", "--person", "Ali"]) == 0
    assert "afvist af platformen (msg_blocks_too_long)" in capsys.readouterr().out


async def test_what_was_given_up_is_sent_when_it_is_tried_again_and_the_audit_says_so(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    await carried(town, Platform(Dead("not-in-channel")))
    (post,) = rows(town, "summary")
    assert main(["outbox", "--retry", str(post.id)]) == 0
    assert "Planlagt igen: 1." in capsys.readouterr().out
    platform = await carried(town, Platform())
    assert post.key in platform.posted
    assert rows(town, "summary")[0].state == "sent"
    noted = select(t.audit).where(t.audit.c.act == "retried")
    (line,) = town.do(lambda connection: connection.execute(noted).all())
    assert (line.object, line.reason) == (f"delivery {post.id}", "by command")


async def test_what_was_sent_is_never_sent_again(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    await carried(town, Platform())
    (post,) = rows(town, "summary")
    assert main(["outbox", "--retry", str(post.id), "999"]) == 1
    out = capsys.readouterr().out
    assert f"Leverance {post.id} er sendt og sendes ikke igen." in out
    assert "Der er ingen leverance med nummer 999." in out
    assert (await carried(town, Platform())).posted == []


def test_what_was_told_within_another_message_is_no_delivery_to_be_tried_again(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    town.do(lambda connection: Work(connection).reminders.hold(["invited:1:1"], "nudge:1:2027-03-10", 1, town.now))
    (told,) = rows(town, "told")
    assert main(["outbox", "--retry", str(told.id)]) == 1
    assert f"Der er ingen leverance med nummer {told.id}." in capsys.readouterr().out


async def test_everything_that_was_given_up_is_tried_again_at_once(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    await carried(town, Platform(Dead("not-installed")))
    assert main(["outbox", "--retry-dead", "--person", "Ali"]) == 0
    assert "Planlagt igen: 1." in capsys.readouterr().out
    assert main(["outbox", "--retry-dead"]) == 0
    assert "Planlagt igen: 2." in capsys.readouterr().out, "the summary, and the word of it to the consultant"
    assert {row.state for kind in ("summary", "invitation") for row in rows(town, kind)} == {"planned"}


async def test_a_message_to_a_person_that_is_tried_again_at_night_waits_for_the_morning(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await carried(town, Platform(Dead("no-account")))
    monkeypatch.setenv("DIALOGBOT_NOW", "2027-03-10T22:00:00+01:00")
    assert main(["outbox", "--retry-dead"]) == 0
    assert {row.due_at for row in rows(town, "invitation")} == {datetime(2027, 3, 11, 7, tzinfo=UTC)}
    assert {row.due_at for row in rows(town, "summary")} == {datetime(2027, 3, 10, 21, tzinfo=UTC)}


async def test_what_came_too_late_goes_all_the_same_when_somebody_asks_for_it(town: Town) -> None:
    invite(town, "ali", expires_at=town.now - timedelta(days=1))
    await carried(town, Platform())
    skipped = next(row for row in rows(town, "invitation") if row.key == "invitation:ali:late")
    assert (skipped.state, skipped.reason) == ("skipped", "too-late")
    assert main(["outbox", "--retry", str(skipped.id)]) == 0
    assert "invitation:ali:late" in (await carried(town, Platform())).posted


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_kind_of_delivery_has_a_name_in_the_list(lang: str) -> None:
    words = chrome.words("cli", lang)
    assert [kind for kind in KINDS if not words.get(f"delivery_kind.{kind}")] == []


def test_every_kind_that_can_be_sent_is_counted_as_one() -> None:
    tree = ast.parse(inspect.getsource(courier))
    (prepared,) = (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "_prepared")
    values = [one.value for one in ast.walk(prepared) if isinstance(one, ast.MatchValue)]
    known = {one.value if isinstance(one, ast.Constant) else reminding.KIND for one in values}
    assert known == set(KINDS)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - COME_AGAIN - {*TO_CONSULTANT, *REPORTS}))
def test_what_could_not_reach_somebody_is_planned_anew_when_they_come(town: Town, kind: str) -> None:
    ali = town.id_of(t.person, email="ali@fjordby.example")
    town.do(lambda connection: Work(connection).outbox.plan("k", kind, person_id=ali, due_at=town.now))
    town.do(
        lambda connection: connection.execute(t.delivery.update().where(t.delivery.c.key == "k").values(state="dead"))
    )
    assert town.do(lambda connection: mending.person_reached(Work(connection), ali, town.now)) == 1


async def test_what_is_just_being_sent_is_not_tried_again_and_that_is_said(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    await carried(town, Platform(Busy(town.now + timedelta(minutes=3), is_for_all=False)))
    (post,) = rows(town, "summary")
    taken = t.delivery.update().where(t.delivery.c.id == post.id).values(state="claimed")
    town.do(lambda connection: connection.execute(taken))
    assert main(["outbox", "--retry", str(post.id)]) == 1
    out = capsys.readouterr().out
    assert f"Leverance {post.id} er ved at blive sendt lige nu." in out
    assert "Planlagt igen: 0." in out


@pytest.mark.usefixtures("town")
def test_nothing_to_list_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outbox"]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "Leverancer: 0.\n")


@pytest.mark.parametrize("line", [line for line in shell_lines(OPERATIONS) if line.startswith("dialogbot outbox")])
async def test_every_command_of_operations_works(town: Town, capsys: pytest.CaptureFixture[str], line: str) -> None:
    await carried(town, Platform(Dead("not-installed")))
    assert main(shlex.split(line)[1:]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out
