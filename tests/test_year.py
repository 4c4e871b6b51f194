"""A year in Fjordby, day by day: every message that is sent is held against the rules, said here a second time and in another way."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Table, select, update

from bot import foreseeing, rehearsal
from bot.gathering import House
from bot.ports import Destination, Direct, Outcome, Sent
from bot.running import Product
from cards.card import Card, Points
from dialogs.library import Library, load
from store import tables as t
from store.database import Database, open_database
from store.work import Work
from store.workbook.importing import import_workbook
from tests.databases import fresh_database
from tests.nofiles import NoFiles
from tests.town import DENMARK, Town

FIRST, LAST = date(2027, 2, 1), date(2028, 1, 31)
DAY = timedelta(days=1)
OWN = """
days_off: [05-01, 06-05, 12-24, 12-31]
school_holidays:
  - {label: {da: Vinterferie, en: Winter holiday}, from: 2027-02-15, to: 2027-02-19}
  - {label: {da: Sommerferie, en: Summer holiday}, from: 2027-06-28, to: 2027-08-08}
  - {label: {da: Efterårsferie, en: Autumn holiday}, from: 2027-10-18, to: 2027-10-22}
"""

# --- the rules, in other words ----------------------------------------------------------------------------------------------------------


def easter(year: int) -> date:
    """Easter Sunday (source: the Gregorian computus of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int) -> set[date]:
    moving = {easter(year) + timedelta(days=days) for days in (-3, -2, 1, 39, 50)}
    return moving | {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)}


def is_school_holiday(day: date) -> bool:
    breaks = (
        (date(2027, 2, 15), date(2027, 2, 19)),
        (date(2027, 6, 28), date(2027, 8, 8)),
        (date(2027, 10, 18), date(2027, 10, 22)),
    )
    return any(first <= day <= last for first, last in breaks)


def may_be_sent_on(day: date) -> bool:
    own = {(5, 1), (6, 5), (12, 24), (12, 31)}
    is_free = day.weekday() > 4 or day in holidays(day.year) or (day.month, day.day) in own
    return not is_free and not is_school_holiday(day)


def back(day: date) -> date:
    return day if may_be_sent_on(day) else back(day - DAY)


def on(day: date) -> date:
    return day if may_be_sent_on(day) else on(day + DAY)


# --- the year -----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Letter:
    """One message of the day, and when it was sent."""

    at: datetime
    email: str
    card: Card

    @property
    def day(self) -> date:
        return self.at.astimezone(DENMARK).date()

    @property
    def opens(self) -> set[int]:
        """The dialogues it lets one answer."""
        return {one.press.dialogue for one in self.card.buttons if one.press.act in {"open", "review"}}

    @property
    def names(self) -> set[str]:
        """Whom it names as missing."""
        items = (item for part in self.card.walk() if isinstance(part, Points) for item in part.items)
        return {run.text for (para,) in items for run in para.runs}


@dataclass
class Letterbox(NoFiles):
    """A platform that takes everything."""

    name: str = "web"
    letters: list[Letter] = field(default_factory=list)

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        if isinstance(destination, Direct) and card.kind == "nudge":
            self.letters.append(Letter(now, destination.reference, card))
        return Sent(key)

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        return Sent(message_ref)

    async def find(self, destination: Destination, key: str) -> str | None:  # noqa: ARG002
        return None


@dataclass
class Year:
    """The town, its letters, and its rows as the test reads them."""

    town: Town
    box: Letterbox

    def rows(self, table: str) -> list[dict[str, Any]]:
        found = self.town.do(lambda connection: connection.execute(select(getattr(t, table))).mappings().all())
        return [dict(one) for one in found]


def number(*about: object) -> int:
    return zlib.crc32("|".join(map(str, about)).encode())


def town_of(folder: Path, database: Database) -> Town:
    (folder / "calendar.yaml").write_text(OWN, encoding="utf-8")
    library = load(folder)
    assert isinstance(library, Library), library
    town = Town(database, House(library, rehearsal.TITLE))
    town.now = datetime.combine(FIRST, time(7), DENMARK)
    report = town.do(lambda connection: import_workbook(connection, rehearsal.WORKBOOK, library.models, town.now))
    assert report.stored
    return town


def let_happen(town: Town) -> None:
    """People go away, leave and come, and some want fewer reminders or none; one lives in another zone."""
    leaders = town.do(
        lambda connection: connection.execute(
            select(t.post.c.id, t.post.c.person_id, t.post.c.unit_id)
            .where(t.post.c.role == "leader", t.post.c.to_day.is_(None), t.post.c.from_day <= FIRST)
            .order_by(t.post.c.id)
        ).all()
    )
    people = [one.person_id for one in leaders]
    for place, one in enumerate(leaders):
        match place % 8:
            case 1:
                change(town, t.person, one.person_id, cadence="light")
            case 2:
                change(town, t.person, one.person_id, cadence="off")
            case 3:
                stand_in = people[(place + 5) % len(people)] if place % 16 == 3 else None
                for begins in (date(2027, 3, 15), date(2027, 9, 20)):
                    ends = begins + timedelta(days=9 + place)
                    known = {"person_id": one.person_id, "stand_in_id": stand_in}
                    town.add(t.absence, from_day=begins, to_day=ends, **known)
            case 5:
                ends = date(2027, 3, 20) + timedelta(days=place % 5)
                change(town, t.post, one.id, to_day=ends)
                if place % 16 == 5:
                    new = people[(place + 3) % len(people)]
                    town.add(t.post, person_id=new, unit_id=one.unit_id, role="leader", from_day=ends + DAY)
            case 6:
                change(town, t.person, one.person_id, timezone="Europe/Lisbon")
            case 7:  # in the autumn holiday
                change(town, t.post, one.id, to_day=date(2027, 10, 18))
                new = people[(place + 4) % len(people)]
                town.add(t.post, person_id=new, unit_id=one.unit_id, role="leader", from_day=date(2027, 10, 19))


def change(town: Town, table: Table, number: int, **values: object) -> None:
    town.do(lambda connection: connection.execute(update(table).where(table.c.id == number).values(**values)))


def let_answer(town: Town, day: date) -> None:
    """Some dialogues are sent this day, and some nearest leaders reply; a third of the dialogues are never sent."""
    at = datetime.combine(day, time(12), DENMARK)
    for one in town.do(lambda connection: connection.execute(select(t.dialogue)).mappings().all()):
        turn = number(one["agreement_id"], one["owner_id"], one["round"])
        if one["sent_at"] is None and turn % 3 and day == one["opens_on"] + timedelta(days=turn % 41):
            change(town, t.dialogue, one["id"], sent_revision=one["revision"], sent_at=at)
        elif one["sent_at"] and turn % 5 and day == one["sent_at"].date() + timedelta(days=turn % 17):
            town.add(t.comment, dialogue_id=one["id"], person_id=1, kind="approval", text="", at=at)


async def live(town: Town, box: Letterbox, last: date, *, answering: bool) -> None:
    """Every day: one tick in the morning, and what people do at noon."""
    product = Product(town.house, town.database, lambda: town.now, {box.name: box})
    day = FIRST
    while day <= last:
        for hour in (time(8, 30), time(9, 30)):  # half past eight in Lisbon is an hour later
            town.now = datetime.combine(day, hour, DENMARK)
            await product.plan()
            await product.deliver()
        if answering:
            let_answer(town, day)
        day += DAY


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    folder = tmp_path_factory.mktemp("year")
    with fresh_database("sqlite", folder) as url, open_database(url) as database:
        town, box = town_of(folder, database), Letterbox()
        let_happen(town)
        asyncio.run(live(town, box, LAST, answering=True))
        yield Year(town, box)


# --- held against the rules -----------------------------------------------------------------------------------------------------------------


def test_there_is_a_year_to_look_at(year: Year) -> None:
    assert len(year.box.letters) > 300
    assert {one.day.month for one in year.box.letters} >= {3, 4, 5, 9, 10, 11}


def test_every_message_is_sent_on_a_working_day_within_working_hours(year: Year) -> None:
    zones = {one["email"]: ZoneInfo(str(one["timezone"])) for one in year.rows("person")}
    for letter in year.box.letters:
        assert may_be_sent_on(letter.day), letter.day
        assert 8 <= letter.at.astimezone(zones[letter.email]).hour < 16


def test_nobody_gets_two_messages_on_a_day(year: Year) -> None:
    assert [
        one for one, count in Counter((letter.email, letter.day) for letter in year.box.letters).items() if count > 1
    ] == []


def test_nobody_is_written_to_while_away(year: Year) -> None:
    away = year.rows("absence")
    ids = {one["email"]: one["id"] for one in year.rows("person")}
    for letter in year.box.letters:
        gone = [
            one
            for one in away
            if one["person_id"] == ids[letter.email] and one["from_day"] <= letter.day <= one["to_day"]
        ]
        assert gone == [], letter


def answering(year: Year, dialogue: dict[str, Any], day: date) -> set[int]:
    """Who may answer a dialogue on a day: the owner or the unit's leaders and deputies, and whoever stands in for one who is away."""
    units = {one["id"]: one["unit_id"] for one in year.rows("agreement")}
    unit = units[dialogue["agreement_id"]]
    held = [
        one["person_id"]
        for one in year.rows("post")
        if one["unit_id"] == unit
        and one["role"] in {"leader", "deputy"}
        and one["from_day"] <= day
        and (one["to_day"] is None or one["to_day"] >= day)
    ]
    own = [dialogue["owner_id"]] if dialogue["owner_id"] is not None else held
    stand_ins = [
        one["stand_in_id"]
        for one in year.rows("absence")
        if one["person_id"] in own and one["from_day"] <= day <= one["to_day"]
    ]
    return {*own, *stand_ins}


def test_only_those_who_may_answer_a_dialogue_are_asked_to_and_never_after_it_is_sent(year: Year) -> None:
    dialogues = {one["id"]: one for one in year.rows("dialogue")}
    ids = {one["email"]: one["id"] for one in year.rows("person")}
    asked = [(letter, dialogues[one]) for letter in year.box.letters for one in letter.opens]
    assert len(asked) > 200
    answers: dict[tuple[int, date], set[int]] = {}
    for letter, dialogue in asked:
        assert dialogue["sent_at"] is None or letter.at < dialogue["sent_at"]
        assert dialogue["opens_on"] <= letter.day
        key = (dialogue["id"], letter.day)
        if key not in answers:
            answers[key] = answering(year, dialogue, letter.day)
        assert ids[letter.email] in answers[key], (letter.email, letter.day)


def test_whoever_is_missing_is_named_to_a_leader_above_alone_and_not_before_the_fifth_day(year: Year) -> None:
    units = {one["name"]: one["id"] for one in year.rows("unit")}
    ids = {one["email"]: one["id"] for one in year.rows("person")}
    above = {(one["ancestor_id"], one["descendant_id"]) for one in year.rows("unit_closure") if one["depth"]}
    dialogues, agreements = year.rows("dialogue"), {one["id"]: one for one in year.rows("agreement")}
    named = [(letter, name) for letter in year.box.letters for name in letter.names if name in units]
    assert len(named) > 10
    for letter, name in named:
        led = {
            one["unit_id"]
            for one in year.rows("post")
            if one["person_id"] in acting_for(year, ids[letter.email], letter.day)
        }
        assert any((unit, units[name]) in above for unit in led), letter
        late = [
            one
            for one in dialogues
            if agreements[one["agreement_id"]]["unit_id"] == units[name]
            and one["due_on"] + timedelta(days=5) <= letter.day
            and (one["sent_at"] is None or one["sent_at"] > letter.at)
        ]
        assert late, (name, letter.day)


def acting_for(year: Year, person: int, day: date) -> set[int]:
    away = (one for one in year.rows("absence") if one["stand_in_id"] == person)
    return {person, *(one["person_id"] for one in away if one["from_day"] <= day <= one["to_day"])}


def test_every_step_reaches_whoever_led_the_unit_all_the_while(year: Year) -> None:
    """For dialogues with one leader throughout, who was never away: each step's day until it was sent, and no other day."""
    told: dict[tuple[int, str], list[date]] = {}
    for letter in year.box.letters:
        for one in letter.opens:
            told.setdefault((one, letter.email), []).append(letter.day)
    checked = 0
    for dialogue, leader in steady(year):
        opens, due = dialogue["opens_on"], dialogue["due_on"]
        before = {back(due - timedelta(days=days)) for days in (14, 7, 2)}
        steps = {
            None: {on(opens), *(day for day in before if day > on(opens)), on(due + timedelta(days=3))},
            "light": {
                on(opens),
                *({back(due - timedelta(days=7))} - {day for day in before if day <= on(opens)}),
                on(due + timedelta(days=3)),
            },
            "off": {on(opens)},
        }[leader["cadence"]]
        sent = dialogue["sent_at"]
        due_days = {
            day
            for day in steps
            if FIRST <= day <= LAST and (sent is None or datetime.combine(day, time(9), DENMARK) < sent)
        }
        got = told.get((dialogue["id"], str(leader["email"])), [])
        assert due_days <= set(got), (dialogue, leader["email"], due_days, got)
        checked += bool(due_days)
    assert checked > 20


def steady(year: Year) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    people = {one["id"]: one for one in year.rows("person")}
    agreements = {one["id"]: one for one in year.rows("agreement")}
    posts = [one for one in year.rows("post") if one["role"] == "leader"]
    absent = {one["person_id"] for one in year.rows("absence")}
    for dialogue in year.rows("dialogue"):
        unit, ends = (agreements[dialogue["agreement_id"]][key] for key in ("unit_id", "to_day"))
        led = [one for one in posts if one["unit_id"] == unit]
        is_whole = ends >= dialogue["due_on"] + timedelta(days=10)
        is_one = dialogue["owner_id"] is None and len(led) == 1 and led[0]["to_day"] is None
        if is_one and is_whole and led[0]["person_id"] not in absent and led[0]["from_day"] <= dialogue["opens_on"]:
            yield dialogue, people[led[0]["person_id"]]


def test_every_owner_is_invited_to_their_own_dialogue(year: Year) -> None:
    emails = {one["id"]: one["email"] for one in year.rows("person")}
    asked = {(one, letter.email) for letter in year.box.letters for one in letter.opens}
    owned = [one for one in year.rows("dialogue") if one["owner_id"] is not None and one["sent_at"] is None]
    assert owned
    assert [one["id"] for one in owned if (one["id"], emails[one["owner_id"]]) not in asked] == []


def test_what_was_skipped_says_why(year: Year) -> None:
    ended = Counter((one["state"], one["reason"]) for one in year.rows("delivery") if one["kind"] == "nudge")
    assert {state for state, _ in ended} <= {"sent", "skipped"}
    assert None not in {reason for state, reason in ended if state == "skipped"}


def test_what_is_foreseen_for_the_year_is_what_is_sent_when_nobody_answers(tmp_path: Path) -> None:
    last = date(2027, 7, 31)
    with fresh_database("sqlite", tmp_path) as url, open_database(url) as database:
        town, box = town_of(tmp_path, database), Letterbox()
        let_happen(town)
        foreseen = town.do(
            lambda connection: [
                (danish(one.at), one.ledger.people[one.message.person].id)
                for one in foreseeing.foresee(town.house, Work(connection), town.now, last)
            ]
        )
        asyncio.run(live(town, box, last, answering=False))
        ids = {one["email"]: one["id"] for one in Year(town, box).rows("person")}
        sent = [(letter.day, ids[letter.email]) for letter in box.letters]
    assert sorted(foreseen) == sorted(sent)


def danish(at: datetime) -> date:
    return at.astimezone(UTC).astimezone(DENMARK).date()
