"""A goal while it is asked about: its figures in words, the judgement given so far, and how a step's numbers are asked for.

Promises: a figure is said only where it is known, and in words; the marks of a trend stand beside them. Numbers and amounts are
shown as Danes type them, also to those who read English, since that is how they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from cards.card import Para, Part, Run, Style
from cards.figures import amount, measured, number, trend
from cards.scene import Scene
from dialogs.answers import as_day, as_number
from dialogs.engine import GOAL, Figures, Reading, Stop, Subject
from dialogs.script import Attainment, Field, Kind, Role

NUMBER_LIMIT = 40  # characters: what is longer is no number
NUMBERS: Final = (Kind.NUMBER, Kind.AMOUNT)
SYMBOLS: Final[Mapping[Attainment, str]] = {
    Attainment.REACHED: "●",
    Attainment.PARTLY: "◑",
    Attainment.NOT_REACHED: "○",
    Attainment.UNKNOWN: "?",
}
_PLACED_BY: Final = frozenset((Role.READING, Role.ATTAINMENT, Role.STATUS))  # the questions one needs the figures for
_AT_MOST_READ: Final = 6  # readings in a trend


def attainment(scene: Scene, one: Attainment) -> str:
    """What a goal counts as, in a word."""
    return scene.say(f"attainment.{one.value}")


# --- what stands above the question -----------------------------------------------------------------------------------------------


def about(scene: Scene, stop: Stop) -> Iterator[Part]:
    """What is known of the goal, above the questions that it is needed for; nothing above those that follow from them."""
    if _asks_for(stop, _PLACED_BY) or stop.step is stop.section.steps[0]:
        yield from _lines(scene, stop)


def _asks_for(stop: Stop, roles: frozenset[Role]) -> bool:
    return any(one.role in roles for one in stop.step.fields)


def _lines(scene: Scene, stop: Stop) -> Iterator[Part]:
    subject = stop.subject
    is_first = stop.step is stop.section.steps[0]
    figures = subject.figures or Figures()
    due = subject.due_on or figures.due_on
    under = [scene.say("goal.objective", objective=subject.goal)] if subject.goal and is_first else []
    under += [scene.say("step.due", due=due)] if due and is_first else []
    under += [scene.say("goal.shared", units=figures.units)] if figures.units > 1 and is_first else []
    if under:
        yield _para(" · ".join(under), Style.QUIET)
    said = " · ".join(_figures(scene, stop, figures))
    if said:
        yield _para(said[:1].upper() + said[1:])
    plan = [scene.say("goal.evidence", evidence=figures.evidence)] if figures.evidence and is_first else []
    plan += (
        [scene.say("goal.planned_reading", day=figures.next_reading_on)] if figures.next_reading_on and is_first else []
    )
    if plan:
        yield _para(" · ".join(plan), Style.QUIET)


def _figures(scene: Scene, stop: Stop, figures: Figures) -> Iterator[str]:
    """The baseline, the latest reading, and the trend against the target; only what is known."""

    def figure(value: Decimal) -> str:
        return measured(value, figures.measure, scene.language)

    if figures.baseline is not None:
        yield scene.say("goal.baseline", figure=figure(figures.baseline)) + _month(scene, figures.baseline_on)
    read = [*figures.readings, *_read_now(scene, stop)]
    if read:
        yield scene.say("goal.latest", figure=figure(read[-1].value)) + _month(scene, read[-1].on)
    drawn = trend([*([figures.baseline] if figures.baseline is not None else []), *(one.value for one in read)])
    if figures.target is not None:
        target = figure(figures.target)
        drawn = drawn[-_AT_MOST_READ:]
        yield (
            scene.say("goal.against", trend=drawn, figure=target) if drawn else scene.say("goal.target", figure=target)
        )


def _month(scene: Scene, day: object) -> str:
    return f" ({scene.say('goal.month', day=day)})" if day else ""


def _read_now(scene: Scene, stop: Stop) -> Iterator[Reading]:
    """What was read earlier in this very dialogue, where the step itself does not ask for it."""
    for other in scene.stops:
        if other.subject.id == stop.subject.id and other.step is not stop.step:
            values = scene.answers.get(other.place, {})
            said = {one.role: values[one.id] for one in other.step.fields if one.id in values}
            value = as_number(said.get(Role.READING))
            if value is not None:
                yield Reading(value, as_day(said.get(Role.READING_ON)) or scene.today)


def _para(text: str, style: Style = Style.PLAIN) -> Para:
    return Para((Run(text, style),))


# --- the judgement so far ---------------------------------------------------------------------------------------------------------


def judgement(scene: Scene, stop: Stop) -> str:
    """How far the goal is reached by what was answered before this step, with its symbol; "" where it is not judged yet."""
    for other in scene.stops:
        if other.place == stop.place:
            break
        if other.subject.id == stop.subject.id:
            for one in other.step.fields:
                if one.role in (Role.ATTAINMENT, Role.STATUS) and other.place in scene.answers:
                    return in_judgement(scene, one, scene.answers[other.place].get(one.id))
    return ""


def in_judgement(scene: Scene, one: Field, value: object) -> str:
    """The answer of a field that judges, as a symbol and a word; left out, it cannot be judged yet."""
    if choice := one.choice(str(value)):
        return f"{choice.symbol} {choice.label.in_(scene.language)}".strip()
    score = as_number(value)
    counts = (one.on_scale(score) if score is not None else None) or Attainment.UNKNOWN
    return f"{SYMBOLS[counts]} {attainment(scene, counts)}"


# --- numbers and amounts ----------------------------------------------------------------------------------------------------------


def measure_of(subject: Subject, one: Field) -> str:
    """What a number counts: the measure of the goal, for its reading."""
    return subject.figures.measure if subject.figures and one.role is Role.READING else ""


def labelled(scene: Scene, stop: Stop, one: Field) -> str:
    """The question, with what the number is to be given in."""
    ask = scene.asks(one.ask)
    measure = scene.say("step.kroner") if one.kind is Kind.AMOUNT else measure_of(stop.subject, one)
    return scene.say("step.measured", ask=ask, measure=measure) if measure and one.kind in NUMBERS else ask


def hint(scene: Scene, stop: Stop, one: Field) -> str:
    """How a number is written, and what it was last time."""
    figures = stop.subject.figures
    if one.role is Role.READING and figures and _offered_reading(scene, stop):
        return scene.say("step.offered_common" if figures.is_common else "step.offered", units=figures.units)
    how = "" if one.hint else scene.say("step.amount_hint" if one.kind is Kind.AMOUNT else "step.number_hint")
    return " ".join(filter(None, [how, _last(scene, stop, one)]))


def _last(scene: Scene, stop: Stop, one: Field) -> str:
    figures = stop.subject.figures
    if one.role is Role.READING and figures and figures.readings:
        latest = figures.readings[-1]
        return scene.say("step.before_number", figure=figure(scene, stop.subject, one, latest.value), on=latest.on)
    values = scene.before.get(stop.place, {})
    value = as_number(values.get(one.id))
    if value is None or scene.before_on is None or not (one.carry or one.role is Role.READING):
        return ""
    read_on = next((as_day(values.get(other.id)) for other in stop.step.fields if other.role is Role.READING_ON), None)
    return scene.say(
        "step.before_number", figure=figure(scene, stop.subject, one, value), on=read_on or scene.before_on
    )


def figure(scene: Scene, subject: Subject, one: Field, value: Decimal) -> str:
    """A number as it is read: with what it counts, or in kroner."""
    if one.kind is Kind.AMOUNT:
        return amount(value, scene.language)
    return measured(value, measure_of(subject, one), scene.language)


def typed(value: object) -> str:
    """A kept number as it stands in its field: 1.250,5."""
    found = as_number(value)
    return str(value) if found is None else number(found, "da")


def _offered_reading(scene: Scene, stop: Stop) -> Reading | None:
    """What was measured lately and is known already, while the step has no answer."""
    figures = stop.subject.figures or Figures()
    return None if stop.place in scene.answers else figures.fresh


def offered(scene: Scene, stop: Stop, one: Field) -> str:
    """What most often is the answer, and stands in the field: a number that is known already, with its day and its source."""
    fresh = _offered_reading(scene, stop)
    match one.role:
        case Role.READING if fresh:
            return number(fresh.value, "da")
        case Role.READING_ON if fresh:
            return fresh.on.isoformat()
        case Role.READING_SOURCE if stop.subject.kind == GOAL and not scene.answers.get(stop.place):
            return _offered_source(scene, stop, one)
    return ""


def _offered_source(scene: Scene, stop: Stop, one: Field) -> str:
    """Where the last number came from, or is planned to come from."""
    figures = stop.subject.figures or Figures()
    said = scene.before.get(stop.place, {}).get(one.id, "")
    latest = figures.readings[-1].source if figures.readings else ""
    return next((text for text in (latest, str(said), figures.evidence) if text and len(text) <= one.limit), "")
