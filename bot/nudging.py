"""Nudging: a person's message of the day as it is sent, and what its buttons do: tomorrow, away, back, done, fewer.

Promises: what is said is true at the moment of sending; every press is authorised anew, and pressing twice does the same as once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot import access, delegating, gathering
from bot.clock import danish_day
from bot.gathering import called
from bot.reminding import ASKED_FOR, KIND, Due, has_overview, key_of
from bot.turn import Turn
from cards import asking, nudging
from cards.card import Button, Card, Option, Press
from cards.nudging import Line
from cards.scene import Scene
from dialogs import nudges
from dialogs.answers import Raw, parse_date
from dialogs.nudges import TO_ANSWER, Cadence, Item, What
from store.actions import DONE, REPLACED
from store.records import Dialogue
from store.reminders import Ledger

ACTS = frozenset({"tomorrow", "away", "away_set", "away_not", "back_again", "cadence", "digest", "done"})
LONGEST_AWAY = timedelta(days=366)
_CAN_WAIT = frozenset({*TO_ANSWER, What.REPLY, What.ACTION, What.DELEGATED})


# --- the message of the day -----------------------------------------------------------------------------------------------------------


def composed(turn: Turn, due: Due) -> Card:
    """The message: in the short wording where it is one dialogue to answer, else a line for each thing that waits."""
    items = due.message.items
    if len(items) == 1 and items[0].what in TO_ANSWER:
        return _of_one(turn, due, items[0])
    lines = [line for one in items if one.what not in (What.MISSING, What.OVERVIEW) for line in _line(turn, due, one)]
    lines += [*_missing(turn, due), *_overview(turn, due)]
    waiting = sum(one.what in _CAN_WAIT for one in items)
    return nudging.gathered(turn.house.texts(turn.person.language), turn.person.name, lines, waiting=waiting)


def _of_one(turn: Turn, due: Due, item: Item) -> Card:
    scene = _scene(turn, item.about)
    leader, until = _stood_in_for(turn, due.ledger, scene)
    if item.what is What.HANDED or (item.key and leader and item.what is not What.INVITATION):
        return nudging.handed(scene, leader, until)
    return nudging.invitation(scene) if item.what is What.INVITATION else nudging.reminder(scene)


def _scene(turn: Turn, dialogue_id: int) -> Scene:
    dialogue = _dialogue(turn, dialogue_id)
    found = gathering.gather(turn.house, turn.work, dialogue, turn.person, turn.today)
    nobody_reads = turn.today > dialogue.due_on and found.nearest is not None and found.nearest.away
    return replace(found.scene, nearest="") if nobody_reads else found.scene


def _dialogue(turn: Turn, dialogue_id: int) -> Dialogue:
    dialogue = turn.work.dialogue(dialogue_id)
    if dialogue is None:
        raise LookupError(f"dialogue {dialogue_id} was there a moment ago")
    return dialogue


def _stood_in_for(turn: Turn, ledger: Ledger, scene: Scene) -> tuple[str, date | None]:
    """The leader who is away and for whom the person answers, and the last day of that."""
    dialogue = next(one for one in ledger.dialogues if one.id == scene.dialogue)
    own = [one for one in ledger.holders_for(dialogue, turn.today) if one.depth == 0 and one.role == "leader"]
    for holder in own if all(one.person_id != turn.person.id for one in own) else ():
        if away := ledger.away(holder.person_id, turn.today):
            return holder.name, away.last
    return "", None


def _line(turn: Turn, due: Due, item: Item) -> Iterator[Line]:
    match item.what:
        case What.HANDED | What.INVITATION | What.BEFORE | What.AFTER:
            yield _to_answer(turn, due, item)
        case What.ACTION:
            yield from _action(turn, item.about)
        case What.DELEGATED:
            yield from _delegated(turn, due.ledger, item.about)
        case _:
            yield _about(turn, item)


def _to_answer(turn: Turn, due: Due, item: Item) -> Line:
    """A dialogue to answer; the first time it is told to whoever stands in, for whom."""
    scene = _scene(turn, item.about)
    leader, until = _stood_in_for(turn, due.ledger, scene)
    if item.what is What.HANDED or (item.key and leader):
        return nudging.handed_line(scene, leader, until)
    return nudging.line(scene)


def _known(turn: Turn, dialogue: Dialogue) -> dict[str, object]:
    """The round and the unit of a dialogue, as they are called."""
    title = gathering.round_of(turn.work, dialogue).in_(turn.person.language)
    return {"round": title, "unit": called(turn.house, dialogue, turn.person.language), "due": dialogue.due_on}


def _about(turn: Turn, item: Item) -> Line:
    dialogue = _dialogue(turn, item.about)
    known = _known(turn, dialogue)
    match item.what:
        case What.REPLY:
            sender = turn.work.person_by_id(dialogue.sent_by_id).name if dialogue.sent_by_id else dialogue.unit_name
            answer = Button(turn.say("button.reply"), Press("respond", dialogue.id, value="reply"), "primary")
            return Line(turn.say("nudge.reply", leader=sender, sent=dialogue.sent_at, **known), answer)
        case What.VACANT:
            ask = turn.work.consultant(turn.today)
            key = "nudge.vacant" if ask else "nudge.vacant_nobody"
            return Line(turn.say(key, consultant=ask[0] if ask else "", **known))
    now = turn.work.holders_for(dialogue, turn.today)
    leader = next((one.name for one in now if one.depth == 0), "")
    return Line(turn.say("nudge.handed_over", leader=leader, **known))


def _action(turn: Turn, action_id: int) -> Iterator[Line]:
    action = turn.work.actions.action(action_id)
    if action is None or action.due_on is None:
        return
    known = {**_known(turn, _dialogue(turn, action.dialogue_id)), "due": action.due_on}
    done = Button(turn.say("button.done"), Press("done", value=str(action.id)))
    yield Line(turn.say("nudge.action", what=action.what, **known), done)


def _delegated(turn: Turn, ledger: Ledger, delegation_id: int) -> Iterator[Line]:
    asked = next((one for one in ledger.delegations if one.id == delegation_id), None)
    if asked is None:
        return
    dialogue = _dialogue(turn, asked.dialogue_id)
    titles = {f"initiative-{one.id}": one.title for one in turn.work.initiatives(dialogue.agreement_id)}
    asker = turn.work.person_by_id(asked.asked_by_id).name
    known = {"asker": asker, "title": titles.get(asked.subject, ""), **_known(turn, dialogue)}
    yield Line(
        turn.say("nudge.delegated", **known), Button(turn.say("button.open"), Press("open", dialogue.id), "primary")
    )


def _missing(turn: Turn, due: Due) -> Iterator[Line]:
    """The units of the person that have not answered, by round: names, for nobody else to see; apart, those nobody was reminded of."""
    for dialogues in _by_round(turn, due.message.about(What.MISSING)):
        first = dialogues[0]
        mine = {one.id for one in due.facts.talks if turn.person.id in one.nearest}
        total = sum(one.id in mine and _round_of(one) == _round_of(first) for one in due.ledger.dialogues)
        reminded = _reminded(turn, due, dialogues)
        names = sorted(_answerer(turn, one) for one in dialogues if one.id in reminded)
        others = sorted(_unreminded(turn, due, one) for one in dialogues if one.id not in reminded)
        key = "nudge.missing" if first.owner_id is None else "nudge.missing_owners"
        words = turn.say(key, count=len(dialogues), total=total, reminded=len(names), **_known(turn, first))
        more = _urges(turn, first)
        if names and others:
            yield Line(words, names=tuple(names))
            yield Line(turn.say("nudge.unreminded", count=len(others)), names=tuple(others), more=more)
        else:
            yield Line(words, names=tuple(names or others), more=more)


def _answerer(turn: Turn, dialogue: Dialogue) -> str:
    return gathering.answerer(turn.house, turn.work, dialogue, turn.person.language)


def _reminded(turn: Turn, due: Due, dialogues: Sequence[Dialogue]) -> frozenset[int]:
    """The dialogues whose answerers were sent something about it after they were invited, as far as they want reminders."""
    numbers = {one.id for one in dialogues}
    talks = [one for one in due.facts.talks if one.id in numbers]
    wanting = {one.id for one in due.ledger.people.values() if one.cadence != Cadence.OFF}
    sent = turn.work.reminders.last_sent({asked.person for one in talks for asked in one.asked} & wanting)
    return frozenset(
        talk.id
        for talk in talks
        for asked in talk.asked
        if asked.person in sent and danish_day(sent[asked.person]) >= (asked.since or talk.opens_on + timedelta(days=1))
    )


def _unreminded(turn: Turn, due: Due, dialogue: Dialogue) -> str:
    """Who has not been reminded, with why where it is a fact of the post: nobody holds it, or they are away."""
    name = _answerer(turn, dialogue)
    talk = next(one for one in due.facts.talks if one.id == dialogue.id)
    if talk.is_vacant:
        return turn.say("nudge.missing_vacant", unit=name)
    row = next(one for one in due.ledger.dialogues if one.id == dialogue.id)
    leaders = (one for one in due.ledger.holders_for(row, turn.today) if one.depth == 0 and one.role == "leader")
    away = next((gone for one in leaders if (gone := due.ledger.away(one.person_id, turn.today))), None)
    return turn.say("nudge.missing_away", unit=name, until=away.last) if away and not talk.asked else name


def _urges(turn: Turn, dialogue: Dialogue) -> tuple[Button, ...]:
    """What a nearest leader can do about units that have not answered."""
    write = Button(turn.say("button.urge"), Press("urge", dialogue.id))
    return (write, Button(turn.say("button.extend"), Press("extend", dialogue.id)))


def _overview(turn: Turn, due: Due) -> Iterator[Line]:
    """How far each open round is below the person: numbers, no names."""
    for dialogues in _by_round(turn, due.message.about(What.OVERVIEW)):
        first = dialogues[0]
        mine = {one.id: one.sent_on for one in due.facts.talks if turn.person.id in one.readers}
        together = [
            mine[one.id] for one in due.ledger.dialogues if one.id in mine and _round_of(one) == _round_of(first)
        ]
        known = {**_known(turn, first), "late": first.due_on < turn.today}
        key = "nudge.overview" if first.owner_id is None else "nudge.overview_owners"
        yield Line(turn.say(key, done=sum(map(bool, together)), total=len(together), **known))


def _round_of(dialogue: object) -> tuple[object, ...]:
    return tuple(getattr(dialogue, name) for name in ("model", "round", "due_on"))


def _by_round(turn: Turn, dialogue_ids: Iterable[int]) -> list[Sequence[Dialogue]]:
    """The dialogues, those of one round with one deadline together."""
    found: dict[tuple[object, ...], list[Dialogue]] = {}
    for one in dialogue_ids:
        dialogue = _dialogue(turn, one)
        found.setdefault(_round_of(dialogue), []).append(dialogue)
    return list(found.values())


# --- what its buttons do ------------------------------------------------------------------------------------------------------------------


def pressed(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Do what a button of a message asks for."""
    match press.act:
        case "tomorrow":
            return _tomorrow(turn, press)
        case "away":
            return _away_form(turn, dialogue=press.dialogue)
        case "away_set":
            return _be_away(turn, press, inputs)
        case "away_not":
            return asking.plain("replied", "", (turn.say("given.left"),), turn.person.language)
        case "back_again":
            return back(turn)
        case "done":
            return _done(turn, press)
    return _choose(turn, press)


def _tomorrow(turn: Turn, press: Press) -> Card:
    """Write again on the next day on which anything is sent; asked for twice it is planned once."""
    if press.dialogue and not _concerns(turn, turn.work.dialogue(press.dialogue)):
        return turn.refusal("no-dialogue", str(press.dialogue), turn.say("refusal.gone"))
    zone = ZoneInfo(turn.person.timezone)
    today = turn.now.astimezone(zone).date()
    day = nudges.sending_day(today + timedelta(days=1), turn.house.library.days_off)
    first, last = nudges.hours(day, zone)
    dialogue = press.dialogue or None
    key = key_of(turn.person.id, day)
    turn.work.outbox.plan(
        key, KIND, due_at=first, expires_at=last, person_id=turn.person.id, dialogue_id=dialogue, content=ASKED_FOR
    )
    return nudging.postponed(turn.house.texts(turn.person.language), day, press.dialogue)


def _concerns(turn: Turn, dialogue: Dialogue | None) -> bool:
    """Whether a dialogue is the person's, is above them or below them, or they were asked about a part of it."""
    if dialogue is None:
        return False
    holders = turn.work.holders_for(dialogue, turn.today)
    return access.reach(turn.person.id, holders) is not None or bool(delegating.theirs(turn, dialogue))


def _is_theirs(turn: Turn, dialogue: Dialogue) -> bool:
    """Whether the person answers a dialogue, or a part of it."""
    holders = turn.work.holders_for(dialogue, turn.today)
    return access.may_answer(turn.person.id, holders) or bool(delegating.theirs(turn, dialogue))


def _colleagues(turn: Turn, dialogue_id: int) -> tuple[Option, ...]:
    """Who may act for the person: those around the units they lead, or around the dialogue they were asked about."""
    units = [unit.id for _, unit in turn.work.posts_of(turn.person.id, turn.today)]
    dialogue = turn.work.dialogue(dialogue_id) if dialogue_id and not units else None
    units += [dialogue.unit_id] if dialogue and _is_theirs(turn, dialogue) else []
    found = {one.id: one for unit in units[:1] for one in turn.work.colleagues(unit, turn.today)}
    return tuple(Option(str(one.id), one.name, one.unit) for one in found.values() if one.id != turn.person.id)


def _away_form(
    turn: Turn, *, dialogue: int, last: str = "", stand_in: str = "", problem: str = "", unfit: str = ""
) -> Card:
    return nudging.away_form(
        turn.house.texts(turn.person.language),
        _colleagues(turn, dialogue),
        last=last,
        stand_in=stand_in or nudging.NOBODY,
        problem=problem,
        unfit=unfit,
        dialogue=dialogue,
    )


def _be_away(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """Note an absence from today on; what cannot be read is shown again, with why."""
    said = {name: value if isinstance(value, str) else next(iter(value), "") for name, value in inputs.items()}
    written, chosen = said.get("last", "").strip(), said.get("stand_in", "").strip() or nudging.NOBODY
    last, problem = _last_day(turn, written)
    known = {one.value for one in _colleagues(turn, press.dialogue)}
    stand_in = int(chosen) if chosen in known else 0
    fits = chosen == nudging.NOBODY or (stand_in and turn.work.reminders.absence(stand_in, turn.today) is None)
    if last is None or not fits:
        unfit = "" if fits else turn.say("away.unfit")
        return _away_form(turn, dialogue=press.dialogue, last=written, stand_in=chosen, problem=problem, unfit=unfit)
    turn.work.reminders.be_away(turn.person.id, turn.today, last, stand_in or None)
    turn.work.note("away", f"person {turn.person.id}", turn.now, person_id=turn.person.id)
    name = turn.work.names([stand_in]).get(stand_in, "") if stand_in else ""
    return nudging.is_away(turn.house.texts(turn.person.language), last, name)


def _last_day(turn: Turn, written: str) -> tuple[date | None, str]:
    """The last day away, or why it cannot be."""
    if not written:
        return None, turn.say("problem.required")
    day = parse_date(written, turn.today)
    if day is None:
        return None, turn.say("problem.date")
    if day < turn.today:
        return None, turn.say("problem.past_date", day=day)
    return (day, "") if day <= turn.today + LONGEST_AWAY else (None, turn.say("away.too_long"))


def is_away(turn: Turn) -> bool:
    """Whether the person is away today, as far as is known."""
    return turn.work.reminders.absence(turn.person.id, turn.today) is not None


def back(turn: Turn) -> Card:
    """End the absence today."""
    was_away = turn.work.reminders.be_back(turn.person.id, turn.today)
    if was_away:  # an import leaves alone what is said here
        turn.work.note("back", f"person {turn.person.id}", turn.now, person_id=turn.person.id)
    line = turn.say("away.back" if was_away else "away.not_away")
    return asking.plain(
        "replied", "", (line,), turn.person.language, (Button(turn.say("button.start"), Press("hello")),)
    )


def _done(turn: Turn, press: Press) -> Card:
    """Note that an action is done; only whoever does it can say so."""
    action = turn.work.actions.action(press.number) if press.number is not None else None
    if action is None or action.person_id != turn.person.id or action.state == REPLACED:
        return turn.refusal("not-theirs-to-do", press.value, turn.say("refusal.not_yours_to_do"))
    if action.state != DONE:
        turn.work.actions.finish(action.id)
        turn.work.note("done", f"action {action.id}", turn.now, person_id=turn.person.id)
    return asking.plain("replied", "", (turn.say("nudge.done"),), turn.person.language)


# --- how one wants to be reminded ---------------------------------------------------------------------------------------------------------


def mine(turn: Turn, notice: str = "") -> Card:
    """How the person is reminded, to be changed."""
    cadence, digest = turn.work.reminders.chosen(turn.person.id)
    posts = turn.work.posts_of(turn.person.id, turn.today)
    usual = any(has_overview(role, unit.kind) for role, unit in posts)
    reaches_below = usual or any(role == "leader" and unit.kind in ("forvaltning", "afdeling") for role, unit in posts)
    wanted = (usual if digest is None else digest) if reaches_below else None
    texts = turn.house.texts(turn.person.language)
    return nudging.choices(texts, cadence or Cadence.NORMAL.value, digest=wanted, notice=notice)


def _choose(turn: Turn, press: Press) -> Card:
    if press.act == "cadence" and press.value in set(Cadence):
        turn.work.reminders.choose(turn.person.id, cadence=press.value)
        return mine(turn, turn.say(f"cadence.said_{press.value}"))
    if press.act == "digest" and press.value in ("on", "off"):
        turn.work.reminders.choose(turn.person.id, digest=press.value == "on")
        return mine(turn)
    return turn.refusal("garbled-press", press.act, turn.say("refusal.garbled"))


def again(turn: Turn, press: Press) -> Card:
    """What a press that was handled before leads to now: it changes nothing more."""
    match press.act:
        case "away_set":
            return _away_now(turn, press)
        case "back_again":
            line = turn.say("away.back")
            return asking.plain("replied", "", (line,), turn.person.language)
        case "cadence" | "digest":
            return mine(turn)
    return pressed(turn, press, {})


def _away_now(turn: Turn, press: Press) -> Card:
    absence = turn.work.reminders.absence(turn.person.id, turn.today)
    if absence is None:
        return _away_form(turn, dialogue=press.dialogue)
    names = turn.work.names([absence.stand_in_id]) if absence.stand_in_id else {}
    texts = turn.house.texts(turn.person.language)
    return nudging.is_away(texts, absence.last, names.get(absence.stand_in_id or 0, ""))
