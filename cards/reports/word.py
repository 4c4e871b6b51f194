"""A report as a Word file: a template, our own or a municipality's, with the report put in where it says.

Promises: people's words are put in after the template has been filled, so none of them is ever read as a field, and all are escaped;
headings, lists and tables are tagged, pictures and tables have alternative texts; the same bytes for the same report and template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from typing import Any, Final
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree
from markupsafe import Markup, escape

from cards.reports.chart import png
from cards.reports.clean import one_line
from cards.reports.refused import Reason, Refused
from cards.reports.report import Block, Chart, Heading, Kind, Report, Section
from cards.reports.sealing import LOCALES, sealed
from cards.reports.word_parts import Lists, W, mapped_styles, room, turned
from cards.reports.word_template import NAMESPACES, SECTIONS, declared, default_template
from cards.reports.wordxml import Picture, Sheet, facts, fill, section

_PLACE: Final = f"{{{NAMESPACES['report']}}}place"
_HOLDERS: Final = {f"{W}body", f"{W}tc", f"{W}sdtContent"}
# What a file that is no Word file, or a damaged one, is met with. NotImplementedError is zipfile's own, for an archive in parts or of a
# later version than it knows.
_UNREADABLE: Final = (
    PackageNotFoundError,
    BadZipFile,
    KeyError,
    ValueError,
    OSError,
    NotImplementedError,
    etree.XMLSyntaxError,
)


class _Said(str):
    """People's words within a line: the templating library takes {_{ for its own, unless the mark between is written as a number."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(escape(str(self))).replace("_", "&#95;")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a section is to stand: an empty paragraph with a mark that no text can make."""

    name: str
    is_filled: bool

    def __html__(self) -> str:
        if not self.is_filled:
            return ""
        shape = '<w:p xmlns:report="{}" report:place="{}"></w:p>'
        return fill(shape, NAMESPACES["report"], self.name)

    def __bool__(self) -> bool:
        return self.is_filled


def template(kind: Kind, language: str) -> bytes:
    """Return the template we come with, for a municipality to edit in Word."""
    return default_template(kind, language)


def document(report: Report, template: bytes | None = None, file: str = "") -> bytes | Refused:
    """Return the report as a Word file; `template` is a municipality's own, `file` what it is called when it cannot be used."""
    opened = _opened(template if template is not None else default_template(report.kind, report.language))
    if opened is None:
        return Refused(file, Reason.NOT_WORD)
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    environment.globals.clear()  # a template needs none
    named = _named(opened, environment)
    if isinstance(named, TemplateError):
        return _broken(file, named)
    context = _context(report, named)
    if unknown := sorted(named - context.keys()):
        return Refused(file, Reason.UNKNOWN, {"names": ", ".join(unknown), "known": ", ".join(sorted(context))})
    try:
        opened.render(context, environment)
    except Exception as fault:  # a municipality's template may break in any way
        if template is None:
            raise
        return _broken(file, fault)
    if misplaced := _misplaced(opened):
        return Refused(file, Reason.MISPLACED, {"names": misplaced})
    _put_in(opened, report, named)
    return _finished(opened, report)


def _opened(content: bytes) -> Any:  # noqa: ANN401  the library says nothing of its types
    try:
        opened = DocxTemplate(BytesIO(content))
        opened.init_docx()
    except _UNREADABLE:
        return None
    return opened


def _named(opened: Any, environment: SandboxedEnvironment) -> set[str] | TemplateError:  # noqa: ANN401
    try:
        return set(opened.get_undeclared_template_variables(environment))
    except TemplateError as fault:
        return fault


def _broken(file: str, fault: Exception) -> Refused:
    """A fault of a template's, with the nearest words that Word shows."""
    near = next((line.strip() for line in getattr(fault, "docx_context", ()) if "{" in line), "") or str(fault)
    return Refused(file, Reason.BROKEN, {"near": one_line(near)[:120]})


def _context(report: Report, named: set[str]) -> Mapping[str, object]:
    """Everything a template may name."""
    ids = dict.fromkeys((*SECTIONS[report.kind], *(part.id for part in report.sections)))
    places = {name: _Place(name, report.section(name) is not None) for name in ids}
    rest = any(part.id not in named for part in report.sections)
    return {
        **places,
        "facts": _Place("facts", bool(report.facts.facts)),
        "rest": _Place("rest", rest),
        "title": _Said(one_line(report.title)),
        "subtitle": _Said(one_line(report.subtitle)),
        "municipality": _Said(one_line(report.municipality)),
        "made": _Said(one_line(report.made)),
        "is_draft": report.is_draft,
        "version": report.version,
    }


# --- putting in -------------------------------------------------------------------------------------------------------------


def _places(root: Any) -> list[Any]:  # noqa: ANN401  lxml says nothing of its types
    return [element for element in root.iter(f"{W}p") if element.get(_PLACE) is not None]


def _misplaced(opened: Any) -> str:  # noqa: ANN401
    """The name of a section that stands where it cannot; "" when each stands in a paragraph of its own."""
    wrong = [one for one in _places(opened.docx.element.body) if one.getparent().tag not in _HOLDERS]
    for relation in opened.docx.part.rels.values():
        if relation.reltype in {opened.HEADER_URI, opened.FOOTER_URI}:
            wrong += _places(relation.target_part.element)
    return str(wrong[0].get(_PLACE)) if wrong else ""


def _put_in(opened: Any, report: Report, named: set[str]) -> None:  # noqa: ANN401
    part, body = opened.docx.part, opened.docx.element.body
    lists = Lists(part)
    sheet = Sheet(
        0,
        0,
        mapped_styles(opened.docx.styles.element, report.language),
        _Pictures(part, report).one,
        lists.one,
        count(2001),
    )
    for place in _places(body):
        wide, across = room(place, body)
        inside = _written(place.get(_PLACE), report, named, replace(sheet, wide=wide, wide_across=across))
        holder = place.getparent()
        at = holder.index(place)
        holder[at : at + 1] = list(etree.fromstring(declared(inside, "report:all")))
        if holder.tag == f"{W}tc" and holder[-1].tag != f"{W}p":
            etree.SubElement(holder, f"{W}p")
    turned(body, {sheet.style(style) for style in ("Heading1", "Heading2", "Heading3", "Heading4", "Caption")})
    etree.cleanup_namespaces(opened.docx.element, keep_ns_prefixes=list(NAMESPACES)[:-1])


def _written(name: str, report: Report, named: set[str], sheet: Sheet) -> Markup:
    if name == "facts":
        return facts(report.facts, sheet)
    if name == "rest":
        return Markup("").join(section(one, sheet, with_title=True) for one in report.sections if one.id not in named)
    chosen = [one for one in report.sections if one.id == name]
    if len(chosen) == 1:
        return section(chosen[0], sheet, with_title=False)
    return Markup("").join(section(_lowered(one), sheet, with_title=False) for one in chosen)


def _lowered(one: Section) -> Section:
    """One of several sections under the same heading of a template: its title a heading below that."""
    blocks: tuple[Block, ...] = tuple(
        Heading(block.text, min(block.level + 1, 4)) if isinstance(block, Heading) else block for block in one.blocks
    )
    return replace(one, blocks=(Heading(one.title), *blocks))


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Draws charts, and adds them to the document."""

    part: Any
    report: Report

    def one(self, chart: Chart) -> Picture:
        relation, image = self.part.get_or_add_image(BytesIO(png(chart, self.report.language)))
        return Picture(relation, image.px_width, image.px_height)


def _finished(opened: Any, report: Report) -> bytes:  # noqa: ANN401
    about, day = opened.docx.core_properties, report.made_on
    about.title, about.subject = one_line(report.title)[:255], one_line(report.subtitle)[:255]
    about.author = about.last_modified_by = one_line(report.municipality)[:255]
    about.language, about.revision, about.comments = LOCALES.get(report.language, LOCALES["da"]), 1, ""
    about.created = about.modified = datetime(day.year, day.month, day.day, tzinfo=UTC)
    content = BytesIO()
    opened.docx.save(content)
    return sealed(content.getvalue(), day)
