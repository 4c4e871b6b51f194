"""The cards of the autumn dialogue and the institutionsaftale, as agreed to look: tests/golden_goals/<card>.<language>.txt.

When a card is meant to look different:  DIALOGBOT_UPDATE_GOLDEN=1 python -m pytest tests/test_cards_goals.py
Then read what git says has changed, and commit it with the change that made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cards import asking, goals, slack, slack_limits, teams, teams_limits, telling, text, web
from cards.asking import Given
from cards.card import Card, Option, Para, Points, Progress
from cards.scene import Scene
from cards.wording import texts
from dialogs.answers import Problem, read_step
from dialogs.engine import BOARD, GOAL, INITIATIVE, RENEWAL, WHOLE, Answers, Figures, Place, Reading, Stop, Subject
from dialogs.library import Library, load
from dialogs.script import Attainment, Field, Kind, Role, Script, Wording
from tests.test_golden import FIRST_PAGE, LANGUAGES, UPDATE, runs_of, size_of

FOLDER = Path(__file__).parent / "golden_goals"
OWN = Path(__file__).parent / "models"
EVALUATIONS = ("attainment", "logic", "percent", "smtte")
TODAY = date(2027, 9, 15)
NAMES = {7: "Jens Østergaard", 8: "Ali Demir"}
SOURCES = {
    "politik": Wording("Politikker", "Policies"),
    "direktion": Wording("Direktionens handlingsplan", "The executive board’s action plan"),
    "lokal": Wording("Lokale indsatser", "Local initiatives"),
}


@cache
def library() -> Library:
    found = load(OWN)
    assert isinstance(found, Library), found
    return found


def script_of(model: str, name: str, evaluation: str = "") -> Script:
    script = library().script(model, name, evaluation)
    assert script is not None
    return script


ABSENCE = Subject(
    "goal-7",
    GOAL,
    "Sygefraværet er højst 4,9 % ved udgangen af 2028",
    "direktion",
    goal="Et sundt arbejdsliv",
    due_on=date(2028, 12, 31),
    figures=Figures(
        measure="%",
        baseline=Decimal("6.5"),
        baseline_on=date(2026, 12, 31),
        target=Decimal("4.9"),
        due_on=date(2028, 12, 31),
        evidence="Sygefraværsstatistik fra løn",
        next_reading_on=date(2027, 9, 1),
        readings=(Reading(Decimal("5.8"), date(2027, 3, 31), "Løn"),),
    ),
)
READY = Subject("goal-8", GOAL, "Flere børn er klar til skole", "politik", heading="Børnepolitikken")
PARENTS = Subject(
    "goal-9",
    GOAL,
    "Ni af ti forældre er trygge ved skolestarten",
    "politik",
    heading="Børnepolitikken",
    figures=Figures(measure="%", target=Decimal(90), evidence="Spørgeskema til forældre"),
)
MEETINGS = Subject("initiative-1", INITIATIVE, "Overleveringsmøder", "politik", goal="Tryg overgang til skole")
DIGITAL = Subject("initiative-2", INITIATIVE, "Digitale forløb", "direktion", due_on=date(2027, 12, 1))
RENEWED = Subject("renewal", RENEWAL, "")
THE_BOARD = Subject("board", BOARD, "")
SUBJECTS = (MEETINGS, DIGITAL, READY, PARENTS, ABSENCE, RENEWED, THE_BOARD)


def scene_of(script: Script, language: str = "da", subjects: tuple[Subject, ...] = SUBJECTS) -> Scene:
    """Solsikken's dialogue with nothing answered."""
    return Scene(
        texts=texts(language),
        dialogue=1,
        revision=3,
        unit="Børnehuset Solsikken",
        round=Wording(f"{script.title.da} 2027", f"{script.title.en} 2027"),
        due=date(2027, 10, 1),
        today=TODAY,
        script=script,
        subjects=subjects,
        answers={},
        before={},
        before_on=None,
        sources=SOURCES,
        person="Mette Søndergaard",
        leader="Mette Søndergaard",
        nearest="Jens Østergaard",
        colleagues=tuple(Option(str(one), name) for one, name in NAMES.items()),
        names=NAMES,
    )


# --- an autumn, answered ----------------------------------------------------------------------------------------------------------

READ: Mapping[str, object] = {"value": "5.8", "measured_on": "2027-09-01", "source": "Sygefraværsstatistik fra løn"}
SAID: Answers = {
    Place("initiative-1", "status"): {"status": "delayed"},
    Place("initiative-1", "challenge"): {"cause": "To skoler har ikke svaret."},
    Place("initiative-1", "way_forward"): {"next": "Jens tager det op", "by_when": "2027-10-15"},
    Place("initiative-2", "status"): {"status": "on_plan"},
    Place("goal-8", "reading"): {},
    Place("goal-8", "no_data"): {
        "because": "Systemet er skiftet.\nDer måles til foråret.",
        "next_reading_on": "2028-03-01",
    },
    Place("goal-8", "attainment"): {"attained": "unknown"},
    Place("goal-8", "consequence"): {"consequence": "continue"},
    Place("goal-9", "reading"): {"value": "92", "measured_on": "2027-06-20", "source": "Spørgeskema til forældre"},
    Place("goal-9", "attainment"): {"attained": "reached"},
    Place("goal-9", "consequence"): {"consequence": "close"},
    Place("goal-7", "reading"): READ,
    Place("goal-7", "attainment"): {"attained": "partly"},
    Place("goal-7", "cause"): {"cause": "external", "basis": "En influenza i foråret tog alle huse."},
    Place("goal-7", "consequence"): {
        "consequence": "adjust",
        "what": "Vi ringer på tredjedagen.",
        "who": {"people": [8], "others": "HR"},
        "when": "2027-12-01",
    },
    Place("initiative-2", "revised_plan"): {"plan": "plan_adjust"},
    Place("initiative-2", "plan_change"): {
        "plan_change": "Alle forløb samles i ét.",
        "plan_from": "2028-01-01",
    },
    Place("renewal", "next_agreement"): {
        "next_content": "Sygefravær og skolestart.",
        "next_who": {"people": [7], "others": ""},
        "next_when": "2027-11-01",
    },
    Place(WHOLE.id, "anything_else"): {"remark": "Normeringen efter sommerferien"},
}
YEAR: Answers = {
    **{place: values for place, values in SAID.items() if place.step in ("status", "reading", "no_data", "attainment")},
    **{place: values for place, values in SAID.items() if place.step == "consequence"},
    Place("initiative-1", "challenge"): {"cause": "To skoler har ikke svaret.", "next": "Vi begynder før."},
    Place("goal-7", "cause"): {"cause": "external"},
    Place(WHOLE.id, "economy"): {"budget": "12500000", "expected": "12700000", "budget_holds": "budget_over"},
    Place(WHOLE.id, "deviation"): {
        "deviation": "200000",
        "deviation_cause": "Vikarer i foråret.",
        "deviation_remedy": "Vi venter med at ansætte.",
    },
    Place(WHOLE.id, "themes"): {"themes": "Fællesskaber og sprog."},
    Place("board", "board"): {"board": "to_discuss"},
    Place(WHOLE.id, "anything_else"): {},
}
BEFORE: Answers = {
    Place("goal-7", "reading"): {"value": "5.9", "measured_on": "2026-09-20", "source": "Løn"},
    Place("goal-7", "attainment"): {"attained": "not_reached"},
    Place("goal-7", "cause"): {"cause": "too_early", "basis": "Vi var lige begyndt."},
    Place(WHOLE.id, "economy"): {"budget": "12000000", "expected": "12000000", "budget_holds": "budget_holds"},
}


def a_year_on(scene: Scene) -> Scene:
    """The scene with what was answered the year before."""
    return replace(scene, before=BEFORE, before_on=date(2026, 10, 1))


def without(answers: Answers, *places: tuple[str, str]) -> Answers:
    return {place: values for place, values in answers.items() if place not in places}


def step_card(scene: Scene, subject: str, step: str, given_now: Given | None = None) -> Card:
    stop = scene.stop_at(Place(subject, step))
    assert stop is not None, f"{subject} {step} is not on the route"
    return asking.step(scene, stop, given_now)


def cards_in(language: str) -> dict[str, Card]:
    """Every card by name."""
    autumn = scene_of(script_of("dialogaftale", "autumn"), language)
    answered = replace(autumn, answers=SAID)
    begun = replace(autumn, answers={Place("initiative-1", "status"): {"status": "on_plan"}})
    wrong = Given({"value": "5.8", "measured_on": "i morgen"}, {"value": Problem("number_point", {"meant": "5,8"})})
    return {
        "greeting": asking.greeting(autumn),
        "greeting-begun": asking.greeting(begun),
        "status": step_card(autumn, "initiative-1", "status"),
        "reading": step_card(autumn, "goal-7", "reading"),
        "reading-last-time": step_card(a_year_on(autumn), "goal-7", "reading"),
        "reading-answered": step_card(answered, "goal-7", "reading"),
        "reading-problems": step_card(autumn, "goal-7", "reading", wrong),
        "reading-little-known": step_card(autumn, "goal-8", "reading"),
        "no-data": step_card(answered, "goal-8", "no_data"),
        "attainment": step_card(a_year_on(answered), "goal-7", "attainment"),
        "cause": step_card(answered, "goal-7", "cause"),
        "consequence": step_card(answered, "goal-7", "consequence"),
        "revised-plan": step_card(answered, "initiative-2", "revised_plan"),
        "plan-change": step_card(answered, "initiative-2", "plan_change"),
        "renewal": step_card(answered, "renewal", "next_agreement"),
        "review": asking.review(answered),
        "summary": telling.summary(answered),
        "paused": asking.paused(begun),
        **judged_otherwise(language),
        **a_year(language),
    }


def judged_otherwise(language: str) -> dict[str, Card]:
    """The cards of the other evaluation models."""
    percent = scene_of(script_of("dialogaftale", "autumn", "percent"), language)
    smtte = scene_of(script_of("dialogaftale", "autumn", "smtte"), language)
    logic = scene_of(script_of("dialogaftale", "autumn", "logic"), language)
    read = {Place("goal-7", "reading"): READ}
    scored = {
        **without(SAID, ("goal-7", "attainment"), ("goal-8", "attainment"), ("goal-9", "attainment")),
        Place("goal-7", "percent"): {"percent": "62.5", "basis": "Regnet af lønsystemet."},
        Place("goal-8", "percent"): {},
        Place("goal-9", "percent"): {"percent": "100"},
    }
    return {
        "percent": step_card(replace(percent, answers=read), "goal-7", "percent"),
        "percent-cause": step_card(replace(percent, answers=scored), "goal-7", "cause"),
        "percent-review": asking.review(replace(percent, answers=scored)),
        "percent-summary": telling.summary(replace(percent, answers=scored)),
        "smtte-signs": step_card(replace(smtte, answers=read), "goal-7", "signs"),
        "smtte-evaluation": step_card(replace(smtte, answers=read), "goal-7", "evaluation_of_signs"),
        "logic-outcomes": step_card(replace(logic, answers=read), "goal-7", "outcomes"),
    }


def a_year(language: str) -> dict[str, Card]:
    """The cards of the institutionsaftale."""
    year = scene_of(script_of("institutionsaftale", "year"), language)
    half = scene_of(script_of("institutionsaftale", "midyear"), language)
    course = {
        Place("goal-7", "course"): {"course": "off_course"},
        Place("goal-7", "goal_challenge"): {"goal_cause": "Mange vikarer.", "goal_next": "En fast vikar."},
        Place("goal-8", "course"): {"course": "on_course"},
        Place("goal-9", "course"): {"course": "on_course"},
    }
    return {
        "economy": step_card(a_year_on(year), WHOLE.id, "economy"),
        "economy-answered": step_card(replace(year, answers=YEAR), WHOLE.id, "economy"),
        "deviation": step_card(replace(year, answers=YEAR), WHOLE.id, "deviation"),
        "themes": step_card(year, WHOLE.id, "themes"),
        "board": step_card(year, "board", "board"),
        "year-review": asking.review(replace(year, answers=YEAR)),
        "year-summary": telling.summary(replace(year, answers=YEAR)),
        "course": step_card(half, "goal-7", "course"),
        "course-challenge": step_card(replace(half, answers=course), "goal-7", "goal_challenge"),
        "midyear-summary": telling.summary(replace(half, answers={**YEAR, **course})),
    }


@cache
def shown(language: str) -> dict[str, Card]:
    return cards_in(language)


CARDS = tuple(shown("da"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CARDS)
def test_the_card_is_as_it_was_agreed_to_look(name: str, language: str) -> None:
    path = FOLDER / f"{name}.{language}.txt"
    content = text.render(shown(language)[name])
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == content, f"{path.name}: see the head of this file"


def test_every_file_has_its_card() -> None:
    expected = {f"{name}.{one}.txt" for name in CARDS for one in LANGUAGES}
    assert {path.name for path in FOLDER.iterdir()} == expected


def platform_problems(card: Card) -> list[str]:
    found = [one for message in slack.render(card) for one in slack_limits.problems(message.blocks)]
    found += [one for message in teams.render(card) for one in teams_limits.problems(message.card)]
    assert web.render(card)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CARDS)
def test_every_platform_takes_the_card(name: str, language: str) -> None:
    assert platform_problems(shown(language)[name]) == []


# --- what the cards promise -------------------------------------------------------------------------------------------------------


def test_the_symbols_are_those_of_the_choices_that_judge_a_goal() -> None:
    (asked,) = (one for one in fields_of(script_of("dialogaftale", "autumn")) if one.role is Role.ATTAINMENT)
    assert {one.counts_as: one.symbol for one in asked.choices} == goals.SYMBOLS
    for language in LANGUAGES:
        said = {one.counts_as: one.label.in_(language) for one in asked.choices}
        scene = scene_of(script_of("dialogaftale", "autumn"), language)
        assert said == {one: goals.attainment(scene, one) for one in Attainment}


def fields_of(script: Script) -> Iterator[Field]:
    return (one for section in script.sections for step in section.steps for one in step.fields)


def test_a_spring_with_goals_in_the_agreement_does_not_mention_them() -> None:
    spring = scene_of(script_of("dialogaftale", "spring"))
    alone = replace(spring, subjects=(MEETINGS, DIGITAL))
    assert asking.greeting(spring) == asking.greeting(alone)
    assert telling.summary(replace(spring, answers=SAID)) == telling.summary(replace(alone, answers=SAID))
    (progress,) = (part for part in step_card(spring, "initiative-2", "status").parts if isinstance(part, Progress))
    assert progress.words == "2 af 2"


def test_a_goal_takes_longer_than_an_indsats() -> None:
    script = script_of("institutionsaftale", "midyear")
    ten = [replace(MEETINGS, id=f"initiative-{number}") for number in range(10)]
    same = [replace(READY, id=f"goal-{number}") for number in range(10)]
    minutes = [asking.minutes_left(scene_of(script, subjects=tuple(asked))) for asked in (ten, same)]
    assert minutes == [10, 14]


@pytest.mark.parametrize(
    ("typed", "subject", "step", "name"), [("12,5", "goal-7", "reading", "value"), ("1.250.000", WHOLE.id, "economy", "budget")]
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_a_number_field_is_read_as_the_same_number(
    typed: str, subject: str, step: str, name: str, language: str
) -> None:
    scene = scene_of(script_of("institutionsaftale", "year"), language)
    stop = scene.stop_at(Place(subject, step))
    assert stop is not None
    kept = {"value": "12.5", "budget": "1250000"}[name]
    shown_now = asking.step(replace(scene, answers={stop.place: {name: kept}}), stop)
    (value,) = (one.value for one in shown_now.inputs if one.field == name)
    assert value == typed
    others: dict[str, str] = {
        "measured_on": "2027-09-01",
        "source": "Løn",
        "expected": "1",
        "budget_holds": "budget_over",
    }
    assert read_step(stop.step, {**others, name: value}, frozenset(), TODAY).values[name] == kept


def test_where_a_number_comes_from_is_offered_until_something_else_is_typed() -> None:
    scene = scene_of(script_of("dialogaftale", "autumn"))

    def offered(known: Scene, subject: str, now: Given | None = None) -> str:
        return next(one.value for one in step_card(known, subject, "reading", now).inputs if one.field == "source")

    assert [offered(scene, one) for one in ("goal-7", "goal-8", "goal-9")] == ["Løn", "", "Spørgeskema til forældre"]
    assert offered(scene, "goal-7", Given({"source": ""})) == ""
    answered = replace(scene, answers={Place("goal-7", "reading"): {**READ, "source": "Vores egne tal"}})
    assert offered(answered, "goal-7") == "Vores egne tal"


# --- every answer stands there once -----------------------------------------------------------------------------------------------

SCRIPTS = (
    *(("dialogaftale", "autumn", one) for one in EVALUATIONS),
    ("dialogaftale", "spring", ""),
    ("institutionsaftale", "midyear", ""),
    *(("institutionsaftale", "year", one) for one in EVALUATIONS),
)


@dataclass
class Hand:
    """Answers a dialogue with things that are like no others."""

    data: st.DataObject
    number: int = 0

    def answer(self, stop: Stop) -> dict[str, object]:
        draw = self.data.draw
        if stop.step.skip and draw(st.booleans()):
            return {}
        return {
            one.id: self.value(one) for one in stop.step.fields if not one.optional or draw(st.booleans())
        }  # fmt: skip

    def value(self, one: Field) -> object:
        self.number += 1
        match one.kind:
            case Kind.CHOICE:
                return self.data.draw(st.sampled_from(one.choices)).id
            case Kind.TEXT:
                padding = " og mere endnu" * (80 if one.limit > 200 and self.data.draw(st.booleans()) else 0)
                return f"ord{self.number}{padding}"[: one.limit]
            case Kind.DATE:
                first = date(2019 if one.past else 2028, 1, 1)
                return date.fromordinal(first.toordinal() + self.number).isoformat()
            case Kind.NUMBER | Kind.AMOUNT:
                return f"{self.number % 90}.5" if one.most else f"{10000 + self.number}"
            case Kind.PEOPLE:
                return {"people": [], "others": f"navn{self.number}"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCRIPTS, ids="-".join)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_answer_on_the_route_stands_once_and_whole_on_the_page_or_in_the_thread(
    name: tuple[str, str, str], language: str, data: st.DataObject
) -> None:
    hand, scene = Hand(data), scene_of(script_of(*name), language)
    while stop := scene.next_stop:
        scene = replace(scene, answers={**scene.answers, stop.place: hand.answer(stop)})
    page = telling.summary(scene)
    assert platform_problems(page) == []
    beside = [run for part in page.parts if not isinstance(part, Points) for run in runs_of(part)]
    items = [
        "".join(paras_of(item))
        for below in page.thread
        for part in below.parts
        if isinstance(part, Points)
        for item in part.items
    ]
    whole = "\n".join([*beside, *(run for below in page.thread for part in below.parts for run in runs_of(part))])
    for one in scene.stops:
        about = next((item for item in items if one.subject.title and one.subject.title in item), whole)
        values = scene.answers[one.place]
        for asked in one.step.fields:
            if asked.id in values:
                said = asking.in_words(scene, asked, values[asked.id], one.subject)
                within = about if asked.kind is Kind.CHOICE else whole
                assert count(said, within) == 1, (one.place, asked.id, said)
        if not values and one.step.skip and one.section.each:
            assert said_of_skipping(scene, one, about), one.place


def count(said: str, within: str) -> int:
    return len(re.findall(rf"(?<![\w.,]){re.escape(said)}(?!\w)", within))


def said_of_skipping(scene: Scene, stop: Stop, about: str) -> bool:
    """Whether a press that left a step empty is told: in its own words, or by the reason it was asked for."""
    return scene.asks(stop.step.skip) in about or scene.say("goal.no_data", text="")[:10] in about


def paras_of(item: tuple[Para, ...]) -> Iterator[str]:
    for para in item:
        yield from (run.text for run in para.runs)
        yield "\n"


# --- sixty of each ----------------------------------------------------------------------------------------------------------------


def crowd(script: Script, *, well: bool = False) -> Scene:
    """Sixty initiatives and sixty goals, each answered with as much as there is room for; the goals reached if it goes well."""
    title = "som er skrevet ganske langt " * 3
    sources = tuple(SOURCES)
    asked = [
        replace(DIGITAL, id=f"initiative-{one}", title=f"Indsats {one} {title}", source=sources[one // 20])
        for one in range(60)
    ]
    asked += [replace(ABSENCE, id=f"goal-{one}", title=f"Mål {one} {title}") for one in range(60)]
    scene = scene_of(script, subjects=(*asked, RENEWED, THE_BOARD))
    picked = {"delayed", "unrealistic", "new_initiative", "plan_adjust", "budget_over", "to_discuss"}
    picked |= {"on_course", "reached"} if well else {"off_course", "not_reached"}

    def full(one: Field) -> object:
        match one.kind:
            case Kind.CHOICE:
                return next((choice.id for choice in one.choices if choice.id in picked), one.choices[0].id)
            case Kind.TEXT:
                return ("og så er der mere at sige " * 200)[: one.limit - 1] + "."
            case Kind.DATE:
                return "2027-09-01" if one.past else "2028-09-01"
            case Kind.NUMBER | Kind.AMOUNT:
                return ("100" if well else "0") if one.most else "12500000"
            case Kind.PEOPLE:
                return {"people": [7, 8], "others": "x" * 300}

    answers: dict[Place, Mapping[str, object]] = {}
    while True:  # the route shows itself as it is answered
        waiting = [stop for stop in replace(scene, answers=answers).stops if stop.place not in answers]
        if not waiting:
            return replace(scene, answers=answers)
        answers |= {stop.place: {one.id: full(one) for one in stop.step.fields} for stop in waiting}


@pytest.mark.parametrize("well", [False, True])
@pytest.mark.parametrize("name", [one for one in SCRIPTS if one[1] != "spring"], ids="-".join)
def test_the_first_page_stays_one_page_with_sixty_goals_and_sixty_indsatser(
    name: tuple[str, str, str], *, well: bool
) -> None:
    scene = crowd(script_of(*name), well=well)
    page = telling.posted(scene)
    assert platform_problems(page) == []
    assert size_of(page.parts) <= FIRST_PAGE
    alone = replace(page, thread=())
    assert [len(slack.render(alone)), len(teams.render(alone))] == [1, 1]
    many = "55 indsatser er forsinket" if well else "55 mål er ikke nået"
    assert f"Yderligere {many}" in text.render(page, width=1000)
    items = [item for below in page.thread for part in below.parts if isinstance(part, Points) for item in part.items]
    assert len(items) == 120
    first = next(stop for stop in scene.stops if stop.section.each == GOAL)
    preview = telling.preview(scene, telling.summary(scene), telling.Where(direct=True))
    for card in (asking.review(scene), asking.step(scene, first), preview):
        assert platform_problems(card) == []
