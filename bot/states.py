"""What a municipality's models call the statuses of initiatives, the sources of goals and the rounds.

Promises: pure; read from the models once a process. What no model knows any more is called by its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialogs.library import Library
from dialogs.script import Choice, Role, Wording


@dataclass(frozen=True, slots=True)
class _Words:
    library: Library
    choices: Mapping[str, Choice]
    sources: Mapping[str, Wording]


_known: dict[int, _Words] = {}
"""By the library's identity; a process has one."""


def choices(library: Library) -> Mapping[str, Choice]:
    """The statuses an initiative can have, in the order they are offered."""
    return _words_of(library).choices


def sources(library: Library, language: str) -> Mapping[str, str]:
    """What the sources of goals are called, in the models' order."""
    return {name: label.in_(language) for name, label in _words_of(library).sources.items()}


def round_title(library: Library, model_id: str, round_id: str, language: str) -> str:
    """What a round is called: Forårsdialog."""
    rule = library.round(model_id, round_id.partition("-")[2])
    script = library.script(model_id, rule.script) if rule else None
    return script.title.in_(language) if script else round_id


def _words_of(library: Library) -> _Words:
    found = _known.get(id(library))
    if found is None or found.library is not library:
        labels: dict[str, Wording] = {}
        for one in (one for model in library.models.values() for one in model.sources):
            labels.setdefault(one.id, one.label)
        found = _known[id(library)] = _Words(library, dict(_offered(library)), labels)
    return found


def _offered(library: Library) -> Iterator[tuple[str, Choice]]:
    scripts = (script for model in library.models.values() for script in model.scripts.values())
    steps = (step for script in scripts for section in script.sections for step in section.steps)
    fields = (one for step in steps for one in step.fields if one.role is Role.STATUS)
    seen: set[str] = set()
    for choice in (choice for one in fields for choice in one.choices):
        if choice.id not in seen:
            seen.add(choice.id)
            yield choice.id, choice
