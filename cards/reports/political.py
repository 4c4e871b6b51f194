"""What politicians get: November's draft for a committee in the usual order of an agenda, and December's pack for the council.

Promises: political goals alone. The draft is the director's: what only the administration can know stands as a blank that says what
to fill in, and no sentence claims anything about law or money that nobody has told. What is recommended follows from what the leaders
chose. Nobody is named but who owns it. What the leaders wrote of their goals and budgets, they wrote to their nearest leader: it stands
in the appendices alone, under a blank that asks for it to be read through; what they wrote of their initiatives stands nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cards.reports import attainment, basis, economy, initiatives, shortfall
from cards.reports.prose import NOTHING, capital, exact, measured, number_cell
from cards.reports.report import Block, Cell, Column, Heading, Listing, Paragraph, Section, Shape, Table
from cards.reports.year import Year
from cards.reports.yearly import goals
from dialogs.engine import GOAL, Figures
from dialogs.results import Outcome, Rolled, chosen, counted_together, judged, offered, split, tally
from dialogs.script import Attainment, Choice, Role

TO_DISCUSS = frozenset(("revise_goal", "new_goal"))
"""The consequences that change a goal itself, which is the committee's; how a goal is reached is the leaders' own matter."""


def committee_sections(year: Year) -> tuple[Section, ...]:
    """The draft, in the order of an agenda."""
    return (
        Section("case", year.say("section.case"), _case(year)),
        Section("legal", year.say("section.legal"), (Paragraph(year.say("committee.legal"), "blank"),)),
        Section("economy", year.say("section.economy_case"), _economy(year)),
        Section("effect", year.say("section.effect"), _effect(year)),
        Section("recommendation", year.say("section.recommendation"), _recommendation(year)),
        Section("appendices", year.say("section.appendices"), _appendices(year)),
    )


def council_sections(year: Year) -> tuple[Section, ...]:
    """The pack: the policies first, then their goals, those that are not reached, and what happens now."""
    return (
        Section("summary", year.say("section.summary"), _summary(year)),
        Section("policies", year.say("section.policies"), _policies(year)),
        Section("goals", year.say("section.goals"), _table(year)),
        Section("not_reached", year.say("section.not_reached"), _not_reached(year)),
        Section("consequences", year.say("section.consequences"), _consequences(year)),
        Section("appendices", year.say("section.appendices"), _council_appendices(year)),
    )


def director(year: Year) -> str:
    """Who owns it, with their title: Direktør Karen Aagaard."""
    found = year.findings
    if not found.owner:
        return year.say("committee.nobody")
    return capital(" ".join(filter(None, (found.owner_title, found.owner))))


# --- the committee --------------------------------------------------------------------------------------------------------------------


def _case(year: Year) -> tuple[Block, ...]:
    return (
        *_begins(year, "committee.background"),
        Heading(year.say("committee.goals")),
        *goals(year),
        Heading(year.say("committee.not_reached")),
        *shortfall.reasons(year),
        Heading(year.say("committee.initiatives")),
        *initiatives.counted(year),
    )


def _begins(year: Year, background: str) -> tuple[Block, ...]:
    """What it is about and how the goals were judged; or that they are not judged yet, so that there is nothing to lay before anybody."""
    if not is_judged(year):
        return (Paragraph(year.say("committee.not_judged"), "lead"),)
    return (Paragraph(year.say(background, sources=_sources(year))), *attainment.summed_up(year))


def is_judged(year: Year) -> bool:
    """Whether any goal was judged."""
    return judged(tally(year.outcomes)) > 0


def _sources(year: Year) -> str:
    """The policies the goals come from, by name, in the order of the table."""
    return year.findings.texts.listed(dict.fromkeys(year.origin(one.subject) for one in year.goals))


def _economy(year: Year) -> tuple[Block, ...]:
    """What the units that have a political goal told of their whole budgets; what the case costs nobody has told."""
    blank = Paragraph(year.say("committee.economy"), "blank")
    if not year.budgets:
        return (blank,)
    return (Paragraph(year.say("committee.economy_lead")), *economy.told(year), blank)


def _effect(year: Year) -> tuple[Block, ...]:
    blank = Paragraph(year.say("committee.effect"), "blank")
    if not year.goals:
        return (blank,)
    read = [one for one in year.goals if one.readings]
    lead = Paragraph(year.say("effect.lead", number=year.count(len(read)), of=year.count(len(year.goals))))
    return (lead, *((_effects(year, read),) if read else ()), blank)


def _effects(year: Year, read: Sequence[Rolled]) -> Table:
    """What was measured: where each goal began, where it is, and how far that is from where it began."""
    columns = (
        Column("goal", year.say("column.goal"), wide=5),
        Column("baseline", year.say("column.baseline"), Shape.NUMBER, 3),
        Column("now", year.say("column.now"), Shape.NUMBER, 2),
        Column("change", year.say("column.change"), Shape.NUMBER, 3),
        Column("target", year.say("column.target"), Shape.NUMBER, 2),
    )
    rows = tuple(_effect_row(year, one) for one in read)
    return Table("effect", year.say("effect.title"), columns, rows, year.say("effect.about"), year.say("effect.note"))


def _effect_row(year: Year, goal: Rolled) -> tuple[Cell, ...]:
    figures = goal.subject.figures or Figures()
    return (
        Cell(goal.subject.title, goal.subject.id),
        attainment.baseline(year, goal),
        attainment.now(year, goal)[0],
        _change(year, goal, figures),
        attainment.target(year, goal),
    )


def _change(year: Year, goal: Rolled, figures: Figures) -> Cell:
    """How much higher or lower it is now; nothing where the units do not have one number."""
    values, began = {one.value for one in goal.readings}, {one.baseline for one in goal.each}
    if figures.baseline is None or len(values) != 1 or len(began) != 1:
        return Cell(NOTHING)
    change = values.pop() - figures.baseline
    key = "effect.higher" if change > 0 else "effect.lower" if change < 0 else "effect.same"
    by = measured(abs(change), "" if figures.measure == "%" else figures.measure, year.language)
    points = year.say("effect.points", number=by) if figures.measure == "%" else by
    return Cell(year.say(key, by=points), exact(change))


def _recommendation(year: Year) -> tuple[Block, ...]:
    if not is_judged(year):
        return (Paragraph(year.say("recommend.nothing"), "blank"),)
    who = Paragraph(year.say("recommend.who", owner=director(year)))
    note, proposed = year.say("recommend.note"), _to_discuss(year)
    points = (f"{note},", f"{proposed}.") if proposed else (f"{note}.",)
    return (who, Listing(points, is_numbered=True))


def _to_discuss(year: Year) -> str:
    """The goals that leaders propose to change, by name in the order of the table; "" where there are none."""
    proposing = [
        (goal.subject.title, outcome)
        for goal in year.goals
        for outcome in goal.outcomes
        if outcome.said.consequence and outcome.said.consequence.id in TO_DISCUSS
    ]
    titles = tuple(dict.fromkeys(title for title, _ in proposing))
    if not titles:
        return ""
    goals_named = year.findings.texts.listed(year.quoted(one) for one in titles)
    return year.say("recommend.discuss", goals=goals_named, one=len(titles) == 1, alone=len(proposing) == 1)


def _chosen(year: Year) -> tuple[tuple[Choice, tuple[Outcome, ...]], ...]:
    asked = offered(year.told, Role.CONSEQUENCE, GOAL)
    in_order = [outcome for goal in year.goals for outcome in goal.outcomes]
    return chosen(in_order, asked, lambda said: said.consequence)


def _appendices(year: Year) -> tuple[Block, ...]:
    blank = Paragraph(year.say("committee.appendices"), "blank")
    return (*_shared_units(year), *initiatives.concerns(year), *_explained(year), blank)


def _explained(year: Year) -> tuple[Block, ...]:
    """What the leaders chose and wrote, unit by unit, to be read through before it is sent on."""
    told = (*shortfall.explained(year, 3), *economy.explained(year, 3))
    if not told:
        return ()
    return (Heading(year.say("explained.title")), Paragraph(year.say("explained.blank"), "blank"), *told)


def _shared_units(year: Year) -> tuple[Block, ...]:
    return (attainment.by_unit(year),) if any(one.is_shared for one in year.goals) else ()


# --- the council ----------------------------------------------------------------------------------------------------------------------


def _summary(year: Year) -> tuple[Block, ...]:
    return _begins(year, "council.background")


def _policies(year: Year) -> tuple[Block, ...]:
    if not year.goals:
        return (attainment.none(year),)
    columns = (
        Column("policy", year.say("column.policy"), wide=5),
        Column("goals", year.say("column.goals"), Shape.NUMBER),
        Column("judgements", year.say("column.judgements"), Shape.NUMBER, 2),
        *(Column(one.value, year.attainment(one), Shape.NUMBER, 2) for one in Attainment),
        Column("not_judged", year.attainment(None), Shape.NUMBER, 2),
    )
    rows = tuple(_policy(year, label, those) for label, those in split(year.goals, year.origin).items())
    note = year.say("council.policies_note")
    table = Table("policies", year.say("council.policies"), columns, rows, year.say("council.policies_about"), note)
    return (table, *attainment.chart(year))


def _policy(year: Year, label: str, those: Sequence[Rolled]) -> tuple[Cell, ...]:
    counts = counted_together(those)
    numbers = (len(those), judged(counts), *counts.values())
    return (Cell(label), *(number_cell(number, year.language) for number in numbers))


def _not_reached(year: Year) -> tuple[Block, ...]:
    """How many goals are not wholly reached, why, and of each of them how many units say so."""
    points = tuple(shortfall.lines(year))
    return (*shortfall.reasons(year), *((Listing(points),) if points else ()))


def _table(year: Year) -> tuple[Block, ...]:
    return (attainment.table(year), *attainment.missing(year)) if year.goals else (attainment.none(year),)


def _consequences(year: Year) -> tuple[Block, ...]:
    """What the leaders chose for each goal, counted and by name, and how the initiatives go."""
    found = _chosen(year)
    told = Heading(year.say("committee.initiatives"))
    if not found:
        return (Paragraph(year.say("council.no_consequences")), told, *initiatives.told(year, 3))
    counted = shortfall.counted(year, "consequences", year.outcomes, Role.CONSEQUENCE, lambda said: said.consequence)
    named = (block for choice, those in found for block in _named(year, choice, those))
    return (Paragraph(year.say("council.consequences")), counted, *named, told, *initiatives.told(year, 3))


def _named(year: Year, choice: Choice, those: Sequence[Outcome]) -> Iterator[Block]:
    many: dict[str, int] = {}
    for one in those:
        many[one.subject.title] = many.get(one.subject.title, 0) + 1
    yield Heading(choice.label.in_(year.language))
    yield Listing(
        tuple(year.say("council.goal", goal=title, number=year.count(n), one=n == 1) for title, n in many.items())
    )


def _council_appendices(year: Year) -> tuple[Block, ...]:
    return (
        *_shared_units(year),
        *_explained(year),
        Heading(year.say("section.basis")),
        *basis.told(year),
        Paragraph(year.say("council.committees"), "blank"),
    )
