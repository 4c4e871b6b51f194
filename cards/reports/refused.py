"""Why a report could not be written out: a municipality's own template that cannot be used, said so that it can be mended.

Promises: frozen; a sentence in each language, naming the file. The wording is in cards/texts, as all else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cards.chrome import words


class Reason(StrEnum):
    """What is wrong with a template; also the key of its sentence."""

    NOT_WORD = "template_not_word"
    BROKEN = "template_broken"
    UNKNOWN = "template_unknown"
    MISPLACED = "template_misplaced"


@dataclass(frozen=True, slots=True)
class Refused:
    """A template that cannot be used: its file's name, why, and what the sentence names."""

    file: str
    reason: Reason
    about: Mapping[str, str] = field(default_factory=dict)

    def in_(self, language: str) -> str:
        """The whole sentence: which file, what is wrong, how to mend it."""
        sentence = words("writing", language)[self.reason]
        for name, value in {"file": self.file, **self.about}.items():
            sentence = sentence.replace(f"<{name}>", value)
        return sentence
