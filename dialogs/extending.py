"""A municipality's changes laid over a script or a model: steps added, wording changed, steps without a role removed.

Promises: works on trees, before they are read, so that every part keeps the file and line it came from and one reading checks the
whole. Never removes a step the summary uses. Knows nothing of files and folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dialogs import faults
from dialogs.faults import Findings, Place
from dialogs.nodes import Items, Map, Node, Scalar
from dialogs.reading import MORE_WORDS, WORDS, a_map, check_keys, check_name, is_place, items, names, text
from dialogs.script import SKIPPED

SCRIPT_KEYS = ("id", "extends", "title", "words", "add", "remove")
MODEL_KEYS = (
    "id",
    "extends",
    "title",
    "words",
    "sources",
    "rounds",
    "milestones",
    "periods",
    "calendar",
    "evaluation",
    "answered_by",
    "reminders",
)
_WHOLE = (
    "title",
    "sources",
    "rounds",
    "milestones",
    "periods",
    "calendar",
    "evaluation",
    "answered_by",
    "reminders",
)  # written here: not what was there
_DATED = ("rounds", "milestones")
_WORDED = {
    1: ("title",),
    2: ("title", "skip"),
    3: ("ask", "hint"),
}  # a path's length -> what can be said otherwise there
_THINGS = (faults.SECTION, faults.STEP, faults.FIELD)
_LISTS = ("sections", "steps", "fields")


def extended_model(name: str, change: Map, base: Map, findings: Findings) -> Map:
    """The model with the changed title, words, sources and rounds; a list that is written takes the old one's place."""
    check_keys(change, MODEL_KEYS, (), findings)
    check_name(change, name, findings)
    merged = change.only(*_WHOLE).over(_still_dated(base.only("words", *_WHOLE), change))
    if "words" not in change.nodes:
        return merged
    words = a_map(change, "words", findings)
    check_keys(words, (*WORDS, *MORE_WORDS), (), findings)
    old, new = base.get("words"), words.only(*WORDS, *MORE_WORDS)
    return merged.with_("words", new.over(old) if isinstance(old, Map) else new)


def _still_dated(base: Map, change: Map) -> Map:
    """The base without the dates of those rounds and milestones that the change has no more."""
    gone = {key: set(_ids(base.maps(key))) - set(_ids(change.maps(key))) for key in _DATED if key in change.nodes}
    periods, calendar = base.get("periods"), base.get("calendar")
    if isinstance(periods, Map) and periods.text("renewal") in gone.get("rounds", ()):
        base = base.with_("periods", periods.without("renewal"))
    if isinstance(calendar, Map) and gone:
        for code, own in calendar.nodes.items():
            for key, names in gone.items():
                dates = own.get(key) if isinstance(own, Map) else None
                if isinstance(own, Map) and isinstance(dates, Map):
                    own = own.with_(key, dates.without(*names))  # noqa: PLW2901 - one after the other
            calendar = calendar.with_(code, own)
        base = base.with_("calendar", calendar)
    return base


def extended_choices(change: Map, base: Map) -> Map:
    """The choices with some changed key by key, and others added."""
    changed = dict(change.nodes)
    for name, node in change.nodes.items():
        old = base.get(name)
        if isinstance(node, Map) and isinstance(old, Map):
            changed[name] = node.over(old)
    return Map(change.place, changed, change.keys).over(base)


def extended_script(name: str, change: Map, base: Map, findings: Findings) -> Map:
    """The script with wording changed, steps removed and steps added, in that order."""
    check_keys(change, SCRIPT_KEYS, (), findings)
    check_name(change, name, findings)
    script = change.only("title").over(base.only("title", "sections"))
    words = a_map(change, "words", findings)
    for path in words.nodes:
        script = _reworded(script, path, words, findings)
    for item in items(change, "remove", findings):
        script = _without(script, item, findings)
    for item in items(change, "add", findings):
        script = _with(script, item, findings)
    return script


def _reworded(script: Map, path: str, words: Map, findings: Findings) -> Map:
    """The script with other wording at a path: section, section.step or section.step.field."""
    names = path.split(".")
    new = a_map(words, path, findings)
    if len(names) not in _WORDED:
        findings.note(words.where(path), faults.SHAPE, name=path, wanted=faults.A_PATH)
        return script
    check_keys(new, _WORDED[len(names)], (), findings)
    known = new.only(*_WORDED[len(names)])
    return _at(script, names, words.where(path), known.over, findings)


def _at(script: Map, names: list[str], place: Place, change: Callable[[Map], Map], findings: Findings) -> Map:
    """The script with what is named inside it changed: a section, its step, its field. A name not found is noted at `place`."""

    def inside(node: Map, depth: int) -> Map:
        if depth == len(names):
            return change(node)
        found = node.maps(_LISTS[depth])
        if names[depth] not in _ids(found):
            findings.unknown(place, _THINGS[depth], names[depth], _ids(found))
            return node
        return _listing(
            node, depth, (inside(item, depth + 1) if item.text("id") == names[depth] else item for item in found)
        )

    return inside(script, 0)


def _without(script: Map, item: Node, findings: Findings) -> Map:
    """The script without a step named `section.step`; unchanged, with the reason noted, when it must stay."""
    names = item.text.split(".") if isinstance(item, Scalar) else []
    if len(names) != len(("section", "step")):
        findings.note(item.place, faults.SHAPE, name="remove", wanted=faults.A_PATH)
        return script

    def removed(section: Map) -> Map:
        steps = section.maps("steps")
        step = next((step for step in steps if step.text("id") == names[1]), None)
        if step is None:
            findings.unknown(item.place, faults.STEP, names[1], _ids(steps))
        elif is_place(step) or any("role" in asked.nodes for asked in step.maps("fields")):
            findings.note(item.place, faults.HAS_ROLE, name=names[1])
        elif needing := next(_needing(step, steps), None):
            findings.note(item.place, faults.NEEDED, name=names[1], needs=needing)
        else:
            return _listing(section, 1, (other for other in steps if other is not step))
        return section

    return _at(script, names[:1], item.place, removed, findings)


def _needing(step: Map, steps: tuple[Map, ...]) -> Iterator[str]:
    """The steps whose conditions use a field of this step, or that it was skipped."""
    fields = _ids(step.maps("fields"))
    for other in steps:
        when = other.get("when")
        if isinstance(when, Map) and (
            any(name in when.nodes for name in fields)
            or any(name == step.text("id") for _, name in names(when, SKIPPED, Findings()))
        ):
            yield other.text("id")


def _with(script: Map, item: Node, findings: Findings) -> Map:
    """The script with one step more: after the step named, or last in its section. Or with one section more."""
    if not isinstance(item, Map):
        findings.note(item.place, faults.SHAPE, name="add", wanted=faults.A_MAP)
        return script
    if isinstance(item.get("section"), Map):
        return _with_section(script, item, findings)
    check_keys(item, ("section", "after", "step"), ("section", "step"), findings)
    section_id, after = text(item, "section", findings), text(item, "after", findings)
    step = a_map(item, "step", findings)
    if not section_id or not step.nodes:
        return script

    def added(section: Map) -> Map:
        steps = section.maps("steps")
        if after and after not in _ids(steps):
            findings.unknown(item.where("after"), faults.STEP, after, _ids(steps))
        at = _ids(steps).index(after) + 1 if after in _ids(steps) else len(steps)
        return _listing(section, 1, (*steps[:at], step, *steps[at:]))

    return _at(script, [section_id], item.where("section"), added, findings)


def _with_section(script: Map, item: Map, findings: Findings) -> Map:
    """The script with one section more: after the section named, or last."""
    check_keys(item, ("section", "after"), (), findings)
    sections, after = script.maps("sections"), text(item, "after", findings)
    if after and after not in _ids(sections):
        findings.unknown(item.where("after"), faults.SECTION, after, _ids(sections))
    at = _ids(sections).index(after) + 1 if after in _ids(sections) else len(sections)
    return _listing(script, 0, (*sections[:at], a_map(item, "section", findings), *sections[at:]))


def _ids(nodes: tuple[Map, ...]) -> list[str]:
    return [node.text("id") for node in nodes]


def _listing(node: Map, depth: int, nodes: Iterator[Map] | tuple[Map, ...]) -> Map:
    """The script or section with other sections, steps or fields in its list."""
    key = _LISTS[depth]
    return node.with_(key, Items(node.where(key), tuple(nodes)))
