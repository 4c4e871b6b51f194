"""The director's picture: the units below somebody as a tree, the traffic of answers over a round, and how it stands by source.

Promises: who sees what is `/status`'s own: nobody sees a unit outside their reach, and one outside it is answered as one that does not
exist. The figures are those of `/status`, of what was sent alone. The number of statements does not grow with the number of units.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot import access, overview, overview_place, states
from bot.clock import danish_day
from bot.turn import Turn
from cards import overview as cards
from cards.overview import Figure, Split
from cards.picture import Branch, folded
from cards.traffic import Traffic
from dialogs.script import Attainment
from store.overview import Node
from store.standing import Answered, Brief, Told, by_head, figures
from store.traffic import Which

ALL = overview_place.ALL
ROUNDS = 6
_ATTAINMENTS = tuple(one.value for one in Attainment)
_ID = re.compile(r"[0-9]{1,9}")

Refusal = Literal["nothing-below", "not-theirs"]


@dataclass(frozen=True, slots=True)
class Picture:
    """What the picture shows; `unit` is ALL for everything the person reaches, `up` what leads a level up, None where nothing does."""

    unit: int
    name: str
    up: int | None
    heads: tuple[tuple[int, str], ...]
    rounds: tuple[tuple[str, str], ...]  # the round's id, and what it is called
    round: str  # the round that was asked for; "" for how it stands now
    lines: tuple[tuple[str, str], ...]  # how many have answered, and by when
    tree: tuple[Branch, ...]
    traffic: Traffic | None
    initiatives: tuple[Split, ...]
    goals: tuple[Split, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    node: Node | None
    tops: tuple[Node, ...]
    up: int | None

    @property
    def id(self) -> int:
        return self.node.id if self.node else ALL

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.tops]


def picture(turn: Turn, unit: str = "", round_id: str = "") -> Picture | Refusal:
    """The picture of a unit by its id, or of where the person begins; in a round, or as it stands now."""
    begins = overview.begins(turn)
    if not begins:
        return "nothing-below"
    place = _place(turn, unit, begins)
    if place is None:
        return "not-theirs"
    rounds = dict(_rounds(turn, place))
    return _drawn(turn, place, rounds, round_id if round_id in rounds else "")


def _place(turn: Turn, unit: str, begins: tuple[Node, ...]) -> _Place | None:
    """The unit asked for, if it is within reach today; where nobody asked, the one place or all where the person begins."""
    if unit and not _ID.fullmatch(unit):
        return None
    unit_id = int(unit or ALL)
    if unit_id == ALL and len(begins) > 1:
        return _Place(None, begins, None)
    unit_id = unit_id or begins[0].id
    depth = access.reach(turn.person.id, turn.work.holders(unit_id, turn.today))
    node = turn.work.overview.node(unit_id)
    if depth is None or node is None:
        return None
    if depth and node.parent_id is not None:
        return _Place(node, (node,), node.parent_id)
    return _Place(node, (node,), ALL if len(begins) > 1 else None)


def _rounds(turn: Turn, place: _Place) -> list[tuple[str, str]]:
    """The newest rounds that there is anything of, by id, each with what it is called."""
    found: dict[str, str] = {}
    for model, name, due in turn.work.overview.rounds(place.ids):
        found.setdefault(name, _titled(turn, model, name, due))
    return list(found.items())[:ROUNDS]


def _titled(turn: Turn, model: str, round_id: str, due: date) -> str:
    return f"{states.round_title(turn.house.library, model, round_id, turn.person.language)} {due.year}"


def _drawn(turn: Turn, place: _Place, rounds: Mapping[str, str], round_id: str) -> Picture:
    heads = turn.work.overview.children(place.ids) if place.node else place.tops
    rows = turn.work.overview.standing([one.id for one in heads] + place.ids, place.id, turn.today, round_id)
    together = figures(rows, turn.today)
    briefs = by_head(rows, turn.today)
    return Picture(
        unit=place.id,
        name=place.node.name if place.node else turn.say("overview.all"),
        up=place.up,
        heads=tuple((one.id, one.name) for one in heads),
        rounds=tuple(rounds.items()),
        round=round_id,
        lines=tuple(_line(turn, one) for one in together.rounds),
        tree=_tree(turn, place, heads, briefs, round_id),
        traffic=_traffic(turn, place, together.rounds, round_id),
        initiatives=_initiatives(turn, together.initiatives),
        goals=_goals(turn, together.goals),
    )


def _line(turn: Turn, one: Answered) -> tuple[str, str]:
    title = _titled(turn, one.model, one.round, one.due_on)
    texts = turn.house.texts(turn.person.language)
    said = cards.progress(texts, cards.Round(title, one.sent, one.of, one.due_on, one.is_owners), turn.today)
    return said.words, said.label


# --- the tree -----------------------------------------------------------------------------------------------------------------------


def _tree(
    turn: Turn, place: _Place, heads: Sequence[Node], briefs: Mapping[int, Brief], round_id: str
) -> tuple[Branch, ...]:
    """The place, the units below it, and those below them, each with the figures of all below it."""
    below = turn.work.overview.children([one.id for one in heads])
    rows = turn.work.overview.standing([one.id for one in below], ALL, turn.today, round_id) if below else ()
    inner = by_head(rows, turn.today)
    families: dict[int | None, list[Branch]] = {}
    for one in below:
        families.setdefault(one.parent_id, []).append(_branch(one.id, one.name, 2, inner.get(one.id)))
    name = place.node.name if place.node else turn.say("overview.all")
    tree = [_branch(place.id, name, 0, _sum(briefs))]
    if place.node and heads and place.id in briefs:
        tree.append(_branch(place.id, turn.say("overview.itself", unit=name), 1, briefs[place.id]))
    for head in heads:
        tree += [_branch(head.id, head.name, 1, briefs.get(head.id)), *families.get(head.id, ())]
    return folded(tree, turn.person.language)


def _branch(unit: int, name: str, depth: int, brief: Brief | None) -> Branch:
    told = brief or Brief(0, 0, 0, 0)
    return Branch(unit, name, depth, told.sent, told.of, told.late, told.concerns)


def _sum(briefs: Mapping[int, Brief]) -> Brief:
    of = briefs.values()
    return Brief(*(sum(one[at] for one in of) for at in range(4)))


# --- the traffic of answers -----------------------------------------------------------------------------------------------------------


def _traffic(turn: Turn, place: _Place, rounds: Sequence[Answered], round_id: str) -> Traffic | None:
    """The traffic of the round that most have part in; None where there is no round yet."""
    if not rounds:
        return None
    most = rounds[0]
    which = Which(most.model, most.round, most.is_owners)
    found = turn.work.traffic.sendings(place.ids, which, turn.today, latest=not round_id)
    dues: Counter[date] = Counter()
    days: Counter[date] = Counter()
    late = 0
    for one in found:
        dues[one.due_on] += one.number
        if one.at is not None:
            day = danish_day(one.at)
            days[day] += one.number
            late += one.number if day > one.due_on else 0
    if not found:
        return None
    title = _titled(turn, most.model, most.round, most.due_on)
    opens = min(one.opens_on for one in found)
    return Traffic(title, opens, dict(dues), turn.today, tuple(sorted(days.items())), late)


# --- by source ------------------------------------------------------------------------------------------------------------------------


def _by_state(told: Told, source: str) -> dict[str, int]:
    return {state: count for (of, state), count in told.items() if of == source and count}


def _labels(turn: Turn, told: Told) -> Mapping[str, str]:
    """The sources that were told of, in the models' order; those no model knows any more last."""
    known = states.sources(turn.house.library, turn.person.language)
    return {**known, **{source: source for source, _ in sorted(told) if source not in known}}


def _initiatives(turn: Turn, told: Told) -> tuple[Split, ...]:
    choices = states.choices(turn.house.library)

    def figure(state: str, count: int) -> Figure:
        choice = choices.get(state)
        label = choice.label.in_(turn.person.language) if choice else state
        return Figure(choice.symbol if choice else "", label, count)

    return tuple(
        Split(label, tuple(figure(one, by_state[one]) for one in cards.ordered(by_state, tuple(choices))))
        for source, label in _labels(turn, told).items()
        if (by_state := _by_state(told, source))
    )


def _goals(turn: Turn, told: Told) -> tuple[Split, ...]:
    def figure(state: str, count: int) -> Figure:
        label = turn.say(f"attainment.{state}") if state in _ATTAINMENTS else state
        return Figure(cards.symbol_of(state), label, count)

    return tuple(
        Split(label, tuple(figure(one, by_state[one]) for one in cards.ordered(by_state, _ATTAINMENTS)))
        for source, label in _labels(turn, told).items()
        if (by_state := _by_state(told, source))
    )
