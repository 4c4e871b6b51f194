# ruff: noqa: ANN401, SLF001  the libraries leave what is inside a document untyped and unnamed
"""Reports written out: as Word, Excel, a page and pictures, from reports made by hand, with every text people might write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import docx
import openpyxl
import pytest
import yaml
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Cm
from lxml import etree
from PIL import Image

from cards.chrome import TEXTS, words
from cards.reports.bars import LEAST, fills, segments
from cards.reports.chart import png
from cards.reports.clean import clean, one_line
from cards.reports.excel import workbook
from cards.reports.page import page
from cards.reports.refused import Reason, Refused
from cards.reports.report import (
    Cell,
    Chart,
    Column,
    Fact,
    Facts,
    File,
    Format,
    Heading,
    Kind,
    Listing,
    Paragraph,
    Report,
    Section,
    Shape,
    Table,
)
from cards.reports.word import document, template
from cards.reports.writing import write_out
from tests.rooms import ROOT
from tests.written import CHART, EVIL, FORMULAS, NASTY, SECTIONS, bar, goals, kroner, nasty, percent, sample

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
KINDS: Final = tuple(Kind)


def word(report: Report, own: bytes | None = None) -> Document:
    content = document(report, own, "unit.da.docx")
    assert isinstance(content, bytes), content
    return docx.Document(BytesIO(content))


def with_blocks(*blocks: Any, kind: Kind = Kind.UNIT) -> Report:
    return replace(sample(kind), sections=(Section(SECTIONS[kind][0], "Sammenfatning", blocks),))


def said(root: Any) -> list[str]:
    """The paragraphs' texts, as Word shows them."""
    texts = []
    for paragraph in root.iter(f"{W}p"):
        pieces = [
            "\n" if one.tag == f"{W}br" else "\t" if one.tag == f"{W}tab" else one.text or ""
            for one in paragraph.iter(f"{W}t", f"{W}br", f"{W}tab")
            if one.getparent().tag == f"{W}r"
        ]
        texts.append("".join(pieces))
    return texts


def outline(written: Document) -> list[tuple[int, str]]:
    headings = [one for one in written.paragraphs if one.style is not None and one.style.name.startswith("Heading")]
    return [(int(one.style.name[-1]), one.text) for one in headings if one.style is not None]


# --- all of them ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("as_", [Format.WORD, Format.EXCEL, Format.PAGE])
def test_the_same_report_is_the_same_bytes(kind: Kind, as_: Format) -> None:
    one, other = write_out(sample(kind), as_, None), write_out(sample(kind), as_, None)
    assert isinstance(one, File)
    assert one == other
    assert one.name == f"{kind}-2027.{as_}"
    assert (one.title, one.language) == (sample(kind).title, "da")


@pytest.mark.parametrize("as_", list(Format))
def test_a_files_name_has_room_anywhere_and_keeps_its_year(as_: Format) -> None:
    long = replace(sample(Kind.UNIT), name=f"aarsrapport-{'kompetencecenter-' * 20}2027")
    written = write_out(long, as_, None)
    assert isinstance(written, File)
    assert len(written.name) <= 100
    assert re.fullmatch(rf"aarsrapport-[a-z-]+[a-z]-2027\.{as_}", written.name)
    endless = write_out(replace(long, name="a" * 400), as_, None)
    assert isinstance(endless, File)
    assert len(endless.name) == 100


def test_a_file_says_what_it_is() -> None:
    kinds = {as_: write_out(sample(Kind.UNIT), as_, None) for as_ in (Format.WORD, Format.EXCEL, Format.PAGE)}
    assert [one.media_type.split(";")[0].rpartition(".")[2] for one in kinds.values() if isinstance(one, File)] == [
        "document",
        "sheet",
        "text/html",
    ]


def test_both_languages_say_the_same_in_the_same_order() -> None:
    danish, english = (
        yaml.safe_load((TEXTS / f"writing.{language}.yaml").read_text(encoding="utf-8")) for language in ("da", "en")
    )
    assert list(danish) == list(english)
    assert all(danish.values())
    assert all(english.values())


def test_every_text_is_said_somewhere() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "cards").rglob("*")
        if path.suffix in {".py", ".html", ".xml"}
    )
    headings = {f"heading_{kind}_{section}" for kind, sections in SECTIONS.items() for section in sections}
    keys = set(words("writing", "da"))
    assert headings <= keys
    assert [key for key in keys - headings if key not in code] == []


@pytest.mark.parametrize("language", ["da", "en"])
def test_our_own_templates_use_the_reports_own_headings(language: str) -> None:
    ours, theirs = words("writing", language), words("reports", language)
    for kind, sections in SECTIONS.items():
        for section in sections:
            ids = {Kind.RECORD: f"record.{section}", Kind.COMMITTEE: section.replace("economy", "economy_case")}
            key = ids.get(kind, section)
            assert ours[f"heading_{kind}_{section}"] == theirs[key if "." in key else f"section.{key}"]


def test_what_a_report_takes_to_write_is_not_loaded_with_the_chat() -> None:
    asked = (
        "import sys, json, bot.main, bot.service, cards.reports.writing, cards.reports.refused;"
        "print(json.dumps([name for name in ('docx', 'docxtpl', 'PIL', 'ttf_opensans') if name in sys.modules]))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, cwd=ROOT)
    assert json.loads(told.stdout) == []


# --- Word -------------------------------------------------------------------------------------------------------------------


def test_what_people_write_is_text_in_word_whatever_it_looks_like() -> None:
    written = word(nasty())
    texts = said(written.element)
    assert texts[:2] == [EVIL, EVIL]  # title and subtitle, which stand in fields of the template
    for text in NASTY:
        plain = clean(text).replace("\t", " ")
        assert plain in texts, text  # as a paragraph
        assert f"[{plain}]" in texts, text  # to be filled in
        assert f"{one_line(text).replace(chr(9), ' ')}\t●\N{NO-BREAK SPACE}{plain}" in texts, text  # a fact
    assert "49" not in "".join(texts)
    assert not list(written.element.iter(f"{W}instrText"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["da", "en"])
def test_no_field_is_left_in_a_report(kind: Kind, language: str) -> None:
    content = document(sample(kind, language))
    assert isinstance(content, bytes)
    with ZipFile(BytesIO(content)) as package:
        parts = [package.read(name).decode() for name in package.namelist() if name.endswith(".xml")]
    assert not [mark for part in parts for mark in ("{{", "{%", "urn:dialogbot") if mark in part]


def test_a_committees_headings_stand_in_the_agendas_order() -> None:
    written = outline(word(sample(Kind.COMMITTEE)))
    usual = ["Sagsfremstilling", "Lovgrundlag", "Økonomi", "Effektvurdering", "Indstilling", "Bilag"]
    assert [text for level, text in written if level == 1] == usual
    assert (2, "Alle mål med resultater") in written
    assert all(later - earlier <= 1 for (earlier, _), (later, _) in pairwise(written))


def test_a_section_that_is_not_there_has_no_heading() -> None:
    report = replace(sample(Kind.UNIT), sections=sample(Kind.UNIT).sections[:1])
    assert outline(word(report)) == [(1, "Sammenfatning")]


def test_a_section_no_template_places_stands_last_under_its_own_title() -> None:
    more = Section("board", "Drøftet med bestyrelsen", (Paragraph("Ja, den 3. marts."),))
    report = replace(sample(Kind.UNIT), sections=(more, *sample(Kind.UNIT).sections))
    written = word(report)
    assert outline(written)[-1] == (1, "Drøftet med bestyrelsen")
    assert written.paragraphs[-1].text == "Ja, den 3. marts."


def test_two_sections_in_one_place_get_a_heading_each() -> None:
    rounds = [Section("dialogues", title, (Heading("Status"), Paragraph("Det går."))) for title in ("Forår", "Efterår")]
    written = outline(word(replace(sample(Kind.RECORD), sections=tuple(rounds))))
    assert written == [(1, "Dialogerne, som de er sendt"), (2, "Forår"), (3, "Status"), (2, "Efterår"), (3, "Status")]


def test_a_table_in_word_is_tagged_and_repeats_its_heading() -> None:
    written = word(with_blocks(goals(40)))
    table = written.tables[0]
    rows = table._tbl.findall(f"{W}tr")
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * 40
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
    assert table._tbl.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val") == "Alle mål med resultater"
    assert table._tbl.find(f"{W}tblPr/{W}tblDescription").get(f"{W}val").startswith("40 mål")
    styles = [table.cell(1, place).paragraphs[0].style for place in range(6)]
    assert [one.style_id for one in styles if one is not None][2:5] == ["ReportCellNumber"] * 3
    widths = [int(one.get(f"{W}w")) for one in table._tbl.iter(f"{W}gridCol")]
    assert widths[0] > widths[3]
    assert sum(widths) <= 9072  # sixteen centimetres


def test_a_caption_does_not_repeat_the_heading_above_it() -> None:
    texts = said(word(with_blocks(Heading("Alle mål med resultater"), goals())).element)
    assert texts.count("Alle mål med resultater") == 1


def test_a_table_is_not_captioned_with_what_its_heading_says_nearly_in_the_same_words() -> None:
    results, shared, units = (
        replace(goals(1), title=title) for title in ("Mål og resultater", "Fælles mål", "Enhedernes vurderinger")
    )
    lead = Paragraph("Fire mål er fælles.")
    blocks = (lead, shared, units, Heading("Målene og deres resultat"), results, results)
    report = replace(sample(Kind.UNIT), sections=(Section("goals", "Alle fælles mål", blocks),))
    captions = [one.text for one in word(report).paragraphs if one.style is not None and one.style.name == "Caption"]
    assert captions == ["Enhedernes vurderinger", "Mål og resultater"]
    drawn = etree.HTML(page(report))
    assert [one.get("class") for one in drawn.iterfind(".//caption")] == ["heard", None, "heard", None]


def test_a_table_that_its_heading_does_not_name_keeps_its_caption() -> None:
    budget, other = (replace(goals(1), title=title) for title in ("Budget og forventet forbrug", "Vurderinger"))
    for title, table, captions in (("Økonomi og budget", budget, []), ("Bilag", other, ["Vurderinger"])):
        report = replace(sample(Kind.UNIT), sections=(Section("economy", title, (table,)),))
        written = word(report).paragraphs
        assert [one.text for one in written if one.style is not None and one.style.name == "Caption"] == captions


def test_a_picture_says_what_it_shows() -> None:
    written = word(with_blocks(CHART))
    assert len(written.inline_shapes) == 1
    assert written.inline_shapes[0]._inline.docPr.get("descr") == CHART.about
    assert written.inline_shapes[0].width <= Cm(16.01)


def test_numbers_begin_again_in_every_list() -> None:
    points = Listing(("et", "to"), is_numbered=True)
    written = word(with_blocks(points, Listing(("a",)), points))
    lists = [one.get(f"{W}val") for one in written.element.body.iter(f"{W}numId")]
    assert len(lists) == 5
    assert lists[0] == lists[1]
    assert len(set(lists)) == 3
    defined = {one.get(f"{W}numId") for one in written.part.numbering_part.element.iter(f"{W}num")}
    assert set(lists) <= defined


def test_what_is_to_be_completed_stands_out_in_a_draft() -> None:
    draft, done = word(sample(Kind.COMMITTEE)), word(sample(Kind.COUNCIL))
    blanks = [one.text for one in draft.paragraphs if one.style is not None and one.style.style_id == "ReportBlank"]
    assert "[Skriv de paragraffer, sagen hviler på]" in blanks
    assert "Udkast" in "".join(said(draft.sections[0].header._element))
    assert "Udkast" not in "".join(said(done.sections[0].header._element))


def test_a_page_is_a4_with_its_number_and_the_municipalitys_name() -> None:
    written = word(sample(Kind.UNIT))
    paper = written.sections[0]
    measures = (paper.page_width, paper.page_height, paper.left_margin)
    assert [round(one.cm, 1) for one in measures if one is not None] == [21, 29.7, 2.5]
    assert "Fjordby Kommune" in "".join(said(paper.footer._element))
    fields = [one.get(f"{W}instr").strip() for one in paper.footer._element.iter(f"{W}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]


@pytest.mark.parametrize(("language", "locale"), [("da", "da-DK"), ("en", "en-GB")])
def test_a_document_says_its_language_and_whose_it_is(language: str, locale: str) -> None:
    written = word(sample(Kind.UNIT, language))
    about = written.core_properties
    assert (about.title, about.author, about.language) == (
        "Årsrapport for Børnehuset Solsikken",
        "Fjordby Kommune",
        locale,
    )
    assert about.created == datetime(2027, 11, 12, tzinfo=about.created.tzinfo if about.created else None)
    assert next(written.styles.element.iter(f"{W}lang")).get(f"{W}val") == locale


def test_a_wide_table_and_its_heading_stand_on_a_page_turned_on_its_side() -> None:
    blocks = (Paragraph("Før."), Heading("Bredt"), goals(5, wide=True), CHART, Paragraph("Efter."))
    written = word(with_blocks(*blocks))
    assert [one.orientation for one in written.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    body = list(written.element.body)
    ends = [place for place, one in enumerate(body) if one.find(f"{W}pPr/{W}sectPr") is not None]
    across = ["".join(said(one)) for one in body[ends[0] + 1 : ends[1] + 1]]
    assert across[0] == "Bredt"
    assert body[ends[1]].find(f".//{W}drawing") is not None
    assert all("Fjordby Kommune" in "".join(said(one.footer._element)) for one in written.sections)


def test_a_wide_table_of_a_few_rows_stands_upright() -> None:
    assert [one.orientation for one in word(with_blocks(goals(3, wide=True))).sections] == [WD_ORIENT.PORTRAIT]


def test_what_stands_over_and_under_a_page_keeps_to_its_edge_whichever_way_the_page_lies() -> None:
    written = word(replace(with_blocks(goals(5, wide=True), kind=Kind.COMMITTEE), is_draft=True))
    assert len(written.sections) > 1
    for paper in written.sections:
        for element in (paper.header._element, paper.footer._element):
            assert not list(element.iter(f"{W}tab"))
    looks = {one.get(f"{W}styleId"): one for one in written.styles.element.iter(f"{W}style")}
    for style in ("Header", "Footer"):
        assert looks[style].find(f"{W}pPr/{W}jc").get(f"{W}val") == "right"
        assert not list(looks[style].iter(f"{W}tab"))
    assert "".join(said(written.sections[-1].footer._element)).startswith("Fjordby Kommune · Side ")


def kept(written: Document) -> dict[str, bool]:
    """Each paragraph's text, and whether it stays on the page of the next one."""
    found = written.element.body.iter(f"{W}p")
    return {"".join(said_of(one)): one.find(f"{W}pPr/{W}keepNext") is not None for one in found}


def said_of(paragraph: Any) -> list[str]:
    return [one.text or "" for one in paragraph.iter(f"{W}t")]


def test_a_note_under_a_heading_stays_with_what_it_leads_to() -> None:
    note = Paragraph("Klimaplanen.", "note")
    found = kept(word(with_blocks(Heading("Biblioteket"), note, Listing(("et",)), Paragraph("Sidst.", "note"))))
    assert found["Klimaplanen."]
    assert not found["Sidst."]


def test_a_tables_note_is_not_left_alone_on_a_page() -> None:
    rows = tuple((Cell(f"Række {number}"),) for number in range(4))
    table = Table("t", "Tal", (Column("a", "A"),), rows, note="Sådan er de talt.")
    found = kept(word(with_blocks(table)))
    assert [found[f"Række {number}"] for number in range(4)] == [False, False, False, True]
    assert not any(kept(word(with_blocks(replace(table, note=""))))[f"Række {number}"] for number in range(4))


def test_a_days_month_stays_on_its_line() -> None:
    columns = (Column("due", "Frist", Shape.DAY), Column("said", "Sagt"))
    rows = ((Cell("senest 31. dec. 2027", date(2027, 12, 31)), Cell("5 uger")), (Cell("9 Sep 2026"), Cell("–")))
    table = word(with_blocks(Table("t", "Tal", columns, rows))).tables[0]
    cells = [[cell.text for cell in row.cells] for row in table.rows][1:]
    assert cells == [["senest 31.\N{NO-BREAK SPACE}dec. 2027", "5 uger"], ["9\N{NO-BREAK SPACE}Sep 2026", "–"]]


def test_wide_tables_one_after_the_other_leave_no_empty_page() -> None:
    turned = [one.orientation for one in word(with_blocks(goals(5, wide=True), goals(4, wide=True))).sections]
    assert turned.count(WD_ORIENT.LANDSCAPE) == 2
    assert turned[1:-1].count(WD_ORIENT.PORTRAIT) == 0


def test_what_rows_share_stands_once_above_them_for_people_and_in_every_row_for_machines() -> None:
    table = replace(goals(4), by="source")
    report = with_blocks(table)
    shown = word(report).tables[0]
    assert [one.text for one in shown.rows[0].cells][:2] == ["Mål", "Udgangspunkt"]
    heads = [row.cells[0].text for row in shown.rows if len({id(one._tc) for one in row.cells}) == 1]
    assert heads == ["Børnepolitikken", "Direktionens handlingsplan"]
    assert len(shown.rows) == 1 + len(heads) + len(table.rows)
    drawn = etree.HTML(page(report))
    assert ["".join(one.itertext()).strip() for one in drawn.iterfind(".//tr[@class='group']/th")] == heads
    (sheet,) = [one for one in openpyxl.load_workbook(BytesIO(workbook(report))) if one.title != "Overblik"]
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert sum(row.count("Børnepolitikken") for row in values) == 2


# --- a municipality's own template ------------------------------------------------------------------------------------------


def own(*lines: str, header: str = "") -> bytes:
    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    if header:
        made.sections[0].header.paragraphs[0].text = header
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def test_a_municipalitys_own_template_decides_what_stands_where() -> None:
    mine = own("{{ municipality }}: {{ title }}", "Først økonomien", "{{p economy }}", "Så resten", "{{p rest }}")
    report = sample(Kind.UNIT)
    texts = said(word(report, mine).element)
    assert texts[0] == "Fjordby Kommune: Årsrapport for Børnehuset Solsikken"
    assert texts.index("Først økonomien") < texts.index("Budgettet holder samlet set.") < texts.index("Så resten")
    assert texts.index("Så resten") < texts.index("Sammenfatning")
    assert texts.count("Budgettet holder samlet set.") == 1


def test_a_template_may_ask_whether_there_is_a_section() -> None:
    mine = own("{%p if ahead %}", "Året, der kommer", "{{p ahead }}", "{%p endif %}", "Slut")
    without = replace(sample(Kind.UNIT), sections=())
    assert said(word(without, mine).element) == ["Slut"]


def test_a_template_keeps_its_own_styles_and_is_given_those_it_lacks() -> None:
    made = docx.Document(BytesIO(own("{{p summary }}")))
    heading = next(one for one in made.styles.element.iter(f"{W}style") if one.get(f"{W}styleId") == "Heading2")
    heading.set(f"{W}styleId", "Overskrift2")  # as in a document that a Danish Word has made
    content = BytesIO()
    made.save(content)
    written = word(with_blocks(Heading("Et"), Paragraph("Udfyld", "blank"), goals()), content.getvalue())
    used = {one.get(f"{W}val") for tag in ("pStyle", "tblStyle") for one in written.element.body.iter(f"{W}{tag}")}
    assert {"Overskrift2", "ReportBlank", "ReportTable", "ReportCell"} <= used
    assert used <= {one.get(f"{W}styleId") for one in written.styles.element.iter(f"{W}style")}


def test_a_section_may_stand_in_a_cell_of_a_template() -> None:
    made = docx.Document()
    made.add_table(1, 2).cell(0, 0).paragraphs[0].text = "{{p summary }}"
    content = BytesIO()
    made.save(content)
    written = word(with_blocks(goals(4, wide=True)), content.getvalue())
    assert len(written.tables[0].cell(0, 0).tables) == 1
    assert written.tables[0]._tbl.find(f".//{W}tc")[-1].tag == f"{W}p"
    assert len(written.sections) == 1


@pytest.mark.parametrize(
    ("mine", "reason"),
    [
        (b"not a Word file", Reason.NOT_WORD),
        (b"", Reason.NOT_WORD),
        (workbook(sample(Kind.RECORD)), Reason.NOT_WORD),
        (own("{{p goals }"), Reason.BROKEN),
        (own("{%p if goals %}", "{{p goals }}"), Reason.BROKEN),
        (own("{{ title.__class__.__mro__ }}"), Reason.BROKEN),
        (own("{{ title / 0 }}"), Reason.BROKEN),
        (own("{{p maal }}"), Reason.UNKNOWN),
        (own("{{ range(9) }}"), Reason.UNKNOWN),
        (own("Her: {{ goals }}"), Reason.MISPLACED),
        (own("{{p rest }}", header="{{p goals }}"), Reason.MISPLACED),
    ],
)
def test_a_template_that_cannot_be_used_is_named_with_what_to_mend(mine: bytes, reason: Reason, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "unit.da.docx").write_bytes(mine)
    refused = write_out(sample(Kind.UNIT), Format.WORD, tmp_path)
    assert isinstance(refused, Refused)
    assert refused.reason is reason
    for language in ("da", "en"):
        assert "unit.da.docx" in refused.in_(language)
        assert not re.search(r"<\w+>", refused.in_(language))


def test_an_unknown_section_is_named_beside_those_there_are() -> None:
    refused = document(sample(Kind.UNIT), own("{{p maal }}"), "unit.da.docx")
    assert isinstance(refused, Refused)
    assert refused.in_("da").startswith("unit.da.docx bruger maal, som rapporten ikke har. Den har ahead, basis,")


def test_a_template_of_another_kind_or_language_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "unit.en.docx").write_bytes(b"not a Word file")
    assert isinstance(write_out(sample(Kind.UNIT), Format.WORD, tmp_path), File)


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_we_come_with_can_be_handed_back_as_ones_own(kind: Kind) -> None:
    assert document(sample(kind), template(kind, "da"), "x.docx") == document(sample(kind))


def test_our_own_templates_say_their_headings_in_words_one_can_edit() -> None:
    texts = said(docx.Document(BytesIO(template(Kind.COMMITTEE, "da"))).element)
    assert texts.index("Sagsfremstilling") < texts.index("{{p case }}") < texts.index("Lovgrundlag")


# --- Excel ------------------------------------------------------------------------------------------------------------------


def book(report: Report) -> Any:
    return openpyxl.load_workbook(BytesIO(workbook(report)))


def test_figures_can_be_calculated_with_and_look_as_danes_write_them() -> None:
    columns = tuple(Column(one.value, one.value, one) for one in (Shape.TEXT, Shape.NUMBER, Shape.AMOUNT, Shape.DAY))
    row = (Cell("Nået", "reached", "●"), percent("4.90"), kroner(-240_000), Cell("1. oktober 2027", date(2027, 10, 1)))
    sheet = book(with_blocks(Table("t", "Tal", columns, (row,)))).worksheets[1]
    text, number, amount, day = sheet[4]
    assert text.value == "● Nået"
    assert (number.value, number.number_format) == (pytest.approx(4.9), '#,##0.00"\N{NO-BREAK SPACE}%"')
    assert amount.value == -240_000
    assert amount.number_format == '"kr.\N{NO-BREAK SPACE}"#,##0;"kr.\N{NO-BREAK SPACE}"-#,##0'
    assert (day.value, day.is_date) == (datetime(2027, 10, 1), True)  # noqa: DTZ001  a day in a sheet has no zone
    assert day.number_format == "[$-406]d. mmm yyyy"


def test_an_amount_said_in_words_is_a_number_that_adds_up_and_reads_as_the_words_do() -> None:
    columns = (Column("difference", "Afvigelse", Shape.AMOUNT), Column("change", "Ændring", Shape.NUMBER))
    said = (("600.000 mere", 600_000), ("500.000 mindre", -500_000), ("", 0))
    amounts = [Cell(f"kr. {words}" if words else "Ingen afvigelse", Decimal(value)) for words, value in said]
    changes = [Cell("1.960 besøg højere", 1960), Cell("4,5 uger lavere", Decimal("-4.5")), Cell("Uændret", 0)]
    sheet = book(with_blocks(Table("t", "Tal", columns, tuple(zip(amounts, changes, strict=True))))).worksheets[1]
    written = [row[0] for row in sheet.iter_rows(min_row=4)]
    assert sum(one.value for one in written) == 100_000
    assert {one.number_format for one in written} == {'"kr. "#,##0" mere";"kr. "#,##0" mindre";"Ingen afvigelse"'}
    assert [(row[1].value, row[1].number_format) for row in sheet.iter_rows(min_row=4)] == [
        (1960, '#,##0" besøg højere"'),
        (pytest.approx(-4.5), '#,##0.0;#,##0.0" uger lavere"'),
        (0, '#,##0;-#,##0;"Uændret"'),
    ]


def test_a_day_has_room_in_its_column_and_reads_as_its_words_do() -> None:
    columns = (Column("due", "Frist", Shape.DAY),)
    texts = ("31. dec. 2027", "senest 31. dec. 2027", "december 2027")
    sheet = book(
        with_blocks(Table("t", "Tal", columns, tuple((Cell(text, date(2027, 12, 31)),) for text in texts)))
    ).worksheets[1]
    assert [cell.number_format for (cell,) in sheet.iter_rows(min_row=4)] == [
        "[$-406]d. mmm yyyy",
        '[$-406]"senest "d. mmm yyyy',
        "[$-406]mmmm yyyy",
    ]
    assert sheet.column_dimensions["A"].width > len(texts[0]) + 2


def test_a_text_that_is_not_its_number_stays_a_text() -> None:
    columns = (Column("n", "Tal", Shape.NUMBER),)
    rows = (
        (Cell("Ingen nye data", Decimal("4.9")),),
        (Cell("uendeligt", Decimal("Infinity")),),
        (Cell("Ingen nye data"),),
    )
    sheet = book(with_blocks(Table("t", "Tal", columns, rows))).worksheets[1]
    assert [sheet.cell(row, 1).value for row in (4, 5, 6)] == ["Ingen nye data", "uendeligt", "Ingen nye data"]


def test_what_people_write_is_no_formula_and_nothing_is_lost() -> None:
    written = book(nasty())
    cells = [cell for sheet in written for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    found = {str(cell.value).replace("_x005F_", "_") for cell in cells}  # as Excel reads it
    for text in NASTY:
        assert not text or clean(text) in found, text
    looking = [cell for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert len(looking) >= len(FORMULAS) - 1
    assert all(cell.quotePrefix for cell in looking)


def test_sheets_have_legal_names_and_each_its_own() -> None:
    titles = ("Mål", "mål", "M/å\\l: [alle]?*", "History", "", "'", "🍎" * 40, "a" * 40, "a" * 40)
    tables = tuple(replace(goals(1), title=title) for title in titles)
    names = book(with_blocks(*tables)).sheetnames
    assert len({name.casefold() for name in names}) == len(titles) + 1
    assert all(0 < len(name.encode("utf-16-le")) <= 62 and not re.search(r"[\[\]:*?/\\]|^'|'$", name) for name in names)
    assert "history" not in {name.casefold() for name in names}


def test_sheets_of_one_name_are_told_apart_by_their_headings_and_no_name_is_cut_in_a_word() -> None:
    table = replace(goals(1), title="Status på indsatser", id="statuses-2026-autumn")
    shared = replace(goals(1), title="Enhedernes vurderinger af de fælles mål", id="shared_units")
    long = replace(goals(1), title="Hvad enhederne svarede om trivsel og fravær", id="other")
    rounds = (Heading("Forårsdialog 2026"), table, Heading("Efterårsdialog 2026"), Heading("Punkter", 3), table)
    assert book(with_blocks(*rounds, shared, long)).sheetnames[1:] == [
        "Indsatser, Forårsdialog 2026",
        "Indsatser, Efterårsdialog 2026",
        "Vurderinger, fælles mål",
        "Hvad enhederne svarede om",
    ]


def test_facts_in_the_overview_stand_under_the_heading_they_belong_to() -> None:
    facts = Facts((Fact("Sendt", Cell("i går")),))
    overview = book(with_blocks(Heading("Forår"), facts, Heading("Efterår"), facts)).worksheets[0]
    said_there = [cell.value for cell in overview["A"] if cell.value]
    assert [one for one in said_there if one in {"Forår", "Efterår", "Sammenfatning"}] == ["Forår", "Efterår"]


def test_a_sheet_is_ready_to_sort_read_and_print() -> None:
    overview, sheet, *_ = book(sample(Kind.COUNCIL)).worksheets
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref == "A3:F12"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert overview["A1"].value == "De politiske mål 2027"
    assert next(cell.hyperlink.location for cell in overview["A"] if cell.hyperlink) == f"'{sheet.title}'!A1"


def test_a_chart_in_excel_is_drawn_from_its_figures_and_says_what_it_shows() -> None:
    content = workbook(with_blocks(CHART))
    with ZipFile(BytesIO(content)) as package:
        drawing = etree.fromstring(package.read("xl/drawings/drawing1.xml"))
        chart = package.read("xl/charts/chart1.xml").decode()
    assert [one.get("descr") for one in drawing.iter() if one.get("descr")] == [CHART.about]
    assert 'barDir val="bar"' in chart
    assert 'grouping val="stacked"' in chart
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[-1]
    assert [cell.value for cell in sheet[3]][:5] == ["Børnepolitikken", 12, 3, 5, 1]


# --- a page -----------------------------------------------------------------------------------------------------------------


class Read(HTMLParser):
    """What a browser finds: elements with their attributes, and the text of each <bdi>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "bdi":
            self.texts.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "bdi"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


def test_what_people_write_is_text_on_a_page() -> None:
    read = Read(page(nasty()))
    assert {clean(text) for text in NASTY} <= set(read.texts)
    known = {tag for tag, _ in Read(page(sample(Kind.COMMITTEE))).elements} | {"br"}
    assert {tag for tag, _ in read.elements} - known <= {"blockquote"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_nothing_of_the_network_and_runs_nothing(kind: Kind) -> None:
    read = Read(page(sample(kind)))
    assert {"script", "iframe", "object", "img", "link", "form"}.isdisjoint(tag for tag, _ in read.elements)
    for _, attributes in read.elements:
        assert attributes.get("href", "#").startswith("#")
        assert not {"src", "srcset", "style"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(http" not in page(sample(kind))
    assert "@import" not in page(sample(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_pages_headings_stand_in_order_and_ids_once(kind: Kind) -> None:
    read = Read(page(sample(kind)))
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {
        name
        for _, one in read.elements
        for key in ("aria-labelledby", "aria-describedby")
        for name in one.get(key, "").split()
    }
    assert named <= set(ids)
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in read.elements}


def test_a_heading_never_leaps_over_a_level() -> None:
    read = Read(page(with_blocks(Heading("Dybt", 3), Heading("Højt"), Heading("", 2))))
    assert [tag for tag, _ in read.elements if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h3", "h3"]


def test_a_pages_table_says_what_heads_what() -> None:
    read = Read(page(with_blocks(goals(2))))
    scopes = [attributes.get("scope") for tag, attributes in read.elements if tag == "th"]
    assert scopes == ["col"] * 6 + ["row"] * 2
    assert "caption" in {tag for tag, _ in read.elements}


@pytest.mark.parametrize(
    ("ids", "head"), [("objective goal due", "goal"), ("goal initiative due", "initiative"), ("what who goal", "what")]
)
def test_a_row_on_a_page_is_headed_by_what_it_is_about(ids: str, head: str) -> None:
    columns = tuple(Column(one, one) for one in ids.split())
    rows = (tuple(Cell(one) for one in ids.split()),)
    drawn = etree.HTML(page(with_blocks(Table("t", "Tal", columns, rows))))
    heads = drawn.iterfind(".//tbody/tr/th")
    assert [(one.get("data-label"), one.get("role"), one.get("scope")) for one in heads] == [(head, "rowheader", "row")]


def test_the_goal_heads_a_row_also_where_its_source_stands_above() -> None:
    columns = (Column("source", "Kilde"), Column("goal", "Mål"), Column("now", "Nu"))
    table = Table("t", "Mål", columns, ((Cell("Børnepolitikken"), Cell("Flere er trygge"), Cell("3 %")),), by="source")
    heads = etree.HTML(page(with_blocks(table))).iterfind(".//tbody/tr/th")
    assert [(one.get("scope"), "".join(one.itertext()).strip()) for one in heads] == [
        ("rowgroup", "Børnepolitikken"),
        ("row", "Flere er trygge"),
    ]


def test_a_pages_chart_says_its_figures_in_words() -> None:
    read = Read(page(with_blocks(CHART)))
    assert CHART.about in read.texts
    drawn = [attributes for _, attributes in read.elements if attributes.get("role") == "img"]
    assert len(drawn) == 1
    assert {"aria-labelledby", "aria-describedby"} <= drawn[0].keys()


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_page_says_its_language_and_speaks_it(language: str) -> None:
    html = page(sample(Kind.COMMITTEE, language))
    assert dict(Read(html).elements)["html"] == {"lang": language}
    assert words("writing", language)["draft_note"] in html


# --- charts -----------------------------------------------------------------------------------------------------------------


def _lightness(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_lightness(one), _lightness(other)))
    return (light + 0.05) / (dark + 0.05)


def test_neighbours_differ_without_colour_and_numbers_can_be_read() -> None:
    looks = fills(CHART)
    assert all(_contrast(one.ground, other.ground) >= 3 for one, other in pairwise(looks))
    assert _contrast(looks[0].ground, looks[2].ground) >= 2.5  # where nothing is partly reached
    assert len({look.pattern for look in looks}) == 4
    assert all(_contrast(look.ground, look.mark) >= 4.5 for look in looks)


def test_every_part_has_room_for_its_number_and_no_bar_is_too_long() -> None:
    drawn = segments(Chart("c", "", (bar("", 1, 1, 900, 1), bar("", 0, 3, 0, 0), bar("", 0, 0, 0, 0)), ""))
    assert [len(one) for one in drawn] == [4, 1, 0]
    assert all(segment.width >= LEAST - 1e-9 for one in drawn for segment in one)
    assert all(sum(segment.width for segment in one) <= 1 + 1e-9 for one in drawn)
    assert [segment.part.number for segment in drawn[0]] == [1, 1, 900, 1]


def test_a_chart_is_a_picture_twice_as_fine_as_a_screen() -> None:
    image = Image.open(BytesIO(png(CHART, "da")))
    assert (image.format, image.width) == ("PNG", 1360)
    assert image.height > 200


def test_danish_letters_are_drawn_and_an_emoji_is_left_out() -> None:
    def drawn(label: str) -> bytes:
        return png(Chart("c", "", (bar(label, 1, 0, 0, 0),), ""), "da")

    assert len({drawn(label) for label in ("æ", "ø", "å", "Æ", "Ø", "Å", "é", "–", "»")}) == 9
    assert drawn("Åsen 🍎") == drawn("Åsen")
    assert drawn("\u202e\x00") == drawn("")


@pytest.mark.parametrize("bars", [(), (bar("", 0, 0, 0, 0),), (bar("x" * 400, 1, 0, 0, 2),)])
def test_a_chart_of_nothing_or_of_long_words_can_be_written(bars: tuple[Any, ...]) -> None:
    report = with_blocks(
        replace(CHART, bars=bars), Facts(()), Listing(()), Table("t", "Tom", (), ()), Facts((Fact("a", Cell("b")),))
    )
    for as_ in (Format.WORD, Format.EXCEL, Format.PAGE):
        assert isinstance(write_out(report, as_, None), File)
