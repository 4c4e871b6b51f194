"""A small town for tests: units, people and agreements by name, and a pretend user who presses what was really sent."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, insert, select

from bot import planner, service
from bot.gathering import House
from bot.ports import Inbound, Intent, Opened, Pressed, Raw, Reply, Said
from cards import text
from cards.card import Button, Card, Press
from dialogs.library import Library, load
from store import tables as t
from store.database import Database
from store.work import Work

DENMARK = ZoneInfo("Europe/Copenhagen")
SPRING = date(2027, 3, 10)
Result = TypeVar("Result")
_events = itertools.count(1)


def at_nine(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=DENMARK)


def library() -> Library:
    found = load()
    assert isinstance(found, Library), found
    return found


@dataclass
class Town:
    """Builds and asks; everything by name or e-mail's first part."""

    database: Database
    house: House = field(default_factory=lambda: House(library(), "Fjordby Kommune"))
    now: datetime = field(default_factory=lambda: at_nine(SPRING))

    def do(self, act: Callable[[Connection], Result]) -> Result:
        with self.database.transaction() as connection:
            return act(connection)

    def add(self, table: Table, **values: object) -> int:
        def act(connection: Connection) -> int:
            key = connection.execute(insert(table).values(**values)).inserted_primary_key
            assert key is not None
            return int(key[0])

        return self.do(act)

    def id_of(self, table: Table, **by: object) -> int:
        where = [table.c[name] == value for name, value in by.items()]
        return self.do(lambda connection: int(connection.execute(select(table.c.id).where(*where)).scalar_one()))

    def unit(
        self, code: str, *, under: str | None = None, name: str = "", kind: str = "enhed", room: str | None = None
    ) -> int:
        parent = self.id_of(t.unit, code=under) if under else None
        new = self.add(t.unit, code=code, name=name or code.title(), kind=kind, parent_id=parent, slack_channel=room)
        self.add_to_closure(new, parent)
        return new

    def add_to_closure(self, unit_id: int, parent: int | None) -> None:
        def act(connection: Connection) -> None:
            c = t.unit_closure.c
            above = connection.execute(select(c.ancestor_id, c.depth).where(c.descendant_id == parent)).all()
            rows = [{"ancestor_id": unit_id, "descendant_id": unit_id, "depth": 0}]
            rows += [
                {"ancestor_id": one.ancestor_id, "descendant_id": unit_id, "depth": one.depth + 1} for one in above
            ]
            connection.execute(insert(t.unit_closure), rows)

        self.do(act)

    def person(self, name: str, *, language: str = "da") -> int:
        email = f"{name.split(maxsplit=1)[0].lower()}@fjordby.example"
        return self.add(t.person, email=email, name=name, language=language, timezone="Europe/Copenhagen")

    def post(
        self, who: str, unit: str, role: str = "leader", *, since: date = date(2024, 1, 1), until: date | None = None
    ) -> int:
        person_id, unit_id = self.id_of(t.person, email=mail(who)), self.id_of(t.unit, code=unit)
        return self.add(t.post, person_id=person_id, unit_id=unit_id, role=role, from_day=since, to_day=until)

    def away(self, who: str, since: date, until: date, stand_in: str | None = None) -> int:
        stand_in_id = self.id_of(t.person, email=mail(stand_in)) if stand_in else None
        person_id = self.id_of(t.person, email=mail(who))
        return self.add(t.absence, person_id=person_id, from_day=since, to_day=until, stand_in_id=stand_in_id)

    def agreement(self, unit: str, *, since: date = date(2026, 1, 1), until: date = date(2027, 6, 30)) -> int:
        unit_id = self.id_of(t.unit, code=unit)
        return self.add(t.agreement, code=f"{unit}-{since.year}", unit_id=unit_id, from_day=since, to_day=until)

    def initiative(
        self, unit: str, title: str, *, source: str = "lokal", goal: str = "Et mål", due: date | None = None
    ) -> int:
        agreement_id = self.do(
            lambda connection: int(
                connection.execute(
                    select(t.agreement.c.id)
                    .join(t.unit, t.unit.c.id == t.agreement.c.unit_id)
                    .where(t.unit.c.code == unit)
                )
                .scalars()
                .first()
                or 0
            )
        )
        goal_id = self.add(t.goal, code=f"M{next(_events)}", title=goal, source=source)
        return self.add(
            t.initiative, code=f"I{next(_events)}", goal_id=goal_id, agreement_id=agreement_id, title=title, due_on=due
        )

    def plan(self) -> int:
        """Open the rounds and plan what is due."""
        return self.do(lambda connection: planner.plan(self.house, Work(connection), self.now))

    def dialogue(self, unit: str) -> int:
        """The unit's latest dialogue."""
        return self.do(
            lambda connection: int(
                connection.execute(
                    select(t.dialogue.c.id)
                    .select_from(t.dialogue.join(t.agreement).join(t.unit, t.unit.c.id == t.agreement.c.unit_id))
                    .where(t.unit.c.code == unit)
                    .order_by(t.dialogue.c.due_on.desc())
                )
                .scalars()
                .first()
                or 0
            )
        )

    def answers(self, unit: str) -> dict[tuple[str, str], Mapping[str, object]]:
        """The unit's answers that stand now, by the initiative's title and step."""
        titles = {
            f"initiative-{row.id}": row.title
            for row in self.do(
                lambda connection: connection.execute(select(t.initiative.c.id, t.initiative.c.title)).all()
            )
        }
        dialogue = self.dialogue(unit)
        rows = self.do(lambda connection: Work(connection).answers(dialogue))
        return {(titles.get(row.subject, row.subject), row.step): row.values for row in rows}

    def count(self, table: Table) -> int:
        return self.do(lambda connection: len(connection.execute(select(table)).all()))

    def user(self, who: str) -> User:
        return User(self, mail(who))


def mail(who: str) -> str:
    return who if "@" in who else f"{who.lower()}@fjordby.example"


@dataclass
class User:
    """Somebody in front of the chat. They can press only what is on the card they were sent."""

    town: Town
    email: str
    reply: Reply | None = None

    @property
    def card(self) -> Card:
        assert self.reply is not None, "nothing was shown yet"
        return self.reply.card

    @property
    def sees(self) -> str:
        """All that is on the card, as plain text."""
        return text.render(self.card, width=10_000)

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.card.buttons]

    def send(self, intent: Intent, *, event: str | None = None, platform: str = "web") -> Reply:
        inbound = Inbound(event or f"e{next(_events)}", platform, self.email, intent)
        return self.town.do(
            lambda connection: service.handle(self.town.house, inbound, Work(connection), self.town.now)
        )

    def opens(self) -> User:
        self.reply = self.send(Opened())
        return self

    def says(self, words: str) -> User:
        self.reply = self.send(Said(words))
        return self

    def button(self, label: str, nth: int = 0) -> Button:
        found = [button for button in self.card.buttons if button.label.startswith(label)]
        assert len(found) > nth, f"no »{label}« among {self.labels}"
        return found[nth]

    def presses(self, label: str, nth: int = 0, **inputs: Raw) -> User:
        """Press the button with that label; `inputs` fill the card's fields, which otherwise keep what they hold."""
        asked = {one.field for one in self.card.inputs}
        assert {name.removesuffix("__others") for name in inputs} <= asked, f"no such field among {asked}"
        filled: dict[str, Raw] = {}
        for one in self.card.inputs:
            if one.kind == "people":
                filled |= {one.field: one.chosen, f"{one.field}__others": one.value}
            else:
                filled[one.field] = one.value
        self.reply = self.send(Pressed(self.button(label, nth).press, {**filled, **inputs}))
        return self

    def presses_old(self, button: Button | Press, **inputs: Raw) -> User:
        """Press a button of a card that is no longer in front."""
        press = button.press if isinstance(button, Button) else button
        self.reply = self.send(Pressed(press, inputs))
        return self

    def copy(self) -> User:
        return replace(self)


def fjordby(database: Database) -> Town:
    """Solsikken with three initiatives under Dagtilbud under Børn og Skole, on 10 March 2027, and nothing answered."""
    town = Town(database)
    town.unit("fjordby", name="Fjordby Kommune", kind="forvaltning")
    town.unit("bs", under="fjordby", name="Børn og Skole", kind="forvaltning", room="boern-og-skole-ledelse")
    town.unit("dagtilbud", under="bs", name="Dagtilbud", kind="afdeling")
    town.unit("solsikken", under="dagtilbud", name="Børnehuset Solsikken")
    town.unit("maanen", under="dagtilbud", name="Vuggestuen Månen")
    for name in ("Mette Søndergaard", "Jens Østergaard", "Karen Aagaard", "Sofie Bæk", "Ali Demir", "Dora Dam"):
        town.person(name)
    town.post("mette", "solsikken")
    town.post("dora", "solsikken", "deputy")
    town.post("ali", "maanen")
    town.post("jens", "dagtilbud")
    town.post("karen", "bs")
    town.post("sofie", "fjordby", "consultant")
    for unit in ("solsikken", "maanen"):
        town.agreement(unit)
    town.initiative(
        "solsikken", "Overleveringsmøder", source="politik", goal="Tryg overgang til skole", due=date(2027, 5, 15)
    )
    town.initiative("solsikken", "Digitale forløb", source="direktion")
    town.initiative("solsikken", "Fælles vikarkorps", source="lokal")
    town.initiative("maanen", "Sprogtrappen", source="politik")
    return town
