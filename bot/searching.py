"""Searching what was answered: where something is mentioned, by whom and when.

Promises: only answers that were sent are looked at, and only those of the units that the person reaches on the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import overview_place, overview_words
from bot.overview_place import PAGE
from bot.turn import Turn
from cards import overview as cards
from cards.card import Button, Card, Press
from cards.overview import ACT
from store.overview import Node, Said

FIELD = "words"


def search(turn: Turn, words: str, page: int = 0) -> Card:
    """Where something is mentioned among the answers that were sent in the person's units."""
    tops = turn.work.overview.tops(turn.person.id, turn.today)
    if not tops:
        return turn.refusal("no-reach", "search", turn.say("overview.no_reach"))
    return _search(turn, tops, " ".join(words.split())[:100], page)


def _search(turn: Turn, tops: Sequence[Node], words: str, page: int) -> Card:
    is_word = len(words) > 1
    found, is_cut = turn.work.overview.mentions([one.id for one in tops], words) if is_word else ((), False)
    hits = [(one, text) for one in found if (text := _mention(turn, one, words))]
    shown = hits[page * PAGE : (page + 1) * PAGE]
    numbers = [int(one.subject.rpartition("-")[2]) for one, _ in shown if one.subject.startswith("initiative-")]
    titles = turn.work.overview.titles(numbers)
    press = Press(ACT, subject="find")
    buttons = [Button(turn.say("overview.search"), press, "primary")]
    buttons += overview_place.turning(turn, press, page, is_more=len(hits) > (page + 1) * PAGE)
    lines = [_found(turn, one, text, titles) for one, text in shown]
    return cards.found(overview_words.texts(turn), words, lines, len(hits), buttons, FIELD, is_cut=is_cut)


def _mention(turn: Turn, one: Said, words: str) -> str:
    """The words as they stand in what somebody wrote; "" where they stand in no text."""
    texts = (text for _, _, text in overview_words.texts_of(turn, one))
    return next((found for text in texts if (found := cards.snippet(text, words))), "")


def _found(turn: Turn, one: Said, text: str, titles: Mapping[int, str]) -> cards.Found:
    kind, _, number = one.subject.rpartition("-")
    about = titles.get(int(number), "") if kind == "initiative" else ""
    press = (
        Press(ACT, subject=one.subject, value=str(one.unit_id))
        if about
        else overview_place.press_of(one.unit_id, "unit")
    )
    title = about or turn.say("overview.dialogue_of", due=one.due_on)
    return cards.Found(one.unit, title, text, one.person, one.at, press)
