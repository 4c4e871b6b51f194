"""Words by flat key that are said around the conversation: on the local chat's page, beside an input, on the command line.

Promises: read once a process; the same keys in every language; an unknown key is a fault. Knows nothing of cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

LANGUAGES = ("da", "en")
TEXTS = Path(__file__).parent / "texts"


@cache
def words(about: str, language: str) -> Mapping[str, str]:
    """Return every text of `texts/<about>.<language>.yaml` by key; Danish for a language we do not speak."""
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    found = yaml.safe_load((TEXTS / f"{about}.{spoken}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({str(key): str(text) for key, text in found.items()})


def chrome(language: str) -> Mapping[str, str]:
    """Return the local chat's own words."""
    return words("web", language)


def number(count: int, language: str) -> str:
    """Return a whole number with the thousands mark of `language`: 3.000 or 3,000."""
    return f"{count:,}" if language == "en" else f"{count:,}".replace(",", ".")
