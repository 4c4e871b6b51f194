"""Who is told what on which day, as tables: working days, Easter, clock changes, absences, cadence, changes of leader; never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialogs import nudges
from dialogs.nudges import Asked, Cadence, Delegated, Facts, Item, Recipient, Talk, Task, What
from dialogs.rounds import NO_DAYS_OFF, is_working_day
from dialogs.script import DaysOff, Reminders, SchoolHoliday, Wording, YearDay

DENMARK = ZoneInfo("Europe/Copenhagen")
USUAL = Reminders()
OPENS, DUE = date(2027, 3, 4), date(2027, 4, 1)
METTE, JENS, KAREN, DORA = 1, 2, 3, 4
SOLSIKKEN, MAANEN = 11, 12


def march(day: int) -> date:
    return date(2027, 3, day)


def april(day: int) -> date:
    return date(2027, 4, day)


# --- the days -------------------------------------------------------------------------------------------------------------------------

WINTER = DaysOff(school=(SchoolHoliday(Wording("Ferie", "Holiday"), date(2027, 2, 15), date(2027, 2, 19)),))
MARCH = DaysOff(school=(SchoolHoliday(Wording("Ferie", "Holiday"), date(2027, 3, 15), date(2027, 3, 31)),))
APRIL = DaysOff(school=(SchoolHoliday(Wording("Ferie", "Holiday"), date(2027, 4, 2), date(2027, 4, 16)),))
STEPS: dict[str, tuple[date, date, Reminders, DaysOff, list[date]]] = {
    "a Thursday after Easter, 25-29 March off": (
        OPENS, DUE, USUAL, NO_DAYS_OFF, [OPENS, march(18), march(24), march(30), april(5)],
    ),
    "Easter Sunday 2029: due on Wednesday 28 March": (
        date(2029, 3, 5), date(2029, 3, 28), USUAL, NO_DAYS_OFF,
        [date(2029, 3, 5), date(2029, 3, 14), date(2029, 3, 21), date(2029, 3, 26), date(2029, 4, 3)],
    ),
    "what would be before it opened is left out": (
        date(2027, 5, 17) + timedelta(days=1), date(2027, 5, 28), USUAL, NO_DAYS_OFF,
        [date(2027, 5, 18), date(2027, 5, 21), date(2027, 5, 26), date(2027, 5, 31)],
    ),
    "two that roll back to the same day are one": (
        date(2027, 3, 1), date(2027, 3, 31), Reminders(before=(6, 3), after=None), NO_DAYS_OFF,
        [date(2027, 3, 1), march(24)],
    ),
    "a school holiday": (
        date(2027, 2, 1), date(2027, 2, 26), USUAL, WINTER,
        [date(2027, 2, 1), date(2027, 2, 12), date(2027, 2, 24), date(2027, 3, 1)],
    ),
    "a long school holiday up to the deadline: the last one comes after it": (
        OPENS, DUE, USUAL, MARCH, [OPENS, march(12), DUE, april(5)],
    ),
    "a day off of the municipality's own": (
        OPENS, DUE, USUAL, DaysOff(yearly=(YearDay(3, 18), YearDay(4, 5))),
        [OPENS, march(17), march(24), march(30), april(6)],
    ),
    "a model that only invites": (
        OPENS, DUE, Reminders(before=(), after=None), NO_DAYS_OFF, [OPENS],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("opens", "due", "reminders", "off", "days"), STEPS.values(), ids=STEPS)
def test_what_is_before_the_deadline_rolls_back_and_what_is_after_it_forward(
    opens: date, due: date, reminders: Reminders, off: DaysOff, days: list[date]
) -> None:
    assert [one.day for one in nudges.steps_of(opens, due, reminders, off)] == days


@pytest.mark.parametrize(("off", "day"), [(NO_DAYS_OFF, april(6)), (APRIL, april(21))])
def test_who_is_missing_is_told_on_another_day_than_they_are_reminded(off: DaysOff, day: date) -> None:
    missing = nudges.missing_step(OPENS, DUE, USUAL, off)
    assert missing is not None
    assert missing.day == day
    assert nudges.missing_step(OPENS, DUE, replace(USUAL, digest=None), off) is None


@pytest.mark.parametrize("year", range(2027, 2037))
def test_every_step_is_on_a_working_day_in_order_and_none_twice(year: int) -> None:
    for due in (date(year, 4, 1), date(year, 10, 1), date(year, 6, 10), date(year, 1, 31)):
        days = [one.day for one in nudges.steps_of(due - timedelta(days=28), due, USUAL, NO_DAYS_OFF)]
        assert days == sorted(set(days))
        assert all(map(is_working_day, days))


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence.NORMAL, [28, 14, 7, 2, -3]),
        (Cadence.LIGHT, [28, 7, -3]),
        (Cadence.OFF, []),
    ],
)
def test_fewer_is_once_before_the_deadline_and_once_after(cadence: Cadence, days: list[int]) -> None:
    steps = nudges.steps_of(OPENS, DUE, USUAL, NO_DAYS_OFF)
    assert [one.days for one in nudges.lighter(steps, cadence, USUAL)] == days


@pytest.mark.parametrize(
    ("day", "eight"),
    [
        (date(2027, 3, 26), 7),
        (date(2027, 3, 30), 6),  # summer time began on the 28th
        (date(2027, 10, 29), 6),
        (date(2027, 11, 1), 7),  # winter time began on the 31st
    ],
)
def test_eight_is_eight_on_either_side_of_a_clock_change(day: date, eight: int) -> None:
    first, last = nudges.hours(day, DENMARK)
    assert first.astimezone(UTC) == datetime(day.year, day.month, day.day, eight, tzinfo=UTC)
    assert last - first == timedelta(hours=8)


def test_eight_is_the_persons_own_eight() -> None:
    first, _ = nudges.hours(march(18), ZoneInfo("America/Nuuk"))
    assert first.astimezone(UTC).hour in {10, 11}


@pytest.mark.parametrize(
    ("day", "off", "expected"),
    [
        (march(18), NO_DAYS_OFF, True),
        (march(20), NO_DAYS_OFF, False),
        (march(25), NO_DAYS_OFF, False),
        (date(2027, 2, 16), WINTER, False),
        (date(2027, 2, 16), NO_DAYS_OFF, True),
        (date(2027, 12, 24), DaysOff(yearly=(YearDay(12, 24),)), False),
    ],
)
def test_nothing_is_sent_on_days_off_nor_in_a_school_holiday(day: date, off: DaysOff, *, expected: bool) -> None:
    assert nudges.is_sending_day(day, off) is expected


# --- who is told ------------------------------------------------------------------------------------------------------------------------


def talk(number: int = SOLSIKKEN, *asked: Asked, **known: object) -> Talk:
    plain = Talk(number, OPENS, DUE, asked=asked or (Asked(METTE),), nearest=(JENS,))
    return replace(plain, **known)  # type: ignore[arg-type]


def facts(day: date, *talks: Talk, told: frozenset[str] = frozenset(), **told_on: date | None) -> Facts:
    """What is true on a day, to people who were last told something on some days: METTE=march(4)."""
    numbers = {"METTE": METTE, "JENS": JENS, "KAREN": KAREN, "DORA": DORA}
    people = {number: Recipient(number, told_on=told_on.get(name)) for name, number in numbers.items()}
    return Facts(day, people, talks, told=told)


def told(given: Facts) -> dict[int, list[tuple[What, int]]]:
    return {one.person: [(item.what, item.about) for item in one.items] for one in nudges.messages(given)}


INVITED = frozenset({f"invited:{SOLSIKKEN}:{METTE}", f"invited:{MAANEN}:{METTE}"})


def test_the_leader_is_invited_when_the_round_opens() -> None:
    assert told(facts(OPENS, talk())) == {METTE: [(What.INVITATION, SOLSIKKEN)]}
    assert told(facts(OPENS - timedelta(days=1))) == {}


def test_rounds_that_open_on_one_day_are_one_message() -> None:
    given = facts(OPENS, talk(SOLSIKKEN), talk(MAANEN))
    assert told(given) == {METTE: [(What.INVITATION, SOLSIKKEN), (What.INVITATION, MAANEN)]}


@pytest.mark.parametrize(
    ("day", "last_told", "expected"),
    [
        (march(17), OPENS, []),
        (march(18), OPENS, [What.BEFORE]),
        (march(18), march(18), []),
        (march(19), march(18), []),
        (march(23), march(18), []),
        (march(24), march(18), [What.BEFORE]),
        (march(30), march(24), [What.BEFORE]),
        (april(2), march(30), []),
        (april(5), march(30), [What.AFTER]),
        (april(6), april(5), []),
        (date(2027, 5, 20), april(5), []),
    ],
)
def test_the_reminders_come_on_their_days_and_once(day: date, last_told: date, expected: list[What]) -> None:
    given = facts(day, talk(nearest=()), told=INVITED, METTE=last_told)
    assert [what for what, _ in told(given).get(METTE, [])] == expected


def test_a_machine_that_slept_through_three_steps_sends_one_message() -> None:
    given = facts(march(31), talk(nearest=()), told=INVITED, METTE=OPENS)
    assert told(given) == {METTE: [(What.BEFORE, SOLSIKKEN)]}
    (message,) = nudges.messages(given)
    assert message.items[0].step.days == 2, "the latest"


def test_one_message_gathers_what_else_is_waiting_though_it_is_not_new() -> None:
    later = talk(MAANEN, opens_on=march(15), due_on=april(30))
    given = facts(march(15), talk(), later, told=frozenset({f"invited:{SOLSIKKEN}:{METTE}"}), METTE=OPENS)
    assert told(given) == {METTE: [(What.INVITATION, SOLSIKKEN), (What.INVITATION, MAANEN)]}
    assert {one.about: one.is_fresh for one in nudges.messages(given)[0].items} == {SOLSIKKEN: False, MAANEN: True}


def test_what_is_sent_is_never_mentioned() -> None:
    given = facts(march(18), talk(sent_on=march(17)), told=INVITED, METTE=OPENS)
    assert told(given) == {}


@pytest.mark.parametrize("day", [march(20), march(21), march(25), march(29)])
def test_nobody_is_told_anything_at_the_weekend_or_on_a_holiday(day: date) -> None:
    assert told(facts(day, talk())) == {}


def test_nobody_is_told_anything_while_away_and_once_when_back() -> None:
    given = facts(march(18), talk(nearest=()), told=INVITED, METTE=OPENS)
    away = replace(given, people={**given.people, METTE: Recipient(METTE, is_away=True, told_on=OPENS)})
    assert told(away) == {}
    back = facts(march(22), talk(nearest=()), told=INVITED, METTE=OPENS)
    assert told(back) == {METTE: [(What.BEFORE, SOLSIKKEN)]}


def test_who_wants_no_reminders_is_invited_all_the_same() -> None:
    nobody = {METTE: Recipient(METTE, Cadence.OFF)}
    given = replace(facts(OPENS, talk()), people=nobody)
    assert told(given) == {METTE: [(What.INVITATION, SOLSIKKEN)]}
    later = replace(facts(march(30), talk(), told=INVITED), people=nobody)
    assert told(later) == {}


def test_an_invitation_is_not_lost_because_something_else_was_told_that_day() -> None:
    given = facts(march(10), talk(), METTE=march(10))
    assert told(given) == {METTE: [(What.INVITATION, SOLSIKKEN)]}


# --- who answers, and who is above -----------------------------------------------------------------------------------------------------


def test_a_stand_in_who_has_it_until_the_deadline_is_told_at_once() -> None:
    given = facts(march(15), talk(SOLSIKKEN, Asked(DORA, march(15), april(2))))
    assert told(given) == {DORA: [(What.HANDED, SOLSIKKEN)]}
    handed = frozenset({f"handed:{SOLSIKKEN}:{DORA}"})
    again = facts(march(16), talk(SOLSIKKEN, Asked(DORA, march(15), april(2))), told=handed, DORA=march(15))
    assert told(again) == {}


def test_a_stand_in_for_some_days_is_told_what_falls_in_them_and_nothing_else() -> None:
    asked = Asked(DORA, march(17), march(19))
    assert told(facts(march(17), talk(SOLSIKKEN, asked))) == {}
    assert told(facts(march(18), talk(SOLSIKKEN, asked))) == {DORA: [(What.BEFORE, SOLSIKKEN)]}


def test_a_new_leader_is_told_that_it_is_theirs_and_the_old_one_that_it_is_handed_over() -> None:
    given = facts(march(15), talk(SOLSIKKEN, Asked(DORA, march(15)), formerly=(METTE,)), METTE=OPENS)
    assert told(given) == {METTE: [(What.HANDED_OVER, SOLSIKKEN)], DORA: [(What.HANDED, SOLSIKKEN)]}
    keys = frozenset(item.key for one in nudges.messages(given) for item in one.items)
    after = facts(march(16), talk(SOLSIKKEN, Asked(DORA, march(15)), formerly=(METTE,)), told=keys, DORA=march(15))
    assert told(after) == {}
    reminded = facts(march(18), talk(SOLSIKKEN, Asked(DORA, march(15)), formerly=(METTE,)), told=keys, DORA=march(15))
    assert told(reminded) == {DORA: [(What.BEFORE, SOLSIKKEN)]}


def test_the_nearest_leader_is_told_once_that_nobody_can_answer() -> None:
    empty = replace(talk(), asked=(), is_vacant=True)
    assert told(facts(march(10), empty)) == {JENS: [(What.VACANT, SOLSIKKEN)]}
    assert told(facts(march(11), empty, told=frozenset({f"vacancy:{SOLSIKKEN}:{JENS}"}))) == {}
    again = replace(empty, vacant_since=march(11))
    assert told(facts(march(11), again, told=frozenset({f"vacancy:{SOLSIKKEN}:{JENS}"}))) != {}


def test_the_nearest_leader_alone_is_told_five_days_after_who_is_missing() -> None:
    both = (talk(SOLSIKKEN), talk(MAANEN), talk(13, sent_on=march(30), is_replied=True))
    given = facts(april(6), *both, told=INVITED, METTE=april(5))
    assert told(given) == {JENS: [(What.MISSING, SOLSIKKEN), (What.MISSING, MAANEN)]}
    assert told(facts(april(5), *both, told=INVITED, METTE=april(5))) == {}
    assert told(facts(april(7), *both, told=INVITED, METTE=april(5), JENS=april(6))) == {}


@pytest.mark.parametrize(
    ("day", "last_told", "expected"),
    [
        (march(16), None, {}),
        (march(17), None, {JENS: [(What.REPLY, SOLSIKKEN)]}),
        (march(18), march(17), {}),
        (march(24), march(17), {JENS: [(What.REPLY, SOLSIKKEN)]}),
        (march(30), march(24), {}),
    ],
)
def test_a_summary_without_a_reply_is_told_after_a_week_and_after_two(
    day: date, last_told: date | None, expected: dict[int, list[tuple[What, int]]]
) -> None:
    assert told(facts(day, talk(sent_on=march(10)), JENS=last_told)) == expected
    assert told(facts(day, talk(sent_on=march(10), is_replied=True), JENS=last_told)) == {}


@pytest.mark.parametrize(
    ("day", "last_told", "is_told"),
    [
        (OPENS, None, False),
        (march(5), None, False),
        (march(8), None, True),
        (march(9), march(8), False),
        (march(9), OPENS, True),  # they were away on Monday
        (march(29), march(22), False),
        (march(30), march(22), True),  # Monday was Easter Monday
        (april(12), april(5), False),
    ],
)
def test_the_overview_comes_on_the_first_working_day_of_a_week_in_an_open_round(
    day: date, last_told: date | None, *, is_told: bool
) -> None:
    given = facts(day, talk(SOLSIKKEN, nearest=(), readers=(KAREN,)), told=INVITED, METTE=day, KAREN=last_told)
    assert told(given) == ({KAREN: [(What.OVERVIEW, SOLSIKKEN)]} if is_told else {})


# --- what falls due ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "last_told", "is_told"),
    [
        (date(2027, 5, 6), None, False),
        (date(2027, 5, 7), None, True),
        (date(2027, 5, 10), date(2027, 5, 7), False),
        (date(2027, 5, 14), date(2027, 5, 7), True),
        (date(2027, 5, 18), date(2027, 5, 14), False),
    ],
)
def test_an_action_is_told_a_week_before_and_on_the_day(day: date, last_told: date | None, *, is_told: bool) -> None:
    action = Task(5, METTE, date(2027, 5, 14), april(1))
    given = replace(facts(day, METTE=last_told), tasks=(action,))
    assert told(given) == ({METTE: [(What.ACTION, 5)]} if is_told else {})


def test_who_was_asked_to_answer_is_reminded_two_days_before_unless_they_were_asked_after_that() -> None:
    asked = Delegated(7, DORA, SOLSIKKEN, march(10), DUE)
    assert told(replace(facts(march(29)), delegated=(asked,))) == {}
    assert told(replace(facts(march(30)), delegated=(asked,))) == {DORA: [(What.DELEGATED, 7)]}
    late = replace(asked, asked_on=march(30))
    assert told(replace(facts(march(31)), delegated=(late,))) == {}


def test_what_somebody_asks_to_hear_again_is_everything_that_waits() -> None:
    given = facts(march(19), talk(nearest=()), told=INVITED, METTE=march(18))
    assert nudges.message_for(given, METTE) is None
    again = nudges.message_for(given, METTE, asked_for=True)
    assert again is not None
    assert [(one.what, one.about) for one in again.items] == [(What.BEFORE, SOLSIKKEN)]
    done = facts(march(19), talk(sent_on=march(18)), told=INVITED, METTE=march(18))
    assert nudges.message_for(done, METTE, asked_for=True) is None


# --- whatever happens ---------------------------------------------------------------------------------------------------------------------


def played(days: int, *talks: Talk) -> list[tuple[date, int, tuple[Item, ...]]]:
    """Every message of some days from the opening on, each taken as told."""
    last_told: dict[int, date] = {}
    keys: frozenset[str] = frozenset()
    sent = []
    for number in range(days):
        day = OPENS + timedelta(days=number)
        people = {one: Recipient(one, told_on=last_told.get(one)) for one in (METTE, JENS, KAREN, DORA)}
        for message in nudges.messages(Facts(day, people, talks, told=keys)):
            sent.append((day, message.person, message.items))
            last_told[message.person] = day
            keys |= {item.key for item in message.items if item.key}
    return sent


def test_a_whole_round_that_nobody_answers() -> None:
    sent = played(120, talk(SOLSIKKEN, readers=(KAREN,)))
    assert [day for day, person, _ in sent if person == METTE] == [OPENS, march(18), march(24), march(30), april(5)]
    assert [day for day, person, _ in sent if person == JENS] == [april(6)]
    weeks = [day for day, person, _ in sent if person == KAREN]
    assert weeks == [march(8), march(15), march(22), march(30), april(5)]
    assert len({(day, person) for day, person, _ in sent}) == len(sent)
