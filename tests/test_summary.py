"""The one-page summary, as tables: what is worth talking about, the counts, and that every answer is in it exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dialogs.answers import People
from dialogs.engine import BOARD, GOAL, INITIATIVE, WHOLE, Answers, Place, Subject
from dialogs.library import Library, load
from dialogs.script import Attainment, Field, Kind, Role, Script, Section, Step, Wording
from dialogs.summary import Entry, GoalEntry, Summary, summarise
from tests.town import library

SPRING = library().models["dialogaftale"].scripts["spring"]


def subjects(count: int) -> tuple[Subject, ...]:
    return tuple(Subject(f"initiative-{number}", INITIATIVE, f"Indsats {number}") for number in range(1, count + 1))


def statuses(*said: str) -> Answers:
    return {Place(f"initiative-{number}", "status"): {"status": one} for number, one in enumerate(said, start=1)}


def said_of(number: int, step: str, **values: object) -> Answers:
    return {Place(f"initiative-{number}", step): values}


def summed(answers: Answers, before: Answers | None = None, count: int = 0) -> Summary:
    asked = count or max(
        (int(place.subject.rpartition("-")[2]) for place in answers if "-" in place.subject), default=0
    )
    return summarise(SPRING, subjects(asked), answers, before or {})


def numbers(entries: tuple[Entry, ...]) -> list[int]:
    return [int(entry.subject.id.rpartition("-")[2]) for entry in entries]


OTHERS: People = {"people": [7], "others": ""}
NEEDS = {"cause": "Noget", "involve": OTHERS}

POINTS: dict[str, tuple[Answers, Answers, list[int]]] = {
    "all is well": (statuses("on_plan", "completed", "not_started"), {}, []),
    "the delayed and the stopped, as asked": (statuses("on_plan", "stopped", "completed", "delayed"), {}, [2, 4]),
    "what changed fills up to three": (
        statuses("completed", "on_plan", "completed", "completed", "completed"),
        statuses("on_plan", "on_plan", "on_plan", "on_plan", "on_plan"),
        [1, 3, 4],
    ),
    "a concern before a change": (
        statuses("completed", "delayed", "completed", "completed"),
        statuses("on_plan", "on_plan", "on_plan", "on_plan"),
        [2, 1, 3],
    ),
    "three concerns leave no room for a change": (
        statuses("completed", "delayed", "delayed", "stopped"),
        statuses("on_plan", "delayed", "delayed", "stopped"),
        [2, 3, 4],
    ),
    "five concerns at most": (statuses(*["delayed"] * 8), {}, [1, 2, 3, 4, 5]),
    "the same as last time is no change": (statuses("on_plan"), statuses("on_plan"), []),
    "the first time is no change": (statuses("on_plan"), {}, []),
    "a concern that has ended is a change": (statuses("on_plan"), statuses("delayed"), [1]),
    "the same concern again is a concern": (statuses("delayed"), statuses("delayed"), [1]),
    "nothing is answered": ({}, {}, []),
}


@pytest.mark.parametrize(("answers", "before", "expected"), POINTS.values(), ids=POINTS)
def test_what_is_worth_talking_about(answers: Answers, before: Answers, expected: list[int]) -> None:
    page = summed(answers, before)
    assert numbers(page.points) == expected
    assert sorted(numbers(page.points) + numbers(page.rest)) == numbers(page.entries)


def with_help_asked_of_everyone(script: Script) -> Script:
    """The script of a municipality that asks who must be involved whatever the status is."""
    section, *rest = script.sections
    step = Step("help", (Field("whom", Kind.PEOPLE, Wording("Hvem?", "Who?"), optional=True, role=Role.INVOLVE),))
    return replace(script, sections=(replace(section, steps=(section.steps[0], step)), *rest))


def test_who_needs_others_comes_after_the_concerns_and_before_the_changes() -> None:
    answers = {
        **statuses("completed", "on_plan", "delayed", "on_plan"),
        **said_of(2, "help", whom=OTHERS),
        **said_of(4, "help", whom={"people": [], "others": "PPR"}),
        **said_of(1, "help"),
    }
    before = statuses("on_plan", "on_plan", "on_plan", "on_plan")
    page = summarise(with_help_asked_of_everyone(SPRING), subjects(4), answers, before)
    assert numbers(page.points) == [3, 2, 4]
    assert [entry.why for entry in page.points] == ["concern", "help", "help"]
    assert page.entries[0].why == "changed"


def test_help_asked_from_nobody_is_no_help() -> None:
    answers = {**statuses("on_plan"), **said_of(1, "help", whom={"people": [], "others": ""})}
    page = summarise(with_help_asked_of_everyone(SPRING), subjects(1), answers, {})
    assert page.points == ()


def test_sixty_delayed_indsatser_give_five_points_and_the_number_of_the_others() -> None:
    page = summed(statuses(*["delayed"] * 60))
    assert numbers(page.points) == [1, 2, 3, 4, 5]
    assert page.more_concerns == 55
    assert len(page.entries) == 60
    assert len(page.rest) == 55
    assert [(choice.id, number) for choice, number in page.counts] == [("delayed", 60)]


def test_counts_stand_in_the_order_the_choices_are_offered_and_leave_out_what_nobody_chose() -> None:
    page = summed(statuses("stopped", "on_plan", "on_plan", "delayed", "not_started"))
    assert [(choice.symbol, choice.id, number) for choice, number in page.counts] == [
        ("○", "not_started", 1),
        ("◐", "on_plan", 2),
        ("▲", "delayed", 1),
        ("■", "stopped", 1),
    ]


def test_everything_said_of_an_indsats_stands_in_its_entry() -> None:
    answers = {
        **statuses("delayed"),
        **said_of(1, "challenge", cause="Vakancer", remedy="En annonce", involve={"people": [7], "others": "PPR"}),
        **said_of(
            1,
            "way_forward",
            next="Jens tager det op",
            responsible={"people": [3], "others": ""},
            by_when="2027-05-01",
            new_deadline="2027-09-01",
        ),
    }
    (entry,) = summed(answers, statuses("delayed")).entries
    assert (entry.challenge, entry.remedy, entry.next) == ("Vakancer", "En annonce", "Jens tager det op")
    assert (entry.involve, entry.responsible) == (
        {"people": [7], "others": "PPR"},
        {"people": [3], "others": ""},
    )
    assert (entry.by_when, entry.deadline) == (date(2027, 5, 1), date(2027, 9, 1))
    assert entry.again
    assert entry.other == ()


AGAIN: dict[str, tuple[str, str, bool]] = {
    "delayed twice": ("delayed", "delayed", True),
    "delayed, then stopped": ("stopped", "delayed", False),
    "on plan twice": ("on_plan", "on_plan", False),
}


@pytest.mark.parametrize(("now", "then", "expected"), AGAIN.values(), ids=AGAIN)
def test_only_the_same_concern_is_again(now: str, then: str, *, expected: bool) -> None:
    (entry,) = summed(statuses(now), statuses(then)).entries
    assert entry.again is expected


def test_what_stands_off_the_route_is_not_in_the_summary() -> None:
    answers = {**statuses("on_plan"), **said_of(1, "challenge", **NEEDS), **said_of(1, "way_forward", next="Intet")}
    page = summed(answers)
    assert page.entries[0].challenge == ""
    assert page.entries[0].involve is None
    assert page.steps_agreed == ()


def test_an_indsats_nobody_answered_for_is_not_in_the_summary() -> None:
    assert numbers(summed(statuses("on_plan"), count=3).entries) == [1]


def test_the_remark_stands_by_itself() -> None:
    remark = {Place(WHOLE.id, "anything_else"): {"remark": "Normeringen efter sommerferien"}}
    assert summed({**statuses("on_plan"), **remark}).remark == "Normeringen efter sommerferien"
    assert summed({**statuses("on_plan"), Place(WHOLE.id, "anything_else"): {}}).remark == ""


def test_agreed_steps_are_those_with_something_that_happens_now() -> None:
    answers = {
        **statuses("delayed", "delayed"),
        **said_of(1, "challenge", cause="A"),
        **said_of(2, "challenge", cause="B"),
        **said_of(1, "way_forward"),
        **said_of(2, "way_forward", next="Et møde"),
    }
    assert numbers(summed(answers).steps_agreed) == [2]


# --- goals ------------------------------------------------------------------------------------------------------------------------

OUR_TESTS = load(Path(__file__).parent / "models")
assert isinstance(OUR_TESTS, Library), str(OUR_TESTS)
FOUND = OUR_TESTS.script("dialogaftale", "autumn")
assert FOUND
AUTUMN: Script = FOUND
BY_PERCENT = OUR_TESTS.script("dialogaftale", "autumn", "percent")
MIDYEAR = OUR_TESTS.script("institutionsaftale", "midyear")
YEAR = OUR_TESTS.script("institutionsaftale", "year")


def goals(count: int) -> tuple[Subject, ...]:
    return tuple(Subject(f"goal-{number}", GOAL, f"Mål {number}") for number in range(1, count + 1))


def goal_said(number: int, step: str, **values: object) -> Answers:
    return {Place(f"goal-{number}", step): values}


def judged(*said: str) -> Answers:
    return {Place(f"goal-{number}", "attainment"): {"attained": one} for number, one in enumerate(said, start=1)}


def of_autumn(answers: Answers, before: Answers | None = None) -> Summary:
    return summarise(AUTUMN, (*subjects(9), *goals(9)), answers, before or {})


def test_everything_said_of_a_goal_stands_in_its_entry() -> None:
    answers = {
        **goal_said(1, "reading", value="5.8", measured_on="2027-09-01", source="Løn"),
        **judged("partly"),
        **goal_said(1, "cause", cause="too_early", basis="Tre måneders tal"),
        **goal_said(
            1,
            "consequence",
            consequence="adjust",
            what="Flere samtaler",
            who={"people": [7], "others": ""},
            when="2028-01-01",
        ),
    }
    (entry,) = of_autumn(answers).goals
    assert (entry.reading, entry.reading_on, entry.reading_source) == (Decimal("5.8"), date(2027, 9, 1), "Løn")
    assert (entry.attained and entry.attained.id, entry.counts_as) == ("partly", Attainment.PARTLY)
    assert (entry.cause and entry.cause.id, entry.basis) == ("too_early", "Tre måneders tal")
    assert (entry.consequence and entry.consequence.id, entry.next) == ("adjust", "Flere samtaler")
    assert (entry.responsible, entry.by_when) == ({"people": [7], "others": ""}, date(2028, 1, 1))
    assert (entry.no_data, entry.next_reading, entry.skipped, entry.other) == ("", None, (), ())
    assert of_autumn(answers).entries == ()


def test_no_new_data_stand_with_their_reason_and_the_next_day() -> None:
    answers = {**goal_said(1, "reading"), **goal_said(1, "no_data", because="Ferie", next_reading_on="2027-12-01")}
    (entry,) = of_autumn(answers).goals
    assert (entry.reading, entry.no_data, entry.next_reading) == (None, "Ferie", date(2027, 12, 1))
    assert [pressed.da for pressed in entry.skipped] == ["Der er ingen nye data"]
    assert entry.counts_as is None, "nothing was judged yet"


def test_goals_are_counted_in_a_fixed_order_whatever_judged_them() -> None:
    counts = [("reached", 1), ("partly", 1), ("not_reached", 1), ("unknown", 2)]
    by_choice = of_autumn(judged("unknown", "not_reached", "reached", "unknown", "partly"))
    assert [(one.value, number) for one, number in by_choice.goal_counts] == counts
    assert BY_PERCENT
    numbers = (None, "0", "100", None, "99.5")
    answers = {
        Place(f"goal-{at}", "percent"): {"percent": said} if said else {} for at, said in enumerate(numbers, start=1)
    }
    by_number = summarise(BY_PERCENT, goals(5), answers, {})
    assert by_number.goal_counts == by_choice.goal_counts
    assert [entry.score for entry in by_number.goals] == [None, Decimal(0), Decimal(100), None, Decimal("99.5")]


def numbered(entries: Sequence[Entry | GoalEntry]) -> list[str]:
    return [entry.subject.id for entry in entries]


GOAL_POINTS: dict[str, tuple[Answers, Answers, list[str]]] = {
    "all are reached": (judged("reached", "reached", "unknown"), {}, []),
    "those not reached, then the delayed, then those reached in part": (
        {**judged("partly", "not_reached", "reached"), **statuses("delayed", "on_plan")},
        {},
        ["goal-2", "initiative-1", "goal-1"],
    ),
    "five in all": (
        {**judged("not_reached", "not_reached", "partly"), **statuses("delayed", "stopped", "delayed")},
        {},
        ["goal-1", "goal-2", "initiative-1", "initiative-2", "initiative-3"],
    ),
    "a goal that has been reached since last time fills up": (
        {**judged("reached", "reached"), **statuses("delayed")},
        judged("partly", "reached"),
        ["initiative-1", "goal-1"],
    ),
    "the first time is no change": (judged("reached"), {}, []),
}


@pytest.mark.parametrize(("answers", "before", "expected"), GOAL_POINTS.values(), ids=GOAL_POINTS)
def test_goals_and_initiatives_share_the_points(answers: Answers, before: Answers, expected: list[str]) -> None:
    page = of_autumn(answers, before)
    assert numbered(page.talk) == expected
    assert sorted([*numbered(page.points), *numbered(page.goal_points)]) == sorted(expected)
    assert sorted([*numbered(page.goal_points), *numbered(page.goals_rest)]) == sorted(numbered(page.goals))


def test_what_has_no_room_among_the_points_is_told_by_its_number() -> None:
    page = of_autumn({**judged(*["not_reached"] * 4, *["partly"] * 3), **statuses(*["delayed"] * 3)})
    assert (len(page.talk), page.more_goals, page.more_concerns) == (5, 3, 2)


def test_a_goal_that_is_off_course_half_way_is_worth_talking_about() -> None:
    assert MIDYEAR
    said = {**goal_said(1, "course", course="off_course"), **goal_said(1, "goal_challenge", goal_cause="Vakancer")}
    page = summarise(MIDYEAR, goals(2), {**said, **goal_said(2, "course", course="on_course")}, {})
    assert [(one.subject.id, one.why, one.challenge) for one in page.goal_points] == [("goal-1", "concern", "Vakancer")]
    assert page.goal_counts == ()


def test_the_economy_the_themes_and_the_board_are_told_by_what_they_are() -> None:
    assert YEAR
    board = Subject("board", BOARD, "Bestyrelsen")
    answers = {
        Place(WHOLE.id, "economy"): {"budget": "1250000", "expected": "1300000", "budget_holds": "budget_over"},
        Place(WHOLE.id, "deviation"): {"deviation": "50000", "deviation_cause": "Vikarer", "deviation_remedy": "Færre"},
        Place(WHOLE.id, "themes"): {"themes": "Trivsel"},
        Place(board.id, "board"): {"board": "discussed"},
    }
    page = summarise(YEAR, (board,), answers, {})
    economy = page.said_as(Role.BUDGET, Role.EXPECTED, Role.DEVIATION, Role.DEVIATION_CAUSE, Role.DEVIATION_REMEDY)
    assert [value for _, value in economy] == ["1250000", "1300000", "50000", "Vikarer", "Færre"]
    assert [value for _, value in page.said_as(Role.THEME)] == ["Trivsel"]
    assert [value for _, value in page.said_as(Role.BOARD)] == ["discussed"]
    assert len(page.closing) == 8, "what no role speaks for is there too"
    assert (page.entries, page.goals) == ((), ())


# --- every answer exactly once ----------------------------------------------------------------------------------------------------


def text(field: str, role: Role | None = None) -> Field:
    return Field(field, Kind.TEXT, Wording(f"{field}?", f"{field}?"), role=role, optional=True)


OWN = Script(
    "own",
    Wording("Egen", "Own"),
    (
        Section(
            "initiatives",
            (
                SPRING.sections[0].steps[0],
                Step("a", (text("cause", Role.CHALLENGE), text("again", Role.CHALLENGE), text("local"))),
                Step("b", (text("next", Role.NEXT), text("remark_here", Role.REMARK))),
            ),
            each=INITIATIVE,
        ),
        Section("end", (Step("c", (text("economy"), text("remark", Role.REMARK), text("more", Role.REMARK))),)),
    ),
)
SAID: Answers = {
    Place("initiative-1", "status"): {"status": "delayed"},
    Place("initiative-1", "a"): {"cause": "svar-1", "again": "svar-2", "local": "svar-3"},
    Place("initiative-1", "b"): {"next": "svar-4", "remark_here": "svar-5"},
    Place("initiative-2", "status"): {"status": "on_plan"},
    Place("initiative-2", "a"): {"local": "svar-6"},
    Place(WHOLE.id, "c"): {"economy": "svar-7", "remark": "svar-8", "more": "svar-9"},
}


def told(page: Summary) -> list[str]:
    """Every text in the summary, once for each time it is there."""
    values: list[object] = [page.remark, *(value for _, value in page.closing)]
    for entry in page.entries:
        values += [entry.challenge, entry.remedy, entry.next, *(value for _, value in entry.other)]
    return sorted(word for value in values for word in str(value).split())


def test_every_answer_is_in_the_summary_exactly_once_whatever_roles_the_fields_have() -> None:
    page = summarise(OWN, subjects(2), SAID, {})
    assert told(page) == [f"svar-{number}" for number in range(1, 10)]
    assert page.entries[0].challenge == "svar-1", "a role speaks for the first field that has it"
    assert [field.id for field, _ in page.entries[0].other] == ["again", "local", "remark_here"]
    assert page.remark == "svar-8\nsvar-9"
    assert [field.id for field, _ in page.closing] == ["economy"]


def test_values_the_script_asks_no_longer_are_left_out() -> None:
    extra: Mapping[str, object] = {"status": "on_plan", "gone": "svar-10"}
    page = summarise(OWN, subjects(1), {Place("initiative-1", "status"): extra}, {})
    assert told(page) == []


def test_a_choice_that_is_offered_no_more_counts_as_no_status() -> None:
    page = summed(statuses("asleep", "on_plan"))
    assert [(choice.id, number) for choice, number in page.counts] == [("on_plan", 1)]
    assert page.entries[0].status is None
    assert page.entries[0].why == "none"
