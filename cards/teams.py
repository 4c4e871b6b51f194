"""The card as Teams' Adaptive Card 1.5, and back: cards and a line about each out, a press and what the inputs held in.

Promises: what people wrote comes out as written. A TextBlock reads markdown, links, `<at>` and HTML, so it carries only headings
that are nothing but words; every other text is a TextRun, which reads nothing but date functions, and `{{` is parted between two
runs. A name in a list may be read as markdown by some clients: there a mark is parted, or replaced by its like. A text written
from right to left is closed in isolates.

A card is one message that can be replaced in place, of less than 28 KB. It keeps every button and input; only what is read may
follow below it: `card.thread`, and, when the card would be too large, folds and its longest texts. Rows that do not fit with a
button each become a numbered list with one menu that opens any of them. What somebody typed is never cut: a form whose typed
text alone is larger than the limit is larger too, and still far below the 100 KB at which Teams refuses a message.

A phone checks a field before anything is sent only where that cannot hold anybody back: a field must be filled in only when every
button that takes the fields along is the one that sends them, since »back« and »later« keep what was typed as a draft. What looks
like a CPR number never leaves the phone. Everything is read again by us.

An input's id is its field and the place and revision its card was made from: the same when a card comes back with a fault, and
another for the next subject, so that nothing typed is carried over. Knows nothing of messages or people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any
from unicodedata import category

from cards import teams_limits as limits
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
from cards.charts import donut
from cards.chrome import chrome
from cards.teams_limits import Element, fits, held, is_plain, literal, weight

OTHERS = "__others"
SEVERAL = "[]"  # ends the name of an input whose value is a list
LONG_BAR = 12  # a longer way is drawn with ten marks
DRAWN = 10
PIECE = 3000  # characters of one block, as we part them
STEERED = 700  # a piece with marks of direction: closed in isolates it is at most four times as long
LINE = 400  # a longer text does not stand beside a button, or in a box
BEGINNING = 120  # what stays of a text that moved below the card
NOTICE = 200  # the line of a notification
NEAR = 8  # colleagues seen at once; the others open below them
TOGETHER = 44  # what the titles of the buttons of one line may take on a phone, with their edges
EDGES = 6
NARROW = 20  # a longer title leaves a phone no room for the words beside it
BOX = 12000  # bytes of one box of a preview

_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_TONES = {"info": ("i", "accent"), "warning": ("!", "warning"), "done": ("✓", "good")}
_BELOW = "↳"
_WITHOUT_INPUTS = frozenset({"skip", "keep", "leave", "choose", "status"})  # acts that never use what was typed
_KEY = re.compile(r"([A-Za-z0-9_]{1,80})(\[\])?@.*")
_NO_CPR = (  # less than the server looks for, so that nothing is held back that it would take
    r"^(?![\s\S]*(?:^|[^0-9])(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}-[0-9]{4}(?:[^0-9]|$))[\s\S]*$"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its card, and the line that tells of it in a notification (plain text, for an activity's `summary`)."""

    text: str
    card: Element


def render(card: Card, *, charts: bool = False) -> tuple[Message, ...]:
    """Return the card as its message and those that follow in its thread; with `charts` also as Teams draws them, where they fit."""
    body, moved, sheet = _laid_out(card, charts=charts)
    below = [_page(page, card.language) for page in _pages(moved)]
    for fold in sheet.folds:
        parts = (Title(fold.title, 2), *fold.parts)
        inner = _Sheet.of(replace(card, parts=parts), _Shape(live=False))
        below += [_page(page, card.language) for page in _pages(list(_elements(parts, inner)))]
    below += [message for thread in card.thread for message in render(thread)]
    return (Message(_notice(card.fallback), _framing(body, card.fallback, card.language)), *below)


# --- back from Teams ----------------------------------------------------------------------------------------------------------------


def press_of(value: object) -> Press | None:
    """Return the press behind an invoke's action or a submitted value; None when it is not one of ours."""
    data = _data(value)
    token = data.get("press")
    if token is None and isinstance(pick := data.get("pick"), str):
        token = data.get(pick)
    return Press.parse(token) if isinstance(token, str) else None


def read_inputs(value: object) -> dict[str, str | tuple[str, ...]]:
    """Return what a card's inputs held, by field; an empty input is there and empty, though Teams does not send it."""
    data = _data(value)
    asked = data.get("asked")
    held_by: dict[str, str | tuple[str, ...]] = {}
    for name in asked.split(" ") if isinstance(asked, str) else ():
        if _KEY.fullmatch(f"{name}@"):
            held_by[name.removesuffix(SEVERAL)] = () if name.endswith(SEVERAL) else ""
    for key, given in data.items():
        match = _KEY.fullmatch(key) if isinstance(key, str) else None
        if match is None:
            continue
        said = given if isinstance(given, str) else ""
        name, several = match.groups()
        if several:
            before = held_by.get(name, ())
            picked = tuple(filter(None, said.split(",")))
            held_by[name] = tuple(dict.fromkeys((*(before if isinstance(before, tuple) else ()), *picked)))
        else:
            held_by[name] = said
    return held_by


def _data(value: object) -> Mapping[Any, Any]:
    """What a press carries: in an invoke inside its action's data, in a submit by itself."""
    for key in ("action", "data"):
        if isinstance(value, Mapping) and isinstance(value.get(key), Mapping):
            value = value[key]
    return value if isinstance(value, Mapping) else {}


# --- what the parts share -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """How much of a card stands in its message."""

    live: bool = True  # False where buttons and inputs are shown and not used: in a preview, in the thread
    folds: bool = True
    menu: bool = False
    details: bool = True  # of colleagues
    people: int = 1000
    charts: bool = False


@dataclass(slots=True)
class _Sheet:
    """What the elements of one message share: words, where its inputs belong, ids that are taken, and what goes below it."""

    words: Mapping[str, str]
    place: str
    shape: _Shape
    asked: str = ""  # the names of the inputs, for those that come back empty
    is_sent_only: bool = False  # no button but the one that sends takes the inputs along
    taken: set[str] = field(default_factory=set)
    folds: list[Fold] = field(default_factory=list)

    @classmethod
    def of(cls, card: Card, shape: _Shape) -> _Sheet:
        """A new sheet for a message of the card."""
        buttons = [button for part in _live(card.parts) for button in _pressed(part)]
        presses = [button.press for button in buttons]
        press = next((one for one in presses if one.subject or one.step), presses[0] if presses else Press("none"))
        place = f"{press.dialogue}.{press.subject}.{press.step}.{press.revision}"
        inputs = [part for part in _live(card.parts) if isinstance(part, Input)]
        taking = [button for button in buttons if button.press.act not in _WITHOUT_INPUTS]
        only = all(button.weight == "primary" for button in taking)
        return cls(chrome(card.language), place, shape, " ".join(map(_names, inputs)), only)

    @property
    def live(self) -> bool:
        """Whether buttons and inputs are used."""
        return self.shape.live

    def fresh(self, wanted: str) -> str:
        """Return an id like the one wanted that nothing else in the message has."""
        given, count = wanted, 1
        while given in self.taken:
            count += 1
            given = f"{wanted}~{count}"
        self.taken.add(given)
        return given


def _live(parts: Iterable[Part]) -> Iterator[Part]:
    """Every part that is used as it stands: not those of a preview."""
    for part in parts:
        yield part
        if isinstance(part, Fold):
            yield from _live(part.parts)


def _pressed(part: Part) -> tuple[Button, ...]:
    return part.buttons if isinstance(part, Buttons) else (part.button,) if isinstance(part, Row) else ()


def _names(asked: Input) -> str:
    if asked.kind != "people":
        return asked.field
    return f"{asked.field}{SEVERAL} {asked.field}{OTHERS}" if asked.options else f"{asked.field}{OTHERS}"


# --- parts --------------------------------------------------------------------------------------------------------------------------


def _elements(parts: Iterable[Part], sheet: _Sheet) -> Iterator[Element]:
    for part in parts:
        yield from _part(part, sheet)


def _part(part: Part, sheet: _Sheet) -> Iterator[Element]:
    match part:
        case Title():
            yield from _title(part)
        case Progress():
            yield from _para(_progress(part))
        case Bars():
            yield from _bars(part, sheet)
        case Para(runs):
            yield from _para(runs)
        case Points():
            yield from _points(part)
        case Buttons():
            yield from _buttons(part, sheet)
        case Row():
            yield from _row(part, sheet)
        case Input():
            yield from _input(part, sheet)
        case Note():
            yield from _note(part, sheet)
        case Fold():
            yield from _fold(part, sheet)
        case Framed():
            yield from _framed(part, sheet)


def _text_runs(text: str, **looks: object) -> Iterator[Element]:
    """The text as runs that are read literally: two braces that follow each other never stand in one run."""
    for piece in re.split(r"(?<=\{)(?=\{)", contained(text)):
        if piece:
            yield {"type": "TextRun", "text": piece, **looks}


def _looks(style: Style, *, small: bool) -> dict[str, object]:
    match style:
        case Style.STRONG:
            return {"weight": "bolder"}
        case Style.QUIET:
            return {"isSubtle": True, "size": "small"} if small else {"isSubtle": True}
        case _:
            return {}


def _para(runs: Sequence[Run], **block: object) -> Iterator[Element]:
    """A paragraph, in blocks of bounded length; a run that begins a new line begins a new block, since Android drops its break."""
    if not any(run.text.strip() for run in runs):
        return
    small = all(run.style is Style.QUIET for run in runs if run.text)
    inlines: list[Element] = []
    size = 0
    for run in runs:
        text = run.text
        if inlines and text.startswith("\n"):
            yield {"type": "RichTextBlock", "inlines": inlines, **block}
            inlines, size, block = [], 0, {"spacing": "none"}
            text = text[1:]
        for piece in _bounded(text):
            if inlines and size + len(piece) > PIECE:
                yield {"type": "RichTextBlock", "inlines": inlines, **block}
                inlines, size, block = [], 0, {"spacing": "none"}
            inlines += _text_runs(piece, **_looks(run.style, small=small))
            size += len(piece)
    if inlines:
        yield {"type": "RichTextBlock", "inlines": inlines, **block}


def _bounded(text: str) -> Iterator[str]:
    longest = PIECE if contained(text) == text else STEERED
    while len(text) > longest:
        near = text[longest // 2 : longest]
        parted = max(near.rfind("\n"), near.rfind(" ")) + 1
        at = longest // 2 + parted if parted else longest
        yield text[:at]
        text = text[at:]
    if text:
        yield text


def _quiet(text: str, **block: object) -> Iterator[Element]:
    yield from _para((Run(text, Style.QUIET),), **block)


def _title(title: Title) -> Iterator[Element]:
    size, spacing = ("large", "medium") if title.level == 1 else ("medium", "large")
    if is_plain(title.text) and 0 < len(title.text.strip()) <= LINE:
        looks = {"weight": "bolder", "size": size, "style": "heading"}
        yield {"type": "TextBlock", "text": title.text, "wrap": True, "spacing": spacing, **looks}
        return
    for block in _para((Run(title.text, Style.STRONG),), spacing=spacing):
        yield {**block, "inlines": [{**run, "size": size} for run in block["inlines"]]}


def _bars(chart: Bars, sheet: _Sheet) -> Iterator[Element]:
    for marks, words in chart.lines():
        yield from _para((Run(f"{marks} {words}"),), spacing="small")
    drawn = donut(chart) if sheet.shape.charts else None
    if drawn is not None:
        yield drawn


def _progress(progress: Progress) -> tuple[Run, ...]:
    marks = progress.total if progress.total <= LONG_BAR else DRAWN
    filled = progress.done * marks // progress.total if progress.total else 0
    if progress.done > 0 and marks:
        filled = max(filled, 1)  # a beginning is seen
    bar = "▰" * filled + "▱" * (marks - filled)
    head = "   ".join(filter(None, (progress.words, bar)))
    return (Run(head, Style.STRONG), Run(f"   {progress.label}" if progress.label else "", Style.QUIET))


def _points(points: Points) -> Iterator[Element]:
    for number, item in enumerate(points.items, 1):
        mark = f"{number}." if points.numbered else "•"
        begins = next((run.text for para in item[:1] for run in para.runs if run.text), "")
        if not points.numbered and begins and (category(begins[0]) == "So" or begins.startswith("? ")):
            mark = ""  # a line that begins with a sign of its own: ◐ I gang, ? Kan ikke vurderes endnu
        long = sum(len(run.text) for para in item for run in para.runs) > PIECE
        if len(item) == 1 or long or not mark:
            for place, para in enumerate(item):
                head = (Run(f"{mark} "),) if mark and place == 0 else ()
                yield from _para((*head, *para.runs), spacing="small")
        elif item:
            inside = [block for para in item for block in _para(para.runs, spacing="small")]
            yield _columns(list(_para((Run(mark),))), inside, spacing="medium") if inside else next(_para((Run(mark),)))


def _columns(left: list[Element], right: list[Element], *, wide: str = "right", **more: object) -> Element:
    """Two columns of which one takes the room there is."""
    columns = [
        {"type": "Column", "width": "stretch" if name == wide else "auto", "items": items}
        for name, items in (("left", left), ("right", right))
    ]
    return {"type": "ColumnSet", "columns": columns, **more}


def _note(note: Note, sheet: _Sheet) -> Iterator[Element]:
    mark, style = _TONES[note.tone]
    head = Run(f"{mark} {sheet.words[f'card_tone_{note.tone}']} ", Style.STRONG)
    blocks = list(_para((head, Run(note.text))))
    if len(note.text) > LINE:
        yield from blocks
    else:
        yield {"type": "Container", "style": style, "items": blocks}


def _fold(fold: Fold, sheet: _Sheet) -> Iterator[Element]:
    """A button that opens what is folded, or a line that says it stands below; in the open where nothing can be pressed, or must."""
    if not sheet.live or any(isinstance(part, Buttons | Row | Input) for part in fold.parts):
        yield from _para((Run(fold.title, Style.STRONG),))
        yield from _elements(fold.parts, sheet)
    elif sheet.shape.folds and (inside := list(_elements(fold.parts, sheet))):
        place = sheet.fresh("fold")
        title = _native(fold.title, limits.BUTTON - 2) or "…"
        opens = {"type": "Action.ToggleVisibility", "title": f"▾ {title}", "targetElements": [place]}
        yield {"type": "ActionSet", "actions": [opens]}
        yield {"type": "Container", "id": place, "isVisible": False, "spacing": "small", "items": inside}
    else:
        sheet.folds.append(fold)
        yield from _quiet(f"{_BELOW} {fold.title}")


def _framed(framed: Framed, sheet: _Sheet) -> Iterator[Element]:
    """A preview, in boxes that are not too large to be moved below the card."""
    yield from _quiet(framed.label, spacing="medium")
    inner = replace(sheet, shape=replace(sheet.shape, live=False))
    box: list[Element] = []
    spacing = "small"
    for element in _elements(framed.parts, inner):
        if box and weight([*box, element]) > BOX:
            yield {"type": "Container", "style": "emphasis", "spacing": spacing, "items": box}
            box, spacing = [], "none"
        box.append(element)
    if box:
        yield {"type": "Container", "style": "emphasis", "spacing": spacing, "items": box}


# --- buttons and rows -------------------------------------------------------------------------------------------------------------------


def _native(text: str, limit: int, guard: Callable[[str], str] = held) -> str:
    """A text where Teams takes no runs: one line of at most `limit` characters, with what would be read as more parted."""
    line = " ".join(text.split())
    shown = contained(guard(line))
    longest = limit
    while len(shown) > limit:
        shown = contained(guard(_cut(line, longest)))
        longest -= 4
    return shown


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 2, 0)].rstrip() + " …"


def _named(button: Button, sheet: _Sheet) -> str:
    chosen = f" ✓ {sheet.words['card_chosen']}" if button.chosen else ""
    name = _native(f"{button.symbol} {button.label}", limits.BUTTON - len(chosen))
    return f"{name}{chosen}".strip() or "·"


def _action(button: Button, sheet: _Sheet, heard: str = "") -> Element:
    press = button.press
    takes = bool(sheet.asked) and press.act not in _WITHOUT_INPUTS
    action: Element = {"type": "Action.Execute", "title": _named(button, sheet), "verb": press.act}
    action["data"] = {"press": press.token, "asked": sheet.asked} if takes else {"press": press.token}
    if sheet.asked or sheet.shape.menu:
        action["associatedInputs"] = "auto" if takes else "none"
    if button.weight == "primary":
        action["style"] = "positive"
    if heard.strip():
        action["tooltip"] = _native(heard, limits.BUTTON)
    return action


def _buttons(buttons: Buttons, sheet: _Sheet) -> Iterator[Element]:
    if buttons.label:
        yield from _para((Run(buttons.label, Style.STRONG),), spacing="medium")
    yield from _in_full(buttons.buttons)
    if not sheet.live:
        yield from _quiet("   ".join(f"[{_named(button, sheet)}]" for button in buttons.buttons))
        return
    for place, line in enumerate(_in_lines(buttons.buttons, sheet)):
        spacing = {"spacing": "small"} if place or buttons.label else {}
        yield {"type": "ActionSet", "actions": [_action(button, sheet) for button in line], **spacing}


def _in_lines(buttons: Sequence[Button], sheet: _Sheet) -> Iterator[list[Button]]:
    """A choice has a line of its own; other buttons share one as far as a phone shows their whole titles."""
    line: list[Button] = []
    size = 0
    for button in buttons:
        takes = len(_named(button, sheet)) + EDGES
        alone = button.weight == "choice" or (line and line[-1].weight == "choice")
        if line and (alone or size + takes > TOGETHER or len(line) == limits.ACTIONS):
            yield line
            line, size = [], 0
        line.append(button)
        size += takes
    if line:
        yield line


def _in_full(buttons: Sequence[Button]) -> Iterator[Element]:
    """The titles as a list when a phone would not show all of one."""
    names = [f"{button.symbol} {button.label}".strip() for button in buttons]
    if any(len(name) > limits.BUTTON_SEEN for name in names):
        yield from _points(Points(tuple((Para((Run(name),)),) for name in names), numbered=False))


def _row(row: Row, sheet: _Sheet) -> Iterator[Element]:
    said = "".join(run.text for run in row.runs)
    words = list(_para(row.runs))
    if not sheet.live:
        yield from words
    elif not said.strip() or len(said) > LINE or len(_named(row.button, sheet)) > NARROW:
        yield from words
        yield {"type": "ActionSet", "actions": [_action(row.button, sheet)]}
    else:
        heard = f"{row.button.label}: {_headline(row)}"
        button = {"type": "ActionSet", "actions": [_action(row.button, sheet, heard)]}
        yield _columns(words, [button], wide="left", separator=True)


def _headline(row: Row) -> str:
    """The first line of a row."""
    return "".join(run.text for run in row.runs).strip().split("\n")[0].strip()


def _in_a_line(row: Row) -> str:
    lines = "".join(run.text for run in row.runs).split("\n")
    return " – ".join(filter(None, (" ".join(line.split()) for line in lines)))


def _with_menu(card: Card, sheet: _Sheet) -> tuple[list[Element], list[Element]]:
    """The parts with their rows as numbered lines and one menu below them that does what their buttons did, and what did not fit."""
    last = max(place for place, part in enumerate(card.parts) if isinstance(part, Row))
    rows = list({part.button.press.token: part for part in card.parts if isinstance(part, Row)}.values())
    numbers = {row.button.press.token: number for number, row in enumerate(rows, 1)}
    title, line = _rooms(card, rows, sheet)
    body: list[Element] = []
    moved: list[Element] = []
    for is_row, group in groupby(card.parts[: last + 1], lambda part: isinstance(part, Row)):
        together = list(group)
        if not is_row:
            body += _elements(together, sheet)
            continue
        lines = [f"{numbers[row.button.press.token]}. {_in_a_line(row)}" for row in together if isinstance(row, Row)]
        if line:
            body += _para((Run("\n".join(_cut(one, line) for one in lines)),))
        else:
            moved += [block for one in lines for block in _para((Run(_cut(one, LINE)),), spacing="small")]
    choices = [
        {"title": _native(f"{number} · {_headline(row)}", title, literal), "value": row.button.press.token}
        for number, row in enumerate(rows, 1)
    ]
    body += _menu(choices, rows[0].button, sheet)
    return [*body, *_elements(card.parts[last + 1 :], sheet)], moved


def _rooms(card: Card, rows: Sequence[Row], sheet: _Sheet) -> tuple[int, int]:
    """How many characters each row may have in the menu, and above it; none above it when there are too many rows."""
    others = _elements(
        (part for part in card.parts if not isinstance(part, Row)), replace(sheet, taken=set(), folds=[])
    )
    values = sum(len(row.button.press.token) + 36 for row in rows)
    left = (limits.ROOM - weight(_framing(list(others), card.fallback, card.language))) // 2 - values - 900
    each = left // len(rows)
    if each < 60:  # noqa: PLR2004  a number, a few words of a title and a few of an answer
        return max(min(each, 60), 12), 0
    title = min(max(24, each // 4), 60)
    return title, min(each - title - 4, LINE)


def _menu(choices: list[dict[str, str]], button: Button, sheet: _Sheet) -> Iterator[Element]:
    pick = sheet.fresh("row")  # not `pick`: what is picked is sent under this name
    label = _native(button.label, limits.BUTTON) or "·"
    yield {
        "type": "Input.ChoiceSet",
        "id": pick,
        "label": f"{label} …",
        "choices": choices,
        "placeholder": sheet.words["card_pick"],
        "isRequired": True,
        "errorMessage": sheet.words["card_pick_first"],
        "spacing": "medium",
    }
    action = {"type": "Action.Execute", "title": label, "verb": button.press.act, "data": {"pick": pick}}
    yield {"type": "ActionSet", "actions": [{**action, "associatedInputs": "auto"}], "spacing": "small"}


# --- inputs -----------------------------------------------------------------------------------------------------------------------------


def _input(asked: Input, sheet: _Sheet) -> Iterator[Element]:
    optional = f" ({asked.optional_label})" if asked.optional_label else ""
    label = asked.label + optional
    if not sheet.live:
        yield from _para((Run(asked.label, Style.STRONG), Run(f"\n{asked.value}" if asked.value else "")))
        return
    if len(label) > limits.LABEL:
        yield from _para((Run(label, Style.STRONG),), spacing="medium")
    head = Run(f"! {sheet.words['card_error']} ", Style.STRONG)
    error = list(_para((head, Run(asked.error)))) if asked.error else []
    error = [{**block, "inlines": [{**run, "color": "attention"} for run in block["inlines"]]} for block in error]
    hint = list(_quiet(asked.hint, spacing="small"))
    fields = list(_fields(asked, label, sheet))
    unbounded = len(asked.error) + len(asked.hint) + (len(asked.value) if asked.kind == "date" else 0)
    if error and unbounded <= LINE:
        # What is wrong, the field and its help in one box: whose fault it is can be seen, and read in that order.
        yield {"type": "Container", "style": "attention", "spacing": "medium", "items": [*error, *fields, *hint]}
    else:
        first, *rest = fields
        yield from (*error, {"spacing": "medium", **first}, *rest, *hint)


def _fields(asked: Input, label: str, sheet: _Sheet) -> Iterator[Element]:
    """The input itself first, then what belongs to it."""
    shown = _label(label)
    match asked.kind:
        case "people":
            yield from _people(asked, label, sheet)
        case "date":
            day = {"value": asked.value} if _is_day(asked.value) else {}
            named = _field("Input.Date", asked.field, shown, sheet)
            yield {**named, **day, **_required(asked, sheet)}
            if not day:
                yield from _para((Run(asked.value),))
        case "choice" if asked.options:
            yield {**_one_of(asked, shown, sheet), **_required(asked, sheet)}
            yield from _cut_options(asked)
        case _:
            yield _typed(asked.field, shown, asked, sheet)


def _label(label: str) -> str:
    """The question an input carries: the beginning of one that stands whole above it."""
    return _native(label, limits.LABEL if len(label) <= limits.LABEL else BEGINNING) or "·"


def _field(kind: str, name: str, label: str, sheet: _Sheet) -> Element:
    return {"type": kind, "id": sheet.fresh(f"{name}@{sheet.place}"), "label": label}


def _required(asked: Input, sheet: _Sheet) -> Element:
    """What the phone checks before it sends, where no button that keeps a draft would be held back by it."""
    if asked.optional_label or not sheet.is_sent_only:
        return {}
    return {"isRequired": True, "errorMessage": sheet.words["card_required"]}


def _typed(name: str, label: str, asked: Input, sheet: _Sheet) -> Element:
    # A text longer than its limit stays whole, so that it can be shortened.
    longest = max(asked.limit, len(asked.value), 1)
    checked = _required(asked, sheet) if name == asked.field else {}
    words = sheet.words["card_required_text" if checked else "card_no_cpr"]
    return {
        **_field("Input.Text", name, label, sheet),
        **({"isMultiline": True} if asked.kind == "text" else {}),
        "maxLength": longest,
        **checked,
        **({"value": asked.value} if asked.value else {}),
        "regex": _NO_CPR,
        "errorMessage": words,
    }


def _one_of(asked: Input, label: str, sheet: _Sheet) -> Element:
    choices = _choices(asked.options, details=True)
    given = {asked.value, *asked.chosen}
    chosen = next(({"value": one["value"]} for one in choices if one["value"] in given), {})
    style = {"style": "expanded", "wrap": True} if len(choices) <= NEAR else {}
    return {**_field("Input.ChoiceSet", asked.field, label, sheet), "choices": choices, **style, **chosen}


def _choices(options: Iterable[Option], *, details: bool) -> list[dict[str, str]]:
    found = {one.value: one for one in options}
    return [
        {"title": _native(_told(one, details=details), limits.CHOICE, literal) or one.value, "value": one.value}
        for one in found.values()
    ]


def _told(option: Option, *, details: bool) -> str:
    return " – ".join(filter(None, (option.label, option.detail if details else "")))


def _cut_options(asked: Input) -> Iterator[Element]:
    """The options of a choice in full when one of them is longer than a list shows."""
    if any(len(_told(one, details=True)) > limits.CHOICE for one in asked.options):
        items = tuple((Para((Run(_told(one, details=True)),)),) for one in asked.options)
        yield from _points(Points(items, numbered=False))


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _people(asked: Input, label: str, sheet: _Sheet) -> Iterator[Element]:
    """Those picked and those nearest first; the others open below them, and anybody else is written."""
    others = asked.others_label
    if asked.options:
        options = sorted(asked.options, key=lambda option: option.value not in asked.chosen)
        choices = _choices(options[: sheet.shape.people], details=sheet.shape.details)
        seen = max(NEAR, len(asked.chosen))
        yield _several(asked, _label(label), choices[:seen], sheet)
        if more := choices[seen:]:
            yield from _more(asked, more, sheet)
        if len(options) > len(choices):
            yield from _quiet(sheet.words["card_some_people"])
    else:
        others = f"{label} {others}".strip()
    if others or not asked.options:
        yield _typed(asked.field + OTHERS, _label(others), replace(asked, kind="line"), sheet)


def _several(asked: Input, label: str, choices: list[dict[str, str]], sheet: _Sheet) -> Element:
    chosen = ",".join(one["value"] for one in choices if one["value"] in asked.chosen)
    named = _field("Input.ChoiceSet", asked.field + SEVERAL, label, sheet)
    return {**named, "isMultiSelect": True, "wrap": True, "choices": choices, **({"value": chosen} if chosen else {})}


def _more(asked: Input, choices: list[dict[str, str]], sheet: _Sheet) -> Iterator[Element]:
    place = sheet.fresh("more")
    label = sheet.words["card_more_people"].replace("{count}", str(len(choices)))
    opens = {"type": "Action.ToggleVisibility", "title": f"▾ {label}", "targetElements": [place]}
    yield {"type": "ActionSet", "actions": [opens], "spacing": "small"}
    inside = _several(asked, label, choices, sheet)
    yield {"type": "Container", "id": place, "isVisible": False, "spacing": "small", "items": [inside]}


# --- messages ---------------------------------------------------------------------------------------------------------------------------


def _laid_out(card: Card, *, charts: bool = False) -> tuple[list[Element], list[Element], _Sheet]:
    """What stands in the card and what is read below it: as much as there is room for, in the fullest shape that fits."""
    whole, shorter = _shapes(card)
    for shape in (*([_Shape(charts=True)] if charts else []), *whole):
        body, moved, sheet = _shaped(card, shape)
        if fits(_framing(body, card.fallback, card.language)):
            return body, moved, sheet
    for shape in shorter:
        body, moved, sheet = _shaped(card, shape)
        body, read = _in_one(body, card)
        if fits(_framing(body, card.fallback, card.language)):
            break
    return body, [*moved, *read], sheet


def _shapes(card: Card) -> tuple[list[_Shape], list[_Shape]]:
    shapes = [_Shape(), _Shape(folds=False)]
    if sum(isinstance(part, Row) for part in card.parts) > 1:
        shapes.append(_Shape(folds=False, menu=True))
    last = shapes[-1]
    if any(part.kind == "people" for part in card.inputs):
        shapes.append(replace(last, details=False))
        return shapes, [replace(last, details=False, people=people) for people in (1000, 30, NEAR)]
    return shapes, [last]


def _shaped(card: Card, shape: _Shape) -> tuple[list[Element], list[Element], _Sheet]:
    sheet = _Sheet.of(card, shape)
    body, moved = _with_menu(card, sheet) if shape.menu else (list(_elements(card.parts, sheet)), [])
    return body or list(_quiet(card.fallback)) or list(_quiet("·")), moved, sheet


def _framing(body: list[Element], line: str, language: str) -> Element:
    return {
        "type": "AdaptiveCard",
        "$schema": _SCHEMA,
        "version": limits.VERSION,
        "lang": language,
        "msteams": {"width": "Full"},
        "fallbackText": _native(line, NOTICE, literal) or "·",
        "body": body,
    }


def _is_used(element: Element) -> bool:
    """Whether somebody presses it or fills it in."""
    inside = [*element.get("items", ()), *element.get("columns", ())]
    return element["type"] == "ActionSet" or element["type"].startswith("Input.") or any(map(_is_used, inside))


def _in_one(body: list[Element], card: Card) -> tuple[list[Element], list[Element]]:
    """What stands in the message, and what of the rest is read in its thread: the longest texts move first."""
    room = limits.ROOM - weight(_framing([], card.fallback, card.language))
    sizes = {place: weight(element) + 4 for place, element in enumerate(body)}
    kept, moved = dict(enumerate(body)), dict[int, Element]()
    read = sorted((place for place, one in kept.items() if not _is_used(one)), key=lambda place: -sizes[place])
    for place in read:
        said = " ".join(_read(body[place]).split())
        if sum(sizes.values()) <= room:
            break
        if len(said) > 2 * BEGINNING:
            moved[place] = body[place]
            kept[place] = next(_quiet(f"{_cut(said, BEGINNING)} {_BELOW}"))
            sizes[place] = weight(kept[place]) + 4
    # As the last resort a text leaves the message altogether: those that stand whole in the thread anyhow before the others.
    for place in sorted(read, key=lambda place: (place not in moved, -place)):
        if sum(sizes.values()) <= room:
            break
        moved.setdefault(place, kept.pop(place, body[place]))
        kept.pop(place, None)
        sizes.pop(place)
    return [kept[place] for place in sorted(kept)], [moved[place] for place in sorted(moved)]


def _pages(elements: Sequence[Element]) -> Iterator[list[Element]]:
    """Elements that are only read, in messages."""
    room = limits.ROOM - 2000  # what stands around a body
    page: list[Element] = []
    size = 0
    for element in elements:
        takes = weight(element) + 4
        if page and size + takes > room:
            yield page
            page, size = [], 0
        page.append(element)
        size += takes
    if page:
        yield page


def _page(body: list[Element], language: str) -> Message:
    line = _notice(next(filter(str.strip, map(_read, body)), ""))
    return Message(line, _framing(body, line, language))


def _notice(line: str) -> str:
    return _cut(" ".join(contained(line).split()), NOTICE) or "·"


def _read(element: Element) -> str:
    """What an element says."""
    if element["type"] == "RichTextBlock":
        return "".join(run["text"] for run in element["inlines"])
    inside = [*element.get("items", ()), *element.get("columns", ())]
    return "\n".join(filter(None, [str(element.get("text", "")), *map(_read, inside)]))
