"""Cards that remind: one message a person a day, with a press for each thing that waits; and the forms that go with it.

Promises: what, by when, how many minutes, and one press that goes on; lists of units are capped, so that a message fits on every
platform. Knows nothing of who should be told: that is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cards import asking
from cards.card import Button, Buttons, Card, Input, Note, Option, Para, Part, Points, Press, Row, Run, Style, Title
from cards.scene import Scene
from cards.wording import Texts

MOST_LINES = 20
MOST_NAMED = 25
SOON_AFTER = timedelta(days=7)
"""How long after the deadline what is answered is still read before those concerned meet, as far as can be known."""
KIND = "nudge"
NOBODY = "0"
"""What is chosen where nobody acts for somebody who is away."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits: what it is, the press that goes on with it, and the units it names."""

    text: str
    button: Button | None = None
    names: tuple[str, ...] = ()
    more: tuple[Button, ...] = ()  # what else can be done about those it names


# --- one dialogue -----------------------------------------------------------------------------------------------------------------


def invitation(scene: Scene) -> Card:
    """The greeting, sent: why, how long, by when, what happens then; now, tomorrow, or somebody else."""
    card = asking.greeting(scene)
    return replace(card, kind=KIND, parts=(*card.parts[:-1], _ways(scene)))


def reminder(scene: Scene) -> Card:
    """One dialogue that waits, in two sentences."""
    said = [Run(about(scene)), Run(" " + deadline(scene), Style.STRONG)]
    return _of_one(scene, Para(tuple(said)))


def handed(scene: Scene, leader: str, until: date | None) -> Card:
    """A dialogue that has become somebody's: for good, or while its leader is away."""
    said = [Run(handing(scene, leader, until)), Run(" " + deadline(scene), Style.STRONG)]
    return _of_one(scene, Para(tuple(said)))


def _of_one(scene: Scene, *parts: Part) -> Card:
    whole = (Title(scene.say("greeting.title")), *parts, _ways(scene))
    return Card(KIND, whole, scene.say("greeting.notification"), scene.language)


def _ways(scene: Scene) -> Buttons:
    return Buttons((asking.way_in(scene), *later(scene.texts, scene.dialogue)))


def later(texts: Texts, dialogue: int = 0) -> tuple[Button, ...]:
    """Not now: tomorrow, or somebody else while one is away."""
    return (
        Button(texts.say("button.tomorrow"), Press("tomorrow", dialogue)),
        Button(texts.say("button.away"), Press("away", dialogue)),
    )


def about(scene: Scene) -> str:
    """Where a dialogue stands, and how long the rest takes."""
    if scene.next_stop is None:
        return scene.say("nudge.ready")
    minutes = asking.minutes_left(scene)
    left, count = asking.subjects_left(scene)
    if not any(stop.place in scene.answers for stop in scene.stops):
        return scene.say("nudge.new", minutes=minutes)
    return scene.say("nudge.begun", left=left, count=count, minutes=minutes)


def deadline(scene: Scene) -> str:
    """By when, in the words of the day; after it, that there is still time."""
    days = scene.due - scene.today
    if days < timedelta(0):
        is_soon = -days <= SOON_AFTER and scene.nearest not in ("", scene.person)
        return scene.say("nudge.late" if is_soon else "greeting.late")
    if not days:
        return scene.say("nudge.due_today")
    return scene.say("nudge.due_tomorrow" if days == timedelta(days=1) else "greeting.deadline")


def handing(scene: Scene, leader: str, until: date | None) -> str:
    """That a dialogue is somebody's now, and where it stands."""
    left, count = asking.subjects_left(scene)
    known = {"done": count - left, "count": count, "minutes": asking.minutes_left(scene)}
    if leader and until:
        return scene.say("nudge.stand_in", leader=leader, until=until, **known)
    return scene.say("nudge.handed", **known)


def line(scene: Scene) -> Line:
    """A dialogue as one of several things."""
    has_begun = scene.next_stop is None or any(stop.place in scene.answers for stop in scene.stops)
    said = about(scene) if has_begun else scene.say("nudge.waiting", minutes=asking.minutes_left(scene))
    return Line(f"{scene.say('greeting.title')}: {said} {deadline(scene)}", asking.way_in(scene))


def handed_line(scene: Scene, leader: str, until: date | None) -> Line:
    """A dialogue that has become somebody's, as one of several things."""
    return Line(f"{handing(scene, leader, until)} {deadline(scene)}", asking.way_in(scene))


# --- several things, in one message -------------------------------------------------------------------------------------------------


def gathered(texts: Texts, name: str, lines: Sequence[Line], *, waiting: int) -> Card:
    """Everything a person is told, a line each, with its own press; so many of them wait for the person."""
    shown, more = lines[:MOST_LINES], len(lines) - MOST_LINES
    title = texts.say("nudge.title", name=name) if waiting else texts.say("nudge.title_news", name=name)
    parts: list[Part] = [Title(title)]
    for one in shown:
        runs = (Run(one.text),)
        parts.append(Row(runs, one.button) if one.button else Para(runs))
        parts += _named(texts, one.names)
        parts += [Buttons(one.more)] if one.more else []
    if more > 0:
        parts.append(Row((Run(texts.say("nudge.more", count=more)),), Button(texts.say("button.all"), Press("status"))))
    if waiting:
        parts.append(Buttons(later(texts)))
    said = texts.say("nudge.notification", count=waiting) if waiting else texts.say("nudge.notification_news")
    return Card(KIND, tuple(parts), said, texts.language)


def _named(texts: Texts, names: Sequence[str]) -> list[Part]:
    if not names:
        return []
    more = (texts.say("unreached.more", count=len(names) - MOST_NAMED),) if len(names) > MOST_NAMED else ()
    return [Points(tuple((Para((Run(one),)),) for one in (*names[:MOST_NAMED], *more)), numbered=False)]


# --- the presses that go with it --------------------------------------------------------------------------------------------------


def postponed(texts: Texts, day: date, dialogue: int) -> Card:
    """When they are written to again."""
    words = texts.say("nudge.postponed", day=day)
    now = Button(texts.say("button.now"), Press("open", dialogue) if dialogue else Press("hello"))
    return Card(KIND, (Para((Run(words),)), Buttons((now,))), words, texts.language)


def away_form(
    texts: Texts,
    colleagues: Sequence[Option],
    *,
    last: str = "",
    stand_in: str = NOBODY,
    problem: str = "",
    unfit: str = "",
    dialogue: int = 0,
) -> Card:
    """Until when, and who acts meanwhile."""
    fields: list[Part] = [
        Title(texts.say("away.title")),
        Para((Run(texts.say("away.body")),)),
        Input("last", "date", texts.say("away.last"), value=last, error=problem),
    ]
    if colleagues:
        nobody = Option(NOBODY, texts.say("away.nobody"))
        asked = texts.say("away.stand_in")
        options = (nobody, *colleagues)
        fields.append(Input("stand_in", "choice", asked, value=stand_in, options=options, error=unfit))
    save = Button(texts.say("button.save_away"), Press("away_set", dialogue), "primary")
    leave = Button(texts.say("button.not_now"), Press("away_not", dialogue))
    return Card("away", (*fields, Buttons((save, leave))), texts.say("away.title"), texts.language)


def is_away(texts: Texts, last: date, stand_in: str) -> Card:
    """What happens while somebody is away, and how they come back."""
    words = texts.say("away.set_stand_in" if stand_in else "away.set", last=last, stand_in=stand_in)
    back = Button(texts.say("button.back_again"), Press("back_again"))
    return Card("away", (Para((Run(words),)), Buttons((back,))), words, texts.language)


def choices(texts: Texts, cadence: str, *, digest: bool | None, notice: str = "") -> Card:
    """How somebody wants to be reminded, to be changed in one press; `digest` is None where there is nothing below."""
    parts: list[Part] = [*([Note(notice, "done")] if notice else []), Title(texts.say("cadence.title"))]
    parts.append(Para((Run(texts.say("cadence.body")),)))
    parts.append(
        Buttons(
            tuple(
                Button(texts.say(f"cadence.{one}"), Press("cadence", value=one), "choice", chosen=one == cadence)
                for one in ("normal", "light", "off")
            )
        )
    )
    if digest is not None:
        parts.append(Para((Run(texts.say("digest.on" if digest else "digest.off")),)))
        wanted = "off" if digest else "on"
        parts.append(Buttons((Button(texts.say(f"button.digest_{wanted}"), Press("digest", value=wanted)),)))
    return Card("reminders", tuple(parts), texts.say("cadence.title"), texts.language)
