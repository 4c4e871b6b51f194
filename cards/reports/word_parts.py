"""What a Word document needs to hold a report, whoever made it: our styles where it has none, lists, pages on their side.

Promises: a municipality's own styles and pages stay as they are; only what is missing is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.parts.numbering import NumberingPart
from lxml import etree

from cards.reports.word_template import NAMESPACES, styles_xml

W: Final = f"{{{NAMESPACES['w']}}}"
_ACROSS: Final = f"{{{NAMESPACES['report']}}}across"
_VAL: Final = f"{W}val"
_A4, _SIDE = (11906, 16838), 1417  # twips, where a page says nothing of its size
_LEAST_ROOM = 4000

_LEVEL: Final = (
    '<w:abstractNum xmlns:w="{w}" w:abstractNumId="{id}"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0">'
    '<w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
    '<w:pPr><w:ind w:left="397" w:hanging="397"/></w:pPr></w:lvl></w:abstractNum>'
)
_LIST: Final = (
    '<w:num xmlns:w="{w}" w:numId="{id}"><w:abstractNumId w:val="{of}"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
)


def mapped_styles(styles: Any, language: str) -> Mapping[str, str]:  # noqa: ANN401  lxml says nothing of its types
    """Return the document's style ids by ours, having added those it lacks. Word keeps its own styles by their English names."""
    by_name = {_name(one): one.get(f"{W}styleId") for one in styles.iter(f"{W}style")}
    ids = set(by_name.values())
    found: dict[str, str] = {}
    for ours in etree.fromstring(styles_xml(language)).iter(f"{W}style"):
        style = ours.get(f"{W}styleId")
        is_own = ours.get(f"{W}customStyle") == "1"
        found[style] = style if is_own and style in ids else by_name.get(_name(ours), "")
        if found[style]:
            continue
        found[style] = style if style not in ids else f"Report{style}"
        ours.set(f"{W}styleId", found[style])
        for reference in (*ours.iter(f"{W}basedOn"), *ours.iter(f"{W}next")):
            reference.set(_VAL, found.get(reference.get(_VAL), reference.get(_VAL)))
        styles.append(deepcopy(ours))
    return found


def _name(style: Any) -> str:  # noqa: ANN401
    return str(style.find(f"{W}name").get(_VAL)).lower()


class Lists:
    """The document's lists: each list of points is one of its own, so that numbers begin again."""

    def __init__(self, part: Any) -> None:  # noqa: ANN401
        self._numbering = _numbering(part)
        self._of = {is_numbered: self._kind(is_numbered=is_numbered) for is_numbered in (False, True)}

    def one(self, is_numbered: bool) -> int:  # noqa: FBT001  a list is numbered or it is not
        """The id of a new list."""
        number = self._next("num", "numId")
        shape = _LIST.format(w=NAMESPACES["w"], id=number, of=self._of[is_numbered])
        last = self._numbering.findall(f"{W}num")
        self._numbering.insert(
            self._numbering.index(last[-1]) + 1 if last else self._after_kinds(), etree.fromstring(shape)
        )
        return number

    def _kind(self, *, is_numbered: bool) -> int:
        number = self._next("abstractNum", "abstractNumId")
        looks = {"format": "decimal", "text": "%1."} if is_numbered else {"format": "bullet", "text": "•"}
        element = etree.fromstring(_LEVEL.format(w=NAMESPACES["w"], id=number, **looks))
        self._numbering.insert(self._after_kinds(), element)
        return number

    def _after_kinds(self) -> int:
        kinds = self._numbering.findall(f"{W}abstractNum")
        return self._numbering.index(kinds[-1]) + 1 if kinds else len(self._numbering.findall(f"{W}numPicBullet"))

    def _next(self, tag: str, key: str) -> int:
        return max((int(one.get(f"{W}{key}")) for one in self._numbering.findall(f"{W}{tag}")), default=0) + 1


def _numbering(part: Any) -> Any:  # noqa: ANN401
    for relation in part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.NUMBERING:
            return relation.target_part.element
    blank = f'<w:numbering xmlns:w="{NAMESPACES["w"]}"/>'.encode()
    made = NumberingPart.load(PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, blank, part.package)
    part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
    return made.element


# --- pages ------------------------------------------------------------------------------------------------------------------


def room(place: Any, body: Any) -> tuple[int, int]:  # noqa: ANN401
    """Return how wide the page is between its margins where the place stands, and turned on its side; 0 where it cannot be."""
    cell = next(place.iterancestors(f"{W}tc"), None)
    if cell is not None:
        width = cell.find(f"{W}tcPr/{W}tcW")
        said = int(width.get(f"{W}w", "0")) if width is not None and width.get(f"{W}type") == "dxa" else 0
        return max(said, _LEAST_ROOM), 0
    page = _page_of(place, body)
    wide, high = _size(page)
    margins = page.find(f"{W}pgMar") if page is not None else None
    sides = [int(margins.get(f"{W}{side}", _SIDE)) if margins is not None else _SIDE for side in ("left", "right")]
    across = high - sum(sides) if page is not None and high > wide and place.getparent() is body else 0
    return max(wide - sum(sides), _LEAST_ROOM), across


def turned(body: Any, kept: set[str]) -> None:  # noqa: ANN401
    """Put the tables that are marked for it on pages turned on their side, with the headings (`kept`) right above them."""
    for table in [one for one in body.iter(f"{W}tbl") if one.get(_ACROSS)]:
        del table.attrib[_ACROSS]
        page = _page_of(table, body)
        first = table
        while (before := first.getprevious()) is not None and _style(before) in kept:
            first = before
        if before is not None and before.find(f"{W}pPr/{W}sectPr") is None:
            _end_page(before, deepcopy(page))
        last = table.getnext()
        while (drawn := _drawn_below(last)) is not None:  # a chart stays beside the table it is drawn from
            last = drawn
        side = _on_its_side(deepcopy(page))
        if last.getnext() is page:  # nothing follows: the last page is the turned one
            body.replace(page, side)
        else:
            _end_page(last, side)


def _drawn_below(element: Any) -> Any:  # noqa: ANN401
    """The picture right below an element, past its caption; None when something else stands there."""
    below = element.getnext()
    for one in (below, below.getnext() if below is not None else None):
        if one is not None and one.tag == f"{W}p" and next(one.iter(f"{W}drawing"), None) is not None:
            return one
    return None


def _page_of(element: Any, body: Any) -> Any:  # noqa: ANN401
    """The description of the page an element stands on: the next one in the text, or the last of all."""
    top = element
    while top.getparent() is not None and top.getparent() is not body:
        top = top.getparent()
    for later in top.itersiblings():
        if (found := later if later.tag == f"{W}sectPr" else later.find(f"{W}pPr/{W}sectPr")) is not None:
            return found
    return None


def _size(page: Any) -> tuple[int, int]:  # noqa: ANN401
    size = page.find(f"{W}pgSz") if page is not None else None
    return _A4 if size is None else (int(size.get(f"{W}w", _A4[0])), int(size.get(f"{W}h", _A4[1])))


def _on_its_side(page: Any) -> Any:  # noqa: ANN401
    size = page.find(f"{W}pgSz")
    if size is None:
        size = etree.SubElement(page, f"{W}pgSz")
    wide, high = _size(page)
    size.set(f"{W}w", str(max(wide, high)))
    size.set(f"{W}h", str(min(wide, high)))
    size.set(f"{W}orient", "landscape")
    for first_page in page.findall(f"{W}titlePg"):
        page.remove(first_page)  # it has had its first page
    return page


def _style(element: Any) -> str:  # noqa: ANN401
    style = element.find(f"{W}pPr/{W}pStyle") if element.tag == f"{W}p" else None
    return "" if style is None else str(style.get(_VAL))


def _end_page(element: Any, page: Any) -> None:  # noqa: ANN401
    """End the pages of a sort with this element; after a table, that takes a paragraph too small to be seen."""
    if element.tag != f"{W}p":
        shape = (
            f'<w:p xmlns:w="{NAMESPACES["w"]}"><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
            "</w:pPr></w:p>"
        )
        element.addnext(etree.fromstring(shape))
        element = element.getnext()
    properties = element.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        element.insert(0, properties)
    properties.append(page)
