"""Autumn dialogues and yearly follow-ups as they were sent, made by hand: for tests of what a year comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache

from cards.reports.facts import Findings, Held, Unit
from cards.reports.report import Kind
from cards.scene import Scene
from cards.wording import texts
from dialogs.engine import BOARD, GOAL, INITIATIVE, Answers, Figures, Place, Subject
from dialogs.script import Script, Wording
from tests.town import at_nine, library

YEAR = 2027
TODAY = date(2027, 12, 1)
LIS, OLE = 1, 2
NAMES = {LIS: "Lis Overgaard", OLE: "Ole Bentsen"}
SOURCES = {
    "politik": Wording("Politikker", "Policies"),
    "direktion": Wording("Direktionens handlingsplan", "The executive board’s action plan"),
    "lokal": Wording("Lokale indsatser", "Local initiatives"),
}


@cache
def script(model: str, name: str) -> Script:
    found = library().models[model].script(name)
    assert found
    return found


def goal(
    number: int,
    title: str,
    source: str = "politik",
    policy: str = "Børnepolitikken",
    *,
    units: int = 1,
    is_common: bool = False,
) -> Subject:
    figures = Figures(
        "%", Decimal("6.5"), date(2026, 12, 31), Decimal("4.9"), date(2028, 12, 31), units=units, is_common=is_common
    )
    return Subject(
        f"goal-{number}", GOAL, title, source, policy if source == "politik" else "", "Trivsel", figures=figures
    )


def initiative(number: int, title: str, source: str = "politik", policy: str = "Børnepolitikken") -> Subject:
    return Subject(f"initiative-{number}", INITIATIVE, title, source, policy if source == "politik" else "", "Et mål")


def judged(
    attained: str,
    value: str = "",
    *,
    cause: str = "external",
    basis: str = "",
    consequence: str = "continue",
    what: str = "",
    who: int = 0,
    because: str = "",
) -> Mapping[str, Mapping[str, object]]:
    """What an autumn says of one goal, by step."""
    follows: dict[str, object] = {"consequence": consequence}
    follows |= {"what": what} if what else {}
    follows |= {"who": {"people": [who], "others": ""}, "when": "2028-03-01"} if who else {}
    said: dict[str, Mapping[str, object]] = {"attainment": {"attained": attained}, "consequence": follows}
    if value:
        said["reading"] = {"value": value, "measured_on": "2027-09-14", "source": "Løn"}
    else:
        said |= {
            "reading": {},
            "no_data": {"because": because or "Der måles først til jul.", "next_reading_on": "2028-01-15"},
        }
    if attained in ("partly", "not_reached"):
        said["cause"] = {"cause": cause} | ({"basis": basis} if basis else {})
    return said


def economy(
    budget: str, expected: str, holds: str = "budget_holds", deviation: str = ""
) -> Mapping[str, Mapping[str, object]]:
    """What a yearly follow-up says of the budget, by step."""
    said: dict[str, Mapping[str, object]] = {"economy": {"budget": budget, "expected": expected, "budget_holds": holds}}
    if deviation:
        why = {"deviation_cause": "Varmen blev dyrere.", "deviation_remedy": "Vi sænker den om natten."}
        said["deviation"] = {"deviation": deviation} | why
    return said


@dataclass
class Year:
    """A forvaltning's year; add what its units said, and ask for the findings of a report."""

    held: list[Held] = field(default_factory=list)
    of: int = 0

    def told(
        self,
        unit: str,
        said: Mapping[Subject, Mapping[str, Mapping[str, object]]],
        whole: Mapping[str, Mapping[str, object]] | None = None,
        *,
        model: str = "dialogaftale",
        round_id: str = "autumn",
        due: date = date(2027, 10, 1),
    ) -> Held:
        """One dialogue, as it was sent: what it said of each goal and initiative, and of the whole."""
        answers: dict[Place, Mapping[str, object]] = {
            Place(subject.id, step): values for subject, steps in said.items() for step, values in steps.items()
        }
        answers |= {
            Place(BOARD if step == "board" else "dialogue", step): values for step, values in (whole or {}).items()
        }
        board = (Subject(BOARD, BOARD, "Bestyrelsen"),) if any(place.subject == BOARD for place in answers) else ()
        scene = self._scene(unit, (*said, *board), answers, script(model, round_id), due)
        numbers = {one.unit.name: one.unit.id for one in self.held}
        number = numbers.get(unit, len(numbers) + 1)
        held = Held(Unit(number, unit.lower(), unit), f"{due.year}-{round_id}", False, scene, scene.person)
        self.held.append(held)
        return held

    def _scene(self, unit: str, subjects: Sequence[Subject], answers: Answers, asked: Script, due: date) -> Scene:
        return Scene(
            texts=texts("da"),
            dialogue=len(self.held) + 1,
            revision=1,
            unit=unit,
            round=Wording(f"{asked.title.da} {due.year}", f"{asked.title.en} {due.year}"),
            due=due,
            today=TODAY,
            script=asked,
            subjects=tuple(subjects),
            answers=answers,
            before={},
            before_on=None,
            sources=SOURCES,
            person=f"Leder i {unit}",
            leader=f"Leder i {unit}",
            nearest="Karen Aagaard",
            sent_at=at_nine(due),
            is_sent=True,
            names=NAMES,
        )

    def findings(self, kind: Kind, language: str = "da", **other: object) -> Findings:
        """What a report of the year is made from."""
        said = texts(language)
        held = tuple(replace(one, scene=replace(one.scene, texts=said)) for one in self.held)
        found = Findings(
            kind=kind,
            texts=said,
            municipality="Fjordby Kommune",
            unit=Unit(99, "bs", "Børn og Skole"),
            year=YEAR,
            today=TODAY,
            asked_by="Sofie Bæk",
            owner="Karen Aagaard",
            owner_title="direktør" if language == "da" else "director",
            of=max(self.of, len(held)),
            held=tuple(sorted(held, key=lambda one: (one.unit.id, one.scene.due))),
            sources=SOURCES,
            political=frozenset({"politik"}),
            milestone=date(YEAR, 11, 1),
        )
        return replace(found, **other)  # type: ignore[arg-type]
