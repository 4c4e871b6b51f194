"""The models a municipality can choose between: ours, and those in its own folder, which may change ours or add others.

Promises: `load` gives every model whole and checked, or every fault at once with its file, line and how to mend it; bad input
never raises. A file in the municipality's folder stands before ours of the same name; with `extends` it builds on what stands
behind it. docs/models.md tells it to the person who writes the files. Knows nothing of dialogues, people and time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from dialogs import faults
from dialogs.dating import read_days_off, with_calendar
from dialogs.drawing import mermaid, show
from dialogs.evaluating import STANDARD, check_fit, check_sources, read_evaluation
from dialogs.extending import extended_choices, extended_model, extended_script
from dialogs.faults import Fault, Faults, Findings, Place
from dialogs.freezing import freeze, thaw
from dialogs.nodes import Map
from dialogs.reading import read_choices, read_model, read_script
from dialogs.script import Choice, DaysOff, Evaluation, Model, RoundRule, Script
from dialogs.shelves import Shelf, Volume, read_shelf

__all__ = ["Fault", "Faults", "Library", "freeze", "load", "mermaid", "show", "thaw"]

BUILT_IN = Path(__file__).parent / "models"
_LABEL = "dialogs/models/"  # how a fault names our own files, so they are not taken for the municipality's
_MOST_EXTENDS = 10


@dataclass(frozen=True, slots=True)
class Library:
    """Every model that can be used, by id, and every choice a script may offer."""

    models: Mapping[str, Model]
    choices: Mapping[str, Choice]
    days_off: DaysOff = field(default_factory=DaysOff)
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)

    def model(self, model_id: str) -> Model | None:
        """The model with that id."""
        return self.models.get(model_id)

    def script(self, model_id: str, script_id: str, evaluation_id: str = "") -> Script | None:
        """The script with that id in that model, as `Model.script` gives it; None when there is no such model or script."""
        model = self.models.get(model_id)
        return model.script(script_id, evaluation_id) if model else None

    def round(self, model_id: str, round_id: str) -> RoundRule | None:
        """The rule of that round in that model."""
        model = self.models.get(model_id)
        return next((rule for rule in model.rounds if rule.id == round_id), None) if model else None


def load(folder: Path | None = None) -> Library | Faults:
    """Our models and those in the municipality's `folder`, or everything that is wrong with them."""
    findings = Findings()
    shelves = [read_shelf(BUILT_IN, _LABEL, findings)]
    if folder is not None:
        shelves.insert(0, read_shelf(folder, "", findings))
    choices = read_choices(_choices(shelves), findings)
    shelved = _Shelved(shelves, findings)
    evaluations = {
        name: read_evaluation(name, tree, choices, findings) if tree else Evaluation(name, faults.EVALUATION, ())
        for name, tree in shelved.evaluations.items()
    }
    models = {name: _model(name, shelved, choices, evaluations, findings) for name in shelved.names}
    days_off = read_days_off(next((tree for shelf in shelves for tree in shelf.calendar), None), findings)
    return findings.faults() or Library(
        MappingProxyType(models), MappingProxyType(choices), days_off, MappingProxyType(evaluations)
    )


def _model(
    name: str,
    shelved: _Shelved,
    choices: Mapping[str, Choice],
    evaluations: Mapping[str, Evaluation],
    findings: Findings,
) -> Model:
    """The model with that name, read with all its scripts."""
    behind = shelved.chain(name)
    scripts = {}
    for stem in dict.fromkeys(stem for volume in reversed(behind) for stem in volume.scripts):
        tree = shelved.script(stem, behind)
        # A script that cannot be put together keeps its name, so that the rounds that use it are not at fault too.
        scripts[stem] = read_script(stem, tree, choices, findings) if tree else _blank(stem)
        if tree:
            check_fit(stem, tree, filter(None, shelved.evaluations.values()), findings)
            check_sources(tree, shelved.sources, findings)
    tree = shelved.model(name, behind)
    if tree is None:
        return Model(name, _blank(name).title)
    model = with_calendar(read_model(name, tree, scripts, findings), tree, findings)
    return _evaluated(model, tree, evaluations, findings)


def _evaluated(model: Model, tree: Map, evaluations: Mapping[str, Evaluation], findings: Findings) -> Model:
    """The model with the steps of its evaluation model in all its scripts, and every evaluation model to choose from."""
    chosen = evaluations.get(model.evaluation or STANDARD)
    if chosen is None:
        findings.unknown(tree.where("evaluation"), faults.EVALUATION, model.evaluation, evaluations)
        return model
    whole = {stem: script.evaluated_by(chosen) for stem, script in model.scripts.items()}
    return replace(
        model,
        evaluation=chosen.id,
        open_scripts=model.scripts,
        scripts=whole,
        evaluations=MappingProxyType(evaluations),
    )


def _blank(stem: str) -> Script:
    return Script(stem, faults.SCRIPT, ())


def _choices(shelves: list[Shelf]) -> Map:
    """Our choices with the municipality's laid over them."""
    tree = Map(Place("choices.yaml"))
    for shelf in reversed(shelves):
        for change in shelf.choices:
            tree = extended_choices(change, tree)
    return tree


class _Shelved:
    """All shelves together: which file is meant by a name, and what it builds on."""

    def __init__(self, shelves: list[Shelf], findings: Findings) -> None:
        self._shelves = shelves
        self._findings = findings
        self.names = sorted({name for shelf in shelves for name in shelf.volumes})
        self.evaluations = {name: tree for shelf in reversed(shelves) for name, tree in shelf.evaluations.items()}
        trees = [tree for shelf in shelves for volume in shelf.volumes.values() for tree in volume.models if tree]
        self.sources = frozenset(source.text("id") for tree in trees for source in tree.maps("sources"))

    def chain(self, name: str, seen: tuple[str, ...] = ()) -> list[Volume]:
        """The volumes a model is made of, the nearest first: what is missing in one is taken from the next."""
        found: list[Volume] = []
        for volume in (shelf.volumes[name] for shelf in self._shelves if name in shelf.volumes):
            found.append(volume)
            change = next((tree for tree in volume.models if tree), None)
            base = change.text("extends") if change else ""
            if change and base and base != name:
                return found + self._behind(base, change.where("extends"), (*seen, name))
        return found

    def _behind(self, base: str, place: Place, seen: tuple[str, ...]) -> list[Volume]:
        """The volumes of the model that another one extends."""
        if base in seen or len(seen) > _MOST_EXTENDS:
            self._findings.note(place, faults.CIRCLE if base in seen else faults.TOO_DEEP, name=base)
            return []
        if base not in self.names:
            self._findings.unknown(place, faults.MODEL, base, self.names)
            return []
        return self.chain(base, seen)

    def model(self, name: str, behind: list[Volume]) -> Map | None:
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

    def script(self, stem: str, behind: list[Volume], seen: tuple[Place, ...] = ()) -> Map | None:
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
        base = reference.rpartition("/")[2]
        further = self._further(reference, place, behind, at, stem)
        if further is None:
            return None
        if not any(base in volume.scripts for volume in further):
            self._findings.unknown(place, faults.SCRIPT, reference, self._scripts(further))
            return None
        under = self.script(base, further, (*seen, place))
        return extended_script(stem, tree, under, self._findings) if under else None

    def _further(self, reference: str, place: Place, behind: list[Volume], at: int, stem: str) -> list[Volume] | None:
        """Where to look for what a script extends: its own name is meant one step further back. None: no such model."""
        model, _, base = reference.rpartition("/")
        if model in ("", behind[at].name):
            return behind[at + 1 :] if base == stem else behind
        if model in self.names:
            return self.chain(model)
        self._findings.unknown(place, faults.MODEL, model, self.names)
        return None

    def _scripts(self, volumes: list[Volume]) -> set[str]:
        return {stem for volume in volumes for stem in volume.scripts}
