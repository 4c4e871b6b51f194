"""From settings to an open house: the models loaded, the database opened and migrated, or one sentence that says why not."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from bot.gathering import House
from bot.settings import BadSetting, Settings, read_settings
from cards.overlay import check_overlay
from dialogs.library import Faults, Library, load
from store.database import Database, DatabaseUnavailableError, DatabaseUrlError, open_database
from store.migrations import DatabaseNewerError, migrate

Words = Mapping[str, str]


class CannotOpenError(Exception):
    """Something the person can mend stands in the way; the message says what, in their language."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works with."""

    settings: Settings
    house: House
    database: Database


def settings_from(environment: Mapping[str, str], said: Words, language: str) -> Settings:
    """The settings, or CannotOpenError naming every one that is wrong."""
    settings = read_settings(environment)
    if isinstance(settings, Settings):
        return settings
    raise bad_settings(settings, said, language)


def bad_settings(faults: Iterable[BadSetting], said: Words, language: str) -> CannotOpenError:
    """Every setting that is wrong, and how to mend it."""
    return CannotOpenError(
        "\n".join(said["bad_setting"].format(name=one.name, mend=one.mend.in_(language)) for one in faults)
    )


def library_from(settings: Settings, said: Words, language: str) -> Library:
    """The models, or CannotOpenError with every fault in the municipality's own folder."""
    found = load(settings.models)
    if isinstance(found, Faults):
        raise CannotOpenError(f"{found.in_(language)}\n{said['models.faults'].format(count=len(found))}")
    worded = check_overlay(settings.models) if settings.models else ()
    if worded:
        lines = [fault.in_(language) for fault in worded]
        raise CannotOpenError("\n".join([*lines, said["models.faults"].format(count=len(lines))]))
    return found


@contextmanager
def opened(settings: Settings, library: Library, said: Words, municipality: str = "") -> Iterator[Opened]:
    """Everything open and migrated while the block runs; CannotOpenError when the database cannot be used."""
    try:
        database = open_database(settings.database_url)
    except DatabaseUrlError as fault:
        if fault.reason == "unreadable":
            raise CannotOpenError(said["bad_database.unreadable"]) from None
        raise CannotOpenError(said["bad_database"].format(reason=said[f"bad_database.{fault.reason}"])) from None
    try:
        migrate(database)
        house = House(library, municipality or settings.municipality, settings.models)
        yield Opened(settings, house, database)
    except DatabaseNewerError:
        raise CannotOpenError(said["newer_database"]) from None
    except DatabaseUnavailableError as fault:
        raise CannotOpenError(said["no_database"].format(reason=fault)) from None
    finally:
        database.close()


def day_from(text: str, said: Words) -> date:
    """The day that was written, or CannotOpenError that says how to write one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotOpenError(said["bad_date"].format(text=text)) from None


def told(fault: CannotOpenError) -> int:
    """Say what stands in the way, and that the command failed."""
    sys.stderr.write(f"{fault}\n")
    return 1
