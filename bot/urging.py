"""Urging: what a nearest leader does about units that have not answered: writes to their leaders, or moves their deadline.

Promises: only the nearest leader of each dialogue, asked anew on every press; never in a channel; a deadline is only moved ahead, to a
working day, and whoever answers is told by whom. What has been sent meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot import access, gathering, reminding
from bot.turn import Turn, refused
from cards import asking, urging
from cards.card import Card, Press
from dialogs.answers import Raw, clean, parse_date, text_problem
from dialogs.rounds import days_off_around, within_working_hours, working_day_on_or_before
from store.records import Dialogue

ACTS = frozenset({"urge", "urge_now", "extend", "extend_now"})
WORD = "word"
"""The kind of comment that is written to whoever answers, and stands under no summary."""
A_WEEK = timedelta(days=7)
LONGEST = timedelta(days=60)  # so that a round is over before the next one opens


def pressed(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Offer to write or to move the deadline, and do it."""
    dialogue = turn.work.dialogue(press.dialogue)
    missing = _missing(turn, dialogue) if dialogue else ()
    if dialogue is None or not missing:
        line = turn.say("urge.nothing")
        return turn.refusal("nothing-missing", press.act, line)
    if press.act in ("extend", "extend_now") and _latest(dialogue) <= max(turn.today, dialogue.due_on):
        return turn.refusal("moved-far-enough", press.act, turn.say("extend.no_more"))
    match press.act:
        case "urge":
            return urging.letter(_about(turn, dialogue, missing))
        case "urge_now":
            return _write(turn, dialogue, missing, inputs)
        case "extend":
            return urging.deadline(_about(turn, dialogue, missing), _usual(turn, dialogue))
    return _extend(turn, dialogue, missing, inputs)


def again(turn: Turn, press: Press) -> Card:
    """What a press that was handled before leads to: it changes nothing more."""
    asked = Press(press.act.removesuffix("_now"), press.dialogue)
    return pressed(turn, asked, {})


def _missing(turn: Turn, dialogue: Dialogue) -> tuple[Dialogue, ...]:
    """The dialogues of the same round with the same deadline that are not sent, and whose nearest leader the person is.

    None before the deadline: until then nobody but those who answer is told who has not.
    """
    if dialogue.due_on >= turn.today:
        return ()
    ledger = turn.work.reminders.ledger(turn.today, turn.person.id)
    facts = reminding.facts_on(turn.house, ledger, turn.today, only=turn.person.id)
    theirs = (one.id for one in facts.talks if one.sent_on is None and turn.person.id in one.nearest)
    found = (turn.work.dialogue(number, lock=True) for number in sorted(theirs))
    return tuple(one for one in found if one is not None and _same_round(one, dialogue) and not one.is_sent)


def _same_round(one: Dialogue, other: Dialogue) -> bool:
    return (one.model, one.round, one.due_on) == (other.model, other.round, other.due_on)


def _about(turn: Turn, dialogue: Dialogue, missing: Sequence[Dialogue]) -> urging.About:
    language = turn.person.language
    names = tuple(sorted(gathering.answerer(turn.house, turn.work, one, language) for one in missing))
    title = gathering.round_of(turn.work, dialogue).in_(language)
    return urging.About(turn.house.texts(language), dialogue.id, title, dialogue.due_on, names)


# --- writing --------------------------------------------------------------------------------------------------------------------------


def _write(turn: Turn, dialogue: Dialogue, missing: Sequence[Dialogue], inputs: Mapping[str, Raw]) -> Card:
    raw = inputs.get("text", "")
    text = clean(raw if isinstance(raw, str) else " ".join(raw))
    about = _about(turn, dialogue, missing)
    problem = text_problem(text, urging.LIMIT) if text else None
    if problem or not text:
        refused(f"problem-{problem.key if problem else 'required'}", "urge", turn.person.id)
        error = turn.say(f"problem.{problem.key}", **problem.params) if problem else turn.say("problem.required")
        return urging.letter(about, value=text, error=error)
    told: set[int] = set()
    for one in missing:
        if not _is_said(turn, one, text):
            comment = turn.work.respond(one.id, turn.person.id, WORD, text, turn.now)
            told |= _tell(turn, one, "word", comment, told)
    turn.work.note("urged", f"dialogue {dialogue.id}", turn.now, person_id=turn.person.id)
    return _done(turn, "urge.written", len(told))


def _is_said(turn: Turn, dialogue: Dialogue, text: str) -> bool:
    """Whether the very same words were the last that the person wrote there: pressed twice, they are written once."""
    said = [one for one in turn.work.words(dialogue.id) if one.person_id == turn.person.id]
    return bool(said) and said[-1].text == text


def _tell(turn: Turn, dialogue: Dialogue, kind: str, content: int, told: Collection[int]) -> set[int]:
    """Plan to tell whoever answers a dialogue, not at night, unless they are told the same of another; who that is."""
    answering = set(access.invited(turn.work.holders_for(dialogue, turn.today))) - set(told)
    for person_id in answering:
        zone = ZoneInfo(turn.work.person_by_id(person_id).timezone)
        due_at = within_working_hours(turn.now, zone, turn.house.library.days_off)
        key = f"{kind}:{dialogue.id}:{content}:{person_id}:{dialogue.due_on.isoformat()}"
        turn.work.outbox.plan(key, kind, due_at=due_at, person_id=person_id, dialogue_id=dialogue.id, content=content)
    return answering


def _done(turn: Turn, key: str, count: int, **known: object) -> Card:
    """What was done, and how many people are told; that nobody is, where nobody can be."""
    lines = (turn.say(key, count=count, **known),) if count else (turn.say("urge.nobody"),)
    return asking.plain("replied", "", lines, turn.person.language)


# --- moving the deadline --------------------------------------------------------------------------------------------------------------


def _usual(turn: Turn, dialogue: Dialogue) -> date:
    """A week from now, or from the deadline when that is still ahead; on a working day."""
    return _working(turn, min(max(turn.today, dialogue.due_on) + A_WEEK, _latest(dialogue)))


def _latest(dialogue: Dialogue) -> date:
    """The last day a deadline can be moved to."""
    return dialogue.opens_on + LONGEST


def _working(turn: Turn, day: date) -> date:
    return working_day_on_or_before(day, days_off_around(turn.house.library.days_off, day.year))


def _extend(turn: Turn, dialogue: Dialogue, missing: Sequence[Dialogue], inputs: Mapping[str, Raw]) -> Card:
    raw = inputs.get("due", "")
    written = (raw if isinstance(raw, str) else next(iter(raw), "")).strip()
    day = parse_date(written, turn.today) if written else None
    due = _working(turn, day) if day else None
    least, most = max(turn.today, dialogue.due_on), _latest(dialogue)
    if due is None or not least < due <= most:
        refused("problem-date", "extend", turn.person.id)
        key = "problem.date" if day is None else "extend.unfit"
        error = turn.say(key, least=least, most=most) if day else turn.say("problem.date")
        return urging.deadline(_about(turn, dialogue, missing), _usual(turn, dialogue), written=written, error=error)
    told: set[int] = set()
    for one in missing:
        turn.work.move_deadline(one.id, due)
        told |= _tell(turn, replace(one, due_on=due), "moved", turn.person.id, told)
    turn.work.note("extended", f"dialogue {dialogue.id} {due.isoformat()}", turn.now, person_id=turn.person.id)
    return _done(turn, "extend.moved", len(told), day=due)


# --- what whoever answers is told ------------------------------------------------------------------------------------------------------


def told_word(turn: Turn, dialogue: Dialogue, comment_id: int) -> Card | None:
    """What the nearest leader wrote to whoever answers; None when it is sent, or theirs no more."""
    word = next((one for one in turn.work.words(dialogue.id) if one.id == comment_id), None)
    if word is None or not _is_waiting_for(turn, dialogue):
        return None
    scene = gathering.gather(turn.house, turn.work, dialogue, turn.person, turn.today).scene
    return urging.word(scene, word.name, word.text)


def told_moved(turn: Turn, dialogue: Dialogue, by_id: int) -> Card | None:
    """That the deadline was moved, by whom and to when; None when it is sent, or theirs no more."""
    if not _is_waiting_for(turn, dialogue):
        return None
    scene = gathering.gather(turn.house, turn.work, dialogue, turn.person, turn.today).scene
    return urging.moved(scene, turn.work.person_by_id(by_id).name)


def _is_waiting_for(turn: Turn, dialogue: Dialogue) -> bool:
    if dialogue.is_sent:
        return False
    return access.may_answer(turn.person.id, turn.work.holders_for(dialogue, turn.today))
