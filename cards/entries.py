"""What was said of one indsats or one goal in a summary, and the answers that are about neither, as paragraphs.

Promises: without a limit everything that was said is there, once and whole. With one, a longer text is cut and says where the rest
stands; of a goal, what no role speaks for stands only where there is no limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cards import goals
from cards.asking import in_names, in_words
from cards.card import Para, Run, Style
from cards.figures import measured, number
from cards.scene import Scene
from dialogs.engine import INITIATIVE, WHOLE, Figures, Subject
from dialogs.numbers import canonical
from dialogs.script import Attainment, Field, Role, Wording
from dialogs.summary import Entry, GoalEntry


@dataclass(frozen=True, slots=True)
class Room:
    """How many characters there are for one answer and for names; None is as many as it takes."""

    text: int | None = None
    names: int | None = None


def of_initiative(scene: Scene, entry: Entry, room: Room) -> Iterator[Para]:
    """One entry: its status and deadline, what was said in the leader's words, who is needed and what happens now."""
    yield Para(tuple(_entry_head(scene, entry)))
    if entry.challenge:
        yield quoted(scene, entry.challenge, room.text)
    if entry.remedy:
        yield _about(scene, "summary.remedy", cut(scene, entry.remedy, room.text))
    yield from _entry_foot(scene, entry, room)


def _entry_head(scene: Scene, entry: Entry) -> Iterator[Run]:
    if entry.status:
        yield Run(f"{entry.status.symbol} {entry.status.label.in_(scene.language)}: ")
    yield Run(entry.subject.title, Style.STRONG)
    notes = [note for note in (_due(scene, entry), _change(scene, entry)) if note]
    if notes:
        yield Run(f" ({' · '.join(notes)})", Style.QUIET)


def _due(scene: Scene, entry: Entry) -> str:
    due, moved = entry.subject.due_on, entry.deadline
    if due and moved:
        return scene.say("summary.due_moved", due=due, deadline=moved)
    if moved:
        return scene.say("summary.due_new", deadline=moved)
    return scene.say("summary.due", due=due) if due else ""


def _change(scene: Scene, entry: Entry) -> str:
    if entry.again:
        return scene.say("summary.again")
    if entry.status and entry.before and entry.before.id != entry.status.id:
        return scene.say("summary.changed", label=entry.before.label.in_(scene.language))
    return ""


def _entry_foot(scene: Scene, entry: Entry, room: Room) -> Iterator[Para]:
    needed = in_names(scene, entry.involve) if entry.involve else ""
    if needed:
        yield _about(scene, "summary.involve", cut(scene, needed, room.names), "people")
    if entry.next:
        yield _about(scene, "summary.next", cut(scene, entry.next, room.text))
    agreed = list(_agreed(scene, entry, room))
    if agreed:
        yield _line(agreed)
    for pressed in entry.skipped:
        yield _line([scene.asks(pressed)])
    for field, value in entry.other:
        if room.text is None or not _is_asked_later(scene, field):
            yield question(scene, field, value, room.text)


def _agreed(scene: Scene, entry: Entry | GoalEntry, room: Room) -> Iterator[str]:
    by_whom = in_names(scene, entry.responsible) if entry.responsible else ""
    if by_whom:
        yield scene.say("summary.who", people=cut(scene, by_whom, room.names))
    if entry.by_when:
        yield scene.say("summary.when", day=entry.by_when)


def _is_asked_later(scene: Scene, field: Field) -> bool:
    """Whether a later section asks it of the initiatives again: such answers are counted apart."""
    first = next((one for one in scene.script.sections if one.each == INITIATIVE), None)
    return first is not None and all(field not in step.fields for step in first.steps)


def _about(scene: Scene, key: str, said: str, name: str = "text") -> Para:
    return Para((Run(scene.say(key, **{name: said})),))


def quoted(scene: Scene, text: str, limit: int | None) -> Para:
    """Somebody's own words."""
    return Para((Run(scene.texts.quoted(cut(scene, text, limit)), Style.QUOTE),))


def cut(scene: Scene, text: str, limit: int | None) -> str:
    """The text, or its beginning and where the rest stands."""
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit].rsplit(' ', 1)[0].rstrip()} {scene.say('summary.shortened')}"


def question(scene: Scene, field: Field, value: object, limit: int | None, subject: Subject = WHOLE) -> Para:
    """A question with its answer."""
    answer = cut(scene, in_words(scene, field, value, subject), limit)
    return Para((Run(scene.say("summary.other", question=scene.asks(field.ask), answer=answer)),))


def _line(said: list[str]) -> Para:
    return Para((Run(" · ".join(said)),))


# --- a goal -------------------------------------------------------------------------------------------------------------------------


def of_goal(scene: Scene, goal: GoalEntry, room: Room) -> Iterator[Para]:
    """One goal: how far it is reached, what it is measured by, why, and what follows from it."""
    yield Para(tuple(_goal_head(scene, goal)))
    if room.text is None:
        yield from _reading(scene, goal)
    yield from _no_data(scene, goal, room)
    if goal.challenge:
        yield quoted(scene, goal.challenge, room.text)
    if goal.cause:
        yield _about(scene, "goal.cause", goal.cause.label.in_(scene.language))
    if goal.basis:
        yield _about(scene, "goal.basis", cut(scene, goal.basis, room.text))
    yield from _goal_foot(scene, goal, room)


def _goal_head(scene: Scene, goal: GoalEntry) -> Iterator[Run]:
    judged = [one for one in (_judgement(scene, goal), _status(scene, goal)) if one]
    if judged:
        yield Run(f"{' · '.join(judged)}: ")
    yield Run(goal.subject.title, Style.STRONG)
    notes = list(_goal_notes(scene, goal))
    if notes:
        yield Run(f" ({' · '.join(notes)})", Style.QUIET)


def _judgement(scene: Scene, goal: GoalEntry) -> str:
    if goal.counts_as is None:
        return ""
    symbol, word = goals.SYMBOLS[goal.counts_as], goals.attainment(scene, goal.counts_as)
    if goal.attained:
        symbol, word = goal.attained.symbol or symbol, goal.attained.label.in_(scene.language)
    return f"{symbol} {word}"


def _status(scene: Scene, goal: GoalEntry) -> str:
    return f"{goal.status.symbol} {goal.status.label.in_(scene.language)}".strip() if goal.status else ""


def _goal_notes(scene: Scene, goal: GoalEntry) -> Iterator[str]:
    """The value against the target, the number it was judged by, and what it counted as last round."""
    figures = goal.subject.figures or Figures()
    if goal.reading is not None:
        value = measured(goal.reading, figures.measure, scene.language)
        target = "" if figures.target is None else measured(figures.target, figures.measure, scene.language)
        yield scene.say("goal.value_against", figure=value, target=target) if target else value
    if goal.score is not None:
        yield _score(scene, goal)
    if goal.before and goal.counts_as and goal.before is not goal.counts_as:
        yield scene.say("summary.changed", label=goals.attainment(scene, goal.before))


def _score(scene: Scene, goal: GoalEntry) -> str:
    asked = (one for section in scene.script.sections for step in section.steps for one in step.fields)
    most = next((one.most for one in asked if one.role is Role.ATTAINMENT), None)
    said = _plain(goal.score, scene) if goal.score is not None else ""
    return scene.say("goal.score", score=said, most=_plain(most, scene) if most is not None else "")


def _plain(value: Decimal, scene: Scene) -> str:
    return number(Decimal(canonical(value)), scene.language)


def _reading(scene: Scene, goal: GoalEntry) -> Iterator[Para]:
    said = [scene.say("goal.read_on", day=goal.reading_on)] if goal.reading_on else []
    said += [scene.say("goal.read_source", source=goal.reading_source)] if goal.reading_source else []
    if said:
        yield _line(said)


def _no_data(scene: Scene, goal: GoalEntry, room: Room) -> Iterator[Para]:
    said = [scene.say("goal.no_data", text=cut(scene, goal.no_data, room.text))] if goal.no_data else []
    said += [scene.say("goal.next_reading", day=goal.next_reading)] if goal.next_reading else []
    if said:
        yield _line(said)


def _goal_foot(scene: Scene, goal: GoalEntry, room: Room) -> Iterator[Para]:
    follows = (
        [scene.say("goal.consequence", text=goal.consequence.label.in_(scene.language))] if goal.consequence else []
    )
    follows += _agreed(scene, goal, room)
    if follows:
        yield _line(follows)
    if goal.next:
        yield _about(scene, "summary.next", cut(scene, goal.next, room.text))
    for pressed in goal.skipped:
        if not _is_said(scene, goal, pressed):
            yield _line([scene.asks(pressed)])
    if room.text is None:
        for field, value in goal.other:
            yield question(scene, field, value, None, goal.subject)


def _is_said(scene: Scene, goal: GoalEntry, pressed: Wording) -> bool:
    """Whether what was pressed stands there in other words: why there are no data, or that it cannot be judged yet."""
    if goal.counts_as is Attainment.UNKNOWN and scene.asks(pressed) == goals.attainment(scene, Attainment.UNKNOWN):
        return True
    steps = (step for section in scene.script.sections for step in section.steps if step.skip == pressed)
    return bool(goal.no_data) and any(one.role is Role.READING for step in steps for one in step.fields)
