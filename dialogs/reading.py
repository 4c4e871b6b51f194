"""Trees of keys and values -> scripts and models, with everything that is wrong in them.

Promises: always returns a whole record and notes each fault at its own line, so one reading finds them all; a record read with
faults is never used. Knows nothing of files, folders and `extends`: it reads a tree that has been put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from dialogs import faults
from dialogs.engine import GOAL, SUBJECTS
from dialogs.faults import Findings, Place, Sort
from dialogs.nodes import Items, Map, Node, Scalar
from dialogs.numbers import NotRead, read_number
from dialogs.script import (
    LANGUAGES,
    SKIPPED,
    AnsweredBy,
    Attainment,
    Choice,
    Condition,
    Field,
    Kind,
    Mark,
    Model,
    Role,
    RoundRule,
    Script,
    Section,
    Step,
    Wording,
    YearDay,
)

PLACEHOLDERS = ("nearest_leader", "unit")  # what the wording of a script can be filled in with
WORDS = ("agreement", "unit", "goal", "initiative", "initiatives")  # every model says all of them
MORE_WORDS = ("agreement_the", "agreements", "unit_the", "units", "goal_the", "goals", "initiative_the", "board")

MODEL_KEYS = (
    "id",
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
ROUND_KEYS = ("id", "script", "deadline", "opens_days", "opens")
_MODEL_NEEDS = ("title", "words", "sources", "rounds")
SCRIPT_KEYS = ("id", "title", "sections")
SECTION_KEYS = ("id", "each", "only", "title", "steps")
STEP_KEYS = ("id", "title", "when", "skip", "fields")
PLACE_KEYS = ("id", "evaluate")  # the place of an evaluation model's steps
FIELD_KEYS = (
    *("id", "kind", "ask", "hint", "choices", "optional", "carry", "role", "limit"),
    *("least", "most", "scale", "past"),
)
CHOICE_KEYS = ("symbol", "label", "concern", "counts_as")
MARK_KEYS = ("from", "counts_as")

_ID = re.compile(r"[a-z][a-z0-9_]{0,30}")
_TRUE, _FALSE = ("true", "yes", "ja"), ("false", "no", "nej")
_MOST_FIELDS = 5
_LONGEST_BUTTON = 60  # a choice, a skip or a word: it must be readable on a phone's button
LONGEST_TITLE = 120
_LONGEST_QUESTION = 300
_LONGEST_SYMBOL = 2
_LONGEST_ANSWER = 3000
_STANDARD_OPENING, _LONGEST_OPENING = 28, 180
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # 29 February is not there every year
_SPOKEN = {"da": Wording("dansk", "Danish"), "en": Wording("engelsk", "English")}

# The summary trusts that an answer with a role has the shape it expects.
_KIND_OF = {
    Role.STATUS: (Kind.CHOICE,),
    Role.CHALLENGE: (Kind.TEXT,),
    Role.REMEDY: (Kind.TEXT,),
    Role.INVOLVE: (Kind.PEOPLE,),
    Role.NEXT: (Kind.TEXT,),
    Role.RESPONSIBLE: (Kind.PEOPLE,),
    Role.BY_WHEN: (Kind.DATE,),
    Role.DEADLINE: (Kind.DATE,),
    Role.REMARK: (Kind.TEXT,),
    Role.READING: (Kind.NUMBER,),
    Role.READING_ON: (Kind.DATE,),
    Role.READING_SOURCE: (Kind.TEXT,),
    Role.NO_DATA: (Kind.TEXT,),
    Role.NEXT_READING: (Kind.DATE,),
    Role.ATTAINMENT: (Kind.CHOICE, Kind.NUMBER),
    Role.CAUSE: (Kind.CHOICE,),
    Role.BASIS: (Kind.TEXT,),
    Role.CONSEQUENCE: (Kind.CHOICE,),
    Role.BUDGET: (Kind.AMOUNT,),
    Role.EXPECTED: (Kind.AMOUNT,),
    Role.DEVIATION: (Kind.AMOUNT,),
    Role.DEVIATION_CAUSE: (Kind.TEXT,),
    Role.DEVIATION_REMEDY: (Kind.TEXT,),
    Role.THEME: (Kind.TEXT,),
    Role.BOARD: (Kind.CHOICE,),
}
_ONLY_OF = {
    "choices": (Kind.CHOICE,),
    "limit": (Kind.TEXT,),
    "least": (Kind.NUMBER, Kind.AMOUNT),
    "most": (Kind.NUMBER, Kind.AMOUNT),
    "scale": (Kind.NUMBER,),
    "past": (Kind.DATE,),
}


def read_choices(tree: Map, findings: Findings) -> dict[str, Choice]:
    """The choices that scripts may name, by id."""
    choices = {}
    for name in tree.nodes:
        check_id(name, tree.where(name), findings)
        node = a_map(tree, name, findings)
        check_keys(node, CHOICE_KEYS, ("label",), findings)
        choices[name] = Choice(
            id=name,
            label=wording(node, "label", findings, most=_LONGEST_BUTTON),
            symbol=text(node, "symbol", findings, most=_LONGEST_SYMBOL),
            concern=_flag(node, "concern", findings),
            counts_as=_counts_as(node, findings),
        )
    return choices


def read_model(name: str, tree: Map, scripts: Mapping[str, Script], findings: Findings) -> Model:
    """The model in the folder `name`, with its scripts."""
    check_keys(tree, MODEL_KEYS, _MODEL_NEEDS, findings)
    check_name(tree, name, findings)
    words = a_map(tree, "words", findings)
    check_keys(words, (*WORDS, *MORE_WORDS), WORDS, findings)
    rounds = _listed(tree, "rounds", findings)
    unique(rounds, faults.ROUND, findings)
    return Model(
        id=name,
        title=wording(tree, "title", findings, most=LONGEST_TITLE),
        words={key: wording(words, key, findings, most=_LONGEST_BUTTON) for key in words.nodes},
        sources=_sources(tree, findings),
        rounds=tuple(_round(node, scripts, findings) for node in rounds),
        scripts=dict(scripts),
        answered_by=_answered_by(tree, findings),
        evaluation=text(tree, "evaluation", findings),
    )


def _answered_by(tree: Map, findings: Findings) -> AnsweredBy:
    """Whom the rounds ask; the leader where nothing is said."""
    said = text(tree, "answered_by", findings) or AnsweredBy.LEADER
    if said not in set(AnsweredBy):
        findings.unknown(tree.where("answered_by"), faults.ANSWERED_BY, said, set(AnsweredBy))
        return AnsweredBy.LEADER
    return AnsweredBy(said)


def read_script(name: str, tree: Map, choices: Mapping[str, Choice], findings: Findings) -> Script:
    """The script in the file `name`."""
    check_keys(tree, SCRIPT_KEYS, SCRIPT_KEYS[1:], findings)
    check_name(tree, name, findings)
    sections = _listed(tree, "sections", findings)
    unique(sections, faults.SECTION, findings)
    for each in {
        section.text("each") for section in sections
    }:  # an answer belongs to a subject's step, whatever the section
        unique(chain.from_iterable(steps_for(tree, each)), faults.STEP, findings)
    return Script(
        id=name,
        title=wording(tree, "title", findings, most=LONGEST_TITLE),
        sections=tuple(_section(node, choices, findings) for node in sections),
    )


def steps_for(script: Map, each: str) -> Iterator[tuple[Map, ...]]:
    """The steps, section by section, that are asked for each of the same subjects."""
    return (section.maps("steps") for section in script.maps("sections") if section.text("each") == each)


def _sources(tree: Map, findings: Findings) -> tuple[Choice, ...]:
    nodes = _listed(tree, "sources", findings)
    unique(nodes, faults.SOURCE, findings)
    for node in nodes:
        check_keys(node, ("id", "label"), ("id", "label"), findings)
    return tuple(Choice(_id(node, findings), wording(node, "label", findings, most=_LONGEST_BUTTON)) for node in nodes)


def _round(node: Map, scripts: Mapping[str, Script], findings: Findings) -> RoundRule:
    check_keys(node, ROUND_KEYS, ("id", "script", "deadline"), findings)
    script = text(node, "script", findings)
    if script and script not in scripts:
        findings.unknown(node.where("script"), faults.SCRIPT, script, scripts)
    due = year_day(node, "deadline", findings) or YearDay(1, 1)
    days = _number(node, "opens_days", findings, standard=_STANDARD_OPENING, most=_LONGEST_OPENING)
    opens = year_day(node, "opens", findings)
    if "opens" in node.nodes and "opens_days" in node.nodes:
        findings.note(node.where("opens"), faults.NOT_BOTH, name="opens", other="opens_days")
    if opens and "deadline" in node.nodes:
        check_opening(opens, due, node.where("opens"), findings)
    return RoundRule(_id(node, findings), script, due.month, due.day, days, opens)


@dataclass(slots=True)
class _Earlier:
    """The section read so far: what a step's condition may use, and what comes too late for it."""

    fields: dict[str, Field] = field(default_factory=dict)
    all_names: frozenset[str] = frozenset()
    steps: dict[str, Step] = field(default_factory=dict)
    all_steps: frozenset[str] = frozenset()


def _section(node: Map, choices: Mapping[str, Choice], findings: Findings) -> Section:
    check_keys(node, SECTION_KEYS, ("id", "steps"), findings)
    return Section(
        id=_id(node, findings),
        steps=read_steps(node, choices, findings),
        each=_one_of(node, "each", SUBJECTS, faults.SUBJECT, findings),
        title=_maybe(node, "title", findings, most=LONGEST_TITLE),
        only=_only(node, findings),
        evaluate=_evaluate(node, findings),
    )


def is_place(step: Map) -> bool:
    """Whether what stands among the steps is the place where an evaluation model's steps belong."""
    return step.text("evaluate").lower() in _TRUE


def _evaluate(node: Map, findings: Findings) -> int | None:
    """The number of steps before the place of an evaluation model's; None when there is none."""
    listed = node.maps("steps")
    places = [(number, step) for number, step in enumerate(listed) if is_place(step)]
    for number, (_, step) in enumerate(places):
        check_keys(step, PLACE_KEYS, ("id",), findings)
        _id(step, findings)
        if node.text("each") != GOAL:
            findings.note(step.where("evaluate"), faults.NEEDS, name="evaluate", other="each: goal")
        elif number:
            findings.note(step.where("evaluate"), faults.LISTED_TWICE, thing=faults.KEY, name="evaluate")
    unique(listed, faults.STEP, findings)
    return places[0][0] if places else None


def _only(node: Map, findings: Findings) -> frozenset[str]:
    """The sources a section is narrowed to; none when it is not."""
    if "only" not in node.nodes:
        return frozenset()
    only = a_map(node, "only", findings)
    check_keys(only, ("source",), ("source",), findings)
    if "each" not in node.nodes:
        findings.note(node.where("only"), faults.NEEDS, name="only", other="each")
    return frozenset(name for _, name in names(only, "source", findings))


def read_steps(node: Map, choices: Mapping[str, Choice], findings: Findings) -> tuple[Step, ...]:
    """The steps in the list of a section or an evaluation model, asked one after the other about the same subject."""
    steps = tuple(step for step in _listed(node, "steps", findings) if not is_place(step))
    fields = tuple(chain.from_iterable(step.maps("fields") for step in steps))
    unique(steps, faults.STEP, findings)
    unique(fields, faults.FIELD, findings)
    unique(fields, faults.ROLE, findings, key="role", sort=faults.LISTED_TWICE)
    earlier = _Earlier(
        all_names=frozenset(item.text("id") for item in fields),
        all_steps=frozenset(step.text("id") for step in steps),
    )
    return tuple(_step(step, choices, earlier, findings) for step in steps)


def _step(node: Map, choices: Mapping[str, Choice], earlier: _Earlier, findings: Findings) -> Step:
    check_keys(node, STEP_KEYS, ("id", "fields"), findings)
    when = _condition(node, earlier, findings)
    nodes = _listed(node, "fields", findings)
    if len(nodes) > _MOST_FIELDS:
        about = {"name": node.text("id"), "count": str(len(nodes)), "most": str(_MOST_FIELDS)}
        findings.note(node.where("fields"), faults.TOO_MANY, **about)
    step = Step(
        id=_id(node, findings),
        fields=tuple(_field(item, choices, findings) for item in nodes),
        title=_maybe(node, "title", findings, most=LONGEST_TITLE),
        when=when,
        skip=_maybe(node, "skip", findings, most=_LONGEST_BUTTON),
    )
    earlier.fields.update({item.id: item for item in step.fields})
    earlier.steps[step.id] = step
    return step


def _field(node: Map, choices: Mapping[str, Choice], findings: Findings) -> Field:
    check_keys(node, FIELD_KEYS, ("id", "kind", "ask"), findings)
    kind = _one_of(node, "kind", list(Kind), faults.KIND, findings)
    role = _one_of(node, "role", list(Role), faults.ROLE, findings)
    _check_kind(node, kind, role, findings)
    name = _id(node, findings)
    if name == SKIPPED:
        findings.note(node.where("id"), faults.RESERVED, name=name)
    least, most = _decimal(node, "least", findings), _decimal(node, "most", findings)
    if least is not None and most is not None and most < least:
        findings.note(node.where("most"), faults.BOUNDS)
    return Field(
        id=name,
        kind=Kind(kind) if kind else Kind.CHOICE,  # so that a condition on it is not at fault too
        ask=wording(node, "ask", findings, most=_LONGEST_QUESTION, known=PLACEHOLDERS),
        hint=_maybe(node, "hint", findings, most=_LONGEST_QUESTION),
        choices=_chosen(node, choices, findings),
        optional=_flag(node, "optional", findings),
        carry=_flag(node, "carry", findings),
        role=Role(role) if role else None,
        limit=_number(node, "limit", findings, standard=_LONGEST_ANSWER, most=_LONGEST_ANSWER),
        least=least,
        most=most,
        scale=_scale(node, findings),
        past=_flag(node, "past", findings),
    )


def _check_kind(node: Map, kind: str | None, role: str | None, findings: Findings) -> None:
    """Note what does not go with the kind of field."""
    if kind is None:
        return
    for key, wanted in _ONLY_OF.items():
        if key in node.nodes and kind not in wanted:
            findings.note(node.where(key), faults.ONLY_FOR, name=key, kind=_either(wanted))
    if kind == Kind.CHOICE and "choices" not in node.nodes:
        findings.note(node.place, faults.NO_CHOICES, name=node.text("id"))
    needed = _KIND_OF[Role(role)] if role else tuple(Kind)
    if kind not in needed:
        findings.note(node.where("role"), faults.ONLY_FOR, name=f"role: {role}", kind=_either(needed))
    elif role == Role.ATTAINMENT and kind == Kind.NUMBER and "scale" not in node.nodes:
        findings.note(node.place, faults.MISSING, name="scale")


def _either(kinds: Iterable[Kind]) -> Wording:
    return Wording(" eller ".join(kinds), " or ".join(kinds))


def _counts_as(node: Map, findings: Findings) -> Attainment | None:
    counts_as = _one_of(node, "counts_as", list(Attainment), faults.ATTAINMENT, findings)
    return Attainment(counts_as) if counts_as else None


def _scale(node: Map, findings: Findings) -> tuple[Mark, ...]:
    """The marks of a scale, the highest first."""
    if "scale" not in node.nodes:
        return ()
    marks = _listed(node, "scale", findings)
    unique(marks, faults.MARK, findings, key="from")
    for mark in marks:
        check_keys(mark, MARK_KEYS, MARK_KEYS, findings)
    read = [
        Mark(_decimal(mark, "from", findings) or Decimal(0), _counts_as(mark, findings) or Attainment.UNKNOWN)
        for mark in marks
    ]
    return tuple(sorted(read, key=lambda mark: mark.least, reverse=True))


def _decimal(node: Map, key: str, findings: Findings) -> Decimal | None:
    """The number at a key, written as people write them or with a point; None when it is absent or none."""
    if key not in node.nodes:
        return None
    found = read_number(node.text(key))
    if isinstance(found, NotRead) and found.meant:
        found = read_number(found.meant)
    if isinstance(found, NotRead):
        findings.note(node.where(key), faults.A_NUMBER, name=key)
        return None
    return found


def _chosen(node: Map, choices: Mapping[str, Choice], findings: Findings) -> tuple[Choice, ...]:
    """The choices a field names, as choices.yaml says them."""
    chosen: dict[str, Choice] = {}
    for place, name in names(node, "choices", findings):
        if name not in choices:
            findings.unknown(place, faults.CHOICE, name, choices)
        elif name in chosen:
            findings.note(place, faults.LISTED_TWICE, thing=faults.CHOICE, name=name)
        else:
            chosen[name] = choices[name]
            if node.text("role") == Role.ATTAINMENT and choices[name].counts_as is None:
                findings.note(place, faults.COUNTS_NOT, name=name)
    return tuple(chosen.values())


def _condition(node: Map, earlier: _Earlier, findings: Findings) -> Condition:
    """When the step is asked: named fields answered earlier in the section with one of the listed choices."""
    if "when" not in node.nodes:
        return Condition()
    when = a_map(node, "when", findings)
    if isinstance(node.get("when"), Map) and not when.nodes:
        findings.note(node.where("when"), faults.EMPTY_LIST, name="when")
    return Condition(tuple((name, _answers(when, name, earlier, findings)) for name in when.nodes))


def _answers(when: Map, name: str, earlier: _Earlier, findings: Findings) -> frozenset[str]:
    """The answers to one field for which a condition holds, or the steps that must have been skipped."""
    if name == SKIPPED:
        return _skipped(when, earlier, findings)
    place, asked = when.where(name), earlier.fields.get(name)
    if asked is None and name in earlier.all_names:
        findings.note(place, faults.LATER, name=name)
    elif asked is None:
        usable = [item.id for item in earlier.fields.values() if item.kind is Kind.CHOICE]
        findings.unknown(place, faults.FIELD, name, usable)
    elif asked.kind is not Kind.CHOICE and not asked.scale:
        findings.note(place, faults.NOT_A_CHOICE, name=name)
    named = names(when, name, findings)
    known = _can_be(asked)
    for at, answer in named:
        if known and answer not in known:
            findings.unknown(at, faults.CHOICE, answer, known)
    return frozenset(answer for _, answer in named)


def _can_be(asked: Field | None) -> list[str]:
    """What a condition can say of a field."""
    if asked is None:
        return []
    return [choice.id for choice in asked.choices] or [str(mark.counts_as) for mark in asked.scale]


def _skipped(when: Map, earlier: _Earlier, findings: Findings) -> frozenset[str]:
    """The steps named as skipped; each must come before and be one that can be."""
    named = names(when, SKIPPED, findings)
    for at, name in named:
        step = earlier.steps.get(name)
        if step is None and name in earlier.all_steps:
            findings.note(at, faults.LATER_STEP, name=name)
        elif step is None:
            findings.unknown(at, faults.STEP, name, earlier.steps)
        elif not step.skip and not all(item.optional for item in step.fields):
            findings.note(at, faults.NEVER_SKIPPED, name=name)
    return frozenset(name for _, name in named)


# The small shapes everything above is made of.


def check_keys(node: Map, known: Iterable[str], required: Iterable[str], findings: Findings) -> None:
    """Note keys that are unknown, and keys that are missing."""
    known = tuple(known)
    for key in node.nodes:
        if key not in known:
            findings.unknown(node.where(key), faults.KEY, key, known)
    for key in required:
        if key not in node.nodes:
            findings.note(node.place, faults.MISSING, name=key)


def check_id(name: str, place: Place, findings: Findings) -> None:
    """Note a name that cannot be an id."""
    if not _ID.fullmatch(name):
        findings.note(place, faults.BAD_ID, name=name)


def check_name(tree: Map, name: str, findings: Findings) -> None:
    """Note an id that says something else than the file or folder it stands in."""
    if "id" in tree.nodes and tree.text("id") != name:
        findings.note(tree.where("id"), faults.OTHER_ID, name=tree.text("id"), wanted=name)


def is_id(name: str) -> bool:
    """Whether a name can be an id."""
    return _ID.fullmatch(name) is not None


def unique(
    nodes: Iterable[Map], thing: Wording, findings: Findings, key: str = "id", sort: Sort = faults.TWICE
) -> None:
    """Note each value of `key` that is there again."""
    seen: set[str] = set()
    for node in nodes:
        value = node.text(key)
        if value and value in seen:
            findings.note(node.where(key), sort, thing=thing, name=value)
        seen.add(value)


def a_map(node: Map, key: str, findings: Findings) -> Map:
    """The keys and values at a key; an empty map when it is absent or something else."""
    match node.get(key):
        case Map() as found:
            return found
        case None:
            return Map(node.place)
        case _:
            findings.note(node.where(key), faults.SHAPE, name=key, wanted=faults.A_MAP)
            return Map(node.where(key))


def _listed(node: Map, key: str, findings: Findings) -> tuple[Map, ...]:
    """The maps in the list at a key, at least one; what is not a map is noted."""
    for item in items(node, key, findings):
        if not isinstance(item, Map):
            findings.note(item.place, faults.SHAPE, name=key, wanted=faults.A_MAP)
    return node.maps(key)


def items(node: Map, key: str, findings: Findings) -> tuple[Node, ...]:
    """What the list at a key holds, at least one; nothing when the key is absent."""
    match node.get(key):
        case None:
            return ()
        case Items(nodes=()) | Scalar(text=""):
            findings.note(node.where(key), faults.EMPTY_LIST, name=key)
        case Items(nodes=nodes):
            return nodes
        case _:
            findings.note(node.where(key), faults.SHAPE, name=key, wanted=faults.A_LIST)
    return ()


def names(node: Map, key: str, findings: Findings) -> tuple[tuple[Place, str], ...]:
    """The names in the list at a key, each with its place."""
    named = []
    for item in items(node, key, findings):
        if isinstance(item, Scalar):
            named.append((item.place, item.text))
        else:
            findings.note(item.place, faults.SHAPE, name=key, wanted=faults.A_NAME)
    return tuple(named)


def _id(node: Map, findings: Findings) -> str:
    name = text(node, "id", findings)
    if name:
        check_id(name, node.where("id"), findings)
    return name


def _one_of(node: Map, key: str, known: Iterable[str], thing: Wording, findings: Findings) -> str | None:
    """The known name at a key; None when it is absent or unknown."""
    known = [str(name) for name in known]
    name = text(node, key, findings)
    if not name or name in known:
        return name or None
    findings.unknown(node.where(key), thing, name, known)
    return None


def _flag(node: Map, key: str, findings: Findings) -> bool:
    """True or false at a key; false when it is absent."""
    written = node.text(key).lower()
    if key in node.nodes and written not in (*_TRUE, *_FALSE):
        findings.note(node.where(key), faults.SHAPE, name=key, wanted=faults.YES_OR_NO)
    return written in _TRUE


def _number(node: Map, key: str, findings: Findings, *, standard: int, most: int) -> int:
    """The whole number from 1 to `most` at a key; `standard` when it is absent."""
    if key not in node.nodes:
        return standard
    written = node.text(key)
    if re.fullmatch(r"[0-9]{1,9}", written) and 1 <= int(written) <= most:
        return int(written)
    findings.note(node.where(key), faults.NUMBER, name=key, least="1", most=str(most))
    return standard


def year_day(node: Map, key: str, findings: Findings) -> YearDay | None:
    """The day of every year at a key, written 04-01; None when it is absent or none."""
    if key not in node.nodes:
        return None
    found = day_written(node.text(key))
    if found is None:
        findings.note(node.where(key), faults.DAY, name=node.text(key))
    return found


def day_written(written: str) -> YearDay | None:
    """The day of every year that is written as 04-01; None when there is no such day."""
    found = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", written)
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    return YearDay(month, day) if 1 <= month <= len(_DAYS) and 1 <= day <= _DAYS[month - 1] else None


def check_opening(opens: YearDay, due: YearDay, place: Place, findings: Findings) -> None:
    """Note a round that opens on its deadline, after it, or too long before it. It may open in the year before."""
    if not 1 <= days_before(opens, due) <= _LONGEST_OPENING:
        findings.note(place, faults.OPENING, most=str(_LONGEST_OPENING))


def days_before(opens: YearDay, due: YearDay) -> int:
    """How many days a round is open, in a year that is not a leap year."""
    year = 2026 if opens < due else 2025
    return (due.in_(2026) - opens.in_(year)).days


def text(node: Map, key: str, findings: Findings, *, most: int = _LONGEST_BUTTON) -> str:
    """The text at a key; empty when it is absent."""
    match node.get(key):
        case None:
            return ""
        case Scalar(place=place, text=written):
            if not written:
                findings.note(node.where(key), faults.EMPTY_TEXT, name=key)
            elif len(written) > most:
                findings.note(place, faults.TOO_LONG, length=str(len(written)), most=str(most))
            return written
        case _:
            findings.note(node.where(key), faults.TEXT_SHAPE, name=key, wanted=faults.A_TEXT)
            return ""


def wording(node: Map, key: str, findings: Findings, *, most: int, known: tuple[str, ...] = ()) -> Wording:
    """The text in every language at a key; empty when it is absent."""
    texts = node.get(key)
    if not isinstance(texts, Map):
        if texts is not None:
            findings.note(node.where(key), faults.TEXT_SHAPE, name=key, wanted=faults.BOTH_LANGUAGES)
        return Wording("", "")
    for name in texts.nodes:
        if name not in LANGUAGES:
            _stray(texts, name, findings)
    return Wording(*(_said(texts, key, language, findings, most=most, known=known) for language in LANGUAGES))


def _said(texts: Map, key: str, language: str, findings: Findings, *, most: int, known: tuple[str, ...]) -> str:
    """The text in one language."""
    if language not in texts.nodes:
        findings.note(texts.place, faults.LANGUAGE, key=key, name=language, language=_SPOKEN[language])
    elif isinstance(texts.get(language), Scalar) and not texts.text(language):
        findings.note(texts.where(language), faults.EMPTY_LANGUAGE, key=key, name=language, language=_SPOKEN[language])
    else:
        _check_braces(texts, language, known, findings)
        return text(texts, language, findings, most=most)
    return ""


def _maybe(node: Map, key: str, findings: Findings, *, most: int) -> Wording | None:
    """The text in every language at a key; None when it is absent."""
    return wording(node, key, findings, most=most, known=PLACEHOLDERS) if key in node.nodes else None


def _stray(texts: Map, name: str, findings: Findings) -> None:
    """Note a key beside da and en: without quotation marks YAML splits a text at its commas, and the rest becomes a key."""
    if isinstance(texts.get(name), Scalar) and not texts.text(name):
        findings.note(texts.where(name), faults.COMMA, name=name)
    else:
        findings.unknown(texts.where(name), faults.KEY, name, LANGUAGES)


def _check_braces(texts: Map, language: str, known: tuple[str, ...], findings: Findings) -> None:
    """Note placeholders that nothing will fill in, and braces that are none."""
    written = texts.text(language)
    for name in re.findall(r"\{([^{}]*)\}", written):
        if name not in known:
            findings.unknown(texts.where(language), faults.PLACEHOLDER, name, known)
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", written)):
        findings.note(texts.where(language), faults.BRACES)
