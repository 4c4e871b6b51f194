from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from time import perf_counter

import pytest

from cards import web
from cards.bidi import contained
from cards.card import Button, Buttons, Card, Fold, Framed, Input, Note, Option, Press, Progress, Title
from cards.chrome import LANGUAGES, chrome, number
from tests import samples

VOID = {"input"}
OURS = {
    *("form", "div", "button", "p", "span", "i", "h3", "h4", "bdi", "strong", "ol", "ul", "li", "details", "summary"),
    *("figure", "figcaption", "fieldset", "legend", "label", "textarea", "input"),
}


class Reader(HTMLParser):
    """What a browser would see: elements with their attributes, and the text inside every one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[tuple[str, int]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append("")
        if tag not in VOID:
            self.open.append((tag, len(self.texts) - 1))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self.open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        for _, place in self.open:
            self.texts[place] += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attributes
            for found, attributes in self.elements
            if found == tag and all(attributes.get(name.rstrip("_")) == value for name, value in wanted.items())
        ]

    def text_of(self, tag: str) -> list[str]:
        return [text for (found, _), text in zip(self.elements, self.texts, strict=True) if found == tag]


def read(*parts: object, kind: str = "step", language: str = "da") -> Reader:
    return Reader(web.render(Card(kind, parts, "…", language)))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_what_people_write_comes_out_as_written_everywhere(text: str) -> None:
    page = Reader(web.render(samples.with_text(text)))
    assert {tag for tag, _ in page.elements} <= OURS
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    written = page.text_of("bdi")
    assert written
    assert all(found == contained(text) for found in written), "every text of a card is isolated, and nothing else is"
    assert page.text_of("textarea") == [f"\n{text}"]  # the first line break is the browser's to drop
    assert {one["value"] for one in page.all("input", type="text")} == {text}


@pytest.mark.parametrize("sample", samples.EVERY)
def test_every_id_is_unique_and_every_reference_leads_somewhere(sample: Callable[[], Card]) -> None:
    page = Reader(web.render(sample(), "first") + web.render(sample(), "second"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("for", "aria-describedby", "aria-labelledby"):
            assert set(attributes.get(name, "").split()) <= set(ids)


@pytest.mark.parametrize("sample", samples.EVERY)
def test_a_card_is_one_form_whose_submit_buttons_carry_the_press(sample: Callable[[], Card]) -> None:
    card = sample()
    page = Reader(web.render(card))
    assert len(page.all("form")) == (1 if card.buttons else 0)
    pressed = [one["value"] for one in page.all("button", name="press", type="submit")]
    assert pressed == [button.press.token for button in card.buttons]


def test_enter_in_a_line_presses_nothing() -> None:
    card = (Input("who", "line", "Hvem?"), Buttons((Button("‹ Tilbage", Press("back")),)))
    first = read(*card).all("button")[0]
    assert "disabled" in first
    assert "name" not in first


def test_progress_is_said_in_words_and_drawn_for_the_eye_only() -> None:
    page = read(Progress(2, 7, "2 af 7", "Børnepolitikken"))
    assert page.text_of("bdi") == ["2 af 7", "Børnepolitikken"]
    assert "aria-hidden" in page.all("span", class_="bar")[0]
    assert len(page.all("i", class_="on")) == 2
    assert len(page.all("i")) == 7


@pytest.mark.parametrize(
    ("done", "total", "drawn", "on"), [(1, 60, 10, 1), (59, 60, 10, 9), (60, 60, 10, 10), (0, 0, 0, 0)]
)
def test_a_long_way_is_drawn_with_ten_marks(done: int, total: int, drawn: int, on: int) -> None:
    page = read(Progress(done, total, "…"))
    assert (len(page.all("i")), len(page.all("i", class_="on"))) == (drawn, on)


def test_the_answer_given_is_marked_in_words_too() -> None:
    page = Reader(web.render(samples.answered_step()))
    (chosen,) = [text for text in page.text_of("button") if "✓" in text]
    assert chosen.startswith("▲Forsinket")
    assert chosen.endswith("valgt")
    assert len(page.all("button", **{"aria-pressed": "true"})) == 1


def test_a_fault_stands_at_its_field_and_is_read_aloud() -> None:
    page = read(Input("cause", "text", "Hvorfor?", value="x" * 12, error="For langt", limit=10))
    (field,) = page.all("textarea")
    assert field["aria-invalid"] == "true"
    assert field["maxlength"] == "10"
    assert page.all("p", role="alert")
    assert [text for text in page.text_of("p") if "Skal rettes: For langt" in text]


def test_the_limit_is_said_before_it_bites() -> None:
    assert "Højst 3.000 tegn" in read(Input("cause", "text", "Hvorfor?")).text_of("p")
    assert "At most 3,000 characters" in read(Input("cause", "text", "Why?"), language="en").text_of("p")


@pytest.mark.parametrize(
    ("value", "kind"), [("", "date"), ("2027-05-15", "date"), ("i morgen", "text"), ("2027-5", "text")]
)
def test_a_date_that_is_none_stays_as_typed(value: str, kind: str) -> None:
    (field,) = read(Input("by_when", "date", "Hvornår?", value=value)).all("input")
    assert (field["type"], field["value"]) == (kind, value)


def test_those_already_picked_stand_first_in_a_long_list() -> None:
    page = Reader(web.render(samples.challenge_with_faults()))
    boxes = page.all("input", type="checkbox", name="involve")
    assert [box["value"] for box in boxes if "checked" in box] == ["ali", "jens"]
    assert [box["value"] for box in boxes][:3] == ["ali", "jens", "anne"]
    assert page.all("input", name="involve__others")[0]["value"] == "Lene fra Dansk Industri"


def test_a_list_of_people_is_known_as_one_even_without_a_line_for_others() -> None:
    page = read(Input("who", "people", "Hvem?", options=(Option("1", "Ali"),)))
    assert page.all("input", type="hidden", name="who__others")


def test_a_choice_field_is_a_group_of_radio_buttons() -> None:
    options = (Option("now", "Nu"), Option("later", "Siden"))
    page = read(Input("when", "choice", "Hvornår?", value="later", options=options))
    assert [("checked" in box, box["value"]) for box in page.all("input", type="radio")] == [
        (False, "now"),
        (True, "later"),
    ]


def test_rows_called_the_same_are_told_apart_by_their_line() -> None:
    page = Reader(web.render(samples.review()))
    named = [one["aria-labelledby"] for one in page.all("button") if "aria-labelledby" in one]
    assert len(named) == len(set(named)) == 5


@pytest.mark.parametrize(("tone", "word"), [("info", "Til orientering:"), ("warning", "Bemærk:"), ("done", "Udført:")])
def test_a_tone_is_a_word_and_a_sign(tone: str, word: str) -> None:
    (text,) = read(Note("Gemt.", tone)).text_of("p")  # type: ignore[arg-type]
    assert text.endswith(f"{word} Gemt.")


def test_what_is_previewed_can_be_read_and_not_pressed() -> None:
    page = read(Framed((Title("Opslag"), Buttons((Button("Svar", Press("reply")),))), "I kanalen"))
    assert "disabled" in page.all("fieldset")[0]
    assert page.text_of("figcaption") == ["I kanalen"]


def test_a_fold_is_closed_until_asked_for() -> None:
    (details,) = read(Fold("Resten", (Title("Her"),))).all("details", class_="fold")
    assert "open" not in details


def test_the_thread_stands_folded_below_the_post() -> None:
    page = Reader(web.render(samples.summary()))
    assert page.all("details", class_="thread")
    assert "Åbn tråden" in page.text_of("summary")


def test_a_renderer_takes_about_a_millisecond() -> None:
    people = tuple(Option(str(place), f"Navn {place}", "Leder") for place in range(60))
    cards = [
        *(sample() for sample in samples.EVERY),
        Card("step", (Input("a", "people", "Hvem?", options=people),), ""),
    ]
    begun = perf_counter()
    for _ in range(10):
        for card in cards:
            web.render(card)
    assert (perf_counter() - begun) / (10 * len(cards)) < 0.005  # 0.4 ms on a quiet machine


def test_both_languages_have_the_same_words_with_the_same_places() -> None:
    places = {
        language: {
            key: sorted(part.split("}")[0] for part in text.split("{")[1:]) for key, text in chrome(language).items()
        }
        for language in LANGUAGES
    }
    assert places["da"] == places["en"]


def test_a_language_we_do_not_speak_is_danish() -> None:
    assert chrome("sv") == chrome("da")
    assert (number(1250000, "da"), number(1250000, "en")) == ("1.250.000", "1,250,000")
