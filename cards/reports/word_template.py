"""The Word templates there are from the first day, one a kind of report: what a municipality copies, and edits in Word.

Promises: headings and fixed sentences are plain text in Word; what dialogbot puts in stands in fields, a section in a paragraph of
its own: {{p goals }}. A quiet A4 page with one accent colour, its typeface named by the theme; the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from docx import Document
from docx.document import Document as DocumentObject
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml.parser import parse_xml
from docx.shared import Cm
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cards.chrome import words
from cards.reports.report import Kind
from cards.reports.sealing import LOCALES, sealed
from cards.reports.wordxml import fill, join, paragraph, runs

SECTIONS: Final = {
    Kind.RECORD: ("basis", "plan", "dialogues", "actions"),
    Kind.UNIT: ("summary", "goals", "not_reached", "initiatives", "economy", "ahead", "basis"),
    Kind.JOINT: ("summary", "shared", "goals", "not_reached", "initiatives", "economy", "ahead", "basis"),
    Kind.COMMITTEE: ("case", "legal", "economy", "effect", "recommendation", "appendices"),
    Kind.COUNCIL: ("summary", "policies", "goals", "not_reached", "consequences", "appendices"),
}
"""The sections each kind of report may have, in the order our own templates place them."""

NAMESPACES: Final = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "report": "urn:dialogbot:report",
}
_MADE: Final = date(2027, 1, 1)  # a template is no older and no newer than another
_UNUSED: Final = ("stylesWithEffects", "thumbnail", "customXml")
_ACCENT: Final = b"0B5A69"
_FOLDER: Final = Path(__file__).parent.parent / "templates"
_SHAPES: Final = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)


@cache
def default_template(kind: Kind, language: str) -> bytes:
    """Return the template of a kind of report in a language, as a Word file."""
    document = Document()
    _strip(document)
    document.part._styles_part._element = parse_xml(styles_xml(language))  # noqa: SLF001  there is no other way in
    _page(document, words("writing", language))
    _body(document, kind, words("writing", language))
    about = document.core_properties
    about.title, about.author, about.comments, about.keywords = "", "", "", ""
    about.language, about.revision = LOCALES.get(language, LOCALES["da"]), 1
    about.created = about.modified = datetime(_MADE.year, _MADE.month, _MADE.day, tzinfo=UTC)
    content = BytesIO()
    document.save(content)
    return sealed(content.getvalue(), _MADE)


@cache
def styles_xml(language: str) -> bytes:
    """Return the styles that reports are written in, as Word's styles.xml."""
    shape = _SHAPES.get_template("report-styles.xml")
    return shape.render(words=words("writing", language), locale=LOCALES.get(language, LOCALES["da"])).encode()


def declared(inside: Markup, tag: str) -> bytes:
    """Return the markup in an element that declares every namespace reports are written with."""
    names = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in NAMESPACES.items())
    return f"<{tag} {names}>{inside}</{tag}>".encode()


def _strip(document: DocumentObject) -> None:
    """Leave out what the library's own first document carries and reports do not use; name the typeface and the colour."""
    package = document.part.package
    for owner in (package.rels, document.part.rels):
        for relation in [one for one in owner.values() if any(name in str(one.target_ref) for name in _UNUSED)]:
            owner.pop(relation.rId)
    numbering = document.part.numbering_part._element  # noqa: SLF001  lists are made when a report is written
    for child in list(numbering):
        numbering.remove(child)
    for mode in document.settings.element.xpath("//w:compatSetting[@w:name='compatibilityMode']"):
        mode.set(f"{{{NAMESPACES['w']}}}val", "15")  # as today's Word, not as an older one
    theme = document.part.part_related_by(RELATION.THEME)
    blob = theme.blob.replace(b'<a:latin typeface="Cambria"/>', b'<a:latin typeface="Calibri"/>')
    theme._blob = blob.replace(b"4F81BD", _ACCENT)  # noqa: SLF001  there is no other way in


def _page(document: DocumentObject, said: Mapping[str, str]) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2.5)
    page.header_distance = page.footer_distance = Cm(1.25)
    draft = runs(f"{{% if is_draft %}}{said['draft']}{{% endif %}}", Markup("<w:b/>"))
    before, between, after = said["page_of"].replace("{pages}", "{page}").split("{page}")
    numbers = (
        runs(before) + _field("PAGE") + runs(between) + _field("NUMPAGES") + (runs(after) if after else Markup(""))
    )
    whose = runs("{% if municipality %}{{ municipality }} · {% endif %}")
    for part, inside in ((page.header, draft), (page.footer, whose + numbers)):
        style = "Header" if part is page.header else "Footer"
        element = part._element  # noqa: SLF001  a paragraph of markup of ours
        for child in list(element):
            element.remove(child)
        element.extend(parse_xml(declared(paragraph(style, inside), "w:body")))


def _field(code: str) -> Markup:
    return fill('<w:fldSimple w:instr=" {} "><w:r><w:t>1</w:t></w:r></w:fldSimple>', code)


def _body(document: DocumentObject, kind: Kind, said: Mapping[str, str]) -> None:
    lines = [
        paragraph("Title", runs("{{ title }}")),
        paragraph("Subtitle", runs("{{ subtitle }}")),
        *_where("is_draft", paragraph("ReportBlank", runs(said["draft_note"]))),
        paragraph("Normal", runs("{{p facts }}")),
        paragraph("ReportNote", runs("{{ made }}")),
    ]
    for section in SECTIONS[kind]:
        heading = paragraph("Heading1", runs(said[f"heading_{kind}_{section}"]))
        lines += _where(section, heading, paragraph("Normal", runs(f"{{{{p {section} }}}}")))
    lines.append(paragraph("Normal", runs("{{p rest }}")))
    lines += _where("version", paragraph("ReportNote", runs(said["version"].replace("{version}", "{{ version }}"))))
    body = document.element.body
    for element in reversed(parse_xml(declared(join(lines), "w:body"))):
        body.insert(0, element)


def _where(name: str, *lines: Markup) -> list[Markup]:
    """The lines, left out where there is nothing under the name."""
    begins, ends = runs(f"{{%p if {name} %}}"), runs("{%p endif %}")
    return [paragraph("Normal", begins), *lines, paragraph("Normal", ends)]
