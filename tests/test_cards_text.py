from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cards import text
from cards.card import Button, Buttons, Card, Fold, Framed, Para, Points, Press, Progress, Row, Run, Title
from tests import samples


def shown(*parts: object, width: int = 78) -> list[str]:
    return text.render(Card("step", parts, "…"), width).splitlines()  # type: ignore[arg-type]


def test_a_step_in_a_terminal() -> None:
    assert text.render(samples.step()) == (
        "2 af 7 ▰▰▱▱▱▱▱  Børnepolitikken\n"
        "\n"
        "Overleveringsmøder med alle modtagende skoler\n"
        "\n"
        "Mål: Flere børn har en tryg overgang til skole · Frist 15. maj 2027\n"
        "\n"
        "Sidst, oktober 2026: ◐ I gang – »Tre af fem skoler er med.«\n"
        "\n"
        "Hvordan går det?\n"
        "[1] ○ Ikke startet   [2] ◐ I gang, efter planen   [3] ▲ Forsinket\n"
        "[4] ● Gennemført   [5] ■ Stoppet\n"
        "\n"
        "[6] Uændret siden sidst\n"
        "\n"
        "[7] ‹ Tilbage   [8] Fortsæt senere   [9] Bed en anden svare\n"
    )


def test_fields_say_what_may_be_typed_and_what_is_wrong() -> None:
    assert text.render(samples.way_forward()).split("\n\n")[3:8] == [
        "Hvad skal der ske nu?\n  > Jens tager det op med skolechefen.\n  ‹ Fri tekst, højst 3.000 tegn ›",
        "Hvem gør det? (kan udelades)\n  ‹ Fri tekst, højst 200 tegn ›",
        "Hvornår? (kan udelades)\n  > 2027-04-20\n  ‹ En dato, fx 15-05-2027 ›",
        (
            "Ny frist for indsatsen, hvis planen skal ændres (kan udelades)\n"
            "  ! Skal rettes: Skriv datoen som 15-05-2027.\n"
            "  > i morgen\n"
            "  ‹ En dato, fx 15-05-2027 ›"
        ),
        "Hvor meget haster det?\n  · Nu\n  ✓ Inden sommer\n  · Til efteråret\n  ‹ Skriv et af ordene ›",
    ]


@pytest.mark.parametrize("sample", samples.EVERY)
def test_a_number_stands_for_the_button_it_stands_at(sample: Callable[[], Card]) -> None:
    card = sample()
    buttons = text.numbered(card)
    rendered = text.render(card, width=200)
    assert [int(number) for number in re.findall(r"\[(\d+)\]", rendered)] == list(range(1, len(buttons) + 1))
    for number, button in enumerate(buttons, 1):
        assert f"[{number}] {f'{button.symbol} {button.label}'.strip()}" in rendered


def test_what_is_previewed_has_no_number_to_press() -> None:
    inside = Framed(
        (
            Title("Opslag"),
            Row((Run("linje"),), Button("Ret", Press("revise"))),
            Fold("Resten", (samples.step().parts[4],)),
        ),
        "I kanalen",
    )
    card = Card("preview", (inside, Buttons((Button("Send", Press("submit")),))), "…")
    assert text.numbered(card) == (Button("Send", Press("submit")),)
    assert "[1] Send" in text.render(card)
    assert "│ linje  [Ret]" in text.render(card)
    assert "[2]" not in text.render(card)


def test_long_lines_are_wrapped_and_their_continuation_stands_in() -> None:
    long = Para((Run("ord " * 30),))
    lines = shown(Points(((long, Para((Run("kort"),))),)), width=40)
    assert max(map(len, lines)) <= 40
    assert lines[0].startswith("1. ord")
    assert all(line.startswith("   ") for line in lines[1:])


def test_the_thread_stands_in_below() -> None:
    lines = text.render(samples.summary()).splitlines()
    assert "  ↳ — Alle svar" in lines
    assert lines[-1] == "    • ● Gennemført · Sygefraværssamtaler inden femte dag"


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(0, 0, "Til sidst"), "Til sidst"),
        (Progress(1, 60, "1 af 60"), "1 af 60 ▰▱▱▱▱▱▱▱▱▱"),
        (Progress(3, 3, "3 af 3", "Lokale"), "3 af 3 ▰▰▰  Lokale"),
    ],
)
def test_progress(progress: Progress, line: str) -> None:
    assert shown(progress) == [line]


STEERING = ("closing marks", "right to left")  # in an order, so that every worker collects the same


@pytest.mark.parametrize("name", samples.HOSTILE)
def test_what_people_write_comes_out_as_written(name: str) -> None:
    written = samples.HOSTILE[name]
    lines = shown(Para((Run(written),)), width=10_000)
    assert (
        "\n".join(lines).strip("\n\u2068\u2069") == written.strip("\n\u2069")
        if name not in STEERING
        else written in lines[0]
    )


@pytest.mark.parametrize("name", STEERING)
def test_text_that_pretends_to_be_right_to_left_stays_where_it_stands(name: str) -> None:
    line = text.plain(samples.HOSTILE[name])
    depth = 0
    for character in line:
        depth += (character in "\u2066\u2067\u2068") - (character == "\u2069")
        assert depth >= 0
    assert depth == 0
    assert line[0] == "\u2068"
    assert line[-1] == "\u2069"


def test_no_text_can_steer_the_terminal() -> None:
    assert text.plain("\x1b[2J\x07\x00\x9b1m\x7f") == "␛[2J␇␀\ufffd1m␡"
    assert text.plain("a\r\nb\u2028c\td") == "a\nb\nc\td"


def test_spaces_and_line_breaks_are_kept() -> None:
    assert shown(Para((Run("  to  mellemrum\n\n  og en linje"),))) == ["  to  mellemrum", "", "  og en linje"]
