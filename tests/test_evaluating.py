"""Evaluation models: ours and a municipality's own, put into scripts; and a third municipality that is YAML alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dialogs.engine import GOAL, INITIATIVE, WHOLE, Place, Subject, next_stop, route
from dialogs.freezing import freeze, thaw
from dialogs.library import BUILT_IN, Faults, Library, load, mermaid, show
from dialogs.script import Attainment, Kind, Role, Script
from dialogs.summary import summarise

Loads = Callable[[dict[str, str]], Library | Faults]
AUTUMN = (Path(__file__).parent / "models" / "dialogaftale" / "autumn.yaml").read_text("utf-8")
OURS = sorted(path.stem for path in (BUILT_IN / "evaluation").iterdir())

STARS = """\
title: {da: Stjerner, en: Stars}
steps:
  - id: stars
    fields:
      - {id: stars, kind: choice, role: attainment, choices: [three, two, one], ask: {da: Hvor mange stjerner?, en: How many stars?}}
  - id: why
    when: {stars: [two, one]}
    fields:
      - {id: why, kind: text, role: basis, ask: {da: Hvorfor ikke tre?, en: Why not three?}}
"""
CHOICES = """\
three: {symbol: "★", label: {da: Tre stjerner, en: Three stars}, counts_as: reached}
two: {symbol: "☆", label: {da: To stjerner, en: Two stars}, counts_as: partly}
one: {symbol: "·", label: {da: En stjerne, en: One star}, counts_as: not_reached}
"""


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    """Write a municipality's files and load them beside ours."""

    def written(files: dict[str, str]) -> Library | Faults:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        return load(tmp_path)

    return written


def loaded(outcome: Library | Faults) -> Library:
    assert isinstance(outcome, Library), str(outcome)
    return outcome


def found(outcome: Library | Faults) -> list[str]:
    return str(outcome).splitlines() if isinstance(outcome, Faults) else []


def script_of(library: Library, model: str, script: str, evaluation: str = "") -> Script:
    whole = library.script(model, script, evaluation)
    assert whole
    return whole


def goal_steps(script: Script) -> list[str]:
    section = script.section("goals")
    assert section
    return [step.id for step in section.steps]


# --- ours -------------------------------------------------------------------------------------------------------------------


def test_four_evaluation_models_come_with_the_program() -> None:
    assert OURS == ["attainment", "logic", "percent", "smtte"]
    assert sorted(loaded(load()).evaluations) == OURS


@pytest.mark.parametrize("name", OURS)
def test_each_asks_little_on_a_card_and_comes_down_to_one_judgement(name: str) -> None:
    evaluation = loaded(load()).evaluations[name]
    asked = [field for step in evaluation.steps for field in step.fields]
    (judgement,) = (field for field in asked if field.role is Role.ATTAINMENT)
    if judgement.kind is Kind.CHOICE:
        assert {choice.counts_as for choice in judgement.choices} == set(Attainment)
    else:
        assert {mark.counts_as for mark in judgement.scale} == set(Attainment) - {Attainment.UNKNOWN}
    assert all(len(step.fields) <= 5 for step in evaluation.steps)
    assert Role.CAUSE in {field.role for field in asked}


@pytest.mark.parametrize("name", OURS)
def test_each_goes_into_the_autumn_dialogue_at_its_place_and_is_frozen_as_one_plain_script(
    loads: Loads, name: str
) -> None:
    library = loaded(loads({"dialogaftale/autumn.yaml": AUTUMN}))
    script = script_of(library, "dialogaftale", "autumn", name)
    own = [step.id for step in library.evaluations[name].steps]
    assert goal_steps(script) == ["reading", "no_data", *own, "consequence"]
    assert script.evaluation == name
    assert all(section.evaluate is None for section in script.sections)
    assert thaw(freeze(script)) == script
    for language in ("da", "en"):
        assert name in show(script, language)
        assert mermaid(script, language).startswith("flowchart TD")


def test_the_model_says_which_one_and_anything_else_must_be_there(loads: Loads) -> None:
    files = {
        "dialogaftale/autumn.yaml": AUTUMN,
        "dialogaftale/model.yaml": "extends: dialogaftale\nevaluation: smtte",
        "fjordby/model.yaml": "extends: dialogaftale",
    }
    library = loaded(loads(files))
    assert library.models["fjordby"].evaluation == "smtte"
    assert "signs" in goal_steps(script_of(library, "fjordby", "autumn"))
    assert "signs" in goal_steps(library.models["fjordby"].scripts["autumn"])
    assert "percent" in goal_steps(script_of(library, "fjordby", "autumn", "percent"))
    assert library.script("fjordby", "nowhere", "percent") is None
    assert library.script("nowhere", "autumn", "percent") is None


def test_every_model_can_be_asked_with_any_evaluation_model_and_one_taken_away_leaves_its_own(loads: Loads) -> None:
    library = loaded(loads({"fjordby/model.yaml": "extends: dialogaftale\nevaluation: smtte"}))
    model = library.models["fjordby"]
    assert sorted(model.evaluations) == sorted(library.evaluations)
    assert model.script("autumn", "percent") == library.script("fjordby", "autumn", "percent")
    assert script_of(library, "fjordby", "autumn", "percent").evaluation == "percent"
    assert model.script("autumn") == model.scripts["autumn"]
    assert model.script("autumn", "stars") == model.scripts["autumn"]
    assert model.script("nowhere", "stars") is None


def test_a_script_without_a_place_for_it_is_as_it_is() -> None:
    library = loaded(load())
    assert library.script("dialogaftale", "spring", "smtte") == library.script("dialogaftale", "spring")
    assert script_of(library, "dialogaftale", "spring").evaluation == ""


# --- a municipality's own -----------------------------------------------------------------------------------------------------


def test_a_municipality_puts_its_own_in_the_place_of_ours(loads: Loads) -> None:
    library = loaded(
        loads({"evaluation/attainment.yaml": STARS, "choices.yaml": CHOICES, "dialogaftale/autumn.yaml": AUTUMN})
    )
    assert goal_steps(script_of(library, "dialogaftale", "autumn")) == [
        "reading",
        "no_data",
        "stars",
        "why",
        "consequence",
    ]


def test_what_judges_a_goal_cannot_be_taken_out_of_a_script_but_steps_stand_beside_it(loads: Loads) -> None:
    change = "extends: dialogaftale/autumn\n"
    more = "{id: more, fields: [{id: more, kind: number, ask: {da: Flere?, en: More?}}]}"
    files = {
        "dialogaftale/autumn.yaml": AUTUMN,
        "fjordby/model.yaml": "extends: dialogaftale",
        "fjordby/autumn.yaml": f"{change}add: [{{section: goals, after: evaluation, step: {more}}}]",
    }
    library = loaded(loads(files))
    steps = goal_steps(script_of(library, "fjordby", "autumn"))
    assert steps == ["reading", "no_data", "attainment", "cause", "more", "consequence"]
    for name in ("evaluation", "reading"):
        faults = found(loads({"fjordby/autumn.yaml": f"{change}remove: [goals.{name}]"}))
        assert faults == [
            f"fjordby/autumn.yaml:2: trinnet »{name}« bruges i opsummeringen og kan ikke fjernes. Slet linjen. Ordlyden kan ændres under words."
        ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("role: attainment, ", "", "2: ingen af felterne har »role: attainment«. Giv det felt rollen, som siger, om målet er nået."),
        ("role: basis", "role: attainment", "9: rollen »attainment« bruges to gange. Slet den ene."),
        ("id: why\n", "id: consequence\n", "6: trinnet »consequence« står også i scriptet »autumn«, hvor evalueringen sættes ind. Brug et andet navn det ene sted."),
        ("{id: why,", "{id: value,", "9: feltet »value« står også i scriptet »autumn«, hvor evalueringen sættes ind. Brug et andet navn det ene sted."),
        ("role: basis", "role: next", "9: rollen »next« står også i scriptet »autumn«, hvor evalueringen sættes ind. Brug et andet navn det ene sted."),
        ("[three, two, one]", "[three, delayed]", "5: svaret »delayed« siger ikke, hvad det tæller som. Tilføj »counts_as: reached« (eller partly, not_reached, unknown) ved svaret i choices.yaml."),
        ("[two, one]", "[four]", "7: svaret »four« findes ikke. Her kan stå: one, three, two."),
        ("steps:", "sections:", "2: nøglen »sections« findes ikke. Her kan stå: id, steps, title."),
        ("title:", "id: smtte\ntitle:", "1: id er »smtte«, men navnet på filen eller mappen er »stars«. Lad dem være ens, eller slet linjen med id."),
        (", en: Stars", "", "1: »title« mangler på engelsk. Tilføj »en: …«."),
    ],
)  # fmt: skip
def test_a_fault_in_an_evaluation_model(loads: Loads, old: str, new: str, fault: str) -> None:
    assert old in STARS
    files = {
        "evaluation/stars.yaml": STARS.replace(old, new, 1),
        "choices.yaml": CHOICES,
        "dialogaftale/autumn.yaml": AUTUMN,
    }
    assert f"evaluation/stars.yaml:{fault}" in found(loads(files))


def test_a_file_of_evaluation_models_that_cannot_be_read_is_one_fault(loads: Loads) -> None:
    assert found(
        loads({"evaluation/stars.yaml": "", "dialogaftale/model.yaml": "extends: dialogaftale\nevaluation: stars"})
    ) == ["evaluation/stars.yaml: filen er tom. Skriv indholdet, eller slet filen."]
    assert found(loads({"evaluation/stars.yaml": STARS, "choices.yaml": CHOICES, "evaluation/Stars.yml": "a: b"})) == [
        "evaluation/Stars.yml: navnet »Stars.yml« kan ikke bruges. Brug små bogstaver a–z, tal og _ (højst 31 tegn, bogstav først), og lad en fil ende på .yaml."
    ]


# --- a third municipality, in YAML alone --------------------------------------------------------------------------------------

VIG = {
    "choices.yaml": CHOICES,
    "evaluation/stars.yaml": STARS,
    "vig/model.yaml": """\
title: {da: Resultatkontrakt, en: Result contract}
words:
  agreement: {da: resultatkontrakt, en: result contract}
  agreement_the: {da: resultatkontrakten, en: the result contract}
  unit: {da: arbejdsplads, en: workplace}
  goal: {da: resultatmål, en: result goal}
  initiative: {da: handling, en: action}
  initiatives: {da: handlinger, en: actions}
sources:
  - {id: byraad, label: {da: Byrådet, en: The council}}
  - {id: hus, label: {da: Huset selv, en: The house itself}}
rounds:
  - {id: winter, script: short, deadline: 02-01, opens_days: 14}
  - {id: summer, script: short, deadline: 06-15, opens_days: 14}
  - {id: results, script: results, deadline: 11-15, opens_days: 30}
evaluation: stars
""",
    "vig/short.yaml": """\
title: {da: Kort status, en: Short status}
sections:
  - id: actions
    each: initiative
    steps:
      - id: status
        fields:
          - {id: status, kind: choice, role: status, choices: [on_plan, delayed], ask: {da: Går det?, en: Is it going?}}
""",
    "vig/results.yaml": """\
title: {da: Resultater, en: Results}
sections:
  - id: goals
    each: goal
    only: {source: [byraad]}
    steps:
      - id: reading
        skip: {da: Intet nyt tal, en: No new number}
        fields:
          - {id: value, kind: number, role: reading, least: 0, ask: {da: Tallet?, en: The number?}}
      - id: no_data
        when: {skipped: [reading]}
        fields:
          - {id: because, kind: text, role: no_data, ask: {da: Hvorfor?, en: Why?}}
      - {id: evaluation, evaluate: true}
  - id: money
    steps:
      - id: money
        fields:
          - {id: budget, kind: amount, role: budget, ask: {da: Budgettet?, en: The budget?}}
""",
}


def test_a_third_municipality_has_three_rounds_its_own_words_and_its_own_evaluation_model(loads: Loads) -> None:
    library = loaded(loads(VIG))
    vig = library.models["vig"]
    assert [(rule.id, rule.script) for rule in vig.rounds] == [
        ("winter", "short"),
        ("summer", "short"),
        ("results", "results"),
    ]
    assert vig.words["agreement_the"].da == "resultatkontrakten"
    script = script_of(library, "vig", "results")
    assert goal_steps(script) == ["reading", "no_data", "stars", "why"]
    subjects = (
        Subject("goal-1", GOAL, "Byrådets mål", "byraad"),
        Subject("goal-2", GOAL, "Husets mål", "hus"),
        Subject("goal-3", GOAL, "Byrådets andet mål", "byraad"),
        Subject("initiative-1", INITIATIVE, "En handling", "byraad"),
    )
    answers = {
        Place("goal-1", "reading"): {"value": "12.5"},
        Place("goal-1", "stars"): {"stars": "three"},
        Place("goal-3", "reading"): {},
        Place("goal-3", "no_data"): {"because": "Ferie"},
        Place("goal-3", "stars"): {"stars": "one"},
        Place("goal-3", "why"): {"why": "Ingen tal"},
        Place(WHOLE.id, "money"): {"budget": "1250000"},
    }
    assert [stop.place for stop in route(script, subjects, answers)] == list(answers)
    assert next_stop(script, subjects, answers) is None
    page = summarise(thaw(freeze(script)), subjects, answers, {})
    assert page.goal_counts == ((Attainment.REACHED, 1), (Attainment.NOT_REACHED, 1))
    assert [(one.subject.id, one.no_data, one.basis) for one in page.goal_points] == [("goal-3", "Ferie", "Ingen tal")]
    assert [value for _, value in page.said_as(Role.BUDGET)] == ["1250000"]


def test_any_of_the_evaluation_models_goes_into_the_third_municipalitys_script(loads: Loads) -> None:
    library = loaded(loads(VIG))
    for name, evaluation in library.evaluations.items():
        steps = goal_steps(script_of(library, "vig", "results", name))
        assert steps == ["reading", "no_data", *(step.id for step in evaluation.steps)]
