"""Cards as Slack's blocks: every sample within the limits, as written, and back. Golden blocks: tests/golden_slack/<card>.json.

When a card is meant to look different:  DIALOGBOT_UPDATE_GOLDEN=1 python -m pytest tests/test_cards_slack.py
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import slack
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
    Para,
    Part,
    Points,
    Press,
    Row,
    Run,
    Style,
    Title,
)
from cards.slack import Message, press_of, read_state, render
from cards.slack_limits import Block, fits, pieces, problems
from tests import samples
from tests.databases import fresh_database
from tests.test_golden import cards_in

FOLDER = Path(__file__).parent / "golden_slack"
UPDATE = os.environ.get("DIALOGBOT_UPDATE_GOLDEN") == "1"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
LONG = "Vi mangler en aftale på chefniveau. " * 83 + "slut"


# --- reading blocks as a person does ----------------------------------------------------------------------------------------------------


def lines(block: Block) -> Iterator[str]:
    """What stands in a block that is only read, a line a paragraph or item."""
    match block:
        case {"type": "rich_text", "elements": elements}:
            for element in elements:
                sections = element["elements"] if element["type"] == "rich_text_list" else [element]
                yield from ("".join(run["text"] for run in section["elements"]) for section in sections)
        case {"type": "context", "elements": elements}:
            yield from (one["text"] for one in elements)
        case {"type": "header" | "section", "text": {"text": text}}:
            yield text


def seen(message: Message) -> list[str]:
    return [line for block in message.blocks for line in lines(block)]


def elements(message: Message) -> list[Block]:
    """Everything that can be pressed or picked."""
    found: list[Block] = []
    for block in message.blocks:
        found += block["elements"] if block["type"] == "actions" else []
        found += [block["accessory"]] if "accessory" in block else []
    return found


def inputs(message: Message) -> dict[str, Block]:
    return {block["block_id"].split("@")[0]: block for block in message.blocks if block["type"] == "input"}


def objects(node: object, kind: str) -> Iterator[Block]:
    """Every object of that type anywhere in the blocks."""
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield node
        for value in node.values():
            yield from objects(value, kind)
    elif isinstance(node, list):
        for one in node:
            yield from objects(one, kind)


def shown(*parts: Part, thread: tuple[Card, ...] = (), language: str = "da") -> Message:
    (first, *_) = render(Card("step", parts, "…", language, thread))
    assert problems(first.blocks) == ()
    return first


def para(text: str, style: Style = Style.PLAIN) -> Para:
    return Para((Run(text, style),))


# --- within the limits -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", samples.EVERY)
def test_every_card_is_something_slack_takes(sample: Callable[[], Card]) -> None:
    card = sample()
    first, *_ = messages = render(card)
    assert [problems(message.blocks) for message in messages] == [()] * len(messages)
    pressed = [one["value"] for one in elements(first)]
    framed = [button for part in card.parts if isinstance(part, Framed) for button in Card("", part.parts, "").buttons]
    assert pressed == [button.press.token for button in card.buttons if button not in framed]


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_whatever_is_written_everywhere_is_something_slack_takes(text: str) -> None:
    messages = render(samples.with_text(text))
    assert [problems(message.blocks) for message in messages] == [()] * len(messages)
    assert all(0 < len(message.text) <= 4000 for message in messages)


@given(ANY_TEXT)
def test_any_text_at_all_is_something_slack_takes(text: str) -> None:
    for message in render(samples.with_text(text)):
        assert problems(message.blocks) == ()


def test_every_card_of_the_conversation_is_something_slack_takes(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path) as url:
        cards = cards_in("da", url)
    for name, card in cards.items():
        for message in render(card):
            assert problems(message.blocks) == (), name
        below = len(card.thread) + sum(isinstance(part, Fold) for part in card.parts)
        assert len(render(card)) == 1 + below, f"{name}: nothing else of an ordinary card is moved to the thread"


# --- as written -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_what_people_write_comes_out_as_written(text: str) -> None:
    written = contained(text)
    assert seen(shown(para(text))) == [written]
    assert seen(shown(para(text, Style.QUOTE))) == [written]
    assert seen(shown(para(text, Style.QUIET))) == [written]
    assert seen(shown(Title(text))) == [written]
    assert seen(shown(Points(((para(text),),)))) == [written]
    assert seen(shown(Note(text, "done"))) == [f"✓ Udført: {written}"]
    assert seen(shown(Row((Run(text),), Button("Ret", Press("revise")))))[0] == written


@given(ANY_TEXT.filter(str.strip))
def test_any_paragraph_comes_out_as_written(text: str) -> None:
    assert seen(shown(para(text))) == [contained(text)]


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_what_stands_in_a_field_is_what_was_typed(text: str) -> None:
    people = Input("who", "people", "Hvem?", value=text, options=samples.COLLEAGUES[0:1], others_label="Andre")
    fields = inputs(
        shown(Input("why", "text", "Hvorfor?", value=text), Input("what", "line", "Hvad?", value=text), people)
    )
    for name in ("why", "what", "who__others"):
        assert fields[name]["element"]["initial_value"] == text


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
def test_mrkdwn_never_carries_a_mark(text: str) -> None:
    card = Card("review", (Row((Run(text, Style.STRONG), Run(f" {text}")), Button("Ret", Press("revise"))),), text)
    for message in [*render(card), *render(samples.with_text(text))]:
        for one in objects(message.blocks, "mrkdwn"):
            assert not set(one["text"].replace("*", "")) & set("_~`<>&@#|:*")
        assert not any(
            list(objects(message.blocks, kind)) for kind in ("user", "broadcast", "link", "emoji", "markdown")
        )
        assert all(one["emoji"] is False for one in objects(message.blocks, "plain_text"))


def test_the_fallback_says_it_all_and_mentions_nobody() -> None:
    (message,) = render(samples.challenge_with_faults())
    said = unescape(message.text)
    for words in ("CPR-nummer", "2 af 7", "Hvori består", "Familien 010190", "Ali Demir", "Lene fra", "[Næste]"):
        assert words in said
    assert not set("<>") & set(render(Card("x", (para("<!channel> <@U1>"),), "<!here>"))[0].text)
    assert len(render(Card("x", (para("&" * 3000),), "…"))[0].text) <= 4000


# --- parts ------------------------------------------------------------------------------------------------------------------------------


def test_a_title_too_long_for_a_header_is_bold_text() -> None:
    assert shown(Title("x" * 150)).blocks[0]["type"] == "header"
    (block,) = shown(Title("x" * 151)).blocks
    assert next(objects(block, "text"))["style"] == {"bold": True}


def test_progress_is_words_and_a_bar() -> None:
    assert seen(render(samples.step())[0])[0] == "2 af 7   ▰▰▱▱▱▱▱   Børnepolitikken"


def test_the_answer_given_is_marked_in_words() -> None:
    (message,) = render(samples.answered_step())
    assert [one["text"]["text"] for one in elements(message)][2] == "▲ Forsinket ✓ valgt"


def test_a_choice_a_phone_would_cut_is_read_above_its_buttons() -> None:
    long = "Den blev gennemført, men virkede ikke"
    message = shown(Buttons((Button(long, Press("answer"), "choice"), Button("Andet", Press("answer"), "choice"))))
    assert seen(message) == [long, "Andet"]
    assert [one["text"]["text"] for one in elements(message)] == [long, "Andet"]


def test_the_way_past_a_question_is_not_listed_beside_the_way_on() -> None:
    past = "We will agree on it at the meeting"
    row = (Button("Next", Press("answer"), "primary"), Button(past, Press("skip"), "choice"))
    assert seen(shown(Buttons(row))) == []


@pytest.mark.parametrize(
    ("tone", "words"), [("info", "Til orientering: "), ("warning", "! Bemærk: "), ("done", "✓ Udført: ")]
)
def test_a_note_says_in_words_what_it_is(tone: Literal["info", "warning", "done"], words: str) -> None:
    assert seen(shown(Note("Opslaget er ikke ændret endnu.", tone))) == [f"{words}Opslaget er ikke ændret endnu."]


def test_the_same_press_twice_has_two_ids_and_one_meaning() -> None:
    press = Press("open", 7)
    first, second = elements(shown(Buttons((Button("A", press), Button("B", press)))))
    assert first["action_id"] != second["action_id"]
    assert press_of(first) == press_of(second) == press


def test_more_buttons_than_a_row_holds_are_several_rows() -> None:
    many = Buttons(tuple(Button(str(place), Press("open", place)) for place in range(60)))
    assert [len(block["elements"]) for block in shown(many).blocks] == [25, 25, 10]


def test_a_fold_stands_in_the_thread_and_is_named_on_the_card() -> None:
    first, fold, details = render(samples.summary())
    assert "↳ De øvrige 3 indsatser" in seen(first)
    assert seen(fold)[0] == "De øvrige 3 indsatser"
    assert "◐ I gang · Udeliv hver tirsdag" in seen(fold)
    assert seen(details)[0] == "Alle svar"


def test_a_fold_with_something_to_press_stays_on_the_card() -> None:
    message = shown(Fold("Mere", (Buttons((Button("Start", Press("open")),)),)))
    assert [press_of(one) for one in elements(message)] == [Press("open")]


def test_what_is_previewed_can_be_read_and_not_pressed() -> None:
    message = shown(Framed((Title("Opslag"), Buttons((Button("Svar", Press("reply")),))), "I kanalen"))
    assert [block["type"] for block in message.blocks] == ["context", "divider", "header", "context", "divider"]
    assert seen(message) == ["I kanalen", "Opslag", "[Svar]"]


def test_a_list_longer_than_a_block_counts_on() -> None:
    message = shown(Points(tuple((para(f"{place} {'x' * 900}"),) for place in range(8))))
    lists = list(objects(message.blocks, "rich_text_list"))
    assert [one.get("offset", 0) for one in lists] == [0, 4]
    assert [line.split()[0] for line in seen(message)] == [str(place) for place in range(8)]


# --- inputs -----------------------------------------------------------------------------------------------------------------------------


def test_a_fault_stands_above_its_field_and_the_field_keeps_its_id() -> None:
    before, after = (inputs(render(card())[0]) for card in (samples.challenge, samples.challenge_with_faults))
    assert before["cause"]["block_id"] == after["cause"]["block_id"] == "cause@1.initiative-2.challenge.3"
    message = render(samples.challenge_with_faults())[0]
    place = message.blocks.index(after["cause"])
    assert next(lines(message.blocks[place - 1])).startswith("! Skal rettes: Der står noget")


def test_the_same_field_of_the_next_subject_has_another_id() -> None:
    ids = set()
    for subject in ("initiative-1", "initiative-2"):
        next_one = Buttons((Button("Næste", Press("answer", 1, subject, "challenge", 3)),))
        ids.add(shown(Input("cause", "text", "Hvorfor?"), next_one).blocks[0]["block_id"])
    assert len(ids) == 2


def test_a_day_that_is_none_is_shown_beside_its_empty_field() -> None:
    message = render(samples.way_forward())[0]
    assert "initial_date" not in inputs(message)["new_deadline"]["element"]
    assert inputs(message)["by_when"]["element"]["initial_date"] == "2027-04-20"
    assert "i morgen" in seen(message)


def test_a_text_beyond_the_last_character_is_not_lost() -> None:
    message = shown(Input("why", "text", "Hvorfor?", value="x" * 3000 + "rest", limit=3000))
    assert len(inputs(message)["why"]["element"]["initial_value"]) == 3000
    assert seen(message) == ["… rest"]


def test_those_picked_are_picked_and_a_municipality_of_colleagues_is_grouped() -> None:
    everyone = tuple(Option(str(place), f"Navn {place}", "Leder") for place in range(250))
    asked = Input("who", "people", "Hvem?", options=everyone, chosen=("7", "249"), others_label="Andre")
    element = inputs(shown(asked))["who"]["element"]
    assert [len(group["options"]) for group in element["option_groups"]] == [100, 100, 50]
    assert element["option_groups"][2]["label"]["text"] == "Navn 200 – Navn 249"
    assert [option["value"] for option in element["initial_options"]] == ["7", "249"]


@pytest.mark.parametrize(("count", "kind"), [(3, "radio_buttons"), (10, "radio_buttons"), (11, "static_select")])
def test_a_choice_is_radio_buttons_while_there_are_few(count: int, kind: str) -> None:
    options = tuple(Option(str(place), f"Valg {place}") for place in range(count))
    element = inputs(shown(Input("why", "choice", "Hvorfor?", value="2", options=options)))["why"]["element"]
    assert (element["type"], element["initial_option"]["value"]) == (kind, "2")


# --- sixty indsatser ----------------------------------------------------------------------------------------------------------------------


def review_of(
    count: int, about: str = "▲ Forsinket · Vi mangler en aftale på chefniveau, og to skoler har ikke …"
) -> Card:
    parts: list[Part] = [Title("Dine svar"), para("Her er det hele.")]
    for place in range(count):
        if place % 20 == 0:
            parts.append(Title(f"Kilde {place // 20}", 2))
        press = Press("goto", 1, f"initiative-{place}", "status", 9)
        title = Run(f"Indsats nummer {place}: møder med alle modtagende skoler", Style.STRONG)
        parts.append(Row((title, Run(f"\n{about}")), Button("Ret", press)))
    way_on = Buttons((Button("Se opsummeringen", Press("preview", 1, revision=9), "primary"),))
    return Card("review", (*parts, way_on), "Dine svar")


def menu_values(message: Message) -> list[str]:
    menus = [one for one in elements(message) if one["type"] == "static_select"]
    groups = [group for menu in menus for group in menu.get("option_groups", [menu])]
    return [option["value"] for group in groups for option in group["options"]]


@pytest.mark.parametrize("count", [1, 7, 20, 60, 150])
@pytest.mark.parametrize("about", ["● Gennemført", LONG], ids=["short", "long"])
def test_a_review_of_any_length_is_one_message_that_opens_every_row(count: int, about: str) -> None:
    card = review_of(count, about)
    (message,) = render(card)
    assert problems(message.blocks) == ()
    buttons = [one["value"] for one in elements(message) if one["type"] == "button"]
    assert sorted(buttons + menu_values(message)) == sorted(button.press.token for button in card.buttons)
    assert message.blocks[-1]["elements"][0]["style"] == "primary"
    assert count > 100 or all(any(f"nummer {place}:" in line for line in seen(message)) for place in range(count))


def test_a_menu_stands_under_the_headings_of_its_rows() -> None:
    (message,) = render(review_of(60))
    (menu,) = [one for one in elements(message) if one["type"] == "static_select"]
    assert menu["placeholder"]["text"] == "Ret …"
    assert [group["label"]["text"] for group in menu["option_groups"]] == ["Kilde 0", "Kilde 1", "Kilde 2"]
    picked = {"type": "static_select", "action_id": "menu", "selected_option": menu["option_groups"][1]["options"][3]}
    assert press_of(picked) == Press("goto", 1, "initiative-23", "status", 9)


def test_sixty_long_answers_follow_whole_in_as_many_messages_as_they_need() -> None:
    said = [f"({place}) {LONG}" for place in range(60)]
    answers = Card("answers", (Title("Alle svar", 2), Points(tuple((para(one),) for one in said))), "Alle svar")
    reply = Buttons((Button("Svar", Press("respond", 1)),))
    first, *rest = render(Card("summary", (Title("Forårsdialog"), reply), "Forårsdialog", thread=(answers,)))
    assert [press_of(one) for one in elements(first)] == [Press("respond", 1)]
    assert all(fits(message.blocks) for message in rest)
    written = "".join(line for message in rest for line in seen(message))
    assert all(written.count(one) == 1 for one in said)


def test_a_card_too_long_for_one_message_keeps_its_buttons_and_sends_the_texts_below() -> None:
    texts = [f"{place}{'x' * 2900}" for place in range(8)]
    card = Card("x", (Title("Hov"), *map(para, texts), Buttons((Button("Start", Press("open")),))), "Hov")
    first, *rest = render(card)
    assert [problems(message.blocks) for message in (first, *rest)] == [()] * (1 + len(rest))
    assert press_of(elements(first)[0]) == Press("open")
    everything = seen(first) + [line for message in rest for line in seen(message)]
    assert all(text in everything for text in texts)
    assert all(any(line.startswith(text[:50]) for line in seen(first)) for text in texts)


def test_fifty_paragraphs_and_one_button_are_two_messages() -> None:
    card = Card("x", (*(para(str(place)) for place in range(60)), Buttons((Button("Start", Press("open")),))), "…")
    first, second = render(card)
    assert len(first.blocks) == 50
    assert press_of(elements(first)[-1]) == Press("open")
    assert seen(first) + seen(second) == [str(place) for place in range(60)]


# --- back from Slack ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", samples.EVERY)
def test_a_button_says_what_it_was_made_to_say(sample: Callable[[], Card]) -> None:
    (first, *_) = render(sample())
    for one in elements(first):
        assert press_of({"type": "button", "action_id": one["action_id"], "value": one["value"]}) is not None


@pytest.mark.parametrize(
    "action",
    [
        {"type": "button", "action_id": "somebody-elses", "value": "x"},
        {"type": "static_select", "action_id": "menu", "selected_option": None},
        {"type": "plain_text_input", "action_id": "cause", "value": "open.1...0."},
        {"type": "datepicker", "action_id": "by_when", "selected_date": "2027-04-01"},
        {},
    ],
)
def test_what_is_not_ours_is_no_press(action: Mapping[str, Any]) -> None:
    assert press_of(action) is None


def state_of(message: Message, typed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What Slack sends along with a press, when the fields hold what is typed."""
    return {
        block["block_id"]: {block["element"]["action_id"]: {"type": block["element"]["type"], **typed[name]}}
        for name, block in inputs(message).items()
    }


def test_what_the_inputs_held_comes_back_by_field() -> None:
    message = render(samples.challenge())[0]
    picked = [{"text": {"type": "plain_text", "text": "Ali"}, "value": "ali"}]
    typed = {
        "cause": {"value": "To skoler\nhar ikke svaret @ alle"},
        "remedy": {"value": None},
        "involve": {"selected_options": picked},
        "involve__others": {"value": "PPR"},
    }
    assert read_state(state_of(message, typed)) == {
        "cause": "To skoler\nhar ikke svaret @ alle",
        "remedy": "",
        "involve": ("ali",),
        "involve__others": "PPR",
    }


def test_days_and_choices_come_back_and_may_be_empty() -> None:
    message = render(samples.way_forward())[0]
    typed = {
        "next": {"value": "Jens"},
        "responsible": {"value": None},
        "by_when": {"selected_date": "2027-05-01"},
        "new_deadline": {"selected_date": None},
        "weight": {"selected_option": {"value": "soon"}},
    }
    expected = {"next": "Jens", "responsible": "", "by_when": "2027-05-01", "new_deadline": "", "weight": "soon"}
    assert read_state(state_of(message, typed)) == expected


def test_what_other_blocks_held_is_left_alone() -> None:
    assert read_state({"Xy1z": {"menu": {"type": "static_select", "selected_option": {"value": "x"}}}}) == {}


# --- the checker --------------------------------------------------------------------------------------------------------------------------


def text(words: str = "x", kind: str = "plain_text") -> Block:
    return {"type": kind, "text": words}


def button(**more: object) -> Block:
    return {"type": "button", "text": text(), "action_id": "a", **more}


def actions(*some: Block) -> Block:
    return {"type": "actions", "elements": list(some)}


def asks(element: Block, **more: object) -> Block:
    return {"type": "input", "label": text(), "element": element, **more}


def menu(*options: Block, **more: object) -> Block:
    return {"type": "static_select", "action_id": "m", "options": list(options), **more}


def option(value: str = "v", words: str = "x") -> Block:
    return {"text": text(words), "value": value}


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([], "no blocks"),
        ([{"type": "divider"}] * 51, "51 blocks"),
        ([{"type": "section", "text": text("x" * 3001)}], "3001 characters"),
        ([{"type": "section", "text": text("x" * 3000)}] * 4, "weight"),
        ([{"type": "section"}], "text or fields"),
        ([{"type": "section", "fields": [text("x" * 2001)]}], "2001 characters"),
        ([{"type": "section", "fields": [text()] * 11}], "11 fields"),
        ([{"type": "section", "text": text(" ")}], "empty"),
        ([{"type": "section", "text": text(), "accessory": {"type": "plain_text_input"}}], "does not belong"),
        ([{"type": "section", "text": text(), "colour": "red"}], "does not know colour"),
        ([{"type": "header", "text": text("x" * 151)}], "151 characters"),
        ([{"type": "header", "text": text("x", "mrkdwn")}], "cannot be mrkdwn"),
        ([{"type": "alert", "text": text()}], "does not belong"),
        ([{"type": "context", "elements": [text()] * 11}], "11 elements"),
        ([actions()], "0 elements"),
        ([actions(*(button(action_id=str(place)) for place in range(26)))], "26 elements"),
        ([actions(button(), button())], "used twice"),
        ([actions(button()), actions(button())], "used twice"),
        ([actions(button(action_id="x" * 256))], "1 to 255"),
        ([actions(button(text=text("x" * 76)))], "76 characters"),
        ([actions(button(style="green"))], "look green"),
        ([actions(button(value="x" * 2001))], "at most 2000"),
        ([actions(menu())], "0 options"),
        ([actions(menu(*(option(str(place)) for place in range(101))))], "101 options"),
        ([actions(menu(option(), option()))], "value is used twice"),
        ([actions(menu(option("x" * 151)))], "1 to 150"),
        ([actions(menu(option("v", "x" * 76)))], "76 characters"),
        ([actions(menu(option(), initial_option=option("w")))], "not among"),
        ([actions(menu(option(), placeholder=text("x" * 151)))], "151 characters"),
        ([actions({**menu(option()), "type": "multi_static_select"})], "does not belong"),
        ([asks({"type": "plain_text_input", "max_length": 3001})], "1 to 3000"),
        ([asks({"type": "plain_text_input", "max_length": 2, "initial_value": "xxx"})], "longer than max_length"),
        ([asks({"type": "datepicker", "initial_date": "i morgen"})], "no date"),
        ([asks(button())], "does not belong"),
        ([asks({"type": "plain_text_input"}, label=text("x" * 2001))], "2001 characters"),
        ([asks({"type": "plain_text_input"}, block_id="b")] * 2, "used twice"),
        ([{"type": "rich_text", "elements": []}], "is empty"),
        ([{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}], "line is empty"),
        ([{"type": "image", "image_url": "https://example.dk/x.png"}], "needs its words"),
    ],
)
def test_what_slack_would_refuse_is_found(blocks: list[Block], said: str) -> None:
    assert said in " ".join(problems(blocks))


def test_a_mention_in_rich_text_is_found() -> None:
    mention = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}
    assert problems([{"type": "rich_text", "elements": [mention]}]) == ("block 0 (rich_text): user is no text",)


def test_a_view_has_room_for_more_and_takes_no_tables() -> None:
    assert problems([{"type": "divider"}] * 100, "home") == ()
    assert "101 blocks" in problems([{"type": "divider"}] * 101, "modal")[0]
    assert "does not belong in a home" in problems([{"type": "markdown", "text": "x"}], "home")[0]


@given(st.text(max_size=400), st.integers(min_value=4, max_value=50))
def test_pieces_are_the_text_again(words: str, limit: int) -> None:
    parted = list(pieces(words, limit))
    assert "".join(parted) == words
    assert all(0 < len(piece) <= limit for piece in parted)


# --- as they were agreed to look ----------------------------------------------------------------------------------------------------------

GOLDEN: dict[str, Callable[[], Card]] = {
    "step": samples.step,
    "challenge-with-faults": samples.challenge_with_faults,
    "way-forward": samples.way_forward,
    "review": samples.review,
    "review-of-sixty": lambda: review_of(60),
    "preview": samples.preview,
    "summary": samples.summary,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_blocks_are_as_they_were_agreed_to_be(name: str) -> None:
    shown_now = [{"text": one.text, "blocks": one.blocks} for one in slack.render(GOLDEN[name]())]
    content = json.dumps(shown_now, ensure_ascii=False, indent=1) + "\n"
    path = FOLDER / f"{name}.json"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == content, f"{path.name}: see the head of this file"
