"""The card as HTML: one form whose submit buttons carry the press.

Promises: everything on a card comes out as written, never as markup, and inside a <bdi>, so that text written from right to
left, or pretending to be, cannot reorder what stands around it. Works without scripts and without styles: every state is said
in words. Ids begin with the anchor, so cards can stand side by side on a page. Knows nothing of messages, people or routes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import LiteralString

from markupsafe import Markup, escape

from cards.bidi import contained
from cards.card import (
    Bar,
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
    Progress,
    Row,
    Run,
    Style,
    Title,
)
from cards.chrome import chrome, number

ACTION = "/press"  # where a press goes; a page may add to it who presses
LONG_LIST = 8  # a longer list of colleagues gets a search field
LONG_BAR = 12  # a longer way is drawn with ten marks
DRAWN = 10

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOTHING = Markup("")
_TONES = {"info": "i", "warning": "!", "done": "✓"}


@dataclass(frozen=True, slots=True)
class Link:
    """Where a file that goes with a card is had: a page is opened beside, anything else is downloaded under its name."""

    href: str
    name: str
    about: str  # its size, say
    is_page: bool = False


def render(card: Card, anchor: str = "card", link: Link | None = None) -> str:
    """Return the card as an HTML fragment, its thread folded below; `anchor` must be unique on the page."""
    sheet = _Sheet(anchor, card.language, chrome(card.language))
    return str(_card(card, sheet, link) + _thread(card, sheet))


@dataclass(slots=True)
class _Sheet:
    """What the parts of one fragment share: the language, its words, and the next free id."""

    anchor: str
    language: str
    words: Mapping[str, str]
    count: int = 0

    def fresh(self) -> str:
        """Return an id nobody else on the page has."""
        self.count += 1
        return f"{self.anchor}-{self.count}"

    def limit(self, key: str, limit: int) -> str:
        """Return the words about a limit of so many characters."""
        return self.words[key].replace("{limit}", number(limit, self.language))


def _fill(shape: LiteralString, *values: str | int) -> Markup:
    """Return the shape with its places filled: everything that is not markup already is escaped here, and only here."""
    return Markup(shape.format(*map(escape, values)))  # noqa: S704  five times the speed of Markup.format


def _text(text: str) -> Markup:
    return _fill("<bdi>{}</bdi>", contained(text))


def _together(pieces: Iterable[Markup]) -> Markup:
    return _NOTHING.join(pieces)


def _card(card: Card, sheet: _Sheet, link: Link | None = None) -> Markup:
    kind = re.sub(r"[^a-z0-9_-]", "", card.kind)
    inside = _together(_part(part, sheet) for part in card.parts)
    if link is not None:
        inside += _link(link, sheet)
    if not card.buttons:
        shape = '<div class="card card-{}" id="{}" lang="{}">{}</div>'
        return _fill(shape, kind, sheet.fresh(), card.language, inside)
    # Enter in a one-line field would press the first button: a disabled one in front makes it press none.
    guard = Markup('<button type="submit" disabled hidden></button>') if card.inputs else _NOTHING
    shape = '<form class="card card-{}" id="{}" lang="{}" method="post" action="{}" autocomplete="off">{}{}</form>'
    return _fill(shape, kind, sheet.fresh(), card.language, ACTION, guard, inside)


def _link(link: Link, sheet: _Sheet) -> Markup:
    way = Markup('target="_blank" rel="noopener"') if link.is_page else _fill('download="{}"', link.name)
    words = sheet.words["file_open" if link.is_page else "file_get"]
    shape = '<div class="buttons"><a class="file primary" href="{}" {}>{}</a></div><p><bdi class="quiet">{}</bdi></p>'
    return _fill(shape, link.href, way, words, f"{link.name} · {link.about}")


def _thread(card: Card, sheet: _Sheet) -> Markup:
    if not card.thread:
        return _NOTHING
    key = "card_thread_one" if len(card.thread) == 1 else "card_thread_many"
    title = sheet.words[key].replace("{count}", str(len(card.thread)))
    below = _together(_card(part, sheet) + _thread(part, sheet) for part in card.thread)
    return _fill('<details class="thread"><summary>{}</summary>{}</details>', title, below)


def _part(part: Part, sheet: _Sheet) -> Markup:
    match part:
        case Title():
            return _title(part)
        case Progress():
            return _progress(part)
        case Bars():
            return _fill('<ul class="bars">{}</ul>', _together(_drawn(part, bar) for bar in part.bars))
        case Para():
            return _para(part)
        case Points():
            return _points(part)
        case Buttons():
            return _buttons(part, sheet)
        case Row():
            return _row(part, sheet)
        case Input():
            return _input(part, sheet)
        case Note():
            return _note(part, sheet)
        case Fold() | Framed():
            return _nested(part, sheet)


def _title(title: Title) -> Markup:
    shape = "<h3>{}</h3>" if title.level == 1 else "<h4>{}</h4>"
    return _fill(shape, _text(title.text))


def _progress(progress: Progress) -> Markup:
    label = _fill(' <span class="label">{}</span>', _text(progress.label)) if progress.label else _NOTHING
    shape = '<p class="progress"><span class="words">{}</span>{}{}</p>'
    return _fill(shape, _text(progress.words), _bar(progress), label)


def _bar(progress: Progress) -> Markup:
    if not progress.total:
        return _NOTHING
    marks = progress.total if progress.total <= LONG_BAR else DRAWN
    filled = progress.done * marks // progress.total
    if progress.done > 0:
        filled = max(filled, 1)  # a beginning is seen
    drawn = Markup('<i class="on"></i>') * filled + Markup("<i></i>") * (marks - filled)
    return _fill(' <span class="bar" aria-hidden="true">{}</span>', drawn)


def _drawn(chart: Bars, bar: Bar) -> Markup:
    filled = chart.marks(bar)
    marks = Markup('<i class="on"></i>') * filled + Markup("<i></i>") * (DRAWN - filled)
    return _fill('<li><span class="bar" aria-hidden="true">{}</span> {}</li>', marks, _text(bar.words))


def _run(run: Run) -> Markup:
    if run.style is Style.STRONG:
        return _fill("<strong>{}</strong>", _text(run.text))
    if run.style is Style.PLAIN:
        return _text(run.text)
    return _fill('<bdi class="{}">{}</bdi>', run.style.value, contained(run.text))


def _para(para: Para) -> Markup:
    return _fill("<p>{}</p>", _together(map(_run, para.runs)))


def _points(points: Points) -> Markup:
    shape = "<ol>{}</ol>" if points.numbered else "<ul>{}</ul>"
    items = _together(_fill("<li>{}</li>", _together(map(_para, item))) for item in points.items)
    return _fill(shape, items)


def _symbol(symbol: str) -> Markup:
    return _fill('<span class="symbol" aria-hidden="true">{}</span>', symbol) if symbol else _NOTHING


def _button(button: Button, sheet: _Sheet, attributes: Markup = _NOTHING) -> Markup:
    if button.chosen:
        attributes += Markup(' aria-pressed="true"')
    mark = _fill('<span class="mark">✓ <span class="heard">{}</span></span>', sheet.words["card_chosen"])
    shape = '<button type="submit" name="press" value="{}" class="{}"{}>{}{}{}</button>'
    inside = (_symbol(button.symbol), _text(button.label), mark if button.chosen else _NOTHING)
    return _fill(shape, button.press.token, button.weight, attributes, *inside)


def _buttons(buttons: Buttons, sheet: _Sheet) -> Markup:
    pressed = _together(_button(button, sheet) for button in buttons.buttons)
    if not buttons.label:
        return _fill('<div class="buttons">{}</div>', pressed)
    shape = '<p class="ask" id="{0}">{1}</p><div class="buttons" role="group" aria-labelledby="{0}">{2}</div>'
    return _fill(shape, sheet.fresh(), _text(buttons.label), pressed)


def _row(row: Row, sheet: _Sheet) -> Markup:
    line, button = sheet.fresh(), sheet.fresh()
    # Seven buttons called »Ret« are told apart by the line they stand on.
    named = _fill(' id="{0}" aria-labelledby="{0} {1}"', button, line)
    shape = '<div class="row"><p id="{}">{}</p>{}</div>'
    return _fill(shape, line, _together(map(_run, row.runs)), _button(row.button, sheet, named))


def _note(note: Note, sheet: _Sheet) -> Markup:
    shape = (
        '<p class="note note-{0}" role="{1}"><span class="mark" aria-hidden="true">{2}</span>'
        '<span class="heard">{3} </span>{4}</p>'
    )
    role = "alert" if note.tone == "warning" else "status"
    words = sheet.words[f"card_tone_{note.tone}"]
    return _fill(shape, note.tone, role, _TONES[note.tone], words, _text(note.text))


def _nested(part: Fold | Framed, sheet: _Sheet) -> Markup:
    inside = _together(_part(inner, sheet) for inner in part.parts)
    if isinstance(part, Fold):
        shape = '<details class="fold"><summary>{}</summary>{}</details>'
        return _fill(shape, _text(part.title), inside)
    # What is shown as it will stand elsewhere can be read here, not pressed.
    shape = (
        '<figure class="framed"><figcaption id="{0}">{1}</figcaption>'
        '<fieldset class="card" disabled aria-labelledby="{0}">{2}</fieldset></figure>'
    )
    return _fill(shape, sheet.fresh(), _text(part.label), inside)


# --- inputs -----------------------------------------------------------------------------------------------------------------


def _input(field: Input, sheet: _Sheet) -> Markup:
    if field.kind in {"people", "choice"}:
        return _group(field, sheet)
    control, about, said = sheet.fresh(), sheet.fresh(), _about(field, sheet)
    limit = _limit(field, sheet) if field.kind != "date" else _NOTHING
    shape = '<div class="field"><label for="{}">{}</label><div class="about" id="{}">{}{}</div>{}</div>'
    # A counter stands last on the line above its field: what is typed does not push it about.
    return _fill(shape, control, _label(field), about, said, limit, _control(field, control, _attributes(field, about)))


def _label(field: Input) -> Markup:
    optional = _fill(' <span class="optional">({})</span>', _text(field.optional_label))
    return _text(field.label) + (optional if field.optional_label else _NOTHING)


def _about(field: Input, sheet: _Sheet) -> Markup:
    hint = _fill('<p class="hint">{}</p>', _text(field.hint)) if field.hint else _NOTHING
    if not field.error:
        return hint
    shape = (
        '<p class="error" role="alert"><span class="mark" aria-hidden="true">!</span>'
        '<span class="heard">{} </span>{}</p>'
    )
    return hint + _fill(shape, sheet.words["card_error"], _text(field.error))


def _limit(field: Input, sheet: _Sheet) -> Markup:
    shape = '<p class="limit" data-limit="{}" data-count="{}" data-over="{}">{}</p>'
    words = (sheet.limit(key, field.limit) for key in ("card_count", "card_over", "card_limit"))
    return _fill(shape, field.limit, *words)


def _attributes(field: Input, about: str) -> Markup:
    described = _fill(' aria-describedby="{}"', about)
    return described + (Markup(' aria-invalid="true"') if field.error else _NOTHING)


def _control(field: Input, control: str, attributes: Markup) -> Markup:
    name = escape(field.field)
    if field.kind == "text":
        # A browser drops the first line break of a textarea: this one is there to be dropped.
        shape = '<textarea id="{}" name="{}" rows="3" dir="auto" maxlength="{}"{}>\n{}</textarea>'
        return _fill(shape, control, name, field.limit, attributes, field.value)
    if field.kind == "date" and (not field.value or _ISO_DAY.fullmatch(field.value)):
        shape = '<input type="date" id="{}" name="{}" value="{}"{}>'
        return _fill(shape, control, name, field.value, attributes)
    # A native date field would drop »i morgen« without a word: what was typed stays, to be mended.
    shape = '<input type="text" id="{}" name="{}" value="{}" dir="auto" maxlength="{}"{}>'
    return _fill(shape, control, name, field.value, field.limit, attributes)


def _group(field: Input, sheet: _Sheet) -> Markup:
    about = sheet.fresh()
    chosen = frozenset(field.chosen if field.kind == "people" else (*field.chosen, field.value))
    # Those already chosen stand first, so that a long list shows them without scrolling.
    options = sorted(field.options, key=lambda option: option.value not in chosen) if _is_long(field) else field.options
    listed = _together(_option(field, option, chosen, sheet) for option in options)
    shape = (
        '<fieldset class="field {}"{}><legend>{}</legend><div class="about" id="{}">{}</div>{}'
        '<div class="options">{}</div>{}</fieldset>'
    )
    find = _find(sheet) if _is_long(field) else _NOTHING
    others = _others(field, about, sheet) if field.kind == "people" else _NOTHING
    attributes = _fill(' aria-describedby="{}"', about)
    return _fill(shape, field.kind, attributes, _label(field), about, _about(field, sheet), find, listed, others)


def _is_long(field: Input) -> bool:
    return len(field.options) > LONG_LIST


def _option(field: Input, option: Option, chosen: frozenset[str], sheet: _Sheet) -> Markup:
    kind = "checkbox" if field.kind == "people" else "radio"
    checked = Markup(" checked") if option.value in chosen else _NOTHING
    invalid = Markup(' aria-invalid="true"') if field.error and kind == "checkbox" else _NOTHING
    detail = _fill(' <span class="detail">{}</span>', _text(option.detail)) if option.detail else _NOTHING
    shape = (
        '<label class="option" for="{0}"><input type="{1}" id="{0}" name="{2}" value="{3}"{4}{5}>'
        "<span>{6}{7}</span></label>"
    )
    values = (sheet.fresh(), kind, field.field, option.value, checked, invalid, _text(option.label), detail)
    return _fill(shape, *values)


def _find(sheet: _Sheet) -> Markup:
    # Without scripts there is nothing to search with: the page shows it when there is.
    shape = (
        '<div class="find" hidden><label class="heard" for="{0}">{1}</label>'
        '<input type="search" id="{0}" placeholder="{1}" data-none="{2}" data-picked="{3}">'
        '<p class="found" role="status"></p></div>'
    )
    words = (sheet.words[key] for key in ("card_find", "card_found_none", "card_picked"))
    return _fill(shape, sheet.fresh(), *words)


def _others(field: Input, about: str, sheet: _Sheet) -> Markup:
    if not field.others_label:  # its mere name tells whoever reads the form that this field is a list
        return _fill('<input type="hidden" name="{}__others" value="{}">', field.field, field.value)
    shape = (
        '<label class="others" for="{0}">{1}</label>'
        '<input type="text" id="{0}" name="{2}__others" value="{3}" dir="auto" maxlength="{4}"{5}>'
    )
    attributes = _attributes(field, about)
    values = (sheet.fresh(), _text(field.others_label), field.field, field.value, field.limit, attributes)
    return _fill(shape, *values)
