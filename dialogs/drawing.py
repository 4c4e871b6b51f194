"""A script drawn for the person who wrote it: as plain text to read through, and as a Mermaid flowchart to look at.

Promises: pure functions from a script to text; whatever a wording holds, it stays inside its label. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.engine import BOARD, GOAL, INITIATIVE, RENEWAL
from dialogs.numbers import as_typed, canonical
from dialogs.script import SKIPPED, Attainment, Condition, Field, Kind, Script, Section, Step, Wording

_KINDS = {
    Kind.CHOICE: Wording("vælg én", "choose one"),
    Kind.TEXT: Wording("tekst", "text"),
    Kind.PEOPLE: Wording("personer", "people"),
    Kind.DATE: Wording("dato", "date"),
    Kind.NUMBER: Wording("tal", "number"),
    Kind.AMOUNT: Wording("beløb i kroner", "amount in kroner"),
}
_SUBJECTS = {
    INITIATIVE: Wording("for hver indsats", "for each initiative"),
    GOAL: Wording("for hvert mål", "for each goal"),
    RENEWAL: Wording("når den næste aftale skal laves", "when the next agreement is due"),
    BOARD: Wording("når enheden har en bestyrelse", "when the unit has a board"),
}
_COUNTS_AS = {
    Attainment.REACHED: Wording("nået", "reached"),
    Attainment.PARTLY: Wording("delvist nået", "partly reached"),
    Attainment.NOT_REACHED: Wording("ikke nået", "not reached"),
    Attainment.UNKNOWN: Wording("kan ikke vurderes endnu", "cannot be judged yet"),
}
_ONLY_FROM = Wording(", kun fra {sources}", ", only from {sources}")
_EVALUATED = Wording("Mål vurderes efter: {evaluation}", "Goals are judged by: {evaluation}")
_LEAST = Wording("mindst {least}", "at least {least}")
_MOST = Wording("højst {most}", "at most {most}")
_PAST = Wording("ikke en dag, der ligger fremme", "not a day ahead")
_COUNTS = Wording("tæller som {counts_as}", "counts as {counts_as}")
_FROM = Wording("fra {least}: tæller som {counts_as}", "from {least}: counts as {counts_as}")
_COUNTED = Wording("{field} tæller som {choices}", "{field} counts as {choices}")
_WAS_SKIPPED = Wording("{steps} er sprunget over", "{steps} was skipped")
_OPTIONAL = Wording("kan udelades", "may be left out")
_CARRIED = Wording("sidste svar vises", "last answer is shown")
_LIMIT = Wording("højst {limit} tegn", "at most {limit} characters")
_ROLE = Wording("i opsummeringen som {role}", "in the summary as {role}")
_ONLY_WHEN = Wording("Kun når {condition}", "Only when {condition}")
_IS = Wording("{field} er {choices}", "{field} is {choices}")
_OR = Wording(" eller ", " or ")
_AND = Wording(" og ", " and ")
_YES = Wording("ja", "yes")
_NO = Wording("nej", "no")
_REVIEW = Wording("Gennemse og send", "Review and send")


def show(script: Script, language: str) -> str:
    """The script as a consultant reads it through: every step, what it asks, and when."""
    parts = [f"{script.title.in_(language)} ({script.id})"]
    if script.evaluation:
        parts.append(_EVALUATED.in_(language).format(evaluation=script.evaluation))
    for number, section in enumerate(script.sections, 1):
        parts.append(f"\n{number}  {_section_name(section, language)}")
        for place, step in enumerate(section.steps, 1):
            parts.extend(f"   {line}" for line in _shown_step(f"{number}.{place}", step, section, language))
    return "\n".join(parts) + "\n"


def _section_name(section: Section, language: str) -> str:
    """The section's title, its id, and what it is asked for each of."""
    named = f"{section.title.in_(language)} ({section.id})" if section.title else section.id
    subject = _SUBJECTS.get(section.each, Wording(section.each, section.each)) if section.each else None
    sources = _OR.in_(language).join(sorted(section.only))
    only = _ONLY_FROM.in_(language).format(sources=sources) if sources else ""
    return f"{named}, {subject.in_(language)}{only}" if subject else named


def _shown_step(number: str, step: Step, section: Section, language: str) -> Iterator[str]:
    """The step's lines."""
    yield f"{number}  {step.title.in_(language)} ({step.id})" if step.title else f"{number}  {step.id}"
    if step.when.all_of:
        yield f"     {_ONLY_WHEN.in_(language).format(condition=_condition(step.when, section, language))}"
    for field in step.fields:
        yield f"     • {field.ask.in_(language)}  [{', '.join(_about(field, language))}]"
        if field.hint:
            yield f"       {field.hint.in_(language)}"
        for choice in field.choices:
            counts = f"  [{_counts(_COUNTS, choice.counts_as, language)}]" if choice.counts_as else ""
            yield f"       {choice.symbol or '–'} {choice.label.in_(language)}{counts}"
        for mark in field.scale:
            yield f"       {_counts(_FROM, mark.counts_as, language, least=as_typed(canonical(mark.least)))}"
    if step.skip:
        yield f"     [{step.skip.in_(language)}]"


def _counts(said: Wording, counts_as: Attainment, language: str, **about: str) -> str:
    return said.in_(language).format(counts_as=_COUNTS_AS[counts_as].in_(language), **about)


def _about(field: Field, language: str) -> Iterator[str]:
    """What is worth knowing about a field."""
    yield _KINDS[field.kind].in_(language)
    if field.optional:
        yield _OPTIONAL.in_(language)
    if field.carry:
        yield _CARRIED.in_(language)
    if field.limit != Field.__dataclass_fields__["limit"].default:
        yield _LIMIT.in_(language).format(limit=field.limit)
    if field.least is not None:
        yield _LEAST.in_(language).format(least=as_typed(canonical(field.least)))
    if field.most is not None:
        yield _MOST.in_(language).format(most=as_typed(canonical(field.most)))
    if field.past:
        yield _PAST.in_(language)
    if field.role:
        yield _ROLE.in_(language).format(role=field.role)


def _condition(condition: Condition, section: Section, language: str) -> str:
    """A condition in words: the fields by id, their choices by label and in the order they are offered."""
    fields = {field.id: field for step in section.steps for field in step.fields}
    said = []
    for name, wanted in condition.all_of:
        if name == SKIPPED:
            said.append(_WAS_SKIPPED.in_(language).format(steps=_OR.in_(language).join(sorted(wanted))))
        elif name in fields and fields[name].scale:
            labels = [label.in_(language) for counts_as, label in _COUNTS_AS.items() if counts_as in wanted]
            said.append(_COUNTED.in_(language).format(field=name, choices=_OR.in_(language).join(labels)))
        else:
            offered = fields[name].choices if name in fields else ()
            labels = [choice.label.in_(language) for choice in offered if choice.id in wanted] or sorted(wanted)
            said.append(_IS.in_(language).format(field=name, choices=_OR.in_(language).join(labels)))
    return _AND.in_(language).join(said)


def mermaid(script: Script, language: str) -> str:
    """The script as a Mermaid flowchart: a frame a section, a box a step, a diamond a condition."""
    lines = ["flowchart TD", f"    start([{_label(script.title.in_(language))}])"]
    exits: list[tuple[str, str]] = [("start", "")]
    for number, section in enumerate(script.sections, 1):
        lines.append(f"    subgraph section{number} [{_label(_section_name(section, language))}]")
        boxes, arrows, exits = _drawn(section, f"step{number}_", exits, language)
        lines += [f"        {box}" for box in boxes]
        lines += ["    end", *(f"    {arrow}" for arrow in arrows)]
    lines.append(f"    review([{_label(_REVIEW.in_(language))}])")
    lines += [f"    {arrow}" for arrow in _arrows(exits, "review")]
    return "\n".join(lines) + "\n"


def _drawn(
    section: Section, prefix: str, exits: list[tuple[str, str]], language: str
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """The section's boxes and arrows, and the loose ends that lead out of it: (box, what is written on the arrow)."""
    boxes: list[str] = []
    arrows: list[str] = []
    asked = Condition()
    for number, step in enumerate(section.steps, 1):
        box = f"{prefix}{number}"
        boxes.append(f"{box}[{_label(_step_name(step, language))}]")
        if not step.when.all_of:
            arrows += _arrows(exits, box)
            exits = [(box, "")]
        elif step.when == asked:  # the same question is not drawn twice: only who said yes comes here
            arrows += _arrows(exits[:1], box)
            exits = [(box, ""), *exits[1:]]
        else:
            boxes.append(f"{box}if{{{_label(_condition(step.when, section, language) + '?')}}}")
            arrows += [*_arrows(exits, f"{box}if"), *_arrows([(f"{box}if", _YES.in_(language))], box)]
            exits = [(box, ""), (f"{box}if", _NO.in_(language))]
        asked = step.when
    return boxes, arrows, exits


def _step_name(step: Step, language: str) -> str:
    """The step's title and its questions, a line each."""
    title = [step.title.in_(language)] if step.title else []
    return "\n".join(title + [field.ask.in_(language) for field in step.fields])


def _arrows(exits: list[tuple[str, str]], to: str) -> list[str]:
    """Arrows from loose ends to a box."""
    return [f"{box} -- {_label(said)} --> {to}" if said else f"{box} --> {to}" for box, said in exits]


def _label(text: str) -> str:
    """The text as a quoted label: letters, digits and spaces as they are, and every sign that could mean something as its number."""
    return '"' + "".join(_sign(char) for char in text) + '"'


def _sign(char: str) -> str:
    if char == "\n":
        return "<br/>"
    plain = char.isalnum() or char in " ,:?!()/’»«–…"
    return char if plain else f"#{ord(char)};"
