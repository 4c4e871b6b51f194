"""Cards that ask: the greeting, one step at a time, and the review of it all.

Promises: one thing at a time; last round's answer beside the question; the answer given stands in the card when one comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Literal

from cards import goals
from cards.card import (
    Button,
    Buttons,
    Card,
    Input,
    Note,
    Option,
    Para,
    Part,
    Points,
    Press,
    Progress,
    Row,
    Run,
    Style,
    Title,
)
from cards.scene import Scene
from dialogs import engine
from dialogs.answers import OTHERS, Problem, Raw, as_inputs, as_number, as_people, carried
from dialogs.engine import BOARD, GOAL, INITIATIVE, RENEWAL, WHOLE, Place, Stop, Subject, Values
from dialogs.script import Choice, Field, Kind, Role


@dataclass(frozen=True, slots=True)
class Given:
    """What a step's inputs hold when its card is shown again: what was typed, and what was wrong with it."""

    inputs: Mapping[str, Raw] = field(default_factory=dict, hash=False)
    problems: Mapping[str, Problem] = field(default_factory=dict, hash=False)


def greeting(scene: Scene, *, several: bool = False) -> Card:
    """Why, how long, by when, what happens afterwards; and one button that starts or goes on."""
    late = scene.today > scene.due
    parts: list[Part] = [Title(scene.say("greeting.title")), _para(_hello(scene))]
    if scene.leader and scene.leader != scene.person:
        parts.append(_para(scene.say("greeting.for_other", leader=scene.leader), Style.QUIET))
    after = scene.say("greeting.after") if scene.nearest else ""
    deadline = Run(scene.say("greeting.late" if late else "greeting.deadline") + " ", Style.STRONG)
    parts.append(Para((deadline, Run(after)) if after else (deadline,)))
    parts.append(Buttons((way_in(scene), *_switch(scene, several=several))))
    return Card("greeting", tuple(parts), scene.say("greeting.notification"), scene.language)


def _hello(scene: Scene) -> str:
    if scene.next_stop is None:
        return scene.say("greeting.ready")
    begun = any(stop.place in scene.answers for stop in scene.stops)
    if not begun and scene.goals:
        return scene.say("greeting.new_goals", count=scene.count, goals=scene.goals, minutes=minutes_left(scene))
    if not begun and scene.is_owners:
        return scene.say("greeting.new_owner", count=scene.count, minutes=minutes_left(scene))
    if not begun:
        key = "greeting.new" if scene.count else "greeting.new_empty"
        return scene.say(key, count=scene.count, minutes=minutes_left(scene))
    waiting, subjects = subjects_left(scene)
    return scene.say("greeting.begun", left=waiting, count=subjects, minutes=minutes_left(scene))


COUNTED = (INITIATIVE, GOAL)  # the subjects a person counts


def subjects_left(scene: Scene) -> tuple[int, int]:
    """How many of the subjects still lack an answer, and how many there are: what a person counts."""
    asked = [stop for stop in scene.stops if stop.section.each in COUNTED]
    waiting = {stop.subject.id for stop in asked if stop.place not in scene.answers}
    return len(waiting), len({stop.subject.id for stop in asked})


def minutes_left(scene: Scene) -> int:
    """About how long what is left takes: a goal takes half as long again as another part."""
    left, _ = scene.left
    waiting = {stop.subject.id for stop in scene.stops if stop.section.each == GOAL and stop.place not in scene.answers}
    return engine.minutes(left + round(len(waiting) / 2))


def way_in(scene: Scene) -> Button:
    """The one press that starts, goes on, or looks the answers over."""
    if scene.next_stop is None:
        return Button(scene.say("button.see_review"), Press("review", scene.dialogue), "primary")
    begun = any(stop.place in scene.answers for stop in scene.stops)
    label = scene.say("button.continue" if begun else "button.start")
    return Button(label, Press("open", scene.dialogue), "primary")


def _switch(scene: Scene, *, several: bool) -> tuple[Button, ...]:
    return (Button(scene.say("button.switch"), Press("choose")),) if several else ()


def step(scene: Scene, stop: Stop, given: Given | None = None, notice: Note | None = None) -> Card:
    """One step of one subject. `given` is what was typed already; without it, the answer that stands is shown."""
    head = [*_where(scene, stop), *_what(scene, stop), *_last_time(scene, stop)]
    body = _as_buttons(scene, stop) if is_one_choice(stop) else _as_form(scene, stop, given)
    parts = (*([notice] if notice else []), *head, *body)
    return Card("step", tuple(parts), _notification(scene, stop), scene.language)


def is_one_choice(stop: Stop) -> bool:
    """Whether the step is a single choice, answered by one press."""
    return len(stop.step.fields) == 1 and stop.step.fields[0].kind is Kind.CHOICE


def _notification(scene: Scene, stop: Stop) -> str:
    count = _count(scene, stop)
    title = _title(stop.subject) or scene.asks(stop.step.fields[0].ask)
    return scene.say("step.notification", count=count, title=title)


def _count(scene: Scene, stop: Stop) -> str:
    at = _progress(scene, stop)
    if at.of and scene.count and scene.goals:  # two counters in one dialogue say what they count
        key = "step.count_goals" if stop.section.each == GOAL else "step.count_initiatives"
        return scene.say(key, number=at.number, of=at.of)
    if at.of:
        return scene.say("step.count", number=at.number, of=at.of)
    return _part_title(scene, stop)


def _progress(scene: Scene, stop: Stop) -> engine.Progress:
    """Which of how many; what there is only one of is not counted."""
    if stop.section.each in (RENEWAL, BOARD):
        return engine.progress(replace(stop.section, each=None), stop.subject, scene.subjects)
    return engine.progress(stop.section, stop.subject, scene.subjects)


def _part_title(scene: Scene, stop: Stop) -> str:
    return scene.asks(stop.section.title) or stop.subject.title or scene.say("step.once")


def _title(subject: Subject) -> str:
    """What a subject is called; what there is only one of is called as its section is."""
    return subject.title if subject.kind in COUNTED else ""


def _where(scene: Scene, stop: Stop) -> list[Part]:
    at = _progress(scene, stop)
    source = scene.sources.get(stop.subject.source)
    label = stop.subject.heading or (source.in_(scene.language) if source else stop.subject.source)
    return [Progress(at.number, at.of, _count(scene, stop), label)]


def _what(scene: Scene, stop: Stop) -> list[Part]:
    subject = stop.subject
    called = Title(scene.asks(stop.step.title) or _section_title(scene, stop), 2)
    if not _title(subject):
        is_said = called.text in ("", _count(scene, stop))
        return [] if is_said else [called]
    under = [called] if called.text else []
    if subject.kind == GOAL:
        return [Title(_judged(scene, stop) + subject.title), *goals.about(scene, stop), *under]
    status = status_of(scene, stop)
    asks_status = any(one.role is Role.STATUS for one in stop.step.fields)
    marked = f"{status.symbol} {status.label.in_(scene.language)}: " if status and not asks_status else ""
    parts: list[Part] = [Title(marked + subject.title)]
    about = [scene.say("step.goal", goal=subject.goal)] if subject.goal else []
    about += [scene.say("step.due", due=subject.due_on)] if subject.due_on else []
    if about and asks_status:
        parts.append(_para(" · ".join(about), Style.QUIET))
    if subject.across and asks_status:
        parts.append(_para(_across(scene, stop, subject.across)))
    return [*parts, *under]


def _across(scene: Scene, stop: Stop, across: engine.Across) -> str:
    """How the units' own initiatives for the same goal go, in the words of the status that is asked for."""
    asked = next(one for one in stop.step.fields if one.role is Role.STATUS)
    told = dict(across.statuses)
    known = [choice for choice in asked.choices if choice.id in told]
    counts = [
        scene.say(
            "summary.counts", symbol=choice.symbol, number=told[choice.id], label=choice.label.in_(scene.language)
        )
        for choice in known
    ]
    answered = sum(told.values())
    other = answered - sum(told[choice.id] for choice in known)
    return scene.say("step.across", counts=" · ".join(counts), other=other, answered=answered, count=across.of)


def _section_title(scene: Scene, stop: Stop) -> str:
    """What a later section about the same kind of subject is called: the first needs no name beside what it asks."""
    earlier = next(one for one in scene.script.sections if one.each == stop.section.each)
    return "" if earlier.id == stop.section.id else scene.asks(stop.section.title)


def _judged(scene: Scene, stop: Stop) -> str:
    """The judgement before a goal's title, in the steps after the one that asks for it."""
    asks = any(one.role in (Role.ATTAINMENT, Role.STATUS) for one in stop.step.fields)
    said = "" if asks or stop.step is stop.section.steps[0] else goals.judgement(scene, stop)
    return f"{said}: " if said else ""


def status_of(scene: Scene, stop: Stop) -> Choice | None:
    """The status the subject was given in this dialogue, if it was asked for one."""
    for other in scene.stops:
        if other.subject.id == stop.subject.id:
            for one in other.step.fields:
                if one.role is Role.STATUS:
                    return one.choice(str(scene.answers.get(other.place, {}).get(one.id, "")))
    return None


def _last_time(scene: Scene, stop: Stop) -> list[Part]:
    """Last round's choice beside a choice, with the words that were said about it."""
    if not is_one_choice(stop) or scene.before_on is None:
        return []
    one = stop.step.fields[0]
    choice = one.choice(str(scene.before.get(stop.place, {}).get(one.id, "")))
    if choice is None:
        return []
    label = choice.label.in_(scene.language)
    runs = [Run(scene.say("step.before", on=scene.before_on, symbol=choice.symbol, label=label))]
    words = _words_last_time(scene, stop)
    if words:
        runs += [Run(" – "), Run(scene.texts.quoted(words), Style.QUOTE)]
    return [Para(tuple(runs))]


_OF_THE_EVIDENCE = (Role.READING_SOURCE, Role.NO_DATA)  # words about a number, not about how it goes


def _words_last_time(scene: Scene, stop: Stop) -> str:
    for other in stop.section.steps:
        values = scene.before.get(Place(stop.subject.id, other.id), {})
        for one in other.fields:
            if one.kind is Kind.TEXT and one.id in values and one.role not in _OF_THE_EVIDENCE:
                return first_line(str(values[one.id]), LAST_TIME)
    return ""


def _as_buttons(scene: Scene, stop: Stop) -> list[Part]:
    one = stop.step.fields[0]
    chosen = str(scene.answers.get(stop.place, {}).get(one.id, ""))
    choices = tuple(
        Button(
            choice.label.in_(scene.language),
            scene.press("answer", stop.place, choice.id),
            "choice",
            choice.symbol,
            choice.id == chosen,
        )
        for choice in one.choices
    )
    keep = (
        (Button(scene.say("button.unchanged"), scene.press("keep", stop.place), "primary"),)
        if can_keep(scene, stop)
        else ()
    )
    # What is kept most often stands first, beside what was said last time.
    return [*((Buttons(keep),) if keep else ()), Buttons(choices, scene.asks(one.ask)), _around(scene, stop)]


def can_keep(scene: Scene, stop: Stop) -> bool:
    """Whether last round's answer to this step can be kept as it is."""
    return bool(carried(stop.step, scene.before.get(stop.place), known(scene), scene.today))


def known(scene: Scene) -> frozenset[int]:
    """The people who may be picked in this dialogue."""
    return frozenset(int(option.value) for option in scene.colleagues)


def _around(scene: Scene, stop: Stop) -> Buttons:
    """The way back and the way out, on every step."""
    back = Button(scene.say("button.back"), scene.press("back", stop.place))
    if scene.next_stop is None:  # everything is answered: the way out leads to all the answers
        pause = Button(scene.say("button.see_review"), scene.press("review", stop.place))
    else:
        pause = Button(scene.say("button.pause"), scene.press("pause", stop.place))
    is_first = bool(scene.stops) and scene.stops[0].place == stop.place
    return Buttons((*(() if is_first else (back,)), pause, *_ask_another(scene, stop)))


def _ask_another(scene: Scene, stop: Stop) -> tuple[Button, ...]:
    """A way to ask somebody else about an indsats, where it is first asked about and nothing is sent yet."""
    asks_status = any(one.role is Role.STATUS for one in stop.step.fields)
    is_theirs = stop.subject.kind == INITIATIVE and asks_status and not scene.is_sent and not scene.is_delegated
    if not is_theirs or not scene.waits_for(stop.subject.id):
        return ()
    return (Button(scene.say("button.ask_another"), scene.press("ask", stop.place)),)


def _as_form(scene: Scene, stop: Stop, given: Given | None) -> list[Part]:
    shown = given or Given(_standing(stop, scene.answers.get(stop.place)))
    parts: list[Part] = []
    if shown.problems:
        parts.append(Note(scene.say("step.problems"), "warning"))
    parts += [_input(scene, stop, one, shown) for one in stop.step.fields]
    if any(one.kind is Kind.TEXT for one in stop.step.fields):
        key = "step.reads" if scene.nearest else "step.reads_nobody"
        parts.append(_para(scene.say(key), Style.QUIET))
    go = [Button(scene.say("button.next"), scene.press("answer", stop.place), "primary")]
    if stop.step.skip:
        go.append(Button(scene.asks(stop.step.skip), scene.press("skip", stop.place), "choice"))
    return [*parts, Buttons(tuple(go)), _around(scene, stop)]


def _standing(stop: Stop, values: Values | None) -> dict[str, Raw]:
    inputs: dict[str, Raw] = {}
    for one in stop.step.fields:
        if values and one.id in values:
            is_number = one.kind in goals.NUMBERS
            inputs |= {one.id: goals.typed(values[one.id])} if is_number else as_inputs(one, values[one.id])
    return inputs


def _input(scene: Scene, stop: Stop, one: Field, given: Given) -> Input:
    raw = given.inputs.get(one.id, goals.offered(scene, stop, one))
    others = given.inputs.get(one.id + OTHERS, "")
    is_people, is_number = one.kind is Kind.PEOPLE, one.kind in goals.NUMBERS
    picked = raw if isinstance(raw, tuple) else tuple(filter(None, [raw]))
    problem = given.problems.get(one.id)
    options = _options(scene, one)
    offered = {option.value for option in options}
    return Input(
        field=one.id,
        kind=_INPUT[one.kind],
        label=goals.labelled(scene, stop, one),
        value=str(others if is_people else raw if isinstance(raw, str) else ""),
        chosen=tuple(value for value in picked if value in offered),  # somebody in a draft may have left since
        options=options,
        hint=" ".join(filter(None, [scene.asks(one.hint), _hint(scene, stop, one)])),
        others_label=scene.say("step.others") if is_people else "",
        optional_label=scene.say("step.optional") if one.optional else "",
        error=_problem(scene, stop, problem) if problem else "",
        limit=goals.NUMBER_LIMIT if is_number else one.limit,
    )


_INPUT: Mapping[Kind, Literal["text", "line", "date", "people", "choice"]] = {
    Kind.CHOICE: "choice",
    Kind.TEXT: "text",
    Kind.PEOPLE: "people",
    Kind.DATE: "date",
    Kind.NUMBER: "line",
    Kind.AMOUNT: "line",
}


def _options(scene: Scene, one: Field) -> tuple[Option, ...]:
    if one.kind is Kind.PEOPLE:
        return scene.colleagues
    return tuple(
        Option(choice.id, f"{choice.symbol} {choice.label.in_(scene.language)}".strip()) for choice in one.choices
    )


def _hint(scene: Scene, stop: Stop, one: Field) -> str:
    """How it is written, and what was said last time."""
    if one.kind in goals.NUMBERS:
        return goals.hint(scene, stop, one)
    value = scene.before.get(stop.place, {}).get(one.id)
    if not one.carry or value is None or scene.before_on is None:
        return ""
    text = first_line(in_words(scene, one, value), LAST_TIME)
    return scene.say("step.before_text", on=scene.before_on, text=text) if text else ""


def _problem(scene: Scene, stop: Stop, problem: Problem) -> str:
    if problem.key == "required" and stop.step.skip:
        return scene.say("problem.required_skip", skip=scene.asks(stop.step.skip))
    return scene.say(f"problem.{problem.key}", **problem.params)


def in_words(scene: Scene, one: Field, value: object, subject: Subject = WHOLE) -> str:
    """An answer as people read it: the choice with its symbol, the names, the day or the number in words, or the text itself."""
    match one.kind:
        case Kind.CHOICE:
            choice = one.choice(str(value))
            return f"{choice.symbol} {choice.label.in_(scene.language)}".strip() if choice else str(value)
        case Kind.PEOPLE:
            return in_names(scene, value)
        case Kind.DATE:
            return scene.texts.date(date.fromisoformat(str(value)))
        case Kind.NUMBER | Kind.AMOUNT:
            number = as_number(value)
            return str(value) if number is None else goals.figure(scene, subject, one, number)
        case Kind.TEXT:
            return str(value)


def in_names(scene: Scene, value: object) -> str:
    """People as a row of names, those picked first."""
    people = as_people(value)
    picked = [scene.names[one] for one in people["people"] if one in scene.names]
    return scene.texts.listed([*picked, *([people["others"]] if people["others"] else [])])


def review(scene: Scene, notice: Note | None = None) -> Card:
    """Every answer under its source, each with a way to change it, and the way on to the summary."""
    parts: list[Part] = [
        *([notice] if notice else []),
        Title(scene.say("review.title")),
        _para(scene.say("review.body")),
    ]
    if scene.is_changed:
        parts.append(Note(scene.say("review.changed"), "info"))
    heading = None
    for stop, row in _review_rows(scene):
        label = _group(scene, stop)
        if label != heading:
            parts.append(Title(label, 2))
            heading = label
        parts.append(row)
    parts.append(_way_on(scene))
    return Card("review", tuple(parts), scene.say("review.notification"), scene.language)


MOST_ROWS = 120  # where goals are asked about: with more answers, those about one subject share a row


def _review_rows(scene: Scene) -> Iterator[tuple[Stop, Row]]:
    if not scene.goals or len(scene.stops) <= MOST_ROWS:
        yield from ((stop, _review_row(scene, stop)) for stop in scene.stops)
        return
    for _, group in groupby(scene.stops, key=lambda stop: (stop.section.id, stop.subject.id)):
        first, *others = group
        row = _review_row(scene, first)
        said = [Run(f" · {_said_briefly(scene, stop)}") for stop in others]
        yield first, replace(row, runs=(*row.runs, *said))


def _group(scene: Scene, stop: Stop) -> str:
    if stop.section.each not in COUNTED:
        return _part_title(scene, stop)
    if later := _section_title(scene, stop):
        return later
    source = scene.sources.get(stop.subject.source)
    label = source.in_(scene.language) if source else stop.subject.source
    if not (scene.count and scene.goals):
        return label
    return " · ".join(filter(None, (scene.asks(stop.section.title), label)))


def _review_row(scene: Scene, stop: Stop) -> Row:
    """One answer: under its subject's title where it is the subject's first, else under what the step is called."""
    edit = Button(scene.say("button.edit"), Press("goto", scene.dialogue, stop.subject.id, stop.step.id))
    about = _said_briefly(scene, stop)
    if _title(stop.subject) and stop.step is not stop.section.steps[0]:
        called = scene.asks(stop.step.title) or scene.asks(stop.step.fields[0].ask)
        return Row((Run(f"{called} " if called.endswith("?") else f"{called}: ", Style.QUIET), Run(about)), edit)
    title = _title(stop.subject) or scene.asks(stop.step.title) or scene.asks(stop.step.fields[0].ask)
    return Row((Run(title, Style.STRONG), Run("\n" + about)), edit)


def _said_briefly(scene: Scene, stop: Stop) -> str:
    """The first line of a step's first answer, and of those beside a number: enough to know it again."""
    if stop.place not in scene.answers:
        return scene.say("review.waiting")
    values = scene.answers[stop.place]
    given = [one for one in stop.step.fields if one.id in values]
    if any(one.kind in goals.NUMBERS for one in given):
        given = [one for one in given if one.kind is not Kind.TEXT or one.role is Role.READING_SOURCE]
        said = " · ".join(first_line(_one_said(scene, stop, one, values[one.id])) for one in given)
        return said[:1].upper() + said[1:]
    if given:
        return first_line(in_words(scene, given[0], values[given[0].id], stop.subject))
    return scene.asks(stop.step.skip) if stop.step.skip and stop.subject.title else scene.say("review.skipped")


def _one_said(scene: Scene, stop: Stop, one: Field, value: object) -> str:
    said = in_words(scene, one, value, stop.subject)
    if one.role is Role.ATTAINMENT and one.kind is Kind.NUMBER:
        return f"{said} · {goals.in_judgement(scene, one, value)}"
    return scene.say(_NAMED[one.role], amount=said) if one.role in _NAMED else said


_NAMED: Mapping[Role | None, str] = {  # amounts that stand in a row
    Role.BUDGET: "economy.budget",
    Role.EXPECTED: "economy.expected",
    Role.DEVIATION: "economy.deviation",
}
FIRST_LINE = 90
LAST_TIME = 200


def first_line(text: str, longest: int = FIRST_LINE) -> str:
    """The first line of a text, cut at a word."""
    line = text.split("\n", 1)[0]
    if len(line) <= longest:
        return line if line == text else line + " …"
    return line[:longest].rsplit(" ", 1)[0] + " …"


def _way_on(scene: Scene) -> Buttons:
    if scene.next_stop is not None:
        return Buttons((Button(scene.say("button.continue"), Press("open", scene.dialogue), "primary"),))
    key = "button.see_correction" if scene.is_changed else "button.see_summary"
    return Buttons((Button(scene.say(key), scene.press("preview"), "primary"),))


def paused(scene: Scene) -> Card:
    """That everything is kept, and how to go on."""
    waiting, of = subjects_left(scene)
    parts = (
        Title(scene.say("pause.title")),
        _para(scene.say("pause.body", done=of - waiting, count=of)),
        Buttons((Button(scene.say("button.continue"), Press("open", scene.dialogue), "primary"),)),
    )
    return Card("paused", parts, scene.say("pause.title"), scene.language)


def _para(text: str, style: Style = Style.PLAIN) -> Para:
    return Para((Run(text, style),))


def several(cards: Iterable[tuple[Scene, str]], texts_title: str, body: str, fallback: str, language: str) -> Card:
    """One row a dialogue, each with where it stands and a way in."""
    rows = tuple(
        Row(
            (Run(scene.say("greeting.title"), Style.STRONG), Run("\n" + state)),
            Button(_word_in(scene), Press("open" if not scene.is_sent else "review", scene.dialogue)),
        )
        for scene, state in cards
    )
    head: tuple[Part, ...] = (Title(texts_title), *((_para(body),) if body else ()))
    return Card("status", (*head, *rows), fallback, language)


def _word_in(scene: Scene) -> str:
    """What the button says: begin, go on, or look at what was sent."""
    if scene.is_sent:
        return scene.say("button.open")
    begun = scene.next_stop is None or any(stop.place in scene.answers for stop in scene.stops)
    return scene.say("button.continue" if begun else "button.start")


def plain(
    kind: str,
    title: str,
    lines: Iterable[str],
    language: str,
    buttons: tuple[Button, ...] = (),
    points: tuple[str, ...] = (),
) -> Card:
    """A card of a title and a few sentences."""
    paragraphs = [line for line in lines if line]
    parts: list[Part] = [*([Title(title)] if title else []), *(_para(line) for line in paragraphs)]
    if points:
        parts.append(Points(tuple((_para(point),) for point in points), numbered=False))
    if buttons:
        parts.append(Buttons(buttons))
    return Card(kind, tuple(parts), title or paragraphs[0], language)
