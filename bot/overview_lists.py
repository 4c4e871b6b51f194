"""The lists of `/status` and what they end at: what is worth a look, initiatives and goals, one unit, one initiative's history.

Promises: a list is of a place that was authorised; an initiative's history is authorised here. Long lists come in pages.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot import access, overview_place, overview_words, report_orders
from bot.overview_place import PAGE, Place
from bot.turn import Turn
from cards import overview as cards
from cards.card import Button, Card, Press
from cards.overview import ACT, Line
from dialogs.script import Role
from store.overview import Listed, Node, Said
from store.standing import Standing, counted, worth_a_look

TALKS = 4
GOALS = 8
MOMENTS = 6
_TOLD = (Role.CHALLENGE, Role.REMEDY, Role.NEXT, Role.REMARK)


# --- worth a look first ------------------------------------------------------------------------------------------------------------


def worth_page(turn: Turn, place: Place, page: int) -> Card:
    """All that is worth a look, a page at a time."""
    first, is_more = worth_a_look(overview_place.standing(turn, place), turn.today, PAGE, page * PAGE)
    lines = worth(turn, first, alone=bool(place.round))
    buttons = [*overview_place.turning(turn, place.press("worth"), page, is_more=is_more), place.home]
    title = f"{place.title} · {turn.say('overview.worth')}"
    none = turn.say("overview.worth_none")
    return cards.listed(
        overview_words.texts(turn), title, lines, buttons, body=overview_place.of_round(turn, place), none=none
    )


def worth(turn: Turn, dialogues: Sequence[int], *, alone: bool = False) -> tuple[Line, ...]:
    """The units worth a look first, each with why, and in the leader's own words."""
    first = turn.work.overview.stand(dialogues, alone=alone)
    said: dict[int, list[Said]] = {}
    for one in turn.work.overview.said_in([row.told_in for row in first if row.told_in]):
        said.setdefault(one.dialogue_id, []).append(one)
    return tuple(_worth_line(turn, row, said.get(row.told_in or 0, [])) for row in first)


def _worth_line(turn: Turn, row: Standing, said: Sequence[Said]) -> Line:
    choices = overview_words.choices(turn)
    told = {
        state: number
        for state, number in overview_words.by_state(counted([row.told])).items()
        if overview_words.is_concern(choices, state)
    }
    why = [overview_words.status(turn, one, told[one]).words for one in cards.ordered(told, tuple(choices))]
    if row.is_late(turn.today):
        why.append(turn.say("overview.late", due=row.due_on))
    if any(overview_words.wants_others(turn, one) for one in said):
        why.append(turn.say("overview.help"))
    quote = next(
        (text for one in said for role, _, text in overview_words.texts_of(turn, one) if role is Role.CHALLENGE), ""
    )
    return Line(row.unit, " · ".join(why), overview_place.press_of(row.unit_id, "unit"), quote)


# --- lists -------------------------------------------------------------------------------------------------------------------------


def listed(turn: Turn, place: Place, status: str, page: int) -> Card:
    """The initiatives with a status, unit by unit."""
    found = turn.work.overview.initiatives(place.ids, turn.today, PAGE + 1, page * PAGE, status=status)
    figure = overview_words.status(turn, status, 0)
    lines = [_initiative(turn, one, with_unit=True) for one in found[:PAGE]]
    buttons = [
        *overview_place.turning(turn, place.press("status", status), page, is_more=len(found) > PAGE),
        place.home,
    ]
    title = f"{place.title} · {figure.symbol} {figure.label}"
    body, none = overview_place.of_round(turn, place, is_of_today=True), turn.say("overview.none_such")
    return cards.listed(overview_words.texts(turn), title, lines, buttons, body=body, none=none)


def _initiative(turn: Turn, one: Listed, *, with_unit: bool = False) -> Line:
    status = overview_words.status(turn, one.status, 0) if one.status else None
    about = [f"{status.symbol} {status.label}" if status else turn.say("overview.not_told")]
    about += [one.unit] if with_unit else []
    about += [turn.say("overview.due", due=one.due_on)] if one.due_on else []
    return Line(one.title, " · ".join(about), Press(ACT, subject=f"initiative-{one.id}", value=str(one.unit_id)))


def goals(turn: Turn, place: Place, attainment: str, page: int) -> Card:
    """The goals, all of them or those with an attainment, unit by unit."""
    found = turn.work.overview.goals(place.ids, turn.today, PAGE + 1, page * PAGE, attainment=attainment)
    lines = [
        Line(
            one.title,
            f"{overview_words.how_far(turn, one.attainment)} · {one.unit}",
            overview_place.press_of(one.unit_id, "unit"),
        )
        for one in found[:PAGE]
    ]
    buttons = [*overview_place.turning(turn, place.press("goals", attainment), page, is_more=len(found) > PAGE)]
    if not page and not attainment:
        buttons += [
            Button(overview_words.how_far(turn, one), place.press("goals", one)) for one in overview_words.ATTAINMENTS
        ]
    title = f"{place.title} · {turn.say('overview.goals_of')}"
    body, none = overview_place.of_round(turn, place, is_of_today=True), turn.say("overview.none_such")
    return cards.listed(overview_words.texts(turn), title, lines, [*buttons, place.home], body=body, none=none)


# --- one unit, one initiative ------------------------------------------------------------------------------------------------------


def unit(turn: Turn, place: Place, node: Node, page: int) -> Card:
    """One unit: its dialogues, its initiatives, its goals."""
    unit_id = node.id
    found = turn.work.overview.initiatives((), turn.today, PAGE + 1, page * PAGE, only=unit_id)
    goals = turn.work.overview.goals((), turn.today, GOALS + 1, only=unit_id) if not page else ()
    talks = turn.work.overview.talks(unit_id, TALKS)
    titles = [
        cards.Talk(
            f"{overview_words.script_title(turn, one.model, one.round)} {one.due_on.year}", one.due_on, one.sent_at
        )
        for one in talks
    ]
    told = [f"{overview_words.how_far(turn, one.attainment)}: {one.title}" for one in goals[:GOALS]]
    buttons = [*overview_place.turning(turn, overview_place.press_of(unit_id, "unit"), page, is_more=len(found) > PAGE)]
    if len(goals) > GOALS:
        buttons.append(Button(turn.say("overview.see_goals"), overview_place.press_of(unit_id, "goals")))
    buttons += report_orders.way_about(turn, unit_id)
    up = (place.home,) if place.heads else place.back
    initiatives = [_initiative(turn, one) for one in found[:PAGE]]
    return cards.unit(overview_words.texts(turn), place.title, turn.today, titles, initiatives, told, [*buttons, *up])


def history(turn: Turn, initiative_id: int) -> Card:
    """What was sent of an initiative, round by round."""
    one = turn.work.overview.initiative(initiative_id)
    holders = turn.work.holders(one.unit_id, turn.today) if one else ()
    if one is None or access.reach(turn.person.id, holders) is None:
        return turn.refusal("not-theirs-to-see", f"initiative {initiative_id}", turn.say("overview.not_yours"))
    by_round: dict[int, list[Said]] = {}
    for said in turn.work.overview.history(initiative_id):
        by_round.setdefault(said.dialogue_id, []).append(said)
    moments = [_moment(turn, said) for said in by_round.values()]
    about = [one.unit, overview_words.sources(turn).get(one.source, one.source), turn.say("step.goal", goal=one.goal)]
    about += [turn.say("step.due", due=one.due_on)] if one.due_on else []
    back = Button(turn.say("overview.back_to", unit=one.unit), overview_place.press_of(one.unit_id, "unit"))
    return cards.history(
        overview_words.texts(turn),
        one.title,
        " · ".join(about),
        moments[:MOMENTS],
        (back,),
        earlier=len(moments) > MOMENTS,
    )


def _moment(turn: Turn, said: Sequence[Said]) -> cards.Moment:
    told = [(asked, text) for one in said for role, asked, text in overview_words.texts_of(turn, one) if role in _TOLD]
    states = [
        str(one.values[asked.id])
        for one in said
        for asked in overview_words.fields_of(turn, one)
        if asked.role is Role.STATUS and asked.id in one.values
    ]
    figure = overview_words.status(turn, states[0], 0) if states else None
    status = f"{figure.symbol} {figure.label}" if figure else turn.say("overview.not_told")
    return cards.Moment(said[0].due_on, said[0].person, status, tuple(told))
