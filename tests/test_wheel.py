"""The drawn årshjul: what is on it, that nothing covers anything else, and that it is whole and safe by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from math import hypot
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.wheel import WIDE, WIDTH, marks, wheel
from dialogs.calendar import Entry, What, calendar
from dialogs.script import Model, SchoolHoliday, Wording
from tests.rooms import ROOT
from tests.test_calendar import CLOSED, DIALOGAFTALE, INSTITUTIONSAFTALE, OURS, YEARS, worded

SVG = "{http://www.w3.org/2000/svg}"
OF = Wording("Børnehuset Solsikken", "The Sunflower")
DISC = 9.5  # a number's disc, in the drawing's own pixels


def drawn(model: Model, year: int = 2027, *, wide: bool = False, language: str = "da") -> ET.Element:
    return ET.fromstring(wheel(calendar(model, year, off=CLOSED), year, OF, language, wide=wide))  # noqa: S314 - our own


def texts(picture: ET.Element) -> list[str]:
    return [one.text or "" for one in picture.iter(f"{SVG}text")]


def badges(picture: ET.Element) -> Iterator[tuple[float, float]]:
    """Where each number stands on the wheel, not in the list."""
    for group in picture.iter(f"{SVG}g"):
        for one in group.iter(f"{SVG}circle"):
            yield float(one.attrib["cx"]), float(one.attrib["cy"])
        for one in group.iter(f"{SVG}rect"):
            side = float(one.attrib["width"]) / 2
            yield float(one.attrib["x"]) + side, float(one.attrib["y"]) + side


def covered(picture: ET.Element) -> list[tuple[float, float]]:
    return [a for a, b in combinations(badges(picture), 2) if hypot(a[0] - b[0], a[1] - b[1]) < 2 * DISC]


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("model", OURS, ids=lambda model: model.id)
def test_no_number_covers_another(model: Model, year: int) -> None:
    picture = drawn(model, year)
    assert len(list(badges(picture))) == len(marks(calendar(model, year, off=CLOSED), year, "da")) >= 6
    assert covered(picture) == []


@given(st.lists(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=14))
def test_whatever_days_there_are_no_number_covers_another(days: list[date]) -> None:
    apart = {(day.month, day.day // 8): day for day in days}
    entries = [Entry(day, What.MILESTONE, f"m{number}", worded("Møde")) for number, day in enumerate(apart.values())]
    picture = ET.fromstring(wheel(entries, 2027, OF, "da"))  # noqa: S314 - our own
    assert len(list(badges(picture))) == len(entries)
    assert covered(picture) == []


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_everything_stands_within_the_picture(*, wide: bool) -> None:
    picture = drawn(INSTITUTIONSAFTALE, wide=wide)
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    assert width == (WIDE if wide else WIDTH)
    for one in picture.iter(f"{SVG}text"):
        assert 0 < float(one.attrib["x"]) < width
        assert 0 < float(one.attrib["y"]) < height
        assert float(one.attrib["font-size"]) >= 11, "as small as can be read on a phone"


def test_the_list_says_every_number_with_its_days_and_words() -> None:
    found = texts(drawn(INSTITUTIONSAFTALE))
    for expected in ("18. maj – 10. juni", "Midtvejsopfølgning: åben", "29. januar", "Aftalen er underskrevet"):
        assert expected in found
    for number in range(1, len(marks(calendar(INSTITUTIONSAFTALE, 2027, off=CLOSED), 2027, "da")) + 1):
        assert found.count(str(number)) == 2, "on the wheel and in the list"


@pytest.mark.parametrize(
    ("language", "expected"), [("da", ["januar", "maj", "oktober"]), ("en", ["January", "May", "October"])]
)
def test_the_months_are_named_in_the_readers_language(language: str, expected: list[str]) -> None:
    assert set(expected) <= set(texts(drawn(DIALOGAFTALE, language=language)))


def test_a_screen_reader_hears_what_an_eye_sees() -> None:
    picture = drawn(DIALOGAFTALE)
    title, about = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert picture.attrib["role"] == "img"
    assert title is not None
    assert about is not None
    assert title.text == "Årshjul 2027 – Børnehuset Solsikken"
    assert "1. november – 30. november, Udvalgene følger op på de politiske mål" in str(about.text)


def test_a_round_is_one_mark_from_its_opening_to_its_deadline_also_over_new_year() -> None:
    due = Entry(date(2027, 1, 19), What.DUE, "2027-draft", worded("Udkast"))
    opens = Entry(date(2027, 12, 15), What.OPENS, "2028-draft", worded("Udkast"))
    assert [(one.first, one.last, one.when) for one in marks([due, opens], 2027, "da")] == [
        (date(2027, 1, 1), date(2027, 1, 19), "1. januar – 19. januar"),
        (date(2027, 12, 15), date(2027, 12, 31), "15. december – 31. december"),
    ]


def test_rounds_milestones_and_agreements_differ_in_more_than_colour() -> None:
    shapes = {one.shape for one in marks(calendar(DIALOGAFTALE, 2027), 2027, "da")}
    assert shapes == {"round", "milestone", "agreement"}
    kinds = {
        one.attrib.get("class"): one.tag
        for one in drawn(DIALOGAFTALE).iter()
        if one.attrib.get("class") in {"r", "m", "a"}
    }
    assert kinds == {"r": f"{SVG}circle", "m": f"{SVG}circle", "a": f"{SVG}rect"}


def test_a_year_in_which_nothing_happens_is_a_wheel_all_the_same() -> None:
    picture = ET.fromstring(wheel((), 2027, OF, "da"))  # noqa: S314 - our own
    assert "december" in texts(picture)
    assert list(badges(picture)) == []


def test_what_people_write_is_text_and_nothing_else() -> None:
    rogue = Wording("</text><script>alert(1)</script>\x07 & co.", "")
    said = wheel([Entry(date(2027, 5, 3), What.MILESTONE, "m", rogue)], 2027, rogue, "da")
    picture = ET.fromstring(said)  # noqa: S314 - our own
    assert f"{SVG}script" not in {one.tag for one in picture.iter()}
    assert "http" not in said.replace("http://www.w3.org/2000/svg", "")


def test_a_long_name_is_broken_into_lines_that_fit() -> None:
    long = replace(DIALOGAFTALE, milestones=())
    holiday = SchoolHoliday(worded("Ferie " * 20), date(2027, 7, 1), date(2027, 7, 9))
    said = texts(ET.fromstring(wheel(calendar(long, 2027, off=replace(CLOSED, school=(holiday,))), 2027, OF, "da")))  # noqa: S314
    assert max(map(len, said)) <= 46
    assert sum("Ferie" in one for one in said) > 1


@pytest.mark.parametrize("name", ["dialogaftale", "institutionsaftale"])
def test_the_picture_in_the_documents_is_of_todays_models(name: str) -> None:
    model = next(one for one in OURS if one.id == name)
    path = ROOT / "docs" / "pictures" / f"aarshjul-{name}.svg"
    again = f"dialogbot calendar --year 2027 --model {name} --force --svg {path.relative_to(ROOT)}"
    assert path.read_text(encoding="utf-8") == wheel(calendar(model, 2027), 2027, model.title, "da"), again
