"""The workbook's sheets and columns, as data: what each is called, what it holds, and what the consultant is told about it.

Promises: reading, checking, writing and the guidance all come from here, so a column exists in one place only. Headers are
Danish in every language, because a workbook is one municipality's and is passed around in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import String

from dialogs.script import Model, Wording
from store import tables
from store.workbook import municipality
from store.workbook.municipality import Municipality, Row

Models = Mapping[str, Model]
Words = Mapping[
    str, str
]  # what a person may write, in lower case -> what is stored; the first word for a value is the one shown


WRITTEN_OUT = ""


class Holds(Enum):
    """What the cells of a column hold."""

    CODE = auto()
    CODES = auto()
    TEXT = auto()
    CHANNEL = auto()
    EMAIL = auto()
    DATE = auto()
    NUMBER = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `refers` names the sheet whose key its cells must be found in; `default` stands for an empty cell.

    A word for `WRITTEN_OUT` says what an empty cell says, and is stored as nothing; where an empty cell `keeps`, it takes away.
    """

    header: str
    field: str
    holds: Holds
    guide: Wording
    example: str = ""
    required: bool = False
    width: int = 18
    limit: int = 0  # characters; 0 where the kind of value sets its own
    refers: str = ""
    words: Callable[[Models], Words] | None = None
    default: str | None = None
    keeps: bool = False  # an empty cell leaves what is stored: people may choose it themselves in the chat
    outlives: bool = (
        False  # a stored word that is not known any more stays, and is told, instead of stopping the import
    )

    def written(self, models: Models) -> Words:
        """What stands for each stored word: the first of the words a person may write for it."""
        return {stored: word for word, stored in reversed([*self.known(models).items()])}

    def known(self, models: Models) -> Words:
        """The words a person may write; none where the column holds something else."""
        return self.words(models) if self.words else {}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, what a row of it is, and its columns; the first column is what a row is known by."""

    name: str
    row: Wording
    columns: tuple[Column, ...]
    make: Callable[..., Row]
    rows: Callable[[Municipality], tuple[Row, ...]]
    period: tuple[str, str] | None = None  # the fields of its first and last day

    def column(self, field: str) -> Column:
        """The column of that field."""
        return next(column for column in self.columns if column.field == field)

    @property
    def outliving(self) -> tuple[Column, ...]:
        """The columns in which a stored word may be known no more."""
        return tuple(column for column in self.columns if column.outlives)

    @property
    def known_by(self) -> Column:
        """The column that says whose row it is."""
        return self.columns[0]


def _limit(column: TableColumn[Any]) -> int:
    kind = column.type
    return (kind.length or 0) if isinstance(kind, String) else 0


def _kinds(_: Models) -> Words:
    return {kind: kind for kind in ("forvaltning", "afdeling", "enhed", "stab", "selvejende")}


def _roles(_: Models) -> Words:
    return {"leder": "leader", "stedfortræder": "deputy", "konsulent": "consultant", "direktion": "direktion"}


def _languages(_: Models) -> Words:
    return {"da": "da", "en": "en", "dansk": "da", "engelsk": "en"}


def _models(models: Models) -> Words:
    return _ids_and_titles([(model.id, model.title) for model in models.values()])


def _sources(models: Models) -> Words:
    return _ids_and_titles([(source.id, source.label) for model in models.values() for source in model.sources])


def _evaluations(models: Models) -> Words:
    every = {one.id: one.title for model in models.values() for one in model.evaluations.values()}
    return _ids_and_titles(list(every.items()))


def _readings(_: Models) -> Words:
    return {"egen": WRITTEN_OUT, "fælles": "common", "own": WRITTEN_OUT, "common": "common"}


def _cadences(_: Models) -> Words:
    return {"normal": WRITTEN_OUT, "færre": "light", "ingen": "off", "fewer": "light", "none": "off"}


def _yes_or_no(_: Models) -> Words:
    return {"ja": "yes", "nej": "no", "yes": "yes", "no": "no"}


def _ids_and_titles(named: list[tuple[str, Wording]]) -> Words:
    ids = {name.lower(): name for name, _ in named}
    titles = {text.lower(): name for name, title in named for text in (title.da, title.en)}
    return {**ids, **{word: name for word, name in titles.items() if word not in ids}}


UNITS = Sheet(
    "Enheder",
    Wording(
        "én enhed i organisationen, fra kommunen selv og ned",
        "one unit of the organisation, from the municipality down",
    ),
    (
        Column(
            "Kode",
            "code",
            Holds.CODE,
            Wording(
                "Enhedens faste kode. De andre ark peger på enheden med den, så den må ikke ændres.",
                "The unit’s fixed code. The other sheets point to the unit by it, so it must not change.",
            ),
            example="EKSEMPEL-1",
            required=True,
            width=16,
            limit=_limit(tables.unit.c.code),
        ),
        Column(
            "Navn",
            "name",
            Holds.TEXT,
            Wording("Det navn, lederne selv bruger.", "The name the leaders use themselves."),
            example="Børnehuset Eksemplet",
            required=True,
            width=36,
            limit=_limit(tables.unit.c.name),
        ),
        Column(
            "Overordnet",
            "parent",
            Holds.CODE,
            Wording(
                "Koden på enheden lige over. Tom for den øverste enhed, kommunen selv.",
                "The code of the unit just above. Empty for the topmost unit, the municipality itself.",
            ),
            width=16,
            refers="Enheder",
        ),
        Column(
            "Type",
            "kind",
            Holds.WORD,
            Wording(
                "forvaltning, afdeling, enhed, stab eller selvejende.",
                "forvaltning (directorate), afdeling (department), enhed (unit), stab (staff) or selvejende (self-owning).",
            ),
            example="enhed",
            required=True,
            width=14,
            words=_kinds,
        ),
        Column(
            "Model",
            "model",
            Holds.WORD,
            Wording(
                "Den model, enhedens aftaler følger. Tom: som enheden over.",
                "The model the unit’s agreements follow. Empty: as the unit above.",
            ),
            width=18,
            words=_models,
        ),
        Column(
            "Evaluering",
            "evaluation",
            Holds.WORD,
            Wording(
                "Den evalueringsmodel, enhedens mål bliver vurderet efter. Tom: som enheden over, ellers modellens egen.",
                "The evaluation model the unit’s goals are judged by. Empty: as the unit above, else the model’s own.",
            ),
            width=18,
            words=_evaluations,
            outlives=True,
        ),
        Column(
            "Slack-kanal",
            "slack_channel",
            Holds.CHANNEL,
            Wording(
                "Kanalen, hvor nærmeste leder får opsummeringerne. Tom: kanalen hos enheden over.",
                "The channel where the nearest leader gets the summaries. Empty: the channel of the unit above.",
            ),
            example="eksempel-ledelse",
            width=28,
            limit=_limit(tables.unit.c.slack_channel),
        ),
        Column(
            "Teams-kanal",
            "teams_channel",
            Holds.TEXT,
            Wording(
                "Det samme for Microsoft Teams: kanalens navn eller adresse.",
                "The same for Microsoft Teams: the channel’s name or address.",
            ),
            width=28,
            limit=_limit(tables.unit.c.teams_channel),
        ),
    ),
    municipality.Unit,
    lambda town: town.units,
)

PEOPLE = Sheet(
    "Personer",
    Wording(
        "én person: en leder, en stedfortræder, en konsulent eller en ansvarlig",
        "one person: leader, deputy, consultant or owner",
    ),
    (
        Column(
            "E-mail",
            "email",
            Holds.EMAIL,
            Wording(
                "Arbejdsmailen. Den er nøglen til personen og skal være den samme som i Slack eller Teams.",
                "The work address. It identifies the person and must be the one used in Slack or Teams.",
            ),
            example="eksempel@kommune.example",
            required=True,
            width=34,
            limit=_limit(tables.person.c.email),
        ),
        Column(
            "Navn",
            "name",
            Holds.TEXT,
            Wording("Fornavn og efternavn.", "First name and surname."),
            example="Eva Eksempel",
            required=True,
            width=30,
            limit=_limit(tables.person.c.name),
        ),
        Column(
            "Sprog",
            "language",
            Holds.WORD,
            Wording("da eller en. Tom: da.", "da or en. Empty: da."),
            example="da",
            width=10,
            words=_languages,
            default="da",
        ),
        Column(
            "Påmindelser",
            "cadence",
            Holds.WORD,
            Wording(
                "normal, færre eller ingen; invitationen kommer altid. Tom: det, personen selv har valgt i chatten, ellers normal. "
                "En udfyldt celle ændrer personens valg.",
                "normal, færre (fewer) or ingen (none); the invitation always comes. Empty: what the person chose in the chat, "
                "else normal. A filled cell changes their choice.",
            ),
            width=14,
            words=_cadences,
            keeps=True,
        ),
        Column(
            "Ugentligt overblik",
            "digest",
            Holds.WORD,
            Wording(
                "ja eller nej: et overblik om ugen, mens en runde er åben. Tom: det, personen selv har valgt i chatten, ellers ja for "
                "konsulenter, direktion og chefer for en forvaltning og nej for andre. "
                "En udfyldt celle ændrer personens valg.",
                "ja (yes) or nej (no): an overview once a week while a round is open. Empty: what the person chose in the chat, "
                "else ja for consultants, the executive board and directors, and nej for others. A filled cell changes their choice.",
            ),
            width=20,
            words=_yes_or_no,
            keeps=True,
        ),
    ),
    municipality.Person,
    lambda town: town.people,
)

POSTS = Sheet(
    "Poster",
    Wording("én persons rolle i én enhed i en periode", "one person’s role in one unit over a period"),
    (
        Column(
            "E-mail",
            "email",
            Holds.EMAIL,
            Wording("Personens e-mail, som i arket Personer.", "The person’s address, as in the sheet Personer."),
            example="eksempel@kommune.example",
            required=True,
            width=34,
            refers="Personer",
        ),
        Column(
            "Enhed",
            "unit",
            Holds.CODE,
            Wording("Enhedens kode, som i arket Enheder.", "The unit’s code, as in the sheet Enheder."),
            example="EKSEMPEL-1",
            required=True,
            width=16,
            refers="Enheder",
        ),
        Column(
            "Rolle",
            "role",
            Holds.WORD,
            Wording(
                "leder, stedfortræder, konsulent eller direktion. En rolle i en enhed gælder også enhederne under den.",
                "leder (leader), stedfortræder (deputy), konsulent (consultant) or direktion (executive board).",
            ),
            example="leder",
            required=True,
            width=16,
            words=_roles,
        ),
        Column(
            "Fra",
            "from_day",
            Holds.DATE,
            Wording("Første dag i rollen.", "First day in the role."),
            example="01-01-2026",
            required=True,
            width=13,
        ),
        Column(
            "Til",
            "to_day",
            Holds.DATE,
            Wording(
                "Sidste dag i rollen. Tom: indtil videre. Skriv en dato her, når nogen fratræder; slet ikke rækken.",
                "Last day in the role. Empty: until further notice. Enter a date when somebody leaves; do not delete the row.",
            ),
            width=13,
        ),
    ),
    municipality.Post,
    lambda town: town.posts,
    period=("from_day", "to_day"),
)

AGREEMENTS = Sheet(
    "Aftaler",
    Wording("én enheds aftale i én periode", "one unit’s agreement over one period"),
    (
        Column(
            "Kode",
            "code",
            Holds.CODE,
            Wording("Aftalens faste kode, fx SOL-2026.", "The agreement’s fixed code, such as SOL-2026."),
            example="EKSEMPEL-2026",
            required=True,
            width=20,
            limit=_limit(tables.agreement.c.code),
        ),
        Column(
            "Enhed",
            "unit",
            Holds.CODE,
            Wording("Enhedens kode, som i arket Enheder.", "The unit’s code, as in the sheet Enheder."),
            example="EKSEMPEL-1",
            required=True,
            width=16,
            refers="Enheder",
        ),
        Column(
            "Model",
            "model",
            Holds.WORD,
            Wording("Aftalens model. Tom: enhedens.", "The agreement’s model. Empty: the unit’s."),
            width=18,
            words=_models,
        ),
        Column(
            "Evaluering",
            "evaluation",
            Holds.WORD,
            Wording(
                "Den evalueringsmodel, målene i denne aftale bliver vurderet efter. Tom: enhedens.",
                "The evaluation model the goals of this agreement are judged by. Empty: the unit’s.",
            ),
            width=18,
            words=_evaluations,
            outlives=True,
        ),
        Column(
            "Fra",
            "from_day",
            Holds.DATE,
            Wording("Aftalens første dag.", "The agreement’s first day."),
            example="01-01-2026",
            required=True,
            width=13,
        ),
        Column(
            "Til",
            "to_day",
            Holds.DATE,
            Wording("Aftalens sidste dag.", "The agreement’s last day."),
            example="30-06-2027",
            required=True,
            width=13,
        ),
        Column(
            "Modpart",
            "counterpart",
            Holds.EMAIL,
            Wording(
                "E-mail på den, enheden har aftalen med. Tom: enhedens nærmeste leder.",
                "The address of whoever the unit has the agreement with. Empty: the unit’s nearest leader.",
            ),
            width=34,
            refers="Personer",
        ),
    ),
    municipality.Agreement,
    lambda town: town.agreements,
    period=("from_day", "to_day"),
)

GOALS = Sheet(
    "Mål",
    Wording("ét mål, i én eller flere aftaler", "one goal, in one or several agreements"),
    (
        Column(
            "Kode",
            "code",
            Holds.CODE,
            Wording("Målets faste kode.", "The goal’s fixed code."),
            example="EKSEMPEL-M1",
            required=True,
            width=16,
            limit=_limit(tables.goal.c.code),
        ),
        Column(
            "Aftaler",
            "agreements",
            Holds.CODES,
            Wording(
                "Koden på aftalen med målet. Er målet fælles for flere, så skriv semikolon imellem: SOL-2026; BYS-2026.",
                "The code of the agreement with the goal. If several share it, put semicolons between: SOL-2026; BYS-2026.",
            ),
            example="EKSEMPEL-2026",
            width=24,
            refers="Aftaler",
        ),
        Column(
            "Målsætning",
            "objective",
            Holds.TEXT,
            Wording("Temaet og retningen, fx »Øget trivsel«.", "The theme and the direction, such as »Øget trivsel«."),
            example="Gode overgange",
            width=32,
            limit=_limit(tables.objective.c.title),
        ),
        Column(
            "Mål",
            "title",
            Holds.TEXT,
            Wording(
                "Målet i én sætning: målbart, tidsbestemt og realistisk.",
                "The goal in one sentence: measurable, time-bound and realistic.",
            ),
            example="90 % af forældrene oplever en tryg overgang til skole",
            required=True,
            width=60,
            limit=_limit(tables.goal.c.title),
        ),
        Column(
            "Kilde",
            "source",
            Holds.WORD,
            Wording(
                "Hvor målet kommer fra: politik, direktion eller lokal.",
                "Where the goal comes from: politik (policy), direktion (executive board) or lokal (local).",
            ),
            example="politik",
            required=True,
            width=14,
            words=_sources,
        ),
        Column(
            "Politik",
            "policy",
            Holds.TEXT,
            Wording("Navnet på politikken eller planen.", "The name of the policy or plan."),
            example="Børne- og ungepolitikken",
            width=30,
            limit=_limit(tables.goal.c.policy),
        ),
        Column(
            "Måleenhed",
            "measure",
            Holds.TEXT,
            Wording("Det, tallet tæller: %, dage, skoler …", "What the number counts: %, days, schools …"),
            example="%",
            width=22,
            limit=_limit(tables.goal.c.measure),
        ),
        Column(
            "Baseline",
            "baseline",
            Holds.NUMBER,
            Wording("Tallet, da målet blev skrevet.", "The number when the goal was written."),
            example="78",
            width=12,
        ),
        Column(
            "Baselinedato",
            "baseline_on",
            Holds.DATE,
            Wording("Dagen, baseline er målt.", "The day the baseline was measured."),
            example="01-12-2025",
            width=14,
        ),
        Column(
            "Måltal",
            "target",
            Holds.NUMBER,
            Wording(
                "Tallet, I vil nå. Uden et måltal kan ingen se, om målet er nået.",
                "The number to reach. Without one nobody can see whether the goal is met.",
            ),
            example="90",
            width=12,
        ),
        Column(
            "Frist",
            "due_on",
            Holds.DATE,
            Wording("Dagen, målet skal være nået.", "The day the goal must be met."),
            example="15-05-2027",
            width=13,
        ),
        Column(
            "Dokumentation",
            "evidence",
            Holds.TEXT,
            Wording(
                "Hvordan I vil kunne se, om målet er nået.", "How you will be able to see whether the goal is met."
            ),
            example="Spørgeskema til forældre",
            width=40,
            limit=_limit(tables.goal.c.evidence),
        ),
        Column(
            "Næste måling",
            "next_reading_on",
            Holds.DATE,
            Wording("Dagen, der måles næste gang.", "The day of the next reading."),
            example="15-09-2026",
            width=14,
        ),
        Column(
            "Måling",
            "readings",
            Holds.WORD,
            Wording(
                "egen: hver enhed har sit eget tal. fælles: ét tal for alle, der har målet. Tom: egen.",
                "egen (own): each unit has its own number. fælles (common): one number for all with the goal. Empty: egen.",
            ),
            width=12,
            words=_readings,
        ),
    ),
    municipality.Goal,
    lambda town: town.goals,
)

INITIATIVES = Sheet(
    "Indsatser",
    Wording("én konkret handling under ét mål i én aftale", "one concrete action under one goal in one agreement"),
    (
        Column(
            "Kode",
            "code",
            Holds.CODE,
            Wording("Indsatsens faste kode.", "The initiative’s fixed code."),
            example="EKSEMPEL-I1",
            required=True,
            width=16,
            limit=_limit(tables.initiative.c.code),
        ),
        Column(
            "Mål",
            "goal",
            Holds.CODE,
            Wording("Målets kode, som i arket Mål.", "The goal’s code, as in the sheet Mål."),
            example="EKSEMPEL-M1",
            required=True,
            width=16,
            refers="Mål",
        ),
        Column(
            "Aftale",
            "agreement",
            Holds.CODE,
            Wording(
                "Aftalens kode; den skal stå blandt målets aftaler.",
                "The agreement’s code; it must be among the goal’s.",
            ),
            example="EKSEMPEL-2026",
            required=True,
            width=20,
            refers="Aftaler",
        ),
        Column(
            "Indsats",
            "title",
            Holds.TEXT,
            Wording("Det, I gør, i få ord.", "What you do, in few words."),
            example="Overleveringsmøde med skolen for hvert barn",
            required=True,
            width=60,
            limit=_limit(tables.initiative.c.title),
        ),
        Column(
            "Ansvarlig",
            "owner",
            Holds.EMAIL,
            Wording(
                "E-mail på den, der har indsatsen. Tom: enhedens leder.",
                "The address of whoever has the initiative. Empty: the unit’s leader.",
            ),
            example="eksempel@kommune.example",
            width=34,
            refers="Personer",
        ),
        Column(
            "Frist",
            "due_on",
            Holds.DATE,
            Wording("Dagen, indsatsen skal være gennemført.", "The day the initiative must be completed."),
            example="15-05-2027",
            width=13,
        ),
        Column(
            "Fortsætter",
            "continues",
            Holds.CODE,
            Wording(
                "Koden på den indsats i enhedens tidligere aftale, som denne fører videre. Så bliver svaret fra sidst vist.",
                "The code of the initiative of the unit’s earlier agreement that this one carries on. Last time’s answer is then "
                "shown.",
            ),
            width=16,
            refers="Indsatser",
        ),
    ),
    municipality.Initiative,
    lambda town: town.initiatives,
)

ABSENCES = Sheet(
    "Fravær",
    Wording("én persons fravær, og hvem der svarer imens", "one person’s absence, and who answers meanwhile"),
    (
        Column(
            "E-mail",
            "email",
            Holds.EMAIL,
            Wording("Personens e-mail, som i arket Personer.", "The person’s address, as in the sheet Personer."),
            example="eksempel@kommune.example",
            required=True,
            width=34,
            refers="Personer",
        ),
        Column(
            "Fra",
            "from_day",
            Holds.DATE,
            Wording("Første fraværsdag.", "First day away."),
            example="08-02-2027",
            required=True,
            width=13,
        ),
        Column(
            "Til",
            "to_day",
            Holds.DATE,
            Wording("Sidste fraværsdag.", "Last day away."),
            example="12-02-2027",
            required=True,
            width=13,
        ),
        Column(
            "Stedfortræder",
            "stand_in",
            Holds.EMAIL,
            Wording("E-mail på den, der svarer imens.", "The address of whoever answers meanwhile."),
            width=34,
            refers="Personer",
        ),
    ),
    municipality.Absence,
    lambda town: town.absences,
    period=("from_day", "to_day"),
)

READINGS = Sheet(
    "Målinger",
    Wording(
        "ét tal, et mål er målt til på en dag, fx sygefraværet fra lønsystemet",
        "one number a goal was measured at on a day, such as sickness absence from payroll",
    ),
    (
        Column(
            "Mål",
            "goal",
            Holds.CODE,
            Wording("Målets kode, som i arket Mål.", "The goal’s code, as in the sheet Mål."),
            example="EKSEMPEL-M1",
            required=True,
            width=16,
            refers="Mål",
        ),
        Column(
            "Enhed",
            "unit",
            Holds.CODE,
            Wording(
                "Koden på den enhed, tallet er for. Tom, når målets Måling er fælles.",
                "The code of the unit the number is for. Empty where the goal’s Måling is fælles.",
            ),
            example="EKSEMPEL-1",
            width=16,
            refers="Enheder",
        ),
        Column(
            "Dato",
            "measured_on",
            Holds.DATE,
            Wording("Dagen, der blev målt.", "The day it was measured."),
            example="15-09-2026",
            required=True,
            width=13,
        ),
        Column(
            "Tal",
            "value",
            Holds.NUMBER,
            Wording("Det, målingen viste, i målets måleenhed.", "What the reading showed, in the goal’s own unit."),
            example="84",
            required=True,
            width=12,
        ),
        Column(
            "Kilde",
            "source",
            Holds.TEXT,
            Wording("Hvor tallet kommer fra.", "Where the number comes from."),
            example="Spørgeskema til forældre",
            width=40,
            limit=_limit(tables.reading.c.source),
        ),
    ),
    municipality.Measured,
    lambda town: town.measured,
)

SHEETS = (UNITS, PEOPLE, POSTS, AGREEMENTS, GOALS, INITIATIVES, ABSENCES, READINGS)
GUIDANCE = "Vejledning"  # the first sheet; written for people, never read back

EXAMPLE_CODE = "EKSEMPEL"  # a row whose first cell starts with this is the template's example ...
EXAMPLE_MAILBOX = "eksempel@"  # ... or with this


def is_example(known_by: str) -> bool:
    """Whether a row known by that text is an example row, there to be read and never imported."""
    text = known_by.strip()
    return text.upper().startswith(EXAMPLE_CODE) or text.lower().startswith(EXAMPLE_MAILBOX)


def sheet_named(name: str) -> Sheet:
    """The sheet of that name, which must be one of ours."""
    return next(sheet for sheet in SHEETS if sheet.name == name)
