"""What Slack takes in one message: its limits as numbers, texts cut and split to fit them, and a checker of finished blocks.

Promises: `problems` finds what Slack would refuse, before Slack does: lengths, counts, ids used twice, empty texts, blocks and
elements where they do not belong. The numbers are those of docs.slack.dev/reference/block-kit. One is not documented: a message
whose blocks together carry more than about 12,000 characters is refused with `msg_blocks_too_long`, and every block counts some
more than its text; `weight` counts the same way and WEIGHT keeps well under it. Knows nothing of cards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

Block = dict[str, Any]
Surface = Literal["message", "modal", "home"]

BLOCKS = {"message": 50, "modal": 100, "home": 100}
TEXT = 3000  # a text object, a typed text and its standing value
HEADER = 150
LABEL = 2000  # an input's label, its hint, and a field of a section
FIELDS = 10
BUTTON = 75  # its text, and the label read aloud instead of it
BUTTON_VALUE = 2000
BUTTON_SEEN = 30  # what a phone shows of a button's text
OPTION = 75  # its text, its description, and the label of a group
OPTION_VALUE = 150
ID = 255
ELEMENTS = {"actions": 25, "context": 10}
OPTIONS = {"static_select": 100, "multi_static_select": 100, "radio_buttons": 10, "checkboxes": 10, "overflow": 5}
GROUPS = 100
PLACEHOLDER = 150
CHARTS = 2  # in one message
CHART_TITLE = 50
CHART_LABEL = 20
SEGMENTS = 6
FALLBACK = 3900  # a message's own text: longer than 4,000 and chat.update refuses it
WEIGHT = 11000

EVERYWHERE = frozenset({"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"})
MESSAGE_ONLY = frozenset({"data_visualization", "file", "markdown", "table"})
CHOOSERS = frozenset({"static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"})
IN_SECTION = CHOOSERS | {"button", "datepicker", "image"}
IN_ACTIONS = (CHOOSERS | {"button", "datepicker"}) - {"multi_static_select"}
IN_INPUT = (CHOOSERS | {"plain_text_input", "datepicker"}) - {"overflow"}
KEYS = {
    "section": {"type", "block_id", "text", "fields", "accessory", "expand"},
    "header": {"type", "block_id", "text"},
    "divider": {"type", "block_id"},
    "actions": {"type", "block_id", "elements"},
    "context": {"type", "block_id", "elements"},
    "rich_text": {"type", "block_id", "elements"},
    "input": {"type", "block_id", "label", "element", "dispatch_action", "hint", "optional"},
    "data_visualization": {"type", "block_id", "title", "chart"},
    "pie": {"type", "segments"},
    "button": {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"},
    "plain_text_input": {
        *("type", "action_id", "initial_value", "multiline", "min_length", "max_length", "dispatch_action_config"),
        *("focus_on_load", "placeholder"),
    },
    "datepicker": {"type", "action_id", "initial_date", "confirm", "focus_on_load", "placeholder"},
    "plain_text": {"type", "text", "emoji"},
    "mrkdwn": {"type", "text", "verbatim"},
}


# --- making texts fit ---------------------------------------------------------------------------------------------------------------


def cut(text: str, limit: int) -> str:
    """Return the text, or as much of its beginning as leaves room for the mark that there is more."""
    return text if len(text) <= limit else text[: max(limit - 2, 0)].rstrip() + " …"


def pieces(text: str, limit: int = TEXT) -> Iterator[str]:
    """The text in pieces of at most `limit` characters that joined are the text again; parted at a line or a word if one is near."""
    while len(text) > limit:
        near = text[limit // 2 : limit]
        parted = max(near.rfind("\n"), near.rfind(" ")) + 1
        at = limit // 2 + parted if parted else limit
        yield text[:at]
        text = text[at:]
    if text:
        yield text


def weight(blocks: Iterable[Mapping[str, Any]]) -> int:
    """How much of a message's room the blocks take: what is read in them, and something for every block and every piece."""
    return sum(125 + (_drawn(block) or _size(block)) for block in blocks)


def _drawn(block: Mapping[str, Any]) -> int:
    """What a chart takes; 0 for every other block."""
    return len(json.dumps(block, ensure_ascii=False)) if block.get("type") == "data_visualization" else 0


def fits(blocks: Sequence[Block]) -> bool:
    """Whether the blocks can stand in one message."""
    if len(blocks) > BLOCKS["message"]:
        return False
    # As JSON they are longer than they weigh, and JSON is written fast: only what comes near the limit is weighed.
    return 125 * len(blocks) + len(json.dumps(blocks, ensure_ascii=False)) <= WEIGHT or weight(blocks) <= WEIGHT


def _size(node: object) -> int:
    """What the texts that stand open in it take: neither what is in a menu nor what somebody typed in a field counts."""
    if isinstance(node, list):
        return sum(map(_size, node))
    if not isinstance(node, dict):
        return 0
    text = node.get("text")
    own = 20 + len(text) if isinstance(text, str) else 0
    return own + sum(_size(value) for key, value in node.items() if key not in _IN_A_MENU and type(value) is not str)


_IN_A_MENU = frozenset({"options", "option_groups", "initial_options", "initial_option"})


# --- the checker ----------------------------------------------------------------------------------------------------------------------


def problems(blocks: Sequence[Mapping[str, Any]], surface: Surface = "message") -> tuple[str, ...]:
    """Everything about the blocks that Slack would refuse on that surface, each with the place it stands at; none is good."""
    return tuple(_all(blocks, surface))


def _all(blocks: Sequence[Mapping[str, Any]], surface: Surface) -> Iterator[str]:
    if not blocks:
        yield "no blocks"
    if len(blocks) > BLOCKS[surface]:
        yield f"{len(blocks)} blocks, at most {BLOCKS[surface]}"
    if surface == "message" and (heavy := weight(blocks)) > WEIGHT:
        yield f"weight {heavy}, at most {WEIGHT}"
    charts = sum(block.get("type") == "data_visualization" for block in blocks)
    if charts > CHARTS:
        yield f"{charts} charts, at most {CHARTS}"
    yield from _ids("block_id", [(f"block {place}", block) for place, block in enumerate(blocks)])
    acting = [(f"block {place}", one) for place, block in enumerate(blocks) for one in _elements(block)]
    yield from _ids("action_id", acting)
    known = EVERYWHERE | (MESSAGE_ONLY if surface == "message" else frozenset())
    for place, block in enumerate(blocks):
        kind = block.get("type")
        at = f"block {place} ({kind})"
        if kind not in known:
            yield f"{at}: does not belong in a {surface}"
            continue
        yield from _keys(at, block)
        yield from (f"{at}: {problem}" for problem in _block(block))


def _elements(block: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What can be pressed, picked or filled in."""
    if block.get("type") == "actions":
        yield from block.get("elements", [])
    for key in ("accessory", "element"):
        if isinstance(block.get(key), Mapping):
            yield block[key]


def _ids(key: str, things: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    seen: set[str] = set()
    for at, thing in things:
        given = thing.get(key)
        if given is None:
            continue
        if not isinstance(given, str) or not 1 <= len(given) <= ID:
            yield f"{at}: {key} must have 1 to {ID} characters"
        elif given in seen:
            yield f"{at}: {key} {given} is used twice"
        else:
            seen.add(given)


def _keys(at: str, thing: Mapping[str, Any]) -> Iterator[str]:
    unknown = set(thing) - KEYS.get(str(thing.get("type")), set(thing))
    if unknown:
        yield f"{at}: does not know {', '.join(sorted(unknown))}"


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "section":
            yield from _section(block)
        case "header":
            yield from _text(block.get("text"), HEADER, "text", plain=True)
        case "actions" | "context":
            yield from _row(block)
        case "input":
            yield from _input(block)
        case "rich_text":
            yield from _rich(block)
        case "image":
            yield from _image(block)
        case "data_visualization":
            yield from _chart(block)


def _chart(block: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(str(block.get("title", "")).strip()) <= CHART_TITLE:
        yield f"title must have 1 to {CHART_TITLE} characters"
    chart = block.get("chart")
    if not isinstance(chart, Mapping) or chart.get("type") != "pie":
        yield "chart is none that we draw"
        return
    yield from _keys("chart", chart)
    segments = chart.get("segments", [])
    if not 1 <= len(segments) <= SEGMENTS:
        yield f"{len(segments)} segments, 1 to {SEGMENTS} allowed"
    for one in segments:
        value, label = one.get("value"), str(one.get("label", ""))
        if not len(label.strip()) >= 1 or len(label) > CHART_LABEL:
            yield f"a segment's label must have 1 to {CHART_LABEL} characters"
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            yield "a segment's value must be above nought"
    if len({one.get("label") for one in segments}) < len(segments):
        yield "a segment's label is used twice"


def _section(block: Mapping[str, Any]) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield "needs text or fields"
    if "text" in block:
        yield from _text(block["text"], TEXT, "text")
    fields = block.get("fields", [])
    if len(fields) > FIELDS:
        yield f"{len(fields)} fields, at most {FIELDS}"
    for field in fields:
        yield from _text(field, LABEL, "field")
    if "accessory" in block:
        yield from _element(block["accessory"], IN_SECTION)


def _row(block: Mapping[str, Any]) -> Iterator[str]:
    kind, elements = block["type"], block.get("elements", [])
    if not 1 <= len(elements) <= ELEMENTS[kind]:
        yield f"{len(elements)} elements, 1 to {ELEMENTS[kind]} allowed"
    for element in elements:
        if kind == "actions":
            yield from _element(element, IN_ACTIONS)
        elif element.get("type") == "image":
            yield from _image(element)
        else:
            yield from _text(element, TEXT, "element")


def _input(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(block.get("label"), LABEL, "label", plain=True)
    if "hint" in block:
        yield from _text(block["hint"], LABEL, "hint", plain=True)
    yield from _element(block.get("element"), IN_INPUT)


def _image(thing: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(thing.get("alt_text", "")) <= LABEL:
        yield "an image needs its words"
    if ("image_url" in thing) == ("slack_file" in thing):
        yield "an image has either an address or a file"


def _text(given: object, limit: int, name: str, *, plain: bool = False) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield f"{name} is missing"
        return
    yield from _keys(name, given)
    if given.get("type") not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        yield f"{name} cannot be {given.get('type')}"
    words = given.get("text")
    if not isinstance(words, str) or not words.strip():
        yield f"{name} is empty"
    elif len(words) > limit:
        yield f"{name} has {len(words)} characters, at most {limit}"


def _element(element: object, allowed: frozenset[str]) -> Iterator[str]:
    if not isinstance(element, Mapping) or element.get("type") not in allowed:
        yield f"{element.get('type') if isinstance(element, Mapping) else element} does not belong there"
        return
    yield from _keys(str(element["type"]), element)
    if "placeholder" in element:
        yield from _text(element["placeholder"], PLACEHOLDER, "placeholder", plain=True)
    match element["type"]:
        case "button":
            yield from _button(element)
        case "plain_text_input":
            yield from _typed(element)
        case "datepicker":
            yield from _day(element)
        case "image":
            yield from _image(element)
        case _:
            yield from _chooser(element)


def _button(button: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(button.get("text"), BUTTON, "button", plain=True)
    if button.get("style") not in {None, "primary", "danger"}:
        yield f"a button cannot look {button['style']}"
    for key, limit in (("value", BUTTON_VALUE), ("accessibility_label", BUTTON), ("url", TEXT)):
        if len(button.get(key, "")) > limit:
            yield f"a button's {key} has at most {limit} characters"


def _typed(field: Mapping[str, Any]) -> Iterator[str]:
    longest = field.get("max_length", TEXT)
    if not 1 <= longest <= TEXT:
        yield f"max_length is 1 to {TEXT}"
    if len(field.get("initial_value", "")) > longest:
        yield "initial_value is longer than max_length"
    if field.get("initial_value") == "":
        yield "initial_value is empty"


def _day(field: Mapping[str, Any]) -> Iterator[str]:
    try:
        date.fromisoformat(field.get("initial_date", "2027-04-01"))
    except ValueError:
        yield "initial_date is no date"


def _chooser(element: Mapping[str, Any]) -> Iterator[str]:
    limit = OPTIONS[element["type"]]
    if ("options" in element) == ("option_groups" in element):
        yield "needs either options or option_groups"
        return
    groups = element.get("option_groups") or [{"options": element.get("options")}]
    if len(groups) > GROUPS:
        yield f"{len(groups)} groups, at most {GROUPS}"
    values: list[str] = []
    for group in groups:
        options = group["options"] or []
        if "option_groups" in element:
            yield from _text(group.get("label"), OPTION, "group", plain=True)
        if not 1 <= len(options) <= limit:
            yield f"{len(options)} options, 1 to {limit} allowed"
        for option in options:
            values.append(option.get("value", ""))
            yield from _option(option, plain="select" in element["type"])
    if len(values) != len(set(values)):
        yield "an option's value is used twice"
    yield from _chosen(element, [option for group in groups for option in group["options"] or []])


def _option(option: Mapping[str, Any], *, plain: bool) -> Iterator[str]:
    yield from _text(option.get("text"), OPTION, "option", plain=plain)
    if not 1 <= len(option.get("value", "")) <= OPTION_VALUE:
        yield f"an option's value has 1 to {OPTION_VALUE} characters"
    if "description" in option:
        yield from _text(option["description"], OPTION, "description", plain=plain)


def _chosen(element: Mapping[str, Any], options: list[Any]) -> Iterator[str]:
    chosen = [*element.get("initial_options", []), *filter(None, [element.get("initial_option")])]
    if "initial_options" in element and not chosen:
        yield "initial_options is empty"
    if any(one not in options for one in chosen):
        yield "what is chosen is not among the options"


def _rich(block: Mapping[str, Any]) -> Iterator[str]:
    if not block.get("elements"):
        yield "is empty"
    for element in block.get("elements", []):
        match element.get("type"):
            case "rich_text_list":
                if element.get("style") not in {"bullet", "ordered"} or not element.get("elements"):
                    yield "a list needs its style and its items"
                for item in element.get("elements", []):
                    yield from _line(item)
            case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
                yield from _line(element)
            case other:
                yield f"{other} does not belong in rich text"


def _line(section: Mapping[str, Any]) -> Iterator[str]:
    runs = section.get("elements", [])
    if not runs:
        yield "a line is empty"
    for run in runs:
        # Ours are texts only: a user, a broadcast or a link is never what somebody wrote.
        if run.get("type") != "text":
            yield f"{run.get('type')} is no text"
        elif not run.get("text"):
            yield "a text is empty"
        elif len(run["text"]) > TEXT:
            yield f"a text has {len(run['text'])} characters, at most {TEXT}"
