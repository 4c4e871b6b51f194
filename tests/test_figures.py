"""Numbers as Danes and the English write them, and trends in marks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.figures import amount, measured, number, trend

FIGURES = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=3)


@pytest.mark.parametrize(
    ("value", "danish", "english"),
    [
        ("0", "0", "0"),
        ("4.9", "4,9", "4.9"),
        ("4.90", "4,90", "4.90"),
        ("1250000", "1.250.000", "1,250,000"),
        ("-1250000.5", "-1.250.000,5", "-1,250,000.5"),
        ("1E+3", "1.000", "1,000"),
    ],
)
def test_a_number_is_written_with_every_digit_it_has(value: str, danish: str, english: str) -> None:
    assert number(Decimal(value), "da") == danish
    assert number(Decimal(value), "en") == english


@given(FIGURES)
def test_no_number_is_rounded(value: Decimal) -> None:
    assert Decimal(number(value, "da").replace(".", "").replace(",", ".")) == value
    assert Decimal(number(value, "en").replace(",", "")) == value


def test_a_number_stays_with_what_it_counts() -> None:
    assert measured(Decimal("4.9"), "%", "da") == "4,9\N{NO-BREAK SPACE}%"
    assert measured(Decimal("4.9"), "%", "en") == "4.9%"
    assert measured(Decimal(12), "dage", "da") == "12\N{NO-BREAK SPACE}dage"
    assert measured(Decimal(12), "", "da") == "12"
    assert amount(Decimal(1250000), "da") == "kr.\N{NO-BREAK SPACE}1.250.000"
    assert amount(Decimal(1250000), "en") == "DKK\N{NO-BREAK SPACE}1,250,000"


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        (["6.5"], ""),
        (["0", "0"], "▅▅"),
        (["6.5", "5.8", "4.9"], "█▆▅"),
        (["0", "50", "100"], "▅▆█"),
        (["71", "74.1"], "▅█"),
        (["-5", "-10"], "█▅"),
    ],
)
def test_a_trend_is_as_high_as_its_values(values: list[str], drawn: str) -> None:
    assert trend([Decimal(value) for value in values]) == drawn


@given(st.lists(FIGURES, min_size=2, max_size=8))
def test_a_higher_value_is_never_drawn_lower(values: list[Decimal]) -> None:
    drawn = trend(values)
    assert len(drawn) == len(values)
    pairs = sorted(zip(values, drawn, strict=True))
    assert [mark for _, mark in pairs] == sorted(drawn)
