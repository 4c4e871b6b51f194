"""What holds whatever people do: any presses and edits through the real service, and any script through the engine.

Nothing is random from run to run: hypothesis draws the same examples every time. More of them, and others each time:
DIALOGBOT_EXAMPLES=2000 python -m pytest tests/test_properties.py
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from bot.courier import Ready, prepare
from bot.gathering import House
from bot.outcome import summary_key
from bot.ports import Intent, Opened, Pressed, Raw, Said
from cards import text
from cards.card import Button, Card, Framed, Input, Part, Points, Press
from dialogs import engine
from dialogs.answers import looks_like_cpr
from dialogs.engine import INITIATIVE, Answers, Place, Stop, Subject
from dialogs.freezing import freeze, thaw
from dialogs.script import (
    SKIPPED,
    Attainment,
    Choice,
    Condition,
    Field,
    Kind,
    Mark,
    Role,
    Script,
    Section,
    Step,
    Wording,
)
from dialogs.summary import MOST_POINTS, Summary, summarise
from store import tables as t
from store.database import Database, open_database
from store.work import Work
from tests.databases import fresh_database
from tests.test_service import answer_everything
from tests.town import Town, User, at_nine, fjordby, library

EXAMPLES = os.environ.get("DIALOGBOT_EXAMPLES")
STEADY = settings(
    max_examples=int(EXAMPLES or 40),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
PURE = settings(STEADY, max_examples=int(EXAMPLES or 200))  # no database: more of them take less time
ANSWERING = ("mette", "dora")
HOUSE = House(library(), "Fjordby Kommune")

# --- what people do ---------------------------------------------------------------------------------------------------------------

# Every § becomes a word nobody has written before, so that it can be found again wherever it ends up.
LONG = f"§ {'x' * 900} §"  # longer than there is room for on the first page
MARKED_UP = "<@U1> *fed* [§](http://x) {{ § }} &amp;"
TEXTS = st.sampled_from(("§", LONG, MARKED_UP, "", "§ 010115-1234", "§\r\n\n\x00\u202e§", f"§ {'x' * 3000}"))
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
    """Press a button of the card in front; `twice` when the platform delivers it twice."""

    who: str
    nth: int
    filled: Filled
    twice: bool = False


@dataclass(frozen=True)
class OnOldCard:
    """Press a button of an old card: of all that do this, the latest or one before it."""

    who: str
    act: str
    back: int
    filled: Filled


@dataclass(frozen=True)
class Type:
    """Type a line; `twice` when the platform delivers it twice."""

    who: str
    line: str
    twice: bool = False


@dataclass(frozen=True)
class Finish:
    """Answer everything, choosing by turns from `choices`, and send it."""

    who: str
    choices: tuple[int, int]
    line: str


@dataclass(frozen=True)
class Change:
    """Go back to the review, change the nth answer, and answer what follows from it."""

    who: str
    nth: int
    choices: tuple[int, int]
    line: str


@dataclass(frozen=True)
class NewInitiative:
    """The consultant imports one more indsats."""


ACTS = ("answer", "submit", "keep", "skip", "goto", "back", "pause", "preview", "review", "open", "post")
Move = OnCard | OnOldCard | Type | Finish | Change | NewInitiative
WHO = st.sampled_from(ANSWERING)
FILLED = st.one_of(
    st.just(Filled()),
    st.just(Filled("§", "2028-09-01", 1, "§")),
    st.just(Filled("§ 010115-1234")),
    st.builds(Filled, TEXTS),
    st.builds(Filled, st.none() | TEXTS, st.none() | DAYS, st.none() | st.integers(-1, 5), st.none() | TEXTS),
)
CHOSEN = st.tuples(st.integers(0, 4), st.integers(0, 4))
LINES = st.sampled_from(("§", LONG, MARKED_UP))
FINISH = st.builds(Finish, WHO, CHOSEN, LINES)
MOVES: st.SearchStrategy[list[Move]] = st.lists(
    st.one_of(
        st.builds(OnCard, WHO, st.integers(0, 9), FILLED, st.booleans()),
        st.builds(OnCard, WHO, st.integers(0, 4), FILLED),
        st.builds(OnOldCard, WHO, st.sampled_from(ACTS), st.integers(0, 3), FILLED),
        st.builds(Type, WHO, TEXTS | st.sampled_from(COMMANDS), st.booleans()),
        FINISH,
        st.builds(Change, WHO, st.integers(0, 3), CHOSEN, LINES),
        st.builds(NewInitiative),
    ),
    min_size=3,
    max_size=20,
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
    for goal in page.goals:
        values += [goal.reading, goal.score, goal.reading_source, goal.no_data, goal.basis, goal.challenge, goal.next]
        values += [value for _, value in goal.other]
    return values


def numbers_in(said: Sequence[object]) -> list[Decimal]:
    """The numbers that were given by somebody, wherever they stand."""
    return sorted(Decimal(one) for one in map(str, said) if re.fullmatch(r"[0-9]+", one))


# --- the people who do it, and what must hold ---------------------------------------------------------------------------------------------


@dataclass
class Play:
    """Two people who may answer for Solsikken, everything they were shown, and what must hold after every turn."""

    town: Town
    dialogue: int
    users: dict[str, User]
    shown: dict[str, list[tuple[Button, Card]]] = field(default_factory=lambda: {who: [] for who in ANSWERING})
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.now = self.read()

    def do(self, move: Move) -> None:
        match move:
            case OnCard(who, nth, filled, twice):
                buttons = self.users[who].card.buttons
                if buttons:
                    self.press(who, buttons[nth % len(buttons)], self.users[who].card, filled, twice=twice)
            case OnOldCard(who, act, back, filled):
                alike = [one for one in self.shown[who] if one[0].press.act == act][-1 - back :]
                if alike:
                    self.press(who, *alike[0], filled)
            case Type(who, line, twice):
                self.send(who, Said(self.written(line)), twice=twice)
            case Finish(who, choices, line):
                self.finish(who, choices, line)
            case Change(who, nth, choices, line):
                self.change(who, nth, choices, line)
            case NewInitiative():
                self.town.initiative("solsikken", "Endnu en indsats", source="direktion")
                self.now = self.read()

    def written(self, line: str) -> str:
        return re.sub("§", lambda _: f"ord{next(self.numbers)}", line)

    def press(self, who: str, button: Button, card: Card, filled: Filled, *, twice: bool = False) -> None:
        inputs: dict[str, Raw] = {}
        for one in card.inputs:
            inputs |= self.put_into(one, filled)
        before = self.now
        self.send(who, Pressed(button.press, inputs), twice=twice)
        if button.press.act in {"answer", "skip", "keep"} and button.press.revision != before.revision:
            assert self.now.rows == before.rows, "an old card changed an answer"
        if self.now.sent_revision != before.sent_revision:
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

    def send(self, who: str, intent: Intent, *, twice: bool = False) -> None:
        event = f"play-{next(self.numbers)}"
        self.turn(who, event, intent)
        if twice:
            before = self.now
            self.turn(who, event, intent)
            assert self.now == before, "the same event twice changed something"

    def turn(self, who: str, event: str, intent: Intent) -> None:
        user = self.users[who]
        user.reply = user.send(intent, event=event)
        self.shown[who] += [(button, user.card) for button in user.card.buttons]
        before, self.now = self.now, self.read()
        self.look(user.card, before)

    def finish(self, who: str, choices: tuple[int, int], line: str) -> None:
        """Answer what is asked, one thing after the other, until it is sent."""
        self.send(who, Opened())
        self.go_on(who, choices, line, until="sent")
        assert self.now.sent_revision == self.now.revision
        assert not self.now.waiting

    def change(self, who: str, nth: int, choices: tuple[int, int], line: str) -> None:
        review = next((one for one in self.shown[who] if one[0].press.act == "review"), None)
        if review is None:
            return
        self.press(who, *review, Filled())
        edits = [one for one in self.users[who].card.buttons if one.press.act == "goto"]
        self.press(who, edits[nth % len(edits)], self.users[who].card, Filled())
        self.go_on(who, choices, line, until="review")

    def go_on(self, who: str, choices: tuple[int, int], line: str, *, until: str) -> None:
        for number in range(80):
            card = self.users[who].card
            if card.kind == until:
                return
            choice = choices[number % 2]
            self.press(who, way_on(card, choice), card, Filled(line, "", None, "§" if choice % 2 else ""))
        raise AssertionError(f"no way to »{until}«")

    # --- what must hold ---------------------------------------------------------------------------------------------------------

    def look(self, card: Card, before: Kept) -> None:
        self.look_at_buttons(card)
        self.look_at_rows(self.now, before)
        if any(button.press.dialogue == self.dialogue for button in card.buttons):
            self.look_at_place(card, self.now)
        if self.now.sent_revision is not None:
            self.look_at_post(self.now, self.now.sent_revision)

    def look_at_buttons(self, card: Card) -> None:
        for button in card.buttons:
            assert Press.parse(button.press.token) == button.press
            assert len(button.press.token) <= 150

    def look_at_rows(self, now: Kept, before: Kept) -> None:
        assert before.revision <= now.revision <= before.revision + 1, "a turn is one change at most"
        assert {one.revision for one in now.rows} == set(range(1, now.revision + 1)), "every change left its answers"
        standing = [one.place for one in now.rows if one.replaced_revision is None]
        assert len(standing) == len(set(standing)), "one answer stands at a place"
        latest = [one.values for one in now.rows if one.revision == now.revision]
        assert not looks_like_cpr(str(latest)), "a CPR number was stored"
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
        post = self.post
        assert set(words_in(text.render(post, width=100_000))) == set(said)
        page = summarise(now.script, now.subjects, answers, {})
        assert words_in(told(page)) == said, "every answer once"
        statuses = [
            (choice.label.da, stop.subject.title)
            for stop in stops
            if (choice := stop.step.fields[0].choice(str(answers.get(stop.place, {}).get("status"))))
        ]
        assert [(entry.status.label.da, entry.subject.title) for entry in page.entries if entry.status] == statuses
        assert in_thread(post) == statuses

    def look_at_the_end(self, who: str) -> None:
        """Whoever comes back is asked the first thing that has no answer."""
        self.send(who, Opened())
        for act in ("review", "open"):  # what was sent already is shown in review first
            way_in = next((one for one in self.users[who].card.buttons if one.press.act == act), None)
            if way_in is not None:
                self.press(who, way_in, self.users[who].card, Filled())
        card, waiting = self.users[who].card, self.now.waiting
        if waiting:
            assert place_of(card) == waiting[0]
        else:
            assert card.kind in {"review", "sent"}

    def read(self) -> Kept:
        return self.town.do(lambda connection: kept(connection, self.dialogue))

    @property
    def post(self) -> Card:
        """What the courier would post now."""

        def ready(connection: Connection) -> Card:
            planned = Work(connection).outbox.delivery(summary_key(self.dialogue))
            assert planned is not None, "sent, and nothing is planned"
            prepared = prepare(self.town.house, Work(connection), planned, self.town.now)
            assert isinstance(prepared, Ready), prepared
            return prepared.card

        return self.town.do(ready)


def in_thread(post: Card) -> list[tuple[str, str]]:
    """The statuses and titles of the entries in a post's thread, as they stand there."""
    points = [part for below in post.thread for part in below.walk() if isinstance(part, Points)]
    heads = [item[0].runs for part in points for item in part.items]
    return [(runs[0].text.split(" ", 1)[1].removesuffix(": "), runs[1].text) for runs in heads]


def picked(one: Input, nth: int | None) -> tuple[str, ...]:
    if nth is None:
        offered = {option.value for option in one.options}
        return tuple(value for value in one.chosen if value in offered)  # a form can keep no other
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


@pytest.fixture(scope="module")
def database(second_spring: Path) -> Iterator[Database]:
    """A database whose file is put there anew for every example: statements are built once, not every time."""
    with open_database(f"sqlite:///{second_spring.with_name('played.sqlite')}") as opened:
        yield opened


def start_over(database: Database, second_spring: Path) -> Play:
    """Both who may answer, in front of a spring that nobody has touched."""
    database.engine.dispose()
    file = second_spring.with_name("played.sqlite")
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    shutil.copyfile(second_spring, file)
    town = Town(database, HOUSE, at_nine(date(2028, 3, 10)))
    play = Play(town, town.dialogue("solsikken"), {who: town.user(who) for who in ANSWERING})
    for who in ANSWERING:
        play.send(who, Opened())
    return play


INTO_IT = OnCard("mette", 0, Filled())
DELAYED = OnCard("mette", 2, Filled())
HEALTHY, STOPPED = (Change("mette", 0, (choice, choice), "§") for choice in (1, 4))
PREVIEW, SEND_OLD = (OnOldCard("mette", act, 0, Filled()) for act in ("preview", "submit"))


@STEADY
@given(moves=MOVES, first=st.none() | FINISH)
@example(
    moves=[INTO_IT, DELAYED, OnCard("mette", 2, Filled("§ 010115-1234"))], first=None
)  # left with a CPR number in it
@example(moves=[INTO_IT, Type("mette", "I gang", twice=True)], first=None)
@example(
    moves=[HEALTHY, PREVIEW, STOPPED, SEND_OLD], first=Finish("mette", (2, 2), "§")
)  # changed since it was previewed
def test_whatever_is_pressed_and_typed_the_route_has_no_gaps_and_the_post_holds_the_answers_sent(
    database: Database, second_spring: Path, moves: list[Move], first: Finish | None
) -> None:
    play = start_over(database, second_spring)
    for move in [first, *moves] if first else moves:
        play.do(move)
    for who in ANSWERING:
        play.look_at_the_end(who)


# --- any script through the engine -----------------------------------------------------------------------------------------------------


def words(said: str) -> Wording:
    return Wording(said, said)


CHOICES = tuple(
    Choice(one, words(one), concern=one == "c", counts_as=counts_as)
    for one, counts_as in zip("abc", (Attainment.REACHED, Attainment.PARTLY, None), strict=True)
)
SCALE = (Mark(Decimal(10), Attainment.REACHED), Mark(Decimal(0), Attainment.PARTLY))
CHOICE_ROLES = (None, Role.STATUS, Role.ATTAINMENT, Role.CAUSE, Role.CONSEQUENCE, Role.BOARD)
NUMBER_ROLES = (None, Role.READING, Role.ATTAINMENT)
TEXT_ROLES = (
    *(None, Role.CHALLENGE, Role.REMEDY, Role.NEXT, Role.REMARK, Role.READING_SOURCE, Role.NO_DATA, Role.BASIS),
    *(Role.DEVIATION_CAUSE, Role.THEME),
)


@st.composite
def steps(draw: st.DrawFn, section: str) -> tuple[Step, ...]:
    """Steps of choices, texts and numbers; each may hang on choices before it, on a number's scale, or on a skipped step."""
    made: list[Step] = []
    offered: dict[str, str] = {}  # by field, what a condition can say of it
    for number in range(draw(st.integers(1, 4))):
        name = f"{section}_{number}"
        hangs_on = draw(st.lists(st.sampled_from(sorted(offered)), unique=True, max_size=2)) if offered else []
        listed = [(one, draw(st.frozensets(st.sampled_from(offered[one].split()), min_size=1))) for one in hangs_on]
        if made and draw(st.sampled_from((True, False))):
            listed.append((SKIPPED, frozenset({draw(st.sampled_from([step.id for step in made]))})))
        kind = draw(st.sampled_from((Kind.CHOICE, Kind.TEXT, Kind.NUMBER)))
        if kind is Kind.CHOICE:
            asked = Field(name, kind, words(name), choices=CHOICES, role=draw(st.sampled_from(CHOICE_ROLES)))
            offered[name] = "a b c"
        elif kind is Kind.NUMBER:
            asked = Field(name, kind, words(name), scale=SCALE, role=draw(st.sampled_from(NUMBER_ROLES)))
            offered[name] = "reached partly"
        else:
            asked = Field(name, kind, words(name), role=draw(st.sampled_from(TEXT_ROLES)), optional=True)
        made.append(Step(name, (asked,), when=Condition(tuple(listed)), skip=words("Spring over")))
    return tuple(made)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    sections = tuple(
        Section(
            f"s{number}",
            draw(steps(f"s{number}")),
            each=draw(st.sampled_from((INITIATIVE, engine.GOAL, engine.BOARD, None))),
        )
        for number in range(draw(st.integers(1, 3)))
    )
    return Script("drawn", words("Trukket"), sections)


SUBJECTS = (
    *(Subject(f"initiative-{number}", INITIATIVE, f"Indsats {number}") for number in range(1, 4)),
    *(Subject(f"goal-{number}", engine.GOAL, f"Mål {number}") for number in range(1, 3)),
    Subject("board", engine.BOARD, "Bestyrelsen"),
)
CHANGES = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc") | st.none()), max_size=30)


def all_stops(script: Script, subjects: Sequence[Subject]) -> list[Stop]:
    """Every step of every subject, on the route or not."""
    return [
        Stop(section, subject, step)
        for section in script.sections
        for subject in (
            (engine.WHOLE,) if section.each is None else [one for one in subjects if one.kind == section.each]
        )
        for step in section.steps
    ]


def given_to(stop: Stop, choice: str | None, number: int) -> Mapping[str, object]:
    """An answer to a stop: that choice, or a word of its own; None skips it."""
    (asked,) = stop.step.fields
    if choice is None:
        return {}
    if asked.kind is Kind.NUMBER:
        return {asked.id: str("abc".index(choice) * 10 + number * 100)}  # a number nobody else has given
    return {asked.id: choice if asked.kind is Kind.CHOICE else f"ord{number}"}


def in_a_condition(stop: Stop, values: Mapping[str, object]) -> Mapping[str, object]:
    """What was answered, as conditions name it."""
    (asked,) = stop.step.fields
    if asked.kind is Kind.NUMBER and asked.id in values:
        return {asked.id: "reached" if Decimal(str(values[asked.id])) >= SCALE[0].least else "partly"}
    return values


def check_route(script: Script, subjects: Sequence[Subject], answers: Answers) -> None:
    """The route passes just the stops whose conditions hold by what stands on the route before them."""
    stops = list(engine.route(script, subjects, answers))
    passed = {stop.place for stop in stops}
    everywhere = all_stops(script, subjects)
    assert [stop for stop in everywhere if stop.place in passed] == stops, "the order asked is the script's"
    for stop in everywhere:
        counted: dict[str, object] = {}
        skipped: set[str] = set()
        for other in stops:
            if (other.section, other.subject) == (stop.section, stop.subject) and other.step != stop.step:
                counted |= in_a_condition(other, answers.get(other.place, {}))
                skipped |= {other.step.id} if answers.get(other.place) == {} else set()
        holds = all(
            bool(skipped & listed) if name == SKIPPED else counted.get(name) in listed
            for name, listed in stop.step.when.all_of
        )
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
        stops = list(engine.route(script, SUBJECTS, answers))
        assert words_in(told(page)) == words_in(said_on(stops, answers))
        assert numbers_in(told(page)) == numbers_in(said_on(stops, answers))
        assert len(page.talk) <= MOST_POINTS
        assert {one.subject.id for one in page.goals} == {
            stop.subject.id for stop in stops if stop.section.each == engine.GOAL and stop.place in answers
        }


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
