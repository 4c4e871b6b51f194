"""Whole cards as they come out of the service, in both languages: tests/golden/<card>.<language>.txt to read, .json to be exact.

When a card is meant to look different:  DIALOGBOT_UPDATE_GOLDEN=1 python -m pytest tests/test_golden.py
Then read what git says has changed, and commit it with the change that made it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot import report_orders
from bot.courier import Ready, prepare
from bot.gathering import House
from bot.outcome import summary_key
from bot.ports import Raw
from bot.report_orders import Order
from cards import reporting, text
from cards.card import Card, Framed, Para, Part, Points, Press
from cards.reports.report import Format, Kind
from cards.telling import POINT_TEXT, THREAD_ENTRIES, THREAD_PART
from dialogs.answers import OTHERS_LIMIT
from dialogs.script import Wording
from store import tables as t
from store.database import open_database
from store.work import Work
from tests.databases import fresh_database
from tests.town import Town, User, at_nine, fjordby, library

FOLDER = Path(__file__).parent / "golden"
UPDATE = os.environ.get("DIALOGBOT_UPDATE_GOLDEN") == "1"
LANGUAGES = ("da", "en")
Cards = dict[str, Card]


# --- a spring in Solsikken, and the one after it -----------------------------------------------------------------------------------


def press(user: User, act: str, value: str = "", nth: int = 0, **inputs: Raw) -> Card:
    """Press the nth button that does this, whatever it is called in the user's language; the card that follows."""
    button = [one for one in user.card.buttons if one.press.act == act and value in {"", one.press.value}][nth]
    same = [one for one in user.card.buttons if one.label.startswith(button.label)]
    return user.presses(button.label, same.index(button), **inputs).card


def first_spring(town: Town, mette: User) -> Iterator[tuple[str, Card]]:
    """Every card from the greeting to what follows a correction."""
    yield "greeting", mette.opens().card
    yield "step", press(mette, "open")
    yield "challenge", press(mette, "answer", "delayed")
    yield (
        "challenge-problems",
        press(mette, "answer", cause="Barnet 010115-1234 er flyttet", involve__others="x" * 301),
    )
    said = "To skoler har ikke svaret.\n\nVi mangler <en aftale> *på* chefniveau."
    ali = str(town.id_of(t.person, email="ali@fjordby.example"))
    forward = press(mette, "answer", cause=said, remedy="En fast dato", involve=(ali,), involve__others="PPR")
    yield "way-forward", forward
    yield "way-forward-problems", press(mette, "answer", next="", by_when="snart", new_deadline="1-1-2020")
    yield (
        "next-step",
        press(mette, "answer", next="Jens tager det op", by_when="15. april", new_deadline="1. september"),
    )
    yield "paused", press(mette, "pause")
    yield "greeting-begun", mette.says("start").card
    press(mette, "open")
    press(mette, "answer", "on_plan")
    yield "closing", press(mette, "answer", "completed")
    yield "review", press(mette, "answer", remark="Normeringen efter sommerferien")
    yield "preview", press(mette, "preview")
    yield "sent", press(mette, "submit")
    yield "status-waiting", mette.says("status").card
    yield "post-waiting", mette.presses_old(Press("post", town.dialogue("solsikken"))).card
    yield "summary", posted(town)
    yield from corrected(town, mette)


def corrected(town: Town, mette: User) -> Iterator[tuple[str, Card]]:
    press(mette, "review")
    press(mette, "goto", nth=3)  # the second indsats, behind the three answers about the first
    yield "review-changed", press(mette, "answer", "completed")
    yield "preview-correction", press(mette, "preview")
    yield "sent-correction", press(mette, "submit")
    yield "summary-corrected", posted(town)
    yield "post", press(mette, "post")
    yield "status", mette.says("status").card
    yield "help", mette.says("help").card
    yield "refusal", town.user("ali").presses_old(Press("open", town.dialogue("solsikken"))).card


def reports(town: Town, mette: User) -> Iterator[tuple[str, Card]]:
    """A report asked for, and what comes of it."""
    yield "report", mette.says("rapport").card
    yield "report-ordered", press(mette, "report_now", kind="unit", year="2027", format="docx")
    person, unit = town.id_of(t.person, email="mette@fjordby.example"), town.id_of(t.unit, code="solsikken")
    order = Order(person, Kind.UNIT, unit, 2027, Format.WORD, "")
    language = town.house.language
    about = town.do(lambda connection: report_orders.about(town.house, Work(connection), order, language))
    yield "report-progress", reporting.progress(about, 120, 300)
    yield "report-ready", reporting.ready(about, 48_400)
    yield "report-refused", reporting.refused(about, "nothing-sent")
    yield "report-lost", reporting.lost(about, "missing-scope")


def agreements(town: Town, mette: User) -> Iterator[tuple[str, Card]]:
    """An agreement signed by one party, changed, and signed again."""

    def fill(connection: Connection) -> int:
        rows = connection.execute(select(t.initiative.c.goal_id, t.initiative.c.agreement_id)).mappings()
        connection.execute(t.agreement_goal.insert(), [dict(one) for one in rows])
        first = t.goal.c.title == "Tryg overgang til skole"
        figures = {"measure": "%", "baseline": Decimal(78), "target": Decimal("90.5"), "due_on": date(2028, 12, 31)}
        about = {"evidence": "Spørgeskema til forældre"}
        connection.execute(t.goal.update().where(first).values(**figures, **about))
        of = t.agreement.c.code == "solsikken-2026"
        return int(connection.execute(select(t.agreement.c.id).where(of)).scalar_one())

    number = town.do(fill)
    yield "agreement", mette.says("aftale").card
    yield "agreement-to-sign", press(mette, "sign")
    yield "agreement-signed", press(mette, "sign_now")
    frist = Wording("Frist for »x« ændret fra – til 31-12-2028.", "Deadline of »x« changed from – to 31-12-2028.")
    for change in (Wording("Nyt mål: »x«.", "New goal: »x«."), frist):
        town.do(partial(amend, agreement=number, change=change, now=town.now))
    yield "agreement-changed", mette.says("agreement").card
    yield "agreements", town.user("sofie").says("aftaler").card


def amend(connection: Connection, agreement: int, change: Wording, now: datetime) -> None:
    Work(connection).agreements.amend(agreement, (change,), None, now)


def second_spring(town: Town, mette: User) -> Iterator[tuple[str, Card]]:
    """The cards that show what was said last time."""
    town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=date(2028, 12, 31))))
    town.now = at_nine(date(2028, 3, 10))
    town.plan()
    mette.opens()
    yield "step-last-time", press(mette, "open")
    yield "challenge-last-time", press(mette, "answer", "stopped")


def posted(town: Town) -> Card:
    """The summary as the courier posts it."""
    key = summary_key(town.dialogue("solsikken"))

    def ready(connection: Connection) -> Card:
        delivery = Work(connection).outbox.delivery(key)
        assert delivery is not None
        prepared = prepare(town.house, Work(connection), delivery, town.now)
        assert isinstance(prepared, Ready)
        connection.execute(t.delivery.update().where(t.delivery.c.key == key).values(state="sent", message_ref="1"))
        return prepared.card

    return town.do(ready)


def cards_in(language: str, url: str) -> Cards:
    """Every card by name, in a town whose people and channels speak that language."""
    with open_database(url) as database:
        town = fjordby(database)
        town.house = House(library(), "Fjordby Kommune", language=language)
        town.do(lambda connection: connection.execute(t.person.update().values(language=language)))
        town.plan()
        mette = town.user("mette")
        return dict(
            (*first_spring(town, mette), *reports(town, mette), *agreements(town, mette), *second_spring(town, mette))
        )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cards]:
    """The cards of both languages, made once."""
    made = {}
    for language in LANGUAGES:
        with fresh_database("sqlite", tmp_path_factory.mktemp("golden")) as url:
            made[language] = cards_in(language, url)
    return made


# --- as files -----------------------------------------------------------------------------------------------------------------------


def as_data(value: object) -> object:
    """A card as JSON can say it: every part with its name, and what does not stand at its standard value."""
    if is_dataclass(value) and not isinstance(value, type):
        given = {one.name: getattr(value, one.name) for one in fields(value) if getattr(value, one.name) != one.default}
        return {"is": type(value).__name__, **{name: as_data(one) for name, one in given.items()}}
    if isinstance(value, tuple):
        return [as_data(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def as_files(card: Card) -> dict[str, str]:
    """What the golden files of a card hold, by ending."""
    exact = json.dumps(as_data(card), ensure_ascii=False, indent=1) + "\n"
    return {"txt": text.render(card), "json": exact}


NAMES = (
    "greeting", "step", "challenge", "challenge-problems", "way-forward", "way-forward-problems", "next-step", "paused",
    "greeting-begun", "closing", "review", "preview", "sent", "status-waiting", "post-waiting", "summary", "review-changed", "preview-correction",
    "agreement", "agreement-to-sign", "agreement-signed", "agreement-changed", "agreements", "sent-correction",
    "report", "report-ordered", "report-progress", "report-ready", "report-refused", "report-lost",
    "summary-corrected", "post", "status", "help", "refusal", "step-last-time", "challenge-last-time",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_card_is_as_it_was_agreed_to_look(shown: dict[str, Cards], name: str, language: str) -> None:
    for ending, content in as_files(shown[language][name]).items():
        path = FOLDER / f"{name}.{language}.{ending}"
        if UPDATE:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == content, f"{path.name}: see the head of this file"


def test_every_card_has_its_files_and_every_file_its_card(shown: dict[str, Cards]) -> None:
    assert [set(cards) for cards in shown.values()] == [set(NAMES)] * len(LANGUAGES)
    files = {path.name for path in FOLDER.iterdir()} - {"first-page-of-sixty.da.txt"}
    assert files == {f"{name}.{one}.{ending}" for name in NAMES for one in LANGUAGES for ending in ("txt", "json")}


def test_both_languages_show_the_same_parts_and_press_the_same_buttons(shown: dict[str, Cards]) -> None:
    for name in NAMES:
        danish, english = (shown[language][name] for language in LANGUAGES)
        assert [type(part) for part in danish.walk()] == [type(part) for part in english.walk()], name
        assert [one.press for one in danish.buttons] == [one.press for one in english.buttons], name
        assert (danish.language, english.language) == LANGUAGES


def test_the_preview_holds_the_very_parts_that_are_posted(shown: dict[str, Cards]) -> None:
    for language in LANGUAGES:
        for preview, summary in (("preview", "summary"), ("preview-correction", "summary-corrected")):
            (frame,) = (part for part in shown[language][preview].parts if isinstance(part, Framed))
            posted_parts = shown[language][summary].parts
            assert posted_parts[: len(frame.parts)] == frame.parts
            assert shown[language][preview].thread == shown[language][summary].thread


# --- sixty indsatser, each with as much text as there is room for -----------------------------------------------------------------------

SIXTY = 60
LONG = 3000
FIRST_PAGE = 8000  # characters: with room to spare under what Slack and Teams take in one message


def long_text(name: str) -> str:
    """A text of just the length that is allowed, and like no other."""
    return (f"{name} begynder her, " + "og så kommer der mere at sige om det " * 90)[: LONG - 12] + f" slut {name}"[
        -12:
    ]


def runs_of(part: Part) -> Iterator[str]:
    match part:
        case Para(runs):
            yield from (run.text for run in runs)
        case Points(items):
            for item in items:
                for para in item:
                    yield from (run.text for run in para.runs)
        case _:
            yield getattr(part, "text", "")


def size_of(parts: tuple[Part, ...]) -> int:
    return sum(len(run) for part in parts for run in runs_of(part))


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Card, list[str]]:
    """The post of a unit with sixty delayed indsatser, and every text that was written."""
    written: list[str] = []
    with fresh_database("sqlite", tmp_path_factory.mktemp("sixty")) as url, open_database(url) as database:
        town = fjordby(database)
        for number in range(4, SIXTY + 1):
            town.initiative("solsikken", f"Indsats nummer {number}", source="lokal")
        town.plan()
        mette = town.user("mette").opens()
        press(mette, "open")
        for number in range(1, SIXTY + 1):
            said = [long_text(f"{what}{number}") for what in ("årsag", "løsning", "skridt")]
            press(mette, "answer", "delayed" if number % 2 else "stopped")
            everyone = tuple(option.value for one in mette.card.inputs for option in one.options)
            press(mette, "answer", cause=said[0], remedy=said[1], involve=everyone, involve__others="y" * OTHERS_LIMIT)
            press(mette, "answer", next=said[2], by_when="2027-05-01", new_deadline="2027-09-01")
            written += said
        written.append(long_text("bemærkning"))
        press(mette, "answer", remark=written[-1])
        press(mette, "preview")
        press(mette, "submit")
        return posted(town), written


def test_the_first_page_stays_one_page_whatever_was_written(sixty: tuple[Card, list[str]]) -> None:
    page, _ = sixty
    assert size_of(page.parts) <= FIRST_PAGE
    assert len(page.parts) <= 12
    assert "Yderligere 55 indsatser er forsinket eller stoppet." in text.render(page, width=1000)
    assert all(len(run) <= POINT_TEXT * 3 for part in page.parts for run in runs_of(part))
    path = FOLDER / "first-page-of-sixty.da.txt"
    first = text.render(Card(page.kind, page.parts, page.fallback))
    if UPDATE:
        path.write_text(first, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == first


def test_every_word_stands_whole_in_the_thread(sixty: tuple[Card, list[str]]) -> None:
    page, written = sixty
    runs = [run for below in page.thread for part in below.parts for run in runs_of(part)]
    for said in written:
        assert len(said) == LONG
        assert sum(said in run for run in runs) == 1, said[:30]


def test_no_message_of_the_thread_is_longer_than_its_longest_entry(sixty: tuple[Card, list[str]]) -> None:
    page, _ = sixty
    one_entry = 3 * LONG + OTHERS_LIMIT + 500
    for below in page.thread:
        assert size_of(below.parts) <= max(THREAD_PART, one_entry)
        assert sum(isinstance(part, Points) for part in below.parts) <= THREAD_ENTRIES
