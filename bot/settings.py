"""What a process is told by its environment, read once and checked.

Promises: a bad value gives every fault at once, naming the setting and how to mend it; secrets are never repeated.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from dialogs.script import Wording

DEFAULT_DATABASE = "sqlite:///.dialogbot/dialogbot.sqlite"
DEFAULT_PORT = 8010
UNNAMED = "kommunen"
"""What a municipality is called in a sentence while no name is set; it is no name to put on paper."""
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """A process's settings. `now` starts a rehearsal clock; it is refused unless the host is loopback."""

    database_url: str = DEFAULT_DATABASE
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    models: Path | None = None
    now: datetime | None = None
    municipality: str = UNNAMED
    local_chat: bool = False
    check_cards: bool = False
    charts: bool = False


@dataclass(frozen=True, slots=True)
class BadSetting:
    """A setting that cannot be used, and how to mend it."""

    name: str
    mend: Wording


NAMES = {
    "DIALOGBOT_DATABASE_URL": Wording("databasens adresse: sqlite:///fil eller postgresql://…", "the database's address: sqlite:///file or postgresql://…"),
    "DIALOGBOT_HOST": Wording("adressen, serveren lytter på", "the address the server listens on"),
    "DIALOGBOT_PORT": Wording("porten, serveren lytter på", "the port the server listens on"),
    "DIALOGBOT_MODELS": Wording("mappen med kommunens egne modeller og ord", "the folder of the municipality's own models and words"),
    "DIALOGBOT_MUNICIPALITY": Wording("kommunens navn", "the municipality's name"),
    "DIALOGBOT_LOCAL_CHAT": Wording("1: browserchatten på denne maskine", "1: the browser chat on this machine"),
    "DIALOGBOT_CHECK_CARDS": Wording(
        "1: hvert kort efterses mod platformens regler, før det sendes (til øvelse og pilot)",
        "1: every card is checked against the platform's rules before it is sent (for rehearsals and pilots)",
    ),
    "DIALOGBOT_CHARTS": Wording(
        "1: Slack og Teams tegner også selv status som diagrammer", "1: Slack and Teams also draw the status as charts of their own"
    ),
    "DIALOGBOT_NOW": Wording(
        "det tidspunkt, uret går fra (kun til øvelse på egen maskine)", "the time the clock runs from (for rehearsal on one's own machine only)"
    ),
}  # fmt: skip
"""Every setting by name, with what it is."""


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_safe(url: str) -> bool:
    """Whether a secret may be sent to an address, and what it says believed: encrypted, or this machine alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def read_settings(environment: Mapping[str, str]) -> Settings | tuple[BadSetting, ...]:
    """The settings in an environment, or everything that is wrong with them."""
    faults: list[BadSetting] = []
    default = Settings()
    host = environment.get("DIALOGBOT_HOST") or default.host
    port = _port(environment.get("DIALOGBOT_PORT", ""), faults)
    models = _models(environment.get("DIALOGBOT_MODELS", ""), faults)
    now = _now(environment.get("DIALOGBOT_NOW", ""), host, faults)
    local_chat = _local_chat(_is_on("DIALOGBOT_LOCAL_CHAT", environment, faults), host, faults)
    check_cards = _is_on("DIALOGBOT_CHECK_CARDS", environment, faults)
    charts = _is_on("DIALOGBOT_CHARTS", environment, faults)
    if faults:
        return tuple(faults)
    return Settings(
        database_url=environment.get("DIALOGBOT_DATABASE_URL") or default.database_url,
        host=host,
        port=port,
        models=models,
        now=now,
        municipality=environment.get("DIALOGBOT_MUNICIPALITY") or default.municipality,
        local_chat=local_chat,
        check_cards=check_cards,
        charts=charts,
    )


def _port(text: str, faults: list[BadSetting]) -> int:
    if not text:
        return DEFAULT_PORT
    if text.isdecimal() and 0 <= int(text) <= _HIGHEST_PORT:
        return int(text)
    faults.append(
        BadSetting("DIALOGBOT_PORT", Wording("Skriv et tal fra 0 til 65535.", "Write a number from 0 to 65535."))
    )
    return DEFAULT_PORT


def _models(text: str, faults: list[BadSetting]) -> Path | None:
    if not text:
        return None
    folder = Path(text).expanduser()
    if not folder.is_dir():
        mend = Wording(
            "Mappen findes ikke. Opret den, eller ret stien.", "The folder does not exist. Make it, or mend the path."
        )
        faults.append(BadSetting("DIALOGBOT_MODELS", mend))
    return folder


def _now(text: str, host: str, faults: list[BadSetting]) -> datetime | None:
    if not text:
        return None
    if not is_loopback(host):
        mend = Wording(
            "Uret må kun stilles, når DIALOGBOT_HOST er 127.0.0.1. Fjern DIALOGBOT_NOW i drift.",
            "The clock may only be set while DIALOGBOT_HOST is 127.0.0.1. Remove DIALOGBOT_NOW in production.",
        )
        faults.append(BadSetting("DIALOGBOT_NOW", mend))
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        mend = Wording("Skriv tidspunktet som 2027-03-10T09:00.", "Write the time as 2027-03-10T09:00.")
        faults.append(BadSetting("DIALOGBOT_NOW", mend))
        return None


def _is_on(name: str, environment: Mapping[str, str], faults: list[BadSetting]) -> bool:
    text = environment.get(name, "")
    if text not in {"", "0", "1"}:
        faults.append(BadSetting(name, Wording("Skriv 1 eller 0.", "Write 1 or 0.")))
    return text == "1"


def _local_chat(is_on: bool, host: str, faults: list[BadSetting]) -> bool:  # noqa: FBT001 - the setting itself
    if is_on and not is_loopback(host):
        mend = Wording(
            "Browserchatten kan kun køre på din egen maskine. Sæt DIALOGBOT_HOST til 127.0.0.1.",
            "The browser chat can only run on your own machine. Set DIALOGBOT_HOST to 127.0.0.1.",
        )
        faults.append(BadSetting("DIALOGBOT_LOCAL_CHAT", mend))
    return is_on
