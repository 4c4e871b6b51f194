"""What Teams takes in one Adaptive Card 1.5: its limits as numbers, what it would read as markup, and a checker of finished cards.

Promises: `problems` finds what Teams would refuse, cut or misread, before Teams does: elements and properties that are not of
version 1.5 or that Teams does not draw, ids used twice, fields that cannot be sent or cannot say why, texts that would become
mentions, links, bold or dates, and cards that are too large. Each problem begins with a JSON pointer and never repeats a text.
Pure, and about a millisecond a card. Knows nothing of cards of ours.

What is counted: the card as JSON with its usual spaces, in UTF-16 as Teams keeps it, two bytes for each unit. Teams' narrowest
limit for a card is 28 KB; ROOM leaves two of them for the activity around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from cards.bidi import contained

Element = dict[str, Any]

VERSION = "1.5"
LIMIT = 28 * 1024
ROOM = LIMIT - 2 * 1024
BUTTON = 80  # a longer title is cut on every screen
BUTTON_SEEN = 34  # what a phone of 390 pixels shows of a button's title
ACTIONS = 6  # in one set; those behind are hidden in a menu
LABEL = 300  # a longer question stands above its field
CHOICE = 100
VALUE = 200  # an id or a choice's value

_COMMON = frozenset({"type", "id", "spacing", "separator", "height", "isVisible", "fallback", "requires"})
_FIELD = _COMMON | {"label", "isRequired", "errorMessage", "value"}
_HELD = frozenset({"style", "bleed", "minHeight", "selectAction"})
_CONTAINER = _HELD | {"items", "verticalContentAlignment", "backgroundImage"}
_ACTION = frozenset({"type", "id", "title", "iconUrl", "style", "fallback", "tooltip", "isEnabled", "mode", "requires"})

ELEMENTS: Mapping[str, frozenset[str]] = {
    "TextBlock": _COMMON
    | {"text", "color", "fontType", "horizontalAlignment", "isSubtle", "maxLines", "size", "weight", "wrap", "style"},
    "RichTextBlock": _COMMON | {"inlines", "horizontalAlignment"},
    "Image": _COMMON
    | {"url", "altText", "backgroundColor", "horizontalAlignment", "selectAction", "size", "style", "width"},
    "ImageSet": _COMMON | {"images", "imageSize"},
    "ActionSet": _COMMON | {"actions"},
    "Container": _COMMON | _CONTAINER,
    "ColumnSet": _COMMON | _HELD | {"columns", "horizontalAlignment"},
    "FactSet": _COMMON | {"facts"},
    "Table": _COMMON
    | {"columns", "rows", "firstRowAsHeader", "showGridLines", "gridStyle"}
    | {"horizontalCellContentAlignment", "verticalCellContentAlignment"},
    "Input.Text": _FIELD | {"isMultiline", "maxLength", "placeholder", "regex", "style", "inlineAction"},
    "Input.Date": _FIELD | {"max", "min", "placeholder"},
    "Input.Time": _FIELD | {"max", "min", "placeholder"},
    "Input.Number": _FIELD | {"max", "min", "placeholder"},
    "Input.Toggle": _FIELD | {"title", "valueOff", "valueOn", "wrap"},
    "Input.ChoiceSet": _FIELD | {"choices", "isMultiSelect", "style", "placeholder", "wrap"},
}
"""What may stand in a body, and its properties. Teams draws no Media on a phone, so it is not among them."""

CHARTS: Mapping[str, frozenset[str]] = {"Chart.Donut": _COMMON | {"title", "data", "colorSet"}}
"""What Teams draws beyond the schema of 1.5; a client that cannot shows what its fallback says."""

ACTS: Mapping[str, frozenset[str]] = {
    "Action.Execute": _ACTION | {"verb", "data", "associatedInputs"},
    "Action.Submit": _ACTION | {"data", "associatedInputs", "msteams"},
    "Action.OpenUrl": _ACTION | {"url"},
    "Action.ToggleVisibility": _ACTION | {"targetElements"},
    "Action.ShowCard": _ACTION | {"card"},
}
_PARTS: Mapping[str, frozenset[str]] = {
    "AdaptiveCard": frozenset(
        {"type", "version", "body", "actions", "fallbackText", "lang", "rtl", "$schema", "msteams"}
    )
    | {
        "refresh",
        "selectAction",
        "speak",
        "backgroundImage",
        "minHeight",
        "verticalContentAlignment",
        "authentication",
    },
    "Column": (_COMMON - {"height"}) | _CONTAINER | {"rtl", "width"},
    "TextRun": frozenset({"type", "text", "color", "fontType", "highlight", "isSubtle", "italic", "selectAction"})
    | {"size", "strikethrough", "underline", "weight"},
    "TableRow": frozenset({"type", "cells", "style"})
    | {"horizontalCellContentAlignment", "verticalCellContentAlignment"},
    "TableCell": frozenset({"type"}) | _CONTAINER,
}
KNOWN: Mapping[str, frozenset[str]] = {**ELEMENTS, **CHARTS, **ACTS, **_PARTS}

_COLOURS = frozenset({"default", "dark", "light", "accent", "good", "warning", "attention"})
_BOXES = frozenset({"default", "emphasis", "good", "attention", "warning", "accent"})
_ALLOWED: Mapping[tuple[str, str], frozenset[str]] = {
    **{(kind, "color"): _COLOURS for kind in ("TextBlock", "TextRun")},
    **{(kind, "weight"): frozenset({"default", "lighter", "bolder"}) for kind in ("TextBlock", "TextRun")},
    **{
        (kind, "size"): frozenset({"default", "small", "medium", "large", "extraLarge"})
        for kind in ("TextBlock", "TextRun")
    },
    ("TextBlock", "style"): frozenset({"default", "heading"}),
    **{(kind, "style"): _BOXES for kind in ("Container", "ColumnSet", "Column", "TableCell")},
    **{
        (kind, "spacing"): frozenset({"default", "none", "small", "medium", "large", "extraLarge", "padding"})
        for kind in (*ELEMENTS, *CHARTS, "Column")
    },
    **{(kind, "style"): frozenset({"default", "positive", "destructive"}) for kind in ACTS},
    **{(kind, "mode"): frozenset({"primary", "secondary"}) for kind in ACTS},
    **{(kind, "associatedInputs"): frozenset({"auto", "none"}) for kind in ("Action.Execute", "Action.Submit")},
    ("Input.ChoiceSet", "style"): frozenset({"compact", "expanded", "filtered"}),
}

# --- what would be read as more than words ------------------------------------------------------------------------------------------

_MARKUP = re.compile(
    r"[*_`~\\]"
    r"|\]\s*[(:\[]"  # a link, or where one leads
    r"|<[A-Za-z/!?]"  # HTML, and <at>
    r"|&[#A-Za-z]"
    r"|\{\{"  # {{DATE(…)}}
    r"|https?:|www\.|\w@\w"
    r"|\A\s*(?:[-+>•]|#+|\d+[.)])\s"  # a list, a heading
    r"|[\r\n]|\A\s|\s\Z|\s\s"  # which markdown would drop
)
_JOINER = "\u2060"  # no width, and no break: it parts two marks that mean something together
_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "`": "ˋ", "~": "∼", "\\": "⧵"})
_STARTS = re.compile(r"[\]<&{@]|https?|www|\A(?:[-+>•]|#+|\d+(?=[.)]))")


def is_plain(text: str) -> bool:
    """Whether a text is nothing but words to a TextBlock: no markdown, HTML, date function, link or mark of direction."""
    return _MARKUP.search(text) is None and contained(text) == text


def literal(text: str) -> str:
    """Return one line that looks as written where a client may read markdown: marks are parted, and replaced by their likes."""
    text = " ".join(text.split())
    if _MARKUP.search(text) is None:
        return text
    return _STARTS.sub(lambda found: found[0] + _JOINER, text.translate(_ALIKE))


def held(text: str) -> str:
    """Return a text that comes out literally but for its date functions, with those parted."""
    return re.sub(r"\{(?=\{)", "{" + _JOINER, text)


# --- sizes ----------------------------------------------------------------------------------------------------------------------------


def weight(content: object) -> int:
    """How many bytes of a card's room it takes."""
    return len(json.dumps(content, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def fits(card: Mapping[str, Any]) -> bool:
    """Whether the card can stand in one message."""
    return weight(card) <= ROOM


# --- the checker ----------------------------------------------------------------------------------------------------------------------


def problems(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything about the card that Teams would refuse, cut or misread, each with the place it stands at; none is good."""
    return tuple(_all(card))


def _all(card: Mapping[str, Any]) -> Iterator[str]:
    if card.get("type") != "AdaptiveCard":
        yield "/: is no AdaptiveCard"
    if card.get("version") != VERSION:
        yield f"/version: must be {VERSION}"
    if not card.get("body"):
        yield "/body: is empty"
    if (heavy := weight(card)) > ROOM:
        yield f"/: {heavy} bytes, at most {ROOM}"
    seen: set[str] = set()
    toggled: list[tuple[str, str]] = []
    for at, node in _nodes(card, ""):
        yield from (f"{at or '/'}: {problem}" for problem in _node(node))
        given = node.get("id")
        if isinstance(given, str):
            if given in seen:
                yield f"{at}/id: is used twice"
            seen.add(given)
        toggled += [(at, target) for target in map(_target, node.get("targetElements", ())) if target]
    yield from (f"{at}/targetElements: one is not there" for at, target in toggled if target not in seen)


_OPAQUE = frozenset({"data", "msteams", "requires", "refresh", "authentication", "facts", "choices", "targetElements"})


def _nodes(node: object, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object that has a type, or should have one, with its JSON pointer."""
    if isinstance(node, Mapping):
        yield at, node
        for key, value in node.items():
            if key not in _OPAQUE and isinstance(value, Mapping | list):
                yield from _nodes(value, f"{at}/{key}")
    elif isinstance(node, list):
        for place, one in enumerate(node):
            yield from _nodes(one, f"{at}/{place}")


def _target(target: object) -> str:
    return str(target.get("elementId", "")) if isinstance(target, Mapping) else str(target)


def _node(node: Mapping[str, Any]) -> Iterator[str]:
    kind = str(node.get("type", ""))
    if kind not in KNOWN:
        yield "a type Teams does not draw in a card of 1.5" if kind else "has no type"
        return
    unknown = node.keys() - KNOWN[kind]
    if unknown:
        yield f"{kind} does not know {len(unknown)} of its properties"
    for key in node.keys() & {"color", "weight", "size", "style", "spacing", "mode", "associatedInputs"}:
        allowed = _ALLOWED.get((kind, key))
        if allowed is not None and node[key] not in allowed:
            yield f"{key} is none of those that are known"
    if not 1 <= len(str(node.get("id", "x"))) <= VALUE:
        yield f"id must have 1 to {VALUE} characters"
    if kind.startswith("Input."):
        yield from _field(node)
    elif kind.startswith("Action."):
        yield from _action(node)
    else:
        yield from _element(node)


def _element(node: Mapping[str, Any]) -> Iterator[str]:
    match node["type"]:
        case "TextBlock":
            yield from _block(node)
        case "RichTextBlock":
            yield from _rich(node)
        case "TextRun":
            yield from _run(node)
        case "ActionSet":
            if not 1 <= len(node.get("actions", ())) <= ACTIONS:
                yield f"{len(node.get('actions', ()))} actions, 1 to {ACTIONS} are shown"
        case "Container" | "Column" | "TableCell" | "ColumnSet":
            if not (node.get("items") or node.get("columns")):
                yield "is empty"
        case "Image":
            yield from _image(node)
        case "Chart.Donut":
            yield from _chart(node)


def _chart(chart: Mapping[str, Any]) -> Iterator[str]:
    if "fallback" not in chart:
        yield "a chart says what stands where it cannot be drawn"
    data = chart.get("data")
    if not isinstance(data, list) or not data:
        yield "a chart needs data"
        return
    for one in data:
        value = one.get("value")
        if not str(one.get("legend", "")).strip() or isinstance(value, bool) or not isinstance(value, int | float):
            yield "a part of a chart needs a legend and a number"


def _image(image: Mapping[str, Any]) -> Iterator[str]:
    if not str(image.get("altText", "")).strip():
        yield "an image needs its words"
    if not str(image.get("url", "")).startswith(("https://", "data:image/")):
        yield "an image has a secure address"


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    text = block.get("text")
    if not isinstance(text, str) or not text.strip():
        yield "text is empty"
    elif not is_plain(text):
        yield "text would be read as markup"
    if block.get("wrap") is not True:
        yield "must wrap, or a phone cuts it"


def _rich(block: Mapping[str, Any]) -> Iterator[str]:
    inlines = block.get("inlines")
    if not isinstance(inlines, list) or not inlines:
        yield "inlines are missing"
    elif any(not isinstance(one, Mapping) or one.get("type") != "TextRun" for one in inlines):
        yield "an inline is no TextRun"


def _run(run: Mapping[str, Any]) -> Iterator[str]:
    text = run.get("text")
    if not isinstance(text, str) or not text:
        yield "text is empty"
    elif "{{" in text:
        yield "text would be read as a date function"


def _field(node: Mapping[str, Any]) -> Iterator[str]:
    if not node.get("id"):
        yield "id is missing: what is typed would not be sent"
    label = node.get("label")
    if not isinstance(label, str) or not label.strip():
        yield "label is missing"
    elif len(label) > LABEL:
        yield f"label has {len(label)} characters, at most {LABEL}"
    elif "{{" in label:
        yield "label would be read as a date function"
    if (node.get("isRequired") or node.keys() & {"regex", "min", "max"}) and not node.get("errorMessage"):
        yield "is checked on the phone and has no errorMessage"
    if not is_plain(str(node.get("errorMessage", "x"))):
        yield "errorMessage would be read as markup"
    match node["type"]:
        case "Input.ChoiceSet":
            yield from _choices(node)
        case "Input.Text":
            yield from _typed(node)
        case "Input.Date":
            yield from _day(node)


def _typed(node: Mapping[str, Any]) -> Iterator[str]:
    longest = node.get("maxLength")
    if longest is None:
        return
    if not isinstance(longest, int) or longest < 1:
        yield "maxLength is no length"
    elif len(str(node.get("value", ""))) > longest:
        yield "value is longer than maxLength"


def _day(node: Mapping[str, Any]) -> Iterator[str]:
    for key in ("value", "min", "max"):
        try:
            date.fromisoformat(node.get(key, "2027-04-01"))
        except (TypeError, ValueError):
            yield f"{key} is no date"


def _choices(node: Mapping[str, Any]) -> Iterator[str]:
    choices = node.get("choices")
    if not isinstance(choices, list) or not choices:
        yield "has no choices"
        return
    values = [str(one.get("value", "")) for one in choices]
    titles = [str(one.get("title", "")) for one in choices]
    several = bool(node.get("isMultiSelect"))
    if any(one.keys() - {"title", "value"} for one in choices):
        yield "a choice has a title and a value, nothing more"
    if any(not 1 <= len(value) <= VALUE or (several and "," in value) for value in values):
        yield f"a choice's value has 1 to {VALUE} characters, and no comma where several are picked"
    if len(set(values)) < len(values):
        yield "a choice's value is used twice"
    if any(not 1 <= len(title.strip()) <= CHOICE for title in titles):
        yield f"a choice's title has 1 to {CHOICE} characters"
    if any(_MARKUP.search(title) for title in titles):
        yield "a choice's title would be read as markup"
    chosen = str(node.get("value", ""))
    if set(filter(None, chosen.split(",") if several else [chosen])) - set(values):
        yield "what is chosen is not among the choices"


def _action(action: Mapping[str, Any]) -> Iterator[str]:
    title = action.get("title")
    if not isinstance(title, str) or not title.strip():
        yield "title is missing"
    elif len(title) > BUTTON:
        yield f"title has {len(title)} characters, at most {BUTTON}"
    match action["type"]:
        case "Action.Execute" if not action.get("verb") or not isinstance(action.get("data"), Mapping):
            yield "an Action.Execute has a verb and data"
        case "Action.ToggleVisibility" if not action.get("targetElements"):
            yield "targetElements are missing"
        case "Action.OpenUrl" if not str(action.get("url", "")).startswith("https://"):
            yield "a link has a secure address"
