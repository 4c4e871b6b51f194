"""Every question of the two source documents is asked: the sentence it comes from, and where our scripts ask it.

The first document describes Ringkøbing-Skjern's dialogaftaler, the second Aabenraa's institutionsaftaler.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from dialogs.library import Library, load
from dialogs.script import Field, Kind, Script, Step


class Asked(NamedTuple):
    """Where a sentence is asked about: model, script and section.step.field; words of the question, or an answer it offers."""

    sentence: str
    script: str
    path: str
    words: str = ""
    choice: str = ""


SPRING, AUTUMN = "dialogaftale/spring", "dialogaftale/autumn"
MIDYEAR, YEAR = "institutionsaftale/midyear", "institutionsaftale/year"

DIALOGAFTALE = [
    Asked("Status på indsatser", SPRING, "initiatives.status.status", "Hvordan går det?"),
    Asked("Hvori består udfordringen – årsager", SPRING, "initiatives.challenge.cause", "Hvori består udfordringen"),
    Asked("Hvori består udfordringen – årsager", SPRING, "initiatives.challenge.cause", "hvad skyldes den"),
    Asked(
        "Hvad skal der ske for at løse udfordringerne?",
        SPRING,
        "initiatives.challenge.remedy",
        "Hvad skal der ske for at løse den?",
    ),
    Asked("Hvem skal involveres?", SPRING, "initiatives.challenge.involve", "Hvem skal involveres?"),
    Asked("Hvad skal der ske nu?", SPRING, "initiatives.way_forward.next", "Hvad skal der ske nu?"),
    Asked("Hvem gør det?", SPRING, "initiatives.way_forward.responsible", "Hvem gør det?"),
    Asked("Eventuelt revidere tidsplanen", SPRING, "initiatives.way_forward.new_deadline", "hvis planen skal ændres"),
    Asked("Opfølgning på indsatser", AUTUMN, "initiatives.status.status", "Hvordan går det?"),
    Asked("Empirisk opfølgning på mål", AUTUMN, "goals.reading.value", "Hvad viser dokumentationen nu?"),
    Asked("baseret på skriftlig, empirisk dokumentation", AUTUMN, "goals.reading.source", "Hvor kommer tallet fra?"),
    Asked("baseret på skriftlig, empirisk dokumentation", AUTUMN, "goals.no_data.because", "ingen nye data"),
    Asked("Resultatet af hvad dokumentationen viser", AUTUMN, "goals.reading.measured_on", "Hvornår er det målt?"),
    Asked(
        "behovet for gennemførelse af eventuelle statusmålinger",
        AUTUMN,
        "goals.no_data.next_reading_on",
        "målt næste gang",
    ),
    Asked("Har vi nået vores mål?", AUTUMN, "goals.attainment.attained", "Er målet nået?"),
    Asked("skyldes det dårlige indsatser", AUTUMN, "goals.cause.cause", "vigtigste grund", "no_effect"),
    Asked("eller manglende implementering", AUTUMN, "goals.cause.cause", choice="not_as_planned"),
    Asked("eller lign?", AUTUMN, "goals.cause.cause", choice="other"),
    Asked("En vurdering af resultatet af opfølgningen", AUTUMN, "goals.cause.basis", "Hvad bygger du det på?"),
    Asked("Hvad er konsekvensen", AUTUMN, "goals.consequence.consequence", "Hvad bliver konsekvensen?"),
    Asked("om der skal formuleres et nyt mål", AUTUMN, "goals.consequence.consequence", choice="new_goal"),
    Asked("eller iværksættes en ny indsats", AUTUMN, "goals.consequence.consequence", choice="new_initiative"),
    Asked("nye/reviderede mål", AUTUMN, "goals.consequence.consequence", choice="revise_goal"),
    Asked("forbedring af den nuværende praksis", AUTUMN, "goals.consequence.consequence", choice="adjust"),
    Asked(
        "Hvordan implementeres direktionens reviderede handlingsplan i dialogaftalerne?",
        AUTUMN,
        "action_plan.revised_plan.plan",
        "Hvordan implementeres direktionens reviderede handlingsplan i aftalen?",
    ),
    Asked(
        "Aftaler om udarbejdelse af nye dialogaftale",
        AUTUMN,
        "next_agreement.next_agreement.next_content",
        "den nye dialogaftale",
    ),
    Asked(
        "Aftaler om udarbejdelse af nye dialogaftale",
        AUTUMN,
        "next_agreement.next_agreement.next_who",
        "Hvem udarbejder den?",
    ),
]
INSTITUTIONSAFTALE = [
    Asked("Økonomi og budget indgår obligatorisk", MIDYEAR, "economy.economy.budget", "budgetramme"),
    Asked("Økonomi og budget indgår obligatorisk", YEAR, "economy.economy.budget", "budgetramme"),
    Asked("får tildelt én budgetramme", YEAR, "economy.economy.budget", "enhedens budgetramme"),
    Asked("løbende at følge op på enhedens budget", MIDYEAR, "economy.economy.expected", "Hvilket resultat venter I"),
    Asked("budgetopfølgning", MIDYEAR, "economy.economy.budget_holds", "Holder budgettet?"),
    Asked("ansvarlig for, at aftalesummen overholdes", YEAR, "economy.deviation.deviation", "Hvor stor er afvigelsen?"),
    Asked("nettodriftsbevilling overholdes", YEAR, "economy.deviation.deviation_cause", "Hvad skyldes afvigelsen?"),
    Asked(
        "aktivt handle for at sikre budgettets overholdelse",
        YEAR,
        "economy.deviation.deviation_remedy",
        "Hvad gør I ved den?",
    ),
    Asked(
        "aktivt handle for at sikre budgettets overholdelse",
        MIDYEAR,
        "economy.deviation.deviation_remedy",
        "Hvad gør I ved den?",
    ),
    Asked("sammenfatter målopfyldelsen", YEAR, "goals.attainment.attained", "Er målet nået?"),
    Asked("og budgetoverholdelsen", YEAR, "economy.economy.budget_holds", "Overholder I budgettet?"),
    Asked(
        "Sikre målopfyldelse og levere dokumentation herfor", YEAR, "goals.reading.value", "Hvad viser dokumentationen"
    ),
    Asked("levere dokumentation herfor", YEAR, "goals.reading.source", "Hvor kommer tallet fra?"),
    Asked("en løbende opfølgning og dialog", MIDYEAR, "initiatives.status.status", "Hvordan går det?"),
    Asked("en løbende opfølgning og dialog", MIDYEAR, "goals.course.course", "på vej mod målet"),
    Asked("skal give mulighed for tilpasninger", MIDYEAR, "initiatives.challenge.next", "Hvad skal tilpasses?"),
    Asked("at der efter dialog kan ske ændringer", MIDYEAR, "goals.goal_challenge.goal_next", "Hvad skal tilpasses?"),
    Asked(
        "Der udarbejdes årligt en institutionsaftale", YEAR, "next_year.themes.themes", "næste års institutionsaftale"
    ),
    Asked("skal involvere brugerbestyrelsen", MIDYEAR, "board.board.board", "drøftet med bestyrelsen"),
    Asked("skal involvere brugerbestyrelsen", YEAR, "board.board.board", "drøftet med bestyrelsen"),
    Asked("såvel etårige som flerårige", YEAR, "goals.consequence.consequence", choice="continue"),
]


@pytest.fixture(scope="module")
def library() -> Library:
    """Our models, with autumn as it will be when the house knows its goals."""
    found = load(Path(__file__).parent / "models")
    assert isinstance(found, Library), str(found)
    return found


def script_at(library: Library, name: str) -> Script:
    model, _, script = name.partition("/")
    found = library.script(model, script)
    assert found, name
    return found


def asked_at(library: Library, script: str, path: str) -> tuple[Step, Field]:
    section_id, step_id, field_id = path.split(".")
    section = script_at(library, script).section(section_id)
    assert section, f"{script} has no section {section_id}"
    step = next((step for step in section.steps if step.id == step_id), None)
    assert step, f"{script} has no step {section_id}.{step_id}"
    field = step.field(field_id)
    assert field, f"{script} does not ask {path}"
    return step, field


@pytest.mark.parametrize(
    "asked", [*DIALOGAFTALE, *INSTITUTIONSAFTALE], ids=lambda asked: f"{asked.sentence} ({asked.path})"
)
def test_the_sentence_is_asked_about(library: Library, asked: Asked) -> None:
    _, field = asked_at(library, asked.script, asked.path)
    assert asked.words in field.ask.da
    assert field.ask.en
    if asked.choice:
        assert field.choice(asked.choice), f"{asked.path} does not offer {asked.choice}"


@pytest.mark.parametrize(
    ("sentence", "source", "label"),
    [
        ("Indsatser til politikker", "politik", "Politikker"),
        ("Indsatser fra direktionens handlingsplan", "direktion", "Direktionens handlingsplan"),
        ("Lokale indsatser", "lokal", "Lokale indsatser"),
    ],
)
def test_the_indsatser_of_spring_are_grouped_by_where_they_come_from(
    library: Library, sentence: str, source: str, label: str
) -> None:
    found = library.models["dialogaftale"].source(source)
    assert found, sentence
    assert found.label.da == label
    assert script_at(library, SPRING).sections[0].each == "initiative"


@pytest.mark.parametrize(
    ("sentence", "model", "round_id", "day"),
    [
        ("følges op på indsatserne i en dialog mellem de involverede til 1. april", "dialogaftale", "spring", (4, 1)),
        ("den 1. oktober hvert år følges op på alle målsætninger", "dialogaftale", "autumn", (10, 1)),
    ],
)
def test_the_day_is_the_one_the_source_names(
    library: Library, sentence: str, model: str, round_id: str, day: tuple[int, int]
) -> None:
    rule = library.round(model, round_id)
    assert rule, sentence
    assert (rule.month, rule.day) == day


def test_der_skal_anvendes_en_evalueringsmodel(library: Library) -> None:
    assert script_at(library, AUTUMN).evaluation == "attainment"
    assert script_at(library, YEAR).evaluation == "attainment"


@pytest.mark.parametrize("script", [MIDYEAR, YEAR])
def test_oekonomi_og_budget_indgaar_obligatorisk_som_emne(library: Library, script: str) -> None:
    step, budget = asked_at(library, script, "economy.economy.budget")
    assert step.skip is None
    assert not step.when.all_of
    assert budget.kind is Kind.AMOUNT
    assert not any(field.optional for field in step.fields)


@pytest.mark.parametrize("script", [AUTUMN, YEAR])
def test_no_goal_is_without_a_reading_or_a_reason_and_the_next_day(library: Library, script: str) -> None:
    reading, value = asked_at(library, script, "goals.reading.value")
    no_data, because = asked_at(library, script, "goals.no_data.because")
    next_reading = no_data.field("next_reading_on")
    assert next_reading
    assert dict(no_data.when.all_of) == {"skipped": frozenset({reading.id})}
    assert no_data.skip is None
    assert not any(field.optional for field in (value, because, next_reading))


def test_each_municipality_reads_its_own_words(library: Library) -> None:
    ours, theirs = library.models["dialogaftale"].words, library.models["institutionsaftale"].words
    assert (ours["agreement"].da, ours["unit"].da) == ("dialogaftale", "aftaleenhed")
    assert (theirs["agreement_the"].da, theirs["units"].da) == ("institutionsaftalen", "aftalestyrede enheder")
    said = [
        wording.da
        for name in (MIDYEAR, YEAR)
        for section in script_at(library, name).sections
        for step in section.steps
        for wording in (section.title, step.title, step.skip, *(field.ask for field in step.fields))
        if wording
    ]
    assert not [one for one in said if "dialogaftale" in one.lower()]
