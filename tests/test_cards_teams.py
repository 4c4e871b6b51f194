"""Cards as Teams' Adaptive Cards: Microsoft's schema and Teams' own rules, as written, and back. Golden: tests/golden_teams/<card>.json.

When a card is meant to look different:  DIALOGBOT_UPDATE_GOLDEN=1 python -m pytest tests/test_cards_teams.py
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from cards import replying
from cards.bidi import contained
from cards.card import (
    Button,
    Buttons,
    Card,
    Fold,
    Framed,
    Input,
    Note,
    Option,
    Part,
    Points,
    Press,
    Progress,
    Row,
    Run,
    Style,
    Title,
)
from cards.teams import Message, press_of, read_inputs, render
from cards.teams_limits import CHARTS, KNOWN, LIMIT, Element, is_plain, literal, problems, weight
from cards.wording import texts
from dialogs.answers import looks_like_cpr
from dialogs.script import Wording
from tests import samples
from tests.databases import fresh_database
from tests.test_cards_slack import ANY_TEXT, LONG, para, review_of
from tests.test_golden import cards_in

FOLDER = Path(__file__).parent / "golden_teams"
UPDATE = os.environ.get("DIALOGBOT_UPDATE_GOLDEN") == "1"
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "adaptive-card-1.5.schema.json").read_text(encoding="utf-8"))
OFFICIAL = Draft6Validator(SCHEMA)


# --- reading cards as a person does -----------------------------------------------------------------------------------------------------


def objects(node: object, kind: str) -> Iterator[Element]:
    """Every object whose type begins like that, in reading order."""
    if isinstance(node, dict):
        if str(node.get("type", "")).startswith(kind):
            yield node
        for value in node.values():
            yield from objects(value, kind)
    elif isinstance(node, list):
        for one in node:
            yield from objects(one, kind)


def seen(message: Message) -> list[str]:
    """What stands in the card to be read, a line a block."""
    blocks = [*objects(message.card["body"], "RichTextBlock"), *objects(message.card["body"], "TextBlock")]
    return [one.get("text") or "".join(run["text"] for run in one["inlines"]) for one in blocks]


def unbroken(message: Message) -> str:
    return "".join(seen(message)).replace("\n", "")


def actions(message: Message) -> list[Element]:
    return list(objects(message.card["body"], "Action.Execute"))


def pressed(message: Message) -> list[str]:
    return [one["data"]["press"] for one in actions(message) if "press" in one["data"]]


def inputs(message: Message) -> dict[str, Element]:
    return {one["id"].split("@")[0]: one for one in objects(message.card["body"], "Input.")}


def named(message: Message, title: str) -> Element:
    return next(one for one in actions(message) if title in one["title"])


def shown(*parts: Part, thread: tuple[Card, ...] = (), language: str = "da") -> Message:
    (first, *_) = render(Card("step", parts, "…", language, thread))
    assert faults(first) == []
    return first


def faults(message: Message) -> list[str]:
    """What Microsoft's schema and our checker have to say about it."""
    card = {key: value for key, value in message.card.items() if key != "msteams"}
    official = [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in OFFICIAL.iter_errors(card)]
    return [*official, *problems(message.card)]


# --- within the limits ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", samples.EVERY)
def test_every_card_is_something_teams_takes(sample: Callable[[], Card]) -> None:
    card = sample()
    first, *rest = messages = render(card)
    assert [faults(message) for message in messages] == [[]] * len(messages)
    framed = [button for part in card.parts if isinstance(part, Framed) for button in Card("", part.parts, "").buttons]
    assert pressed(first) == [button.press.token for button in card.buttons if button not in framed]
    assert not any(actions(message) for message in rest)


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_whatever_is_written_everywhere_is_something_teams_takes(text: str) -> None:
    messages = render(samples.with_text(text))
    assert [faults(message) for message in messages] == [[]] * len(messages)
    assert all(0 < len(message.text) <= 210 for message in messages)


@given(ANY_TEXT)
def test_any_text_at_all_is_something_teams_takes(text: str) -> None:
    for message in render(samples.with_text(text)):
        assert problems(message.card) == ()


def test_every_card_of_the_conversation_is_something_teams_takes(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path) as url:
        cards = cards_in("da", url)
    for name, card in cards.items():
        messages = render(card)
        assert [faults(message) for message in messages] == [[]] * len(messages), name
        assert len(messages) == 1 + len(card.thread), f"{name}: nothing of an ordinary card is moved to the thread"


def test_a_card_says_what_it_is_and_fills_the_width() -> None:
    card = render(samples.step())[0].card
    assert (card["type"], card["version"], card["msteams"], card["lang"]) == (
        "AdaptiveCard",
        "1.5",
        {"width": "Full"},
        "da",
    )
    assert card["fallbackText"].startswith("2 af 7: Overleveringsmøder")


# --- as written -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_what_people_write_comes_out_as_written(text: str) -> None:
    written = contained(text)
    assert seen(shown(para(text))) == [written]
    assert seen(shown(para(text, Style.QUOTE))) == [written]
    assert seen(shown(para(text, Style.QUIET))) == [written]
    assert seen(shown(Title(text))) == [written]
    # A line break between two of ours is a new block.
    assert unbroken(shown(Note(text, "done"))) == f"✓ Udført: {written}".replace("\n", "")
    assert unbroken(shown(Points(((para(text),),)))) == f"1. {written}".replace("\n", "")
    row = Row((Run("Titel", Style.STRONG), Run(text)), Button("Ret", Press("revise")))
    assert unbroken(shown(row)) == f"Titel{written}".replace("\n", "")


@given(ANY_TEXT.filter(str.strip))
def test_any_paragraph_comes_out_as_written(text: str) -> None:
    assert seen(render(Card("step", (para(text),), "…"))[0]) == [contained(text)]


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_what_stands_in_a_field_is_what_was_typed(text: str) -> None:
    people = Input("who", "people", "Hvem?", value=text, options=samples.COLLEAGUES[0:1], others_label="Andre")
    fields = inputs(
        shown(Input("why", "text", "Hvorfor?", value=text), Input("what", "line", "Hvad?", value=text), people)
    )
    for name in ("why", "what", "who__others"):
        assert fields[name]["value"] == text


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_nothing_that_is_read_as_markup_carries_a_mark(text: str) -> None:
    for message in render(samples.with_text(text)):
        assert all(is_plain(one["text"]) for one in objects(message.card, "TextBlock"))
        assert not any("{{" in run["text"] for run in objects(message.card, "TextRun"))
        titles = [choice["title"] for one in objects(message.card, "Input.ChoiceSet") for choice in one["choices"]]
        assert all(is_plain(title) or contained(title) != text for title in titles)
        assert not re.search(r"<at>|\]\(|\{\{", json.dumps([titles, message.card["fallbackText"]]))


def test_a_date_function_is_parted_between_runs_and_stays_to_the_eye() -> None:
    message = shown(para("Vi ses {{DATE(2027-04-01T12:00:00Z,SHORT)}} {{{TIME(x)}}}"))
    runs = [run["text"] for run in objects(message.card, "TextRun")]
    assert "".join(runs) == "Vi ses {{DATE(2027-04-01T12:00:00Z,SHORT)}} {{{TIME(x)}}}"
    assert runs[:2] == ["Vi ses {", "{DATE(2027-04-01T12:00:00Z,SHORT)}} {"]


@pytest.mark.parametrize(
    ("text", "read_as_words"),
    [
        ("▲ Forsinket: Overleveringsmøder (fase 2)", True),
        ("Forårsdialog 2027 · Børnehuset Solsikken", True),
        ("To-sprogede børn, 0–6 år: hvad nu?", True),
        ("Vej & Park", True),
        ("2. kvartal", False),
        ("- et punkt", False),
        ("# overskrift", False),
        ("fem *små* and", False),
        ("et_navn", False),
        ("[her](https://example.dk)", False),
        ("<at>Jens</at>", False),
        ("5 &lt; 6", False),
        ("{{TIME()}}", False),
        ("skriv til jens@example.dk", False),
        ("to\nlinjer", False),
        ("\u202ebagvendt", False),
    ],
)
def test_a_heading_is_a_heading_only_when_it_is_nothing_but_words(text: str, *, read_as_words: bool) -> None:
    message = shown(Title(text))
    assert bool(list(objects(message.card, "TextBlock"))) is read_as_words
    assert seen(message) == [contained(text)]


MARKS = st.sampled_from([*"ab12 *_`~\\[](){}<>&#:/@.-+|\n", "http://", "www.", "<at>", "1. ", "{{"])


@given(st.lists(MARKS).map("".join))
def test_a_name_in_a_list_never_reads_as_markup(text: str) -> None:
    shown_as = literal(text)
    assert is_plain(shown_as) or not shown_as.strip()


def test_an_ordinary_name_in_a_list_is_left_alone() -> None:
    assert literal("Anne-Marie Møller (Vej & Park) – leder") == "Anne-Marie Møller (Vej & Park) – leder"


# --- parts ------------------------------------------------------------------------------------------------------------------------------


def test_progress_is_words_and_a_bar() -> None:
    assert seen(render(samples.step())[0])[0] == "2 af 7   ▰▰▱▱▱▱▱   Børnepolitikken"
    assert seen(shown(Progress(1, 60, "1 af 60")))[0] == "1 af 60   ▰▱▱▱▱▱▱▱▱▱"


def test_every_choice_has_a_line_of_its_own_and_the_answer_given_is_marked_in_words() -> None:
    (message,) = render(samples.answered_step())
    sets = [[one["title"] for one in line["actions"]] for line in objects(message.card["body"], "ActionSet")]
    assert sets[:5] == [
        ["○ Ikke startet"],
        ["◐ I gang, efter planen"],
        ["▲ Forsinket ✓ valgt"],
        ["● Gennemført"],
        ["■ Stoppet"],
    ]
    assert sets[5:] == [["‹ Tilbage", "Fortsæt senere"]]


def test_buttons_share_a_line_as_far_as_a_phone_shows_them() -> None:
    (first, *_) = render(samples.summary())
    sets = [[one["title"] for one in line["actions"]] for line in objects(first.card["body"], "ActionSet")]
    assert sets == [["▾ De øvrige 3 indsatser"], ["Svar", "Spørg ind"], ["Tages op på mødet", "Godkend"]]


def test_a_choice_a_phone_would_cut_is_read_above_its_buttons() -> None:
    long = "Den blev gennemført, men den virkede slet ikke"
    message = shown(Buttons((Button(long, Press("answer"), "choice"), Button("Andet", Press("answer"), "choice"))))
    assert seen(message) == [f"• {long}", "• Andet"]


def test_a_fold_opens_inside_the_card() -> None:
    first, details = render(samples.summary())
    (opens,) = objects(first.card, "Action.ToggleVisibility")
    (inside,) = [one for one in objects(first.card, "Container") if one.get("id") == opens["targetElements"][0]]
    assert inside["isVisible"] is False
    assert "◐ I gang · Udeliv hver tirsdag" in seen(Message("", {"body": [inside]}))
    assert "Alle svar" in seen(details)


def test_a_fold_that_does_not_fit_stands_below_the_card_and_is_named_on_it() -> None:
    long = Fold("Alle svar", tuple(para(f"{place} {LONG}") for place in range(5)))
    first, *rest = render(Card("x", (Title("Hov"), long, Buttons((Button("Start", Press("open")),))), "Hov"))
    assert seen(first) == ["↳ Alle svar", "Hov"]
    assert all(any(f"{place} Vi mangler" in line for one in rest for line in seen(one)) for place in range(5))
    assert pressed(first) == [Press("open").token]


def test_a_fold_with_something_to_press_stays_open() -> None:
    message = shown(Fold("Mere", (Buttons((Button("Start", Press("open")),)),)))
    assert [press_of(one) for one in actions(message)] == [Press("open")]
    assert not list(objects(message.card, "Action.ToggleVisibility"))


def test_a_line_with_a_sign_of_its_own_needs_no_other_mark() -> None:
    items = ((para("◐ I gang"),), (para("Udeliv"),), (para("● Gennemført"), para("Tre familier")))
    assert seen(shown(Points(items, numbered=False))) == ["◐ I gang", "• Udeliv", "● Gennemført", "Tre familier"]
    assert seen(shown(Points(items[:2]))) == ["1. ◐ I gang", "2. Udeliv"]


def test_what_is_previewed_can_be_read_and_not_pressed() -> None:
    asked = Input("why", "text", "Hvorfor?", value="Fordi")
    message = shown(Framed((Title("Opslag"), asked, Buttons((Button("Svar", Press("reply")),))), "I kanalen"))
    assert not actions(message)
    assert not inputs(message)
    assert seen(message) == ["I kanalen", "Hvorfor?", "Fordi", "[Svar]", "Opslag"]


def test_a_row_that_begins_a_new_line_begins_a_new_block() -> None:
    row = Row((Run("Titel", Style.STRONG), Run("\nsvar\nog mere")), Button("Ret", Press("goto")))
    assert seen(shown(row)) == ["Titel", "svar\nog mere"]
    assert actions(shown(row))[0]["tooltip"] == "Ret: Titel"


# --- inputs -----------------------------------------------------------------------------------------------------------------------------


def test_every_field_has_its_question_and_its_limit() -> None:
    fields = inputs(render(samples.challenge())[0])
    assert [(name, one["type"], one["label"]) for name, one in fields.items()] == [
        ("cause", "Input.Text", "Hvori består udfordringen, og hvad skyldes den?"),
        ("remedy", "Input.Text", "Hvad skal der ske for at løse den? (kan udelades)"),
        ("involve[]", "Input.ChoiceSet", "Flere kolleger (2)"),
        ("involve__others", "Input.Text", "Andre, fx eksterne"),
    ]
    assert (fields["cause"]["isMultiline"], fields["cause"]["maxLength"]) == (True, 3000)
    assert "isMultiline" not in fields["involve__others"]


def test_a_fault_stands_in_one_box_with_its_field_and_the_field_keeps_its_id() -> None:
    before, after = (inputs(render(card())[0]) for card in (samples.challenge, samples.challenge_with_faults))
    assert before["cause"]["id"] == after["cause"]["id"] == "cause@1.initiative-2.challenge.3"
    message = render(samples.challenge_with_faults())[0]
    (box,) = [one for one in objects(message.card, "Container") if one.get("style") == "attention"]
    assert seen(Message("", {"body": [box]}))[0].startswith("! Skal rettes: Der står noget")
    assert box["items"][1] == after["cause"]
    assert {run["color"] for run in box["items"][0]["inlines"]} == {"attention"}


def test_the_same_field_of_the_next_subject_has_another_id() -> None:
    ids = set()
    for subject in ("initiative-1", "initiative-2"):
        next_one = Buttons((Button("Næste", Press("answer", 1, subject, "challenge", 3)),))
        ids.add(inputs(shown(Input("cause", "text", "Hvorfor?"), next_one))["cause"]["id"])
    assert len(ids) == 2


def test_what_was_typed_goes_along_with_every_button_that_keeps_it_and_no_field_holds_those_back() -> None:
    (message,) = render(samples.challenge())
    assert [named(message, title)["associatedInputs"] for title in ("Næste", "Tilbage")] == ["auto", "auto"]
    assert not any(one.get("isRequired") for one in inputs(message).values())
    (message,) = render(samples.way_forward())
    assert named(message, "Det aftaler vi")["associatedInputs"] == "none"


def about() -> replying.About:
    return replying.About(texts("da"), 1, "Solsikken", Wording("Forårsdialog", "Spring dialogue"), "Mette", "ledelse")


def test_a_field_must_be_filled_in_where_only_the_button_that_sends_takes_it_along() -> None:
    (message,) = render(replying.form(about(), "question"))
    assert faults(message) == []
    assert [named(message, title)["associatedInputs"] for title in ("Send", "Ikke nu")] == ["auto", "none"]
    field = inputs(message)["text"]
    assert field["isRequired"] is True
    assert field["errorMessage"] == "Skriv et svar. Det må ikke indeholde et CPR-nummer."


CHECKED = inputs(render(Card("step", (Input("why", "text", "Hvorfor?"),), "…"))[0])["why"]["regex"]


def is_held_back(text: str) -> bool:
    """Whether the phone refuses to send it."""
    return re.fullmatch(CHECKED, text) is None


@pytest.mark.parametrize("text", ["010190-1234", "Familien\n010190-1234 venter", "(311299-0001)", "x010190-1234,"])
def test_what_looks_like_a_cpr_number_never_leaves_the_phone(text: str) -> None:
    assert is_held_back(text)


@pytest.mark.parametrize("text", ["", "To skoler\nhar ikke svaret.", "sag 410190-1234", "2027-04-01", "12010190-1234"])
def test_other_texts_do(text: str) -> None:
    assert not is_held_back(text)


@given(st.text(st.sampled_from("0123456789-- \nx."), max_size=30))
def test_the_phone_holds_nothing_back_that_we_would_take(text: str) -> None:
    assert looks_like_cpr(text) or not is_held_back(text)


def test_a_day_that_is_none_is_shown_beside_its_empty_field() -> None:
    (message,) = render(samples.way_forward())
    assert "value" not in inputs(message)["new_deadline"]
    assert inputs(message)["by_when"]["value"] == "2027-04-20"
    (box,) = [one for one in objects(message.card, "Container") if one.get("style") == "attention"]
    assert seen(Message("", {"body": [box]})) == ["! Skal rettes: Skriv datoen som 15-05-2027.", "i morgen"]


def test_a_text_longer_than_its_limit_is_not_cut() -> None:
    field = inputs(shown(Input("why", "text", "Hvorfor?", value="x" * 3000 + "rest", limit=3000)))["why"]
    assert (field["value"][-4:], field["maxLength"]) == ("rest", 3004)


def test_a_question_too_long_for_a_field_stands_above_it() -> None:
    message = shown(Input("why", "text", "Hvorfor? " * 60))
    assert "".join(seen(message)) == "Hvorfor? " * 60
    assert inputs(message)["why"]["label"].startswith("Hvorfor? Hvorfor?")


def colleagues(count: int) -> tuple[Option, ...]:
    return tuple(
        Option(str(place), f"Navn Efternavn {place}", "Skolen ved Søen, leder") for place in range(1, count + 1)
    )


def test_the_nearest_colleagues_and_those_picked_stand_first_and_the_others_open_below() -> None:
    asked = Input("who", "people", "Hvem?", options=colleagues(60), chosen=("7", "49"), others_label="Andre")
    message = shown(asked)
    near, more = objects(message.card, "Input.ChoiceSet")
    assert [one["value"] for one in near["choices"]] == ["7", "49", "1", "2", "3", "4", "5", "6"]
    assert near["value"] == "7,49"
    assert (len(more["choices"]), more["label"], "value" in more) == (52, "Flere kolleger (52)", False)
    assert near["isMultiSelect"] is more["isMultiSelect"] is True


def test_sixty_colleagues_and_two_texts_of_three_thousand_characters_fit_in_one_card() -> None:
    said = (LONG[:2996] + "slut")[:3000]
    who = Input("who", "people", "Hvem?", options=colleagues(60), others_label="Andre", value="x" * 300)
    texts = (Input("why", "text", "Hvorfor?", value=said), Input("what", "text", "Hvad?", value=said))
    onward = Buttons((Button("Næste", Press("answer", 1, "initiative-1", "challenge", 3), "primary"),))
    (message,) = render(Card("step", (Title("Hov"), *texts, who, onward), "Hov"))
    assert faults(message) == []
    assert [inputs(message)[name]["value"] for name in ("why", "what")] == [said, said]
    assert sum(len(one["choices"]) for one in objects(message.card, "Input.ChoiceSet")) == 60


def test_a_town_of_colleagues_is_shortened_and_says_so() -> None:
    asked = Input("who", "people", "Hvem?", options=colleagues(400), others_label="Andre", chosen=("399",))
    message = shown(asked)
    assert "Listen er forkortet. Skriv andre i feltet herunder." in seen(message)
    assert next(objects(message.card, "Input.ChoiceSet"))["value"] == "399"


@pytest.mark.parametrize(("count", "style"), [(3, "expanded"), (8, "expanded"), (9, "compact")])
def test_a_choice_is_open_while_there_are_few(count: int, style: str) -> None:
    options = tuple(Option(str(place), f"Valg {place}") for place in range(count))
    field = inputs(shown(Input("why", "choice", "Hvorfor?", value="2", options=options)))["why"]
    assert (field.get("style", "compact"), field["value"]) == (style, "2")


def test_typed_text_that_is_larger_than_the_limit_by_itself_is_whole_all_the_same() -> None:
    said = "æ" * 3000
    fields = [Input(f"f{place}", "text", "Hvad?", value=said) for place in range(6)]
    (message, *_) = render(Card("step", (*fields, Buttons((Button("Næste", Press("answer", 1)),))), "…"))
    assert [one["value"] for one in inputs(message).values()] == [said] * 6
    assert LIMIT < weight(message.card) < 100 * 1024


# --- sixty indsatser ----------------------------------------------------------------------------------------------------------------------


def picks(message: Message) -> list[str]:
    return [choice["value"] for one in objects(message.card, "Input.ChoiceSet") for choice in one["choices"]]


@pytest.mark.parametrize("count", [1, 7, 20, 60, 150])
@pytest.mark.parametrize("about", ["● Gennemført", LONG], ids=["short", "long"])
def test_a_review_of_any_length_is_one_message_that_opens_every_row(count: int, about: str) -> None:
    card = review_of(count, about)
    first, *rest = messages = render(card)
    assert [faults(message) for message in messages] == [[]] * len(messages)
    assert sorted(pressed(first) + picks(first)) == sorted(button.press.token for button in card.buttons)
    assert actions(first)[-1]["style"] == "positive"
    read = " ".join(line for message in messages for line in seen(message))
    assert all(f"nummer {place}:" in read for place in range(count))
    assert count > 60 or not rest


def test_a_row_picked_in_the_menu_is_a_press_and_holds_no_other_button_back() -> None:
    (message,) = render(review_of(60))
    (menu,) = objects(message.card, "Input.ChoiceSet")
    edit = named(message, "Ret")
    assert menu["choices"][23]["title"].startswith("24 · Indsats nummer 23")
    assert press_of({**edit, "data": {**edit["data"], menu["id"]: menu["choices"][23]["value"]}}) == Press(
        "goto", 1, "initiative-23", "status", 9
    )
    assert press_of(edit) is None
    assert (menu["isRequired"], menu["errorMessage"]) == (True, "Vælg en linje i listen først.")
    assert named(message, "Se opsummeringen")["associatedInputs"] == "none"


def test_sixty_long_answers_follow_whole_in_as_many_messages_as_they_need() -> None:
    said = [f"({place}) {LONG}" for place in range(60)]
    answers = Card("answers", (Title("Alle svar", 2), Points(tuple((para(one),) for one in said))), "Alle svar")
    reply = Buttons((Button("Svar", Press("respond", 1)),))
    first, *rest = render(Card("summary", (Title("Forårsdialog"), reply), "Forårsdialog", thread=(answers,)))
    assert pressed(first) == [Press("respond", 1).token]
    assert [faults(message) for message in rest] == [[]] * len(rest)
    written = "".join(line for message in rest for line in seen(message))
    assert all(written.count(one) == 1 for one in said)


def test_a_card_too_long_for_one_message_keeps_its_buttons_and_sends_the_texts_below() -> None:
    texts = [f"{place}{'x' * 2900}" for place in range(8)]
    card = Card("x", (Title("Hov"), *map(para, texts), Buttons((Button("Start", Press("open")),))), "Hov")
    first, *rest = render(card)
    assert [faults(message) for message in (first, *rest)] == [[]] * (1 + len(rest))
    assert pressed(first) == [Press("open").token]
    everything = [line for message in (first, *rest) for line in seen(message)]
    assert all(text in everything for text in texts)
    assert all(any(line.startswith(text[:50]) for line in seen(first)) for text in texts)


def test_a_card_that_says_nothing_is_a_card() -> None:
    (message,) = render(Card("x", (), "Hej"))
    assert (faults(message), seen(message), message.text) == ([], ["Hej"], "Hej")


# --- back from Teams ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", samples.EVERY)
def test_a_button_says_what_it_was_made_to_say(sample: Callable[[], Card]) -> None:
    (first, *_) = render(sample())
    for one in actions(first):
        press = press_of({"type": "Action.Execute", "verb": one["verb"], "data": one["data"]})
        assert press is not None
        assert press == press_of(one["data"]) == press_of({"action": one, "trigger": "manual"})
        assert press.act == one["verb"]


GARBAGE: list[object] = [
    None,
    "open.1...0.",
    [],
    {},
    {"data": "open.1...0."},
    {"data": {"press": 7}},
    {"data": {"press": ["open.1...0."]}},
    {"data": {"press": "open"}},
    {"data": {"pick": "pick"}},
    {"data": {"pick": ["pick"], "pick ": "x"}},
    {"data": {"pick": "cause@1", "cause@1": {"a": 1}}},
    {"action": {"data": None}},
    {"verb": "open"},
]


@pytest.mark.parametrize("value", GARBAGE)
def test_what_is_not_ours_is_no_press(value: object) -> None:
    assert press_of(value) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("a[]@1"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["action", "data", "press", "pick", "asked", "a[]@1", "a@1", "@"]), inner)
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_nothing_that_comes_in_breaks_it(value: object) -> None:
    assert press_of(value) is None or isinstance(press_of(value), Press)
    for name, given_ in read_inputs(value).items():
        assert name.isascii()
        assert isinstance(given_, str) or all(isinstance(one, str) for one in given_)


def sent(message: Message, title: str, typed: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Teams sends when a button is pressed and the fields hold what is typed: nothing of those that are empty."""
    button = named(message, title)
    ids = {one["id"].split("@")[0]: one["id"] for one in objects(message.card, "Input.")}
    return {"type": "Action.Execute", "data": {**button["data"], **{ids[name]: said for name, said in typed.items()}}}


def test_what_the_inputs_held_comes_back_by_field() -> None:
    (message,) = render(samples.challenge())
    typed = {"cause": "To skoler\nhar ikke svaret @ alle", "involve__others": "PPR"}
    back = sent(message, "Næste", {**typed, "involve[]": "sofie"})
    first = next(objects(message.card, "Input.ChoiceSet"))["id"]
    assert read_inputs({**back, "data": {**back["data"], first: "ali,jens"}}) == {
        **typed,
        "remedy": "",
        "involve": ("sofie", "ali", "jens"),
    }


def test_fields_left_empty_come_back_empty_with_the_buttons_that_take_them_along_and_only_those() -> None:
    (message,) = render(samples.challenge())
    empty = {"cause": "", "remedy": "", "involve": (), "involve__others": ""}
    assert read_inputs(sent(message, "Tilbage", {})) == empty
    (message,) = render(samples.way_forward())
    assert read_inputs(sent(message, "Det aftaler vi", {})) == {}


def test_days_and_choices_come_back_and_may_be_empty() -> None:
    (message,) = render(samples.way_forward())
    typed = {"next": "Jens", "by_when": "2027-05-01", "weight": "soon"}
    assert read_inputs(sent(message, "Næste", typed)) == {**typed, "responsible": "", "new_deadline": ""}


def test_what_other_keys_held_is_left_alone_and_what_is_no_text_is_empty() -> None:
    data = {"press": "x", "theirs": "y", "cause@1": 7, "who[]@1": ["a"], "who[]@1~2": "b", "væk@1": "z", 3: "w"}
    assert read_inputs({"data": data}) == {"cause": "", "who": ("b",)}


@given(st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.integers(1, 10**9), unique=True))
def test_any_text_and_any_people_come_back(text: str, people: list[int]) -> None:
    data = {"why@1.a.b.3": text, "who[]@1.a.b.3": ",".join(map(str, people))}
    assert read_inputs({"data": data}) == {"why": text, "who": tuple(map(str, people))}


# --- the checker --------------------------------------------------------------------------------------------------------------------------


def card_of(*body: object, **more: object) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": list(body), **more}


def execute(**more: object) -> Element:
    return {"type": "Action.Execute", "title": "Ret", "verb": "open", "data": {}, **more}


def acts(*some: Element) -> Element:
    return {"type": "ActionSet", "actions": list(some)}


def typed(**more: object) -> Element:
    return {"type": "Input.Text", "id": "a", "label": "Hvad?", **more}


def menu(*choices: Element, **more: object) -> Element:
    return {"type": "Input.ChoiceSet", "id": "m", "label": "Hvem?", "choices": list(choices), **more}


def choice(value: str = "v", title: str = "x") -> Element:
    return {"title": title, "value": value}


def words(text: str = "x", **more: object) -> Element:
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def rich(*runs: object) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs)}


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({}, "/: is no AdaptiveCard"),
        (card_of(), "/body: is empty"),
        (card_of(words(), version="1.6"), "/version: must be 1.5"),
        (card_of(words("x" * 14000)), "/: 28"),
        (card_of({"type": "Chart.Gauge"}), "/body/0: a type Teams does not draw"),
        (card_of({"type": "Chart.Donut", "fallback": "drop"}), "/body/0: a chart needs data"),
        (card_of({"type": "Chart.Donut", "data": [{"legend": "x", "value": 1}]}), "/body/0: a chart says what stands"),
        (
            card_of({"type": "Chart.Donut", "data": [{"legend": "x", "value": "1"}], "fallback": "drop"}),
            "/body/0: a part of a chart needs a legend and a number",
        ),
        (card_of({"type": "Media", "sources": []}), "/body/0: a type Teams does not draw"),
        (card_of({"text": "x"}), "/body/0: has no type"),
        (card_of(words(colour="red")), "/body/0: TextBlock does not know 1"),
        (card_of(words(color="red")), "/body/0: color is none"),
        (card_of(words(style="columnHeader")), "/body/0: style is none"),
        (card_of(words("")), "/body/0: text is empty"),
        (card_of({"type": "TextBlock", "text": "x"}), "/body/0: must wrap"),
        (card_of(words("**fed**")), "/body/0: text would be read as markup"),
        (card_of(words("<at>Jens</at>")), "/body/0: text would be read as markup"),
        (card_of(words("{{DATE(2027-04-01)}}")), "/body/0: text would be read as markup"),
        (card_of(rich()), "/body/0: inlines are missing"),
        (card_of(rich("x")), "/body/0: an inline is no TextRun"),
        (card_of(rich({"type": "TextRun", "text": ""})), "/body/0/inlines/0: text is empty"),
        (card_of(rich({"type": "TextRun", "text": "{{TIME(x)}}"})), "/body/0/inlines/0: text would be read as a date"),
        (card_of(acts()), "/body/0: 0 actions"),
        (card_of(acts(*[execute()] * 7)), "/body/0: 7 actions, 1 to 6"),
        (card_of(acts(execute(title="x" * 81))), "/body/0/actions/0: title has 81 characters"),
        (card_of(acts(execute(title=" "))), "/body/0/actions/0: title is missing"),
        (card_of(acts(execute(verb=""))), "an Action.Execute has a verb and data"),
        (card_of(acts(execute(style="primary"))), "style is none"),
        (card_of(acts(execute(associatedInputs="ignore"))), "associatedInputs is none"),
        (card_of(acts({"type": "Action.Popover", "title": "x"})), "/body/0/actions/0: a type Teams does not draw"),
        (card_of(acts({"type": "Action.OpenUrl", "title": "x", "url": "http://x"})), "a link has a secure address"),
        (card_of(acts({"type": "Action.ToggleVisibility", "title": "x", "targetElements": ["y"]})), "one is not there"),
        (card_of(acts({"type": "Action.ToggleVisibility", "title": "x"})), "targetElements are missing"),
        (card_of(typed(), typed()), "/body/1/id: is used twice"),
        (card_of(typed(id="")), "/body/0: id must have 1 to 200"),
        (card_of({"type": "Input.Text", "label": "x"}), "/body/0: id is missing"),
        (card_of({"type": "Input.Text", "id": "x"}), "/body/0: label is missing"),
        (card_of(typed(label="x" * 301)), "/body/0: label has 301 characters"),
        (card_of(typed(label="{{DATE(x)}}")), "/body/0: label would be read as a date"),
        (card_of(typed(isRequired=True)), "/body/0: is checked on the phone and has no errorMessage"),
        (card_of(typed(regex=".*")), "/body/0: is checked on the phone and has no errorMessage"),
        (card_of(typed(isRequired=True, errorMessage="*Skriv*")), "/body/0: errorMessage would be read"),
        (card_of(typed(maxLength=2, value="xxx")), "/body/0: value is longer than maxLength"),
        (card_of(typed(maxLength=0)), "/body/0: maxLength is no length"),
        (card_of({"type": "Input.Date", "id": "d", "label": "x", "value": "i morgen"}), "/body/0: value is no date"),
        (card_of(menu()), "/body/0: has no choices"),
        (card_of(menu(choice(""))), "/body/0: a choice's value has 1 to 200"),
        (
            card_of(menu(choice("a,b"), isMultiSelect=True)),
            "/body/0: a choice's value has 1 to 200 characters, and no comma",
        ),
        (card_of(menu(choice(), choice())), "/body/0: a choice's value is used twice"),
        (card_of(menu(choice("v", " "))), "/body/0: a choice's title has 1 to 100"),
        (card_of(menu(choice("v", "x" * 101))), "/body/0: a choice's title has 1 to 100"),
        (card_of(menu(choice("v", "_x_"))), "/body/0: a choice's title would be read"),
        (card_of(menu(choice(), value="w")), "/body/0: what is chosen is not among"),
        (card_of(menu({**choice(), "selected": True})), "/body/0: a choice has a title and a value"),
        (card_of({"type": "Container", "items": []}), "/body/0: is empty"),
        (card_of({"type": "ColumnSet", "columns": []}), "/body/0: is empty"),
        (card_of({"type": "Container", "items": [words("# x")]}), "/body/0/items/0: text would be read"),
        (card_of({"type": "Image", "url": "https://example.dk/x.png"}), "/body/0: an image needs its words"),
        (card_of({"type": "Image", "url": "http://example.dk", "altText": "x"}), "/body/0: an image has a secure"),
    ],
)
def test_what_teams_would_refuse_cut_or_misread_is_found(card: Mapping[str, Any], said: str) -> None:
    assert said in "\n".join(problems(card))


def test_a_problem_never_repeats_what_people_wrote() -> None:
    text = "**Mette har skrevet noget fortroligt**"
    card = card_of(
        words(text, style=text, **{text: text}),
        rich(text),
        typed(id=text * 9, label="{{" + text, value=text, maxLength=1, errorMessage=text),
        menu(choice(text * 9, text), value=text),
        acts(execute(title=text * 9, style=text)),
        {"type": text},
    )
    found = problems(card)
    assert len(found) > 10
    assert "fortroligt" not in "".join(found)


@pytest.mark.parametrize(
    "kind", sorted(set(KNOWN) - CHARTS.keys() - {"AdaptiveCard", "TextRun", "Container", "TableCell", "Action.Submit"})
)
def test_the_checker_knows_the_properties_of_the_official_schema(kind: str) -> None:
    official = SCHEMA["definitions"][kind]
    assert set(official["properties"]) - {"type"} == KNOWN[kind] - {"type"}


# --- as they were agreed to look ----------------------------------------------------------------------------------------------------------

GOLDEN: dict[str, Callable[[], Card]] = {
    **{sample.__name__.replace("_", "-"): sample for sample in samples.EVERY},
    "hostile": lambda: samples.with_text(samples.HOSTILE["markdown"] + samples.HOSTILE["mention"]),
    "review-of-sixty": lambda: review_of(60),
    "challenge-of-sixty-colleagues": lambda: Card(
        "step",
        (
            *samples.challenge().parts[:3],
            Input("involve", "people", "Hvem skal involveres?", options=colleagues(60), others_label="Andre"),
            *samples.challenge().parts[-2:],
        ),
        "…",
    ),
    "reply": lambda: replying.form(about(), "question"),
    "news": lambda: replying.news(
        about(), replying.Response("question", "Jens", "Hvornår?", datetime(2027, 4, 1, tzinfo=UTC)), to_leader=True
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_cards_are_as_they_were_agreed_to_be(name: str) -> None:
    shown_now = [{"text": one.text, "card": one.card} for one in render(GOLDEN[name]())]
    content = json.dumps(shown_now, ensure_ascii=False, indent=1) + "\n"
    path = FOLDER / f"{name}.json"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == content, f"{path.name}: see the head of this file"
