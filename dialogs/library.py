"""The models a municipality can choose between: ours, and those in its own folder, which may change ours or add others.

Promises: `load` gives every model whole and checked, or every fault at once with its file, line and how to mend it; bad input
never raises. A file in the municipality's folder stands before ours of the same name; with `extends` it builds on what stands
behind it. docs/models.md tells it to the person who writes the files. Knows nothing of dialogues, people and time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from dialogs import faults
from dialogs.drawing import mermaid, show
from dialogs.extending import extended_choices, extended_model, extended_script
from dialogs.faults import Fault, Faults, Findings, Place
from dialogs.freezing import freeze, thaw
from dialogs.nodes import MOST_BYTES, Map, read
from dialogs.reading import is_id, read_choices, read_model, read_script
from dialogs.script import Choice, Model, RoundRule, Script

__all__ = ["Fault", "Faults", "Library", "freeze", "load", "mermaid", "show", "thaw"]

BUILT_IN = Path(__file__).parent / "models"
_LABEL = "dialogs/models/"  # how a fault names our own files, so they are not taken for the municipality's
_MOST_EXTENDS = 10
_MODEL, _CHOICES = "model", "choices"
_OTHER_FOLDERS = ("evaluation",)  # lies beside the models and is read by others


@dataclass(frozen=True, slots=True)
class Library:
    """Every model that can be used, by id, and every choice a script may offer."""

    models: Mapping[str, Model]
    choices: Mapping[str, Choice]

    def model(self, model_id: str) -> Model | None:
        """The model with that id."""
        return self.models.get(model_id)

    def script(self, model_id: str, script_id: str) -> Script | None:
        """The script with that id in that model."""
        model = self.models.get(model_id)
        return model.scripts.get(script_id) if model else None

    def round(self, model_id: str, round_id: str) -> RoundRule | None:
        """The rule of that round in that model."""
        model = self.models.get(model_id)
        return next((rule for rule in model.rounds if rule.id == round_id), None) if model else None


def load(folder: Path | None = None) -> Library | Faults:
    """Our models and those in the municipality's `folder`, or everything that is wrong with them."""
    findings = Findings()
    shelves = [_shelf(BUILT_IN, _LABEL, findings)]
    if folder is not None:
        shelves.insert(0, _shelf(folder, "", findings))
    choices = read_choices(_choices(shelves), findings)
    shelved = _Shelved(shelves, findings)
    models = {name: _model(name, shelved, choices, findings) for name in shelved.names}
    return findings.faults() or Library(MappingProxyType(models), MappingProxyType(choices))


def _model(name: str, shelved: _Shelved, choices: Mapping[str, Choice], findings: Findings) -> Model:
    """The model with that name, read with all its scripts."""
    behind = shelved.chain(name)
    scripts = {}
    for stem in dict.fromkeys(stem for volume in reversed(behind) for stem in volume.scripts):
        tree = shelved.script(stem, behind)
        # A script that cannot be put together keeps its name, so that the rounds that use it are not at fault too.
        scripts[stem] = read_script(stem, tree, choices, findings) if tree else _blank(stem)
    tree = shelved.model(name, behind)
    return read_model(name, tree, scripts, findings) if tree else Model(name, _blank(name).title)


def _blank(stem: str) -> Script:
    return Script(stem, faults.SCRIPT, ())


@dataclass(frozen=True, slots=True)
class _Volume:
    """One model's folder on one shelf. A file that cannot be read is there as None."""

    name: str
    place: Place
    scripts: dict[str, Map | None] = field(default_factory=dict)
    models: list[Map | None] = field(default_factory=list)  # its model.yaml, if there is one


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A folder of models: ours, or the municipality's."""

    volumes: dict[str, _Volume] = field(default_factory=dict)
    choices: list[Map] = field(default_factory=list)  # its choices.yaml, if there is one


def _shelf(root: Path, label: str, findings: Findings) -> _Shelf:
    """Everything in a folder of models, as trees."""
    shelf = _Shelf()
    for path in _entries(root, Place(label or str(root)), faults.FOLDER, findings):
        place = Place(f"{label}{_name(path)}")
        if _is_folder(path):
            volume = _volume(path, place, findings)
            if volume and path.name not in _OTHER_FOLDERS:
                shelf.volumes[path.name] = volume
        elif path.name == f"{_CHOICES}.yaml":
            tree = _tree(path, place, findings)
            shelf.choices.extend([tree] if tree else [])
        elif _is_yaml(path):
            findings.note(place, faults.MISPLACED, name=path.name)
    return shelf


def _volume(folder: Path, place: Place, findings: Findings) -> _Volume | None:
    """Everything in one model's folder, as trees; None when there is nothing for us in it."""
    volume = _Volume(folder.name, place)
    for path in _entries(folder, place, faults.UNREADABLE, findings):
        if not _is_yaml(path):
            continue
        at = Place(f"{place.file}/{_name(path)}")
        if path.suffix != ".yaml" or not is_id(path.stem):
            findings.note(at, faults.FILE_NAME, name=path.name)
        elif path.stem == _MODEL:
            volume.models.append(_tree(path, at, findings))
        else:
            volume.scripts[path.stem] = _tree(path, at, findings)
    if not volume.models and not volume.scripts:
        return None
    if not is_id(folder.name):
        findings.note(place, faults.FILE_NAME, name=folder.name)
    return volume


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


def _choices(shelves: list[_Shelf]) -> Map:
    """Our choices with the municipality's laid over them."""
    tree = Map(Place(f"{_CHOICES}.yaml"))
    for shelf in reversed(shelves):
        for change in shelf.choices:
            tree = extended_choices(change, tree)
    return tree


class _Shelved:
    """All shelves together: which file is meant by a name, and what it builds on."""

    def __init__(self, shelves: list[_Shelf], findings: Findings) -> None:
        self._shelves = shelves
        self._findings = findings
        self.names = sorted({name for shelf in shelves for name in shelf.volumes})

    def chain(self, name: str, seen: tuple[str, ...] = ()) -> list[_Volume]:
        """The volumes a model is made of, the nearest first: what is missing in one is taken from the next."""
        found: list[_Volume] = []
        for volume in (shelf.volumes[name] for shelf in self._shelves if name in shelf.volumes):
            found.append(volume)
            change = next((tree for tree in volume.models if tree), None)
            base = change.text("extends") if change else ""
            if change and base and base != name:
                return found + self._behind(base, change.where("extends"), (*seen, name))
        return found

    def _behind(self, base: str, place: Place, seen: tuple[str, ...]) -> list[_Volume]:
        """The volumes of the model that another one extends."""
        if base in seen or len(seen) > _MOST_EXTENDS:
            self._findings.note(place, faults.CIRCLE if base in seen else faults.TOO_DEEP, name=base)
            return []
        if base not in self.names:
            self._findings.unknown(place, faults.MODEL, base, self.names)
            return []
        return self.chain(base, seen)

    def model(self, name: str, behind: list[_Volume]) -> Map | None:
        """The model.yaml in front, put together with what it extends; None, with the reason noted, when it cannot be."""
        trees = [tree for volume in behind for tree in volume.models]
        if not trees:
            self._findings.note(behind[0].place, faults.NO_MODEL)
            return None
        front = trees[0]
        if front is None or "extends" not in front.nodes:
            return front
        if not front.text("extends"):
            self._findings.note(front.where("extends"), faults.SHAPE, name="extends", wanted=faults.A_NAME)
            return None
        base = self._base(front, trees[1:], name)
        return extended_model(name, front, base, self._findings) if base else None

    def _base(self, front: Map, trees: list[Map | None], name: str) -> Map | None:
        """What a model.yaml with `extends` is laid over."""
        base = front.text("extends")
        if not trees:
            if base == name:
                self._findings.unknown(front.where("extends"), faults.MODEL, base, set(self.names) - {name})
            return None
        tree = trees[0]
        if tree is None or "extends" not in tree.nodes:
            return tree
        behind = self._base(tree, trees[1:], base)
        # What is wrong with the base's own changes is noted when that model is read.
        return extended_model(base, tree, behind, Findings()) if behind else None

    def script(self, stem: str, behind: list[_Volume], seen: tuple[Place, ...] = ()) -> Map | None:
        """The script in front, put together with what it extends; None, with the reason noted, when it cannot be."""
        at, volume = next((at, volume) for at, volume in enumerate(behind) if stem in volume.scripts)
        tree = volume.scripts[stem]
        if tree is None or "extends" not in tree.nodes:
            return tree
        reference = tree.text("extends")
        place = tree.where("extends")
        if place in seen or len(seen) > _MOST_EXTENDS:
            self._findings.note(place, faults.CIRCLE if place in seen else faults.TOO_DEEP, name=reference)
            return None
        model, _, base = reference.rpartition("/")
        further = (
            self._further(stem, base, behind[at + 1 :], behind)
            if model in ("", volume.name)
            else self._other(model, place)
        )
        if further is None:
            return None
        if not any(base in volume.scripts for volume in further):
            self._findings.unknown(place, faults.SCRIPT, reference, self._scripts(further))
            return None
        under = self.script(base, further, (*seen, place))
        return extended_script(stem, tree, under, self._findings) if under else None

    def _further(self, stem: str, base: str, after: list[_Volume], all_: list[_Volume]) -> list[_Volume]:
        """Where to look for a script that a script of the same model extends: its own name is meant one step further back."""
        return after if base == stem else all_

    def _other(self, model: str, place: Place) -> list[_Volume] | None:
        """Where to look for a script of another model."""
        if model in self.names:
            return self.chain(model)
        self._findings.unknown(place, faults.MODEL, model, self.names)
        return None

    def _scripts(self, volumes: list[_Volume]) -> set[str]:
        return {stem for volume in volumes for stem in volume.scripts}
