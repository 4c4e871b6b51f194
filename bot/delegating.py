"""Delegating: somebody else is asked to answer about one indsats, and answers it.

Promises: only whoever may answer the whole dialogue asks; whoever is asked may answer about that indsats and nothing else, sees
nothing else of the dialogue, and no more once it is sent. The leader may always answer it too. What is answered is kept as any
answer is, with the name of whoever gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot import gathering
from bot.gathering import Gathered
from bot.turn import Turn, refused
from cards import delegating
from cards.card import Card, Note, Option, Press
from cards.scene import Scene
from dialogs.answers import Raw
from dialogs.engine import INITIATIVE, Subject
from dialogs.rounds import within_working_hours
from store.delegations import Delegation
from store.records import Dialogue, Focus, Holder

ACTS = frozenset({"ask", "ask_now", "ask_nobody"})


def ask(turn: Turn, gathered: Gathered, press: Press, inputs: Mapping[str, Raw]) -> Card | Note | None:
    """Offer whom to ask, ask them, or ask nobody any more; a note goes above where the dialogue stands, None is nothing to do."""
    scene = gathered.scene
    subject = next((one for one in scene.subjects if one.id == press.subject and one.kind == INITIATIVE), None)
    if subject is None or scene.is_sent or scene.is_delegated or not scene.waits_for(subject.id):
        return None
    match press.act:
        case "ask":
            return _form(turn, gathered, subject)
        case "ask_nobody":
            turn.work.delegations.withdraw(gathered.dialogue.id, subject.id, turn.now)
            return Note(scene.say("delegate.withdrawn"), "info")
    return _ask_now(turn, gathered, subject, inputs)


def _form(turn: Turn, gathered: Gathered, subject: Subject, *, error: str = "") -> Card:
    options = _options(turn, gathered, subject)
    if not options:
        return turn.refusal("nobody-to-ask", subject.id, turn.say("delegate.nobody"))
    turn.look_at(Focus(gathered.dialogue.id, "", ""))
    asked = gathered.scene.asked_of.get(subject.id, "")
    return delegating.form(gathered.scene, subject, options, asked=asked, error=error)


def _options(turn: Turn, gathered: Gathered, subject: Subject) -> tuple[Option, ...]:
    """Who can be asked: whoever has the indsats first, then the colleagues; never oneself."""
    owner = turn.work.owner_of(int(subject.id.rpartition("-")[2]))
    colleagues = turn.work.colleagues(gathered.dialogue.unit_id, turn.today)
    options = [Option(str(owner.id), owner.name, gathered.scene.say("delegate.owner"))] if owner else []
    options += [Option(str(one.id), one.name, one.unit) for one in colleagues if owner is None or one.id != owner.id]
    away = turn.work.away((int(one.value) for one in options), turn.today)
    return tuple(one for one in options if int(one.value) not in {turn.person.id, *away})


def _ask_now(turn: Turn, gathered: Gathered, subject: Subject, inputs: Mapping[str, Raw]) -> Card | Note:
    raw = inputs.get(delegating.FIELD, "")
    picked = raw if isinstance(raw, str) else next(iter(raw), "")
    chosen = next((one for one in _options(turn, gathered, subject) if one.value == picked), None)
    if chosen is None:
        refused("problem-unknown_person" if picked else "problem-required", "delegate", turn.person.id)
        key = "problem.unknown_person" if picked else "problem.choice"
        return _form(turn, gathered, subject, error=turn.say(key))
    dialogue, person = gathered.dialogue, turn.work.person_by_id(int(chosen.value))
    if _is_asked(turn, dialogue, subject, person.id):
        return Note(gathered.scene.say("delegate.asked", person=person.name), "info")
    number = turn.work.delegations.ask(dialogue.id, subject.id, person.id, turn.person.id, turn.now)
    due_at = within_working_hours(turn.now, ZoneInfo(person.timezone), turn.house.library.days_off)
    what = f"dialogue {dialogue.id} {subject.id}"
    key = (
        f"delegated:{number}:{person.id}:{turn.work.times_noted('delegated', what)}"  # asked again, they are told again
    )
    turn.work.outbox.plan(key, "delegated", due_at=due_at, person_id=person.id, dialogue_id=dialogue.id, content=number)
    turn.work.note("delegated", what, turn.now, person_id=turn.person.id)
    return Note(gathered.scene.say("delegate.asked", person=person.name), "info")


def _is_asked(turn: Turn, dialogue: Dialogue, subject: Subject, person_id: int) -> bool:
    asked = turn.work.delegations.in_dialogue(dialogue.id)
    return any(one.subject == subject.id and one.person_id == person_id and one.is_open for one in asked)


# --- whoever is asked -------------------------------------------------------------------------------------------------------------


def theirs(turn: Turn, dialogue: Dialogue) -> tuple[Delegation, ...]:
    """What of a dialogue the person was asked about."""
    if not dialogue.has_delegations:
        return ()
    mine = turn.work.delegations.in_dialogue(dialogue.id)
    return tuple(one for one in mine if one.person_id == turn.person.id)


def gather(turn: Turn, dialogue: Dialogue, holders: tuple[Holder, ...], mine: tuple[Delegation, ...]) -> Gathered:
    """The dialogue as somebody sees it who was asked about a part: that part alone."""
    gathered = gathering.gather_for(turn.house, turn.work, dialogue, holders, turn.person, turn.today)
    return replace(gathered, scene=only(gathered.scene, frozenset(one.subject for one in mine)))


def only(scene: Scene, subjects: frozenset[str]) -> Scene:
    """A scene with nothing in it but some of its subjects."""
    kept = tuple(one for one in scene.subjects if one.id in subjects)
    sections = tuple(section for section in scene.script.sections if section.each == INITIATIVE)
    return replace(
        scene,
        script=replace(scene.script, sections=sections),
        subjects=kept,
        answers={place: values for place, values in scene.answers.items() if place.subject in subjects},
        before={place: values for place, values in scene.before.items() if place.subject in subjects},
        asked_of={},
        is_delegated=True,
    )


def beside(turn: Turn, card: Card | None) -> Card | None:
    """A card with what waits for the person because somebody asked them below it, or that alone; None when nothing does."""
    found = (told(turn, one) for one in turn.work.delegations.of_person(turn.person.id, turn.today))
    waiting = [one for one in found if one is not None]
    return delegating.below(card, waiting) if waiting else None


def told(turn: Turn, delegation: Delegation | None) -> Card | None:
    """What somebody is told who was asked; None when it is answered, sent, or asked of another."""
    dialogue = turn.work.dialogue(delegation.dialogue_id) if delegation else None
    if delegation is None or dialogue is None or dialogue.is_sent or not delegation.is_open:
        return None
    if delegation.person_id != turn.person.id:
        return None
    holders = turn.work.holders_for(dialogue, turn.today)
    gathered = gather(turn, dialogue, holders, (delegation,))
    subject = next((one for one in gathered.scene.subjects if one.id == delegation.subject), None)
    asked_by = turn.work.person_by_id(delegation.asked_by_id).name
    return delegating.told(gathered.scene, subject, asked_by) if subject else None


def note_answered(turn: Turn, gathered: Gathered) -> None:
    """Close the delegations of what is wholly answered now."""
    scene = gathered.scene
    open_stops = {stop.subject.id for stop in scene.stops if stop.place not in scene.answers}
    asked = [one.subject for one in turn.work.delegations.in_dialogue(gathered.dialogue.id) if one.is_open]
    there = {subject.id for subject in scene.subjects}
    for subject in asked:
        if subject in there and subject not in open_stops:
            turn.work.delegations.note_answered(gathered.dialogue.id, subject, turn.now)
