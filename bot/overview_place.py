"""Where somebody stands in the tree of their units, how it stands there, and the buttons that lead on, up and back.

Promises: a press carries a unit's id and perhaps a round's, and no right: whoever presses is authorised anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.turn import Turn
from cards.card import Button, Press
from cards.overview import ACT
from store.overview import Node
from store.standing import Group

ALL = 0
"""Instead of a unit: everything the person reaches."""
PAGE = 10
LONGEST = 40  # of what a button carries


def press_of(unit_id: int, view: str = "", step: str = "", page: int = 0, round_id: str = "") -> Press:
    """The press that shows a unit, in a round where one is looked at; as it stands now where the round's id has no room in a button."""
    within = f"{unit_id}-{round_id}" if round_id else ""
    value = within if 0 < len(within) <= LONGEST else str(unit_id)
    return Press(ACT, subject=view, step=step, revision=page, value=value)


@dataclass(frozen=True)
class Place:
    """Where the person stands in the tree, with what is below it; `node` is None for all that they reach."""

    turn: Turn
    node: Node | None
    tops: tuple[Node, ...]
    depth: int  # how far above the node the person's post is
    round: str = ""  # which round is looked at; "": how it stands now

    @property
    def id(self) -> int:
        """What buttons call it."""
        return self.node.id if self.node else ALL

    @property
    def ids(self) -> list[int]:
        """The units everything here is below."""
        return [one.id for one in self.tops]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.node.name if self.node else self.turn.say("overview.all")

    @cached_property
    def heads(self) -> tuple[Node, ...]:
        """The units one level down; for all that is reached, the topmost ones."""
        return self.turn.work.overview.children(self.ids) if self.node else self.tops

    def press(self, view: str = "", step: str = "", page: int = 0) -> Press:
        """What shows this place, in the round that is looked at."""
        return press_of(self.id, view, step, page, self.round)

    @property
    def back(self) -> tuple[Button, ...]:
        """One level up, where that is within reach."""
        if self.node is None:
            return ()
        if self.depth and self.node.parent_id is not None:
            return (Button(self.turn.say("overview.up"), press_of(self.node.parent_id, round_id=self.round)),)
        several = len(self.turn.work.overview.tops(self.turn.person.id, self.turn.today)) > 1
        return (Button(self.turn.say("overview.up"), press_of(ALL, round_id=self.round)),) if several else ()

    @property
    def home(self) -> Button:
        """From a list back to what it is a list of."""
        return Button(self.turn.say("overview.back_to", unit=self.title), self.press())


def standing(turn: Turn, place: Place) -> Sequence[Group]:
    """How everything at a place stands, now or in the round that is looked at."""
    heads = [one.id for one in place.heads]
    return turn.work.overview.standing([*heads, *place.ids], place.id, turn.today, place.round)


def of_round(turn: Turn, place: Place, *, is_of_today: bool = False) -> str:
    """That a list is of the round that is looked at, or of today all the same; "" where no round is."""
    if not place.round:
        return ""
    return turn.say("overview.of_today" if is_of_today else "overview.of_round")


def turning(turn: Turn, press: Press, page: int, *, is_more: bool) -> Iterator[Button]:
    """A page back and a page on."""
    if page:
        yield Button(turn.say("overview.page_back"), _on_page(press, page - 1))
    if is_more:
        yield Button(turn.say("overview.page_on"), _on_page(press, page + 1))


def _on_page(press: Press, page: int) -> Press:
    return Press(press.act, subject=press.subject, step=press.step, revision=page, value=press.value)
