"""The same chat in a terminal, line by line, for people without a browser and for scripts.

Promises: a number presses the button of that number on the last card, anything else is typed; every line is answered by one card, as
text or, with --json, as one JSON object a line. What stands in fields stays there when a button is pressed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from bot.channels.web import WebChannel
from bot.clock import REHEARSAL_DAY, RehearsalClock, morning, system_clock
from bot.opening import CannotOpenError, Opened, Words, library_from, opened, settings_from, told
from bot.ports import Clock, Inbound, Intent, Pressed, Raw, Said
from bot.ports import Opened as Begun
from bot.running import Product
from cards import text
from cards.card import Button, Card
from dialogs.answers import OTHERS
from store.work import Work


def say(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Hold the conversation as one person, until there are no more lines."""
    logging.basicConfig(level=logging.ERROR)  # what was refused is said in the conversation itself
    try:
        settings = settings_from(environment, said, asked.lang)
        with opened(settings, library_from(settings, said, asked.lang), said) as house:
            asyncio.run(_talk(house, asked.email, said, as_json=asked.json))
    except CannotOpenError as fault:
        return told(fault)
    return 0


async def _talk(house: Opened, email: str, said: Words, *, as_json: bool) -> None:
    clock = _clock(house)
    channel = WebChannel(house.database)
    product = Product(house.house, house.database, clock, {channel.name: channel})
    terminal = _Terminal(product, email, said, as_json=as_json)
    if not as_json:
        sys.stderr.write(said["say.hint"] + "\n\n")
    await terminal.take(Begun())
    for line in sys.stdin:
        await terminal.hear(line.rstrip("\n"))
    await product.settled()


def _clock(house: Opened) -> Clock:
    """The rehearsal's clock where there is one, else the system's."""
    if house.settings.now:
        return RehearsalClock(house.settings.now)
    with house.database.transaction() as connection:
        kept = Work(connection).setting(REHEARSAL_DAY)
    return RehearsalClock(morning(date.fromisoformat(kept))) if kept else system_clock


@dataclass
class _Terminal:
    """One person at a keyboard, and the card in front of them."""

    product: Product
    email: str
    said: Words
    as_json: bool
    card: Card | None = None

    async def hear(self, line: str) -> None:
        """Take one line: the number of a button, or something typed."""
        if not line.strip():
            return
        button = self._button(line.strip())
        if button is not None:
            await self.take(Pressed(button.press, self._standing()))
        elif line.strip().isdecimal() and self.card is not None and not self.card.inputs:
            sys.stdout.write(self.said["say.no_button"].format(number=line.strip()) + "\n\n")
        else:
            await self.take(Said(line))

    def _button(self, line: str) -> Button | None:
        buttons = self.card.buttons if self.card else ()
        return buttons[int(line) - 1] if line.isdecimal() and 0 < int(line) <= len(buttons) else None

    def _standing(self) -> dict[str, Raw]:
        """What the card's fields hold."""
        held: dict[str, Raw] = {}
        for one in self.card.inputs if self.card else ():
            if one.kind == "people":
                held |= {one.field: one.chosen, one.field + OTHERS: one.value}
            else:
                held[one.field] = one.value or (one.chosen[0] if one.chosen else "")
        return held

    async def take(self, intent: Intent) -> None:
        """Hand it to the product and show the answer."""
        reply = await self.product.handle(Inbound(f"terminal-{uuid4()}", "web", self.email, intent))
        self.card = reply.card
        sys.stdout.write(_as_json(reply.card) if self.as_json else text.render(reply.card) + "\n")
        sys.stdout.flush()


def _as_json(card: Card) -> str:
    told = {
        "kind": card.kind,
        "text": text.render(card),
        "buttons": [button.label for button in card.buttons],
        "fields": [one.field for one in card.inputs],
    }
    return json.dumps(told, ensure_ascii=False) + "\n"
