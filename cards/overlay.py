"""A municipality's own words, checked before anybody reads them: `texts.da.yaml` and `texts.en.yaml` in its folder.

Promises: every fault at once, with file, line and how to mend it; a sentence that passes can be said. The wording of the faults stands
here, beside what it is about, because it must be there also when a file of texts cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import TemplateError

from cards.wording import Texts, read_sentences, texts
from dialogs.script import LANGUAGES, Wording

_UNREADABLE = Wording(
    'filen kan ikke læses. Skriv en linje for hver tekst: nøgle: "tekst"',
    'the file cannot be read. Write one line a text: key: "text"',
)
_UNKNOWN = Wording(
    "{key} findes ikke. Brug en af nøglerne i dialogbots egne tekster",
    "{key} does not exist. Use one of the keys of dialogbot’s own texts",
)
_BROKEN = Wording(
    "{key} kan ikke læses. Se efter, om hver {{{{ har sin }}}}",
    "{key} cannot be read. See whether every {{{{ has its }}}}",
)
_PARAMETERS = Wording(
    "{key} nævner {name}, som botten ikke kender her. Brug de ord, der står i den oprindelige tekst",
    "{key} mentions {name}, which the bot does not know there. Use the words of the original text",
)


@dataclass(frozen=True, slots=True)
class TextFault:
    """One thing to mend in a file of texts; line 0 is the file as a whole."""

    file: str
    line: int
    what: Wording

    def in_(self, language: str) -> str:
        """File, line and what to mend, on one line."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what.in_(language)}."


def check_overlay(folder: Path) -> tuple[TextFault, ...]:
    """What is wrong with a municipality's own texts; nothing when there are none."""
    paths = [(folder / f"texts.{language}.yaml", texts(language)) for language in LANGUAGES]
    return tuple(fault for path, ours in paths if path.exists() for fault in _faults(path, ours))


def _faults(path: Path, ours: Texts) -> Iterator[TextFault]:
    try:
        own = read_sentences(path)
        lines = path.read_text(encoding="utf-8").splitlines()
    except yaml.MarkedYAMLError as fault:
        yield TextFault(path.name, fault.problem_mark.line + 1 if fault.problem_mark else 0, _UNREADABLE)
        return
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        yield TextFault(path.name, 0, _UNREADABLE)
        return
    for key, sentence in own.items():
        what = _wrong(key, sentence, ours)
        if what is not None:
            line = next((number for number, line in enumerate(lines, start=1) if line.startswith(key)), 0)
            yield TextFault(path.name, line, what)


def _wrong(key: str, sentence: str, ours: Texts) -> Wording | None:
    if key not in ours.keys:
        return _filled(_UNKNOWN, key=key)
    try:
        unknown = ours.needs(sentence) - ours.needs_of(key)
    except TemplateError:
        return _filled(_BROKEN, key=key)
    return _filled(_PARAMETERS, key=key, name=", ".join(sorted(unknown))) if unknown else None


def _filled(wording: Wording, **about: str) -> Wording:
    return Wording(wording.da.format(**about), wording.en.format(**about))
