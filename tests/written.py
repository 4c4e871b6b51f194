"""Reports made by hand, for tests of how they are written out: one of each kind as they look, and one of all that can go wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from cards.figures import amount, measured
from cards.reports.report import (
    Bar,
    Block,
    Cell,
    Chart,
    Column,
    Fact,
    Facts,
    Heading,
    Kind,
    Listing,
    Paragraph,
    Part,
    Report,
    Section,
    Shape,
    Table,
)

EVIL: Final = "{{ 7 * 7 }} {% for x in y %} {{p goals }} {_{ <w:p><w:r/></w:p> </w:t> <script>alert(1)</script> & \"q\" 'a' ]]> <!-- {#"
FORMULAS: Final = ("=1+1", "+1", "-1 og ned", "@SUM(A1)", '=HYPERLINK("http://127.0.0.1","x")', "\t=1+1")
BIDI: Final = "\u202eefter\u202c og שלום og \u2066åben"
EMOJI: Final = "Æblegrød på Åsen 🍎👩‍👩‍👧 ½ – »citat«"
BROKEN: Final = "før\x00\x07\x0befter\ud800slut\ufffe"
LONG: Final = "Vi har arbejdet med overleveringer hele året, og tre af fem skoler er nu med. " * 40
WORD: Final = "Speciallægepraksisplanlægningsstabiliseringsperiode" * 2
NASTY: Final = (EVIL, *FORMULAS, BIDI, EMOJI, BROKEN, LONG, WORD, "", "_x0041_", "linje et\nlinje to\r\nlinje tre")

_PARTS: Final = (
    ("reached", "Nået", "●"),
    ("partly", "Delvist nået", "◑"),
    ("not_reached", "Ikke nået", "○"),
    ("unknown", "Kan ikke vurderes endnu", "?"),
)
_NAMES: Final = {
    Kind.RECORD: ("Dialogernes grundlag og referat", "Børnehuset Solsikken · 2027"),
    Kind.UNIT: ("Årsrapport for Børnehuset Solsikken", "Mål og budget 2027"),
    Kind.JOINT: ("Fælles årsrapport for Børn og Skole", "23 enheder · 2027"),
    Kind.COMMITTEE: ("Opfølgning på de politiske mål 2027", "Sag til Børne- og Skoleudvalget"),
    Kind.COUNCIL: ("De politiske mål 2027", "Til kommunalbestyrelsen, december 2027"),
}
SECTIONS: Final = {
    Kind.RECORD: ("basis", "plan", "dialogues", "actions"),
    Kind.UNIT: ("summary", "goals", "not_reached", "initiatives", "economy", "ahead", "basis"),
    Kind.JOINT: ("summary", "shared", "goals", "not_reached", "initiatives", "economy", "ahead", "basis"),
    Kind.COMMITTEE: ("case", "legal", "economy", "effect", "recommendation", "appendices"),
    Kind.COUNCIL: ("summary", "policies", "goals", "not_reached", "consequences", "appendices"),
}


def bar(label: str, *numbers: int) -> Bar:
    """A bar of goals: reached, partly, not reached, unknown."""
    return Bar(label, tuple(Part(*part, number) for part, number in zip(_PARTS, numbers, strict=True)))


CHART: Final = Chart(
    "goals",
    "Mål efter politik",
    (
        bar("Børnepolitikken", 12, 3, 5, 1),
        bar("Politikken for ældre, værdighed og sammenhæng i hele Fjordby", 4, 0, 2, 0),
        bar("Direktionens handlingsplan", 1, 0, 0, 9),
    ),
    "Børnepolitikken: 12 mål er nået, 3 delvist, 5 ikke, og 1 kan ikke vurderes endnu. Politikken for ældre: 4 er nået, 2 ikke. "
    "Direktionens handlingsplan: 1 er nået, og 9 kan ikke vurderes endnu.",
)


def percent(value: str) -> Cell:
    """A measure in per cent."""
    return Cell(measured(Decimal(value), "%", "da"), Decimal(value))


def kroner(value: int) -> Cell:
    """An amount."""
    return Cell(amount(Decimal(value), "da"), Decimal(value))


def goals(count: int = 6, *, wide: bool = False) -> Table:
    """The table of all goals with results."""
    titles = (
        "Sygefraværet er højst 4,9 % ved udgangen af 2028",
        "Flere børn har en tryg overgang til skole",
        "Alle elever trives, også i udskolingen",
    )
    results = (("reached", "Nået", "●"), ("partly", "Delvist nået", "◑"), ("not_reached", "Ikke nået", "○"))
    columns = (
        Column("goal", "Mål", wide=5),
        Column("source", "Kilde", wide=3),
        Column("baseline", "Udgangspunkt", Shape.NUMBER),
        Column("target", "Mål", Shape.NUMBER),
        Column("value", "Resultat", Shape.NUMBER),
        Column("attained", "Vurdering", wide=2),
    )
    more = (
        Column("measured_on", "Målt", Shape.DAY, wide=2),
        Column("unit", "Enhed", wide=3),
        Column("who", "Opfølgningsansvarlig", wide=3),
        Column("where", "Dokumentationskilde", wide=3),
    )
    rows = []
    for place in range(count):
        attained, word, symbol = results[place % 3]
        cells = (
            Cell(titles[place % 3]),
            Cell(("Børnepolitikken", "Direktionens handlingsplan")[place % 2]),
            percent("6.5"),
            percent("4.9"),
            percent("4.85") if place % 3 != 1 else Cell("Ingen nye data"),
            Cell(word, attained, symbol),
        )
        beyond = (
            Cell("1. oktober 2027", date(2027, 10, 1)),
            Cell("Børnehuset Solsikken"),
            Cell("Distriktssundhedsplejen"),
            Cell("Brugertilfredshedsmålingen"),
        )
        rows.append(cells + beyond if wide else cells)
    return Table(
        "goals",
        "Alle mål med resultater",
        columns + more if wide else columns,
        tuple(rows),
        f"{count} mål, med udgangspunkt, mål, resultat og vurdering.",
        "Resultatet er det seneste, der er målt.",
    )


ECONOMY: Final = Table(
    "economy",
    "Budget og forventet resultat",
    (
        Column("unit", "Enhed", wide=4),
        Column("budget", "Budget", Shape.AMOUNT, wide=2),
        Column("expected", "Forventet", Shape.AMOUNT, wide=2),
        Column("deviation", "Afvigelse", Shape.AMOUNT, wide=2),
    ),
    (
        (Cell("Børnehuset Solsikken"), kroner(12_500_000), kroner(12_740_000), kroner(-240_000)),
        (Cell("Vuggestuen Månen"), kroner(8_100_000), kroner(8_100_000), kroner(0)),
    ),
    "To enheders budget.",
)


def _blocks(section_id: str, kind: Kind) -> tuple[Block, ...]:
    analysis = (
        Heading("Flere børn har en tryg overgang til skole"),
        Paragraph("Målet er delvist nået. Den vigtigste grund: Indsatsen blev ikke gennemført som planlagt."),
        Paragraph(
            "»To skoler har ikke svaret. Vi mangler en aftale på chefniveau, og den kommer til foråret.«", "quote"
        ),
        Heading("Det aftalte", 3),
        Listing(("Jens tager det op med skolechefen.", "Mette indkalder de to skoler inden 1. maj.")),
    )
    match section_id:
        case "summary":
            return (
                Paragraph("17 af 21 mål er nået eller delvist nået. Budgettet holder.", "lead"),
                Paragraph("Fire mål er ikke nået. De er gennemgået enkeltvis nedenfor, med hvad der nu sker."),
            )
        case "goals" | "shared" | "policies":
            return (goals(24 if kind is Kind.JOINT else 9, wide=kind is Kind.JOINT), CHART)
        case "not_reached":
            return analysis
        case "case":
            return (
                Paragraph("Udvalget orienteres om, hvordan det går med de politiske mål på sit område."),
                Heading("Alle mål med resultater"),
                goals(),
                CHART,
                *(Heading(one.text, 3) if isinstance(one, Heading) else one for one in analysis),
            )
        case "economy":
            return (Paragraph("Budgettet holder samlet set."), ECONOMY)
        case "recommendation":
            return (
                Paragraph("Direktøren indstiller, at udvalget"),
                Listing(
                    ("tager orienteringen til efterretning,", "drøfter de fire mål, der ikke er nået."),
                    is_numbered=True,
                ),
                Paragraph("Skriv, hvad udvalget ellers skal tage stilling til", "blank"),
            )
        case "legal":
            return (Paragraph("Skriv de paragraffer, sagen hviler på", "blank"),)
        case "basis":
            facts = (
                Fact("Aftale", Cell("Dialogaftale 2026–2028")),
                Fact("Underskrevet", Cell("31. januar 2027", date(2027, 1, 31))),
                Fact("Parter", Cell("Mette Søndergaard, leder, og Jens Østergaard, dagtilbudschef i Børn og Skole")),
            )
            return (Facts(facts, "agreement"), Paragraph("Rapporten bygger alene på det, der er sendt.", "note"))
        case _:
            return (
                Heading("Børnepolitikken"),
                Paragraph("Indsatsen er i gang og følger planen."),
                Listing(("Første skridt", "Andet skridt"), is_numbered=True),
            )


def sample(kind: Kind, language: str = "da") -> Report:
    """A report of a kind, as one looks."""
    titles = {
        "summary": "Sammenfatning",
        "goals": "Alle mål med resultater",
        "not_reached": "Mål, der ikke er nået",
        "economy": "Økonomi",
        "case": "Sagsfremstilling",
        "basis": "Grundlag",
    }
    sections = tuple(Section(one, titles.get(one, one.title()), _blocks(one, kind)) for one in SECTIONS[kind])
    title, subtitle = _NAMES[kind]
    facts = (
        Fact("Enhed", Cell("Børnehuset Solsikken")),
        Fact("Leder", Cell("Mette Søndergaard")),
        Fact("Nærmeste leder", Cell("Jens Østergaard")),
        Fact("Mål", Cell("17 af 21 nået eller delvist nået", symbol="●")),
    )
    return Report(
        kind,
        language,
        f"{kind}-2027",
        title,
        subtitle,
        "Fjordby Kommune",
        "Lavet den 12. november 2027 ud fra 23 af 23 sendte dialoger.",
        date(2027, 11, 12),
        Facts(facts),
        sections,
        is_draft=kind is Kind.COMMITTEE,
        version="9f" * 32 if kind is Kind.RECORD else "",
    )


def _every_block(text: str) -> tuple[Block, ...]:
    """One of every block there is, each saying the same."""
    columns = (Column("text", text), Column("n", "Tal", Shape.NUMBER))
    return (
        Heading(text),
        Heading(text, 3),
        *(Paragraph(text, style) for style in ("body", "lead", "note", "quote", "blank")),
        Facts((Fact(text, Cell(text, None, "●")),), "more"),
        Listing((text, text)),
        Listing((text,), is_numbered=True),
        Table("one", text, columns, ((Cell(text), Cell("1", 1)),), text, text),
        Chart("chart", text, (bar(text, 1, 2, 3, 4),), text),
    )


def nasty() -> Report:
    """A report in which every text that people write is an attack or an accident, in every block there is."""
    blocks = tuple(block for text in NASTY for block in _every_block(text))
    facts = Facts(tuple(Fact(text, Cell(text)) for text in NASTY))
    sections = (Section("summary", EVIL, blocks), Section("elsewhere", EVIL, (Paragraph(EVIL),)))
    return Report(
        Kind.UNIT, "da", "enhed-2027", EVIL, EVIL, EVIL, EVIL, date(2027, 11, 12), facts, sections, version="ab" * 32
    )
