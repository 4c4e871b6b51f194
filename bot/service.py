"""One turn: an event from a channel in, the card the person sees next out. The use cases, without a channel and without a clock.

Promises: everything happens in the caller's one transaction, and the caller tells the platform 200 only after it is committed,
so what was acknowledged is on disk. The same event twice, or a press on a card that others have answered meanwhile, changes
nothing and shows the present card. Every press is authorised anew. What was typed is kept, as a draft if it cannot be kept as an
answer, unless it holds a CPR number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot import (
    agreeing,
    answering,
    asking_reports,
    delegating,
    finishing,
    gathering,
    mending,
    nudging,
    overview,
    prospect,
    replying,
    searching,
    talk,
    urging,
)
from bot.clock import danish_day
from bot.gathering import House
from bot.naming import SUGGESTED
from bot.outcome import summary_key
from bot.ports import Inbound, Opened, Pressed, Reply, Said
from bot.talk import Command, command
from bot.turn import Turn, refused
from cards import asking
from cards.card import Button, Buttons, Card, Note, Press
from cards.scene import Scene
from cards.wording import channel
from dialogs import rounds
from dialogs.answers import Raw, clean
from dialogs.calendar import of_unit
from dialogs.engine import Place
from dialogs.script import AnsweredBy, Model
from store.records import AT_NEXT, Dialogue, Focus, Person
from store.work import ANSWERING_ROLES, Work


def handle(house: House, inbound: Inbound, work: Work, now: datetime) -> Reply:
    """Take one event and give what the person sees next."""
    caller = work.caller(inbound.platform, inbound.person)
    where = "replace" if isinstance(inbound.intent, Pressed) else "below"
    if caller is None:
        refused("no-person", inbound.platform, None)
        return Reply(_nobody(house, work, now), "below")
    person, focus = caller
    turn = Turn(house, work, person, inbound.platform, now, focus, inbound.event)
    is_first = work.is_first(inbound.platform, inbound.event, now)
    if person.platform != inbound.platform:
        work.meet(person.id, inbound.platform)
        mending.person_reached(work, person.id, now)
    match inbound.intent:
        case Opened():
            mending.person_reached(work, person.id, now)
            card = _open(turn)
        case Said(text):
            card = _said(turn, clean(text)) if is_first else _present_to(turn)
        case Pressed(press, inputs):
            card = _pressed(turn, press, inputs) if is_first else _present_again(turn, press)
    return Reply(card, "replace" if where == "replace" else "below", is_again=not is_first)


def _nobody(house: House, work: Work, now: datetime) -> Card:
    said = house.texts("da")
    ask = work.consultant(danish_day(now))
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
            return delegating.beside(turn, None) or _no_dialogue(turn)
        case [only] if not only.is_sent:
            card = asking.greeting(_scene(turn, only), several=len(mine) > 1)
        case _:
            card = _choice(turn, mine)
    return delegating.beside(turn, card) or card


def _choice(turn: Turn, mine: tuple[Dialogue, ...]) -> Card:
    """Several dialogues, or one that was sent already: where each stands, and a way in."""
    if len(mine) == 1:
        return _overview(turn, mine, turn.say("status.title"))
    return _overview(turn, mine, turn.say("choose.title", count=len(mine)), turn.say("choose.body"))


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
    rooms = _rooms(turn)
    if _is_asked(turn):
        lines = [turn.say("status.none"), _next_opening(turn)]
        return asking.plain("status", turn.say("status.title"), lines, turn.person.language)
    if rooms and roles & {"leader", "deputy", "direktion", "consultant"}:
        line = turn.say("refusal.reader", name=turn.person.name, rooms=[channel(room) for room in rooms])
        return turn.refusal("only-reads", "opened", line)
    if "consultant" in roles:
        return asking.plain("help", "", (turn.say("help.consultant", name=turn.person.name),), turn.person.language)
    ask = turn.work.consultant(turn.today)
    key = "refusal.no_role" if ask else "refusal.no_role_nobody"
    consultant, unit = ask or ("", "")
    line = turn.say(key, name=turn.person.name, consultant=consultant, unit=unit)
    return turn.refusal("no-role", "opened", line)


def _is_asked(turn: Turn) -> bool:
    """Whether dialogues are the person's to answer, also while none is open: about a unit's agreement, or their part of a plan."""
    led = [unit for role, unit in turn.work.posts_of(turn.person.id, turn.today) if role in ANSWERING_ROLES]
    if any(unit.kind in {"enhed", "selvejende"} for unit in led):
        return True
    own = {unit.id for unit in led}
    in_force = turn.work.agreements_in_force(turn.today, turn.house.default_model)
    asked_by = {one.id: model.answered_by for one in in_force if (model := turn.house.model(one.model))}
    if any(one.unit_id in own and asked_by.get(one.id) is AnsweredBy.LEADER for one in in_force):
        return True
    plans = [agreement for agreement, by in asked_by.items() if by is AnsweredBy.OWNER]
    return any(turn.person.id in owners for owners in turn.work.owners(plans).values())


def _rooms(turn: Turn) -> tuple[str, ...]:
    """The channels in which summaries reach the person, by the posts they hold."""
    posts = turn.work.posts_of(turn.person.id, turn.today)
    return tuple(dict.fromkeys(room for _, unit in posts if (room := _room_name(turn, unit.id))))


def _room_name(turn: Turn, unit_id: int) -> str:
    room = turn.work.room_above(unit_id, turn.platform)
    return room[1] if room else ""


def _next_opening(turn: Turn) -> str:
    periods = turn.work.periods(turn.person.id, turn.today)
    day = rounds.next_opening(_own_models(turn), periods, turn.today, turn.house.library.days_off)
    return turn.say("status.next", day=day) if day else ""


def _own_models(turn: Turn) -> list[Model]:
    """The models that the person's units follow, with the units' own dates."""
    codes = turn.work.codes_of(unit.id for _, unit in turn.work.posts_of(turn.person.id, turn.today))
    followed = {one.unit_id: one.model for one in turn.work.agreements_in_force(turn.today, turn.house.default_model)}
    named = ((turn.house.model(followed.get(unit, turn.house.default_model)), own) for unit, own in codes.items())
    return [of_unit(model, own) for model, own in named if model]


def _overview(turn: Turn, mine: tuple[Dialogue, ...], title: str, body: str = "") -> Card:
    scenes = [_scene(turn, one) for one in mine]
    states = [(scene, _state(turn, scene)) for scene in scenes]
    fallback = turn.say("status.notification", count=len(mine))
    return asking.several(states, title, body, fallback, turn.person.language)


def _state(turn: Turn, scene: Scene) -> str:
    if scene.is_sent and not turn.work.outbox.stands(summary_key(scene.dialogue)):
        return scene.say("status.waiting", sent=scene.corrected_at or scene.sent_at)
    if scene.is_sent and scene.next_stop is not None:
        waiting, _ = asking.subjects_left(scene)
        return scene.say("status.added", sent=scene.corrected_at or scene.sent_at, count=waiting)
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
    """Where one's own dialogues stand, with a way to what was told in one's own units."""
    mine = turn.work.dialogues_for(turn.person.id, turn.today)
    card = _overview(turn, mine, turn.say("status.title")) if mine else None
    card = delegating.beside(turn, card) or card or _no_dialogue(turn)
    if card.kind != "status":
        return card
    tops = turn.work.overview.tops(turn.person.id, turn.today)[:SUGGESTED]
    ways = (*overview.own_units(turn, tops), *asking_reports.button(turn, tops))
    return replace(card, parts=(*card.parts, Buttons(ways))) if ways else card


def _asked_about(turn: Turn, text: str) -> Card | None:
    """What was asked for with a word after it, a unit's status or a search; None where it is rather text for the card in front."""
    asked = talk.asking(text)
    if asked is None:
        return None
    awaits_text = turn.focus is not None and turn.focus.subject != "" and not text.lstrip().startswith("/")
    if asked[0] is Command.SEARCH:
        return None if awaits_text else searching.search(turn, asked[1])
    if asked[0] is Command.REPORT:
        return asking_reports.typed(turn, asked[1], sure=awaits_text)
    return overview.typed(turn, asked[1], sure=awaits_text)


def _help(turn: Turn) -> Card:
    """What one can do here: answer, for those who have a dialogue; read and reply, for those who get the summaries."""
    ask = turn.work.consultant(turn.today)
    who = turn.say("help.who", consultant=ask[0], unit=ask[1]) if ask else turn.say("help.who_nobody")
    title, language = turn.say("help.title"), turn.person.language
    rooms = _rooms(turn)
    agreement = Button(turn.say("button.agreements"), Press("agreements"))
    asked = bool(turn.work.dialogues_for(turn.person.id, turn.today)) or _is_asked(turn)
    if rooms and not asked:
        line = turn.say("help.reader", rooms=[channel(room) for room in rooms])
        report = (turn.say("help.report"),)
        return asking.plain("help", title, (turn.say("help.body"), line, who), language, (agreement,), report)
    roles = {role for role, _ in turn.work.posts_of(turn.person.id, turn.today)}
    if "consultant" in roles and not asked:
        told = (turn.say("help.body"), turn.say("help.consultant", name=turn.person.name))
        return asking.plain(
            "help",
            title,
            told,
            language,
            (agreement,),
            tuple(turn.say(f"help.{key}") for key in ("plan", "report", "reminders")),
        )
    points = tuple(
        turn.say(f"help.{key}") for key in ("start", "status", "agreement", "report", "reminders", "help", "language")
    )
    lines = (turn.say("help.body"), turn.say("help.answer"), turn.say("help.saved"), who)
    start = (
        Button(turn.say("button.start"), Press("hello"), "primary"),
        Button(turn.say("status.title"), Press("status")),
        agreement,
    )
    return asking.plain("help", title, lines, language, start, points)


def _speak(turn: Turn, wanted: Command) -> Card:
    """Speak the language somebody asks for from now on, and show where they are in it."""
    language = "en" if wanted is Command.ENGLISH else "da"
    turn.work.speak(turn.person.id, language)
    return _present_to(replace(turn, person=replace(turn.person, language=language)))


# --- what is typed and pressed --------------------------------------------------------------------------------------------------


def _said(turn: Turn, text: str) -> Card:
    match command(text):
        case Command.START:
            mending.person_reached(turn.work, turn.person.id, turn.now)
            return _open(turn)
        case Command.STATUS:
            return overview.start(turn) or _status(turn)
        case Command.HELP:
            return _help(turn)
        case Command.AGREEMENT:
            return agreeing.mine(turn)
        case Command.DANISH | Command.ENGLISH as wanted:
            return _speak(turn, wanted)
        case Command.REMINDERS:
            return nudging.mine(turn)
        case Command.BACK if nudging.is_away(turn):  # else it is the button that goes a step back
            return nudging.back(turn)
        case Command.PLAN:
            return prospect.told_in_chat(turn)
        case Command.REPORT:
            return asking_reports.start(turn)
    if found := _asked_about(turn, text):
        return found
    unit = prospect.wanted(turn, text)
    return _typed(turn, text) if unit is None else prospect.told_in_chat(turn, unit)


def _typed(turn: Turn, text: str) -> Card:
    """What is typed and is no command: it belongs to the card in front of the person."""
    focus = turn.focus
    if focus is not None and focus.subject == replying.FORM:
        return replying.typed(turn, focus, text)
    gathered = answering.may_answer(turn, focus.dialogue_id) if focus else None
    if focus is None or gathered is None or isinstance(gathered, Card):
        return _open(turn)
    scene = gathered.scene
    stop = scene.next_stop if focus.subject == AT_NEXT else scene.stop_at(Place(focus.subject, focus.step))
    if stop is None:
        return answering.present(turn, gathered, answering.note(gathered, "notice.nothing_awaited"))
    return answering.typed_at(turn, gathered, stop, text)


def _pressed(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    if press.act in agreeing.ACTS:
        return agreeing.pressed(turn, press)
    if press.act in nudging.ACTS:
        return nudging.pressed(turn, press, inputs)
    if press.act in urging.ACTS:
        return urging.pressed(turn, press, inputs)
    if press.act in overview.ACTS:
        return overview.pressed(turn, press, inputs)
    if press.act in asking_reports.ACTS:
        return asking_reports.pressed(turn, press, inputs)
    match press.act:
        case "hello" | "choose" | "status" | "help":
            return _asked_for(turn, press.act)
        case "respond" | "say":
            return replying.respond(turn, press, inputs)
        case "retry":
            return mending.try_again(turn, press)
        case "leave":
            turn.look_at(Focus(press.dialogue, "", ""))
            return asking.plain("replied", "", (turn.say("given.left"),), turn.person.language)
        case "post":
            return finishing.post(turn, press.dialogue)
    return _pressed_in_dialogue(turn, press, inputs)


def _pressed_in_dialogue(turn: Turn, press: Press, inputs: Mapping[str, Raw]) -> Card:
    """What is pressed by those who answer a dialogue, and by nobody else."""
    gathered = answering.may_answer(turn, press.dialogue)
    if isinstance(gathered, Card):
        return gathered
    match press.act:
        case "open":
            return answering.present(turn, gathered)
        case "goto" | "back" | "pause" | "review":
            return answering.move(turn, gathered, press, inputs)
        case "answer" | "skip" | "keep":
            return answering.change(turn, gathered, press, inputs)
        case "preview" | "submit" if not gathered.scene.is_delegated:
            return finishing.finish(turn, gathered, press)
        case act if act in delegating.ACTS:
            asked = delegating.ask(turn, gathered, press, inputs)
            return asked if isinstance(asked, Card) else _after_asking(turn, press, asked)
    return turn.refusal("garbled-press", press.act, turn.say("refusal.garbled"))


def _after_asking(turn: Turn, press: Press, said: Note | None) -> Card:
    """Where the dialogue stands once somebody else was asked, with what was said of that."""
    gathered = answering.may_answer(turn, press.dialogue)
    return gathered if isinstance(gathered, Card) else answering.present(turn, gathered, said)


def _asked_for(turn: Turn, act: str) -> Card:
    match act:
        case "status":
            return _status(turn)
        case "help":
            return _help(turn)
        case "choose":
            mine = turn.work.dialogues_for(turn.person.id, turn.today)
            return _choice(turn, mine) if mine else _no_dialogue(turn)
    return _open(turn)


def _present_to(turn: Turn) -> Card:
    """The card a person stands at, for an event that was handled before."""
    focus = turn.focus
    if focus is not None and focus.subject == replying.FORM:
        return replying.form_again(turn, focus)
    return _present_of(turn, focus.dialogue_id) if focus else _open(turn)


def _present_again(turn: Turn, press: Press) -> Card:
    """What a press that was handled before leads to now."""
    if press.act in nudging.ACTS:
        return nudging.again(turn, press)
    if press.act in urging.ACTS:
        return urging.again(turn, press)
    if press.act in overview.ACTS:
        return overview.pressed(turn, press, {})
    if press.act in asking_reports.ACTS:
        return asking_reports.again(turn, press)
    return agreeing.again(turn, press) if press.act in agreeing.ACTS else _present_of(turn, press.dialogue)


def _present_of(turn: Turn, dialogue_id: int) -> Card:
    if not dialogue_id:
        return _open(turn)
    gathered = answering.may_answer(turn, dialogue_id)
    return gathered if isinstance(gathered, Card) else answering.present(turn, gathered)
