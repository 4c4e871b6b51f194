"""Finishing: the preview of exactly what will be posted and where, the sending of it, and the post as it stands.

Promises: nothing is sent that was not previewed; sending twice is sending once; an edit afterwards is previewed and sent like the
first, and corrects the post in place.
"""

from __future__ import annotations

from bot import access, gathering
from bot.answering import not_theirs, note, show
from bot.gathering import Gathered, called
from bot.outcome import destination, send, summary_key
from bot.turn import Turn
from cards import telling
from cards.card import Card, Note, Press
from store.records import Focus


def finish(turn: Turn, gathered: Gathered, press: Press) -> Card:
    """Preview what will be posted, or send it."""
    scene = gathered.scene
    if scene.next_stop is not None:
        return show(turn, gathered, scene.next_stop, notice=note(gathered, "notice.not_finished"))
    if press.act == "submit":
        return _submit(turn, gathered, press)
    return _preview(turn, gathered)


def post(turn: Turn, dialogue_id: int) -> Card:
    """The post as it stands, for those who answered it and those who may reply to it."""
    dialogue = turn.work.dialogue(dialogue_id)
    if dialogue is None:
        return turn.refusal("no-dialogue", str(dialogue_id), turn.say("refusal.gone"))
    holders = turn.work.holders_for(dialogue, turn.today)
    answers = access.may_answer(turn.person.id, holders)
    if not answers and not access.may_reply(turn.person.id, holders):
        return not_theirs(turn, dialogue, holders)
    if not dialogue.is_sent:
        return turn.refusal(
            "not-sent",
            str(dialogue_id),
            turn.say("refusal.not_sent", unit=called(turn.house, dialogue, turn.person.language)),
        )
    scene = gathering.gather_sent(turn.house, turn.work, dialogue, turn.house.language, turn.today)
    said = turn.house.texts(turn.person.language)
    is_there = turn.work.outbox.stands(summary_key(dialogue.id))
    return telling.as_it_stands(said, dialogue.id, telling.summary(scene), may_edit=answers, is_there=is_there)


def _preview(turn: Turn, gathered: Gathered, notice: Note | None = None) -> Card:
    turn.look_at(Focus(gathered.dialogue.id, "", ""))
    sender = _sender(turn, gathered)
    post = telling.summary(gathering.gather_post(turn.house, turn.work, gathered, sender, turn.now))
    return telling.preview(gathered.scene, post, destination(turn.work, gathered, turn.today, turn.platform), notice)


def _sender(turn: Turn, gathered: Gathered) -> str:
    """The name on the post: whoever sent it first."""
    sent_by = gathered.dialogue.sent_by_id
    return turn.work.person_by_id(sent_by).name if sent_by and gathered.scene.is_sent else turn.person.name


def _submit(turn: Turn, gathered: Gathered, press: Press) -> Card:
    """Send exactly what the preview showed, where it said; anything else is previewed again."""
    scene = gathered.scene
    where = destination(turn.work, gathered, turn.today, turn.platform)
    if scene.is_sent and not scene.is_changed:
        return telling.sent(scene, where, corrected=scene.corrected_at is not None)
    if press.revision != gathered.dialogue.revision or press.value != where.token:
        return _preview(turn, gathered, Note(scene.say("notice.preview_changed"), "warning"))
    send(turn.work, gathered, turn.person.id, turn.now)
    return telling.sent(scene, where, corrected=scene.is_sent)
