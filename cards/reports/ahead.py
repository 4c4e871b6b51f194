"""What lies ahead: next year's themes, the next agreement, the board, and how the revised plan of the executive board is put in.

Promises: each unit's last answer to every question the municipality's own scripts ask at the end, but for the budget, which has its
own section, and for what the leader wants to talk with the nearest leader about, which is between the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cards.asking import in_words
from cards.reports.prose import stopped
from cards.reports.report import Block, Heading, Kind, Listing, Paragraph
from cards.reports.year import Year
from cards.scene import Scene
from dialogs.engine import GOAL, INITIATIVE, Stop, Subject
from dialogs.results import is_about_money
from dialogs.script import Field, Role, Section
from dialogs.script import Kind as Asked


@dataclass(frozen=True, slots=True)
class _Answer:
    """One unit's answer to one question."""

    unit: int
    scene: Scene
    section: Section
    subject: Subject
    field: Field
    value: object

    @property
    def in_words(self) -> str:
        return in_words(self.scene, self.field, self.value, self.subject)


def told(year: Year, level: int = 2) -> tuple[Block, ...]:
    """The answers under the name of what was asked: choices counted where there are many units, words as they were written."""
    blocks = tuple(block for answers in _by_section(year).values() for block in _section(year, answers, level))
    return blocks or (Paragraph(year.say("ahead.none")),)


def _by_section(year: Year) -> Mapping[str, Sequence[_Answer]]:
    last: dict[tuple[str, int, str, str], _Answer] = {}
    for held in year.findings.held:
        for stop in held.scene.stops:
            if _is_ahead(held.scene, stop):
                for field, value in _said(held.scene, stop):
                    key = (stop.section.id, held.unit.id, stop.subject.id, field.id)
                    last.pop(key, None)
                    last[key] = _Answer(held.unit.id, held.scene, stop.section, stop.subject, field, value)
    found: dict[str, list[_Answer]] = {}
    for (section, *_), answer in last.items():
        found.setdefault(section, []).append(answer)
    return found


def _said(scene: Scene, stop: Stop) -> Iterator[tuple[Field, object]]:
    values = scene.answers.get(stop.place, {})
    for field in stop.step.fields:
        is_elsewhere = field.role is Role.REMARK or is_about_money(scene.script, field)
        if field.id in values and not is_elsewhere:
            yield field, values[field.id]


def _is_ahead(scene: Scene, stop: Stop) -> bool:
    """Whether a stop is about no goal, and not about how an initiative goes."""
    first = next((one for one in scene.script.sections if one.each == INITIATIVE), None)
    return stop.section.each != GOAL and stop.section is not first


def _section(year: Year, answers: Sequence[_Answer], level: int) -> Iterator[Block]:
    section, scene = answers[0].section, answers[0].scene
    title = section.title.in_(year.language) if section.title else year.say("ahead.other")
    yield Heading(title, level)
    if year.findings.kind is Kind.UNIT:
        yield Listing(tuple(_lines(year, answers)))
        return
    for question, counted in _counted(answers).items():
        yield Paragraph(scene.asks(question.ask))
        yield Listing(tuple(year.say("ahead.times", answer=one, number=year.count(many)) for one, many in counted))
    written = tuple(_written(year, answers))
    if written:
        yield Listing(written)


def _lines(year: Year, answers: Sequence[_Answer]) -> Iterator[str]:
    """One unit's answers: the question, or what it is about, and the answer."""
    for one in answers:
        about = one.subject.title if one.section.each == INITIATIVE else one.scene.asks(one.field.ask)
        yield f"{about}{'' if about.endswith('?') else ':'} {_answer(year, one)}"


def _answer(year: Year, one: _Answer) -> str:
    said = " ".join(one.in_words.split())
    return year.quoted(said) if one.field.kind is Asked.TEXT else said


def _counted(answers: Sequence[_Answer]) -> Mapping[Field, Sequence[tuple[str, int]]]:
    """The choices of many units, each with how many chose it, in the order offered."""
    found: dict[str, tuple[Field, Counter[str]]] = {}
    for one in answers:
        if one.field.kind is Asked.CHOICE:
            found.setdefault(one.field.id, (one.field, Counter()))[1][one.in_words] += 1
    return {field: sorted(counts.items(), key=lambda one: _place(answers, one[0])) for field, counts in found.values()}


def _place(answers: Sequence[_Answer], said: str) -> int:
    first = next(one for one in answers if one.in_words == said)
    return next(number for number, one in enumerate(first.field.choices) if one.id == str(first.value))


def _written(year: Year, answers: Sequence[_Answer]) -> Iterator[str]:
    """What the units wrote, a point for each of them and each thing it is about."""
    found: dict[tuple[int, str], list[_Answer]] = {}
    for one in answers:
        if one.field.kind is not Asked.CHOICE:
            found.setdefault((one.unit, one.subject.id), []).append(one)
    for (unit, _), those in found.items():
        about = f", {those[0].subject.title}" if those[0].section.each == INITIATIVE else ""
        is_many = len({one.field.id for one in those}) > 1
        said = (
            f"{one.scene.asks(one.field.ask)} {_answer(year, one)}" if is_many else _answer(year, one) for one in those
        )
        yield f"{year.unit(unit)}{about}: {' '.join(stopped(one) for one in said)}"
