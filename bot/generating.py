"""Municipalities that never were, of any size: for tests, rehearsal and measurement.

Promises: the same number of units and the same seed give the same municipality, to the letter. It has three levels above the units
(kommune, forvaltninger of ten afdelinger, afdelinger of thirty units), ten initiatives a unit, a leader everywhere, and in a
database two rounds of sent answers: everybody's in the autumn, three of four units' in the spring. Everything in it is made up.
"""

from __future__ import annotations

import random
import sys
from argparse import Namespace
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import yaml

from bot.clock import morning
from bot.opening import CannotOpenError, Words, library_from, opened, settings_from, told
from bot.rehearsal import FOLDER, read_story
from dialogs.freezing import freeze
from dialogs.library import Library
from dialogs.rounds import Round, round_in
from store.database import Database
from store.planting import plant
from store.standing import change_in_words, in_words
from store.work import Work, digest_of
from store.workbook.exporting import write_workbook
from store.workbook.municipality import Agreement, Goal, Initiative, Municipality, Person, Post, Unit

TODAY = date(2027, 3, 23)
"""The day a generated municipality is made for: in the spring round, nine days before its deadline."""
AFDELING, FORVALTNING = 30, 10  # units in an afdeling, afdelinger in a forvaltning
SINCE, UNTIL = date(2025, 1, 1), date(2027, 6, 30)
MODEL = "dialogaftale"
MOST_IN_A_WORKBOOK = 3000  # units; Excel's own limit comes later, the patience of a reader long before
EACH = (("politik", 4), ("direktion", 2), ("lokal", 4))  # initiatives of a unit, by source
STATUSES = (("on_plan", 62), ("completed", 74), ("not_started", 84), ("delayed", 97), ("stopped", 100))
ATTAINED = (("reached", 35), ("partly", 70), ("not_reached", 85), ("unknown", 100))
ANSWERED = 75  # of a hundred units, in the spring


@dataclass(frozen=True, slots=True)
class Pieces:
    """What generated.yaml says."""

    kinds: Sequence[str]
    places: Sequence[str]
    forvaltninger: Sequence[str]
    afdelinger: Sequence[str]
    first: Sequence[str]
    last: Sequence[str]
    goals: Mapping[str, Sequence[str]]
    initiatives: Sequence[str]
    delays: Sequence[Mapping[str, str]] = field(default=())


def read_pieces(path: Path = FOLDER / "generated.yaml") -> Pieces:
    """The pieces as they are written, with what Fjordby's leaders say of delays."""
    story = read_story()
    return Pieces(**yaml.safe_load(path.read_text(encoding="utf-8")), delays=(*story.delays, *story.stops))


# --- the municipality ---------------------------------------------------------------------------------------------------------------


def municipality(units: int, seed: int, pieces: Pieces) -> Municipality:
    """A municipality with so many units, all with agreements."""
    chance = random.Random(seed)  # noqa: S311 - the same every time is the point
    places = tuple(_units(units, pieces))
    people = tuple(_people(len(places) + 2, chance, pieces))
    answering = [one for one in places if one.kind == "enhed"]
    goals = tuple(_goals(answering, pieces))
    return Municipality(
        units=places,
        people=people,
        posts=tuple(_posts(places, people)),
        agreements=tuple(Agreement(f"{one.code}-2025", one.code, SINCE, UNTIL) for one in answering),
        goals=goals,
        initiatives=tuple(_initiatives(answering, pieces, chance)),
    )


def _units(count: int, pieces: Pieces) -> Iterator[Unit]:
    yield Unit("k", "Kommunen", "forvaltning", model=MODEL)
    for number in range(count):
        at, below = divmod(number, AFDELING)
        over, inside = divmod(at, FORVALTNING)
        if not below and not inside:
            yield Unit(
                f"f{over}", _called(pieces.forvaltninger, over), "forvaltning", "k", slack_channel=f"f{over}-ledelse"
            )
        if not below:
            yield Unit(f"a{at}", _called(pieces.afdelinger, at), "afdeling", f"f{over}")
        yield Unit(f"u{number}", _of_two(pieces.kinds, pieces.places, number), "enhed", f"a{at}")


def _called(names: Sequence[str], number: int) -> str:
    """A name from the list, with a number from the second time round."""
    again, at = divmod(number, len(names))
    return f"{names[at]} {again + 1}" if again else names[at]


def _of_two(first: Sequence[str], second: Sequence[str], number: int) -> str:
    again, at = divmod(number, len(first) * len(second))
    name = f"{first[at % len(first)]} {second[at // len(first)]}"
    return f"{name} {again + 1}" if again else name


def _people(count: int, chance: random.Random, pieces: Pieces) -> Iterator[Person]:
    for number in range(count):
        yield Person(f"p{number}@generated.example", f"{chance.choice(pieces.first)} {chance.choice(pieces.last)}")


def _posts(units: Sequence[Unit], people: Sequence[Person]) -> Iterator[Post]:
    """A leader everywhere; at the top a consultant and a member of the executive board too."""
    for unit, person in zip(units, people, strict=False):
        yield Post(person.email, unit.code, "leader", SINCE)
    yield Post(people[-2].email, "k", "consultant", SINCE)
    yield Post(people[-1].email, "k", "direktion", SINCE)


def _goals(units: Sequence[Unit], pieces: Pieces) -> Iterator[Goal]:
    """Political and administrative goals are everybody's or every third's; two local ones are each unit's own."""
    for source in ("politik", "direktion"):
        titles = pieces.goals[source]
        for number, title in enumerate(titles):
            having = sorted(f"{one.code}-2025" for at, one in enumerate(units) if number in _shared(source, at, pieces))
            if having:
                yield Goal(f"{source}-{number}", title, source, tuple(having), measure="%", due_on=UNTIL)
    for at, one in enumerate(units):
        for number in range(2):
            title = pieces.goals["lokal"][(at + number) % len(pieces.goals["lokal"])]
            yield Goal(f"{one.code}-m{number}", title, "lokal", (f"{one.code}-2025",), due_on=UNTIL)


def _shared(source: str, at: int, pieces: Pieces) -> tuple[int, ...]:
    """The shared goals of a unit, two political and one administrative."""
    many = len(pieces.goals[source])
    return (at % many, (at + 1) % many) if source == "politik" else (at % many,)


def _initiatives(units: Sequence[Unit], pieces: Pieces, chance: random.Random) -> Iterator[Initiative]:
    for at, one in enumerate(units):
        number = 0
        for source, count in EACH:
            own = source == "lokal"
            goals = (
                [f"{one.code}-m{n}" for n in range(2)]
                if own
                else [f"{source}-{n}" for n in _shared(source, at, pieces)]
            )
            for turn in range(count):
                due = SINCE + timedelta(days=chance.randrange(300, 900))
                title = chance.choice(pieces.initiatives)
                yield Initiative(
                    f"{one.code}-i{number}", goals[turn % len(goals)], f"{one.code}-2025", title, due_on=due
                )
                number += 1


# --- two rounds of answers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """A round that has opened, with its frozen script."""

    round: Round
    digest: str
    body: str
    sent_at: datetime


def grow(database: Database, made: Municipality, library: Library, seed: int, pieces: Pieces) -> int:
    """Put a generated municipality into an empty database, with two rounds of sent answers; how many rows that were."""
    chance = random.Random(seed + 1)  # noqa: S311
    garden = _Garden(made, _rounds(library), chance, pieces)
    with database.transaction() as connection:
        return plant(connection, garden.rows())


def _rounds(library: Library) -> tuple[Past, Past]:
    """The autumn before the day it is made for, and the spring that is open on it."""
    model = library.models[MODEL]
    autumn, spring = (next(rule for rule in model.rounds if rule.id == name) for name in ("autumn", "spring"))
    return (
        _past(library, round_in(autumn, TODAY.year - 1), morning(date(TODAY.year - 1, 9, 22))),
        _past(library, round_in(spring, TODAY.year), morning(TODAY - timedelta(days=1))),
    )


def _past(library: Library, one: Round, sent_at: datetime) -> Past:
    script = library.models[MODEL].script(one.script)
    if script is None:
        raise LookupError(one.script)
    body = freeze(script)
    return Past(one, digest_of(body), body, sent_at)


class _Garden:
    """The rows of every table, with their numbers."""

    def __init__(self, made: Municipality, rounds: tuple[Past, Past], chance: random.Random, pieces: Pieces) -> None:
        self._made, self._rounds, self._pieces = made, rounds, pieces
        self._unit = {one.code: number for number, one in enumerate(made.units, 1)}
        self._person = {one.email: number for number, one in enumerate(made.people, 1)}
        self._agreement = {one.code: number for number, one in enumerate(made.agreements, 1)}
        self._goal = {one.code: number for number, one in enumerate(made.goals, 1)}
        self._leader = {one.unit: self._person[one.email] for one in made.posts if one.role == "leader"}
        many = len(made.agreements)
        self._answered = [chance.randrange(100) < ANSWERED for _ in range(many)]
        self._then = [_drawn(STATUSES, chance) for _ in made.initiatives]
        self._now = [was if chance.random() < 0.6 else _drawn(STATUSES, chance) for was in self._then]  # noqa: PLR2004
        self._source = {one.code: one.source for one in made.goals}
        self._own: defaultdict[int, list[tuple[int, Initiative]]] = defaultdict(list)
        for at, initiative in enumerate(made.initiatives):
            self._own[self._agreement[initiative.agreement]].append((at, initiative))
        self._goals = [
            (self._agreement[code], one, _drawn(ATTAINED, chance)) for one in made.goals for code in one.agreements
        ]
        self._judged: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for agreement, one, attained in self._goals:
            self._judged[agreement].append((one.source, attained))

    def rows(self) -> Iterator[tuple[str, Iterator[Sequence[object]]]]:
        """Every table with its rows, in the order they are written."""
        made = self._made
        yield (
            "unit",
            (
                (self._unit[u.code], u.code, u.name, self._unit.get(u.parent or ""), u.kind, u.model, u.slack_channel)
                for u in made.units
            ),
        )
        yield "unit_closure", self._closure()
        yield (
            "person",
            ((number, p.email, p.name, "da", "Europe/Copenhagen") for number, p in enumerate(made.people, 1)),
        )
        yield (
            "post",
            (
                (number, self._person[p.email], self._unit[p.unit], p.role, p.from_day)
                for number, p in enumerate(made.posts, 1)
            ),
        )
        yield (
            "agreement",
            ((number, a.code, self._unit[a.unit], a.from_day, a.to_day) for number, a in enumerate(made.agreements, 1)),
        )
        yield (
            "goal",
            (
                (number, g.code, None, g.title, g.source, None, g.measure, None, None, g.due_on)
                for number, g in enumerate(made.goals, 1)
            ),
        )
        yield "script", ((past.digest, past.body) for past in self._rounds)
        yield "dialogue", self._dialogues()
        yield "agreement_goal", self._shared()
        yield "initiative", self._initiatives()
        yield "answer", self._answers()

    def _closure(self) -> Iterator[Sequence[object]]:
        above: dict[str, tuple[int, ...]] = {}
        for unit in self._made.units:
            above[unit.code] = (self._unit[unit.code], *above.get(unit.parent or "", ()))
            own = above[unit.code]
            yield from ((ancestor, own[0], depth) for depth, ancestor in enumerate(own))

    def _dialogue(self, agreement: int, turn: int) -> int:
        return (agreement - 1) * 2 + turn + 1

    def _dialogues(self) -> Iterator[Sequence[object]]:
        for number, agreement in enumerate(self._made.agreements, 1):
            for turn, past in enumerate(self._rounds):
                is_sent = not turn or self._answered[number - 1]
                one = past.round
                sent = (1, 1, past.sent_at, self._leader[agreement.unit]) if is_sent else (0, None, None, None)
                key = (self._dialogue(number, turn), number, MODEL, one.id, one.opens_on, one.due_on, past.digest)
                told = self._told(number, turn) if is_sent else (None, None, None)
                change = change_in_words(told[0], self._told(number, 0)[0]) if turn else None
                since = self._rounds[0].round.due_on if change is not None else None
                yield (*key, *sent, self._dialogue(number, 0) if turn else None, *told, change, since)

    def _told(self, agreement: int, turn: int) -> tuple[str | None, str | None, int]:
        """What a dialogue told of its initiatives and goals, and how many are worth talking about."""
        statuses = self._now if turn else self._then
        own = [(self._source[one.goal], statuses[at]) for at, one in self._own[agreement]]
        concerns = sum(status in {"delayed", "stopped"} for _, status in own)
        return in_words(Counter(own)), in_words(Counter(self._judged[agreement])), concerns

    def _shared(self) -> Iterator[Sequence[object]]:
        for agreement, goal, attained in self._goals:
            yield agreement, self._goal[goal.code], attained, self._dialogue(agreement, 0)

    def _initiatives(self) -> Iterator[Sequence[object]]:
        for at, one in enumerate(self._made.initiatives):
            agreement = self._agreement[one.agreement]
            answered = self._answered[agreement - 1]
            stands = (self._now[at] if answered else self._then[at], self._dialogue(agreement, int(answered)))
            yield (at + 1, one.code, self._goal[one.goal], agreement, one.title, None, one.due_on, *stands)

    def _answers(self) -> Iterator[Sequence[object]]:
        """The status of every initiative in both rounds, and what is said of the delayed and the stopped."""
        for at, one in enumerate(self._made.initiatives):
            agreement = self._agreement[one.agreement]
            by = self._leader[self._made.agreements[agreement - 1].unit]
            told = (self._then[at], self._now[at] if self._answered[agreement - 1] else None)
            for turn, status in enumerate(told):
                if status is None:
                    continue
                place = (self._dialogue(agreement, turn), f"initiative-{at + 1}")
                who = (1, by, "web", self._rounds[turn].sent_at)
                yield (*place, "status", {"status": status}, *who)
                if status in {"delayed", "stopped"}:
                    said = self._pieces.delays[(at + turn) % len(self._pieces.delays)]
                    yield (*place, "challenge", {key: said[key] for key in ("cause", "remedy") if said[key]}, *who)


def _drawn(weights: Sequence[tuple[str, int]], chance: random.Random) -> str:
    number = chance.randrange(100)
    return next(name for name, below in weights if number < below)


# --- the command ----------------------------------------------------------------------------------------------------------------------


def generate(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Write a generated municipality to a workbook, or into the empty database of the settings with two rounds of answers."""
    try:
        _refuse_what_is_unclear(asked, said)
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        pieces = read_pieces()
        made = municipality(asked.units, asked.seed, pieces)
        if asked.workbook is not None:
            _write(asked, said, made, library)
        else:
            with opened(settings, library, said) as house:
                _refuse_what_is_there(house.database, said)
                count = grow(house.database, made, library, asked.seed, pieces)
            sys.stdout.write(said["generate.grown"].format(rows=count, today=TODAY.isoformat()) + "\n")
    except CannotOpenError as fault:
        return told(fault)
    return 0


def _refuse_what_is_unclear(asked: Namespace, said: Words) -> None:
    if asked.units < 1 or (asked.workbook is None) == (not asked.database):
        raise CannotOpenError(said["generate.where"])


def _refuse_what_is_there(database: Database, said: Words) -> None:
    with database.transaction() as connection:
        if not Work(connection).is_empty():
            raise CannotOpenError(said["generate.not_empty"])


def _write(asked: Namespace, said: Words, made: Municipality, library: Library) -> None:
    path: Path = asked.workbook
    if asked.units > MOST_IN_A_WORKBOOK:
        raise CannotOpenError(said["generate.too_many"].format(most=MOST_IN_A_WORKBOOK))
    if path.exists() and not asked.force:
        raise CannotOpenError(said["exists"].format(path=path))
    try:
        write_workbook(made, path, library.models, language=asked.lang)
    except OSError as fault:
        raise CannotOpenError(said["cannot_write"].format(path=path, reason=fault.strerror)) from None
    sys.stderr.write(said["written"].format(path=path) + "\n")
