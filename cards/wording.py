"""The bot's sentences by key, in Danish and English, with a municipality's own overlay.

Promises: one sentence out for one key in; a missing key or parameter is a fault in the program and raises. Knows Danish dates,
numbers and plurals; knows nothing of markup: what is said is plain text, escaped by whoever renders it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import StrictUndefined, Template
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from dialogs.script import LANGUAGES

_ALWAYS_KNOWN = frozenset({"round", "unit", "due", "late", "name", "nearest"})  # in every sentence about a dialogue
_FOLDER = Path(__file__).parent / "texts"
DENMARK = ZoneInfo("Europe/Copenhagen")
LOCALES = {"da": "da_DK", "en": "en_GB"}
_WEEKDAY = {"da": "EEEE 'den' d. MMMM", "en": "EEEE d MMMM"}
_DATE = {"da": "d. MMMM y", "en": "d MMMM y"}
_MONTH = {"da": "MMMM y", "en": "MMMM y"}
_AND = {"da": "og", "en": "and"}
_QUOTES = {"da": "»{}«", "en": "“{}”"}


class Texts:
    """The sentences of one language."""

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
        environment.globals.clear()  # a sentence needs none, and every one said would copy them
        environment.filters |= {
            "plural": plural,
            "first": first_name,
            "channel": channel,
            "number": lambda count: format_decimal(count, locale=LOCALES[language]),
            "weekday": lambda day: _format(_day(day), _WEEKDAY[language], language),
            "date": lambda day: _format(_day(day), _DATE[language], language),
            "month": lambda day: _format(_day(day), _MONTH[language], language),
            "quoted": _QUOTES[language].format,
            "listed": lambda words: listed(words, language),
        }
        self._environment = environment
        self._sentences = dict(sentences)
        self._compiled: dict[str, Template] = {}

    @property
    def keys(self) -> frozenset[str]:
        """Every key there is a sentence for."""
        return frozenset(self._sentences)

    def say(self, key: str, /, **params: object) -> str:
        """The sentence under a key, with its parameters put in."""
        sentence = self._sentences[key]
        if "{" not in sentence:
            return sentence
        template = self._compiled.get(key)
        if template is None:
            template = self._compiled[key] = self._environment.from_string(sentence)
        return template.render(params)

    def needs(self, sentence: str) -> frozenset[str]:
        """The parameters a sentence must be given; TemplateError when it cannot be read."""
        self._environment.from_string(sentence)  # knows the filters too
        return frozenset(find_undeclared_variables(self._environment.parse(sentence)))

    def needs_of(self, key: str) -> frozenset[str]:
        """The parameters the sentence under a key is given."""
        return self.needs(self._sentences[key]) | _ALWAYS_KNOWN

    def date(self, day: date | datetime) -> str:
        """A day in words: 1. april 2027."""
        return _format(_day(day), _DATE[self.language], self.language)

    def quoted(self, text: str) -> str:
        """Somebody's own words, in this language's quotation marks."""
        return _QUOTES[self.language].format(text)

    def listed(self, words: Iterable[str]) -> str:
        """Words in a row: a, b og c."""
        return listed(words, self.language)


def _day(day: date | datetime) -> date:
    return day.astimezone(DENMARK).date() if isinstance(day, datetime) else day


@lru_cache(maxsize=2048)
def _format(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=LOCALES[language])


def plural(number: int, one: str, many: str) -> str:
    """A number with its noun: 1 indsats, 7 indsatser."""
    return f"{number} {one if number == 1 else many}"


_SIGNED = re.compile(r"[a-z0-9æøåéü_-]+")


def channel(name: str) -> str:
    """A channel as people write it: #ledelse where names are small letters without spaces, »Ledelse › Opslag« elsewhere."""
    return f"#{name}" if _SIGNED.fullmatch(name) else name


def first_name(name: str) -> str:
    """What people call each other at work: the first of a person's names."""
    return next(iter(name.split()), name)


def listed(words: Iterable[str], language: str) -> str:
    """Words in a row: a, b og c."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} {_AND[language]} {last}" if most else last


@lru_cache(maxsize=8)
def texts(language: str, overlay: Path | None = None) -> Texts:
    """The sentences of a language (Danish for one we do not speak), with the municipality's own `texts.<language>.yaml`."""
    language = language if language in LANGUAGES else "da"
    sentences = read_sentences(_FOLDER / f"{language}.yaml")
    own = overlay / f"texts.{language}.yaml" if overlay else None
    if own is not None and own.exists():
        sentences |= {key: sentence for key, sentence in read_sentences(own).items() if key in sentences}
    return Texts(language, sentences)


def read_sentences(path: Path) -> dict[str, str]:
    """The sentences in a file, by key."""
    return {str(key): str(sentence) for key, sentence in yaml.safe_load(path.read_text(encoding="utf-8")).items()}
