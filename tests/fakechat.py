"""A small scripted service for the local chat: Fjordby in little, and a dialogue that goes where the buttons say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, insert

from bot.channels.web_year import Year
from bot.picture import Picture, Refusal
from bot.ports import Inbound, Opened, Pressed, Reply, Said
from cards import reporting
from cards.card import Card, Note
from cards.reports.report import File
from cards.wording import texts
from dialogs.calendar import Entry, What
from dialogs.script import Wording
from store import tables as t
from tests import samples

METTE, JENS, KAREN, SOFIE, EMMA = (f"{name}@fjordby.example" for name in ("mette", "jens", "karen", "sofie", "emma"))
MAIN = (METTE, JENS, KAREN, SOFIE)
DAY = date(2027, 3, 10)
CHANNEL = "boern-og-skole-ledelse"

# code, name, above, kind, channel
_UNITS = (
    ("FK", "Fjordby Kommune", None, "forvaltning", "direktionen"),
    ("BK", "Børn og Kultur", "FK", "forvaltning", "boern-og-kultur-chefer"),
    ("BS", "Børn og Skole", "BK", "afdeling", CHANNEL),
    ("SOL", "Børnehuset Solsikken", "BS", "enhed", None),
    ("BYS", "Byskolen", "BS", "enhed", None),
    ("ØL", "Økonomi og Løn", "FK", "stab", None),
    ("TM", "Teknik og Miljø", "FK", "forvaltning", "#teknik-og-miljoe"),
    ("VP", "Vej og Park", "TM", "afdeling", None),
)
_PEOPLE = (
    (METTE, "Mette Søndergaard", "da", "SOL", "leader"),
    (JENS, "Jens Østergaard", "da", "BS", "leader"),
    (KAREN, "Karen Friis", "da", "BK", "direktion"),
    (SOFIE, "Sofie Bæk", "da", "ØL", "consultant"),
    (EMMA, "Emma Clarke", "en", "VP", "leader"),
    ("ali@fjordby.example", "Ali Demir", "da", "BYS", "leader"),
    ("gæst@fjordby.example", "Gitte Uden Post", "da", None, ""),
)


def settle_town(connection: Connection, more: int = 0) -> None:
    """Put the units, the people and their posts into an empty database, and `more` leaders beside."""
    for code, name, above, kind, channel in _UNITS:
        parent = connection.execute(t.unit.select().where(t.unit.c.code == above)).first() if above else None
        values = {"code": code, "name": name, "kind": kind, "slack_channel": channel}
        unit = _insert(connection, t.unit, **values, parent_id=parent.id if parent else None)
        lines = (
            connection.execute(t.unit_closure.select().where(t.unit_closure.c.descendant_id == parent.id))
            if parent
            else ()
        )
        above_it = [(unit, 0), *((line.ancestor_id, line.depth + 1) for line in lines)]
        for ancestor, depth in above_it:
            closure = {"ancestor_id": ancestor, "descendant_id": unit, "depth": depth}
            connection.execute(insert(t.unit_closure).values(**closure))
    for person in _PEOPLE:
        _settle(connection, *person)
    for place in range(more):
        _settle(
            connection,
            f"leder{place}@fjordby.example",
            f"Leder Nummer {place}",
            "da",
            "VP" if place % 3 else "BYS",
            "deputy",
        )


def _settle(connection: Connection, email: str, name: str, language: str, at: str | None, role: str) -> None:
    person = _insert(connection, t.person, email=email, name=name, language=language, timezone="Europe/Copenhagen")
    if at is not None:
        unit = connection.execute(t.unit.select().where(t.unit.c.code == at)).one()
        connection.execute(
            insert(t.post).values(person_id=person, unit_id=unit.id, role=role, from_day=date(2020, 1, 1))
        )


def _insert(connection: Connection, table: object, **values: object) -> int:
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())  # type: ignore[arg-type,attr-defined]


_NEXT: Mapping[str, Callable[[], Card]] = {
    "begin": samples.step,
    "answer": samples.challenge,
    "keep": samples.way_forward,
    "next": samples.review,
    "skip": samples.review,
    "revise": samples.answered_step,
    "preview": samples.preview,
    "submit": samples.sent,
    "review": samples.review,
    "back": samples.step,
    "pause": samples.invitation,
}


@dataclass
class FakeChat:
    """Answers every press with the sample card its act leads to, once an event; `broken` makes it fail."""

    day: date = DAY
    next_day: date | None = date(2027, 3, 18)
    broken: bool = False
    heard: list[Inbound] = field(default_factory=list)
    given: dict[str, Reply] = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime.combine(self.day, time(8), UTC) + timedelta(minutes=len(self.heard))

    async def handle(self, inbound: Inbound) -> Reply:
        if self.broken:
            raise RuntimeError("the disk is full")
        if inbound.event not in self.given:
            self.heard.append(inbound)
            self.given[inbound.event] = self._reply(inbound)
        return self.given[inbound.event]

    def _reply(self, inbound: Inbound) -> Reply:
        match inbound.intent:
            case Opened():
                return Reply(samples.invitation())
            case Said("sig det samme"):
                return Reply(Card("note", (Note(inbound.intent.text),), "Sagt"))
            case Said():
                return Reply(samples.explained())
            case Pressed(press, inputs):
                if "010190-1234" in str(inputs):
                    return Reply(samples.challenge_with_faults(), "replace")
                return Reply(_NEXT.get(press.act, samples.stranger)(), "replace" if press.act in _NEXT else "below")

    async def today(self) -> date:
        return self.day

    async def set_day(self, day: date) -> None:
        self.day = day

    async def next_event(self) -> date | None:
        return self.next_day

    async def report(self, email: str, key: str) -> File | Card:
        """Only Mette has ordered anything."""
        if self.broken:
            raise RuntimeError("the disk is full")
        if email != METTE or not key.startswith("report:1:"):
            return reporting.nothing(texts("da"))
        is_page = ":html:" in key
        media_type = "text/html" if is_page else "application/octet-stream"
        return File(
            "aarsrapport.html" if is_page else "aarsrapport.docx", media_type, b"<p>Solsikken</p>", "Rapport", "da"
        )

    async def years(self, email: str, year: int) -> list[Year]:
        """Mette has a unit; whoever is asked for otherwise has two."""
        title = Wording("Dialogaftale", "Dialogue agreement")
        entries = (
            Entry(date(year, 3, 4), What.OPENS, f"{year}-spring", Wording("Forårsdialog", "Spring dialogue")),
            Entry(date(year, 4, 1), What.DUE, f"{year}-spring", Wording("Forårsdialog", "Spring dialogue")),
            Entry(date(year, 11, 1), What.MILESTONE, f"{year}-committees", Wording("Udvalgene", "The committees")),
        )
        mine = [Year("SOL", "Børnehuset Solsikken", title, entries)]
        return (
            mine
            if email == METTE
            else []
            if email.startswith("gæst")
            else [*mine, Year("BS", "Børn og Skole", title, ())]
        )

    async def picture(self, email: str, unit: str, round_id: str) -> Picture | Refusal:  # noqa: ARG002
        """Nobody here has units below."""
        return "nothing-below"

    async def has_picture(self, email: str) -> bool:  # noqa: ARG002
        """Nobody."""
        return False
