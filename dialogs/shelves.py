"""A folder of models as it lies on the disk: which files there are, each as a tree.

Promises: nothing in a folder stops the reading of the rest; a file that is there and cannot be used is noted, never passed over in
silence. Knows nothing of what the files say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dialogs import faults
from dialogs.faults import Findings, Place
from dialogs.nodes import MOST_BYTES, Map, read
from dialogs.reading import is_id

_MODEL, _CHOICES, _CALENDAR = "model", "choices", "calendar"
_EVALUATION = "evaluation"
_OTHERS = ("texts.da.yaml", "texts.en.yaml")  # lie beside the models and are read by others


@dataclass(frozen=True, slots=True)
class Volume:
    """One model's folder on one shelf. A file that cannot be read is there as None."""

    name: str
    place: Place
    scripts: dict[str, Map | None] = field(default_factory=dict)
    models: list[Map | None] = field(default_factory=list)  # its model.yaml, if there is one


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of models: ours, or the municipality's."""

    volumes: dict[str, Volume] = field(default_factory=dict)
    choices: list[Map] = field(default_factory=list)  # its choices.yaml, if there is one
    evaluations: dict[str, Map | None] = field(default_factory=dict)  # by name; None when it cannot be read
    calendar: list[Map] = field(default_factory=list)  # its calendar.yaml, if there is one


def read_shelf(root: Path, label: str, findings: Findings) -> Shelf:
    """Everything in a folder of models, as trees."""
    shelf = Shelf()
    for path in _entries(root, Place(label or str(root)), faults.FOLDER, findings):
        place = Place(f"{label}{_name(path)}")
        if path.name in _OTHERS:
            continue
        if path.name == _EVALUATION and _is_folder(path):
            shelf.evaluations.update(_named(path, place, findings))
        elif _is_folder(path):
            volume = _volume(path, place, findings)
            shelf.volumes.update({volume.name: volume} if volume else {})
        elif path.name in (f"{_CHOICES}.yaml", f"{_CALENDAR}.yaml"):
            tree = _tree(path, place, findings)
            kept = shelf.choices if path.stem == _CHOICES else shelf.calendar
            kept.extend([tree] if tree else [])
        elif _is_yaml(path):
            findings.note(place, faults.MISPLACED, name=path.name)
    return shelf


def _volume(folder: Path, place: Place, findings: Findings) -> Volume | None:
    """Everything in one model's folder, as trees; None when there is nothing for us in it."""
    named = dict(_named(folder, place, findings))
    volume = Volume(folder.name, place, models=[named.pop(_MODEL)] if _MODEL in named else [], scripts=named)
    if not volume.models and not volume.scripts:
        return None
    if not is_id(folder.name):
        findings.note(place, faults.FILE_NAME, name=folder.name)
    return volume


def _named(folder: Path, place: Place, findings: Findings) -> Iterator[tuple[str, Map | None]]:
    """The files in a folder by their names, as trees. A file that cannot be read is there as None."""
    for path in _entries(folder, place, faults.UNREADABLE, findings):
        if not _is_yaml(path):
            continue
        at = Place(f"{place.file}/{_name(path)}")
        if path.suffix != ".yaml" or not is_id(path.stem):
            findings.note(at, faults.FILE_NAME, name=path.name)
        else:
            yield path.stem, _tree(path, at, findings)


def _entries(folder: Path, place: Place, sort: faults.Sort, findings: Findings) -> list[Path]:
    """What a folder holds, in order of name, without hidden files."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~")))
    except OSError:
        findings.note(place, sort)
        return []


def _name(path: Path) -> str:
    """The name as it can be printed, whatever bytes it was made of."""
    return path.name.encode("utf-8", "replace").decode()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_yaml(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml")


def _tree(path: Path, place: Place, findings: Findings) -> Map | None:
    """The file as a tree; None, with the reason noted, when it cannot be read."""
    try:
        if path.is_file():  # a pipe would be waited for
            with path.open("rb") as file:
                return read(file.read(MOST_BYTES + 1), place.file, findings)
    except OSError:
        pass
    findings.note(place, faults.UNREADABLE)
    return None
