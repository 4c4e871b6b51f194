"""What a typed line means before it is taken as text: a command, a button on the card, or one of its choices."""

from __future__ import annotations

from enum import StrEnum

from cards.card import Card, Press
from dialogs.script import Field


class Command(StrEnum):
    """What one can ask for by typing it."""

    START = "start"
    STATUS = "status"
    HELP = "help"
    AGREEMENT = "agreement"
    DANISH = "danish"
    ENGLISH = "english"
    REMINDERS = "reminders"
    BACK = "back"
    PLAN = "plan"
    SEARCH = "search"
    REPORT = "report"


_WORDS = {
    **dict.fromkeys(("start", "begynd", "fortsæt", "begin", "continue", "dialog"), Command.START),
    **dict.fromkeys(("status", "dialogstatus", "mine dialoger"), Command.STATUS),
    **dict.fromkeys(("aftale", "aftaler", "min aftale", "agreement", "agreements"), Command.AGREEMENT),
    **dict.fromkeys(("dialogaftale", "institutionsaftale"), Command.AGREEMENT),
    **dict.fromkeys(("hjælp", "hjaelp", "help", "?"), Command.HELP),
    **dict.fromkeys(("dansk", "danish"), Command.DANISH),
    **dict.fromkeys(("engelsk", "english"), Command.ENGLISH),
    **dict.fromkeys(("påmindelser", "paamindelser", "påmindelse", "reminders"), Command.REMINDERS),
    **dict.fromkeys(("tilbage", "jeg er tilbage", "back", "i am back"), Command.BACK),
    **dict.fromkeys(("rapport", "rapporter", "report", "reports"), Command.REPORT),
    "plan": Command.PLAN,
}


def command(text: str) -> Command | None:
    """The command a line is, with or without a slash or »/dialog« before it; None when it is just text."""
    return _WORDS.get(_bare(_plain(text)))


_ASKING = {
    **dict.fromkeys(("status", "dialogstatus"), Command.STATUS),
    **dict.fromkeys(("søg", "soeg", "search"), Command.SEARCH),
    **dict.fromkeys(("rapport", "rapporter", "report", "reports"), Command.REPORT),
}


def asking(text: str) -> tuple[Command, str] | None:
    """What a line asks about: »status byskolen«, »/dialog søg sygefravær«; None when it asks nothing of the kind."""
    word, _, words = _bare(text.strip()).partition(" ")
    asked = _ASKING.get(word.casefold())
    return (asked, words.strip()) if asked and (words.strip() or asked is Command.SEARCH) else None


def _bare(text: str) -> str:
    """A line without the slash, or »/dialog«, that says to the bot what would else be said to it in another way."""
    said = text.removeprefix("/")
    first, _, rest = said.partition(" ")
    return rest.strip().removeprefix("/") if rest.strip() and first.casefold() == "dialog" else said


def choice_said(field: Field, text: str) -> str | None:
    """The id of the choice that a line names: its whole label, or what stands before the comma, in either language."""
    said = _plain(text)
    for choice in field.choices:
        labels = {choice.symbol, choice.id} | {
            name for label in (choice.label.da, choice.label.en) for name in _names(label)
        }
        if said in labels:
            return choice.id
    return None


def button_said(card: Card, text: str) -> Press | None:
    """The press of the button that a line names by its label: »næste«, »uændret siden sidst«."""
    said = _plain(text)
    if said in _PAUSES:
        return next((button.press for button in card.buttons if button.press.act == "pause"), None)
    return next((button.press for button in card.buttons if _plain(button.label.lstrip("‹ ")) == said), None)


_PAUSES = frozenset({"pause", "senere", "stop", "later"})


def _names(label: str) -> set[str]:
    return {_plain(label), _plain(label.split(",", maxsplit=1)[0])}


def _plain(text: str) -> str:
    said = text.strip()
    return (said if said == "?" else said.strip("»«\"'.,!? ")).casefold()
