"""From what people type and pick to values, as tables: CPR numbers, dates, people, choices, limits, and what is carried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.answers import (
    People,
    Problem,
    Raw,
    as_day,
    as_inputs,
    as_number,
    as_people,
    carried,
    clean,
    looks_like_cpr,
    parse_date,
    read_step,
)
from dialogs.numbers import NotRead, as_typed, canonical, read_number
from dialogs.script import Choice, Field, Kind, Step, Wording

TODAY = date(2027, 3, 10)
KNOWN = frozenset({3, 7, 12})


def words(text: str) -> Wording:
    return Wording(text, text)


# --- CPR numbers ------------------------------------------------------------------------------------------------------------------

CPR = [
    "010115-1234",
    "0101151234",
    "010115 1234",
    "010115 - 1234",
    "010115–1234",
    "010115—1234",
    "010115−1234",
    "010115‐1234",
    "010115‑1234",
    "010115/1234",
    "010115.1234",
    "01.01.15-1234",
    "01 01 15 1234",
    "01-01-15-1234",
    "01/01/15-1234",
    "010115\u00a01234",
    "010115\n1234",
    "010115\t1234",
    "0101\u200b15-12\u200d34",
    "010115\u00ad-1234",
    "\u202a010115-1234\u202c",
    "０１０１１５-１２３４",
    "٠١٠١١٥-١٢٣٤",
    "610115-1234",
    "910115-1234",
    "311299-9999",
    "290204-4321",
    "Barnet (010115-1234) er flyttet",
    "cpr:010115-1234.",
    "CPR010115-1234",
    "»010115-1234«",
    "1 010115-1234",
    "Mål 3: 2 børn, 010115-1234 og 020216-4321",
    "010115-1234-",
    "nr.010115-1234",
    "Ring til mor på 87 65 43 21 010115-1234",
    "kl. 14 30 010115-1234",
    "stue 15 20 010115 1234",
    "01012015-1234",
    "01. 01. 15 - 1234",
    "010115  -  1234",
]


@pytest.mark.parametrize("text", CPR, ids=ascii)
def test_a_cpr_number_is_recognised_however_it_is_written(text: str) -> None:
    assert looks_like_cpr(text)


NO_CPR = [
    "",
    "ring 87 65 43 21",
    "+45 87 65 43 21",
    "+4587654321",
    "0045 87654321",
    "87654321",
    "87 65 43 21, lokal 1234",
    "CVR 29189846",
    "CVR-nr. 29 18 98 46",
    "P-nummer 1003256789",
    "P-nr.: 1003256789",
    "1019256789",  # there is no month 19
    "EAN 5798004206252",
    "EAN 5798 0042 06252",
    "01-01-2027",
    "31.12.2027",
    "2027-04-01",
    "20270401",
    "1. april 2027 kl. 14.30",
    "1/4-2027",
    "2026-2027-2028",
    "fra 01.01.2027 til 31.12.2028",
    "01.04.2027-30.09.2027",
    "kr. 1.250.000",
    "1.250.000,00 kr.",
    "kr. 10.250.000.000",
    "4,9 %",
    "Sag 27.00.00-A00-12-26",
    "sag nr. 27.36.00-G01-7-27",
    "00.16.00-P35-2-26",
    "Journalnr. 2026-012345",
    "2026-0101151",
    "Dok. 123456-26",
    "D2026-123456",
    "EMN-2026-01234",
    "010115-123",
    "010115-12345",
    "10101151234",
    "01011512345",
    "000115-1234",
    "320115-1234",
    "011315-1234",
    "010015-1234",
    "600115-1234",
    "920115-1234",
    "010115x1234",
    "010115 og 1234 andre",
    "Matr. 12a, 4567 Byen",
    "DK50 0040 0440 1162 43",
    "reg. 1551 konto 9876543210",
    "12 børn, 15 voksne og 1234 timer",
    "Klokken 08.30-16.00",
    "55.6761, 12.5683",
    "4 + 3 + 7",
]


@pytest.mark.parametrize("text", NO_CPR, ids=ascii)
def test_other_numbers_are_not_taken_for_a_cpr_number(text: str) -> None:
    assert not looks_like_cpr(text)


# --- dates ------------------------------------------------------------------------------------------------------------------------

DATES: dict[str, date | None] = {
    "2027-09-01": date(2027, 9, 1),
    "2027-9-1": date(2027, 9, 1),
    "1-9-2027": date(2027, 9, 1),
    "01-09-2027": date(2027, 9, 1),
    "1.9.2027": date(2027, 9, 1),
    "1. 9. 2027": date(2027, 9, 1),
    "1/9-2027": date(2027, 9, 1),
    "1/9/2027": date(2027, 9, 1),
    "1/9 2027": date(2027, 9, 1),
    "01 09 2027": date(2027, 9, 1),
    "1/9-27": date(2027, 9, 1),
    "31-12-27": date(2027, 12, 31),
    "  1-9-2027  ": date(2027, 9, 1),
    "1. september 2027": date(2027, 9, 1),
    "1 september 2027": date(2027, 9, 1),
    "1.september 2027": date(2027, 9, 1),
    "1. September, 2027": date(2027, 9, 1),
    "1. SEP 2027": date(2027, 9, 1),
    "1. sept. 2027": date(2027, 9, 1),
    "den 1. september 2027": date(2027, 9, 1),
    "d. 1. september 2027": date(2027, 9, 1),
    "d 1 sep 2027": date(2027, 9, 1),
    "15. maj": date(2027, 5, 15),
    "15 may": date(2027, 5, 15),
    "1. marts": date(2028, 3, 1),
    "10. marts": date(2027, 3, 10),
    "11. marts": date(2027, 3, 11),
    "1. januar": date(2028, 1, 1),
    "24. dec": date(2027, 12, 24),
    "1 october 2027": date(2027, 10, 1),
    "1. oktober 2027": date(2027, 10, 1),
    "29. februar 2028": date(2028, 2, 29),
    "29. februar 2027": None,
    "29-02-2027": None,
    "31-11-2027": None,
    "0-9-2027": None,
    "1-13-2027": None,
    "32. maj": None,
    "2027-13-01": None,
    "2027": None,
    "september": None,
    "september 2027": None,
    "1. snart 2027": None,
    "næste uge": None,
    "i morgen": None,
    "1-9": None,
    "1-9-20277": None,
    "1-9-127": None,
    "uge 40": None,
    "1. september 2027 eller senere": None,
    "": None,
}


@pytest.mark.parametrize(("text", "expected"), DATES.items(), ids=ascii)
def test_days_are_read_as_danes_write_them(text: str, expected: date | None) -> None:
    assert parse_date(text, TODAY) == expected


# --- numbers and amounts ------------------------------------------------------------------------------------------------------------

NUMBERS = {
    "12,5": "12.5",
    "1.200": "1200",
    "1.200,5": "1200.5",
    "1.234.567": "1234567",
    "1 200": "1200",
    "1\u00a0200": "1200",
    "1\u202f200,25": "1200.25",
    "4,9 %": "4.9",
    "4,9%": "4.9",
    "4,9 pct.": "4.9",
    "5 procent": "5",
    "-3": "-3",
    "−3": "-3",
    "– 3,5": "-3.5",
    "0": "0",
    "-0": "0",
    "0,0": "0",
    "007": "7",
    "12,50": "12.5",
    "100": "100",
    "１２,５": "12.5",
    "3 kr.": "3",
    "1,200": "1.2",
    "0,125": "0.125",
    "999999999999999": "999999999999999",
}
NO_NUMBERS = {
    "1.2": "number_point",
    "0.125": "number_point",
    "12.3456": "number_point",
    "4.9 %": "number_point",
    "-1.5": "number_point",
    "5-10": "number_two",
    "5 10": "number_two",
    "3 og 4": "number_two",
    "4,9 % i 2027": "number_two",
    "mange": "number",
    "12 børn": "number",
    "ca. 12": "number",
    "1e5": "number",
    "0x1F": "number",
    "1_000": "number",
    "1,200.5": "number",
    "1.20.000": "number",
    "1.200 500": "number_two",
    "12,": "number",
    "%": "number",
    "-": "number",
    "½": "number",
    "5²": "number",
    "١٢": "number",
    "1 mio.": "number",
    "9999999999999999": "number_long",
    "1" + ",0" * 30: "number_long",
    "x" * 3000: "number_long",
}
AMOUNTS = {
    "1.250.000 kr.": "1250000",
    "kr. 1.250.000": "1250000",
    "KR 1250000": "1250000",
    "1.250.000,-": "1250000",
    "49,50": "49.5",
    "1,2 mio.": "1200000",
    "1,2 mio. kr.": "1200000",
    "kr. 1,2 mio": "1200000",
    "1 million": "1000000",
    "12 millioner kroner": "12000000",
    "1.200 t.kr.": "1200000",
    "1200 tkr.": "1200000",
    "3 tusind kr.": "3000",
    "1,5 mia.": "1500000000",
    "1,234567 mio.": "1234567",
    "-250.000": "-250000",
    "kr. −3": "-3",
    "DKK 3.000": "3000",
}
NO_AMOUNTS = {
    "1.2 mio.": "number_point",
    "49,505": "amount_decimals",
    "1,234567891 mio.": "amount_decimals",
    "1 mio. og 2 mio.": "number_two",
    "4 %": "number",
    "en million": "number",
    "mio.": "number",
    "10 euro": "number",
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.items(), ids=ascii)
def test_numbers_are_read_as_danes_write_them(text: str, expected: str) -> None:
    number = read_number(text)
    assert isinstance(number, Decimal)
    assert canonical(number) == expected
    assert read_number(as_typed(expected)) == number, "what is kept can be typed again"


@pytest.mark.parametrize(("text", "expected"), AMOUNTS.items(), ids=ascii)
def test_amounts_are_read_in_kroner(text: str, expected: str) -> None:
    number = read_number(text, amount=True)
    assert isinstance(number, Decimal)
    assert canonical(number) == expected
    assert read_number(as_typed(expected), amount=True) == number


@pytest.mark.parametrize(("text", "key"), NO_NUMBERS.items(), ids=lambda text: ascii(text)[:20])
def test_what_is_no_number_is_refused_with_its_reason(text: str, key: str) -> None:
    refused = read_number(text)
    assert isinstance(refused, NotRead)
    assert refused.key == key
    if refused.meant:
        assert isinstance(read_number(refused.meant), Decimal), "what is suggested can be typed"


@pytest.mark.parametrize(("text", "key"), NO_AMOUNTS.items(), ids=ascii)
def test_what_is_no_amount_is_refused_with_its_reason(text: str, key: str) -> None:
    refused = read_number(text, amount=True)
    assert isinstance(refused, NotRead)
    assert refused.key == key


@given(text=st.text(max_size=45) | st.text("0123456789.,- krmio%", max_size=20), amount=st.booleans())
def test_any_text_is_a_number_that_is_read_again_or_a_refusal(text: str, *, amount: bool) -> None:
    number = read_number(text, amount=amount)
    if isinstance(number, Decimal):
        assert read_number(as_typed(canonical(number)), amount=amount) == number
    else:
        assert number.key in {"number", "number_point", "number_two", "number_long", "amount_decimals"}


@pytest.mark.parametrize("kept", [None, 12, "", "tolv", "NaN", "Infinity", ["12"]])
def test_a_kept_value_that_is_no_number_reads_as_none(kept: object) -> None:
    assert as_number(kept) is None
    assert as_number("12.5") == Decimal("12.5")


# --- reading a step's fields --------------------------------------------------------------------------------------------------------

STATUS = Field("status", Kind.CHOICE, words("?"), choices=tuple(Choice(one, words(one)) for one in ("fine", "late")))
CAUSE = Field("cause", Kind.TEXT, words("?"), limit=20)
NOTE = Field("note", Kind.TEXT, words("?"), optional=True)
WHEN = Field("when", Kind.DATE, words("?"), optional=True)
WHO = Field("who", Kind.PEOPLE, words("?"), optional=True)
VALUE = Field("value", Kind.NUMBER, words("?"))
SHARE = Field("share", Kind.NUMBER, words("?"), least=Decimal(0), most=Decimal("99.5"))
BUDGET = Field("budget", Kind.AMOUNT, words("?"))
MEASURED = Field("measured", Kind.DATE, words("?"), past=True)


READ: dict[str, tuple[Field, Mapping[str, Raw], object]] = {
    "a choice": (STATUS, {"status": "late"}, "late"),
    "a choice that is not offered": (STATUS, {"status": "asleep"}, Problem("choice")),
    "a choice by its label in other letters": (STATUS, {"status": "LATE"}, Problem("choice")),
    "no choice": (STATUS, {}, Problem("choice")),
    "a choice with blanks about it": (STATUS, {"status": " fine "}, "fine"),
    "a choice picked from a list": (STATUS, {"status": ("fine",)}, "fine"),
    "a text": (CAUSE, {"cause": "To skoler"}, "To skoler"),
    "a text of blanks": (CAUSE, {"cause": " \n\t "}, Problem("required")),
    "an optional text left empty": (NOTE, {"note": ""}, None),
    "an optional text not given": (NOTE, {}, None),
    "as long as it may be": (CAUSE, {"cause": "x" * 20}, "x" * 20),
    "one too long": (CAUSE, {"cause": "x" * 21}, Problem("too_long", {"limit": 20, "over": 1})),
    "blank ends do not count": (CAUSE, {"cause": f"  {'x' * 20}\n"}, "x" * 20),
    "too long and a CPR number": (CAUSE, {"cause": "010115-1234 " + "x" * 50}, Problem("cpr")),
    "a CPR number": (NOTE, {"note": "barnet 010115-1234"}, Problem("cpr")),
    "a CPR number hidden by a control character": (NOTE, {"note": "0101\x0015-12\x0034"}, Problem("cpr")),
    "markup is text": (NOTE, {"note": "<@U1> *fed* [x](y)"}, "<@U1> *fed* [x](y)"),
    "a day": (WHEN, {"when": "1. september 2027"}, "2027-09-01"),
    "today": (WHEN, {"when": "2027-03-10"}, "2027-03-10"),
    "yesterday": (WHEN, {"when": "2027-03-09"}, Problem("past_date", {"day": date(2027, 3, 9)})),
    "last year": (WHEN, {"when": "1/9-26"}, Problem("past_date", {"day": date(2026, 9, 1)})),
    "nearly ten years ahead": (WHEN, {"when": "2037-03-10"}, "2037-03-10"),
    "twenty years ahead": (WHEN, {"when": "2047-03-10"}, Problem("far_date", {"day": date(2047, 3, 10)})),
    "no day": (WHEN, {"when": "snart"}, Problem("date")),
    "no date given": (WHEN, {"when": " "}, None),
    "colleagues": (WHO, {"who": ("12", "3")}, {"people": [3, 12], "others": ""}),
    "the same colleague twice": (WHO, {"who": ("3", "3")}, {"people": [3], "others": ""}),
    "one colleague": (WHO, {"who": "7"}, {"people": [7], "others": ""}),
    "others in words": (WHO, {"who__others": " PPR "}, {"people": [], "others": "PPR"}),
    "both": (WHO, {"who": ("3",), "who__others": "PPR"}, {"people": [3], "others": "PPR"}),
    "nobody": (WHO, {"who": (), "who__others": ""}, None),
    "somebody unknown": (WHO, {"who": ("3", "99")}, Problem("unknown_person")),
    "a name where an id belongs": (WHO, {"who": ("Ali Demir",)}, Problem("unknown_person")),
    "a number of other digits": (WHO, {"who": ("٣",)}, Problem("unknown_person")),
    "others with a CPR number": (WHO, {"who__others": "010115-1234"}, Problem("cpr")),
    "a number": (VALUE, {"value": "12,5"}, "12.5"),
    "a number with its measure": (VALUE, {"value": "4,9 %"}, "4.9"),
    "no number": (VALUE, {"value": "mange"}, Problem("number")),
    "a number left empty": (VALUE, {"value": " "}, Problem("required")),
    "a point that could be both": (VALUE, {"value": "1.2"}, Problem("number_point", {"meant": "1,2"})),
    "two numbers": (VALUE, {"value": "3 og 4"}, Problem("number_two")),
    "a number without end": (VALUE, {"value": "9" * 16}, Problem("number_long", {"most": 15})),
    "a CPR number for a number": (VALUE, {"value": "0101151234"}, Problem("cpr")),
    "as small as it may be": (SHARE, {"share": "0"}, "0"),
    "too small": (SHARE, {"share": "-0,5"}, Problem("number_least", {"least": "0"})),
    "too large": (SHARE, {"share": "100,1"}, Problem("number_most", {"most": "99,5"})),
    "an amount": (BUDGET, {"budget": "kr. 1.250.000"}, "1250000"),
    "no amount": (BUDGET, {"budget": "det ved jeg ikke"}, Problem("amount")),
    "an amount in per cent": (BUDGET, {"budget": "4 %"}, Problem("amount")),
    "an amount with three decimals": (BUDGET, {"budget": "1,255"}, Problem("amount_decimals")),
    "measured today": (MEASURED, {"measured": "2027-03-10"}, "2027-03-10"),
    "measured last year": (MEASURED, {"measured": "1/9-26"}, "2026-09-01"),
    "measured on a day without its year": (MEASURED, {"measured": "1. september"}, "2026-09-01"),
    "measured this year": (MEASURED, {"measured": "1. marts"}, "2027-03-01"),
    "measured tomorrow": (MEASURED, {"measured": "2027-03-11"}, Problem("future_date", {"day": date(2027, 3, 11)})),
    "measured long ago": (MEASURED, {"measured": "1-9-1927"}, Problem("long_past_date", {"day": date(1927, 9, 1)})),
    "others at length": (WHO, {"who__others": "x" * 301}, Problem("too_long", {"limit": 300, "over": 1})),
}


@pytest.mark.parametrize(("asked", "inputs", "expected"), READ.values(), ids=READ)
def test_what_is_given_becomes_a_value_or_a_reason_why_not(
    asked: Field, inputs: Mapping[str, Raw], expected: object
) -> None:
    read = read_step(Step("step", (asked,)), inputs, KNOWN, TODAY)
    if isinstance(expected, Problem):
        assert (read.values, read.problems) == ({}, {asked.id: expected})
        assert read.problems[asked.id].params == expected.params
    else:
        assert (read.values, read.problems) == ({} if expected is None else {asked.id: expected}, {})


def test_one_refused_field_refuses_the_step_and_every_problem_is_named() -> None:
    step = Step("challenge", (CAUSE, NOTE, WHEN, WHO))
    read = read_step(step, {"note": "fin", "when": "snart", "who": ("99",)}, KNOWN, TODAY)
    assert read.values == {}
    assert {field: problem.key for field, problem in read.problems.items()} == {
        "cause": "required",
        "when": "date",
        "who": "unknown_person",
    }


def test_what_the_step_does_not_ask_is_not_kept() -> None:
    assert read_step(Step("s", (NOTE,)), {"note": "ja", "cause": "nej"}, KNOWN, TODAY).values == {"note": "ja"}


CLEAN: dict[str, tuple[str, str]] = {
    "Windows' line breaks": ("a\r\nb", "a\nb"),
    "old Mac's": ("a\rb", "a\nb"),
    "blank ends": (" \n a b \t", "a b"),
    "a blank line in the middle": ("a\n\nb", "a\n\nb"),
    "a tab in the middle": ("a\tb", "a\tb"),
    "a null": ("a\x00b", "ab"),
    "an escape sequence": ("a\x1b[31mb", "a[31mb"),
    "a bell and a delete": ("\x07a\x7f", "a"),
    "a C1 control": ("a\x9bb", "ab"),
    "half a surrogate pair": ("a\ud83db", "ab"),
    "an emoji": ("a😀b", "a😀b"),
    "Danish letters, composed or not": ("Ærø å", "Ærø å"),
    "right to left": ("שלום", "שלום"),
}


@pytest.mark.parametrize(("text", "expected"), CLEAN.values(), ids=CLEAN)
def test_text_is_kept_as_written_without_control_characters(text: str, expected: str) -> None:
    assert clean(text) == expected
    assert clean(clean(text)) == clean(text)


# --- what is carried from last round ------------------------------------------------------------------------------------------------

CARRIED_STATUS = Field("status", Kind.CHOICE, words("?"), choices=STATUS.choices, carry=True)
CARRIED_CAUSE = Field("cause", Kind.TEXT, words("?"), carry=True)
CARRIED_WHO = Field("who", Kind.PEOPLE, words("?"), optional=True, carry=True)
CARRIED_WHEN = Field("when", Kind.DATE, words("?"), optional=True, carry=True)
CARRIED_VALUE = Field("value", Kind.NUMBER, words("?"), carry=True)
CARRIED_MEASURED = Field("measured", Kind.DATE, words("?"), carry=True, past=True)
ASKED_ANEW = Field("cause", Kind.TEXT, words("?"))
ASKED_ANEW_MAYBE = Field("note", Kind.TEXT, words("?"), optional=True)
SKIP = words("Spring over")

CARRIED: dict[str, tuple[tuple[Field, ...], Wording | None, Mapping[str, object] | None, object]] = {
    "nothing was said last time": ((CARRIED_STATUS,), None, None, None),
    "a status": ((CARRIED_STATUS,), None, {"status": "late"}, {"status": "late"}),
    "a status that is offered no more": ((CARRIED_STATUS,), None, {"status": "gone"}, None),
    "a text": ((CARRIED_CAUSE,), None, {"cause": "Vakancer"}, {"cause": "Vakancer"}),
    "a field that must be asked anew": ((ASKED_ANEW,), None, {"cause": "Vakancer"}, None),
    "an optional one asked anew is left empty": (
        (CARRIED_CAUSE, ASKED_ANEW_MAYBE),
        None,
        {"cause": "Vakancer", "note": "Gammelt"},
        {"cause": "Vakancer"},
    ),
    "people": (
        (CARRIED_WHO,),
        None,
        {"who": {"people": [3], "others": "PPR"}},
        {"who": {"people": [3], "others": "PPR"}},
    ),
    "a colleague who has left": ((CARRIED_WHO,), None, {"who": {"people": [99], "others": ""}}, None),
    "a day ahead": ((CARRIED_WHEN,), None, {"when": "2027-09-01"}, {"when": "2027-09-01"}),
    "a day that has passed": ((CARRIED_WHEN,), None, {"when": "2026-09-01"}, None),
    "a number": ((CARRIED_VALUE,), None, {"value": "12.5"}, {"value": "12.5"}),
    "a day something was measured": ((CARRIED_MEASURED,), None, {"measured": "2026-09-01"}, {"measured": "2026-09-01"}),
    "a step that was skipped": ((CARRIED_CAUSE,), SKIP, {}, {}),
    "an empty answer to a step that cannot be skipped": ((CARRIED_CAUSE,), None, {}, None),
}


@pytest.mark.parametrize(("fields", "skip", "before", "expected"), CARRIED.values(), ids=CARRIED)
def test_last_rounds_answer_is_kept_as_far_as_it_can_be(
    fields: tuple[Field, ...], skip: Wording | None, before: Mapping[str, object] | None, expected: object
) -> None:
    assert carried(Step("step", fields, skip=skip), before, KNOWN, TODAY) == expected


@pytest.mark.parametrize(
    ("asked", "inputs"),
    [
        (STATUS, {"status": "late"}),
        (CAUSE, {"cause": "To skoler"}),
        (WHEN, {"when": "2027-09-01"}),
        (VALUE, {"value": "12,5"}),
        (VALUE, {"value": "-1200"}),
        (BUDGET, {"budget": "1250000"}),
        (MEASURED, {"measured": "2026-09-01"}),
        (WHO, {"who": ("3", "12"), "who__others": "PPR"}),
        (WHO, {"who": (), "who__others": "PPR"}),
    ],
)
def test_a_kept_value_gives_the_inputs_that_give_it_again(asked: Field, inputs: dict[str, Raw]) -> None:
    step = Step("step", (asked,))
    values = read_step(step, inputs, KNOWN, TODAY).values
    again = as_inputs(asked, values[asked.id])
    assert again == inputs
    assert read_step(step, again, KNOWN, TODAY).values == values


def test_what_is_no_people_and_no_day_reads_as_none() -> None:
    nobody: People = {"people": [], "others": ""}
    assert as_people("Ali") == nobody
    assert as_people(None) == nobody
    assert as_day(None) is None
    assert as_day("") is None
    assert as_day("2027-09-01") == date(2027, 9, 1)


@pytest.mark.parametrize("text", ["01 01 90 12 34", "01-01-1990 1234", "010190 - 12 34", "født 010190, 1234"])
def test_a_cpr_number_is_recognised_in_pairs_with_a_whole_year_and_behind_a_comma(text: str) -> None:
    assert looks_like_cpr(text)


@pytest.mark.parametrize(
    "text", ["Ring 87 65 43 21", "tlf. 12 10 34 56 / 78 90 12 34", "frist 01-04-2027", "kl. 10 12 14 16"]
)
def test_telephone_numbers_times_and_deadlines_are_not(text: str) -> None:
    assert not looks_like_cpr(text)
