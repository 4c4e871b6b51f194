"""A whole spring dialogue in Slack: a real `dialogbot run`, signed HTTP, and a Slack Web API on loopback that remembers.

Beside the dialogue: what is forged, old or played again; a Slack that is busy, a channel that is closed; two processes and a power cut.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select

from store import tables as t
from tests.acceptance.serving import Server, running
from tests.acceptance.slack_peer import Hold, Person
from tests.acceptance.slack_pictures import PICTURES, draw_every, every_card
from tests.acceptance.slack_town import PATIENCE, ROOM, UNINVITED, SlackTown, fill, slack_town, until
from tests.slackapi import FORM, Fault, Raw, all_text, payload

pytestmark = pytest.mark.acceptance

CAUSE: Final = "To skoler har ikke svaret. Vi mangler en aftale på chefniveau."
AUTUMN: Final = "2027-09-10T09:00"
RETRIED: Final = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fjordby's database, imported once."""
    return fill(tmp_path_factory.mktemp("fjordby"))


@pytest.fixture
async def slack(filled: Path, tmp_path: Path) -> AsyncIterator[SlackTown]:
    """A workspace and a database of the test's own, and one process."""
    async with slack_town(filled, tmp_path) as town:
        yield town


def text_of(message: Raw) -> str:
    return "\n".join(all_text(message["blocks"]))


def roots(messages: list[Raw]) -> list[Raw]:
    """The messages that stand in the channel itself."""
    return [one for one in messages if one.get("thread_ts", one["ts"]) == one["ts"]]


def thread_of(messages: list[Raw], root: Raw) -> str:
    below = [one for one in messages if one.get("thread_ts") == root["ts"] and one is not root]
    return "\n".join(map(text_of, below))


async def answer_all(person: Person, status: str = "I gang") -> Person:
    """Answer whatever is left with the same status, and look at the summary."""
    if person.labels == ["Start"]:
        await person.presses("Start")
    while "Er der andet" not in person.sees:
        await person.presses(status)
    await person.presses("Spring over")
    return await person.presses("Se opsummeringen")


# --- the dialogue -------------------------------------------------------------------------------------------------------------------------


async def test_a_whole_spring_dialogue_in_slack(slack: SlackTown) -> None:
    mette = await slack.person("Mette")
    await begin(mette)
    await the_delayed_one(mette, slack)
    await the_others(mette)
    await review_and_send(mette)
    await until(lambda: slack.peer.room(ROOM), "the summary is in the channel")
    room = slack.peer.room(ROOM)
    (post,) = roots(room)
    assert "Forårsdialog 2027 · Børnehuset Solsikken" in text_of(post)
    assert f"»{CAUSE}«" in text_of(post)
    assert "frist 15. maj 2027 → 1. september 2027" in text_of(post)
    await until(lambda: "Nedbringelse af forflytninger" in thread_of(room, post), "all answers are in its thread")
    assert all(name in thread_of(room, post) for name in subjects_of(slack, "solsikken"))

    await jens_replies(slack, mette, post)
    await mette_corrects(slack, mette, post)
    assert len(roots(room)) == 1
    for place in (mette.place, slack.peer.rooms[ROOM]):
        stands = await slack.peer.stands(place)
        ours = [one for one in stands if one["user"] != mette.id]
        assert [one["text"] for one in ours] == [one["text"] for one in roots(slack.peer.messages[place])]


async def test_autumn_asks_in_slack_what_the_goals_show(filled: Path, tmp_path: Path) -> None:
    async with slack_town(filled, tmp_path, AUTUMN) as slack:
        mette = await slack.person("Mette")
        await mette.opens("messages")
        assert "Efterårsdialog 2027 for Børnehuset Solsikken" in mette.sees
        await mette.presses("Start")
        while "Hvad viser dokumentationen nu?" not in mette.sees:
            await mette.presses("I gang")
        await mette.presses("Næste", value="82", measured_on="2027-09-01", source="Forældretilfredshed ved skolestart")
        await mette.presses("Delvist nået")
        await mette.presses("Næste", cause="too_early", basis="Svarene fra to ud af tre skoler")
        await mette.presses("Næste", consequence="adjust", what="Vi begynder med de yngste", when="2027-12-01")
        assert "2 af" in mette.sees
        await mette.presses("Der er ingen nye data")
        await mette.presses("Næste", because="Der måles først i november", next_reading_on="2027-12-01")
        await mette.presses("Kan ikke vurderes endnu")
        await mette.presses("Næste", consequence="continue")
        assert "3 af" in mette.sees
        kept = [
            values for (subject, _), values in slack.town.answers("solsikken").items() if subject.startswith("goal-")
        ]
    assert {"value": "82", "measured_on": "2027-09-01", "source": "Forældretilfredshed ved skolestart"} in kept
    assert {"consequence": "adjust", "what": "Vi begynder med de yngste", "when": "2027-12-01"} in kept
    assert {"because": "Der måles først i november", "next_reading_on": "2027-12-01"} in kept


async def begin(mette: Person) -> None:
    """Opened twice, greeted once."""
    await mette.opens("messages")
    await mette.opens("messages")
    assert "Jeg spørger til jeres 7 indsatser" in mette.sees
    assert len(mette.api.own(mette.id)) == 1
    await mette.presses("Start")
    assert "Overleveringsmøder" in mette.sees


async def the_delayed_one(mette: Person, slack: SlackTown) -> None:
    """A challenge, colleagues picked, back to look, a day; a fault is said where it is."""
    ali, jens = (
        str(slack.town.id_of(t.person, email=f"{name}@fjordby.example")) for name in ("ali", "jens")
    )  # fmt: skip
    await mette.presses("Forsinket")
    await mette.presses("Næste")
    assert "Skriv et svar" in mette.sees
    await mette.presses("Næste", cause=CAUSE, involve=[ali], involve__others="PPR")
    await mette.presses("‹ Tilbage")
    assert CAUSE in mette.sees
    await mette.presses("Næste", remedy="En fast dato")
    agreed = "Jens tager det op med skolechefen."
    await mette.presses("Næste", next=agreed, responsible=[jens], by_when="2027-04-15", new_deadline="2027-09-01")
    kept = slack.town.answers("solsikken")["Overleveringsmøder med alle modtagende skoler", "challenge"]
    assert kept["cause"] == CAUSE
    assert kept["remedy"] == "En fast dato"


async def the_others(mette: Person) -> None:
    """Typed and pressed, with a pause in between."""
    await mette.presses("I gang")
    await mette.says("i gang")
    assert "4 af 7" in mette.sees
    await mette.presses("Fortsæt senere")
    assert "Du er nået til 3 af 7" in mette.sees
    await mette.presses("Fortsæt")
    for name in ("Gennemført", "I gang", "I gang", "Ikke startet"):
        await mette.presses(name)
    await mette.presses("Næste", remark="Normeringen efter sommerferien")


async def review_and_send(mette: Person) -> None:
    """One answer is changed in the review; the preview says who will read."""
    assert CAUSE in mette.sees
    await mette.presses_beside("vikarkorps")
    await mette.presses("Gennemført")
    assert "Dine svar" in mette.sees
    await mette.presses("Se opsummeringen")
    assert f"#{ROOM}" in mette.sees
    assert "personer kan læse den" in mette.sees
    await mette.presses("Send til Jens")
    assert "Tak, Mette" in mette.sees


async def jens_replies(slack: SlackTown, mette: Person, post: Raw) -> None:
    """From the post, in his own chat; the channel sees only what he sent."""
    jens, before = await slack.person("Jens"), len(slack.peer.room(ROOM))
    asked = await jens.press(jens.action("Svar", message=post), post, slack.peer.rooms[ROOM])
    assert asked.status == 200
    assert "Svar til Mette Søndergaard" in jens.sees
    assert len(slack.peer.room(ROOM)) == before
    await jens.presses("Send", text="Jeg ringer til skolechefen på torsdag.")
    assert "Mette Søndergaard" in jens.sees
    await until(lambda: "Jeg ringer til skolechefen" in text_of(post), "the reply stands under the summary")
    await until(lambda: "Jeg ringer til skolechefen" in mette.sees, "and in the leader's own chat")


async def mette_corrects(slack: SlackTown, mette: Person, post: Raw) -> None:
    """Sent is not the end: the post is corrected where it stands."""
    await mette.says("start")
    await mette.presses("Åbn")
    await mette.presses_beside("Videomøder")
    await mette.presses("Stoppet")
    await mette.presses("Næste", cause="Pengene er brugt.")
    await mette.presses("Det aftaler vi på mødet")
    await mette.presses("Se det rettede opslag")
    await mette.presses("Ret opslaget")
    await until(lambda: "»Pengene er brugt.«" in text_of(post), "the post is corrected in place")
    assert "Rettet 10. marts 2027" in text_of(post)
    await until(lambda: planned(slack) == [], "and nothing is left to deliver")


def subjects_of(slack: SlackTown, unit: str) -> set[str]:
    return {subject for subject, step in slack.town.answers(unit) if step == "status"}


def planned(slack: SlackTown) -> list[str]:
    where = t.delivery.c.state.in_(["planned", "claimed"])
    return slack.town.do(lambda connection: list(connection.scalars(select(t.delivery.c.key).where(where))))


# --- what is refused ----------------------------------------------------------------------------------------------------------------------


async def test_forged_and_old_requests_are_refused_and_replayed_ones_change_nothing(slack: SlackTown) -> None:
    mette = await slack.person("Mette")
    await mette.says("start")
    await mette.presses("Start")
    body = payload(mette.press_body(mette.action("Gennemført"), mette.message, mette.place, {}))
    forged = await replace(mette, secret="guessed").send(body, FORM)  # noqa: S106
    old = await mette.send(body, FORM, at=time.time() - 301)
    unsigned = await mette.bot.post("/slack/events", data=body.encode(), headers={"Content-Type": FORM})
    assert [forged.status, old.status, unsigned.status] == [401, 401, 401]
    assert slack.town.count(t.answer) == 0
    assert "1 af 7" in mette.sees

    assert (await mette.send(body, FORM)).status == 200
    assert "2 af 7" in mette.sees
    await mette.presses("I gang")
    kept, cards = slack.town.answers("solsikken"), len(mette.api.own(mette.id))
    for headers in ({}, RETRIED):
        assert (await mette.send(body, FORM, headers=headers)).status == 200
    assert slack.town.answers("solsikken") == kept
    assert "3 af 7" in mette.sees
    assert len(mette.api.own(mette.id)) == cards


# --- a Slack that is busy, and channels that are closed -----------------------------------------------------------------------------------


BUSY: Final = (
    pytest.param((1, 4), id="before it"),
    pytest.param((0, 4), id="in the thread"),
)


@pytest.mark.parametrize("refused", BUSY)
async def test_a_busy_slack_gets_the_summary_later_and_once(slack: SlackTown, refused: tuple[int, ...]) -> None:
    """A second or two are waited out; more is left to what is delivered next, here another leader's summary."""
    henrik, pia = [await answer_all(await started(slack, name)) for name in ("Henrik.juul", "Pia.holm")]
    slack.peer.faults["chat.postMessage"] = [busy(seconds) for seconds in refused]
    await henrik.presses("Send til")
    assert "Tak, Henrik" in henrik.sees
    await until(lambda: state_of(slack, "regnbuen") == ("planned", "busy"), "the delivery waits")
    await asyncio.sleep(4)
    await pia.presses("Send til")
    await until(lambda: planned(slack) == [], "Slack takes everything")
    assert [state_of(slack, unit) for unit in ("regnbuen", "maanen")] == [("sent", None)] * 2
    titles = sorted(text_of(one).split("\n")[0] for one in roots(slack.peer.room(ROOM)))
    assert titles == [f"Forårsdialog 2027 · {unit}" for unit in ("Børnehuset Regnbuen", "Vuggestuen Månen")]


def busy(seconds: int) -> Fault:
    """A refusal for so long; none at all for no time."""
    return Fault("ratelimited", 429, seconds) if seconds else Fault(wait=0.001)


async def test_a_channel_that_is_archived_or_that_the_bot_is_not_in_ends_the_delivery_with_its_reason(
    slack: SlackTown,
) -> None:
    await slack.peer.archive("skoleledelsen")
    ali, tina = [await answer_all(await started(slack, name)) for name in ("Ali", "Tina.bertelsen")]
    for person, unit, reason in ((ali, "byskolen", "is-archived"), (tina, "hjemmepleje-nord", "not-in-channel")):
        await person.presses("Send til")
        assert "Tak" in person.sees
        await until(lambda unit=unit: state_of(slack, unit)[0] == "dead", "the delivery ends")  # type: ignore[misc]
        assert state_of(slack, unit) == ("dead", reason)
    assert slack.peer.room("skoleledelsen") == slack.peer.room(UNINVITED) == []
    sofie = await slack.person("Sofie")
    await until(lambda: len(slack.peer.own(sofie.id)) == 2, "the consultant is told of both")
    told = sorted(map(text_of, slack.peer.own(sofie.id)))
    assert "#skoleledelsen" in told[0]
    assert f"#{UNINVITED}" in told[1]
    assert not [line for line in slack.server.told if "Traceback" in line]


async def started(slack: SlackTown, name: str) -> Person:
    person = await slack.person(name)
    await person.says("start")
    return person


def state_of(slack: SlackTown, unit: str) -> tuple[str, str | None]:
    """How the delivery of a unit's summary stands."""
    where = (t.delivery.c.dialogue_id == slack.town.dialogue(unit), t.delivery.c.kind == "summary")
    found = select(t.delivery.c.state, t.delivery.c.reason).where(*where)
    row = slack.town.do(lambda connection: connection.execute(found).one_or_none())
    return (row.state, row.reason) if row else ("", None)


# --- pictures -----------------------------------------------------------------------------------------------------------------------------


async def test_every_card_can_be_drawn_at_the_widths_of_a_phone_and_of_a_desk(tmp_path: Path) -> None:
    """Into the folder named by DIALOGBOT_PICTURES, to be looked at."""
    cards = every_card(tmp_path, "da")
    folder = Path(os.environ.get(PICTURES, tmp_path)) / "slack"
    await draw_every(cards, folder)
    drawn = {path.stem for path in folder.glob("*.png")}
    assert {f"{name}-{width}" for name in cards for width in (390, 1280)} <= drawn


# --- two processes, and a power cut -------------------------------------------------------------------------------------------------------


async def test_two_processes_that_get_the_same_events_at_the_same_time_keep_each_once(slack: SlackTown) -> None:
    mette = await started(slack, "Mette")
    with running(["run"], slack.folder, **slack.environment) as other:
        twin = await slack.person("Mette", other)
        await both(mette, twin, "Start")
        for name in ("Gennemført", "I gang", "Stoppet"):
            await both(mette, twin, name)
        statuses = {**slack.town.answers("solsikken")}
        assert [kept["status"] for kept in statuses.values()] == ["completed", "on_plan", "stopped"]
        typed = await asyncio.gather(mette.says("Pengene er brugt", "EvONE"), twin.says("Pengene er brugt", "EvONE"))
    assert [answer.status for answer in typed] == [200, 200]
    assert slack.town.count(t.answer) == 3
    assert slack.town.count(t.address) == 1
    assert slack.town.count(t.draft) == 1


async def both(mette: Person, twin: Person, label: str) -> None:
    """One press, brought to both processes."""
    body = payload(mette.press_body(mette.action(label), mette.message, mette.place, {}))
    answers = await asyncio.gather(mette.send(body, FORM), twin.send(body, FORM))
    assert [answer.status for answer in answers] == [200, 200]


async def test_a_process_killed_between_storing_and_showing_a_press_shows_it_when_slack_brings_it_again(
    slack: SlackTown,
) -> None:
    mette = await started(slack, "Mette")
    await mette.presses("Start")
    body = payload(mette.press_body(mette.action("Gennemført"), mette.message, mette.place, {}))
    await cut(slack, "chat.update", Hold(), mette.send(body, FORM))
    assert "1 af 7" in mette.sees
    assert slack.town.count(t.answer) == 1, "it is stored, and nobody has seen it"
    assert (await mette.send(body, FORM, headers=RETRIED)).status == 200
    assert "2 af 7" in mette.sees
    assert slack.town.count(t.answer) == 1


@pytest.mark.parametrize("posted", [False, True])
async def test_a_process_killed_around_a_post_leaves_one_card_when_slack_brings_the_words_again(
    slack: SlackTown, *, posted: bool
) -> None:
    mette = await started(slack, "Mette")
    await mette.presses("Start")
    await cut(slack, "chat.postMessage", Hold(done=posted), mette.says("gennemført", "EvCUT"))
    assert slack.town.count(t.answer) == 1
    assert (await mette.says("gennemført", "EvCUT", retry=1, ts="1.000001")).status == 200
    assert len(mette.api.own(mette.id)) == 2
    assert "2 af 7" in mette.sees
    assert slack.town.count(t.answer) == 1


async def cut(slack: SlackTown, method: str, hold: Hold, sent: object) -> None:
    """Let the process be killed while one call to Slack is on its way, and start it again."""
    assert asyncio.iscoroutine(sent)
    slack.peer.holds[method] = hold
    sending = asyncio.create_task(sent)
    await asyncio.wait_for(hold.arrived.wait(), PATIENCE)
    server: Server = slack.server
    server.kill()
    hold.over.set()
    await asyncio.gather(sending, return_exceptions=True)
    server.start()
