"""`/status`: how the units below somebody stand, and the way down to one initiative's history.

Promises: nobody sees a unit outside their reach, whatever they type or press: every press asks the posts of the day anew, names are
looked for among one's own units alone, and a name outside them is answered as one that does not exist. Only what was sent is shown.
The number of statements does not grow with the number of units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot import access, overview_lists, overview_place, overview_words, report_orders, searching
from bot.naming import SUGGESTED, called
from bot.overview_place import ALL, PAGE, Place
from bot.turn import Turn
from cards import overview as cards
from cards.card import Button, Card, Press
from cards.overview import ACT, Figure, Line
from dialogs.answers import Raw
from store.overview import Node
from store.standing import Answered, Brief, Figures, Group, by_head, counted, figures, worth_a_look

ACTS = frozenset({ACT})
WORTH = 5
ROUNDS = 3
_YEAR = re.compile(r"\b(20\d\d)\b")


# --- what is asked for -------------------------------------------------------------------------------------------------------------


def begins(turn: Turn) -> tuple[Node, ...]:
    """The units at which somebody begins who has units below; none for somebody who answers for their own alone."""
    tops = turn.work.overview.tops(turn.person.id, turn.today)
    if not tops or not turn.work.overview.children([one.id for one in tops]):
        return ()
    return _led(turn, tops) or tops


def start(turn: Turn) -> Card | None:
    """The units below the person; None for somebody who has none below, and answers for their own alone."""
    tops = begins(turn)
    return _all(turn, tops) if tops else None


def _led(turn: Turn, tops: tuple[Node, ...]) -> tuple[Node, ...]:
    """The units somebody leads who also reaches what is above them, as a director on the executive board does: there they begin."""
    reached = {one.id for one in tops}
    led = (unit.id for role, unit in turn.work.posts_of(turn.person.id, turn.today) if role == "leader")
    nodes = (turn.work.overview.node(unit) for unit in led if unit not in reached)
    found = tuple(one for one in nodes if one is not None)
    return found if found and turn.work.overview.children([one.id for one in found]) else ()


def own_units(turn: Turn, tops: Sequence[Node]) -> tuple[Button, ...]:
    """For somebody who answers for their own units alone (`tops`): the way to what was told of each."""
    many = len(tops) > 1
    return tuple(
        Button(
            turn.say("overview.see_of", unit=one.name) if many else turn.say("overview.see"),
            overview_place.press_of(one.id),
        )
        for one in tops
    )


def typed(turn: Turn, words: str, *, sure: bool) -> Card | None:
    """What was asked for by typing: a status, a source, goals, a round or year, or a unit; None where that is not sure to be meant."""
    tops = turn.work.overview.tops(turn.person.id, turn.today)
    if not tops:
        return None
    return _of_words(turn, tops, words) or _named(turn, tops, words, sure=sure)


def pressed(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """What a button of these cards leads to; the person's reach is asked anew."""
    if press.subject == "find":
        given = inputs.get(searching.FIELD, "")
        return searching.search(turn, given if isinstance(given, str) else "", press.revision)
    number, _, round_id = press.value.partition("-")
    unit_id = Press(press.act, value=number).number or ALL
    if press.subject.startswith("initiative-"):
        return overview_lists.history(turn, Press(press.act, value=press.subject.rpartition("-")[2]).number or 0)
    if unit_id == ALL:
        tops = turn.work.overview.tops(turn.person.id, turn.today)
        return _shown(turn, Place(turn, None, tops, 0, round_id), press) if tops else _not_theirs(turn, press)
    depth = access.reach(turn.person.id, turn.work.holders(unit_id, turn.today))
    node = turn.work.overview.node(unit_id)
    if depth is None or node is None:
        return _not_theirs(turn, press)
    return _shown(turn, Place(turn, node, (node,), depth, round_id), press)


def _not_theirs(turn: Turn, press: Press) -> Card:
    return turn.refusal("not-theirs-to-see", f"unit {press.value}", turn.say("overview.not_yours"))


def _all(turn: Turn, tops: tuple[Node, ...]) -> Card:
    """Where everybody begins: at the one unit they reach, or at all of them."""
    node = tops[0] if len(tops) == 1 else None
    depth = (access.reach(turn.person.id, turn.work.holders(node.id, turn.today)) or 0) if node else 0
    return _overview(turn, Place(turn, node, tops, depth), 0, mine=_own_part(turn))


def _own_part(turn: Turn) -> tuple[Button, ...]:
    """The way to what the person is to answer themselves: their own dialogues, or what somebody else asked them about."""
    asked = len(turn.work.delegations.of_person(turn.person.id, turn.today))
    if asked:
        return (Button(turn.say("overview.asked", count=asked), Press("status"), "primary"),)
    own = turn.work.dialogues_for(turn.person.id, turn.today)
    return (Button(turn.say("status.title"), Press("status")),) if own else ()


def _shown(turn: Turn, place: Place, press: Press) -> Card:
    page = press.revision
    match press.subject:
        case "status":
            return overview_lists.listed(turn, place, press.step, page)
        case "goals":
            return overview_lists.goals(turn, place, press.step, page)
        case "worth":
            return overview_lists.worth_page(turn, place, page)
        case "source":
            return _overview(turn, place, page, source=press.step)
        case "unit" if place.node:
            return overview_lists.unit(turn, place, place.node, page)
    return _overview(turn, place, page)


# --- what is typed -----------------------------------------------------------------------------------------------------------------


def _of_words(turn: Turn, tops: tuple[Node, ...], words: str) -> Card | None:
    """The card for a status, a source, goals, a round or a year; None when the words are none of these."""
    said = words.casefold()
    node = tops[0] if len(tops) == 1 else None
    place = Place(turn, node, tops, 0)
    for name, choice in overview_words.choices(turn).items():
        if _is_called(said, name, (choice.label.da, choice.label.en)):
            return overview_lists.listed(turn, place, name, 0)
    for name, label in overview_words.sources(turn).items():
        if _is_called(said, name, (label,)):
            return _overview(turn, place, 0, source=name)
    if said in {"mål", "goals", "goal"}:
        return overview_lists.goals(turn, place, "", 0)
    round_id = _round_called(turn, tops, said)
    return _overview(turn, Place(turn, node, tops, 0, round_id), 0) if round_id else None


def _is_called(said: str, name: str, labels: Iterable[str]) -> bool:
    """Whether a word is an id, a label, or a label's beginning or its plural: forsinket, forsinkede, politik, politiske."""
    ways = {name.casefold(), *(label.casefold() for label in labels)}
    ways |= {way.split(",")[0] for way in ways}
    stem = said[:-2] if said.endswith(("de", "te", "ke")) else said
    return said in ways or (len(stem) > 4 and any(way.startswith(stem) for way in ways))  # noqa: PLR2004 - less is no word


def _round_called(turn: Turn, tops: tuple[Node, ...], said: str) -> str:
    """The latest round that a season, a year or both name: »efterår 2026«."""
    year = _YEAR.search(said)
    season = _YEAR.sub("", said).strip()
    if not year and len(season) < 4:  # noqa: PLR2004
        return ""
    for model, name, due in turn.work.overview.rounds([one.id for one in tops]):
        title = overview_words.script_title(turn, model, name)
        if (not year or due.year == int(year[1])) and all(title.casefold().find(one) >= 0 for one in season.split()):
            return name
    return ""


def _named(turn: Turn, tops: tuple[Node, ...], words: str, *, sure: bool) -> Card | None:
    """The unit with a name or code, or part of it; a choice among several; names like it where there is none."""
    found = called(turn.work, tops, words)
    match found.units:
        case [only]:
            depth = access.reach(turn.person.id, turn.work.holders(only.id, turn.today))
            return _overview(turn, Place(turn, only, (only,), depth or 0), 0)
        case [] if sure:
            return None
        case []:
            key = "overview.no_unit" if found.near else "overview.no_unit_like"
            return _choose(turn, turn.say(key, words=words), found.near)
    if sure and not found.is_exact:
        return None
    key = "overview.several_most" if len(found.units) > SUGGESTED else "overview.several"
    return _choose(turn, turn.say(key, words=words, count=len(found.units)), found.units[:SUGGESTED])


def _choose(turn: Turn, line: str, nodes: Sequence[Node]) -> Card:
    above = turn.work.overview.nodes([one.parent_id for one in nodes if one.parent_id is not None])
    lines = [
        Line(
            one.name,
            above[one.parent_id].name if one.parent_id and one.parent_id in above else "",
            overview_place.press_of(one.id),
        )
        for one in nodes
    ]
    return cards.listed(overview_words.texts(turn), line, lines, ())


# --- units together ----------------------------------------------------------------------------------------------------------------


def _overview(
    turn: Turn,
    place: Place,
    page: int,
    *,
    mine: tuple[Button, ...] = (),
    source: str = "",
) -> Card:
    if place.node and not place.heads and not place.round:
        return overview_lists.unit(turn, place, place.node, page)
    rows = overview_place.standing(turn, place)
    below = _below_source(turn, place, rows, source) if source else _below(turn, place, by_head(rows, turn.today))
    if page:
        return _below_page(turn, place, below, page, source)
    together = figures(rows, turn.today)
    first, is_more = worth_a_look(rows, turn.today, WORTH) if not source else ((), False)
    view = cards.Overview(
        texts=overview_words.texts(turn),
        title=_title(turn, place, source),
        today=turn.today,
        rounds=tuple(_round(turn, one) for one in together.rounds[:ROUNDS]),
        statuses=_statuses(turn, place, together, source, has_lists=not place.round),
        sources=() if source else _split(turn, place, together),
        change=() if source else _change(turn, together),
        since=None if source else together.since,
        goals=_attained(turn, together, source),
        goal_sources=() if source else _split_goals(turn, together),
        worth=overview_lists.worth(turn, first, alone=bool(place.round)) if first else (),
        below=tuple(below[:PAGE]),
        more=(*_more(turn, place, source, are_more=len(below) > PAGE, is_more=is_more), *mine),
        note=turn.say("overview.of_round") if place.round else "",
    )
    return cards.shown(view)


def _title(turn: Turn, place: Place, source: str) -> str:
    label = overview_words.sources(turn).get(source, source)
    return f"{place.title} · {label}" if source else place.title


def _round(turn: Turn, one: Answered) -> cards.Round:
    title = f"{overview_words.script_title(turn, one.model, one.round)} {one.due_on.year}"
    return cards.Round(title, one.sent, one.of, one.due_on, one.is_owners)


def _statuses(turn: Turn, place: Place, told: Figures, source: str, *, has_lists: bool) -> tuple[Figure, ...]:
    by_state = overview_words.by_state(told.initiatives, source)
    return tuple(
        overview_words.status(
            turn, one, by_state[one], place.press("status", one) if has_lists and not source else None
        )
        for one in cards.ordered(by_state, tuple(overview_words.choices(turn)))
    )


def _attained(turn: Turn, told: Figures, source: str) -> tuple[Figure, ...]:
    by_state = overview_words.by_state(told.goals, source)
    return tuple(
        overview_words.attainment(turn, one, by_state[one])
        for one in cards.ordered(by_state, overview_words.ATTAINMENTS)
    )


def _change(turn: Turn, told: Figures) -> tuple[Figure, ...]:
    """What is worth telling of the change: first what is worth talking about."""
    choices = overview_words.choices(turn)
    order = sorted(choices, key=lambda one: not choices[one].concern)
    return tuple(overview_words.status(turn, one, told.change[one]) for one in order if told.change.get(one))


def _split(turn: Turn, place: Place, told: Figures) -> tuple[cards.Split, ...]:
    order = tuple(overview_words.choices(turn))
    return tuple(
        cards.Split(
            label,
            tuple(overview_words.status(turn, one, by_state[one]) for one in cards.ordered(by_state, order)),
            place.press("source", source),
        )
        for source, label in overview_words.sources(turn).items()
        if (by_state := overview_words.by_state(told.initiatives, source))
    )


def _split_goals(turn: Turn, told: Figures) -> tuple[cards.Split, ...]:
    return tuple(
        cards.Split(label, figures_of)
        for source, label in overview_words.sources(turn).items()
        if (figures_of := _attained(turn, told, source))
    )


def _below(turn: Turn, place: Place, briefs: Mapping[int, Brief]) -> list[Line]:
    """The unit's own dialogue where it has one, then every unit one level down, in the same round."""
    own = place.node
    lines = []
    if own and own.id in briefs:
        brief = _brief(turn, briefs[own.id])
        lines.append(Line(turn.say("overview.itself", unit=own.name), brief, overview_place.press_of(own.id, "unit")))
    told = ((one, _brief(turn, briefs.get(one.id))) for one in place.heads)
    return [
        *lines,
        *(Line(one.name, brief, overview_place.press_of(one.id, round_id=place.round)) for one, brief in told),
    ]


def _brief(turn: Turn, brief: Brief | None) -> str:
    if brief is None:
        return turn.say("overview.brief_none")
    alone = "overview.brief_sent" if brief.sent else "overview.brief_open"
    told = [turn.say(alone) if brief.of == 1 else turn.say("overview.brief", sent=brief.sent, of=brief.of)]
    told += [turn.say("overview.brief_late", late=brief.late)] if brief.late else []
    told += [turn.say("overview.brief_concerns", concerns=brief.concerns)] if brief.concerns else []
    return " · ".join(told)


def _below_source(turn: Turn, place: Place, rows: Sequence[Group], source: str) -> list[Line]:
    """One source, unit by unit: the unit itself and those one level down, as far as they told of it."""
    told: dict[int, list[str | None]] = {}
    for row in rows:
        told.setdefault(row.head, []).append(row.told)
    order, own = tuple(overview_words.choices(turn)), place.node
    named = (
        [(own.id, turn.say("overview.itself", unit=own.name), overview_place.press_of(own.id, "unit"))] if own else []
    )
    named += [
        (one.id, one.name, overview_place.press_of(one.id, "source", source, round_id=place.round))
        for one in place.heads
    ]
    lines = []
    for unit, name, press in named:
        by_state = overview_words.by_state(counted(told.get(unit, ())), source)
        about = cards.counts(
            overview_words.status(turn, state, by_state[state]) for state in cards.ordered(by_state, order)
        )
        if about:
            lines.append(Line(name, about, press))
    return lines


def _below_page(turn: Turn, place: Place, lines: Sequence[Line], page: int, source: str) -> Card:
    shown = lines[page * PAGE : (page + 1) * PAGE]
    press = place.press("source" if source else "", source)
    buttons = [*overview_place.turning(turn, press, page, is_more=len(lines) > (page + 1) * PAGE), place.home]
    first, last = page * PAGE + 1, page * PAGE + len(shown)
    name = _title(turn, place, source)
    title = turn.say("overview.below_of", unit=name, first=first, last=last, of=len(lines))
    return cards.listed(overview_words.texts(turn), title, shown, buttons, body=overview_place.of_round(turn, place))


def _more(turn: Turn, place: Place, source: str, *, are_more: bool, is_more: bool) -> Iterator[Button]:
    if are_more:
        press = place.press("source" if source else "", source, page=1)
        yield Button(turn.say("overview.more_units"), press)
    if source:
        yield place.home
        return
    if is_more:
        yield Button(turn.say("overview.more_worth"), place.press("worth"))
    yield Button(turn.say("overview.see_goals"), place.press("goals"))
    yield Button(turn.say("overview.search"), Press(ACT, subject="find"))
    if place.node and place.heads:  # there is always one about all that is below a unit
        yield report_orders.asking(turn, place.node.id)
    else:
        yield from report_orders.way_about(turn, place.node.id) if place.node else report_orders.way(turn, None)
    yield from place.back
