"""What was said of one initiative or of one goal in a dialogue, as labels with what they say.

Promises: whole. Every answer stands once, under the name of what was asked; what somebody wrote stands in quotation marks. What the
tables of the record show already, a status with its deadlines or a reading with its day, is not said again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cards.asking import in_names, in_words
from cards.reports.report import Cell, Fact
from cards.reports.year import Year
from cards.scene import Scene
from dialogs.engine import WHOLE, Subject
from dialogs.script import Attainment, Field, Role, Wording
from dialogs.script import Kind as Asked
from dialogs.summary import Entry, GoalEntry


def of_initiative(year: Year, scene: Scene, said: Entry) -> Iterator[Fact]:
    """What was said of an initiative besides its status and its deadline."""
    yield from _words(year, challenge=said.challenge, remedy=said.remedy)
    if needed := in_names(scene, said.involve) if said.involve else "":
        yield _fact(year, "involve", needed)
    yield from _what_follows(year, scene, said)
    yield from _skipped(year, scene, said.skipped)
    yield from _others(year, scene, said)


def of_goal(year: Year, scene: Scene, said: GoalEntry) -> Iterator[Fact]:
    """What was said of a goal besides its reading and how far it is reached."""
    if said.counts_as is not None and said.status:
        yield _fact(year, "course", f"{said.status.symbol} {said.status.label.in_(year.language)}".strip())
    if said.before and said.counts_as and said.before is not said.counts_as:
        yield _fact(year, "before", f"{year.symbol(said.before)} {year.attainment(said.before)}")
    yield from _words(year, read_source=said.reading_source, no_data=said.no_data)
    if said.next_reading:
        yield _fact(year, "next_reading", scene.texts.date(said.next_reading))
    yield from _words(year, challenge=said.challenge)
    if said.cause:
        yield _fact(year, "cause", said.cause.label.in_(year.language))
    yield from _words(year, basis=said.basis)
    if said.consequence:
        yield _fact(year, "consequence", said.consequence.label.in_(year.language))
    yield from _what_follows(year, scene, said)
    yield from _skipped(year, scene, (one for one in said.skipped if not _is_said(scene, said, one)))
    yield from _others(year, scene, said)


def asked(year: Year, scene: Scene, field: Field, value: object, subject: Subject = WHOLE) -> Fact:
    """An answer under the question it was given to."""
    answer = in_words(scene, field, value, subject)
    return Fact(scene.asks(field.ask), Cell(year.quoted(answer) if field.kind is Asked.TEXT else answer))


def _fact(year: Year, key: str, text: str) -> Fact:
    return Fact(year.say(f"fact.{key}"), Cell(text))


def _words(year: Year, **said: str) -> Iterator[Fact]:
    """What somebody wrote, each by the key of its label."""
    yield from (_fact(year, key, year.quoted(text)) for key, text in said.items() if text)


def _what_follows(year: Year, scene: Scene, said: Entry | GoalEntry) -> Iterator[Fact]:
    yield from _words(year, next=said.next)
    if who := in_names(scene, said.responsible) if said.responsible else "":
        yield _fact(year, "who", who)
    if said.by_when:
        yield _fact(year, "when", scene.texts.date(said.by_when))


def _skipped(year: Year, scene: Scene, pressed: Iterable[Wording]) -> Iterator[Fact]:
    """What was pressed instead of an answer."""
    yield from (_fact(year, "pressed", scene.asks(one)) for one in pressed)


def _is_said(scene: Scene, said: GoalEntry, pressed: Wording) -> bool:
    """Whether what was pressed stands there in other words: why there are no data, or that it cannot be judged yet."""
    unknown = scene.say(f"attainment.{Attainment.UNKNOWN.value}")
    if said.counts_as is Attainment.UNKNOWN and scene.asks(pressed) == unknown:
        return True
    steps = (step for section in scene.script.sections for step in section.steps if step.skip == pressed)
    return bool(said.no_data) and any(one.role is Role.READING for step in steps for one in step.fields)


def _others(year: Year, scene: Scene, said: Entry | GoalEntry) -> Iterator[Fact]:
    """The answers that no role speaks for."""
    yield from (asked(year, scene, field, value, said.subject) for field, value in said.other)
