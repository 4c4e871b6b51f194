"""The servers: the demo with its example municipality, and the real one with the channels that are configured.

Promises: the local chat listens on loopback alone; what is running is finished before the process ends; the demo's day and all its
answers are there after a restart.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import webbrowser
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import almanac, foreseeing, overview, picture, rehearsal
from bot.channels.slack_settings import SlackSettings, read_slack_settings
from bot.channels.teams_settings import TeamsSettings, read_teams_settings
from bot.channels.web import WebChannel, create_app
from bot.channels.web_year import Year
from bot.cli import DEFAULT_PORT
from bot.clock import REHEARSAL_DAY, RehearsalClock, morning, system_clock
from bot.courier import ONE_AT_A_TIME, Courier
from bot.opening import (
    CannotOpenError,
    Opened,
    Words,
    bad_settings,
    day_from,
    library_from,
    opened,
    settings_from,
    told,
)
from bot.picture import Picture, Refusal
from bot.ports import Channel, Clock, Inbound, Reply
from bot.running import Product
from bot.settings import Settings
from bot.turn import Turn
from cards.card import Card
from cards.reports.report import File
from store.work import Work, in_one_transaction
from store.workbook.importing import import_workbook

DEMO_DATABASE = Path(".dialogbot/demo.sqlite")
EXAMPLE, COMPLETE = "example", "complete"  # the setting that marks a database as the demo's own
TICK_SECONDS = 30
PORTS_TRIED = 20
MAIN_PEOPLE = tuple(f"{name}@fjordby.example" for name in ("mette", "jens", "karen", "sofie"))


class LocalChat:
    """The product as the local chat sees it, with a day that can be chosen."""

    def __init__(self, product: Product, clock: RehearsalClock) -> None:
        self._product = product
        self._clock = clock

    async def handle(self, inbound: Inbound) -> Reply:
        """Take one event; what comes back is committed."""
        return await self._product.handle(inbound)

    async def today(self) -> date:
        """The day it is in the rehearsal."""
        return self._clock.today

    async def set_day(self, day: date) -> None:
        """Travel to a day; what is due on the way happens on its own day."""
        stop = await self.next_event()
        while stop is not None and stop < day:
            await self._arrive(stop)
            stop = await self.next_event()
        await self._arrive(day)

    async def _arrive(self, day: date) -> None:
        self._clock.set_day(day, after=await in_one_transaction(self._product.database, partial(_travel, day)))
        await self._product.tick()

    async def next_event(self) -> date | None:
        """The next day on which anything is sent to anybody without their asking for it, or a round opens."""
        house = self._product.house
        return await in_one_transaction(
            self._product.database, lambda work: foreseeing.next_day(house, work, self._clock())
        )

    async def years(self, email: str, year: int) -> list[Year]:
        """What happens in a year in each of the units somebody has a post in today."""
        found = await in_one_transaction(
            self._product.database, lambda work: work.branches_of(email, self._clock.today, year)
        )
        house, years = self._product.house, []
        for branch, agreements in found:
            model = house.model(almanac.model_of(house, branch, agreements))
            if model is not None:
                entries = almanac.year_of(house, branch, agreements, model, year)
                years.append(Year(branch.code, branch.name, model.title, entries))
        return years

    async def picture(self, email: str, unit: str, round_id: str) -> Picture | Refusal:
        """The picture of a unit below the person, in a round."""

        def drawn(work: Work) -> Picture | Refusal:
            turn = self._turn(work, email)
            return picture.picture(turn, unit, round_id) if turn else "nothing-below"

        return await in_one_transaction(self._product.database, drawn)

    async def has_picture(self, email: str) -> bool:
        """Whether the person has units below them today."""

        def asked(work: Work) -> bool:
            turn = self._turn(work, email)
            return turn is not None and bool(overview.begins(turn))

        return await in_one_transaction(self._product.database, asked)

    def _turn(self, work: Work, email: str) -> Turn | None:
        caller = work.caller("web", email)
        return Turn(self._product.house, work, caller[0], "web", self._clock()) if caller else None

    async def report(self, email: str, key: str) -> File | Card:
        """A report made anew for whoever ordered it."""
        return await self._product.report(WebChannel.name, email, key)


def _travel(day: date, work: Work) -> datetime | None:
    """Keep the day it is; when the last message was written, so that time does not run backwards within a day."""
    work.keep_setting(REHEARSAL_DAY, day.isoformat())
    return work.last_message_at()


# --- the demo ---------------------------------------------------------------------------------------------------------------------


def demo(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Show Fjordby Kommune (eksempel) in a browser chat, filled the first time."""
    try:
        day = None if asked.today is None else day_from(asked.today, said)
        settings = replace(settings_from(environment, said, asked.lang), host="127.0.0.1")
        if "DIALOGBOT_DATABASE_URL" not in environment:
            settings = replace(settings, database_url=f"sqlite:///{DEMO_DATABASE}")
            _begin_again(fresh=asked.fresh)
        listener = _listener(asked.port, said)
        with opened(settings, library_from(settings, said, asked.lang), said, rehearsal.TITLE) as house:
            _fill(house, said, asked.lang)
            asyncio.run(_demo(house, day, listener, said, browser=not asked.no_browser))
    except CannotOpenError as fault:
        return told(fault)
    return 0


def _begin_again(*, fresh: bool) -> None:
    for suffix in ("", "-wal", "-shm") if fresh else ():
        DEMO_DATABASE.with_name(DEMO_DATABASE.name + suffix).unlink(missing_ok=True)


def _listener(port: int | None, said: Words) -> socket.socket:
    """A socket on the port asked for, or on the first free one from the usual on."""
    for number in (port,) if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
        except (OSError, OverflowError):
            listener.close()
        else:
            return listener
    raise CannotOpenError(said["demo.port_taken"].format(port=port if port is not None else DEFAULT_PORT))


def _fill(house: Opened, said: Words, language: str) -> None:
    """Put the example in, once, however many begin at once: its workbook imported, its history played. Interrupted, it goes on."""
    if _example(house, said) == COMPLETE:
        return
    sys.stderr.write(said["demo.filling"] + "\n")
    with house.database.alone():
        stands = _example(house, said)
        if stands == COMPLETE:
            return  # somebody else's work
        if stands is None:
            _import(house, language)
        channel = WebChannel(house.database)
        courier = Courier(
            house.house, house.database, {channel.name: channel}, ONE_AT_A_TIME
        )  # the same order every time
        asyncio.run(rehearsal.play(house.house, rehearsal.read_story(), house.database, courier))
        with house.database.transaction() as connection:
            Work(connection).keep_setting(EXAMPLE, COMPLETE)


def _example(house: Opened, said: Words) -> str | None:
    """How far the example is put in; CannotOpenError where something else is."""
    with house.database.transaction() as connection:
        work = Work(connection)
        stands = work.setting(EXAMPLE)
        if stands is None and not work.is_empty():
            raise CannotOpenError(said["demo.not_example"])  # invented answers must never stand among real ones
    return stands


def _import(house: Opened, language: str) -> None:
    now = morning(rehearsal.FIRST_DAY)  # the example's own time: what it has measured lies before that
    with house.database.transaction() as connection:
        report = import_workbook(connection, rehearsal.WORKBOOK, house.house.library.models, now)
        if not report.stored:
            raise CannotOpenError("\n".join(finding.in_(language) for finding in report.faults))
        Work(connection).keep_setting(EXAMPLE, "begun")


async def _demo(house: Opened, day: date | None, listener: socket.socket, said: Words, *, browser: bool) -> None:
    with house.database.transaction() as connection:
        kept = Work(connection).setting(REHEARSAL_DAY)
    start = day or (date.fromisoformat(kept) if kept else rehearsal.FIRST_DAY)
    clock = RehearsalClock(morning(start))
    channel = WebChannel(house.database)
    product = Product(house.house, house.database, clock, {channel.name: channel})
    chat = LocalChat(product, clock)
    await chat.set_day(start)
    app = create_app(chat, channel, clock, title=rehearsal.TITLE, first=MAIN_PEOPLE)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    sys.stderr.write(f"{said['demo.ready'].format(url=url)}\n{said['demo.stop']}\n")
    if browser:
        webbrowser.open(url)
    await _serve(app, product, listener)


# --- the server -------------------------------------------------------------------------------------------------------------------


def run(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Start the server with the channels that are configured, and nothing more."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("alembic", "apscheduler"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        settings = settings_from(environment, said, asked.lang)
        with opened(settings, library_from(settings, said, asked.lang), said) as house:
            slack = read_slack_settings(environment)
            if isinstance(slack, tuple):
                raise bad_settings(slack, said, asked.lang)
            teams = read_teams_settings(environment, settings.host)
            if isinstance(teams, tuple):
                raise bad_settings(teams, said, asked.lang)
            asyncio.run(_run(house, said, slack, teams))
    except CannotOpenError as fault:
        return told(fault)
    return 0


async def _run(house: Opened, said: Words, slack: SlackSettings | None, teams: TeamsSettings | None) -> None:
    settings, local = house.settings, house.settings.local_chat
    travel = RehearsalClock(settings.now or system_clock()) if local or settings.now else None
    clock: Clock = travel or system_clock
    chat = WebChannel(house.database)
    channels: dict[str, Channel] = {chat.name: chat} if local else {}
    product = Product(house.house, house.database, clock, channels)
    app = _local(product, chat, travel, settings) if local and travel else web.Application()
    if local and (slack is not None or teams is not None):
        raise CannotOpenError(said["run.one_chat"])
    if slack is not None:
        channels |= _slack(app, product, slack, checked=settings.check_cards, charts=settings.charts)
    if teams is not None:
        channels |= _teams(app, product, teams, checked=settings.check_cards, charts=settings.charts)
    app.router.add_get("/health", _health)
    listener = _bound(settings, said)
    url = f"http://{settings.host}:{listener.getsockname()[1]}/"
    sys.stderr.write(said["run.ready"].format(url=url) + "\n")
    if not channels:
        sys.stderr.write(said["run.no_channel"] + "\n")
    await _serve(app, product, listener, ticks=bool(channels))


def _local(product: Product, channel: WebChannel, clock: RehearsalClock, settings: Settings) -> web.Application:
    """The local chat on the municipality's own data, for rehearsal."""
    return create_app(LocalChat(product, clock), channel, clock, title=settings.municipality, host=settings.host)


def _slack(
    app: web.Application, product: Product, settings: SlackSettings, *, checked: bool, charts: bool
) -> dict[str, Channel]:
    """Slack's channel; its library is loaded only here, where it is configured."""
    from bot.channels.slack import mount

    return {"slack": mount(app, product, settings, checked=checked, charts=charts)}


def _teams(
    app: web.Application, product: Product, settings: TeamsSettings, *, checked: bool, charts: bool
) -> dict[str, Channel]:
    """Teams' channel; its library is loaded only here, where it is configured."""
    from bot.channels.teams import mount

    return {"teams": mount(app, product, settings, checked=checked, charts=charts)}


def _bound(settings: Settings, said: Words) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port))
    except OSError:
        raise CannotOpenError(said["run.cannot_listen"].format(host=settings.host, port=settings.port)) from None


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def _serve(app: web.Application, product: Product, listener: socket.socket, *, ticks: bool = True) -> None:
    """Serve until the process is told to end; what is being delivered is finished."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        product.tick_soon, "interval", seconds=TICK_SECONDS, coalesce=True, misfire_grace_time=None, max_instances=1
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):  # before anything is begun that must be finished
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    if ticks:
        await product.tick_soon()  # what waits is not kept waiting for the first tick
        scheduler.start()
    try:
        await ended.wait()
    finally:
        if ticks:
            scheduler.shutdown(wait=False)
        await runner.cleanup()
        await product.close()
