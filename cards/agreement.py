"""Cards about an agreement: what stands in it, who has signed which version, what one signs, and the agreements to choose among.

Promises: the card shows what is signed, all of it: what does not fit the first page stands in the thread. Before anything is signed
stands what, and for whom. A goal without a number or a date says so, quietly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Literal

from cards.card import Button, Buttons, Card, Fold, Note, Para, Part, Points, Press, Row, Run, Style, Title
from cards.figures import measured
from cards.telling import pages
from cards.wording import Texts
from dialogs.script import Wording

FIRST_PAGE = 3500  # characters of goals on the first page; with more, all of them stand in the thread
FIRST_GOALS = 8
MOST_CHANGES = 10  # on the first page
CHANGE_TEXT = 400

Party = Literal["unit", "counterpart"]
State = Literal["signed", "half", "unsigned"]


@dataclass(frozen=True, slots=True)
class Initiative:
    """An initiative with whoever has it; owner "" is the unit's leader."""

    title: str
    owner: str
    due: date | None


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal under its source, with its initiatives."""

    title: str
    source: str
    objective: str
    policy: str
    measure: str
    baseline: Decimal | None
    target: Decimal | None
    due: date | None
    evidence: str
    initiatives: tuple[Initiative, ...]

    @property
    def is_weak(self) -> bool:
        """Whether nobody can see if it was met, or when it should be."""
        return self.target is None or self.due is None


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for a party, and when."""

    party: Party
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed since it was first signed, and the version that made."""

    version: int
    what: Wording
    at: datetime


@dataclass(frozen=True, slots=True)
class Signing:
    """For whom somebody may sign now. `instead_of` is the leader who is away; "" is a vacant post; None is one's own."""

    party: Party
    instead_of: str | None = None


@dataclass(frozen=True)
class Agreement:
    """An agreement in front of one person, in that person's language."""

    texts: Texts
    id: int
    version: int
    digest: str  # of what stands in it: nothing else is signed than what was shown
    word: Wording  # what the model calls an agreement
    unit: str
    first: date
    last: date
    leader: str  # "" while the post is vacant
    counterpart: str  # "" while nobody leads above
    goals: tuple[Goal, ...]
    signatures: tuple[Signature, ...] = ()
    changes: tuple[Change, ...] = ()
    signing: Signing | None = None
    is_signed: bool = True  # by two parties; a plan of the executive board's own is not

    @cached_property
    def title(self) -> str:
        """What it is called: Dialogaftale for Børnehuset Solsikken."""
        return self.texts.say("agreement.title", word=named(self.word, self.texts), unit=self.unit)

    @property
    def initiatives(self) -> int:
        """How many initiatives there are."""
        return sum(len(goal.initiatives) for goal in self.goals)

    def party(self, party: Party) -> str:
        """Who a party is today."""
        return (self.leader if party == "unit" else self.counterpart) or self.say("agreement.vacant")

    def say(self, key: str, /, **params: object) -> str:
        """A sentence about this agreement."""
        known = {"unit": self.unit, "version": self.version, "first": self.first, "last": self.last}
        return self.texts.say(key, **(known | params))

    def press(self, act: str) -> Press:
        """A press about the agreement as it is shown."""
        return Press(act, step=self.digest, revision=self.version, value=str(self.id))


def named(word: Wording, texts: Texts) -> str:
    """The model's own word, as it begins a title."""
    said = word.in_(texts.language)
    return said[:1].upper() + said[1:]


def shown(agreement: Agreement, notice: Note | None = None, fallback: str = "") -> Card:
    """The agreement: period, version, parties, goals with their initiatives, who has signed, and a way to sign."""
    blocks = list(_blocks(agreement))
    is_whole = len(agreement.goals) <= FIRST_GOALS and sum(map(_weight, blocks)) <= FIRST_PAGE
    goals = [part for block in blocks for part in block] if is_whole else list(_in_short(agreement))
    parts: tuple[Part, ...] = (
        *((notice,) if notice else ()),
        *_head(agreement),
        *_latest(agreement),
        *goals,
        *_earlier(agreement),
        *_state(agreement),
    )
    thread = () if is_whole else tuple(_thread(agreement, blocks))
    return Card("agreement", parts, fallback or agreement.title, agreement.texts.language, thread)


def _head(agreement: Agreement) -> Iterator[Part]:
    yield Title(agreement.title)
    line = [agreement.say("agreement.period"), agreement.say("agreement.version")]
    if agreement.goals:
        line.append(_counts(agreement.texts, agreement.goals))
    yield _para(" · ".join(line), Style.QUIET)
    parties = {"leader": agreement.party("unit"), "counterpart": agreement.party("counterpart")}
    if agreement.is_signed:
        yield _para(agreement.say("agreement.parties", **parties))


def _counts(texts: Texts, goals: Sequence[Goal]) -> str:
    initiatives = sum(len(goal.initiatives) for goal in goals)
    return texts.say("agreement.counts", goals=len(goals), initiatives=initiatives)


def _latest(agreement: Agreement) -> Iterator[Part]:
    """What made this version, for those who are to sign it."""
    latest = [one for one in agreement.changes if one.version == agreement.version]
    if not latest:
        return
    yield Title(agreement.say("agreement.changed", at=latest[-1].at), 2)
    yield Points(tuple((_para(_short(agreement, one)),) for one in latest[:MOST_CHANGES]), numbered=False)
    if len(latest) > MOST_CHANGES:
        yield _para(agreement.say("agreement.more_changes", count=len(latest) - MOST_CHANGES), Style.QUIET)


def _short(agreement: Agreement, change: Change) -> str:
    text = change.what.in_(agreement.texts.language)
    return text if len(text) <= CHANGE_TEXT else f"{text[: CHANGE_TEXT - 1]}…"


def _earlier(agreement: Agreement) -> Iterator[Part]:
    """What made the versions before, folded away."""
    earlier = [one for one in agreement.changes if one.version != agreement.version][-MOST_CHANGES:]
    if earlier:
        lines = (
            agreement.say("agreement.change", number=one.version, at=one.at, what=_short(agreement, one))
            for one in reversed(earlier)
        )
        points = Points(tuple((_para(line),) for line in lines), numbered=False)
        yield Fold(agreement.say("agreement.earlier"), (points,))


# --- goals ------------------------------------------------------------------------------------------------------------------------


def _blocks(agreement: Agreement) -> Iterator[tuple[Part, ...]]:
    """Each goal whole, the first of a source with the source's name above it."""
    if not agreement.goals:
        yield (_para(agreement.say("agreement.empty")),)
    for source, goals in groupby(agreement.goals, key=lambda goal: goal.source):
        for number, goal in enumerate(goals):
            head = (Title(source, 2),) if source and number == 0 else ()
            yield (*head, Points((tuple(_goal(agreement, goal)),), numbered=False))


def _goal(agreement: Agreement, goal: Goal) -> Iterator[Para]:
    yield _para(goal.title, Style.STRONG)
    under = [one for one in (goal.objective, goal.policy) if one]
    if under:
        yield _para(" · ".join(under), Style.QUIET)
    figures = " · ".join(_figures(agreement, goal))
    if figures:
        yield _para(figures[:1].upper() + figures[1:])
    if goal.evidence:
        yield _para(agreement.say("agreement.evidence", evidence=goal.evidence))
    if goal.is_weak:
        yield _para(agreement.say(f"agreement.no_{_lack(goal)}"), Style.QUIET)
    for initiative in goal.initiatives:
        yield _initiative(agreement, initiative)


def _lack(goal: Goal) -> str:
    if goal.target is None:
        return "target" if goal.due else "target_nor_due"
    return "due"


def _figures(agreement: Agreement, goal: Goal) -> Iterator[str]:
    for key, value in (("baseline", goal.baseline), ("target", goal.target)):
        if value is not None:
            figure = measured(value, goal.measure, agreement.texts.language)
            yield agreement.say(f"agreement.{key}", figure=figure)
    if goal.due:
        yield agreement.say("agreement.due", due=goal.due)


def _initiative(agreement: Agreement, initiative: Initiative) -> Para:
    about = [initiative.owner] if initiative.owner else []
    about += [agreement.say("agreement.due", due=initiative.due)] if initiative.due else []
    runs = [Run(agreement.say("agreement.initiative", title=initiative.title))]
    if about:
        runs.append(Run(f" ({' · '.join(about)})", Style.QUIET))
    return Para(tuple(runs))


def _in_short(agreement: Agreement) -> Iterator[Part]:
    """How much there is of each source, where the goals themselves stand in the thread."""
    lines = [
        (source, _counts(agreement.texts, list(goals)))
        for source, goals in groupby(agreement.goals, key=lambda goal: goal.source)
    ]
    yield Points(
        tuple((Para((Run(source, Style.STRONG), Run(f"  {counts}"))),) for source, counts in lines), numbered=False
    )
    weak = sum(goal.is_weak for goal in agreement.goals)
    if weak:
        yield _para(agreement.say("agreement.weak", count=weak), Style.QUIET)
    yield _para(agreement.say("agreement.in_thread"), Style.QUIET)


def _thread(agreement: Agreement, blocks: Sequence[tuple[Part, ...]]) -> Iterator[Card]:
    messages = list(pages(blocks))
    for number, parts in enumerate(messages, start=1):
        title = agreement.title
        if len(messages) > 1:
            title = agreement.say("summary.part", title=title, part=number, parts=len(messages))
        yield Card("answers", (Title(title, 2), *parts), title, agreement.texts.language)


def _weight(block: tuple[Part, ...]) -> int:
    items = (item for part in block if isinstance(part, Points) for item in part.items)
    return sum(len(run.text) for item in items for para in item for run in para.runs)


def _para(text: str, style: Style = Style.PLAIN) -> Para:
    return Para((Run(text, style),))


# --- signatures -------------------------------------------------------------------------------------------------------------------


def _state(agreement: Agreement) -> Iterator[Part]:
    if agreement.is_signed:
        yield _para(state_in_words(agreement), Style.STRONG)
    if agreement.signing:
        yield Buttons((Button(agreement.say("button.sign"), agreement.press("sign"), "primary"),))


def state_in_words(agreement: Agreement) -> str:
    """Who has signed this version and when, and whose signature it lacks."""
    made = [agreement.say("agreement.signature", who=one.who, at=one.at) for one in agreement.signatures]
    have = {one.party for one in agreement.signatures}
    parties: tuple[Party, ...] = ("unit", "counterpart")
    lacks = [agreement.party(one) for one in parties if one not in have]
    said = [agreement.say("agreement.signed", signatures=made) if made else agreement.say("agreement.unsigned")]
    said += [agreement.say("agreement.missing", names=lacks)] if lacks else []
    return " ".join(said)


def to_sign(agreement: Agreement, signing: Signing) -> Card:
    """What one is about to sign, and for whom, before anything is signed."""
    other = agreement.party("counterpart" if signing.party == "unit" else "unit")
    what = agreement.say("sign.what", title=agreement.title, counts=_counts(agreement.texts, agreement.goals))
    parts: tuple[Part, ...] = (
        Title(agreement.say("sign.title", title=agreement.title)),
        _para(what),
        _para(_for_whom(agreement, signing), Style.STRONG),
        _para(agreement.say("sign.then", other=other), Style.QUIET),
        Buttons(
            (
                Button(agreement.say("button.sign"), agreement.press("sign_now"), "primary"),
                Button(agreement.say("button.not_now"), agreement.press("agreement")),
            )
        ),
    )
    return Card("sign", parts, agreement.say("sign.title", title=agreement.title), agreement.texts.language)


def _for_whom(agreement: Agreement, signing: Signing) -> str:
    key = f"sign_as.{signing.party}"
    if signing.instead_of is None:
        return agreement.say(key)
    if not signing.instead_of:
        return agreement.say("sign_as.vacant")
    return agreement.say(f"{key}_acting", leader=signing.instead_of)


def signed_note(agreement: Agreement, party: Party) -> Note:
    """That one's signature is kept, and who is told."""
    if len(agreement.signatures) > 1:
        return Note(agreement.say("agreement.you_signed_last"), "done")
    other = agreement.party("counterpart" if party == "unit" else "unit")
    return Note(agreement.say("agreement.you_signed", other=other), "done")


def news(agreement: Agreement, who: str) -> Card:
    """What the other party is told when one has signed: who, and the agreement itself."""
    key = "agreement.news_both" if len(agreement.signatures) > 1 else "agreement.news"
    line = agreement.say(key, who=who, title=agreement.title)
    return shown(agreement, Note(line, "info"), line)


def asked(agreement: Agreement, due: date | None, today: date) -> Card:
    """What a party is asked to sign: by when, or because it was changed; and the agreement itself."""
    if agreement.version > 1:
        key = "agreement.asked_again"
    else:
        key = "agreement.asked_late" if due and today > due else "agreement.asked_by" if due else "agreement.asked"
    line = agreement.say(key, title=agreement.title, due=due)
    return shown(agreement, Note(line, "info"), line)


# --- several ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """One agreement among several."""

    id: int
    word: Wording
    unit: str
    first: date
    last: date
    state: State


def several(texts: Texts, choices: Sequence[Choice], of: int, following: int | None, title: str = "") -> Card:
    """Agreements with a way into each, and to those that `following` begins; without a `title` they are all one may see."""
    title = title or texts.say("agreements.title", count=of)
    rows: list[Part] = [_row(texts, one) for one in choices]
    if following is not None:
        more = Button(texts.say("agreements.more"), Press("agreements", value=str(following)))
        rows.append(Buttons((more,)))
    return Card("agreements", (Title(title), *rows), title, texts.language)


def _row(texts: Texts, one: Choice) -> Row:
    title = texts.say("agreement.title", word=named(one.word, texts), unit=one.unit)
    period = texts.say("agreement.period", first=one.first, last=one.last)
    about = f" {period} · {texts.say(f'agreements.{one.state}')}"
    button = Button(texts.say("button.open"), Press("agreement", value=str(one.id)))
    return Row((Run(title, Style.STRONG), Run(about, Style.QUIET)), button)
