"""Composes Fjordby Kommune (eksempel) from town.yaml into the workbook that the demo imports.

`python examples/fjordby/compose.py` writes bot/fjordby/kommune.xlsx anew; a test holds that it says what this composes.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from dialogs.library import Library, load
from dialogs.script import Wording
from store.workbook.exporting import Heading, write_workbook
from store.workbook.municipality import (
    Absence,
    Agreement,
    Goal,
    Initiative,
    Measured,
    Municipality,
    Person,
    Post,
    Unit,
)

TOWN = Path(__file__).parent / "town.yaml"
WORKBOOK = Path(__file__).parents[2] / "bot" / "fjordby" / "kommune.xlsx"
SINCE = date(2024, 1, 1)
FIRST_YEAR = 2026
SHORT = ("Mette Søndergaard", "Jens Østergaard", "Karen Aagaard", "Sofie Bæk", "Ali Demir")
"""People the documentation speaks of: their addresses are their first names alone."""

HEADING = Heading(
    Wording("Fjordby Kommune (eksempel)", "Fjordby Kommune (an example)"),
    (
        Wording(
            "Alt i denne arbejdsbog er opdigtet: enheder, personer og indsatser. Den hører til prøven, som »dialogbot demo« viser.",
            "Everything in this workbook is made up: units, people and initiatives. It belongs to the trial that “dialogbot demo” shows.",
        ),
    ),
)

KNOWN = {
    *(
        "objective",
        "goal",
        "source",
        "policy",
        "measure",
        "baseline",
        "baseline_on",
        "target",
        "due",
        "evidence",
        "next",
    ),
    *("after", "in", "take", "moves_on", "measured", "by_unit", "years", "shared", "initiatives"),
}
"""What may be said of a goal."""

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """What one agreement does for one goal; `continues` is the title of what it goes on from in the agreement before."""

    goal: Said
    title: str
    due: date | None
    continues: str | None = None
    owner: str | None = None


def compose(town: Said) -> Municipality:
    """The whole municipality, the same every time."""
    plan = _plan(town)
    agreements = (*_agreements(town), plan)
    goals: dict[str, Goal] = {}
    initiatives: list[Initiative] = []
    for agreement in agreements:
        whole = _in_plan(town) if agreement is plan else _work_of(agreement, town)
        named = agreement.code if agreement is plan or _is_yearly(agreement.unit, town) else agreement.unit
        for number, work in enumerate(whole, start=1):
            code = _goal_code(work.goal, agreement.unit)
            known = goals.get(code)
            members = {*(known.agreements if known else ()), agreement.code}
            goals[code] = _goal(code, work.goal, tuple(sorted(members)))
            owner = email(work.owner) if work.owner else None
            before = _before(work, agreement, initiatives)
            initiatives.append(
                Initiative(f"{named}-{number}", code, agreement.code, work.title, owner, work.due, before)
            )
    return Municipality(
        units=tuple(_unit(code, about) for code, about in town["units"].items()),
        people=tuple(_people(town)),
        posts=tuple(_posts(town)),
        agreements=agreements,
        goals=tuple(goals.values()),
        initiatives=tuple(initiatives),
        absences=tuple(
            Absence(email(one["who"]), one["from"], one["to"], email(one["stand_in"])) for one in town["absences"]
        ),
        measured=tuple(_measured(town, agreements)),
    )


def _before(work: Work, agreement: Agreement, initiatives: Sequence[Initiative]) -> str | None:
    """The code of what an initiative goes on from, in the unit's agreement of the year before."""
    if work.continues is None:
        return None
    earlier = f"{agreement.unit}-{agreement.from_day.year - 1}"
    return next(one.code for one in initiatives if one.agreement == earlier and one.title == work.continues)


def _agreements(town: Said) -> Iterator[Agreement]:
    """Every unit's agreements: one for 2½ years, or one for each calendar year, as its model has it."""
    for unit, about in town["units"].items():
        if about.get("leader") and _is_a_unit(about):
            for period in town["agreements"][_model(unit, town)]:
                yield Agreement(f"{unit}-{period['from'].year}", unit, period["from"], period["to"])


def _model(unit: str, town: Said) -> str:
    """The unit's model, or that of the closest unit above it that names one."""
    named = (town["units"][one].get("model") for one in (unit, *_above(unit, town)))
    return next(str(model) for model in named if model)


def _top(town: Said) -> str:
    return next(str(code) for code, about in town["units"].items() if "under" not in about)


def _plan(town: Said) -> Agreement:
    """Direktionens handlingsplan."""
    told = town["plan"]
    return Agreement(told["code"], told["unit"], told["from"], told["to"], told["model"])


def _in_plan(town: Said) -> Iterator[Work]:
    """What direktionens handlingsplan holds of the shared goals: each indsats with its tovholder."""
    shared = {goal["goal"]: goal for goal in town["shared"]}
    for title, told in town["plan"]["goals"].items():
        yield from (Work(shared[title], one["title"], one["due"], owner=one["owner"]) for one in told)


def _is_a_unit(about: Said) -> bool:
    return about["kind"] in {"enhed", "selvejende", "stab"}


def _unit(code: str, about: Said) -> Unit:
    return Unit(
        code,
        about["name"],
        about["kind"],
        about.get("under"),
        about.get("model"),
        about.get("slack"),
        about.get("teams"),
        evaluation=about.get("evaluation"),
    )


# --- people -------------------------------------------------------------------------------------------------------------------


def email(name: str) -> str:
    """The address of somebody: their first name for the few everybody meets, else both names."""
    plain = name.lower()
    for letter, written in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        plain = plain.replace(letter, written)
    parts = re.sub(r"[^a-z ]", "", plain.replace("-", "")).split()
    return f"{parts[0] if name in SHORT else '.'.join(parts)}@fjordby.example"


def _people(town: Said) -> Iterator[Person]:
    languages = {about["leader"]: about.get("language", "da") for about in town["units"].values() if "leader" in about}
    deputies = [about["deputy"] for about in town["units"].values() if "deputy" in about]
    for name in dict.fromkeys([*languages, *deputies, *town["direktion"], *town["consultants"]]):
        yield Person(email(name), name, languages.get(name, "da"))


def _posts(town: Said) -> Iterator[Post]:
    for code, about in town["units"].items():
        for role in ("leader", "deputy"):
            if role in about:
                yield Post(email(about[role]), code, role, SINCE)
    for name in town["direktion"]:
        yield Post(email(name), next(iter(town["units"])), "direktion", SINCE)
    for name, unit in town["consultants"].items():
        yield Post(email(name), unit, "consultant", SINCE)


# --- goals and what is done for them --------------------------------------------------------------------------------------------


def _work_of(agreement: Agreement, town: Said) -> Iterator[Work]:
    """The unit's goals with what the agreement does for each: shared ones first, then its own."""
    unit, year = agreement.unit, agreement.from_day.year
    own: Sequence[Said] = town["own"].get(unit, ())
    for goal in town["shared"]:
        if goal["in"] == "all" or goal["in"] in _above(unit, town):
            told = next((one for one in own if one.get("shared") and one["goal"] == goal["goal"]), None)
            if told:
                yield from (Work(goal, one["title"], one["due"]) for one in told["initiatives"])
            elif _is_yearly(unit, town):
                yield from _taken_yearly(unit, goal, year)
            else:
                yield from _taken(unit, goal)
    for goal in own:
        if not goal.get("shared"):
            yield from (Work(goal, one["title"], one["due"]) for one in goal["initiatives"])
    for goal in town["kinds"].get(town["units"][unit].get("goals", ""), ()):
        yield from _taken(unit, goal)
    for goal in town["yearly"].get(unit, ()):
        yield from _of_year(goal, year)


def _is_yearly(unit: str, town: Said) -> bool:
    return len(town["agreements"][_model(unit, town)]) > 1


def _of_year(goal: Said, year: int) -> Iterator[Work]:
    """What one year's agreement does for a goal; what stood there the year before goes on."""
    before = goal["years"].get(year - 1, ())
    for number, one in enumerate(goal["years"].get(year, ())):
        title, continues = (one["title"], one["continues"]) if isinstance(one, dict) else (one, None)
        yield Work(goal, title, _due_in(year, number), title if title in before else continues)


def _taken_yearly(unit: str, goal: Said, year: int) -> Iterator[Work]:
    """What a unit takes of a shared goal in a year: the same as the year before, or the next where the goal moves on."""
    first, later = zlib.crc32(f"{unit}|{goal['goal']}".encode()), year - FIRST_YEAR
    offered, moves = goal["initiatives"], goal.get("moves_on", False)
    for number in range(goal["take"]):
        title = offered[(first + number + later * moves) % len(offered)]
        yield Work(goal, title, _due_in(year, first + number), title if later and not moves else None)


def _due_in(year: int, number: int) -> date:
    return date(year, *((6, 30), (10, 1), (12, 31))[number % 3])


def _above(unit: str, town: Said) -> Iterator[str]:
    above = town["units"][unit].get("under")
    while above:
        yield above
        above = town["units"][above].get("under")


def _taken(unit: str, goal: Said) -> Iterator[Work]:
    """As many of the goal's initiatives as a unit takes: not the same ones everywhere, but always the same ones here."""
    offered = goal["initiatives"]
    first = zlib.crc32(f"{unit}|{goal['goal']}".encode())
    for number in range(min(goal["take"], len(offered))):
        yield Work(goal, offered[(first + number) % len(offered)], _due(first + 7 * number))


def _due(number: int) -> date:
    days = (
        (2027, 4, 30),
        (2027, 5, 15),
        (2027, 6, 30),
        (2027, 8, 31),
        (2027, 10, 1),
        (2027, 12, 31),
        (2026, 12, 31),
        (2028, 6, 30),
    )
    return date(*days[number % len(days)])


def _measured(town: Said, agreements: Sequence[Agreement]) -> Iterator[Measured]:
    """What is measured of the shared goals before the demo's day: one number for all of them, or each unit's."""
    for goal in town["shared"]:
        code, source = _goal_code(goal, ""), goal["evidence"]
        for day, value in goal.get("measured", {}).items():
            yield Measured(code, day, Decimal(value), source=source)
        for unit in dict.fromkeys(one.unit for one in agreements) if "by_unit" in goal else ():
            for day, value in goal["by_unit"].items():
                yield Measured(code, day, _around(Decimal(value), unit, day, town), unit, source)


def _around(value: Decimal, unit: str, day: date, town: Said) -> Decimal:
    """A unit's number around what all were together: as far from it every year, and a little more or less."""
    if unit == _top(town):
        return value
    usual, this_year = zlib.crc32(unit.encode()) % 37 - 18, zlib.crc32(f"{unit}|{day}".encode()) % 9 - 4
    return value + Decimal(usual + this_year) / 10


def _goal_code(goal: Said, unit: str) -> str:
    """A shared goal has one code; one of the unit's own carries the unit's."""
    words = re.sub(r"[^a-zæøå0-9 ]", "", goal["objective"].lower()).split()
    name = "-".join(words[:3])
    years = goal.get("years", ())
    of_year = f"-{min(years)}" if len(years) == 1 else ""
    return name if "in" in goal else f"{unit}-{name}{of_year}"


def _goal(code: str, goal: Said, agreements: tuple[str, ...]) -> Goal:
    if strange := goal.keys() - KNOWN:  # most often a comma in a line that is not in quotation marks
        raise ValueError(f"{goal['goal']}: {', '.join(sorted(strange))}?")
    return Goal(
        code,
        goal["goal"],
        goal["source"],
        agreements,
        objective=goal["objective"],
        policy=goal.get("policy"),
        measure=goal.get("measure"),
        baseline=Decimal(goal["baseline"]) if "baseline" in goal else None,
        baseline_on=goal.get("baseline_on"),
        target=Decimal(goal["target"]) if "target" in goal else None,
        due_on=goal.get("due"),
        evidence=goal.get("evidence"),
        next_reading_on=goal.get("next"),
        readings="common" if "measured" in goal else None,
    )


def fjordby() -> Municipality:
    """Fjordby, from its own file."""
    return compose(yaml.safe_load(TOWN.read_text(encoding="utf-8")))


def main(path: Path = WORKBOOK) -> None:
    """Write the workbook."""
    library = load()
    if not isinstance(library, Library):
        raise SystemExit(str(library))
    write_workbook(fjordby(), path, library.models, HEADING)


if __name__ == "__main__":
    main()
