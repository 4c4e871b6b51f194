"""A report as JSON, for machines: everything that stands in it, with the values behind the words.

Promises: the same report gives the same text. Numbers are written digit by digit, never by way of a float; days are ISO 8601. Tables
are rows of cells by the id of their column, which is the same in every language. The words stand beside the values, symbols apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from cards.reports.report import (
    Block,
    Cell,
    Chart,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Report,
    Section,
    Table,
)
from dialogs.numbers import canonical

Data = Mapping[str, "Value"]
Value = str | int | Decimal | date | bool | None | Data | Sequence["Value"]


def as_json(report: Report, *, is_content: bool = False) -> str:
    """The whole report as JSON. `is_content` leaves out when and by whom it was made, and its version: what it says is left."""
    said: dict[str, Value] = {
        "kind": report.kind.value,
        "language": report.language,
        "name": report.name,
        "title": report.title,
        "subtitle": report.subtitle,
        "municipality": report.municipality,
        "made": report.made,
        "made_on": report.made_on,
        "is_draft": report.is_draft,
        "version": report.version,
        "facts": _facts(report.facts),
        "sections": [_section(one) for one in report.sections],
    }
    if is_content:
        said = {key: value for key, value in said.items() if key not in {"made", "made_on", "version"}}
    return "".join(_written(said, 0)) + "\n"


def _section(section: Section) -> Data:
    return {"id": section.id, "title": section.title, "blocks": [_block(one) for one in section.blocks]}


def _block(block: Block) -> Data:
    match block:
        case Heading(text, level):
            return {"is": "heading", "level": level, "text": text}
        case Paragraph(text, style):
            return {"is": "paragraph", "style": style, "text": text}
        case Facts():
            return {"is": "facts", **_facts(block)}
        case Listing(points, is_numbered):
            return {"is": "list", "is_numbered": is_numbered, "points": list(points)}
        case Table():
            return {"is": "table", **_table(block)}
        case Chart():
            return {"is": "chart", **_chart(block)}


def _facts(facts: Facts) -> Data:
    return {"id": facts.id, "facts": [{"label": one.label, **_cell(one.cell)} for one in facts.facts]}


def _cell(cell: Cell) -> dict[str, Value]:
    value = canonical_or_same(cell.value)
    return {
        "text": cell.text,
        **({"value": value} if value is not None else {}),
        **({"symbol": cell.symbol} if cell.symbol else {}),
    }


def canonical_or_same(value: Decimal | date | int | str | None) -> Decimal | date | int | str | None:
    """A number without noughts that say nothing; anything else as it is."""
    return Decimal(canonical(value)) if isinstance(value, Decimal) else value


def _table(table: Table) -> Data:
    ids = [one.id for one in table.columns]
    return {
        "id": table.id,
        "title": table.title,
        "about": table.about,
        "note": table.note,
        "columns": [{"id": one.id, "title": one.title, "shape": one.shape.value} for one in table.columns],
        "rows": [dict(zip(ids, map(_cell, row), strict=True)) for row in table.rows],
    }


def _chart(chart: Chart) -> Data:
    bars: list[Value] = [
        {
            "label": bar.label,
            "parts": [
                {"id": one.id, "label": one.label, "symbol": one.symbol, "number": one.number} for one in bar.parts
            ],
        }
        for bar in chart.bars
    ]
    return {"id": chart.id, "title": chart.title, "about": chart.about, "bars": bars}


# --- as text --------------------------------------------------------------------------------------------------------------------------
# json.dumps knows no decimals but floats, and a float has digits that nobody wrote.


def _written(value: Value, depth: int) -> Iterator[str]:
    match value:
        case Mapping():
            items = ((f"{json.dumps(key)}: ", one) for key, one in value.items())
            yield from _nested(items, "{}", depth)
        case str():
            yield json.dumps(value, ensure_ascii=False)
        case bool() | None | int():
            yield json.dumps(value)
        case Decimal():
            yield format(value, "f")
        case date():
            yield f'"{value.isoformat()}"'
        case _:
            yield from _nested((("", one) for one in value), "[]", depth)


def _nested(items: Iterator[tuple[str, Value]], brackets: str, depth: int) -> Iterator[str]:
    indent = " " * (depth + 1)
    is_first = True
    for key, one in items:
        yield f"{brackets[0] if is_first else ','}\n{indent}{key}"
        yield from _written(one, depth + 1)
        is_first = False
    yield brackets if is_first else f"\n{' ' * depth}{brackets[1]}"
