"""Cards of `/status`: how the dialogues, initiatives and goals of some units stand, with ways down to one initiative's history.

Promises: every figure stands in words, with the word beside its symbol; bars only repeat them. Long lists come a page at a time.
What a leader wrote stands in quotation marks, as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cards.asking import first_line
from cards.card import (
    Bar,
    Bars,
    Button,
    Buttons,
    Card,
    Input,
    Note,
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
from cards.wording import Texts

ACT = "overview"
QUOTED = 160  # characters of what a leader wrote, in a list
SYMBOLS = {"reached": "●", "partly": "◑", "not_reached": "○", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Figure:
    """How many there are of something, with its symbol and word, and the press that lists them."""

    symbol: str
    label: str
    number: int
    press: Press | None = None

    @property
    def words(self) -> str:
        """▲ 9 forsinket."""
        return f"{self.symbol} {self.number} {_lower(self.label)}".strip()


@dataclass(frozen=True, slots=True)
class Round:
    """How many have answered in a round, of how many, and by when."""

    title: str
    sent: int
    of: int
    due: date
    is_owners: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """One source's figures, and the press that shows them alone."""

    label: str
    figures: tuple[Figure, ...]
    press: Press | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Something one can go down to: what it is called, what there is to say of it, and somebody's own words."""

    title: str
    about: str
    press: Press
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Some units, as they stand together."""

    texts: Texts
    title: str
    today: date
    rounds: tuple[Round, ...]
    statuses: tuple[Figure, ...]
    sources: tuple[Split, ...] = ()
    change: tuple[Figure, ...] = ()  # numbers may be negative
    since: date | None = None
    goals: tuple[Figure, ...] = ()
    goal_sources: tuple[Split, ...] = ()
    worth: tuple[Line, ...] = ()
    below: tuple[Line, ...] = ()
    more: tuple[Button, ...] = ()
    note: str = ""


def shown(view: Overview) -> Card:
    """The whole of it: what is answered, how it goes, what is worth a look first, and the way down."""
    parts: list[Part] = [Title(view.title)]
    if view.note:
        parts.append(Note(view.note))
    parts += [progress(view.texts, one, view.today) for one in view.rounds]
    if not view.rounds:
        parts.append(_para(view.texts.say("overview.none")))
    parts += _counts(view)
    if view.worth:
        parts.append(Title(view.texts.say("overview.worth"), 2))
        parts += [_row(view.texts, line) for line in view.worth]
    if view.below:
        parts.append(Title(view.texts.say("overview.below"), 2))
        parts += [_row(view.texts, line) for line in view.below]
    presses = [Button(f"{one.symbol} {one.label}", one.press) for one in view.statuses if one.press and one.number]
    presses += [Button(one.label, one.press) for one in view.sources if one.press]
    if presses:
        parts.append(Buttons(tuple(presses)))
    if view.more:
        parts.append(Buttons(view.more))
    return Card(
        "overview", tuple(parts), view.texts.say("overview.notification", title=view.title), view.texts.language
    )


def progress(texts: Texts, one: Round, today: date) -> Progress:
    """How many have answered in a round, and by when, as a bar and in words."""
    say = texts.say
    key = "overview.answered_owners" if one.is_owners else "overview.answered"
    percent = one.sent * 100 // one.of if one.of else 0
    words = say(key, round=one.title, sent=one.sent, of=one.of, percent=percent)
    days = (one.due - today).days
    if days > 0:
        label = say("overview.due_in", due=one.due, days=days)
    else:
        label = say("overview.due_was" if days else "overview.due_today", due=one.due)
    return Progress(one.sent, one.of, words, label)


def _counts(view: Overview) -> Iterable[Part]:
    say = view.texts.say
    if view.statuses:
        many = sum(one.number for one in view.statuses)
        yield from _chart(say("overview.initiatives", count=many), view.statuses, many)
        if view.since:
            yield _para(_change(view))
        if len(view.sources) > 1:
            yield _splits(view.sources)
    if view.goals:
        many = sum(one.number for one in view.goals)
        yield from _chart(say("overview.goals", count=many), view.goals, many)
        if len(view.goal_sources) > 1:
            yield _splits(view.goal_sources)


def _chart(title: str, figures: Iterable[Figure], many: int) -> tuple[Part, ...]:
    bars = tuple(Bar(one.words, one.number, one.label) for one in figures)
    return Title(title, 2), Bars(bars, many, title)


def _change(view: Overview) -> str:
    say = view.texts.say
    if not view.change:
        return say("overview.unchanged", since=view.since)
    told = [
        say(
            "overview.more_of" if one.number > 0 else "overview.fewer_of",
            symbol=one.symbol,
            number=abs(one.number),
            label=_lower(one.label),
        )
        for one in view.change
    ]
    return say("overview.change", since=view.since, changes=" · ".join(told))


def _splits(splits: Iterable[Split]) -> Points:
    items = [
        (Para((Run(f"{one.label}: ", Style.STRONG), Run(" · ".join(figure.words for figure in one.figures)))),)
        for one in splits
    ]
    return Points(tuple(items), numbered=False)


def _row(texts: Texts, line: Line) -> Row:
    runs = [Run(line.title, Style.STRONG)]
    if line.about:
        runs.append(Run(f"\n{line.about}"))
    if line.quote:
        runs.append(Run(f"\n{texts.quoted(first_line(line.quote, QUOTED))}", Style.QUOTE))
    return Row(tuple(runs), Button(texts.say("overview.open"), line.press))


def listed(
    texts: Texts, title: str, lines: Sequence[Line], buttons: Sequence[Button], *, body: str = "", none: str = ""
) -> Card:
    """A page of a list."""
    parts: list[Part] = [Title(title), *([_para(body)] if body else [])]
    parts += [_row(texts, line) for line in lines]
    if not lines and none:
        parts.append(_para(none))
    if buttons:
        parts.append(Buttons(tuple(buttons)))
    return Card("overview", tuple(parts), title, texts.language)


# --- one unit, one initiative -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Talk:
    """A unit's dialogue in a round."""

    title: str
    due: date
    sent: datetime | None


def unit(
    texts: Texts,
    name: str,
    today: date,
    talks: Sequence[Talk],
    initiatives: Sequence[Line],
    goals: Sequence[str],
    buttons: Sequence[Button],
) -> Card:
    """One unit: its dialogues, its initiatives, its goals."""
    parts: list[Part] = [Title(name)]
    told = [Points(tuple((_para(_talk(texts, one, today)),) for one in talks), numbered=False)] if talks else []
    parts += told or [_para(texts.say("overview.none"))]
    if initiatives:
        parts.append(Title(texts.say("overview.initiatives_of"), 2))
        parts += [_row(texts, line) for line in initiatives]
    if goals:
        parts.append(Title(texts.say("overview.goals_of"), 2))
        parts.append(Points(tuple((_para(one),) for one in goals), numbered=False))
    if buttons:
        parts.append(Buttons(tuple(buttons)))
    return Card("overview", tuple(parts), texts.say("overview.notification", title=name), texts.language)


def _talk(texts: Texts, one: Talk, today: date) -> str:
    if one.sent:
        return texts.say("overview.talk_sent", round=one.title, sent=one.sent)
    key = "overview.talk_late" if one.due < today else "overview.talk_open"
    return texts.say(key, round=one.title, due=one.due)


@dataclass(frozen=True, slots=True)
class Moment:
    """What was said of an initiative in one round: its status, and what was written, with what it answers."""

    due: date
    who: str
    status: str
    said: tuple[tuple[str, str], ...] = ()


def history(
    texts: Texts, title: str, about: str, moments: Sequence[Moment], buttons: Sequence[Button], *, earlier: bool = False
) -> Card:
    """One initiative, round by round, the newest first."""
    parts: list[Part] = [Title(title), Para((Run(about, Style.QUIET),))]
    if not moments:
        parts.append(_para(texts.say("overview.never_told")))
    for one in moments:
        parts.append(Title(texts.say("overview.moment", due=one.due, status=one.status), 2))
        parts += [
            Para(
                (Run(asked + (" " if asked.endswith("?") else ": "), Style.QUIET), Run(texts.quoted(said), Style.QUOTE))
            )
            for asked, said in one.said
        ]
        parts.append(Para((Run(texts.say("overview.told_by", who=one.who), Style.QUIET),)))
    if earlier:
        parts.append(_para(texts.say("overview.earlier")))
    if buttons:
        parts.append(Buttons(tuple(buttons)))
    return Card("overview", tuple(parts), title, texts.language)


# --- searching ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """Where something is mentioned: the words around it, about what, by whom and when."""

    unit: str
    about: str
    snippet: str
    who: str
    at: datetime
    press: Press


def found(
    texts: Texts,
    words: str,
    hits: Sequence[Found],
    count: int,
    buttons: Sequence[Button],
    field: str,
    *,
    is_cut: bool = False,
) -> Card:
    """What a search found, a page at a time, with the field to search again in; `is_cut`: older answers hold the words too."""
    say = texts.say
    key = "overview.found_most" if is_cut else "overview.found"
    title = say(key, words=words, count=count) if words else say("overview.search")
    parts: list[Part] = [Title(title)]
    for one in hits:
        line = say("overview.found_line", about=one.about, who=one.who, at=one.at)
        runs = (Run(one.unit, Style.STRONG), Run(f"\n{texts.quoted(one.snippet)}", Style.QUOTE), Run(f"\n{line}"))
        parts.append(Row(runs, Button(say("overview.open"), one.press)))
    if words and not hits:
        parts.append(_para(say("overview.found_none")))
    parts.append(Input(field, "line", say("overview.search_for"), words, limit=100))
    parts.append(Buttons(tuple(buttons)))
    return Card("overview", tuple(parts), title, texts.language)


def snippet(text: str, words: str, around: int = 60) -> str:
    """The words as they stand in a text, with what stands around them; "" when they do not."""
    flat = " ".join(text.split())
    at = flat.casefold().find(words.casefold())
    if at < 0:
        return ""
    begins, ends = max(at - around, 0), at + len(words) + around
    if begins:
        begins = flat.find(" ", begins) + 1 if 0 <= flat.find(" ", begins) < at else begins
    if ends < len(flat):
        ends = flat.rfind(" ", at + len(words), ends) if flat.rfind(" ", at + len(words), ends) > 0 else ends
    return f"{'… ' if begins else ''}{flat[begins:ends].strip()}{' …' if ends < len(flat) else ''}"


def counts(figures: Iterable[Figure]) -> str:
    """Figures in a row, those that are nought left out."""
    return " · ".join(one.words for one in figures if one.number)


def symbol_of(attainment: str) -> str:
    """The symbol of how far a goal is reached."""
    return SYMBOLS.get(attainment, "")


def ordered(told: Mapping[str, int], order: Sequence[str]) -> list[str]:
    """The states that were told, in the order they are offered; those nobody offers any more last."""
    return [*(one for one in order if told.get(one)), *sorted(one for one in told if one not in order and told[one])]


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _para(text: str) -> Para:
    return Para((Run(text),))
