"""Replying: what the nearest leader says about a summary, and what the leader answers.

Promises: only the nearest leader's side replies and only the unit's side answers back, authorised on every press; what is said is
kept, stands under the post, and is told to the other side in their own chat.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot import access
from bot.gathering import called, round_of
from bot.outcome import answering_person, plan_summary, room_of_summary
from bot.turn import Turn, refused
from cards import replying
from cards.card import Card, Note, Press
from cards.replying import About, Kind, Response
from dialogs.answers import Raw, clean, text_problem
from dialogs.rounds import within_working_hours
from store.records import Dialogue, Focus, Holder

FORM = "reply"
"""The subject of a focus on a reply that is being written."""

_KINDS: dict[str, Kind] = {
    "reply": "reply",
    "question": "question",
    "at_meeting": "at_meeting",
    "approval": "approval",
    "answer": "answer",
}


def respond(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Offer a place to write, or do at once what is one press; with the text written, send it."""
    kind = _KINDS.get(press.value)
    dialogue = turn.work.dialogue(press.dialogue, lock=True)
    if kind is None or dialogue is None:
        return turn.refusal("no-dialogue", str(press.dialogue), turn.say("refusal.gone"))
    if not dialogue.is_sent:
        return turn.refusal(
            "not-sent",
            str(dialogue.id),
            turn.say("refusal.not_sent", unit=called(turn.house, dialogue, turn.person.language)),
        )
    holders = turn.work.holders_for(dialogue, turn.today)
    if not _may(turn, kind, holders):
        return _not_theirs(turn, dialogue, holders)
    about = about_dialogue(turn, dialogue)
    if kind not in replying.IN_WORDS:
        return _keep(turn, dialogue, holders, about, kind, "")
    if press.act == "respond":
        turn.look_at(Focus(dialogue.id, FORM, kind))
        return replying.form(about, kind, value=_begun(turn, dialogue, kind))
    return _written(turn, dialogue, holders, about, kind, inputs)


def typed(turn: Turn, focus: Focus, text: str) -> Card:
    """Words typed while the form is open: written into it, after what was typed before; sent only by its button."""
    kind, dialogue = _KINDS.get(focus.step), turn.work.dialogue(focus.dialogue_id)
    if kind is None or dialogue is None or not _may(turn, kind, turn.work.holders_for(dialogue, turn.today)):
        return turn.refusal("not-theirs-to-reply", str(focus.dialogue_id), turn.say("refusal.gone"))
    about = about_dialogue(turn, dialogue)
    whole = "\n".join(filter(None, [_begun(turn, dialogue, kind), text]))
    problem = text_problem(whole, replying.LIMIT)
    if problem:
        refused(f"problem-{problem.key}", "reply", turn.person.id)
        begun = _begun(turn, dialogue, kind)
        return replying.form(about, kind, value=begun, error=turn.say(f"problem.{problem.key}", **problem.params))
    turn.work.keep_draft(_draft_of(turn, dialogue, kind), {"text": whole}, turn.person.id, turn.now)
    return replying.form(about, kind, value=whole, notice=turn.say("form.typed"))


def form_again(turn: Turn, focus: Focus) -> Card:
    """The form that is open, with what was typed into it."""
    kind, dialogue = _KINDS.get(focus.step), turn.work.dialogue(focus.dialogue_id)
    if kind is None or dialogue is None:
        return turn.refusal("no-dialogue", str(focus.dialogue_id), turn.say("refusal.gone"))
    return replying.form(about_dialogue(turn, dialogue), kind, value=_begun(turn, dialogue, kind))


def _draft_of(turn: Turn, dialogue: Dialogue, kind: Kind) -> Focus:
    """Where what one person typed for a reply is kept: nobody else sees it."""
    return Focus(dialogue.id, f"{FORM}-{turn.person.id}", kind)


def _begun(turn: Turn, dialogue: Dialogue, kind: Kind) -> str:
    return str(turn.work.draft(_draft_of(turn, dialogue, kind)).get("text", ""))


def _may(turn: Turn, kind: Kind, holders: tuple[Holder, ...]) -> bool:
    if kind == "answer":
        return access.may_answer(turn.person.id, holders)
    return access.may_reply(turn.person.id, holders)


def _not_theirs(turn: Turn, dialogue: Dialogue, holders: tuple[Holder, ...]) -> Card:
    nearest = access.nearest_leader(holders)
    name = nearest.name if nearest else turn.say("word.nearest")
    line = turn.say("refusal.not_yours_to_reply", nearest=name, unit=called(turn.house, dialogue, turn.person.language))
    return turn.refusal("not-theirs-to-reply", str(dialogue.id), line)


def about_dialogue(turn: Turn, dialogue: Dialogue) -> About:
    """The summary, as the replies speak of it."""
    sender = turn.work.person_by_id(dialogue.sent_by_id).name if dialogue.sent_by_id else dialogue.unit_name
    texts = turn.house.texts(turn.person.language)
    where = room_of_summary(turn.work, dialogue.id, turn.platform)
    unit = called(turn.house, dialogue, turn.person.language)
    return About(texts, dialogue.id, unit, round_of(turn.work, dialogue), sender, where)


def _written(
    turn: Turn, dialogue: Dialogue, holders: tuple[Holder, ...], about: About, kind: Kind, inputs: Mapping[str, Raw]
) -> Card:
    raw = inputs.get("text", "")
    text = clean(raw if isinstance(raw, str) else " ".join(raw))
    if not text:
        return replying.form(about, kind, error=turn.say("problem.required"))
    problem = text_problem(text, replying.LIMIT)
    if problem:
        refused(f"problem-{problem.key}", "reply", turn.person.id)
        return replying.form(about, kind, value=text, error=turn.say(f"problem.{problem.key}", **problem.params))
    return _keep(turn, dialogue, holders, about, kind, text)


def _keep(turn: Turn, dialogue: Dialogue, holders: tuple[Holder, ...], about: About, kind: Kind, text: str) -> Card:
    said = turn.work.responses(dialogue.id)
    since = dialogue.corrected_at
    if not text and any(one.kind == kind and (since is None or one.at >= since) for one in said):
        return replying.given(about, kind, Note(about.say("given.already"), "info"))
    if text and said and (said[-1].kind, said[-1].person_id, said[-1].text) == (kind, turn.person.id, text):
        return replying.given(about, kind)  # the same words pressed twice are said once
    response = turn.work.respond(dialogue.id, turn.person.id, kind, text, turn.now)
    turn.work.drop_draft(_draft_of(turn, dialogue, kind))
    turn.look_at(Focus(dialogue.id, "", ""))
    nearest = access.nearest_leader(holders)
    plan_summary(turn.work, dialogue, nearest, dialogue.sent_revision or 0, turn.now)
    told = nearest.person_id if kind == "answer" and nearest else answering_person(dialogue, holders)
    if told is not None and told != turn.person.id:
        key = f"response:{response}"
        # Under the post it stands at once; the other side is not disturbed at night.
        due_at = within_working_hours(
            turn.now, ZoneInfo(turn.work.person_by_id(told).timezone), turn.house.library.days_off
        )
        turn.work.outbox.plan(key, "response", due_at=due_at, person_id=told, dialogue_id=dialogue.id, content=response)
    turn.work.note(f"response-{kind}", f"dialogue {dialogue.id}", turn.now, person_id=turn.person.id)
    return replying.given(about, kind)


def told(turn: Turn, dialogue: Dialogue, response_id: int) -> Card | None:
    """What the other side is told of a response; None when it is not there."""
    said = next((one for one in turn.work.responses(dialogue.id) if one.id == response_id), None)
    if said is None:
        return None
    response = Response(_KINDS[said.kind], said.name, said.text, said.at)
    return replying.news(about_dialogue(turn, dialogue), response, to_leader=said.kind != "answer")
