"""Answering: a step's answer given, typed, kept from last round, skipped, changed or left for later.

Promises: a press on a card that others have answered meanwhile changes nothing and shows the present card; what was typed is kept,
as a draft if it cannot be kept as an answer, unless it holds a CPR number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot import access, delegating, gathering
from bot.gathering import Gathered
from bot.outcome import destination
from bot.talk import button_said, choice_said
from bot.turn import Turn, refused
from cards import asking, telling
from cards import delegating as cards
from cards.asking import Given
from cards.card import Card, Note, Press
from cards.scene import Scene
from dialogs.answers import OTHERS, Problem, Raw, Read, as_inputs, carried, read_step, text_problem
from dialogs.engine import Place, Stop, Values
from dialogs.script import Field, Kind
from store.records import AT_NEXT, AnswerRow, Dialogue, Focus, Holder


def may_answer(turn: Turn, dialogue_id: int) -> Gathered | Card:
    """The dialogue, locked until the turn ends, if the person may answer it today; else the card that says why not."""
    dialogue = turn.work.dialogue(dialogue_id, lock=True)
    if dialogue is None:
        return turn.refusal("no-dialogue", str(dialogue_id), turn.say("refusal.gone"))
    holders = turn.work.holders_for(dialogue, turn.today)
    if access.may_answer(turn.person.id, holders):
        gathered = gathering.gather_for(turn.house, turn.work, dialogue, holders, turn.person, turn.today)
        if dialogue.owner_id is None or gathered.scene.subjects or dialogue.is_sent:
            return gathered
        return turn.refusal("nothing-of-theirs", str(dialogue_id), turn.say("refusal.nothing_of_yours"))
    asked = delegating.theirs(turn, dialogue)
    if asked and dialogue.is_sent:
        leader = access.leader_of(holders)
        line = turn.say("delegated.sent", leader=leader.name if leader else turn.say("word.leader").lower())
        return turn.refusal("sent-since", str(dialogue_id), line)
    if asked:
        gathered = delegating.gather(turn, dialogue, holders, asked)
        if gathered.scene.subjects:
            return gathered
        return turn.refusal("nothing-of-theirs", str(dialogue_id), turn.say("refusal.nothing_of_yours"))
    return not_theirs(turn, dialogue, holders)


def not_theirs(turn: Turn, dialogue: Dialogue, holders: tuple[Holder, ...]) -> Card:
    """Who may answer for the unit, told to somebody who may not."""
    leader = access.leader_of(holders)
    if leader and dialogue.owner_id is not None:
        line = turn.say("refusal.not_yours_owner", leader=leader.name)
    elif leader:
        line = turn.say("refusal.not_yours", leader=leader.name, unit=dialogue.unit_name)
    else:
        ask = turn.work.consultant(turn.today)
        consultant = ask[0] if ask else turn.house.municipality
        line = turn.say("refusal.not_yours_vacant", unit=dialogue.unit_name, consultant=consultant)
    return turn.refusal("not-theirs", str(dialogue.id), line)


# --- what is typed --------------------------------------------------------------------------------------------------------------


def typed_at(turn: Turn, gathered: Gathered, stop: Stop, text: str) -> Card:
    """Text for the step in front of the person: its answer, one of its fields, or not awaited there."""
    press = button_said(show(turn, gathered, stop), text)
    if press is not None:
        inputs = {} if asking.is_one_choice(stop) else _inputs_so_far(turn, gathered, stop)
        return (change if press.act in {"answer", "skip", "keep"} else move)(turn, gathered, press, inputs)
    if asking.is_one_choice(stop):
        chosen = choice_said(stop.step.fields[0], text)
        if chosen is None:
            return _kept_for_later(turn, gathered, stop, text)
        return _answer(turn, gathered, stop, {stop.step.fields[0].id: chosen})
    inputs = _inputs_so_far(turn, gathered, stop)
    awaited = _awaited(stop, inputs)
    if awaited is None:
        return show(turn, gathered, stop, notice=note(gathered, "notice.nothing_awaited"))
    slot = awaited.id + OTHERS if awaited.kind is Kind.PEOPLE else awaited.id
    before = str(inputs.get(slot, "")) if awaited.kind is Kind.TEXT else ""
    inputs = {**inputs, slot: "\n".join(filter(None, [before, text]))}
    if len(stop.step.fields) == 1:
        return _answer(turn, gathered, stop, inputs)
    return _take_typed(turn, gathered, stop, awaited, inputs)


def _awaited(stop: Stop, inputs: Mapping[str, Raw]) -> Field | None:
    """Where typed text belongs: the first field that must be filled in, else on with the last text: people write in several goes."""
    empty = [one for one in stop.step.fields if not _is_filled(one, inputs)]
    must = next((one for one in empty if not one.optional), None)
    begun = [one for one in stop.step.fields if one.kind is Kind.TEXT and _is_filled(one, inputs)]
    return must or (begun[-1] if begun else next(iter(empty), None))


def _kept_for_later(turn: Turn, gathered: Gathered, stop: Stop, text: str) -> Card:
    """Text where a choice is awaited: kept as a draft of the first text the subject may be asked for, if there is one."""
    later = ((step, one) for step in stop.section.steps for one in step.fields if one.kind is Kind.TEXT)
    step, field = next(later, (None, None))
    if step is None or field is None:
        return show(turn, gathered, stop, notice=note(gathered, "notice.only_buttons"))
    where = Focus(gathered.dialogue.id, stop.subject.id, step.id)
    draft = dict(turn.work.draft(where))
    whole = "\n".join(filter(None, [str(draft.get(field.id, "")), text]))
    problem = text_problem(whole, field.limit)
    if problem:
        refused(f"problem-{problem.key}", field.id, turn.person.id)
        words = gathered.scene.say(f"problem.{problem.key}", **problem.params)
        return show(turn, gathered, stop, notice=Note(words, "warning"))
    turn.work.keep_draft(where, {**draft, field.id: whole}, turn.person.id, turn.now)
    return show(turn, gathered, stop, notice=note(gathered, "notice.choose_button"))


def _take_typed(turn: Turn, gathered: Gathered, stop: Stop, awaited: Field, inputs: Mapping[str, Raw]) -> Card:
    """One field of several was typed: keep it as a draft and show the card with it."""
    problem = _read(turn, gathered, stop, inputs).problems.get(awaited.id)
    if problem:
        refused(f"problem-{problem.key}", stop.step.id, turn.person.id)
        return show(turn, gathered, stop, Given(inputs, {awaited.id: problem}))
    turn.work.keep_draft(_focus(gathered, stop), inputs, turn.person.id, turn.now)
    field = gathered.scene.asks(awaited.ask)
    return show(turn, gathered, stop, Given(inputs), Note(gathered.scene.say("step.typed", field=field), "info"))


def _draft(turn: Turn, gathered: Gathered, stop: Stop) -> Mapping[str, object]:
    """What was typed for a step; who was asked about a part sees only what they typed themselves."""
    by = turn.person.id if gathered.scene.is_delegated else None
    return turn.work.draft(_focus(gathered, stop), by=by)


def _is_filled(one: Field, inputs: Mapping[str, Raw]) -> bool:
    return bool(inputs.get(one.id) or inputs.get(one.id + OTHERS))


def _inputs_so_far(turn: Turn, gathered: Gathered, stop: Stop) -> Mapping[str, Raw]:
    """The draft of a step, or else the answer that stands."""
    draft = _draft(turn, gathered, stop)
    if draft:
        return {key: tuple(value) if isinstance(value, list) else str(value) for key, value in draft.items()}
    values = gathered.scene.answers.get(stop.place, {})
    inputs: dict[str, Raw] = {}
    for one in stop.step.fields:
        if one.id in values:
            inputs |= as_inputs(one, values[one.id])
    return inputs


# --- what is pressed ------------------------------------------------------------------------------------------------------------


def move(turn: Turn, gathered: Gathered, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Go somewhere else; what was typed here is kept as a draft first."""
    here = gathered.scene.stop_at(Place(press.subject, press.step))
    if here is not None and press.act != "goto":
        problems = _keep_typed(turn, gathered, here, inputs)
        if problems:
            return show(turn, gathered, here, Given(inputs, problems))
    match press.act:
        case "pause":
            return asking.paused(gathered.scene)
        case "review":
            return review(turn, gathered)
        case "goto" if here is not None:
            return show(turn, gathered, here)
        case "back" if here is not None:
            before = _stop_before(gathered.scene, here)
            return show(turn, gathered, before or here)
    return present(turn, gathered, note(gathered, "notice.stale"))


def _stop_before(scene: Scene, here: Stop) -> Stop | None:
    number = next(number for number, stop in enumerate(scene.stops) if stop.place == here.place)
    return scene.stops[number - 1] if number else None


def _keep_typed(turn: Turn, gathered: Gathered, stop: Stop, inputs: Mapping[str, Raw]) -> Mapping[str, Problem]:
    """Keep what was typed as a draft; what may not be stored at all is refused, and nothing is kept."""
    if asking.is_one_choice(stop) or inputs == _inputs_so_far(turn, gathered, stop):
        return {}
    if not any(inputs.values()):
        if inputs:  # the fields were there, and were emptied
            turn.work.drop_draft(_focus(gathered, stop))
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


def change(turn: Turn, gathered: Gathered, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Answer a step, skip it, or keep last round's answer; on a card that others have answered, nothing changes."""
    stop = gathered.scene.stop_at(Place(press.subject, press.step))
    if stop is None or _is_stale(turn, gathered, press):
        kept = stop is not None and any(inputs.values()) and not _keep_typed(turn, gathered, stop, inputs)
        key = "notice.stale_kept" if kept and stop and not asking.is_one_choice(stop) else "notice.stale"
        return present(turn, gathered, note(gathered, key))
    match press.act:
        case "skip" if stop.step.skip is not None:
            return _record(turn, gathered, stop, {stop.place: {}})
        case "keep":
            return _keep(turn, gathered, stop)
        case "answer" if asking.is_one_choice(stop):
            return _answer(turn, gathered, stop, {stop.step.fields[0].id: press.value})
        case "answer":
            return _answer(turn, gathered, stop, inputs)
    return present(turn, gathered)


def _is_stale(turn: Turn, gathered: Gathered, press: Press) -> bool:
    """Whether a card is older than an answer about what it asks about; what others answered about the rest does not matter."""
    if press.revision == gathered.dialogue.revision:
        return False
    return turn.work.is_changed_since(gathered.dialogue.id, press.subject, press.revision)


def _answer(turn: Turn, gathered: Gathered, stop: Stop, inputs: Mapping[str, Raw]) -> Card:
    outcome = _read(turn, gathered, stop, inputs)
    if outcome.problems:
        for field, problem in outcome.problems.items():
            refused(f"problem-{problem.key}", field, turn.person.id)
        return show(turn, gathered, stop, Given(inputs, outcome.problems))
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
        return present(turn, gathered, note(gathered, "notice.stale"))
    return _record(turn, gathered, gathered.scene.stop_at(next(reversed(kept))) or stop, kept)


def _next_of_subject(scene: Scene, stop: Stop) -> Stop | None:
    """The stop that follows on the route, if it still asks about the same subject."""
    number = next((number for number, one in enumerate(scene.stops) if one.place == stop.place), None)
    following = scene.stops[number + 1] if number is not None and number + 1 < len(scene.stops) else None
    same = following is not None and following.section.each and following.subject.id == stop.subject.id
    return following if same else None


def _record(turn: Turn, gathered: Gathered, stop: Stop, values: Mapping[Place, Values]) -> Card:
    """Store the answers and show what comes next: the rest of the subject, what is not answered yet, or the review."""
    before, was_complete = gathered.scene.answers, gathered.scene.next_stop is None
    changed = {place: given for place, given in values.items() if before.get(place) != given}
    if changed:
        rows = [AnswerRow(place.subject, place.step, given) for place, given in changed.items()]
        replaces = any(place in before for place in changed)
        revision = turn.work.record(
            gathered.dialogue, rows, replaces=replaces, person_id=turn.person.id, platform=turn.platform, now=turn.now
        )
        gathered = _after(gathered, {**before, **changed}, revision)
        if gathered.dialogue.has_delegations:
            delegating.note_answered(turn, gathered)
    if not asking.is_one_choice(stop):
        turn.work.drop_draft(_focus(gathered, stop))
    # Somebody who came from the review to change one answer goes back there, unless the change raises a new question.
    same = None if was_complete else _next_of_subject(gathered.scene, stop)
    ahead = same or _next_waiting(gathered.scene, stop)
    return show(turn, gathered, ahead) if ahead else review(turn, gathered)


def _after(gathered: Gathered, answers: Mapping[Place, Values], revision: int) -> Gathered:
    dialogue = replace(gathered.dialogue, revision=revision)
    scene = replace(gathered.scene, answers=answers, revision=revision, is_changed=dialogue.is_changed)
    return replace(gathered, scene=scene, dialogue=dialogue)


def _next_waiting(scene: Scene, stop: Stop) -> Stop | None:
    """The first stop after this one that lacks an answer, else the first of all that does."""
    places = [one.place for one in scene.stops]
    at = places.index(stop.place) + 1 if stop.place in places else 0
    return scene.first_waiting((*scene.stops[at:], *scene.stops[:at]))


# --- what is shown --------------------------------------------------------------------------------------------------------------


def present(turn: Turn, gathered: Gathered, notice: Note | None = None) -> Card:
    """Where the dialogue stands: the first step without an answer, what was sent, or the review."""
    scene = gathered.scene
    if scene.next_stop is not None:
        return show(turn, gathered, scene.next_stop, notice=notice)
    if scene.is_sent and not scene.is_changed:
        where = destination(turn.work, gathered, turn.today, turn.platform)
        return telling.sent(scene, where, corrected=scene.corrected_at is not None, notice=notice)
    return review(turn, gathered, notice)


def show(
    turn: Turn, gathered: Gathered, stop: Stop, given: Given | None = None, notice: Note | None = None
) -> Card:  # fmt: skip
    """A step's card, with its draft if there is one; typed text belongs there from now on."""
    scene = gathered.scene
    if not asking.is_one_choice(stop):
        if gathering.asks_people(stop):
            scene = gathering.with_colleagues(turn.work, gathered)
        if given is None and (draft := _draft(turn, gathered, stop)):
            inputs = {key: tuple(value) if isinstance(value, list) else str(value) for key, value in draft.items()}
            given = Given(inputs)
            notice = notice or Note(scene.say("step.draft"), "info")
    if notice is None and stop.subject.id in scene.asked_of:
        notice = Note(scene.say("delegate.waits", person=scene.asked_of[stop.subject.id]), "info")
    is_next = scene.next_stop is not None and stop.place == scene.next_stop.place
    turn.look_at(Focus(gathered.dialogue.id, AT_NEXT, "") if is_next else _focus(gathered, stop))
    return asking.step(scene, stop, given, notice)


def review(turn: Turn, gathered: Gathered, notice: Note | None = None) -> Card:
    """Every answer; typed text belongs nowhere from now on. Who was asked about a part sees that it is done."""
    turn.look_at(Focus(gathered.dialogue.id, "", ""))
    if gathered.scene.is_delegated:
        return cards.done(gathered.scene)
    return asking.review(gathering.with_names(turn.work, gathered.scene), notice)


def _focus(gathered: Gathered, stop: Stop) -> Focus:
    return Focus(gathered.dialogue.id, stop.subject.id, stop.step.id)


def note(gathered: Gathered, key: str) -> Note:
    """Something said about what just happened."""
    return Note(gathered.scene.say(key), "info")
