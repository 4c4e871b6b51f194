"""`/status`: how the units below somebody stand, and the way down to one initiative's history; and searching what was answered.

Promises: nobody sees a unit outside their reach, whatever they type or press: every press asks the posts of the day anew, names are
looked for among one's own units alone, and a name outside them is answered as one that does not exist. Only what was sent is shown.
The number of statements does not grow with the number of units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from bot import access, gathering, states
from bot.turn import Turn
from cards import overview as cards
from cards.card import Button, Card, Press
from cards.overview import ACT, Figure, Line
from cards.wording import Texts
from dialogs.answers import Raw, as_people
from dialogs.script import Attainment, Choice, Field, Kind, Role
from store.overview import Listed, Node, Said
from store.standing import Answered, Brief, Figures, Group, Standing, by_head, counted, figures, worth_a_look

ACTS = frozenset({ACT})
ALL = 0
"""Instead of a unit: everything the person reaches."""
PAGE = 10
WORTH = 5
TALKS = 4
GOALS = 8
ROUNDS = 3
MOMENTS = 6
SUGGESTED = 8
FIELD = "words"
LONGEST = 40  # of what a button carries
_TOLD = (Role.CHALLENGE, Role.REMEDY, Role.NEXT, Role.REMARK)
_ATTAINMENTS = tuple(one.value for one in Attainment)
_YEAR = re.compile(r"\b(20\d\d)\b")


# --- what is asked for ------------------------------------------------------------------------------------------------------------


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


def own_units(turn: Turn) -> tuple[Button, ...]:
    """For somebody who answers for their own units alone: the way to what was told of each."""
    tops = turn.work.overview.tops(turn.person.id, turn.today)[:SUGGESTED]
    many = len(tops) > 1
    return tuple(
        Button(turn.say("overview.see_of", unit=one.name) if many else turn.say("overview.see"), _press(one.id))
        for one in tops
    )


def typed(turn: Turn, words: str, *, sure: bool) -> Card | None:
    """What was asked for by typing: a status, a source, goals, a round or year, or a unit; None where that is not sure to be meant."""
    tops = turn.work.overview.tops(turn.person.id, turn.today)
    if not tops:
        return None
    return _of_words(turn, tops, words) or _named(turn, tops, words, sure=sure)


def search(turn: Turn, words: str, page: int = 0) -> Card:
    """Where something is mentioned among the answers that were sent in the person's units."""
    tops = turn.work.overview.tops(turn.person.id, turn.today)
    if not tops:
        return turn.refusal("no-reach", "search", turn.say("overview.no_reach"))
    return _search(turn, tops, " ".join(words.split())[:100], page)


def pressed(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """What a button of these cards leads to; the person's reach is asked anew."""
    if press.subject == "find":
        given = inputs.get(FIELD, "")
        return search(turn, given if isinstance(given, str) else "", press.revision)
    number, _, round_id = press.value.partition("-")
    unit_id = Press(press.act, value=number).number or ALL
    if press.subject.startswith("initiative-"):
        return _history(turn, Press(press.act, value=press.subject.rpartition("-")[2]).number or 0)
    if unit_id == ALL:
        tops = turn.work.overview.tops(turn.person.id, turn.today)
        return _shown(turn, _Place(turn, None, tops, 0, round_id), press) if tops else _not_theirs(turn, press)
    depth = access.reach(turn.person.id, turn.work.holders(unit_id, turn.today))
    node = turn.work.overview.node(unit_id)
    if depth is None or node is None:
        return _not_theirs(turn, press)
    return _shown(turn, _Place(turn, node, (node,), depth, round_id), press)


def _not_theirs(turn: Turn, press: Press) -> Card:
    return turn.refusal("not-theirs-to-see", f"unit {press.value}", turn.say("overview.not_yours"))


def _press(unit_id: int, view: str = "", step: str = "", page: int = 0, round_id: str = "") -> Press:
    """The press that shows a unit, in a round where one is looked at; as it stands now where the round's id has no room in a button."""
    within = f"{unit_id}-{round_id}" if round_id else ""
    value = within if 0 < len(within) <= LONGEST else str(unit_id)
    return Press(ACT, subject=view, step=step, revision=page, value=value)


@dataclass(frozen=True)
class _Place:
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
        return _press(self.id, view, step, page, self.round)

    @property
    def back(self) -> tuple[Button, ...]:
        """One level up, where that is within reach."""
        if self.node is None:
            return ()
        if self.depth and self.node.parent_id is not None:
            return (Button(self.turn.say("overview.up"), _press(self.node.parent_id, round_id=self.round)),)
        several = len(self.turn.work.overview.tops(self.turn.person.id, self.turn.today)) > 1
        return (Button(self.turn.say("overview.up"), _press(ALL, round_id=self.round)),) if several else ()

    @property
    def home(self) -> Button:
        """From a list back to what it is a list of."""
        return Button(self.turn.say("overview.back_to", unit=self.title), self.press())


def _all(turn: Turn, tops: tuple[Node, ...]) -> Card:
    """Where everybody begins: at the one unit they reach, or at all of them."""
    node = tops[0] if len(tops) == 1 else None
    depth = (access.reach(turn.person.id, turn.work.holders(node.id, turn.today)) or 0) if node else 0
    return _overview(turn, _Place(turn, node, tops, depth), 0, mine=_own_part(turn))


def _own_part(turn: Turn) -> tuple[Button, ...]:
    """The way to what the person is to answer themselves: their own dialogues, or what somebody else asked them about."""
    asked = len(turn.work.delegations.of_person(turn.person.id, turn.today))
    if asked:
        return (Button(turn.say("overview.asked", count=asked), Press("status"), "primary"),)
    own = turn.work.dialogues_for(turn.person.id, turn.today)
    return (Button(turn.say("status.title"), Press("status")),) if own else ()


def _shown(turn: Turn, place: _Place, press: Press) -> Card:
    page = press.revision
    match press.subject:
        case "status":
            return _listed(turn, place, press.step, page)
        case "goals":
            return _goals(turn, place, press.step, page)
        case "worth":
            return _worth_page(turn, place, page)
        case "source":
            return _overview(turn, place, page, source=press.step)
        case "unit":
            return _unit(turn, place, page)
    return _overview(turn, place, page)


# --- what is typed ------------------------------------------------------------------------------------------------------------------


def _of_words(turn: Turn, tops: tuple[Node, ...], words: str) -> Card | None:
    """The card for a status, a source, goals, a round or a year; None when the words are none of these."""
    said = words.casefold()
    node = tops[0] if len(tops) == 1 else None
    place = _Place(turn, node, tops, 0)
    for name, choice in _choices(turn).items():
        if _is_called(said, name, (choice.label.da, choice.label.en)):
            return _listed(turn, place, name, 0)
    for name, label in _sources(turn).items():
        if _is_called(said, name, (label,)):
            return _overview(turn, place, 0, source=name)
    if said in {"mål", "goals", "goal"}:
        return _goals(turn, place, "", 0)
    round_id = _round_called(turn, tops, said)
    return _overview(turn, _Place(turn, node, tops, 0, round_id), 0) if round_id else None


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
        title = _script_title(turn, model, name)
        if (not year or due.year == int(year[1])) and all(title.casefold().find(one) >= 0 for one in season.split()):
            return name
    return ""


def _named(turn: Turn, tops: tuple[Node, ...], words: str, *, sure: bool) -> Card | None:
    """The unit with a name or code, or part of it; a choice among several; names like it where there is none."""
    said = words.casefold().strip("»«\"' ")
    within = turn.work.overview.within([one.id for one in tops])
    exact = [node for node, code in within if said in {node.name.casefold(), code.casefold()}]
    parts = exact or [node for node, _ in within if said in node.name.casefold()]
    match parts:
        case [only]:
            depth = access.reach(turn.person.id, turn.work.holders(only.id, turn.today))
            return _overview(turn, _Place(turn, only, (only,), depth or 0), 0)
        case [] if sure:
            return None
        case []:
            like = get_close_matches(said, {node.name.casefold() for node, _ in within}, SUGGESTED, 0.6)
            near = [node for name in like for node, _ in within if node.name.casefold() == name][:SUGGESTED]
            key = "overview.no_unit" if near else "overview.no_unit_like"
            return _choose(turn, turn.say(key, words=words), near)
    if sure and not exact:
        return None
    key = "overview.several_most" if len(parts) > SUGGESTED else "overview.several"
    return _choose(turn, turn.say(key, words=words, count=len(parts)), parts[:SUGGESTED])


def _choose(turn: Turn, line: str, nodes: Sequence[Node]) -> Card:
    above = turn.work.overview.nodes([one.parent_id for one in nodes if one.parent_id is not None])
    lines = [
        Line(one.name, above[one.parent_id].name if one.parent_id and one.parent_id in above else "", _press(one.id))
        for one in nodes
    ]
    return cards.listed(_texts(turn), line, lines, ())


# --- units together -----------------------------------------------------------------------------------------------------------------


def _overview(
    turn: Turn,
    place: _Place,
    page: int,
    *,
    mine: tuple[Button, ...] = (),
    source: str = "",
) -> Card:
    if place.node and not place.heads and not place.round:
        return _unit(turn, place, page)
    rows = _standing(turn, place)
    below = _below_source(turn, place, rows, source) if source else _below(turn, place, by_head(rows, turn.today))
    if page:
        return _below_page(turn, place, below, page, source)
    together = figures(rows, turn.today)
    first, is_more = worth_a_look(rows, turn.today, WORTH) if not source else ((), False)
    view = cards.Overview(
        texts=_texts(turn),
        title=_title(turn, place, source),
        today=turn.today,
        rounds=tuple(_round(turn, one) for one in together.rounds[:ROUNDS]),
        statuses=_statuses(turn, place, together, source, has_lists=not place.round),
        sources=() if source else _split(turn, place, together),
        change=() if source else _change(turn, together),
        since=None if source else together.since,
        goals=_attained(turn, together, source),
        goal_sources=() if source else _split_goals(turn, together),
        worth=_worth(turn, first, alone=bool(place.round)) if first else (),
        below=tuple(below[:PAGE]),
        more=(*_more(turn, place, source, are_more=len(below) > PAGE, is_more=is_more), *mine),
        note=turn.say("overview.of_round") if place.round else "",
    )
    return cards.shown(view)


def _standing(turn: Turn, place: _Place) -> Sequence[Group]:
    """How everything at a place stands, now or in the round that is looked at."""
    heads = [one.id for one in place.heads]
    return turn.work.overview.standing([*heads, *place.ids], place.id, turn.today, place.round)


def _title(turn: Turn, place: _Place, source: str) -> str:
    label = _sources(turn).get(source, source)
    return f"{place.title} · {label}" if source else place.title


def _round(turn: Turn, one: Answered) -> cards.Round:
    title = f"{_script_title(turn, one.model, one.round)} {one.due_on.year}"
    return cards.Round(title, one.sent, one.of, one.due_on, one.is_owners)


def _script_title(turn: Turn, model_id: str, round_id: str) -> str:
    """What a round is called: Forårsdialog."""
    return states.round_title(turn.house.library, model_id, round_id, turn.person.language)


def _by_state(told: Mapping[tuple[str, str], int], source: str = "") -> dict[str, int]:
    found: dict[str, int] = {}
    for (of, state), number in told.items():
        if not source or of == source:
            found[state] = found.get(state, 0) + number
    return found


def _statuses(turn: Turn, place: _Place, told: Figures, source: str, *, has_lists: bool) -> tuple[Figure, ...]:
    by_state = _by_state(told.initiatives, source)
    return tuple(
        _status(turn, one, by_state[one], place.press("status", one) if has_lists and not source else None)
        for one in cards.ordered(by_state, tuple(_choices(turn)))
    )


def _status(turn: Turn, state: str, number: int, press: Press | None = None) -> Figure:
    choice = _choices(turn).get(state)
    label = choice.label.in_(turn.person.language) if choice else state
    return Figure(choice.symbol if choice else "", label, number, press)


def _attainment(turn: Turn, state: str, number: int) -> Figure:
    return Figure(cards.symbol_of(state), turn.say(f"attainment.{state}") if state in _ATTAINMENTS else state, number)


def _attained(turn: Turn, told: Figures, source: str) -> tuple[Figure, ...]:
    by_state = _by_state(told.goals, source)
    return tuple(_attainment(turn, one, by_state[one]) for one in cards.ordered(by_state, _ATTAINMENTS))


def _change(turn: Turn, told: Figures) -> tuple[Figure, ...]:
    """What is worth telling of the change: first what is worth talking about."""
    choices = _choices(turn)
    order = sorted(choices, key=lambda one: not choices[one].concern)
    return tuple(_status(turn, one, told.change[one]) for one in order if told.change.get(one))


def _split(turn: Turn, place: _Place, told: Figures) -> tuple[cards.Split, ...]:
    order = tuple(_choices(turn))
    return tuple(
        cards.Split(
            label,
            tuple(_status(turn, one, by_state[one]) for one in cards.ordered(by_state, order)),
            place.press("source", source),
        )
        for source, label in _sources(turn).items()
        if (by_state := _by_state(told.initiatives, source))
    )


def _split_goals(turn: Turn, told: Figures) -> tuple[cards.Split, ...]:
    return tuple(
        cards.Split(label, figures_of)
        for source, label in _sources(turn).items()
        if (figures_of := _attained(turn, told, source))
    )


def _below(turn: Turn, place: _Place, briefs: Mapping[int, Brief]) -> list[Line]:
    """The unit's own dialogue where it has one, then every unit one level down, in the same round."""
    own = place.node
    lines = []
    if own and own.id in briefs:
        brief = _brief(turn, briefs[own.id])
        lines.append(Line(turn.say("overview.itself", unit=own.name), brief, _press(own.id, "unit")))
    told = ((one, _brief(turn, briefs.get(one.id))) for one in place.heads)
    return [*lines, *(Line(one.name, brief, _press(one.id, round_id=place.round)) for one, brief in told)]


def _brief(turn: Turn, brief: Brief | None) -> str:
    if brief is None:
        return turn.say("overview.brief_none")
    alone = "overview.brief_sent" if brief.sent else "overview.brief_open"
    told = [turn.say(alone) if brief.of == 1 else turn.say("overview.brief", sent=brief.sent, of=brief.of)]
    told += [turn.say("overview.brief_late", late=brief.late)] if brief.late else []
    told += [turn.say("overview.brief_concerns", concerns=brief.concerns)] if brief.concerns else []
    return " · ".join(told)


def _below_source(turn: Turn, place: _Place, rows: Sequence[Group], source: str) -> list[Line]:
    """One source, unit by unit: the unit itself and those one level down, as far as they told of it."""
    told: dict[int, list[str | None]] = {}
    for row in rows:
        told.setdefault(row.head, []).append(row.told)
    order, own = tuple(_choices(turn)), place.node
    named = [(own.id, turn.say("overview.itself", unit=own.name), _press(own.id, "unit"))] if own else []
    named += [(one.id, one.name, _press(one.id, "source", source, round_id=place.round)) for one in place.heads]
    lines = []
    for unit, name, press in named:
        by_state = _by_state(counted(told.get(unit, ())), source)
        about = cards.counts(_status(turn, state, by_state[state]) for state in cards.ordered(by_state, order))
        if about:
            lines.append(Line(name, about, press))
    return lines


def _below_page(turn: Turn, place: _Place, lines: Sequence[Line], page: int, source: str) -> Card:
    shown = lines[page * PAGE : (page + 1) * PAGE]
    press = place.press("source" if source else "", source)
    buttons = [*_turning(turn, press, page, is_more=len(lines) > (page + 1) * PAGE), place.home]
    first, last = page * PAGE + 1, page * PAGE + len(shown)
    name = _title(turn, place, source)
    title = turn.say("overview.below_of", unit=name, first=first, last=last, of=len(lines))
    return cards.listed(_texts(turn), title, shown, buttons, body=_of_round(turn, place))


def _of_round(turn: Turn, place: _Place, *, is_of_today: bool = False) -> str:
    """That a list is of the round that is looked at, or of today all the same; "" where no round is."""
    if not place.round:
        return ""
    return turn.say("overview.of_today" if is_of_today else "overview.of_round")


def _turning(turn: Turn, press: Press, page: int, *, is_more: bool) -> Iterator[Button]:
    """A page back and a page on."""
    if page:
        yield Button(turn.say("overview.page_back"), _on_page(press, page - 1))
    if is_more:
        yield Button(turn.say("overview.page_on"), _on_page(press, page + 1))


def _on_page(press: Press, page: int) -> Press:
    return Press(press.act, subject=press.subject, step=press.step, revision=page, value=press.value)


def _more(turn: Turn, place: _Place, source: str, *, are_more: bool, is_more: bool) -> Iterator[Button]:
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
    yield from place.back


# --- worth a look first -------------------------------------------------------------------------------------------------------------


def _worth(turn: Turn, dialogues: Sequence[int], *, alone: bool = False) -> tuple[Line, ...]:
    """The units worth a look first, each with why, and in the leader's own words."""
    first = turn.work.overview.stand(dialogues, alone=alone)
    said: dict[int, list[Said]] = {}
    for one in turn.work.overview.said_in([row.told_in for row in first if row.told_in]):
        said.setdefault(one.dialogue_id, []).append(one)
    return tuple(_worth_line(turn, row, said.get(row.told_in or 0, [])) for row in first)


def _worth_line(turn: Turn, row: Standing, said: Sequence[Said]) -> Line:
    choices = _choices(turn)
    told = {state: number for state, number in _by_state(counted([row.told])).items() if _is_concern(choices, state)}
    why = [_status(turn, one, told[one]).words for one in cards.ordered(told, tuple(choices))]
    if row.is_late(turn.today):
        why.append(turn.say("overview.late", due=row.due_on))
    if any(_wants_others(turn, one) for one in said):
        why.append(turn.say("overview.help"))
    quote = next((text for one in said for role, _, text in _texts_of(turn, one) if role is Role.CHALLENGE), "")
    return Line(row.unit, " · ".join(why), _press(row.unit_id, "unit"), quote)


def _is_concern(choices: Mapping[str, Choice], state: str) -> bool:
    return state in choices and choices[state].concern


def _worth_page(turn: Turn, place: _Place, page: int) -> Card:
    first, is_more = worth_a_look(_standing(turn, place), turn.today, PAGE, page * PAGE)
    lines = _worth(turn, first, alone=bool(place.round))
    buttons = [*_turning(turn, place.press("worth"), page, is_more=is_more), place.home]
    title = f"{place.title} · {turn.say('overview.worth')}"
    none = turn.say("overview.worth_none")
    return cards.listed(_texts(turn), title, lines, buttons, body=_of_round(turn, place), none=none)


# --- lists --------------------------------------------------------------------------------------------------------------------------


def _listed(turn: Turn, place: _Place, status: str, page: int) -> Card:
    """The initiatives with a status, unit by unit."""
    found = turn.work.overview.initiatives(place.ids, turn.today, PAGE + 1, page * PAGE, status=status)
    figure = _status(turn, status, 0)
    lines = [_initiative(turn, one, with_unit=True) for one in found[:PAGE]]
    buttons = [*_turning(turn, place.press("status", status), page, is_more=len(found) > PAGE), place.home]
    title = f"{place.title} · {figure.symbol} {figure.label}"
    body, none = _of_round(turn, place, is_of_today=True), turn.say("overview.none_such")
    return cards.listed(_texts(turn), title, lines, buttons, body=body, none=none)


def _initiative(turn: Turn, one: Listed, *, with_unit: bool = False) -> Line:
    status = _status(turn, one.status, 0) if one.status else None
    about = [f"{status.symbol} {status.label}" if status else turn.say("overview.not_told")]
    about += [one.unit] if with_unit else []
    about += [turn.say("overview.due", due=one.due_on)] if one.due_on else []
    return Line(one.title, " · ".join(about), Press(ACT, subject=f"initiative-{one.id}", value=str(one.unit_id)))


def _goals(turn: Turn, place: _Place, attainment: str, page: int) -> Card:
    found = turn.work.overview.goals(place.ids, turn.today, PAGE + 1, page * PAGE, attainment=attainment)
    lines = [
        Line(one.title, f"{_how_far(turn, one.attainment)} · {one.unit}", _press(one.unit_id, "unit"))
        for one in found[:PAGE]
    ]
    buttons = [*_turning(turn, place.press("goals", attainment), page, is_more=len(found) > PAGE)]
    if not page and not attainment:
        buttons += [Button(_how_far(turn, one), place.press("goals", one)) for one in _ATTAINMENTS]
    title = f"{place.title} · {turn.say('overview.goals_of')}"
    body, none = _of_round(turn, place, is_of_today=True), turn.say("overview.none_such")
    return cards.listed(_texts(turn), title, lines, [*buttons, place.home], body=body, none=none)


def _how_far(turn: Turn, attainment: str | None) -> str:
    if not attainment:
        return turn.say("overview.not_told")
    figure = _attainment(turn, attainment, 0)
    return f"{figure.symbol} {figure.label}".strip()


# --- one unit, one initiative -------------------------------------------------------------------------------------------------------


def _unit(turn: Turn, place: _Place, page: int) -> Card:
    if place.node is None:
        return _overview(turn, place, page)
    unit_id = place.node.id
    found = turn.work.overview.initiatives((), turn.today, PAGE + 1, page * PAGE, only=unit_id)
    goals = turn.work.overview.goals((), turn.today, GOALS + 1, only=unit_id) if not page else ()
    talks = turn.work.overview.talks(unit_id, TALKS)
    titles = [
        cards.Talk(f"{_script_title(turn, one.model, one.round)} {one.due_on.year}", one.due_on, one.sent_at)
        for one in talks
    ]
    told = [f"{_how_far(turn, one.attainment)}: {one.title}" for one in goals[:GOALS]]
    buttons = [*_turning(turn, _press(unit_id, "unit"), page, is_more=len(found) > PAGE)]
    if len(goals) > GOALS:
        buttons.append(Button(turn.say("overview.see_goals"), _press(unit_id, "goals")))
    up = (place.home,) if place.heads else place.back
    initiatives = [_initiative(turn, one) for one in found[:PAGE]]
    return cards.unit(_texts(turn), place.title, turn.today, titles, initiatives, told, [*buttons, *up])


def _history(turn: Turn, initiative_id: int) -> Card:
    one = turn.work.overview.initiative(initiative_id)
    holders = turn.work.holders(one.unit_id, turn.today) if one else ()
    if one is None or access.reach(turn.person.id, holders) is None:
        return turn.refusal("not-theirs-to-see", f"initiative {initiative_id}", turn.say("overview.not_yours"))
    by_round: dict[int, list[Said]] = {}
    for said in turn.work.overview.history(initiative_id):
        by_round.setdefault(said.dialogue_id, []).append(said)
    moments = [_moment(turn, said) for said in by_round.values()]
    about = [one.unit, _sources(turn).get(one.source, one.source), turn.say("step.goal", goal=one.goal)]
    about += [turn.say("step.due", due=one.due_on)] if one.due_on else []
    back = Button(turn.say("overview.back_to", unit=one.unit), _press(one.unit_id, "unit"))
    return cards.history(
        _texts(turn), one.title, " · ".join(about), moments[:MOMENTS], (back,), earlier=len(moments) > MOMENTS
    )


def _moment(turn: Turn, said: Sequence[Said]) -> cards.Moment:
    told = [(asked, text) for one in said for role, asked, text in _texts_of(turn, one) if role in _TOLD]
    states = [
        str(one.values[asked.id])
        for one in said
        for asked in _fields_of(turn, one)
        if asked.role is Role.STATUS and asked.id in one.values
    ]
    figure = _status(turn, states[0], 0) if states else None
    status = f"{figure.symbol} {figure.label}" if figure else turn.say("overview.not_told")
    return cards.Moment(said[0].due_on, said[0].person, status, tuple(told))


# --- searching ------------------------------------------------------------------------------------------------------------------------


def _search(turn: Turn, tops: Sequence[Node], words: str, page: int) -> Card:
    is_word = len(words) > 1
    found, is_cut = turn.work.overview.mentions([one.id for one in tops], words) if is_word else ((), False)
    hits = [(one, text) for one in found if (text := _mention(turn, one, words))]
    shown = hits[page * PAGE : (page + 1) * PAGE]
    numbers = [int(one.subject.rpartition("-")[2]) for one, _ in shown if one.subject.startswith("initiative-")]
    titles = turn.work.overview.titles(numbers)
    press = Press(ACT, subject="find")
    buttons = [Button(turn.say("overview.search"), press, "primary")]
    buttons += _turning(turn, press, page, is_more=len(hits) > (page + 1) * PAGE)
    lines = [_found(turn, one, text, titles) for one, text in shown]
    return cards.found(_texts(turn), words, lines, len(hits), buttons, FIELD, is_cut=is_cut)


def _mention(turn: Turn, one: Said, words: str) -> str:
    """The words as they stand in what somebody wrote; "" where they stand in no text."""
    texts = (text for _, _, text in _texts_of(turn, one))
    return next((found for text in texts if (found := cards.snippet(text, words))), "")


def _found(turn: Turn, one: Said, text: str, titles: Mapping[int, str]) -> cards.Found:
    kind, _, number = one.subject.rpartition("-")
    about = titles.get(int(number), "") if kind == "initiative" else ""
    press = Press(ACT, subject=one.subject, value=str(one.unit_id)) if about else _press(one.unit_id, "unit")
    title = about or turn.say("overview.dialogue_of", due=one.due_on)
    return cards.Found(one.unit, title, text, one.person, one.at, press)


# --- what answers and models say ----------------------------------------------------------------------------------------------------


def _fields_of(turn: Turn, one: Said) -> Iterator[Field]:
    """The fields of the step that was answered, as the dialogue's own script has them."""
    script = gathering.frozen_script(turn.work, one.script_digest)
    steps = (step for section in script.sections for step in section.steps if step.id == one.step)
    return (asked for step in steps for asked in step.fields)


def _texts_of(turn: Turn, one: Said) -> Iterator[tuple[Role | None, str, str]]:
    """What was written in an answer: what the field is for, what it asks, and the text."""
    seen = set()
    for asked in _fields_of(turn, one):
        text = one.values.get(asked.id)
        if asked.kind is Kind.TEXT and isinstance(text, str) and text.strip() and asked.id not in seen:
            seen.add(asked.id)
            yield asked.role, asked.ask.in_(turn.person.language).split("{")[0].strip(), text


def _wants_others(turn: Turn, one: Said) -> bool:
    """Whether somebody else is asked to take part in solving it."""
    for asked in _fields_of(turn, one):
        if asked.role is Role.INVOLVE and asked.id in one.values:
            people = as_people(one.values[asked.id])
            return bool(people["people"] or people["others"])
    return False


def _choices(turn: Turn) -> Mapping[str, Choice]:
    """The statuses an initiative can have, in the order they are offered."""
    return states.choices(turn.house.library)


def _sources(turn: Turn) -> Mapping[str, str]:
    """What the sources of goals are called, in the models' order."""
    language = turn.person.language
    return states.sources(turn.house.library, language)


def _texts(turn: Turn) -> Texts:
    return turn.house.texts(turn.person.language)
