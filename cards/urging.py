"""What a nearest leader writes to those who have not answered, and what these are told.

Promises: the units are named to the nearest leader alone; whoever is told gets on in one press.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cards import asking
from cards.card import Button, Buttons, Card, Input, Para, Part, Press, Run, Style, Title
from cards.scene import Scene
from cards.wording import Texts

LIMIT = 1000  # characters
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class About:
    """The dialogues that are missing: one of them, the round's title, the deadline and the units' names."""

    texts: Texts
    dialogue: int
    round: str
    due: date
    names: tuple[str, ...]

    def say(self, key: str, /, **params: object) -> str:
        """A sentence about them."""
        return self.texts.say(key, **({"round": self.round, "due": self.due, "count": len(self.names)} | params))

    @property
    def named(self) -> str:
        """Their names, the first few of many."""
        more = len(self.names) - MOST_NAMED
        return self.texts.listed([*self.names[:MOST_NAMED], *([self.say("urge.more", more=more)] if more > 0 else [])])


def letter(about: About, *, value: str = "", error: str = "") -> Card:
    """Where something is written to all who have not answered."""
    asked = Input("text", "text", about.say("urge.ask"), value=value, error=error, limit=LIMIT)
    return _form(
        about, "urge", about.say("urge.title"), "button.send_word", (asked, _quiet(about.say("urge.who_sees")))
    )


def deadline(about: About, usual: date, *, written: str = "", error: str = "") -> Card:
    """Where a new deadline is chosen for all who have not answered; `usual` stands there to begin with."""
    asked = Input("due", "date", about.say("extend.ask"), value=written or usual.isoformat(), error=error)
    return _form(
        about, "extend", about.say("extend.title"), "button.extend", (asked, _quiet(about.say("extend.who_knows")))
    )


def _form(about: About, act: str, title: str, button: str, parts: Sequence[Part]) -> Card:
    go = Button(about.say(button), Press(f"{act}_now", about.dialogue), "primary")
    leave = Button(about.say("button.not_now"), Press("leave", about.dialogue))
    head = (Title(title), Para((Run(about.say("urge.to", names=about.named)),)))
    return Card("urge", (*head, *parts, Buttons((go, leave))), title, about.texts.language)


def word(scene: Scene, who: str, text: str) -> Card:
    """What the nearest leader wrote, with a way on."""
    line = scene.say("word.from", who=who)
    said = Para((Run(scene.texts.quoted(text), Style.QUOTE),))
    return _told(scene, line, (Para((Run(line),)), said, _deadline(scene)))


def moved(scene: Scene, who: str) -> Card:
    """That there is more time, with a way on."""
    line = scene.say("moved.to", who=who)
    return _told(scene, line, (Para((Run(line),)),))


def _told(scene: Scene, line: str, parts: Sequence[Part]) -> Card:
    whole = (Title(scene.say("greeting.title")), *parts, Buttons((asking.way_in(scene),)))
    return Card("urged", whole, line, scene.language)


def _deadline(scene: Scene) -> Para:
    key = "greeting.late" if scene.today > scene.due else "greeting.deadline"
    return Para((Run(scene.say(key), Style.STRONG),))


def _quiet(text: str) -> Para:
    return Para((Run(text, Style.QUIET),))
