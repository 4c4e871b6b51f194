"""Fjordby Kommune (eksempel): the municipality of the demo, and the earlier rounds its leaders are said to have answered.

Promises: history is not written, it is played: every past answer is pressed through the real service on its day, so what the demo
shows is what the product does. Deterministic: the same town every time.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from bot import access, planner, reminding, service
from bot.clock import morning
from bot.courier import Courier
from bot.gathering import House
from bot.ports import Inbound, Intent, Pressed, Raw
from cards.card import Card, Input, Press
from store.database import Database
from store.goals import GoalRow
from store.records import Dialogue
from store.work import Work

FOLDER = Path(__file__).parent / "fjordby"
WORKBOOK = FOLDER / "kommune.xlsx"
TITLE = "Fjordby Kommune (eksempel)"
FIRST_DAY = date(2027, 3, 10)
A_THIRD = 36  # per cent: as far as goals with one number for all are said to be
MOST_CARDS = 400  # of one dialogue; more would be a fault in the script or in here

_WEIGHTS = (("on_plan", 62), ("completed", 74), ("not_started", 84), ("delayed", 97), ("stopped", 100))
_JUDGED = (("not_reached", 35), ("partly", 100))  # what a goal is said to be, by how far it is on its way in per cent
_PLANNED = (("plan_fits", 85), ("plan_adjust", 97), ("plan_new", 100))  # how the revised plan is said to fit
_COURSE = (("on_course", 72), ("off_course", 90), ("goal_reached", 100))  # where goals are said to be in mid-year
_BOARD = (("discussed", 70), ("to_discuss", 100))
_IN_TURN = (*_PLANNED, *_COURSE, *_BOARD)

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What history.yaml says."""

    rounds: Sequence[Said]
    waiting: frozenset[str]
    spoken: Mapping[tuple[str, date], Said]
    delays: Sequence[Said]
    stops: Sequence[Said]
    goals: Sequence[Said]
    remarks: Sequence[str]
    economy: Mapping[str, Mapping[date, Said]]
    themes: Mapping[str, str]

    def economy_of(self, unit: str, day: date) -> Mapping[str, Raw]:
        """What a unit says of its economy that day; nothing where nothing is told of it."""
        said = self.economy.get(unit, {}).get(day)
        if said is None:
            return {}
        over = said["expected"] - said["budget"]
        held = "budget_holds" if not over else "budget_over" if over > 0 else "budget_under"
        amounts = {"budget": said["budget"], "expected": said["expected"], "deviation": abs(over)}
        words = {"deviation_cause": said.get("cause", ""), "deviation_remedy": said.get("remedy", "")}
        typed = {name: f"{amount:,}".replace(",", ".") for name, amount in amounts.items()}
        return typed | words | {"budget_holds": held}


def read_story(path: Path = FOLDER / "history.yaml") -> Story:
    """The story as it is written."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    spoken = {(one["title"], day): said for one in told["spoken"] for day, said in one.items() if isinstance(day, date)}
    return Story(
        told["rounds"],
        frozenset(told["waiting"]),
        spoken,
        told["delays"],
        told["stops"],
        told["goals"],
        told["remarks"],
        told["economy"],
        told["themes"],
    )


async def play(house: House, story: Story, database: Database, courier: Courier) -> None:
    """Play every round of the story, a transaction a dialogue, and let its summaries be posted that day."""
    for told in story.rounds:
        with database.transaction() as connection:
            work = Work(connection)
            _open(house, work, told["day"])
            answering = _who_answers(work, story, told)
        for dialogue, email in answering:
            with database.transaction() as connection:
                _Player(house, story, told["day"], email, dialogue).play(Work(connection))
        await courier.run(morning(told["day"]))


def _open(house: House, work: Work, day: date) -> None:
    planner.plan(house, work, morning(day))
    reminding.take_as_told(house, work, morning(day))


def _who_answers(work: Work, story: Story, told: Said) -> list[tuple[Dialogue, str]]:
    """The dialogues that are answered that day, and by whom: in no order but always the same."""
    found = []
    day: date = told["day"]
    for dialogue in work.open_dialogues(day):
        leader = access.leader_of(work.holders_for(dialogue, day))
        email = work.person_by_id(leader.person_id).email if leader else ""
        if dialogue.model == told["model"] and email and not ("answered" in told and email in story.waiting):
            found.append((dialogue, email))
    found.sort(key=lambda one: _number(one[0].unit_name, day))
    return found[: told["answered"]] if "answered" in told else found[told["silent"] :]


def _number(*about: object) -> int:
    return zlib.crc32("|".join(str(one) for one in about).encode())


@dataclass(frozen=True, slots=True)
class _Player:
    """A leader who answers one dialogue from end to end, pressing what is on the cards."""

    house: House
    story: Story
    day: date
    email: str
    dialogue: Dialogue

    def play(self, work: Work) -> None:
        """Answer, look at the summary, send it."""
        goals = {f"goal-{one.id}": one for one in work.goals.of_agreement(self.dialogue.agreement_id)}
        card = self._send(work, 0, Pressed(Press("open", self.dialogue.id)))
        for turn in range(1, MOST_CARDS):
            if card.kind == "sent":
                return
            card = self._send(work, turn, self._next(card, goals))
        raise RuntimeError(f"{self.dialogue.unit_name}: the dialogue does not end")

    def _send(self, work: Work, turn: int, intent: Intent) -> Card:
        event = f"rehearsal-{self.dialogue.id}-{turn}"
        return service.handle(self.house, Inbound(event, "web", self.email, intent), work, morning(self.day)).card

    def _next(self, card: Card, goals: Mapping[str, GoalRow]) -> Pressed:
        choices = [button.press for button in card.buttons if button.press.act == "answer" and button.press.value]
        if choices:
            return Pressed(self._choice(choices, card, goals))
        if card.inputs:
            return self._fill(card, goals)
        wanted = "submit" if card.kind == "preview" else "preview"
        return Pressed(next(button.press for button in card.buttons if button.press.act == wanted))

    def _choice(self, choices: Sequence[Press], card: Card, goals: Mapping[str, GoalRow]) -> Press:
        """The status that is told of an initiative, what a goal's evidence shows; of anything else what falls in turn."""
        offered, subject = {press.value: press for press in choices}, choices[0].subject
        status = self._about(subject, card)["status"]
        if status in offered:
            return offered[status]
        if subject in goals and "unknown" in offered:
            return offered[self._attained(goals[subject], subject)]
        number = self._in_turn(subject, choices[0].step)
        named = (value for value, below in _IN_TURN if value in offered and number < below)
        return offered.get(next(named, ""), choices[0])

    def _in_turn(self, *about: str) -> int:
        return _number(self.dialogue.unit_name, *about, self.day) % 100

    def _fill(self, card: Card, goals: Mapping[str, GoalRow]) -> Pressed:
        go = next(button.press for button in card.buttons if button.press.act == "answer")
        skip = next((button.press for button in card.buttons if button.press.act == "skip"), None)
        said = self._about(go.subject, card)
        text: dict[str, Raw] = {"cause": said["cause"], "remedy": said["remedy"], "next": said["next"]}
        text |= {"involve__others": said["others"], "remark": said["remark"], "plan_change": said["next"]}
        text |= {"goal_cause": said["cause"], "goal_next": said["next"]}
        text |= {"themes": self.story.themes.get(self.dialogue.unit_name, "")}
        text |= self.story.economy_of(self.dialogue.unit_name, self.day)
        if go.subject in goals:
            text |= self._of_goal(goals[go.subject], go.subject)
        # A number that is known already stands in its field.
        common = go.subject in goals and goals[go.subject].is_common
        inputs = {one.field: text.get(one.field, one.value if common else "") for one in card.inputs}
        inputs |= {key: value for key, value in text.items() if key.removesuffix("__others") in inputs}
        inputs |= {
            one.field: self._option(one, go.subject, inputs[one.field]) for one in card.inputs if one.kind == "choice"
        }
        ahead = str(inputs.get("measured_on", "")) > self.day.isoformat()  # the workbook knows what is measured later
        nothing = not any(inputs.values()) or ahead or "" in {inputs.get("value"), inputs.get("percent")}
        return Pressed(skip, {}) if skip and nothing else Pressed(go, inputs)

    def _option(self, asked: Input, subject: str, told: Raw) -> Raw:
        """The option that is told, or one of the list in turn; the first ones more often."""
        if told in {option.value for option in asked.options}:
            return told
        return asked.options[self._in_turn(subject, asked.field) * len(asked.options) // 130].value

    def _of_goal(self, goal: GoalRow, subject: str) -> dict[str, Raw]:
        """What the evidence of a goal shows: a way from where it began to its target; nothing where there is no measure yet."""
        said = self.story.goals[self._in_turn(subject) % len(self.story.goals)]
        told: dict[str, Raw] = {
            "what": said["what"],
            "because": said["because"],
            "attained": self._attained(goal, subject),
        }
        told |= {"signs": said["signs"], "actions": said["actions"], "learned": said["basis"]}
        told["next_reading_on"] = (self.day + timedelta(days=120)).isoformat()
        way = self._way(goal, subject)
        if way is None or goal.baseline is None or goal.target is None:
            return told
        told |= {"basis": said["basis"], "percent": str(way)}
        if goal.is_common:
            return told
        value = (goal.baseline + (goal.target - goal.baseline) * way / 100).quantize(Decimal("0.1"))
        told |= {"value": str(value.normalize() if value % 1 else value.to_integral()).replace(".", ",")}
        return told | {
            "measured_on": (self.day - timedelta(days=14)).isoformat(),
            "source": goal.evidence or "Egen optælling",
        }

    def _way(self, goal: GoalRow, subject: str) -> int | None:
        """How many per cent of the way to its target a goal is; None where there is nothing to measure by yet."""
        began = goal.baseline_on or self.day
        if goal.baseline is None or goal.target is None or began >= self.day:
            return None
        if goal.is_common:
            return A_THIRD
        return min(10 + self._in_turn(subject, "way") * 6 // 5, 100)

    def _attained(self, goal: GoalRow, subject: str) -> str:
        way = self._way(goal, subject)
        return "unknown" if way is None else next((one for one, below in _JUDGED if way < below), "reached")

    def _about(self, subject: str, card: Card) -> Said:
        """What is said about a subject: as it is written for it by name, or in turn."""
        number = _number(self.dialogue.unit_name, subject, self.day)
        remark = self.story.remarks[number % len(self.story.remarks)]
        told = next(
            (said for (title, day), said in self.story.spoken.items() if day == self.day and title in card.fallback),
            None,
        )
        if told is not None:
            return {"remark": remark, **told}
        status = next(status for status, below in _WEIGHTS if number % 100 < below)
        words = self.story.stops if status == "stopped" else self.story.delays
        return {"status": status, "remark": remark, **words[number // 100 % len(words)]}
