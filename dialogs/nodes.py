"""YAML as a tree in which every part knows its line.

Promises: whatever bytes it is given, `read` returns a tree or notes faults; it never raises, never runs a tag, never follows an
alias and never recurses deeper than our own limit. Every scalar is the text as written: `ja`, `No` and `04-01` stay words, so
nothing a consultant writes turns into a truth value or a date. Knows nothing of scripts and models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml import events

from dialogs import faults
from dialogs.faults import Findings, Place, Sort

# libyaml's parser, which every wheel of PyYAML carries: ten times faster, and unlike the one in Python it reads an unquoted
# question mark in {da: Hvordan?, en: How?}. Where it is missing, the import fails and says so.
_LOADER = yaml.CSafeLoader
MOST_BYTES = 256 * 1024
_MOST_LAYERS = 20
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, as written. Nothing, `~` and `null` are the empty text."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """Keys with values, in the order written; `keys` is where each key stands."""

    place: Place
    nodes: Mapping[str, Node] = field(default_factory=dict)
    keys: Mapping[str, Place] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        return self.nodes.get(key)

    def text(self, key: str) -> str:
        """The text of a key; empty when it is absent or something else."""
        node = self.nodes.get(key)
        return node.text if isinstance(node, Scalar) else ""

    def maps(self, key: str) -> tuple[Map, ...]:
        """The maps in the list at a key; anything else there is left out."""
        node = self.nodes.get(key)
        return tuple(item for item in node.nodes if isinstance(item, Map)) if isinstance(node, Items) else ()

    def where(self, key: str) -> Place:
        """Where the key stands; where the map begins, when the key is absent."""
        return self.keys.get(key, self.place)

    def over(self, other: Map) -> Map:
        """`other` with this map's keys laid over it; both keep their own lines."""
        return Map(other.place, {**other.nodes, **self.nodes}, {**other.keys, **self.keys})

    def only(self, *names: str) -> Map:
        """This map with those keys and no others."""
        kept = [name for name in names if name in self.nodes]
        return Map(self.place, {name: self.nodes[name] for name in kept}, {name: self.where(name) for name in kept})

    def without(self, *names: str) -> Map:
        """This map without those keys."""
        return self.only(*(name for name in self.nodes if name not in names))

    def with_(self, key: str, node: Node) -> Map:
        """This map with one key set."""
        return Map(self.place, {**self.nodes, key: node}, {**self.keys, key: self.keys.get(key, node.place)})


Node: TypeAlias = Scalar | Items | Map


def read(source: bytes, file: str, findings: Findings) -> Map | None:
    """The keys and values of a file; None, with the reason noted, when it has none that can be read."""
    text = _text(source, file, findings)
    if text is None:
        return None
    try:
        node = _Reader(file, findings).document(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        findings.note(*_broken(error, text, file))
        return None
    except _TooDeepError as error:
        findings.note(error.place, faults.TOO_DEEP)
        return None
    match node:
        case Map():
            return node
        case None | Scalar(text=""):
            findings.note(Place(file), faults.EMPTY_FILE)
        case _:
            findings.note(node.place, faults.SHAPE, name=file.rpartition("/")[2], wanted=faults.A_MAP)
    return None


def _text(source: bytes, file: str, findings: Findings) -> str | None:
    """The bytes as text; None, with the reason noted, when they are not text."""
    if len(source) > MOST_BYTES:
        findings.note(Place(file), faults.TOO_BIG, most=str(MOST_BYTES // 1024))
        return None
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.note(Place(file, source[: error.start].count(b"\n") + 1), faults.ENCODING)
        return None
    control = _CONTROL.search(text)
    if control:
        findings.note(Place(file, text[: control.start()].count("\n") + 1), faults.CONTROL)
        return None
    return text


class _TooDeepError(Exception):
    """More layers than any script has."""

    def __init__(self, place: Place) -> None:
        super().__init__(str(place))
        self.place = place


class _Reader:
    """Builds the tree of one file from the parser's events, which costs one pass and shows keys, aliases and tags as written."""

    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings

    def document(self, stream: Iterator[events.Event]) -> Node | None:
        """The first document; a second one is noted."""
        first: Node | None = None
        for event in stream:
            if isinstance(event, events.DocumentStartEvent):
                if first is not None:
                    self._findings.note(self._place(event), faults.TWO_DOCUMENTS)
                    return first
                first = self._node(next(stream), stream, 0)
        return first

    def _node(self, event: events.Event, stream: Iterator[events.Event], depth: int) -> Node:
        place = self._place(event)
        if depth > _MOST_LAYERS:
            raise _TooDeepError(place)
        self._refuse_references(event, place)
        match event:
            case events.SequenceStartEvent():
                return Items(place, tuple(self._items(stream, depth)))
            case events.MappingStartEvent():
                return self._map(place, stream, depth)
            case events.ScalarEvent():
                absent = not event.style and event.value in ("", "~", "null", "Null", "NULL")
                return Scalar(place, "" if absent else event.value.strip())
        return Scalar(place, "")

    def _items(self, stream: Iterator[events.Event], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(stream), events.SequenceEndEvent):
            yield self._node(event, stream, depth + 1)

    def _map(self, place: Place, stream: Iterator[events.Event], depth: int) -> Map:
        nodes: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(stream), events.MappingEndEvent):
            key = self._node(event, stream, depth + 1)
            value = self._node(next(stream), stream, depth + 1)
            if not isinstance(key, Scalar):
                self._findings.note(key.place, faults.STRAY_SIGN)
            elif key.text in nodes:
                self._findings.note(key.place, faults.DOUBLE_KEY, name=key.text)
            else:
                nodes[key.text], keys[key.text] = value, key.place
        return Map(place, nodes, keys)

    def _refuse_references(self, event: events.Event, place: Place) -> None:
        """Note `*alias`, `&anchor` and `!tag`: they are nearly always a text that lacks its quotation marks."""
        anchor = getattr(event, "anchor", None)
        tag = getattr(event, "tag", None)
        if anchor:
            sign = "*" if isinstance(event, events.AliasEvent) else "&"
            self._findings.note(place, faults.REFERENCE, name=f"{sign}{anchor}")
        if tag:
            self._findings.note(place, faults.REFERENCE, name=tag)

    def _place(self, event: events.Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1 if mark else 0)


# What libyaml says -> what we say.
_PROBLEMS: tuple[tuple[str, Sort], ...] = (
    ("cannot start any token", faults.STRAY_SIGN),
    ("mapping values are not allowed", faults.COLON),
    ("end of stream", faults.UNCLOSED),
    ("node content", faults.UNCLOSED),
    ("',' or", faults.UNCLOSED),
    ("document start", faults.UNCLOSED),
    ("could not find expected ':'", faults.INDENTATION),
    ("did not find expected", faults.INDENTATION),
)


def _broken(error: yaml.YAMLError, text: str, file: str) -> tuple[Place, Sort]:
    """Where the text stops being YAML, and the likeliest reason."""
    problem = str(getattr(error, "problem", None) or "")
    sort = next((sort for part, sort in _PROBLEMS if part in problem), faults.NOT_YAML)
    if re.search(r"an? (alias|anchor|tag)$", str(getattr(error, "context", None))):
        sort = faults.STRAY_SIGN  # *, & or ! before a Danish letter
    opened = getattr(error, "context_mark", None) if sort is faults.UNCLOSED else None
    mark = opened or getattr(error, "problem_mark", None)
    if mark is None:
        return Place(file), faults.NOT_YAML
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        sort = faults.TAB
    return Place(file, min(mark.line + 1, max(len(lines), 1))), sort
