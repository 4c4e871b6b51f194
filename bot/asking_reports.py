"""Asking for a report: what the person may have about a unit, for which years, as what; and ordering it.

Promises: nobody is offered, or gets, a report about a unit outside their reach: every press asks the posts of the day anew. An order
is planned in the turn's transaction, once for its event, for the person's own conversation alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from bot import reporting
from bot.naming import SUGGESTED, Called, called
from bot.report_orders import KIND, LONG, NOT_THEIRS, Order, about, token_of, way_about
from bot.reportable import OF_ONE, municipality
from bot.turn import Turn
from cards import reporting as cards
from cards.card import Button, Card, Press
from cards.reporting import FORMAT, OPEN, ORDER, YEAR, Unit
from cards.reports.report import Format, Kind
from dialogs.answers import Raw
from store.overview import Node

ACTS = frozenset({OPEN, ORDER})
AT_ONCE = 4
"""So many reports one person may have under way, so that nobody else waits for all of them."""
_YEAR = re.compile(r"\b(20[0-9][0-9])\b")


def start(turn: Turn, year: int | None = None) -> Card:
    """The unit that the person leads or reaches, or a choice among several."""
    units = _offered(turn)
    match units:
        case []:
            return turn.refusal("no-reach", OPEN, turn.say("reporting.nothing"))
        case [only]:
            return _asked(turn, only, year)
    line = turn.say("reporting.choose") if year is None else turn.say("reporting.choose_year", year=year)
    return _choose(turn, line, units, year)


def typed(turn: Turn, words: str, *, sure: bool) -> Card | None:
    """What was asked for by typing, a unit, a year, or both; None where it is not sure to be meant."""
    name, year = _without_year(words)
    if not name:
        return None if sure else start(turn, year)
    tops = turn.work.overview.tops(turn.person.id, turn.today)
    if not tops:
        return None if sure else turn.refusal("no-reach", OPEN, turn.say("reporting.nothing"))
    units, name, year = _called(turn, tops, words)
    if sure and not (units.is_exact and len(units.units) == 1):
        return None
    match units.units:
        case [only]:
            return _asked(turn, only.id, year)
        case []:
            key, shown = ("overview.no_unit" if units.near else "overview.no_unit_like"), units.near
        case many:
            key = "overview.several_most" if len(many) > SUGGESTED else "overview.several"
            shown = many[:SUGGESTED]
    line = turn.say(key, words=name, count=len(units.units))
    return _choose(turn, line, [one.id for one in shown], year)


def _choose(turn: Turn, line: str, units: Sequence[int | None], year: int | None) -> Card:
    """A choice among units, most of which are shown; and how one that is theirs is named by typing."""
    shown = units[:SUGGESTED]
    rows = _rows(turn, shown, year)
    named = [one for one in shown if one is not None] or [one for one in _offered(turn) if one is not None]
    node = turn.work.overview.node(named[0]) if named else None
    example = (node.name, _years(turn, node.id)[0]) if node else None
    return cards.choose(turn.house.texts(turn.person.language), line, rows, example, is_more=len(units) > len(shown))


def _called(turn: Turn, tops: Sequence[Node], words: str) -> tuple[Called, str, int | None]:
    """The units meant, the words that say so, and the year. A year may be part of a unit's name: »Projekt 2030«."""
    name, year = _without_year(words)
    if year is None:
        return called(turn.work, tops, name), name, None
    whole = called(turn.work, tops, words, nearly=False)
    if whole.units:
        return whole, words, None
    *before, last = _YEAR.finditer(words)
    if before:  # »Projekt 2030 2027«: the last one is the year it is to be about
        rest = " ".join((words[: last.start()] + words[last.end() :]).split())
        part = called(turn.work, tops, rest, nearly=False)
        if part.units:
            return part, rest, int(last[1])
    return called(turn.work, tops, name), name, year


def _without_year(words: str) -> tuple[str, int | None]:
    """The words without any year, and the first year among them."""
    found = _YEAR.search(words)
    return " ".join(_YEAR.sub(" ", words).split()), int(found[1]) if found else None


def button(turn: Turn, tops: Sequence[Node]) -> tuple[Button, ...]:
    """The way to reports for somebody who sees their own units alone: those, as they were just found to be."""
    mine = [found for one in tops if (found := way_about(turn, one.id))]
    if len(mine) > 1:
        return (Button(mine[0][0].label, Press(OPEN)),)
    return mine[0] if mine else ()


def pressed(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Show what can be ordered about a unit, or order it."""
    if not press.value:
        return start(turn)
    number = press.number
    if number is None:
        return _not_theirs(turn, press)
    if press.act == ORDER:
        return _ordered(turn, press, inputs)
    return _asked(turn, number or None, int(press.step) if _YEAR.fullmatch(press.step) else None)


def again(turn: Turn, press: Press) -> Card:
    """What a press that was handled before leads to: nothing is ordered again."""
    return pressed(turn, Press(OPEN, value=press.value), {})


def _offered(turn: Turn) -> list[int | None]:
    """What the person may have reports about: the whole municipality, the units they lead, and then those they reach.

    No more of them than show that there are more than can be shown.
    """
    tops = turn.work.overview.tops(turn.person.id, turn.today)
    led = [unit.id for role, unit in turn.work.posts_of(turn.person.id, turn.today) if role == "leader"]
    units = dict.fromkeys([*led, *(one.id for one in tops)])
    listed = [*([None] if len(tops) > 1 else []), *units]  # one that reaches all is the municipality itself
    theirs = (one for one in listed if reporting.kinds_for(turn.work, turn.person.id, one, turn.today))
    return list(islice(theirs, SUGGESTED + 1))


def _rows(turn: Turn, units: Sequence[int | None], year: int | None) -> list[Unit]:
    nodes = turn.work.overview.nodes([one for one in units if one is not None])
    above = turn.work.overview.nodes([one.parent_id for one in nodes.values() if one.parent_id is not None])
    return [_row(turn, nodes.get(one or 0), above, str(year or "")) for one in units]


def _row(turn: Turn, node: Node | None, above: Mapping[int, Node], year: str) -> Unit:
    if node is None:
        name = municipality(turn.house.municipality, turn.work) or turn.say("overview.all")
        return Unit(name, "", Press(OPEN, step=year, value="0"))
    parent = above.get(node.parent_id or 0)
    return Unit(node.name, parent.name if parent else "", Press(OPEN, step=year, value=str(node.id)))


def _not_theirs(turn: Turn, press: Press) -> Card:
    return turn.refusal(NOT_THEIRS, f"report {press.value}", turn.say("reporting.not_yours"))


# --- the card, and what is ordered on it ---------------------------------------------------------------------------------------------


def _asked(turn: Turn, unit_id: int | None, year: int | None = None) -> Card:
    """The card on which a report about a unit is ordered, the latest year with what it is about chosen."""
    kinds = reporting.kinds_for(turn.work, turn.person.id, unit_id, turn.today)
    if not kinds:
        return _not_theirs(turn, Press(OPEN, value=str(unit_id or 0)))
    years = _years(turn, unit_id)
    kind = _usual(kinds)
    chosen = year if year in years else _judged(turn, unit_id, kind) or years[0]
    order = Order(turn.person.id, kind, unit_id, chosen, Format.WORD, "")
    note = turn.say("reporting.no_year", year=year) if year is not None and year not in years else ""
    return cards.asked(about(turn.house, turn.work, order, turn.person.language), kinds, years, note)


def _years(turn: Turn, unit_id: int | None) -> tuple[int, ...]:
    """The years in which anything was sent, the latest first; this one where nothing ever was."""
    return turn.work.reports.years(unit_id) or (turn.today.year,)


def _judged(turn: Turn, unit_id: int | None, kind: Kind) -> int | None:
    """The latest year in which goals were judged, for a report that is about how they went in many units."""
    if kind in OF_ONE:
        return None
    rounds = frozenset(
        rule.id
        for model in turn.house.library.models.values()
        for rule in model.rounds
        if (script := model.script(rule.script)) and script.judges
    )
    return next(iter(turn.work.reports.years(unit_id, rounds)), None)


def _usual(kinds: Sequence[Kind]) -> Kind:
    """The report of the year, of one unit or of all; else the first there is."""
    return next((one for one in (Kind.JOINT, Kind.UNIT) if one in kinds), kinds[0])


def _ordered(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    unit_id = press.number or None
    kinds = reporting.kinds_for(turn.work, turn.person.id, unit_id, turn.today)
    kind = _one_of(inputs.get(cards.KIND), [one.value for one in kinds])
    if not kinds:
        return _not_theirs(turn, press)
    years = [str(one) for one in _years(turn, unit_id)]
    year, form = _one_of(inputs.get(YEAR), years), _one_of(inputs.get(FORMAT), [one.value for one in Format])
    if not (kind and year and form):  # a field that Slack let somebody empty, or a press that was made up
        return _asked(turn, unit_id)
    token = token_of(turn.platform, turn.event)
    order = Order(turn.person.id, Kind(kind), unit_id, int(year), Format(form), token)
    under_way = turn.work.outbox.under_way(turn.person.id, KIND)
    is_again = any(key.startswith(order.what) for key in under_way)
    if not is_again and len(under_way) >= AT_ONCE:
        return cards.waits(about(turn.house, turn.work, order, turn.person.language), len(under_way))
    if not is_again:
        turn.work.outbox.plan(order.key, KIND, due_at=turn.now, person_id=turn.person.id)
        turn.work.note("ordered", order.what.removesuffix(":"), turn.now, person_id=turn.person.id)
    what = about(turn.house, turn.work, order, turn.person.language)
    rows = turn.work.reports.dialogues(unit_id, order.year, turn.today, is_alone=order.kind in OF_ONE)
    sent = sum(row.is_sent for row in rows)
    return cards.ordered(what, sent, len(rows), is_long=sent > LONG, is_again=is_again)


def _one_of(raw: Raw | None, known: Sequence[str]) -> str:
    """What was chosen, where it can be; "" else."""
    value = raw if isinstance(raw, str) else next(iter(raw or ()), "")
    return value if value in known else ""
