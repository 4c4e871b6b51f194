"""The answers that are about no indsats and no goal, by section: the economy, next year's themes, the board, the next agreement.

Promises: each answer stands on the first page, and whole in the thread as well where it had to be cut. What a later section asked
of every initiative is counted; the answers themselves stand with the initiatives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from cards.asking import COUNTED, in_words
from cards.card import Para, Part, Run, Style, Title
from cards.entries import cut, question
from cards.scene import Scene
from dialogs.answers import as_number
from dialogs.engine import INITIATIVE, Stop
from dialogs.script import Choice, Field, Kind, Role, Section

POINT_TEXT = 280  # characters of one answer on the first page; the whole of it stands in the thread
REMARK_TEXT = 600  # of one beside the closing remark

_AMOUNTS: Final[Mapping[Role | None, str]] = {
    Role.BUDGET: "economy.budget",
    Role.EXPECTED: "economy.expected",
    Role.DEVIATION: "economy.deviation",
}
_OF_THE_DEVIATION: Final[Mapping[Role | None, str]] = {
    Role.DEVIATION_CAUSE: "economy.cause",
    Role.DEVIATION_REMEDY: "economy.remedy",
}

Said = tuple[Field, object]


@dataclass(frozen=True, slots=True)
class Block:
    """A section's answers, and those of them, whole, that had to be cut."""

    title: str
    short: tuple[Para, ...]
    whole: tuple[Para, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """As it stands on the first page."""
        return (Title(self.title, 2), *self.short) if self.title else self.short


def blocks(scene: Scene) -> Iterator[Block]:
    """The sections that have a name of their own, in the order they are asked."""
    stops = (stop for stop in scene.stops if stop.place in scene.answers)
    for section, group in groupby(stops, key=lambda stop: stop.section):
        if section.each == INITIATIVE and section is not _first(scene):
            yield _counted(scene, section, list(group))
        elif section.each not in COUNTED and is_named(section):
            yield _block(scene, section, list(group))


def _first(scene: Scene) -> Section | None:
    return next((one for one in scene.script.sections if one.each == INITIATIVE), None)


def is_named(section: Section) -> bool:
    """Whether a section's answers stand under its name; those beside the closing remark stand after it."""
    return section.title is not None and not any(
        one.role is Role.REMARK for step in section.steps for one in step.fields
    )


def beside_the_remark(scene: Scene, closing: Sequence[Said]) -> Block:
    """The closing answers that stand under no name."""
    named = {
        one for section in scene.script.sections if is_named(section) for step in section.steps for one in step.fields
    }
    return _of_answers(scene, "", [said for said in closing if said[0] not in named])


def _block(scene: Scene, section: Section, stops: Sequence[Stop]) -> Block:
    given = [
        (one, values[one.id])
        for stop, values in _answered(scene, stops)
        for one in stop.step.fields
        if one.id in values
    ]
    pressed = [scene.asks(stop.step.skip) for stop, values in _answered(scene, stops) if not values and stop.step.skip]
    block = _of_answers(scene, scene.asks(section.title), given)
    return Block(block.title, (*block.short, *(_para(one) for one in pressed)), block.whole)


def _answered(scene: Scene, stops: Sequence[Stop]) -> Iterator[tuple[Stop, Mapping[str, object]]]:
    return ((stop, scene.answers[stop.place]) for stop in stops)


def _of_answers(scene: Scene, title: str, given: Sequence[Said]) -> Block:
    amounts = " · ".join(_amounts(scene, given))
    others = [(field, value) for field, value in given if field.role not in _AMOUNTS]
    limit = POINT_TEXT if title else REMARK_TEXT
    short = [_told(scene, field, value, limit) for field, value in others]
    whole = [_told(scene, field, value, None) for field, value in others]
    longer = tuple(one for one, shown in zip(whole, short, strict=True) if one != shown)
    first = (_para(amounts[:1].upper() + amounts[1:], Style.STRONG),) if amounts else ()
    return Block(title, (*first, *short), longer)


def _told(scene: Scene, field: Field, value: object, limit: int | None) -> Para:
    if field.role in _OF_THE_DEVIATION:
        return _para(scene.say(_OF_THE_DEVIATION[field.role], text=cut(scene, in_words(scene, field, value), limit)))
    return question(scene, field, value, limit)


def _amounts(scene: Scene, given: Sequence[Said]) -> Iterator[str]:
    """Budget, expected and deviation in one line; the deviation with the sign that the other two give it."""
    by_role = {field.role: as_number(value) for field, value in given}
    budget, expected = by_role.get(Role.BUDGET), by_role.get(Role.EXPECTED)
    sign = ""
    if budget is not None and expected is not None and budget != expected:
        sign = "+" if expected > budget else "\N{MINUS SIGN}"
    for field, value in given:
        if field.role in _AMOUNTS:
            before = f"{sign}\N{NO-BREAK SPACE}" if sign and field.role is Role.DEVIATION else ""
            yield scene.say(_AMOUNTS[field.role], amount=before + in_words(scene, field, value))


def _counted(scene: Scene, section: Section, stops: Sequence[Stop]) -> Block:
    """How many initiatives got each answer; the answers stand in the thread, each with its initiative."""
    chosen: dict[Choice, int] = {}
    for stop, values in _answered(scene, stops):
        for one in stop.step.fields:
            choice = one.choice(str(values.get(one.id, ""))) if one.kind is Kind.CHOICE else None
            if choice:
                chosen[choice] = chosen.get(choice, 0) + 1
    said = [
        scene.say("summary.tally", symbol=one.symbol, number=count, label=one.label.in_(scene.language)).strip()
        for one, count in chosen.items()
    ]
    rest = Run(f"{' – ' if said else ''}{scene.say('summary.in_thread')}", Style.QUIET)
    return Block(scene.asks(section.title), (Para((Run(" · ".join(said), Style.STRONG), rest) if said else (rest,)),))


def _para(text: str, style: Style = Style.PLAIN) -> Para:
    return Para((Run(text, style),))
