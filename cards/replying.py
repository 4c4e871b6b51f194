"""Cards for what comes back: the nearest leader's reply to a summary, and the leader's answer to it.

Promises: what is written is shown where it will stand before it is sent; both sides see the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cards.card import Button, Buttons, Card, Input, Note, Para, Part, Press, Run, Style, Title
from cards.wording import Texts
from dialogs.script import Wording

Kind = Literal["reply", "question", "at_meeting", "approval", "answer"]
IN_WORDS: tuple[Kind, ...] = ("reply", "question", "answer")
"""The kinds that somebody writes; the others are one press."""

LIMIT = 1500


@dataclass(frozen=True, slots=True)
class Response:
    """One thing said about a summary that was sent."""

    kind: Kind
    who: str
    text: str
    at: datetime
    is_before: bool = False  # said of what has been corrected since


@dataclass(frozen=True, slots=True)
class About:
    """The summary that is replied to."""

    texts: Texts
    dialogue: int
    unit: str
    round: Wording
    leader: str  # who sent it
    where: str  # the channel it stands in; "" when it went to the nearest leader's own chat

    def say(self, key: str, /, **params: object) -> str:
        """A sentence about this summary."""
        known = {
            "round": self.round.in_(self.texts.language),
            "unit": self.unit,
            "leader": self.leader,
            "where": self.where,
        }
        return self.texts.say(key, **(known | params))


def responses(texts: Texts, said: Sequence[Response]) -> tuple[Part, ...]:
    """What was said about the summary, as it stands under it: oldest first."""
    if not said:
        return ()
    lines = []
    for one in said:
        head = texts.say(f"response.{one.kind}", who=one.who, at=one.at)
        head += f" {texts.say('response.before')}" if one.is_before and one.kind not in IN_WORDS else ""
        words = (Run(" "), Run(texts.quoted(one.text), Style.QUOTE)) if one.text else ()
        lines.append(Para((Run(head, Style.STRONG), *words)))
    return (Title(texts.say("response.title"), 2), *lines)


def ways_to_reply(texts: Texts, dialogue: int, said: Sequence[Response]) -> Buttons:
    """What the nearest leader can do with a summary; what is done is not offered again until the summary is corrected."""
    done = {one.kind for one in said if not one.is_before}
    offered: list[Kind] = ["reply", "question", "at_meeting", "approval"]
    return Buttons(
        tuple(
            Button(
                texts.say(f"button.{kind}"),
                Press("respond", dialogue, value=kind),
                "primary" if kind == "reply" else "quiet",
            )
            for kind in offered
            if kind in IN_WORDS or kind not in done
        )
    )


def form(about: About, kind: Kind, *, value: str = "", error: str = "", notice: str = "") -> Card:
    """Where a reply is written, with who will see it."""
    key = "form.where" if about.where else "form.where_direct"
    parts: tuple[Part, ...] = (
        *((Note(notice, "info"),) if notice else ()),
        Title(about.say(f"form.{kind}")),
        Input("text", "text", about.say(f"form.{kind}_ask"), value=value, error=error, limit=LIMIT),
        Para((Run(about.say(key), Style.QUIET),)),
        Buttons(
            (
                Button(about.say("button.send_reply"), Press("say", about.dialogue, value=kind), "primary"),
                Button(about.say("button.not_now"), Press("leave", about.dialogue)),
            )
        ),
    )
    return Card("reply", parts, about.say(f"form.{kind}"), about.texts.language)


def given(about: About, kind: Kind, notice: Note | None = None) -> Card:
    """That it was sent, and to whom."""
    line = about.say(f"given.{kind}")
    parts = (
        *((notice,) if notice else ()),
        Title(about.say("given.title" if kind in IN_WORDS else "given.title_noted")),
        Para((Run(line),)),
    )
    return Card("replied", parts, line, about.texts.language)


def news(about: About, response: Response, *, to_leader: bool) -> Card:
    """What the other side is told, in their own chat, with a way to answer."""
    line = about.say(f"news.{response.kind}", who=response.who)
    parts: list[Part] = [Title(about.say("summary.title")), Para((Run(line),))]
    if response.text:
        parts.append(Para((Run(about.texts.quoted(response.text), Style.QUOTE),)))
    buttons = [Button(about.say("button.see_post"), Press("post", about.dialogue))]
    if response.kind in IN_WORDS:
        kind = "answer" if to_leader else "reply"
        buttons.insert(
            0, Button(about.say("button.answer_back"), Press("respond", about.dialogue, value=kind), "primary")
        )
    if to_leader:
        buttons.append(Button(about.say("button.edit_answers"), Press("review", about.dialogue)))
    return Card("news", (*parts, Buttons(tuple(buttons))), line, about.texts.language)
