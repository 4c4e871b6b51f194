"""What holds whatever people do: any presses and edits through the real service, and any script through the engine.

Nothing is random from run to run: hypothesis draws the same examples every time. More of them, and others each time:
DIALOGBOT_EXAMPLES=2000 python -m pytest tests/test_properties.py
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from bot.courier import Ready, prepare
from bot.outcome import summary_key
from bot.ports import Intent, Opened, Pressed, Raw, Said
from cards import text
from cards.card import Button, Card, Framed, Input, Part, Press
from dialogs import engine
from dialogs.answers import looks_like_cpr
from dialogs.engine import INITIATIVE, Answers, Place, Stop, Subject
from dialogs.freezing import freeze, thaw
from dialogs.script import Choice, Condition, Field, Kind, Role, Script, Section, Step, Wording
from dialogs.summary import Summary, summarise
from store import tables as t
from store.database import open_database
from store.work import Work
from tests.databases import fresh_database
from tests.test_service import answer_everything
from tests.town import Town, User, at_nine, fjordby

EXAMPLES = os.environ.get("DIALOGBOT_EXAMPLES")
STEADY = settings(
    max_examples=int(EXAMPLES or 50),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
PURE = settings(STEADY, max_examples=int(EXAMPLES or 300))  # no database: six times as many take a fraction of the time
ANSWERING = ("mette", "dora")

# --- what people do ---------------------------------------------------------------------------------------------------------------

# Every § becomes a word nobody has written before, so that it can be found again wherever it ends up.
TEXTS = st.sampled_from((
    "§",
    "",
    "§ barnet 010115-1234",
    "<@U1> *fed* [§](http://x) {{ § }} &amp;",
    "§\r\n\n\x00\u202e§",
    f"§ {'x' * 2900} §",
    f"§ {'x' * 3000}",
))  # fmt: skip
DAYS = st.sampled_from(("", "2028-09-01", "1. september", "2020-01-01", "2099-01-01", "snart §"))
COMMANDS = ("start", "status", "hjælp", "forsinket", "I gang", "▲", "næste", "tilbage", "spring over", "fortsæt senere")


@dataclass(frozen=True)
class Filled:
    """What is put into a card's inputs before a press; None leaves an input as it is."""

    text: str | None = None
    day: str | None = None
    picked: int | None = None
    others: str | None = None


@dataclass(frozen=True)
class OnCard:
    """Press a button of the card in front."""

    who: str
    nth: int
    filled: Filled


@dataclass(frozen=True)
class OnOldCard:
    """Press a button of any card one was ever shown."""

    who: str
    nth: int
    filled: Filled


@dataclass(frozen=True)
class Type:
    """Type a line."""

    who: str
    line: str


@dataclass(frozen=True)
class Again:
    """The platform delivers one's last event once more."""

    who: str


@dataclass(frozen=True)
class Finish:
    """Answer everything, choosing by turns from `choices`, and send it."""

    who: str
    choices: tuple[int, int]


@dataclass(frozen=True)
class NewInitiative:
    """The consultant imports one more indsats."""


Move = OnCard | OnOldCard | Type | Again | Finish | NewInitiative
WHO = st.sampled_from(ANSWERING)
FILLED = st.builds(Filled, st.none() | TEXTS, st.none() | DAYS, st.none() | st.integers(-1, 5), st.none() | TEXTS)
MOVES: st.SearchStrategy[list[Move]] = st.lists(
    st.one_of(
        st.builds(OnCard, WHO, st.integers(0, 9), FILLED),
        st.builds(OnCard, WHO, st.integers(0, 4), FILLED),
        st.builds(OnOldCard, WHO, st.integers(0, 300), FILLED),
        st.builds(Type, WHO, TEXTS | st.sampled_from(COMMANDS)),
        st.builds(Again, WHO),
        st.builds(Finish, WHO, st.tuples(st.integers(0, 4), st.integers(0, 4))),
        st.builds(NewInitiative),
    ),
    min_size=3,
    max_size=25,
)

# --- what the rows say, read without the service ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answered:
    """One row of the table of answers."""

    place: Place
    values: Mapping[str, object]
    revision: int
    replaced_revision: int | None

    def stood_at(self, revision: int) -> bool:
        return self.revision <= revision and (self.replaced_revision is None or self.replaced_revision > revision)


@dataclass(frozen=True)
class Kept:
    """A dialogue as its rows are."""

    revision: int
    sent_revision: int | None
    script: Script
    subjects: tuple[Subject, ...]
    rows: tuple[Answered, ...]
    drafts: str

    def answers(self, revision: int) -> Answers:
        return {one.place: one.values for one in self.rows if one.stood_at(revision)}

    def route(self, revision: int) -> list[Stop]:
        return list(engine.route(self.script, self.subjects, self.answers(revision)))

    @cached_property
    def waiting(self) -> list[Place]:
        return [stop.place for stop in self.route(self.revision) if stop.place not in self.answers(self.revision)]


script_of = lru_cache(thaw)
SOURCES = ("politik", "direktion", "lokal")


def kept(connection: Connection, dialogue_id: int) -> Kept:
    d, a, c = t.dialogue.c, t.draft.c, t.answer.c
    asked = (
        select(d.revision, d.sent_revision, d.agreement_id, t.script.c.body).join(t.script).where(d.id == dialogue_id)
    )
    revision, sent_revision, agreement_id, body = connection.execute(asked).one()
    order = {source: number for number, source in enumerate(SOURCES)}
    initiatives = sorted(Work(connection).initiatives(agreement_id), key=lambda one: order[one.source])
    given = select(c.subject, c.step, c["values"], c.revision, c.replaced_revision).where(c.dialogue_id == dialogue_id)
    return Kept(
        revision,
        sent_revision,
        script_of(body),
        tuple(Subject(f"initiative-{one.id}", INITIATIVE, one.title) for one in initiatives),
        tuple(Answered(Place(*row[:2]), *row[2:]) for row in connection.execute(given)),
        str(connection.execute(select(a["values"])).all()),
    )


def words_in(said: object) -> list[str]:
    """The words that were written by somebody, wherever they stand."""
    return sorted(re.findall(r"ord\d+", str(said)))


def said_on(stops: Sequence[Stop], answers: Answers) -> list[object]:
    return [answers.get(stop.place, {}).get(one.id, "") for stop in stops for one in stop.step.fields]


def told(page: Summary) -> list[object]:
    """Everything a summary tells that somebody wrote."""
    values: list[object] = [page.remark, *(value for _, value in page.closing)]
    for entry in page.entries:
        values += [entry.challenge, entry.remedy, entry.next, entry.involve, entry.responsible]
        values += [value for _, value in entry.other]
    return values


# --- the people who do it, and what must hold ---------------------------------------------------------------------------------------------


@dataclass
class Play:
    """Two people who may answer for Solsikken, everything they were shown, and what must hold after every turn."""

    town: Town
    dialogue: int
    users: dict[str, User]
    shown: dict[str, list[tuple[Button, Card]]] = field(default_factory=lambda: {who: [] for who in ANSWERING})
    last: dict[str, tuple[str, Intent]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    revision: int = 0

    def do(self, move: Move) -> None:
        match move:
            case OnCard(who, nth, filled):
                buttons = self.users[who].card.buttons
                if buttons:
                    self.press(who, buttons[nth % len(buttons)], self.users[who].card, filled)
            case OnOldCard(who, nth, filled):
                self.press(who, *self.shown[who][nth % len(self.shown[who])], filled)
            case Type(who, line):
                self.send(who, Said(self.written(line)))
            case Again(who):
                self.again(who)
            case Finish(who, choices):
                self.finish(who, choices)
            case NewInitiative():
                self.town.initiative("solsikken", "Endnu en indsats", source="direktion")

    def written(self, line: str) -> str:
        return re.sub("§", lambda _: f"ord{next(self.numbers)}", line)

    def press(self, who: str, button: Button, card: Card, filled: Filled) -> None:
        inputs: dict[str, Raw] = {}
        for one in card.inputs:
            inputs |= self.put_into(one, filled)
        sent_before = self.kept.sent_revision
        self.send(who, Pressed(button.press, inputs))
        if self.kept.sent_revision != sent_before:
            assert framed(card) == self.post.parts[: len(framed(card))], "what was sent is not what was previewed"

    def put_into(self, one: Input, filled: Filled) -> dict[str, Raw]:
        match one.kind:
            case "people":
                others = one.value if filled.others is None else self.written(filled.others)
                return {one.field: picked(one, filled.picked), f"{one.field}__others": others}
            case "date":
                return {one.field: one.value if filled.day is None else self.written(filled.day)}
            case _:
                return {one.field: one.value if filled.text is None else self.written(filled.text)}

    def send(self, who: str, intent: Intent) -> None:
        self.last[who] = (f"play-{next(self.numbers)}", intent)
        self.turn(who)

    def again(self, who: str) -> None:
        before = self.kept
        self.turn(who)
        assert self.kept == before, "the same event twice changed something"

    def turn(self, who: str) -> None:
        event, intent = self.last[who]
        user = self.users[who]
        user.reply = user.send(intent, event=event)
        self.shown[who] += [(button, user.card) for button in user.card.buttons]
        self.look(user.card)

    def finish(self, who: str, choices: tuple[int, int]) -> None:
        """Answer what is asked, one thing after the other, until it is sent."""
        self.send(who, Opened())
        for number in range(80):
            card = self.users[who].card
            if card.kind == "sent":
                break
            choice = choices[number % 2]
            others = "§" if choice % 2 else ""
            self.press(who, way_on(card, choice), card, Filled("§", "", None, others))
        assert self.kept.sent_revision == self.kept.revision
        assert not self.kept.waiting

    # --- what must hold ---------------------------------------------------------------------------------------------------------

    def look(self, card: Card) -> None:
        now = self.kept
        self.look_at_buttons(card)
        self.look_at_rows(now)
        if any(button.press.dialogue == self.dialogue for button in card.buttons):
            self.look_at_place(card, now)
        if now.sent_revision is not None:
            self.look_at_post(now, now.sent_revision)

    def look_at_buttons(self, card: Card) -> None:
        for button in card.buttons:
            assert Press.parse(button.press.token) == button.press
            assert len(button.press.token) <= 150

    def look_at_rows(self, now: Kept) -> None:
        assert self.revision <= now.revision <= self.revision + 1, "a turn is one change at most"
        self.revision = now.revision
        assert {one.revision for one in now.rows} == set(range(1, now.revision + 1)), "every change left its answers"
        standing = [one.place for one in now.rows if one.replaced_revision is None]
        assert len(standing) == len(set(standing)), "one answer stands at a place"
        assert not looks_like_cpr(str([one.values for one in now.rows])), "a CPR number was stored"
        assert not looks_like_cpr(now.drafts), "a CPR number was stored as a draft"

    def look_at_place(self, card: Card, now: Kept) -> None:
        """The card is on the route, and says no more is waiting than the rows do."""
        match card.kind:
            case "step":
                assert place_of(card) in [stop.place for stop in now.route(now.revision)], "a card off the route"
                asked = {one.press.revision for one in card.buttons if one.press.act == "answer"}
                assert asked == {now.revision}
            case "preview" | "sent":
                assert not now.waiting, "a summary with a gap"
            case "review":
                assert any(one.press.act == "preview" for one in card.buttons) == (not now.waiting)

    def look_at_post(self, now: Kept, sent_revision: int) -> None:
        """The post holds what was answered on the route when it was sent, and nothing else."""
        answers, stops = now.answers(sent_revision), now.route(sent_revision)
        said = words_in(said_on(stops, answers))
        assert set(words_in(text.render(self.post, width=100_000))) == set(said)
        page = summarise(now.script, now.subjects, answers, {})
        assert words_in(told(page)) == said, "every answer once"
        statuses = [
            answers[stop.place]["status"] for stop in stops if stop.step.id == "status" and stop.place in answers
        ]
        assert [entry.status.id for entry in page.entries if entry.status] == statuses

    def look_at_the_end(self, who: str) -> None:
        """Whoever comes back is asked the first thing that has no answer."""
        self.send(who, Opened())
        for act in ("review", "open"):  # what was sent already is shown in review first
            way_in = next((one for one in self.users[who].card.buttons if one.press.act == act), None)
            if way_in is not None:
                self.press(who, way_in, self.users[who].card, Filled())
        card, waiting = self.users[who].card, self.kept.waiting
        if waiting:
            assert place_of(card) == waiting[0]
        else:
            assert card.kind in {"review", "sent"}

    @property
    def kept(self) -> Kept:
        return self.town.do(lambda connection: kept(connection, self.dialogue))

    @property
    def post(self) -> Card:
        """What the courier would post now."""

        def ready(connection: Connection) -> Card:
            planned = Work(connection).delivery(summary_key(self.dialogue))
            assert planned is not None, "sent, and nothing is planned"
            prepared = prepare(self.town.house, Work(connection), planned, self.town.now)
            assert isinstance(prepared, Ready), prepared
            return prepared.card

        return self.town.do(ready)


def picked(one: Input, nth: int | None) -> tuple[str, ...]:
    if nth is None:
        return one.chosen
    return ("999",) if nth < 0 or not one.options else (one.options[nth % len(one.options)].value,)


def place_of(card: Card) -> Place | None:
    return next((Place(one.press.subject, one.press.step) for one in card.buttons if one.press.step), None)


def framed(card: Card) -> tuple[Part, ...]:
    return next((part.parts for part in card.parts if isinstance(part, Framed)), ())


def way_on(card: Card, choice: int) -> Button:
    """The button that leads on: a choice by number, else the first primary one."""
    choices = [one for one in card.buttons if one.press.act == "answer" and one.press.value]
    onward = [one for one in card.buttons if one.weight == "primary"]
    return (choices or onward or list(card.buttons))[choice % len(choices) if choices else 0]


@pytest.fixture(scope="module")
def second_spring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Solsikken in the spring of 2028, with last spring's dialogue sent: a file to be copied."""
    with fresh_database("sqlite", tmp_path_factory.mktemp("properties")) as url:
        with open_database(url) as database:
            town = fjordby(database)
            town.plan()
            answer_everything(town.user("mette")).presses("Se opsummeringen").presses("Send til Jens")
            town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=date(2028, 12, 31))))
            town.now = at_nine(date(2028, 3, 10))
            town.plan()
        yield Path(url.removeprefix("sqlite:///"))


@STEADY
@given(moves=MOVES)
def test_whatever_is_pressed_and_typed_the_route_has_no_gaps_and_the_post_holds_the_answers_sent(
    second_spring: Path, moves: list[Move]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(second_spring, folder)
        with open_database(f"sqlite:///{copy}") as database:
            town = Town(database, now=at_nine(date(2028, 3, 10)))
            play = Play(town, town.dialogue("solsikken"), {who: town.user(who) for who in ANSWERING})
            for who in ANSWERING:
                play.send(who, Opened())
            for move in moves:
                play.do(move)
            for who in ANSWERING:
                play.look_at_the_end(who)


# --- any script through the engine -----------------------------------------------------------------------------------------------------


def words(said: str) -> Wording:
    return Wording(said, said)


@st.composite
def steps(draw: st.DrawFn, section: str) -> tuple[Step, ...]:
    """Steps of choices and texts; each may hang on choices that were offered before it."""
    made: list[Step] = []
    offered: list[str] = []
    for number in range(draw(st.integers(1, 4))):
        name = f"{section}_{number}"
        hangs_on = draw(st.lists(st.sampled_from(offered), unique=True, max_size=2)) if offered else []
        when = Condition(tuple((one, draw(st.frozensets(st.sampled_from("abc"), min_size=1))) for one in hangs_on))
        if draw(st.booleans()):
            choices = tuple(Choice(one, words(one), concern=one == "c") for one in "abc")
            asked = Field(
                name, Kind.CHOICE, words(name), choices=choices, role=draw(st.sampled_from((None, Role.STATUS)))
            )
            offered.append(name)
        else:
            role = draw(st.sampled_from((None, Role.CHALLENGE, Role.REMEDY, Role.NEXT, Role.REMARK)))
            asked = Field(name, Kind.TEXT, words(name), role=role, optional=True)
        made.append(Step(name, (asked,), when=when))
    return tuple(made)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    sections = tuple(
        Section(f"s{number}", draw(steps(f"s{number}")), each=draw(st.sampled_from((INITIATIVE, None))))
        for number in range(draw(st.integers(1, 3)))
    )
    return Script("drawn", words("Trukket"), sections)


SUBJECTS = tuple(Subject(f"initiative-{number}", INITIATIVE, f"Indsats {number}") for number in range(1, 4))
CHANGES = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc") | st.none()), max_size=30)


def all_stops(script: Script, subjects: Sequence[Subject]) -> list[Stop]:
    """Every step of every subject, on the route or not."""
    return [
        Stop(section, subject, step)
        for section in script.sections
        for subject in ((engine.WHOLE,) if section.each is None else subjects)
        for step in section.steps
    ]


def given_to(stop: Stop, choice: str | None, number: int) -> Mapping[str, object]:
    """An answer to a stop: that choice, or a word of its own; None skips it."""
    (asked,) = stop.step.fields
    if choice is None:
        return {}
    return {asked.id: choice if asked.kind is Kind.CHOICE else f"ord{number}"}


def check_route(script: Script, subjects: Sequence[Subject], answers: Answers) -> None:
    """The route passes just the stops whose conditions hold by what stands on the route before them."""
    stops = list(engine.route(script, subjects, answers))
    passed = {stop.place for stop in stops}
    everywhere = all_stops(script, subjects)
    assert [stop for stop in everywhere if stop.place in passed] == stops, "the order asked is the script's"
    for stop in everywhere:
        counted: dict[str, object] = {}
        for other in stops:
            if (other.section, other.subject) == (stop.section, stop.subject) and other.step != stop.step:
                counted |= answers.get(other.place, {})
        holds = all(counted.get(name) in choices for name, choices in stop.step.when.all_of)
        assert holds == (stop.place in passed)
    check_moves(script, subjects, answers, stops)


def check_moves(script: Script, subjects: Sequence[Subject], answers: Answers, stops: list[Stop]) -> None:
    """Next, before, after and what is left all tell the same route."""
    waiting = [stop for stop in stops if stop.place not in answers]
    assert engine.next_stop(script, subjects, answers) == (waiting[0] if waiting else None)
    left, parts = engine.parts_left(script, subjects, answers)
    assert (left == 0) == (not waiting)
    assert left <= parts <= len(stops)
    for before, stop in itertools.pairwise([None, *stops]):
        assert stop is not None
        assert engine.stop_before(script, subjects, answers, stop.place) == before
        assert engine.stop_at(script, subjects, answers, stop.place) == stop
        after = engine.stop_after(script, subjects, answers, stop.place)
        assert (after in waiting) if waiting else (after is None)


@PURE
@given(script=scripts(), changes=CHANGES)
def test_any_script_with_any_answers_has_one_route_that_its_conditions_explain(
    script: Script, changes: list[tuple[int, str | None]]
) -> None:
    assert thaw(freeze(script)) == script
    answers: dict[Place, Mapping[str, object]] = {}
    everywhere = all_stops(script, SUBJECTS)
    check_route(script, SUBJECTS, answers)
    for number, (nth, choice) in enumerate(changes):
        stop = everywhere[nth % len(everywhere)]
        answers[stop.place] = given_to(stop, choice, number)
        check_route(script, SUBJECTS, answers)
        page = summarise(script, SUBJECTS, answers, {})
        assert words_in(told(page)) == words_in(said_on(list(engine.route(script, SUBJECTS, answers)), answers))


@PURE
@given(script=scripts(), choices=st.lists(st.sampled_from("abc"), min_size=1))
def test_answering_what_is_asked_ends_any_dialogue_without_a_gap(script: Script, choices: list[str]) -> None:
    answers: dict[Place, Mapping[str, object]] = {}
    for number in range(len(all_stops(script, SUBJECTS))):
        stop = engine.next_stop(script, SUBJECTS, answers)
        if stop is None:
            break
        answers[stop.place] = given_to(stop, choices[number % len(choices)], number)
    assert engine.next_stop(script, SUBJECTS, answers) is None
    assert set(answers) == {stop.place for stop in engine.route(script, SUBJECTS, answers)}, "nothing was asked in vain"
