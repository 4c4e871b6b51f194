"""What the cards of `/status` say of answers: the words that the models have for them, and the texts that were written.

Promises: statuses, sources and rounds are called what the municipality's models call them; an answer is read by its dialogue's own
frozen script. Reads answers that were sent and nothing of who may see them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot import gathering, states
from bot.turn import Turn
from cards import overview as cards
from cards.card import Press
from cards.overview import Figure
from cards.wording import Texts
from dialogs.answers import as_people
from dialogs.script import Attainment, Choice, Field, Kind, Role
from store.overview import Said

ATTAINMENTS = tuple(one.value for one in Attainment)


def script_title(turn: Turn, model_id: str, round_id: str) -> str:
    """What a round is called: Forårsdialog."""
    return states.round_title(turn.house.library, model_id, round_id, turn.person.language)


def by_state(told: Mapping[tuple[str, str], int], source: str = "") -> dict[str, int]:
    """How many there are of each state, of one source or of all."""
    found: dict[str, int] = {}
    for (of, state), number in told.items():
        if not source or of == source:
            found[state] = found.get(state, 0) + number
    return found


def status(turn: Turn, state: str, number: int, press: Press | None = None) -> Figure:
    """How many initiatives have a status, as the models call it."""
    choice = choices(turn).get(state)
    label = choice.label.in_(turn.person.language) if choice else state
    return Figure(choice.symbol if choice else "", label, number, press)


def attainment(turn: Turn, state: str, number: int) -> Figure:
    """How many goals are reached so far."""
    return Figure(cards.symbol_of(state), turn.say(f"attainment.{state}") if state in ATTAINMENTS else state, number)


def how_far(turn: Turn, told: str | None) -> str:
    """How far a goal is said to be reached, with its symbol."""
    if not told:
        return turn.say("overview.not_told")
    figure = attainment(turn, told, 0)
    return f"{figure.symbol} {figure.label}".strip()


def fields_of(turn: Turn, one: Said) -> Iterator[Field]:
    """The fields of the step that was answered, as the dialogue's own script has them."""
    script = gathering.frozen_script(turn.work, one.script_digest)
    steps = (step for section in script.sections for step in section.steps if step.id == one.step)
    return (asked for step in steps for asked in step.fields)


def texts_of(turn: Turn, one: Said) -> Iterator[tuple[Role | None, str, str]]:
    """What was written in an answer: what the field is for, what it asks, and the text."""
    seen = set()
    for asked in fields_of(turn, one):
        text = one.values.get(asked.id)
        if asked.kind is Kind.TEXT and isinstance(text, str) and text.strip() and asked.id not in seen:
            seen.add(asked.id)
            yield asked.role, asked.ask.in_(turn.person.language).split("{")[0].strip(), text


def wants_others(turn: Turn, one: Said) -> bool:
    """Whether somebody else is asked to take part in solving it."""
    for asked in fields_of(turn, one):
        if asked.role is Role.INVOLVE and asked.id in one.values:
            people = as_people(one.values[asked.id])
            return bool(people["people"] or people["others"])
    return False


def choices(turn: Turn) -> Mapping[str, Choice]:
    """The statuses an initiative can have, in the order they are offered."""
    return states.choices(turn.house.library)


def is_concern(offered: Mapping[str, Choice], state: str) -> bool:
    """Whether a status is worth talking about."""
    return state in offered and offered[state].concern


def sources(turn: Turn) -> Mapping[str, str]:
    """What the sources of goals are called, in the models' order."""
    return states.sources(turn.house.library, turn.person.language)


def texts(turn: Turn) -> Texts:
    """The sentences in the person's language."""
    return turn.house.texts(turn.person.language)
