"""One turn: an event from a channel in, the card the person sees next out. The use cases, without a channel and without a clock.

Promises: everything happens in the caller's one transaction, and the caller tells the platform 200 only after it is committed,
so what was acknowledged is on disk. The same event twice, or a press on a card that others have answered meanwhile, changes
nothing and shows the present card. Every press is authorised anew. What was typed is kept, as a draft if it cannot be kept as an
answer, unless it holds a CPR number.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import access, gathering
from bot.gathering import Gathered, House
from bot.outcome import destination, send
from bot.ports import Inbound, Opened, Pressed, Reply, Said
from bot.talk import Command, choice_said, command
from cards import asking, telling
from cards.asking import Given
from cards.card import Button, Card, Note, Press
from cards.scene import Scene
from dialogs import rounds
from dialogs.answers import OTHERS, Problem, Raw, Read, as_inputs, carried, clean, read_step, text_problem
from dialogs.engine import Place, Stop, Values
from dialogs.script import Field, Kind
from store.records import AnswerRow, Dialogue, Focus, Person
from store.work import Work

log = logging.getLogger("dialogbot.service")

DENMARK = ZoneInfo("Europe/Copenhagen")


@dataclass(frozen=True, slots=True)
class Turn:
    """What every use case of one turn needs: who, when, through which channel, and the transaction."""

    house: House
    work: Work
    person: Person
    platform: str
    now: datetime

    @property
    def today(self) -> date:
        """The day it is in Denmark."""
        return self.now.astimezone(DENMARK).date()

    def say(self, key: str, /, **params: object) -> str:
        """A sentence in the person's language."""
        return self.house.texts(self.person.language).say(key, **params)


def handle(house: House, inbound: Inbound, work: Work, now: datetime) -> Reply:
    """Take one event and give what the person sees next."""
    person = work.person(inbound.platform, inbound.person)
    where = "replace" if isinstance(inbound.intent, Pressed) else "below"
    if person is None:
        _refuse("no-person", inbound.platform, None)
        return Reply(_nobody(house, work, now), "below")
    turn = Turn(house, work, person, inbound.platform, now)
    is_first = work.is_first(inbound.platform, inbound.event, now)
    match inbound.intent:
        case Opened():
            card = _open(turn)
        case Said(text):
            card = _said(turn, clean(text)) if is_first else _present_to(turn)
        case Pressed(press, inputs):
            card = _pressed(turn, press, inputs) if is_first else _present_of(turn, press.dialogue)
    return Reply(card, "replace" if where == "replace" else "below")


def _refuse(reason: str, what: str, person_id: int | None) -> None:
    log.warning("refused", extra={"reason": reason, "what": what, "person": person_id})


def _nobody(house: House, work: Work, now: datetime) -> Card:
    said = house.texts("da")
    ask = work.consultant(now.astimezone(DENMARK).date())
    params: dict[str, object] = {"municipality": house.municipality}
    if ask:
        params |= {"consultant": ask[0], "unit": ask[1]}
    line = said.say("refusal.no_person" if ask else "refusal.no_person_nobody", **params)
    return asking.plain("refusal", "", (line,), "da")


# --- opening, choosing, status, help ---------------------------------------------------------------------------------------------


def _open(turn: Turn) -> Card:
    """Greet: with the one dialogue there is, with a choice among several, or with why there is none."""
    mine = turn.work.dialogues_for(turn.person.id, turn.today)
    waiting = [one for one in mine if not one.is_sent or one.is_changed] or list(mine)
    match waiting:
        case []:
            return _no_dialogue(turn)
        case [only]:
            return asking.greeting(_scene(turn, only), several=len(mine) > 1)
        case _:
            body = turn.say("choose.body")
            return _overview(turn, mine, turn.say("choose.title", count=len(mine)), body)


def invitation(house: House, work: Work, person: Person, now: datetime) -> Card | None:
    """What invites a person to the dialogues that wait for them; None when none does."""
    turn = Turn(house, work, person, "", now)
    waiting = [one for one in work.dialogues_for(person.id, turn.today) if not one.is_sent]
    return _open(turn) if waiting else None


def _scene(turn: Turn, dialogue: Dialogue) -> Scene:
    return gathering.gather(turn.house, turn.work, dialogue, turn.person, turn.today).scene


def _no_dialogue(turn: Turn) -> Card:
    posts = turn.work.posts_of(turn.person.id, turn.today)
    roles = {role for role, _ in posts}
    rooms = tuple(dict.fromkeys(room for _, unit in posts if (room := _room_name(turn, unit.id))))
    if roles & {"leader", "deputy"} and any(unit.kind in {"enhed", "selvejende"} for _, unit in posts):
        lines = [turn.say("status.none"), _next_opening(turn)]
        return asking.plain("status", turn.say("status.title"), lines, turn.person.language)
    if rooms and roles & {"leader", "deputy", "direktion", "consultant"}:
        line = turn.say("refusal.reader", name=turn.person.name, rooms=[f"#{room}" for room in rooms])
        return asking.plain("refusal", "", (line,), turn.person.language)
    ask = turn.work.consultant(turn.today)
    key = "refusal.no_role" if ask else "refusal.no_role_nobody"
    consultant, unit = ask or ("", "")
    line = turn.say(key, name=turn.person.name, consultant=consultant, unit=unit)
    return asking.plain("refusal", "", (line,), turn.person.language)


def _room_name(turn: Turn, unit_id: int) -> str:
    room = turn.work.room_above(unit_id)
    return room[1] if room else ""


def _next_opening(turn: Turn) -> str:
    day = rounds.next_opening(turn.house.library.models.values(), turn.today)
    return turn.say("status.next", day=day) if day else ""


def _overview(turn: Turn, mine: tuple[Dialogue, ...], title: str, body: str = "") -> Card:
    scenes = [_scene(turn, one) for one in mine]
    states = [(scene, _state(scene)) for scene in scenes]
    fallback = turn.say("status.notification", count=len(mine))
    return asking.several(states, title, body, fallback, turn.person.language)


def _state(scene: Scene) -> str:
    if scene.is_sent:
        return scene.say(
            "status.changed" if scene.is_changed else "status.sent", sent=scene.corrected_at or scene.sent_at
        )
    if scene.next_stop is None:
        return scene.say("status.ready")
    waiting, of = asking.subjects_left(scene)
    begun = any(stop.place in scene.answers for stop in scene.stops)
    return scene.say("status.begun", done=of - waiting, count=of) if begun else scene.say("status.new")


def _status(turn: Turn) -> Card:
    mine = turn.work.dialogues_for(turn.person.id, turn.today)
    return _overview(turn, mine, turn.say("status.title")) if mine else _no_dialogue(turn)


def _help(turn: Turn) -> Card:
    ask = turn.work.consultant(turn.today)
    who = turn.say("help.who", consultant=ask[0], unit=ask[1]) if ask else turn.say("help.who_nobody")
    points = tuple(turn.say(f"help.{key}") for key in ("start", "status", "help"))
    lines = (turn.say("help.body"), turn.say("help.answer"), turn.say("help.saved"), who)
    start = (
        Button(turn.say("button.start"), Press("hello"), "primary"),
        Button(turn.say("status.title"), Press("status")),
    )
    return asking.plain("help", turn.say("help.title"), lines, turn.person.language, start, points)


# --- what is typed -----------------------------------------------------------------------------------------------------------


def _said(turn: Turn, text: str) -> Card:
    match command(text):
        case Command.START:
            return _open(turn)
        case Command.STATUS:
            return _status(turn)
        case Command.HELP:
            return _help(turn)
    focus = turn.work.focus(turn.person.id)
    gathered = _may_answer(turn, focus.dialogue_id) if focus else None
    if focus is None or gathered is None or isinstance(gathered, Card):
        return _open(turn)
    stop = gathered.scene.stop_at(Place(focus.subject, focus.step))
    if stop is None:
        return _present(turn, gathered, _note(gathered, "notice.nothing_awaited"))
    return _typed_at(turn, gathered, stop, text)


def _typed_at(turn: Turn, gathered: Gathered, stop: Stop, text: str) -> Card:
    """Text for the step in front of the person: its answer, one of its fields, or not awaited there."""
    if asking.is_one_choice(stop):
        chosen = choice_said(stop.step.fields[0], text)
        if chosen is None:
            return _show(turn, gathered, stop, notice=_note(gathered, "notice.choose_button"))
        return _answer(turn, gathered, stop, {stop.step.fields[0].id: chosen})
    inputs = _inputs_so_far(turn, gathered, stop)
    awaited = next((one for one in stop.step.fields if not _is_filled(one, inputs)), None)
    if awaited is None:
        return _show(turn, gathered, stop, notice=_note(gathered, "notice.nothing_awaited"))
    slot = awaited.id + OTHERS if awaited.kind is Kind.PEOPLE else awaited.id
    inputs = {**inputs, slot: text}
    if len(stop.step.fields) == 1:
        return _answer(turn, gathered, stop, inputs)
    return _take_typed(turn, gathered, stop, awaited, inputs)


def _take_typed(turn: Turn, gathered: Gathered, stop: Stop, awaited: Field, inputs: Mapping[str, Raw]) -> Card:
    """One field of several was typed: keep it as a draft and show the card with it."""
    problem = _read(turn, gathered, stop, inputs).problems.get(awaited.id)
    if problem:
        _refuse(f"problem-{problem.key}", stop.step.id, turn.person.id)
        return _show(turn, gathered, stop, Given(inputs, {awaited.id: problem}))
    turn.work.keep_draft(_focus(gathered, stop), inputs, turn.person.id, turn.now)
    field = gathered.scene.asks(awaited.ask)
    return _show(turn, gathered, stop, Given(inputs), Note(gathered.scene.say("step.typed", field=field), "info"))


def _is_filled(one: Field, inputs: Mapping[str, Raw]) -> bool:
    return bool(inputs.get(one.id) or inputs.get(one.id + OTHERS))


def _inputs_so_far(turn: Turn, gathered: Gathered, stop: Stop) -> Mapping[str, Raw]:
    """The draft of a step, or else the answer that stands."""
    draft = turn.work.draft(_focus(gathered, stop))
    if draft:
        return {key: tuple(value) if isinstance(value, list) else str(value) for key, value in draft.items()}
    values = gathered.scene.answers.get(stop.place, {})
    inputs: dict[str, Raw] = {}
    for one in stop.step.fields:
        if one.id in values:
            inputs |= as_inputs(one, values[one.id])
    return inputs


# --- what is pressed -----------------------------------------------------------------------------------------------------------


def _pressed(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    match press.act:
        case "hello" | "choose" | "status" | "help":
            return _asked_for(turn, press.act)
    gathered = _may_answer(turn, press.dialogue)
    if isinstance(gathered, Card):
        return gathered
    match press.act:
        case "open":
            return _present(turn, gathered)
        case "review":
            return _review(turn, gathered)
        case "goto" | "back" | "pause":
            return _move(turn, gathered, press, inputs)
        case "answer" | "skip" | "keep":
            return _change(turn, gathered, press, inputs)
        case "preview" | "submit" | "post":
            return _finish(turn, gathered, press)
    _refuse("garbled-press", press.act, turn.person.id)
    return asking.plain("refusal", "", (turn.say("refusal.garbled"),), turn.person.language)


def _asked_for(turn: Turn, act: str) -> Card:
    match act:
        case "status":
            return _status(turn)
        case "help":
            return _help(turn)
        case "choose":
            mine = turn.work.dialogues_for(turn.person.id, turn.today)
            title = turn.say("choose.title", count=len(mine))
            return _overview(turn, mine, title, turn.say("choose.body")) if mine else _no_dialogue(turn)
    return _open(turn)


def _may_answer(turn: Turn, dialogue_id: int) -> Gathered | Card:
    """The dialogue, locked until the turn ends, if the person may answer it today; else the card that says why not."""
    dialogue = turn.work.dialogue(dialogue_id, lock=True)
    if dialogue is None:
        _refuse("no-dialogue", str(dialogue_id), turn.person.id)
        return asking.plain("refusal", "", (turn.say("refusal.gone"),), turn.person.language)
    holders = turn.work.holders(dialogue.unit_id, turn.today)
    if access.may_answer(turn.person.id, holders):
        return gathering.gather_for(turn.house, turn.work, dialogue, holders, turn.person, turn.today)
    _refuse("not-theirs", str(dialogue_id), turn.person.id)
    leader = access.leader_of(holders)
    if leader:
        line = turn.say("refusal.not_yours", leader=leader.name, unit=dialogue.unit_name)
    else:
        ask = turn.work.consultant(turn.today)
        consultant = ask[0] if ask else turn.house.municipality
        line = turn.say("refusal.not_yours_vacant", unit=dialogue.unit_name, consultant=consultant)
    return asking.plain("refusal", "", (line,), turn.person.language)


def _move(turn: Turn, gathered: Gathered, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Go somewhere else; what was typed here is kept as a draft first."""
    here = gathered.scene.stop_at(Place(press.subject, press.step))
    if here is not None and press.act != "goto":
        problems = _keep_typed(turn, gathered, here, inputs)
        if problems:
            return _show(turn, gathered, here, Given(inputs, problems))
    match press.act:
        case "pause":
            return asking.paused(gathered.scene)
        case "goto" if here is not None:
            return _show(turn, gathered, here)
        case "back" if here is not None:
            before = _stop_before(gathered.scene, here)
            return _show(turn, gathered, before or here)
    return _present(turn, gathered, _note(gathered, "notice.stale"))


def _stop_before(scene: Scene, here: Stop) -> Stop | None:
    number = next(number for number, stop in enumerate(scene.stops) if stop.place == here.place)
    return scene.stops[number - 1] if number else None


def _keep_typed(turn: Turn, gathered: Gathered, stop: Stop, inputs: Mapping[str, Raw]) -> Mapping[str, Problem]:
    """Keep what was typed as a draft; what may not be stored at all is refused, and nothing is kept."""
    if asking.is_one_choice(stop) or not any(inputs.values()) or inputs == _inputs_so_far(turn, gathered, stop):
        return {}
    problems = {}
    for one in stop.step.fields:
        for slot in (one.id, one.id + OTHERS):
            raw = inputs.get(slot, "")
            problem = text_problem(raw, one.limit) if isinstance(raw, str) else None
            if problem:
                problems[one.id] = problem
    if not problems:
        slots = {slot for one in stop.step.fields for slot in (one.id, one.id + OTHERS)}
        kept = {slot: raw for slot, raw in inputs.items() if slot in slots and raw}
        turn.work.keep_draft(_focus(gathered, stop), kept, turn.person.id, turn.now)
    return problems


def _change(turn: Turn, gathered: Gathered, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Answer a step, skip it, or keep last round's answer; on a card that others have answered, nothing changes."""
    stop = gathered.scene.stop_at(Place(press.subject, press.step))
    if stop is None or press.revision != gathered.dialogue.revision:
        kept = stop is not None and any(inputs.values()) and not _keep_typed(turn, gathered, stop, inputs)
        key = "notice.stale_kept" if kept and stop and not asking.is_one_choice(stop) else "notice.stale"
        return _present(turn, gathered, _note(gathered, key))
    match press.act:
        case "skip" if stop.step.skip is not None:
            return _record(turn, gathered, stop, {stop.place: {}})
        case "keep":
            return _keep(turn, gathered, stop)
        case "answer" if asking.is_one_choice(stop):
            return _answer(turn, gathered, stop, {stop.step.fields[0].id: press.value})
        case "answer":
            return _answer(turn, gathered, stop, inputs)
    return _present(turn, gathered)


def _answer(turn: Turn, gathered: Gathered, stop: Stop, inputs: Mapping[str, Raw]) -> Card:
    outcome = _read(turn, gathered, stop, inputs)
    if outcome.problems:
        for field, problem in outcome.problems.items():
            _refuse(f"problem-{problem.key}", field, turn.person.id)
        return _show(turn, gathered, stop, Given(inputs, outcome.problems))
    return _record(turn, gathered, stop, {stop.place: outcome.values})


def _read(turn: Turn, gathered: Gathered, stop: Stop, inputs: Mapping[str, Raw]) -> Read:
    known: frozenset[int] = frozenset()
    if gathering.asks_people(stop):
        known = asking.known(gathering.with_colleagues(turn.work, gathered))
    return read_step(stop.step, inputs, known, turn.today)


def _keep(turn: Turn, gathered: Gathered, stop: Stop) -> Card:
    """Keep what was said last round of this subject, from this step on, as far as it can still be kept."""
    scene = gathering.with_colleagues(turn.work, gathered)
    known = asking.known(scene)
    kept: dict[Place, Values] = {}
    while True:
        values = carried(stop.step, scene.before.get(stop.place), known, turn.today)
        if values is None:
            break
        kept[stop.place] = values
        trial = replace(scene, answers={**scene.answers, **kept})
        ahead = _next_of_subject(trial, stop)
        if ahead is None or ahead.place in trial.answers:
            break
        stop = ahead
    if not kept:
        return _present(turn, gathered, _note(gathered, "notice.stale"))
    return _record(turn, gathered, gathered.scene.stop_at(next(reversed(kept))) or stop, kept)


def _next_of_subject(scene: Scene, stop: Stop) -> Stop | None:
    """The stop that follows on the route, if it still asks about the same subject."""
    number = next((number for number, one in enumerate(scene.stops) if one.place == stop.place), None)
    following = scene.stops[number + 1] if number is not None and number + 1 < len(scene.stops) else None
    same = following is not None and following.section.each and following.subject.id == stop.subject.id
    return following if same else None


def _record(turn: Turn, gathered: Gathered, stop: Stop, values: Mapping[Place, Values]) -> Card:
    """Store the answers and show what comes next: the rest of the subject, what is not answered yet, or the review."""
    before = gathered.scene.answers
    changed = {place: given for place, given in values.items() if before.get(place) != given}
    if changed:
        rows = [AnswerRow(place.subject, place.step, given) for place, given in changed.items()]
        replaces = any(place in before for place in changed)
        revision = turn.work.record(
            gathered.dialogue, rows, replaces=replaces, person_id=turn.person.id, platform=turn.platform, now=turn.now
        )
        gathered = _after(gathered, {**before, **changed}, revision)
    if not asking.is_one_choice(stop):
        turn.work.drop_draft(_focus(gathered, stop))
    ahead = _next_of_subject(gathered.scene, stop) or _next_waiting(gathered.scene, stop)
    return _show(turn, gathered, ahead) if ahead else _review(turn, gathered)


def _after(gathered: Gathered, answers: Mapping[Place, Values], revision: int) -> Gathered:
    dialogue = replace(gathered.dialogue, revision=revision)
    scene = replace(gathered.scene, answers=answers, revision=revision, is_changed=dialogue.is_changed)
    return replace(gathered, scene=scene, dialogue=dialogue)


def _next_waiting(scene: Scene, stop: Stop) -> Stop | None:
    """The first stop after this one that lacks an answer, else the first of all that does."""
    places = [one.place for one in scene.stops]
    at = places.index(stop.place) + 1 if stop.place in places else 0
    ahead = (*scene.stops[at:], *scene.stops[:at])
    return next((one for one in ahead if one.place not in scene.answers), None)


# --- what is shown ------------------------------------------------------------------------------------------------------------


def _present_to(turn: Turn) -> Card:
    """The card a person stands at, for an event that was handled before."""
    focus = turn.work.focus(turn.person.id)
    return _present_of(turn, focus.dialogue_id) if focus else _open(turn)


def _present_of(turn: Turn, dialogue_id: int) -> Card:
    if not dialogue_id:
        return _open(turn)
    gathered = _may_answer(turn, dialogue_id)
    return gathered if isinstance(gathered, Card) else _present(turn, gathered)


def _present(turn: Turn, gathered: Gathered, notice: Note | None = None) -> Card:
    """Where the dialogue stands: the first step without an answer, what was sent, or the review."""
    scene = gathered.scene
    if scene.next_stop is not None:
        return _show(turn, gathered, scene.next_stop, notice=notice)
    if scene.is_sent and not scene.is_changed:
        where = destination(turn.work, gathered, turn.today)
        return telling.sent(scene, where, corrected=scene.corrected_at is not None, notice=notice)
    return _review(turn, gathered, notice)


def _show(
    turn: Turn, gathered: Gathered, stop: Stop, given: Given | None = None, notice: Note | None = None
) -> Card:  # fmt: skip
    """A step's card, with its draft if there is one; typed text belongs there from now on."""
    scene = gathered.scene
    if not asking.is_one_choice(stop):
        if gathering.asks_people(stop):
            scene = gathering.with_colleagues(turn.work, gathered)
        if given is None and (draft := turn.work.draft(_focus(gathered, stop))):
            inputs = {key: tuple(value) if isinstance(value, list) else str(value) for key, value in draft.items()}
            given = Given(inputs)
            notice = notice or Note(scene.say("step.draft"), "info")
    turn.work.set_focus(turn.person.id, _focus(gathered, stop))
    return asking.step(scene, stop, given, notice)


def _review(turn: Turn, gathered: Gathered, notice: Note | None = None) -> Card:
    turn.work.set_focus(turn.person.id, Focus(gathered.dialogue.id, "", ""))
    return asking.review(gathering.with_names(turn.work, gathered.scene), notice)


def _focus(gathered: Gathered, stop: Stop) -> Focus:
    return Focus(gathered.dialogue.id, stop.subject.id, stop.step.id)


def _note(gathered: Gathered, key: str) -> Note:
    return Note(gathered.scene.say(key), "info")


# --- the summary ---------------------------------------------------------------------------------------------------------------


def _finish(turn: Turn, gathered: Gathered, press: Press) -> Card:
    """Preview what will be posted, send it, or look at it afterwards."""
    scene = gathered.scene
    if press.act == "post" and scene.is_sent:
        post = telling.summary(
            gathering.gather_sent(turn.house, turn.work, gathered.dialogue, turn.house.language, turn.today)
        )
        return telling.as_it_stands(scene, post)
    if scene.next_stop is not None:
        return _show(turn, gathered, scene.next_stop, notice=_note(gathered, "notice.not_finished"))
    if press.act == "submit":
        return _submit(turn, gathered, press)
    return _preview(turn, gathered)


def _preview(turn: Turn, gathered: Gathered, notice: Note | None = None) -> Card:
    turn.work.set_focus(turn.person.id, Focus(gathered.dialogue.id, "", ""))
    sender = _sender(turn, gathered)
    post = telling.summary(gathering.gather_post(turn.house, turn.work, gathered, sender, turn.now))
    return telling.preview(gathered.scene, post, destination(turn.work, gathered, turn.today), notice)


def _sender(turn: Turn, gathered: Gathered) -> str:
    """The name on the post: whoever sent it first."""
    sent_by = gathered.dialogue.sent_by_id
    return turn.work.person_by_id(sent_by).name if sent_by and gathered.scene.is_sent else turn.person.name


def _submit(turn: Turn, gathered: Gathered, press: Press) -> Card:
    """Send exactly what the preview showed, where it said; anything else is previewed again."""
    scene = gathered.scene
    where = destination(turn.work, gathered, turn.today)
    if scene.is_sent and not scene.is_changed:
        return telling.sent(scene, where, corrected=scene.corrected_at is not None)
    if press.revision != gathered.dialogue.revision or press.value != where.token:
        return _preview(turn, gathered, Note(scene.say("notice.preview_changed"), "warning"))
    send(turn.work, gathered, turn.person.id, turn.now)
    return telling.sent(scene, where, corrected=scene.is_sent)
