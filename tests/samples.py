"""One card of every kind, as the conversation shows them: for tests of renderers, and to look at."""

from __future__ import annotations

from cards.card import (
    Button,
    Buttons,
    Card,
    Fold,
    Framed,
    Input,
    Note,
    Option,
    Para,
    Points,
    Press,
    Progress,
    Row,
    Run,
    Style,
    Title,
)

SUBJECT = "initiative-2"
STATUSES = (
    ("not_started", "○", "Ikke startet"),
    ("on_plan", "◐", "I gang, efter planen"),
    ("delayed", "▲", "Forsinket"),
    ("completed", "●", "Gennemført"),
    ("stopped", "■", "Stoppet"),
)
COLLEAGUES = tuple(
    Option(f"{name.split()[0].lower()}", name, detail)
    for name, detail in (
        ("Ali Demir", "Byskolen, leder"),
        ("Anne Holm Kristensen", "Dagtilbud, afdelingschef"),
        ("Birgit Thygesen", "Vuggestuen Månen, leder"),
        ("Jens Østergaard", "Børn og Skole, skolechef"),
        ("Karen Friis", "Børn og Kultur, direktør"),
        ("Lars Bo Mikkelsen", "Skovskolen, leder"),
        ("Nadia Rahimi", "Sundhedsplejen, leder"),
        ("Peter Højgaard", "Havneskolen, leder"),
        ("Sofie Bæk", "Økonomi og Løn, konsulent"),
        ("Torben Ravn", "PPR, leder"),
    )
)


def _press(act: str, value: str = "", step: str = "status", subject: str = SUBJECT) -> Press:
    return Press(act, 1, subject, step, 3, value)


def _plain(*texts: str) -> Para:
    return Para(tuple(Run(text) for text in texts))


def _quiet(text: str) -> Para:
    return Para((Run(text, Style.QUIET),))


def _back_and_later() -> Buttons:
    return Buttons((Button("‹ Tilbage", _press("back")), Button("Fortsæt senere", _press("pause"))))


def invitation() -> Card:
    return Card(
        "invitation",
        (
            Title("Forårsdialog for Børnehuset Solsikken"),
            _plain(
                "Hej Mette. Jeg spørger til jeres 7 indsatser. Det tager cirka 6 minutter, og du kan holde pause "
                "undervejs. Frist: torsdag den 1. april. Bagefter får Jens Østergaard én side, I kan tale ud fra."
            ),
            Buttons(
                (
                    Button("Start", Press("begin", 1), "primary"),
                    Button("Mind mig i morgen", Press("later", 1)),
                    Button("Jeg er væk …", Press("away", 1)),
                )
            ),
        ),
        "Forårsdialogen for Børnehuset Solsikken er klar, når du er.",
    )


def step() -> Card:
    return Card(
        "step",
        (
            Progress(2, 7, "2 af 7", "Børnepolitikken"),
            Title("Overleveringsmøder med alle modtagende skoler"),
            _quiet("Mål: Flere børn har en tryg overgang til skole · Frist 15. maj 2027"),
            Para(
                (
                    Run("Sidst, oktober 2026: ", Style.QUIET),
                    Run("◐ I gang – "),
                    Run("»Tre af fem skoler er med.«", Style.QUOTE),
                )
            ),
            Buttons(
                tuple(Button(label, _press("answer", choice), "choice", symbol) for choice, symbol, label in STATUSES),
                "Hvordan går det?",
            ),
            Buttons((Button("Uændret siden sidst", _press("keep"), "primary"),)),
            Buttons(
                (
                    Button("‹ Tilbage", _press("back")),
                    Button("Fortsæt senere", _press("pause")),
                    Button("Bed en anden svare", _press("delegate")),
                )
            ),
        ),
        "2 af 7: Overleveringsmøder med alle modtagende skoler. Hvordan går det?",
    )


def answered_step() -> Card:
    """The step again from the review: the answer already given is marked."""
    first = step()
    choices = tuple(
        Button(label, _press("answer", choice), "choice", symbol, chosen=choice == "delayed")
        for choice, symbol, label in STATUSES
    )
    return Card(first.kind, (*first.parts[:3], Buttons(choices, "Hvordan går det?"), _back_and_later()), first.fallback)


def challenge() -> Card:
    return Card(
        "step",
        (
            Progress(2, 7, "2 af 7", "Børnepolitikken"),
            Title("▲ Forsinket: Overleveringsmøder med alle modtagende skoler"),
            Input("cause", "text", "Hvori består udfordringen, og hvad skyldes den?"),
            Input("remedy", "text", "Hvad skal der ske for at løse den?", optional_label="kan udelades"),
            Input(
                "involve",
                "people",
                "Hvem skal involveres?",
                options=COLLEAGUES,
                others_label="Andre, fx eksterne",
                optional_label="kan udelades",
            ),
            _quiet(
                "Jens Østergaard læser svaret. Skriv ikke navne på borgere eller oplysninger om helbred.",
            ),
            Buttons((Button("Næste", _press("next", step="challenge"), "primary"),)),
            Buttons((Button("‹ Tilbage", _press("back", step="challenge")),)),
        ),
        "▲ Forsinket: hvori består udfordringen?",
    )


def challenge_with_faults() -> Card:
    """The same card, sent back: one answer is refused at its field, the others stand as typed."""
    title, *_ = (part for part in challenge().parts if isinstance(part, Title))
    return Card(
        "step",
        (
            Progress(2, 7, "2 af 7", "Børnepolitikken"),
            title,
            Input(
                "cause",
                "text",
                "Hvori består udfordringen, og hvad skyldes den?",
                value="To skoler har ikke svaret.\nFamilien 010190-1234 venter stadig.",
                error="Der står noget, der ligner et CPR-nummer. Fjern det, så gemmer jeg svaret. Intet er gemt endnu.",
            ),
            Input(
                "involve",
                "people",
                "Hvem skal involveres?",
                value="Lene fra Dansk Industri",
                chosen=("ali", "jens"),
                options=COLLEAGUES,
                others_label="Andre, fx eksterne",
                optional_label="kan udelades",
            ),
            Buttons((Button("Næste", _press("next", step="challenge"), "primary"),)),
            Buttons((Button("‹ Tilbage", _press("back", step="challenge")),)),
        ),
        "Der står noget, der ligner et CPR-nummer.",
    )


def way_forward() -> Card:
    return Card(
        "step",
        (
            Progress(2, 7, "2 af 7", "Børnepolitikken"),
            Title("Det videre forløb"),
            _quiet("▲ Forsinket: Overleveringsmøder med alle modtagende skoler"),
            Input("next", "text", "Hvad skal der ske nu?", value="Jens tager det op med skolechefen."),
            Input("responsible", "line", "Hvem gør det?", optional_label="kan udelades", limit=200),
            Input("by_when", "date", "Hvornår?", value="2027-04-20", optional_label="kan udelades"),
            Input(
                "new_deadline",
                "date",
                "Ny frist for indsatsen, hvis planen skal ændres",
                value="i morgen",
                error="Skriv datoen som 15-05-2027.",
                optional_label="kan udelades",
            ),
            Input(
                "weight",
                "choice",
                "Hvor meget haster det?",
                value="soon",
                options=(Option("now", "Nu"), Option("soon", "Inden sommer"), Option("later", "Til efteråret")),
            ),
            Buttons(
                (
                    Button("Næste", _press("next", step="way_forward"), "primary"),
                    Button("Det aftaler vi på mødet", _press("skip", step="way_forward")),
                )
            ),
            Buttons((Button("‹ Tilbage", _press("back", step="way_forward")),)),
        ),
        "Det videre forløb",
    )


def review() -> Card:
    lines = (
        ("Politikker", "◐ I gang", "Legegrupper for børn uden dagtilbud", "»Fire familier er begyndt.«"),
        ("Politikker", "▲ Forsinket", "Overleveringsmøder med alle modtagende skoler", "»To skoler har ikke svaret.«"),
        ("Direktionens handlingsplan", "▲ Forsinket", "Fælles vikarkorps", "»Vi mangler en vikardækning.«"),
        ("Direktionens handlingsplan", "● Gennemført", "Sygefraværssamtaler inden femte dag", ""),
        ("Lokale indsatser", "◐ I gang", "Udeliv hver tirsdag", ""),
    )
    parts: list[Title | Row] = []
    for place, (source, status, title, words) in enumerate(lines):
        if place == 0 or lines[place - 1][0] != source:
            parts.append(Title(source, 2))
        runs = (Run(status, Style.STRONG), Run(f" · {title} "), Run(words, Style.QUOTE))
        parts.append(Row(runs, Button("Ret", _press("revise", subject=f"initiative-{place}"))))
    return Card(
        "review",
        (
            Title("Dine svar"),
            _plain("Her er det hele. Ret, hvad du vil, før Jens får det at se."),
            *parts,
            Buttons((Button("Se opsummeringen", Press("preview", 1, revision=9), "primary"),)),
        ),
        "Dine svar er klar til et sidste blik.",
    )


def _post_parts() -> tuple[Title | Para | Points, ...]:
    return (
        Title("Forårsdialog 2027 · Børnehuset Solsikken"),
        _quiet(
            "Mette Søndergaard · 10. marts 2027 · 7 indsatser: ◐ 4 i gang · ▲ 2 forsinket · ● 1 gennemført",
        ),
        Title("Værd at tale om", 2),
        Points(
            (
                (
                    Para(
                        (
                            Run("▲ "),
                            Run("Overleveringsmøder med alle modtagende skoler", Style.STRONG),
                            Run(" (frist 15. maj → 1. september)", Style.QUIET),
                        )
                    ),
                    Para((Run("»To skoler har ikke svaret. Vi mangler en aftale på chefniveau.«", Style.QUOTE),)),
                    _quiet("Skal involveres: Ali Demir, Byskolen · Nu: Jens tager det op med skolechefen"),
                ),
                (
                    Para((Run("▲ "), Run("Fælles vikarkorps", Style.STRONG))),
                    Para((Run("»Vi har ingen at ringe til før klokken otte.«", Style.QUOTE),)),
                ),
            )
        ),
        Title("Andet, Mette gerne vil tale om", 2),
        Para((Run("»Normeringen efter sommerferien«", Style.QUOTE),)),
    )


def preview() -> Card:
    return Card(
        "preview",
        (
            Title("Sådan kommer opsummeringen til at se ud"),
            Framed(_post_parts(), "I #boern-og-skole-ledelse. 6 personer kan læse den."),
            Buttons(
                (
                    Button("Send til Jens", Press("submit", 1, revision=9), "primary"),
                    Button("Ret svar", Press("review", 1, revision=9)),
                )
            ),
        ),
        "Sådan kommer opsummeringen til at se ud.",
    )


def sent() -> Card:
    return Card(
        "sent",
        (
            Note("Opsummeringen ligger nu i #boern-og-skole-ledelse.", "done"),
            _plain(
                "Tak, Mette. Retter du noget, bliver opslaget rettet med. Jens svarer dig, og I aftaler, hvad der skal ske."
            ),
            Buttons((Button("Ret svar", Press("review", 1)), Button("Se opslaget", Press("show", 1)))),
        ),
        "Tak, Mette. Opsummeringen er sendt.",
    )


def summary() -> Card:
    """The post in the channel, with the other initiatives in its thread."""
    rest = Points(
        (
            (_plain("◐ I gang · Legegrupper for børn uden dagtilbud"),),
            (_plain("◐ I gang · Udeliv hver tirsdag"),),
            (_plain("● Gennemført · Sygefraværssamtaler inden femte dag"),),
        ),
        numbered=False,
    )
    return Card(
        "summary",
        (
            *_post_parts(),
            Fold("De øvrige 3 indsatser", (rest,)),
            Buttons(
                tuple(
                    Button(label, Press(act, 1, revision=9))
                    for act, label in (
                        ("reply", "Svar"),
                        ("ask", "Spørg ind"),
                        ("at_meeting", "Tages op på mødet"),
                        ("approve", "Godkend"),
                    )
                )
            ),
        ),
        "Forårsdialog 2027 for Børnehuset Solsikken",
        thread=(Card("details", (Title("Alle svar", 2), rest), "Alle svar"),),
    )


def explained() -> Card:
    """What is said when text came where a choice is awaited: the same step, with a note above it."""
    first = step()
    note = Note("Vælg en af knapperne, så skriver jeg teksten ind, når jeg spørger til udfordringen.")
    return Card("step", (note, *first.parts), first.fallback)


def stranger() -> Card:
    return Card(
        "stranger",
        (
            Note(
                "Jeg kan ikke finde dig som leder i Fjordby Kommune. Sofie Bæk (Økonomi og Løn) kan hjælpe.", "warning"
            ),
        ),
        "Jeg kan ikke finde dig som leder i Fjordby Kommune.",
    )


EVERY = (
    invitation,
    step,
    answered_step,
    challenge,
    challenge_with_faults,
    way_forward,
    review,
    preview,
    sent,
    summary,
    explained,
    stranger,
)
HOSTILE = {
    "script": "<script>alert('x')</script>",
    "entity": "5 &amp; 6 &lt;b&gt;",
    "attribute": '" onload="alert(1)" x="',
    "single quote": "' onclick='alert(1)'",
    "mention": "<!channel> <@U123> @here <at>Jens</at>",
    "markdown": "*fed* _kursiv_ ~streg~ `kode` [her](javascript:alert(1)) {{DATE(2027)}} {0} %s",
    "right to left": "før \u202ebagvendt\u202c \u2067isoleret",
    "closing marks": "luk \u2069\u2069\u202edet omkring",
    "zero-width": "a\u200bb\u200dc\ufeffd",
    "spaces": "  to  mellemrum\tog\ten tabulator  ",
    "forty lines": "\n".join(f"linje {place}" for place in range(40)),
    "long": "ord " * 749 + "slut",
    "one long word": "æ" * 3000,
    "emoji": "👩‍👩‍👧 🇩🇰 ✅",
    "first line empty": "\n\nefter to tomme linjer\n",
    "closing tags": "</textarea></form></details><!-- ]]>",
}


def with_text(text: str) -> Card:
    """A card that carries `text` everywhere a text can stand."""
    para = Para(tuple(Run(text, style) for style in Style))
    button = Button(text, Press("answer"), "choice", chosen=True)
    option = Option("option", text, text)
    asked = {"label": text, "hint": text, "optional_label": text, "error": text, "value": text, "limit": 5000}
    return Card(
        "step",
        (
            Title(text),
            Title(text, 2),
            Progress(1, 3, text, text),
            para,
            Points(((para, para),)),
            Note(text, "warning"),
            Fold(text, (para,)),
            Framed((Title(text), para, Buttons((button,))), text),
            Row((Run(text),), button),
            Buttons((button,), text),
            Input("a", "text", **asked),  # type: ignore[arg-type]
            Input("b", "line", **asked),  # type: ignore[arg-type]
            Input("c", "date", **asked),  # type: ignore[arg-type]
            Input("d", "people", **asked, options=(option,), others_label=text),  # type: ignore[arg-type]
            Input("e", "choice", **asked, options=(option,)),  # type: ignore[arg-type]
        ),
        text,
        thread=(Card("details", (para,), text),),
    )
