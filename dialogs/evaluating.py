"""Evaluation models: the steps by which a goal is judged, read from a tree and fitted into scripts.

Promises: as `reading`: a whole record always, each fault noted at its own line. Every evaluation model says in exactly one field
whether the goal is reached, so that goals judged by different models can be counted together; and each fits into every script
that has a place for one, so that any of them may be chosen. Knows nothing of files and folders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain

from dialogs import faults
from dialogs.engine import GOAL
from dialogs.faults import Findings
from dialogs.nodes import Map
from dialogs.reading import LONGEST_TITLE, check_keys, check_name, is_place, names, read_steps, steps_for, wording
from dialogs.script import Choice, Evaluation, Role, Wording

KEYS = ("id", "title", "steps")
STANDARD = "attainment"
"""What judges a goal where neither the model, the forvaltning nor the agreement says otherwise."""


def read_evaluation(name: str, tree: Map, choices: Mapping[str, Choice], findings: Findings) -> Evaluation:
    """The evaluation model in the file `name`."""
    check_keys(tree, KEYS, KEYS[1:], findings)
    check_name(tree, name, findings)
    steps = tree.maps("steps")
    if "steps" in tree.nodes and not any(asked.text("role") == Role.ATTAINMENT for asked in _fields(steps)):
        findings.note(tree.where("steps"), faults.NO_ATTAINMENT)
    return Evaluation(
        name, wording(tree, "title", findings, most=LONGEST_TITLE), read_steps(tree, choices, findings)
    )  # fmt: skip


def check_fit(script_id: str, script: Map, evaluations: Iterable[Map], findings: Findings) -> None:
    """Note what an evaluation model has in common with a script it can be put into: steps, fields, roles."""
    asking = (section for section in script.maps("sections") if section.text("each") == GOAL)
    sections = [section for section in asking if any(map(is_place, section.maps("steps")))]
    if not sections:
        return
    taken = _said(chain.from_iterable(steps_for(script, GOAL)), "id")
    inside = _fields(step for section in sections for step in section.maps("steps"))
    fields, roles = _said(inside, "id"), _said(inside, "role")
    for evaluation in evaluations:
        steps = evaluation.maps("steps")
        asked = _fields(steps)
        for nodes, key, thing, used in (
            (steps, "id", faults.STEP, taken),
            (asked, "id", faults.FIELD, fields),
            (asked, "role", faults.ROLE, roles),
        ):
            _check_apart(nodes, key, thing, used, script_id, findings)


def _check_apart(
    nodes: Iterable[Map], key: str, thing: Wording, used: Collection[str], script: str, findings: Findings
) -> None:
    for node in nodes:
        if node.text(key) in used:
            findings.note(node.where(key), faults.CLASH, thing=thing, name=node.text(key), script=script)


def check_sources(script: Map, sources: Collection[str], findings: Findings) -> None:
    """Note each source a section is narrowed to that no model has."""
    for section in script.maps("sections"):
        only = section.get("only")
        if isinstance(only, Map):
            for place, name in names(only, "source", Findings()):
                if name not in sources:
                    findings.unknown(place, faults.SOURCE, name, sources)


def _fields(steps: Iterable[Map]) -> tuple[Map, ...]:
    return tuple(chain.from_iterable(step.maps("fields") for step in steps))


def _said(nodes: Iterable[Map], key: str) -> frozenset[str]:
    return frozenset(filter(None, (node.text(key) for node in nodes)))
