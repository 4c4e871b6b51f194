"""News for open windows: what was posted or changed since they last looked, as server-sent events.

Promises: a window that was away gets what it missed, each message once as it now stands; another process that writes to the
same database is noticed within seconds. Sends no room the person may not see.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from aiohttp import hdrs, web

from bot.channels import web_page
from cards.chrome import chrome
from store import rooms
from store.database import Database, DatabaseUnavailableError
from store.rooms import Message, Someone

PATIENCE = 2.0  # seconds between looks at what other processes have written
PULSE = 7  # looks without news before the line is kept alive


class Bell:
    """Rings when something was written here: whoever listens looks again."""

    def __init__(self) -> None:
        self._listening: set[asyncio.Event] = set()
        self.closed = False

    def ring(self) -> None:
        """Wake everyone who listens."""
        for event in self._listening:
            event.set()

    def close(self) -> None:
        """Let everyone who listens go home."""
        self.closed = True
        self.ring()

    @contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """Give an event that is set at every ring."""
        event = asyncio.Event()
        self._listening.add(event)
        try:
            yield event
        finally:
            self._listening.discard(event)


class Calendar(Protocol):
    """Knows what day it is."""

    async def today(self) -> date:
        """The day it is in the rehearsal."""


@dataclass(slots=True)
class Window:
    """One open window: who looks, which message was its newest, and what it has been sent."""

    who: Someone
    language: str
    newest: int
    known: dict[int, str] = field(default_factory=dict)
    day: date | None = None
    stamp: tuple[object, ...] = ()
    begun: bool = False

    def lines(self, messages: Sequence[Message]) -> Iterator[str]:
        """Return what this window has not been sent; of what is older than its page, first only which version stands."""
        older = {} if self.begun else {one.id: web_page.version(one) for one in messages if one.id <= self.newest}
        if not self.begun:
            self.known |= older
            self.begun = True
            yield _event("versions", {str(key): version for key, version in older.items()}, self.newest)
        since = max([self.newest, *(one.id for one in messages)])
        for message in messages:
            version = web_page.version(message)
            if self.known.get(message.id) != version:
                self.known[message.id] = version
                yield _event("message", as_json(message, self.who, self.language), since)


def as_json(message: Message, who: Someone, language: str) -> Mapping[str, object]:
    """Return one message as the page's script takes it; `announce` is read aloud, and empty for one's own words."""
    words = chrome(language)
    return {
        "id": message.id,
        "room": message.room,
        "version": web_page.version(message),
        "html": web_page.show(message, who, language),
        "announce": "" if message.author else words["new_message"].replace("{text}", message.text),
    }


def _event(name: str, data: object, since: int) -> str:
    return f"event: {name}\nid: {since}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def stream(
    request: web.Request, window: Window, bell: Bell, days: Calendar, database: Database
) -> web.StreamResponse:
    """Send news until the window closes or the server does."""
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    quiet = 0
    with bell.listen() as rung, suppress(ConnectionResetError):
        await response.write(b"retry: 1000\n\n")
        while not bell.closed and request.transport is not None and not request.transport.is_closing():
            woken = rung.is_set()
            rung.clear()
            news = await _news(window, days, database, certain=woken or not window.begun)
            quiet = 0 if news else quiet + 1
            if news or quiet % PULSE == 0:
                await response.write("".join(news or [":\n\n"]).encode())
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), PATIENCE)
    return response


async def _news(window: Window, days: Calendar, database: Database, *, certain: bool) -> list[str]:
    """Return the events a window lacks; unless it is certain that there are some, look first whether there may be."""
    lines: list[str] = []
    try:
        day = await days.today()
        if day != window.day:
            lines += [_event("day", {"day": day.isoformat()}, window.newest)] if window.day else []
            window.day = day
        seen = await database.run(lambda connection: rooms.visible(connection, window.who.id, day))
        stamp = await database.run(lambda connection: rooms.stamp(connection, seen))
        if certain or stamp != window.stamp:
            window.stamp = stamp
            messages = await database.run(lambda connection: rooms.changes(connection, seen, window.newest))
            lines += window.lines(messages)
    except DatabaseUnavailableError:
        return lines  # the next look may find it again
    return lines
