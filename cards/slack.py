"""The card as Slack's Block Kit, and back: blocks and a fallback text out, a press and what the inputs held in.

Promises: what people wrote comes out as written. Escaping `& < >` in mrkdwn stops mentions and links, but `*_~`, backticks and
`:codes:` have no escape there, so mrkdwn never carries a text that holds one of them. Texts stand in rich_text, whose text
elements are literal and take their weight from a style beside them, or in plain_text with `emoji: false` where Slack takes
nothing else (titles, quiet lines, labels, buttons, the line of a row). A text written from right to left is closed in isolates.

A card is one message that can be updated in place. It keeps every button and input, its last buttons at its end; only what is
read may follow in the thread: folds, `card.thread`, and, when the message would be too much for Slack, its longest texts. Rows
that do not fit with a button each become a list with one menu below that opens any of them.

An input's block_id is its field and the place and revision its card was made from: the same when a card comes back with a fault,
so that Slack keeps what was typed, and another for the next subject, so that it does not. Knows nothing of messages or people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, islice
from typing import Any

from cards import slack_limits as limits
from cards.bidi import contained
from cards.card import (
    Bars,
    Button,
    Buttons,
    Card,
    Fold,
    Framed,
    Input,
    Note,
    Option,
    Para,
    Part,
    Points,
    Press,
    Progress,
    Row,
    Run,
    Style,
    Title,
)
from cards.charts import pie
from cards.chrome import chrome
from cards.slack_limits import Block, cut, fits, pieces, weight

OTHERS = "__others"
LONG_BAR = 12  # a longer way is drawn with ten marks
DRAWN = 10
RICH = 4000  # characters of one block of rich text, as we part them: a text as long as is allowed, and what leads it in
STEERED = 700  # a piece with marks of direction: closed in isolates it is at most four times as long
BEGINNING = 120  # what stays of a text that moved to the thread

_TONES = {"info": "", "warning": "!", "done": "✓"}  # »i« would be read as a word
_BELOW = "↳"
# What mrkdwn would read as more than words, or a mark of direction.
_MARKED = re.compile(r"[*_~`<>&@#|\u202a-\u202e\u2066-\u2069]|:\S|https?")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its blocks, and all of it as text for notifications and screen readers, escaped."""

    text: str
    blocks: list[Block]


def render(card: Card, *, charts: bool = False) -> tuple[Message, ...]:
    """Return the card as its message and those that follow in its thread; with `charts` also as Slack draws them, where they fit."""
    sheet = _Sheet.of(card, charts=limits.CHARTS if charts else 0)
    blocks = list(_blocks(card.parts, sheet))
    if charts and not fits(blocks):
        return render(card)
    if not fits(blocks) and sum(isinstance(part, Row) for part in card.parts) > 1:
        sheet = _Sheet.of(card)
        blocks = _with_menu(card.parts, sheet)
    kept, moved = _in_one(blocks or [{"type": "context", "elements": [_plain(card.fallback)]}])
    below = [_page(page) for page in _pages(moved)]
    for fold in sheet.folds:
        inner = _Sheet.of(card, live=False)
        parts = (Title(fold.title, 2), *fold.parts)
        below += [_page(page) for page in _pages(list(_blocks(parts, inner)))]
    below += [message for thread in card.thread for message in render(thread)]
    return (Message(_fallback(card.fallback, kept), kept), *below)


# --- back from Slack ------------------------------------------------------------------------------------------------------------------


def without_charts(message: Message) -> Message | None:
    """The same message where a chart would be refused; None when it has none."""
    blocks = [block for block in message.blocks if block["type"] != "data_visualization"]
    return Message(message.text, blocks) if len(blocks) < len(message.blocks) else None


def press_of(action: Mapping[str, Any]) -> Press | None:
    """Return the press behind an action of Slack's: a button, or an option picked in a menu; None when it is not one of ours."""
    match action.get("type"):
        case "button":
            token = action.get("value") or str(action.get("action_id", "")).split("~")[0]
        case "static_select" | "overflow":
            token = (action.get("selected_option") or {}).get("value", "")
        case _:
            return None  # an input: what was typed there is never a press
    return Press.parse(str(token))


def read_state(state_values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str | tuple[str, ...]]:
    """Return what a message's inputs held, by field, from Slack's `state.values`; an empty input is there and empty."""
    inputs: dict[str, str | tuple[str, ...]] = {}
    for block, elements in state_values.items():
        for element in elements.values():
            held = _held(element)
            if "@" in block and held is not None:
                inputs[block.split("@")[0]] = held
    return inputs


def _held(element: Mapping[str, Any]) -> str | tuple[str, ...] | None:
    match element.get("type"):
        case "plain_text_input":
            return str(element.get("value") or "")
        case "datepicker":
            return str(element.get("selected_date") or "")
        case "multi_static_select":
            return tuple(str(one["value"]) for one in element.get("selected_options") or ())
        case "radio_buttons" | "static_select":
            return str((element.get("selected_option") or {}).get("value", ""))
        case _:
            return None


# --- parts --------------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sheet:
    """What the blocks of one message share: words, where its inputs belong, ids that are taken, and what goes to the thread."""

    words: Mapping[str, str]
    place: str
    live: bool = True  # False where buttons and inputs are shown and not used: in a frame, in the thread
    charts: int = 0  # how many may be drawn yet
    taken: set[str] = field(default_factory=set)
    folds: list[Fold] = field(default_factory=list)

    @classmethod
    def of(cls, card: Card, *, live: bool = True, charts: int = 0) -> _Sheet:
        """A new sheet for a message of the card."""
        presses = [button.press for button in card.buttons]
        press = next((one for one in presses if one.subject or one.step), presses[0] if presses else Press("none"))
        place = f"{press.dialogue}.{press.subject}.{press.step}.{press.revision}"
        return cls(chrome(card.language), place, live, charts)

    def fresh(self, wanted: str) -> str:
        """Return an id like the one wanted that nothing else in the message has."""
        given, count = wanted, 1
        while given in self.taken:
            count += 1
            given = f"{wanted}~{count}"
        self.taken.add(given)
        return given


def _blocks(parts: Iterable[Part], sheet: _Sheet) -> Iterator[Block]:
    for part in parts:
        yield from _part(part, sheet)


def _part(part: Part, sheet: _Sheet) -> Iterator[Block]:
    match part:
        case Title():
            return _title(part)
        case Progress():
            return _quiet(_progress(part))
        case Bars():
            return _bars(part, sheet)
        case Para(runs):
            return _para(runs)
        case Points():
            return _points(part)
        case Buttons():
            return _buttons(part, sheet)
        case Row():
            return _row(part, sheet)
        case Input():
            return _input(part, sheet)
        case Note(text, tone):
            said = Run(f"{_TONES[tone]} {sheet.words[f'card_tone_{tone}']}".strip(), Style.STRONG)
            return _para((said, Run(" "), Run(text)))
        case Fold():
            return _fold(part, sheet)
        case Framed():
            return _framed(part, sheet)


def _plain(text: str, limit: int = limits.TEXT) -> Block:
    """A text object that nothing is read into; a text that is too long for it is cut."""
    short = cut(text, limit)
    while len(contained(short)) > limit:
        short = cut(text, len(short) * 3 // 4)
    return _verbatim(contained(short) if short.strip() else "·")


def _verbatim(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _bounded(text: str) -> Iterator[str]:
    """The text in pieces Slack takes, each with its directions closed."""
    if contained(text) == text:
        yield from pieces(text)
    else:
        yield from map(contained, pieces(text, STEERED))


def _quiet(text: str) -> Iterator[Block]:
    """A small grey line."""
    for piece in _bounded(text):
        if piece.strip():
            yield {"type": "context", "elements": [_verbatim(piece)]}


def _elements(runs: Iterable[Run]) -> Iterator[Block]:
    for run in runs:
        for piece in _bounded(run.text):
            bold = {"style": {"bold": True}} if run.style is Style.STRONG else {}
            yield {"type": "text", "text": piece, **bold}


def _section(elements: list[Block]) -> Block:
    return {"type": "rich_text_section", "elements": elements}


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _para(runs: Sequence[Run]) -> Iterator[Block]:
    said = [run for run in runs if run.text]
    if not any(run.text.strip() for run in said):
        return
    if all(run.style is Style.QUIET for run in said):
        yield from _quiet("".join(run.text for run in said))
        return
    for group in _grouped(_elements(said)):
        yield _rich(_section(group))


def _grouped(elements: Iterable[Block]) -> Iterator[list[Block]]:
    """Text elements in groups that make one block each."""
    group: list[Block] = []
    size = 0
    for element in elements:
        if group and size + len(element["text"]) > RICH:
            yield group
            group, size = [], 0
        group.append(element)
        size += len(element["text"])
    if group:
        yield group


def _bars(chart: Bars, sheet: _Sheet) -> Iterator[Block]:
    yield from _para((Run("\n".join(f"{marks} {words}" for marks, words in chart.lines())),))
    drawn = pie(chart) if sheet.charts else None
    if drawn is not None:
        sheet.charts -= 1
        yield drawn


def _title(title: Title) -> Iterator[Block]:
    shown = contained(title.text)
    if title.level == 1 and shown.strip() and len(shown) <= limits.HEADER and "\n" not in shown:
        yield {"type": "header", "text": _plain(title.text, limits.HEADER)}
    else:
        yield from _para((Run(title.text, Style.STRONG),))


def _progress(progress: Progress) -> str:
    marks = progress.total if progress.total <= LONG_BAR else DRAWN
    filled = progress.done * marks // progress.total if progress.total else 0
    if progress.done > 0 and marks:
        filled = max(filled, 1)  # a beginning is seen
    bar = "▰" * filled + "▱" * (marks - filled)
    return "   ".join(filter(None, (progress.words, bar, progress.label)))


def _points(points: Points) -> Iterator[Block]:
    style = "ordered" if points.numbered else "bullet"
    items: list[Block] = []
    size = begun = 0
    for place, item in enumerate(points.items):
        head, *rest = list(_grouped(_elements(_item(item)))) or [[{"type": "text", "text": " "}]]
        weighs = sum(len(one["text"]) for one in head)
        if items and size + weighs > RICH:
            yield _rich(_listed(style, begun, items))
            items, size, begun = [], 0, place
        items.append(_section(head))
        size += weighs
        if rest:  # an item longer than a block goes on below its mark
            yield _rich(_listed(style, begun, items))
            yield from (_rich(_section(group)) for group in rest)
            items, size, begun = [], 0, place + 1
    if items:
        yield _rich(_listed(style, begun, items))


def _item(item: Iterable[Para]) -> Iterator[Run]:
    for place, para in enumerate(item):
        if place:
            yield Run("\n")
        yield from para.runs


def _listed(style: str, begun: int, items: list[Block]) -> Block:
    offset = {"offset": begun} if begun and style == "ordered" else {}
    return {"type": "rich_text_list", "style": style, **offset, "elements": items}


def _fold(fold: Fold, sheet: _Sheet) -> Iterator[Block]:
    """A line that says it stands in the thread; what can be pressed or filled in stays."""
    if sheet.live and any(isinstance(part, Buttons | Row | Input) for part in fold.parts):
        yield from _para((Run(fold.title, Style.STRONG),))
        yield from _blocks(fold.parts, sheet)
        return
    sheet.folds.append(fold)
    yield from _quiet(f"{_BELOW} {fold.title}")


def _framed(framed: Framed, sheet: _Sheet) -> Iterator[Block]:
    yield from _quiet(framed.label)
    yield {"type": "divider"}
    was, sheet.live = sheet.live, False
    yield from _blocks(framed.parts, sheet)
    sheet.live = was
    yield {"type": "divider"}


# --- buttons and rows -------------------------------------------------------------------------------------------------------------------


def _named(button: Button, sheet: _Sheet) -> str:
    chosen = f" ✓ {sheet.words['card_chosen']}" if button.chosen else ""
    name = f"{button.symbol} {button.label}".strip()
    return cut(name, limits.BUTTON - len(chosen)) + chosen


def _button(button: Button, sheet: _Sheet, heard: str = "") -> Block:
    token = button.press.token
    primary = {"style": "primary"} if button.weight == "primary" else {}
    label = {"accessibility_label": cut(heard, limits.BUTTON)} if heard.strip() else {}
    text = _plain(_named(button, sheet), limits.BUTTON)
    return {"type": "button", "text": text, "action_id": sheet.fresh(token), "value": token, **primary, **label}


def _buttons(buttons: Buttons, sheet: _Sheet) -> Iterator[Block]:
    if buttons.label:
        yield from _para((Run(buttons.label, Style.STRONG),))
    yield from _in_full(buttons.buttons)
    if not sheet.live:
        yield from _quiet("   ".join(f"[{_named(button, sheet)}]" for button in buttons.buttons))
        return
    shown = iter([_button(button, sheet) for button in buttons.buttons])
    while row := list(islice(shown, limits.ELEMENTS["actions"])):
        yield {"type": "actions", "elements": row}


def _in_full(buttons: Sequence[Button]) -> Iterator[Block]:
    """What can be chosen as a list when a phone would not show a button's whole text; one choice beside »next« is no list."""
    choices = [button for button in buttons if button.weight == "choice"]
    listed, seen = (choices, limits.BUTTON_SEEN) if len(choices) > 1 else (buttons, limits.BUTTON)
    names = [f"{button.symbol} {button.label}".strip() for button in listed]
    if any(len(name) > seen for name in names):
        yield from _points(Points(tuple((Para((Run(name),)),) for name in names), numbered=False))


def _row(row: Row, sheet: _Sheet) -> Iterator[Block]:
    said = "".join(run.text for run in row.runs)
    if not sheet.live:
        yield from _para(row.runs)
    elif not said.strip() or len(contained(said)) > limits.TEXT:
        yield from _para(row.runs)
        yield {"type": "actions", "elements": [_button(row.button, sheet)]}
    else:
        heard = f"{row.button.label}: {_headline(row)}"
        yield {"type": "section", "text": _line(row), "accessory": _button(row.button, sheet, heard)}


def _line(row: Row) -> Block:
    """The words of a row: bold where that is safe. A section takes no rich text, and mrkdwn only what it cannot misread."""
    said = "".join(run.text for run in row.runs)
    marked = "".join(f"*{run.text}*" if run.style is Style.STRONG and run.text else run.text for run in row.runs)
    # Slack sees a star as ours only between a space or an end and a word.
    stars = re.findall(r"(?<!\S)\*(?=\S)[^\n*]*(?<=\S)\*(?!\S)", marked)
    if _MARKED.search(said) or len(stars) * 2 != marked.count("*") or len(marked) > limits.TEXT:
        return _plain(said)
    return {"type": "mrkdwn", "text": marked, "verbatim": True}


def _headline(row: Row) -> str:
    """The first line of a row."""
    return "".join(run.text for run in row.runs).strip().split("\n")[0].strip()


def _with_menu(parts: Sequence[Part], sheet: _Sheet) -> list[Block]:
    """The parts with their rows as short lines, and one menu below the last that does what their buttons did."""
    last = max(place for place, part in enumerate(parts) if isinstance(part, Row))
    room = _room(parts, sheet)
    blocks: list[Block] = []
    for is_row, group in groupby(parts[: last + 1], lambda part: isinstance(part, Row)):
        together = list(group)
        blocks += _short_lines(together, room) if is_row else _blocks(together, sheet)
    return [*blocks, *_menu(parts, sheet), *_blocks(parts[last + 1 :], sheet)]


def _room(parts: Sequence[Part], sheet: _Sheet) -> int:
    """How many characters each row may have for all of them to stand in one message."""
    rows = sum(isinstance(part, Row) for part in parts)
    lists = sum(is_row for is_row, _ in groupby(parts, lambda part: isinstance(part, Row)))
    others = _blocks((part for part in parts if not isinstance(part, Row)), _Sheet(sheet.words, sheet.place))
    lists += limits.WEIGHT // RICH  # a long list is several blocks
    return max((limits.WEIGHT - weight(others) - 145 * lists - 300) // rows - 60, 0)


def _short_lines(rows: Iterable[Part], room: int) -> Iterator[Block]:
    items = tuple((Para(tuple(_shortened(row.runs, room))),) for row in rows if isinstance(row, Row))
    return _points(Points(items, numbered=False))


def _shortened(runs: Iterable[Run], room: int) -> Iterator[Run]:
    for run in runs:
        if room > 0:
            yield Run(cut(run.text, room), run.style)
        room -= len(run.text)


def _menu(parts: Iterable[Part], sheet: _Sheet) -> Iterator[Block]:
    """Menus of a hundred rows at most, under the headings the rows stand under."""
    found: dict[str, tuple[str, Row]] = {}
    heading = ""
    for part in parts:
        if isinstance(part, Title) and part.level > 1:
            heading = part.text
        elif isinstance(part, Row):
            found.setdefault(part.button.press.token, (heading, part))
    entries = iter([(under, _choice(row.button.press.token, _headline(row))) for under, row in found.values()])
    label = next(row.button.label for _, row in found.values())
    menus: list[Block] = []
    while some := list(islice(entries, limits.OPTIONS["static_select"])):
        menu = {"type": "static_select", "action_id": sheet.fresh("menu"), **_options(some)}
        menus.append({**menu, "placeholder": _plain(f"{label} …", limits.PLACEHOLDER)})
    for begun in range(0, len(menus), limits.ELEMENTS["actions"]):
        yield {"type": "actions", "elements": menus[begun : begun + limits.ELEMENTS["actions"]]}


def _choice(value: str, label: str) -> Block:
    return {"text": _plain(label, limits.OPTION), "value": value}


def _options(entries: Sequence[tuple[str, Block]]) -> Block:
    """Options as Slack takes them: alone, or under headings when there are any."""
    if not any(under for under, _ in entries):
        return {"options": [option for _, option in entries]}
    return {
        "option_groups": [
            {"label": _plain(under, limits.OPTION), "options": [option for _, option in group]}
            for under, group in groupby(entries, lambda entry: entry[0])
        ]
    }


# --- inputs -----------------------------------------------------------------------------------------------------------------------------


def _input(asked: Input, sheet: _Sheet) -> Iterator[Block]:
    if not sheet.live:
        yield from _para((Run(asked.label, Style.STRONG), Run(f"\n{asked.value}" if asked.value else "")))
        return
    if asked.error:
        yield from _para((Run(f"! {sheet.words['card_error']}", Style.STRONG), Run(" "), Run(asked.error)))
    native = asked.hint if len(contained(asked.hint)) <= limits.LABEL else ""
    if asked.hint and not native:
        yield from _para((Run(asked.label, Style.STRONG), Run(f"\n{asked.hint}")))
    optional = f" ({asked.optional_label})" if asked.optional_label else ""
    label = asked.label + optional
    if asked.kind == "people":
        yield from _people(asked, label, native, sheet)
        return
    yield from _cut_options(asked)
    # Only where nothing else clears what was picked: Slack says »optional« in the language of its menus, and we in the card's.
    can_clear = {"optional": True} if asked.optional_label and asked.kind in {"date", "choice"} else {}
    yield {**_field(asked.field, label, _control(asked), sheet, native), **can_clear}
    yield from _unshown(asked)


def _field(name: str, label: str, element: Block, sheet: _Sheet, hint: str = "") -> Block:
    block = {"type": "input", "block_id": sheet.fresh(f"{name}@{sheet.place}"), "label": _plain(label, limits.LABEL)}
    shown = {"hint": _plain(hint, limits.LABEL)} if hint.strip() else {}
    invites = _INVITES.get(element["type"])  # Slack's own words in an empty field are in the language of its menus
    empty = {"placeholder": _plain(sheet.words[invites], limits.PLACEHOLDER)} if invites else {}
    return {**block, "element": {**element, **empty}, **shown}


_INVITES = {
    "plain_text_input": "card_write",
    "datepicker": "card_pick_day",
    "static_select": "card_pick_one",
    "multi_static_select": "card_pick_one",
}


def _control(asked: Input) -> Block:
    if asked.kind == "date":
        day = {"initial_date": asked.value} if _is_day(asked.value) else {}
        return {"type": "datepicker", "action_id": asked.field, **day}
    if asked.kind == "choice" and asked.options:
        return _one_of(asked)
    return _typed(asked.field, asked.value, asked.limit, multiline=asked.kind == "text")


def _typed(name: str, value: str, limit: int, *, multiline: bool = False) -> Block:
    longest = max(min(limit, limits.TEXT), 1)
    # A text longer than its limit stays whole, so that it can be shortened: Slack would refuse the card otherwise.
    longest = min(max(longest, len(value)), limits.TEXT)
    standing = {"initial_value": value[:longest]} if value else {}
    element = {"type": "plain_text_input", "action_id": name, "multiline": multiline, "max_length": longest}
    return {**element, **standing}


def _one_of(asked: Input) -> Block:
    options = list({one.value: _choice(one.value, _told(one)) for one in asked.options}.values())
    kind = "radio_buttons" if len(options) <= limits.OPTIONS["radio_buttons"] else "static_select"
    options = options[: limits.OPTIONS[kind]]
    given = {asked.value, *asked.chosen}
    chosen = next((option for option in options if option["value"] in given), None)
    standing = {"initial_option": chosen} if chosen else {}
    return {"type": kind, "action_id": asked.field, "options": options, **standing}


def _told(option: Option) -> str:
    return " – ".join(filter(None, (option.label, option.detail)))


def _cut_options(asked: Input) -> Iterator[Block]:
    """The options of a choice in full when one of them is longer than Slack shows."""
    if asked.kind == "choice" and any(len(_told(one)) > limits.OPTION for one in asked.options):
        yield from _points(Points(tuple((Para((Run(_told(one)),)),) for one in asked.options), numbered=False))


def _unshown(asked: Input) -> Iterator[Block]:
    """What was typed and the field cannot hold: a day in words, what is beyond its last character."""
    if asked.kind == "date" and not _is_day(asked.value):
        yield from _para((Run(asked.value),))
    elif asked.kind in {"text", "line"} and len(asked.value) > limits.TEXT:
        yield from _para((Run(f"… {asked.value[limits.TEXT :]}"),))


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _people(asked: Input, label: str, hint: str, sheet: _Sheet) -> Iterator[Block]:
    others = asked.others_label
    if asked.options:
        yield _field(asked.field, label, _several(asked), sheet, hint)
    else:
        others = f"{label} {others}".strip()
    if others:
        typed = _typed(asked.field + OTHERS, asked.value, asked.limit)
        yield _field(asked.field + OTHERS, others, typed, sheet, "" if asked.options else hint)
        yield from _unshown(Input(asked.field, "line", "", asked.value))


def _several(asked: Input) -> Block:
    options = list({one.value: _choice(one.value, _told(one)) for one in asked.options}.values())
    chosen = [option for option in options if option["value"] in asked.chosen]
    standing = {"initial_options": chosen} if chosen else {}
    most = limits.OPTIONS["multi_static_select"]
    if len(options) <= most:
        return {"type": "multi_static_select", "action_id": asked.field, "options": options, **standing}
    parts = [options[begun : begun + most] for begun in range(0, len(options), most)]
    groups = [{"label": _plain(_from_to(part), limits.OPTION), "options": part} for part in parts]
    return {"type": "multi_static_select", "action_id": asked.field, "option_groups": groups, **standing}


def _from_to(options: Sequence[Block]) -> str:
    first, last = (cut(options[place]["text"]["text"].split(" – ")[0], 34) for place in (0, -1))
    return f"{first} – {last}"


# --- messages ---------------------------------------------------------------------------------------------------------------------------


def _is_used(block: Block) -> bool:
    """Whether somebody presses it or fills it in."""
    return block["type"] in {"actions", "input"} or "accessory" in block


def _in_one(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """What stands in the message, and what of the rest is read in its thread."""
    if not any(map(_is_used, blocks)):
        first = next(_pages(blocks), [])
        return first, blocks[len(first) :]
    if fits(blocks):
        return blocks, []
    kept, moved = blocks, dict[int, list[Block]]()
    for place in sorted(range(len(blocks)), key=lambda place: _order(blocks[place])):
        if weight(kept) <= limits.WEIGHT:
            break
        short, full = _shortened_block(blocks[place])
        if full:
            kept = [*kept[:place], short, *kept[place + 1 :]]
            moved[place] = full
    # As the last resort a text leaves the message altogether: those that stand whole in the thread anyhow before the others.
    spare = sorted(
        (place for place, block in enumerate(kept) if not _is_used(block)), key=lambda place: (place in moved, place)
    )
    shown = dict(enumerate(kept))
    while spare and not fits(list(shown.values())):
        place = spare.pop()
        moved.setdefault(place, [shown.pop(place)])
    return list(shown.values()), [block for place in sorted(moved) for block in moved[place]]


def _order(block: Block) -> tuple[bool, int]:
    """What is shortened first: texts that are only read, the longest before the others."""
    return _is_used(block), -weight([block])


def _shortened_block(block: Block) -> tuple[Block, list[Block]]:
    """The block with the beginning of its texts, and the whole of those that were shortened; none when it is short."""
    if not _is_used(block):
        said = _read(block)
        if len(said) <= 2 * BEGINNING:
            return block, []
        return {"type": "context", "elements": [_plain(_begun(said))]}, [block]
    short, full = dict(block), list[Block]()
    for key in ("text", "label", "hint"):
        said = block[key]["text"] if key in block else ""
        if len(said) > 2 * BEGINNING:
            short[key] = _plain(_begun(said))
            full += _para((Run(said),))
    return short, full


def _begun(text: str) -> str:
    return f"{cut(text, BEGINNING)} {_BELOW}"


def _pages(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks that are only read, in messages."""
    page: list[Block] = []
    for block in blocks:
        if page and not fits([*page, block]):
            yield page
            page = []
        page.append(block)
    if page:
        yield page


def _page(blocks: list[Block]) -> Message:
    return Message(_fallback("", blocks), blocks)


def _fallback(line: str, blocks: Iterable[Block]) -> str:
    """The line, and below it everything the blocks say, escaped and as long as Slack takes."""
    read = [text for text in map(_read, blocks) if text.strip()]
    text = "\n".join([*([line] if line.strip() else []), *(read[1:] if read and read[0] == line else read)])
    while len(_escaped(text)) > limits.FALLBACK:
        text = cut(text, len(text) - max(len(_escaped(text)) - limits.FALLBACK, 3) + 2)
    return _escaped(text) or "·"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _read(block: Block) -> str:
    """What a block says."""
    match block["type"]:
        case "header":
            return str(block["text"]["text"])
        case "section":
            star = "*" if block["text"]["type"] == "mrkdwn" else ""
            said = block["text"]["text"].replace(star, "") if star else block["text"]["text"]
            return f"{said} [{block['accessory']['text']['text']}]"
        case "context":
            return " ".join(one["text"] for one in block["elements"])
        case "actions":
            return " ".join(f"[{(one.get('text') or one['placeholder'])['text']}]" for one in block["elements"])
        case "rich_text":
            return "\n".join(line for element in block["elements"] for line in _read_lines(element))
        case "input":
            return "\n".join(_read_input(block))
        case _:
            return ""


def _read_lines(element: Block) -> Iterator[str]:
    if element["type"] != "rich_text_list":
        yield "".join(one["text"] for one in element["elements"])
        return
    for place, item in enumerate(element["elements"], element.get("offset", 0) + 1):
        mark = f"{place}." if element["style"] == "ordered" else "•"
        yield f"{mark} {''.join(one['text'] for one in item['elements'])}"


def _read_input(block: Block) -> Iterator[str]:
    element = block["element"]
    yield block["label"]["text"]
    if "hint" in block:
        yield block["hint"]["text"]
    chosen = [*element.get("initial_options", ()), *filter(None, [element.get("initial_option")])]
    yield from filter(None, [element.get("initial_value") or element.get("initial_date")])
    yield from (f"✓ {option['text']['text']}" for option in chosen)
