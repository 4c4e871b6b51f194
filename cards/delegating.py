"""Asking somebody else: the card that picks them, what they are told, and the end of their part.

Promises: whoever is asked sees one indsats and what was said of it last time, and nothing else of the dialogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cards.card import Button, Buttons, Card, Input, Note, Option, Para, Part, Press, Run, Style, Title
from cards.scene import Scene
from dialogs.engine import Subject

FIELD = "person"
MOST_WAITING = 5  # of what somebody was asked, in one card
LONGEST_LABEL = 60  # characters on a button that names an indsats


def form(scene: Scene, subject: Subject, options: Sequence[Option], *, asked: str = "", error: str = "") -> Card:
    """Who is to answer about one indsats; `asked` is whoever is asked already."""
    parts: list[Part] = [
        Title(scene.say("delegate.title")),
        Para((Run(subject.title, Style.STRONG),)),
        Input(FIELD, "choice", scene.say("delegate.ask"), options=tuple(options), error=error),
        Para((Run(scene.say("delegate.what"), Style.QUIET),)),
    ]
    press = replace(scene.press("ask_now"), subject=subject.id)
    buttons = [Button(scene.say("button.ask"), press, "primary")]
    if asked:
        parts.insert(2, Note(scene.say("delegate.is_asked", person=asked), "info"))
        buttons.append(Button(scene.say("button.ask_nobody"), replace(press, act="ask_nobody")))
    buttons.append(Button(scene.say("button.back"), Press("open", scene.dialogue)))
    return Card("delegate", (*parts, Buttons(tuple(buttons))), scene.say("delegate.title"), scene.language)


def told(scene: Scene, subject: Subject, asked_by: str) -> Card:
    """What somebody is told who is asked about one indsats: by whom, for what, by when, and how long it takes."""
    parts = (
        Title(scene.say("greeting.title")),
        Para((Run(scene.say("delegated.asked", who=asked_by)),)),
        Para((Run(subject.title, Style.STRONG),)),
        Para((Run(scene.say("greeting.late" if scene.today > scene.due else "greeting.deadline"), Style.STRONG),)),
        Buttons((Button(scene.say("button.answer_it"), Press("open", scene.dialogue), "primary"),)),
    )
    return Card("delegated", parts, scene.say("delegated.notification", who=asked_by), scene.language)


def below(card: Card | None, waiting: Sequence[Card]) -> Card:
    """What waits for somebody who was asked, below a card of their own if there is one; the first few of many."""
    cards = [*([card] if card else []), *waiting[:MOST_WAITING]]
    return replace(cards[0], parts=tuple(part for one in cards for part in one.parts))


def done(scene: Scene) -> Card:
    """That everything somebody was asked about is answered; each can be changed until the leader sends."""
    subjects = {stop.subject.id: stop for stop in reversed(scene.stops)}
    edits = tuple(
        Button(scene.say("delegated.edit", title=_short(stop.subject.title)), scene.press("goto", stop.place))
        for stop in reversed(subjects.values())
    )
    line = scene.say("delegated.done", leader=scene.leader or scene.say("word.leader"))
    parts = (Title(scene.say("sent.title")), Para((Run(line),)), Buttons(edits))
    return Card("delegated", parts, line, scene.language)


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_LABEL else f"{title[: LONGEST_LABEL - 1]}…"
