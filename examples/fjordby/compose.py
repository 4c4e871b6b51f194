"""Composes Fjordby Kommune (eksempel) from town.yaml into the workbook that the demo imports.

`python examples/fjordby/compose.py` writes bot/fjordby/kommune.xlsx anew; a test holds that it says what this composes.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from dialogs.library import Library, load
from dialogs.script import Wording
from store.workbook.exporting import Heading, write_workbook
from store.workbook.municipality import Absence, Agreement, Goal, Initiative, Municipality, Person, Post, Unit

TOWN = Path(__file__).parent / "town.yaml"
WORKBOOK = Path(__file__).parents[2] / "bot" / "fjordby" / "kommune.xlsx"
SINCE = date(2024, 1, 1)
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

Said = Mapping[str, Any]


def compose(town: Said) -> Municipality:
    """The whole municipality, the same every time."""
    agreements = [unit for unit, about in town["units"].items() if about.get("leader") and _is_a_unit(about)]
    goals: dict[str, Goal] = {}
    initiatives: list[Initiative] = []
    for unit in agreements:
        for number, (goal, title, due) in enumerate(_work_of(unit, town), start=1):
            code = _goal_code(goal, unit)
            known = goals.get(code)
            members = {*(known.agreements if known else ()), f"{unit}-2026"}
            goals[code] = _goal(code, goal, tuple(sorted(members)))
            initiatives.append(Initiative(f"{unit}-{number}", code, f"{unit}-2026", title, due_on=due))
    period = town["agreements"]
    return Municipality(
        units=tuple(_unit(code, about) for code, about in town["units"].items()),
        people=tuple(_people(town)),
        posts=tuple(_posts(town)),
        agreements=tuple(Agreement(f"{unit}-2026", unit, period["from"], period["to"]) for unit in agreements),
        goals=tuple(goals.values()),
        initiatives=tuple(initiatives),
        absences=tuple(
            Absence(email(one["who"]), one["from"], one["to"], email(one["stand_in"])) for one in town["absences"]
        ),
    )


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
    for name in dict.fromkeys([*languages, *deputies, town["direktion"], *town["consultants"]]):
        yield Person(email(name), name, languages.get(name, "da"))


def _posts(town: Said) -> Iterator[Post]:
    for code, about in town["units"].items():
        for role in ("leader", "deputy"):
            if role in about:
                yield Post(email(about[role]), code, role, SINCE)
    yield Post(email(town["direktion"]), next(iter(town["units"])), "direktion", SINCE)
    for name, unit in town["consultants"].items():
        yield Post(email(name), unit, "consultant", SINCE)


# --- goals and what is done for them --------------------------------------------------------------------------------------------


def _work_of(unit: str, town: Said) -> Iterator[tuple[Said, str, date]]:
    """The unit's goals with what it does for each: shared ones first, then its own."""
    about = town["units"][unit]
    own: Sequence[Said] = town["own"].get(unit, ())
    for goal in town["shared"]:
        if goal["in"] == "all" or goal["in"] in _above(unit, town):
            told = next((one for one in own if one.get("shared") and one["goal"] == goal["goal"]), None)
            if told:
                yield from ((goal, one["title"], one["due"]) for one in told["initiatives"])
            else:
                yield from _taken(unit, goal)
    for goal in own:
        if not goal.get("shared"):
            yield from ((goal, one["title"], one["due"]) for one in goal["initiatives"])
    for goal in town["kinds"].get(about.get("goals", ""), ()):
        yield from _taken(unit, goal)


def _above(unit: str, town: Said) -> Iterator[str]:
    above = town["units"][unit].get("under")
    while above:
        yield above
        above = town["units"][above].get("under")


def _taken(unit: str, goal: Said) -> Iterator[tuple[Said, str, date]]:
    """As many of the goal's initiatives as a unit takes: not the same ones everywhere, but always the same ones here."""
    offered = goal["initiatives"]
    first = zlib.crc32(f"{unit}|{goal['goal']}".encode())
    for number in range(min(goal["take"], len(offered))):
        yield goal, offered[(first + number) % len(offered)], _due(first + 7 * number)


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


def _goal_code(goal: Said, unit: str) -> str:
    """A shared goal has one code; one of the unit's own carries the unit's."""
    words = re.sub(r"[^a-zæøå0-9 ]", "", goal["objective"].lower()).split()
    name = "-".join(words[:3])
    return name if "in" in goal else f"{unit}-{name}"


def _goal(code: str, goal: Said, agreements: tuple[str, ...]) -> Goal:
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
