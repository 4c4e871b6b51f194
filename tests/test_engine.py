"""Where a dialogue stands, as tables: the route, the next stop, the progress; pure, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dialogs import engine
from dialogs.engine import INITIATIVE, WHOLE, Answers, Place, Subject
from dialogs.script import Attainment, Choice, Condition, Field, Kind, Mark, Script, Section, Step, Wording
from tests.town import library

SPRING = library().models["dialogaftale"].scripts["spring"]
A, B = (Subject(f"initiative-{number}", INITIATIVE, f"Indsats {number}", due_on=date(2027, 5, 1)) for number in (1, 2))
OTHER = Subject("goal-1", "goal", "Et mål")


def given(*said: tuple[Subject, str, str | None]) -> Answers:
    """Answers by subject and step: a status's choice, a text, or None for a step that was skipped."""
    fields = {"status": "status", "challenge": "cause", "way_forward": "next", "anything_else": "remark"}
    return {
        Place(subject.id, step): {fields[step]: value} if value is not None else {} for subject, step, value in said
    }


def spoken(route: list[engine.Stop]) -> str:
    """A route as one reads it: `1 status, 1 challenge, closing`."""
    return ", ".join(f"{stop.subject.id.rpartition('-')[2]} {stop.step.id}" for stop in route)


END = "dialogue anything_else"
ROUTES: dict[str, tuple[tuple[Subject, ...], Answers, str]] = {
    "nothing is answered": ((A, B), {}, f"1 status, 2 status, {END}"),
    "a healthy indsats is passed": ((A,), given((A, "status", "on_plan")), f"1 status, {END}"),
    "a completed one too": ((A,), given((A, "status", "completed")), f"1 status, {END}"),
    "one not started too": ((A,), given((A, "status", "not_started")), f"1 status, {END}"),
    "a delayed one is asked about": (
        (A, B),
        given((A, "status", "delayed")),
        f"1 status, 1 challenge, 1 way_forward, 2 status, {END}",
    ),
    "a stopped one is asked about": (
        (A, B),
        given((B, "status", "stopped")),
        f"1 status, 2 status, 2 challenge, 2 way_forward, {END}",
    ),
    "a status nobody offers asks nothing more": ((A,), given((A, "status", "asleep")), f"1 status, {END}"),
    "a challenge without its status stays off the route": (
        (A,),
        given((A, "challenge", "Noget")),
        f"1 status, {END}",
    ),
    "no indsatser": ((), {}, END),
    "subjects of another kind are not asked about": ((OTHER,), {}, END),
    "answers of an indsats that is gone are left alone": ((B,), given((A, "status", "delayed")), f"2 status, {END}"),
}


@pytest.mark.parametrize(("subjects", "answers", "expected"), ROUTES.values(), ids=ROUTES)
def test_the_route_of_spring(subjects: tuple[Subject, ...], answers: Answers, expected: str) -> None:
    assert spoken(list(engine.route(SPRING, subjects, answers))) == expected


DELAYED = given((A, "status", "delayed"))
SAID = {**DELAYED, **given((A, "challenge", "Noget"))}
NEXT: dict[str, tuple[Answers, Place | None]] = {
    "the first status": ({}, Place(A.id, "status")),
    "the next indsats": (given((A, "status", "on_plan")), Place(B.id, "status")),
    "the challenge of the delayed": (DELAYED, Place(A.id, "challenge")),
    "the way forward after the challenge": (SAID, Place(A.id, "way_forward")),
    "a hole before what is answered": (given((B, "status", "on_plan")), Place(A.id, "status")),
    "a skipped step is answered": (
        {**SAID, **given((A, "way_forward", None), (B, "status", "on_plan"))},
        Place(WHOLE.id, "anything_else"),
    ),
    "nothing but the review": (
        given((A, "status", "on_plan"), (B, "status", "completed"), (WHOLE, "anything_else", None)),
        None,
    ),
}


@pytest.mark.parametrize(("answers", "expected"), NEXT.values(), ids=NEXT)
def test_the_next_stop_is_the_first_without_an_answer(answers: Answers, expected: Place | None) -> None:
    stop = engine.next_stop(SPRING, (A, B), answers)
    assert (stop.place if stop else None) == expected


def test_an_answer_changed_to_healthy_takes_the_challenge_off_the_route_and_back_on_again() -> None:
    delayed = {**SAID, **given((A, "way_forward", "Et møde"))}
    healthy = {**delayed, **given((A, "status", "on_plan"))}
    assert spoken(list(engine.route(SPRING, (A,), healthy))) == f"1 status, {END}"
    again = {**healthy, **given((A, "status", "stopped"))}
    stop = engine.next_stop(SPRING, (A,), again)
    assert stop is not None
    assert stop.step.id == "anything_else", "what was said before is still there"


def test_a_new_indsats_is_asked_about_although_everything_was_answered() -> None:
    done = given((A, "status", "on_plan"), (WHOLE, "anything_else", None))
    assert engine.next_stop(SPRING, (A,), done) is None
    stop = engine.next_stop(SPRING, (A, B), done)
    assert stop is not None
    assert stop.subject == B


# --- chained conditions -----------------------------------------------------------------------------------------------------------


def words(text: str) -> Wording:
    return Wording(text, text)


def choice_step(step: str, *choices: str, when: tuple[tuple[str, frozenset[str]], ...] = ()) -> Step:
    offered = tuple(Choice(one, words(one)) for one in choices)
    return Step(step, (Field(step, Kind.CHOICE, words(step), choices=offered),), when=Condition(when))


# reached? no → why? initiative → changed? → (reached no and why initiative) a plan
CHAIN = Script(
    "autumn",
    words("Efterår"),
    (
        Section(
            "goals",
            (
                choice_step("reached", "yes", "partly", "no"),
                choice_step("why", "initiative", "outside", when=(("reached", frozenset({"partly", "no"})),)),
                choice_step("changed", "yes", "no", when=(("why", frozenset({"initiative"})),)),
                choice_step(
                    "plan",
                    "yes",
                    when=(("reached", frozenset({"no"})), ("why", frozenset({"initiative"}))),
                ),
            ),
            each=INITIATIVE,
        ),
    ),
)


def chosen(**choices: str) -> Answers:
    return {Place(A.id, step): {step: choice} for step, choice in choices.items()}


CHAINS: dict[str, tuple[Answers, str]] = {
    "nothing": ({}, "1 reached"),
    "the first link": (chosen(reached="partly"), "1 reached, 1 why"),
    "two links": (chosen(reached="partly", why="initiative"), "1 reached, 1 why, 1 changed"),
    "both conditions hold": (
        chosen(reached="no", why="initiative"),
        "1 reached, 1 why, 1 changed, 1 plan",
    ),
    "one of two conditions": (chosen(reached="no", why="outside"), "1 reached, 1 why"),
    "the chain breaks at its first link": (
        chosen(reached="yes", why="initiative", changed="yes", plan="yes"),
        "1 reached",
    ),
    "the chain breaks in the middle": (
        chosen(reached="no", why="outside", changed="yes", plan="yes"),
        "1 reached, 1 why",
    ),
}


@pytest.mark.parametrize(("answers", "expected"), CHAINS.values(), ids=CHAINS)
def test_a_chain_of_conditions_breaks_where_it_breaks(answers: Answers, expected: str) -> None:
    assert spoken(list(engine.route(CHAIN, (A,), answers))) == expected


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ((), {}, True),
        ((("status", frozenset({"delayed"})),), {}, False),
        ((("status", frozenset({"delayed"})),), {"status": "delayed"}, True),
        ((("status", frozenset({"delayed", "stopped"})),), {"status": "stopped"}, True),
        ((("status", frozenset({"delayed"})),), {"status": "on_plan"}, False),
        ((("status", frozenset()),), {"status": "delayed"}, False),
        ((("a", frozenset({"x"})), ("b", frozenset({"y"}))), {"a": "x"}, False),
        ((("a", frozenset({"x"})), ("b", frozenset({"y"}))), {"a": "x", "b": "y"}, True),
    ],
)
def test_a_condition_holds_when_every_field_was_given_a_listed_choice(
    condition: tuple[tuple[str, frozenset[str]], ...], values: dict[str, object], *, expected: bool
) -> None:
    assert engine.holds(Condition(condition), values) is expected


# --- skipped steps, numbers on a scale, sources, what the house provides --------------------------------------------------------------

GOAL_1, GOAL_2 = (Subject(f"goal-{number}", engine.GOAL, f"Mål {number}") for number in (1, 2))
PLANNED = replace(A, source="direktion")
NEXT_YEAR = Subject("renewal", engine.RENEWAL, "Den næste aftale")
MARKS = (
    Mark(Decimal(100), Attainment.REACHED),
    Mark(Decimal(1), Attainment.PARTLY),
    Mark(Decimal(0), Attainment.NOT_REACHED),
)
PERCENT = Step("percent", (Field("percent", Kind.NUMBER, words("?"), scale=MARKS, optional=True),))
OCTOBER = Script(
    "october",
    words("Oktober"),
    (
        Section(
            "goals",
            (
                PERCENT,
                choice_step("no_data", "yes", when=(("skipped", frozenset({"percent"})),)),
                choice_step("why", "yes", when=(("percent", frozenset({"partly", "not_reached"})),)),
                choice_step(
                    "both", "yes", when=(("no_data", frozenset({"yes"})), ("skipped", frozenset({"x", "percent"})))
                ),
            ),
            each=engine.GOAL,
        ),
        Section("plan", (choice_step("plan", "yes"),), each=INITIATIVE, only=frozenset({"direktion"})),
        Section("next", (choice_step("next", "yes"),), each=engine.RENEWAL),
    ),
)


def of_goal(**values: dict[str, object]) -> Answers:
    return {Place(GOAL_1.id, step): said for step, said in values.items()}


OCTOBERS: dict[str, tuple[tuple[Subject, ...], Answers, str]] = {
    "nothing is provided": ((), {}, ""),
    "an initiative of another source": ((B,), {}, ""),
    "one of the source": ((PLANNED, B), {}, "1 plan"),
    "a next agreement is due": ((NEXT_YEAR,), {}, "renewal next"),
    "a goal": ((GOAL_1,), {}, "1 percent"),
    "a goal without data": ((GOAL_1,), of_goal(percent={}), "1 percent, 1 no_data"),
    "a step is skipped only when it was answered with nothing": (
        (GOAL_1,),
        of_goal(percent={"percent": "100"}),
        "1 percent",
    ),
    "skipped, and then a choice": (
        (GOAL_1,),
        of_goal(percent={}, no_data={"no_data": "yes"}),
        "1 percent, 1 no_data, 1 both",
    ),
    "a number half-way": ((GOAL_1,), of_goal(percent={"percent": "99.9"}), "1 percent, 1 why"),
    "a number at the lowest mark": ((GOAL_1,), of_goal(percent={"percent": "0"}), "1 percent, 1 why"),
    "a number below every mark counts as the lowest": (
        (GOAL_1,),
        of_goal(percent={"percent": "-5"}),
        "1 percent, 1 why",
    ),
    "what is no number counts as nothing": ((GOAL_1,), of_goal(percent={"percent": "x"}), "1 percent"),
}


@pytest.mark.parametrize(("subjects", "answers", "expected"), OCTOBERS.values(), ids=OCTOBERS)
def test_a_section_is_asked_for_what_the_house_provides(
    subjects: tuple[Subject, ...], answers: Answers, expected: str
) -> None:
    assert spoken(list(engine.route(OCTOBER, subjects, answers))) == expected


def test_progress_counts_only_what_the_section_is_narrowed_to() -> None:
    _, plan, _ = OCTOBER.sections
    other = replace(B, source="direktion")
    third = Subject("initiative-3", INITIATIVE, "Indsats 3", source="lokal")
    assert engine.progress(plan, other, (PLANNED, third, other)) == engine.Progress(2, 2)


# --- moving about -----------------------------------------------------------------------------------------------------------------


def test_a_stop_is_found_only_while_the_route_passes_it() -> None:
    place = Place(A.id, "challenge")
    assert engine.stop_at(SPRING, (A,), {}, place) is None
    stop = engine.stop_at(SPRING, (A,), DELAYED, place)
    assert stop is not None
    assert (stop.place, stop.section.id, stop.subject) == (place, "initiatives", A)


BEFORE: dict[str, tuple[Place | None, str | None]] = {
    "before the first": (Place(A.id, "status"), None),
    "within a subject": (Place(A.id, "challenge"), "status"),
    "across subjects": (Place(B.id, "status"), "way_forward"),
    "before the review": (None, "anything_else"),
    "from off the route": (Place(B.id, "challenge"), "anything_else"),
}


@pytest.mark.parametrize(("place", "expected"), BEFORE.values(), ids=BEFORE)
def test_back_is_the_stop_before_on_the_route(place: Place | None, expected: str | None) -> None:
    stop = engine.stop_before(SPRING, (A, B), DELAYED, place)
    assert (stop.step.id if stop else None) == expected


AFTER: dict[str, tuple[Answers, Place, Place | None]] = {
    "the next without an answer": (given((A, "status", "on_plan")), Place(A.id, "status"), Place(B.id, "status")),
    "past what is answered": (
        given((A, "status", "on_plan"), (B, "status", "on_plan")),
        Place(A.id, "status"),
        Place(WHOLE.id, "anything_else"),
    ),
    "round to the hole before": (
        given((B, "status", "on_plan"), (WHOLE, "anything_else", None)),
        Place(B.id, "status"),
        Place(A.id, "status"),
    ),
    "from off the route to the first hole": ({}, Place(A.id, "challenge"), Place(A.id, "status")),
    "nothing is left": (
        given((A, "status", "on_plan"), (B, "status", "on_plan"), (WHOLE, "anything_else", None)),
        Place(B.id, "status"),
        None,
    ),
}


@pytest.mark.parametrize(("answers", "place", "expected"), AFTER.values(), ids=AFTER)
def test_after_an_answer_comes_what_is_still_without_one(
    answers: Answers, place: Place, expected: Place | None
) -> None:
    stop = engine.stop_after(SPRING, (A, B), answers, place)
    assert (stop.place if stop else None) == expected


# --- how far ----------------------------------------------------------------------------------------------------------------------


def test_progress_counts_the_subjects_and_not_the_steps() -> None:
    initiatives, closing = SPRING.sections
    assert engine.progress(initiatives, A, (A, OTHER, B)) == engine.Progress(1, 2)
    assert engine.progress(initiatives, B, (A, OTHER, B)) == engine.Progress(2, 2)
    assert engine.progress(closing, WHOLE, (A, B)) == engine.Progress(0, 0)


PARTS: dict[str, tuple[Answers, tuple[int, int]]] = {
    "nothing answered": ({}, (3, 3)),
    "one healthy": (given((A, "status", "on_plan")), (2, 3)),
    "one delayed and not explained": (DELAYED, (3, 3)),
    "one explained": ({**SAID, **given((A, "way_forward", None))}, (2, 3)),
    "all": (given((A, "status", "on_plan"), (B, "status", "on_plan"), (WHOLE, "anything_else", None)), (0, 3)),
}


@pytest.mark.parametrize(("answers", "expected"), PARTS.values(), ids=PARTS)
def test_a_part_is_left_until_all_its_steps_are_answered(answers: Answers, expected: tuple[int, int]) -> None:
    assert engine.parts_left(SPRING, (A, B), answers) == expected


@pytest.mark.parametrize(("parts", "minutes"), [(0, 1), (1, 1), (2, 2), (4, 3), (8, 6), (61, 49)])
def test_minutes_are_whole_and_never_none(parts: int, minutes: int) -> None:
    assert engine.minutes(parts) == minutes
