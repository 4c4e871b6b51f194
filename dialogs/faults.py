"""What can be wrong in a municipality's files, said so that the person who wrote them can mend it.

Promises: a fault names its file and line, says what is wrong and how to mend it, in Danish and English, and all faults of a load
are kept, each once. Knows nothing of YAML, scripts or models. The wording stands here and not in a YAML file, because it must be
there also when the YAML cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from dialogs.script import Wording

_LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A line in a file; line 0 is the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. `key` names the sort of fault and never changes; `what` and `mend` are for people."""

    file: str
    line: int
    key: str
    what: Wording
    mend: Wording

    def in_(self, language: str) -> str:
        """The whole fault on one line, as editors and terminals know it: file, line, what, how to mend it."""
        return f"{Place(self.file, self.line)}: {self.what.in_(language)}. {self.mend.in_(language)}"

    def __str__(self) -> str:
        return self.in_("da")


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything that was found, in the order of files and lines; never empty."""

    all: tuple[Fault, ...]

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def in_(self, language: str) -> str:
        """One fault a line."""
        return "\n".join(fault.in_(language) for fault in self.all)

    def __str__(self) -> str:
        return self.in_("da")


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of fault. Words in braces are filled in where it is found."""

    key: str
    what: Wording
    mend: Wording

    def at(self, place: Place, **about: str | Wording) -> Fault:
        """This sort of fault, found here."""
        return Fault(place.file, place.line, self.key, _filled(self.what, about), _filled(self.mend, about))


class Findings:
    """The faults of one load, each kept once however many times it is met."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}

    def note(self, place: Place, sort: Sort, **about: str | Wording) -> None:
        """Keep a fault."""
        self._found[sort.at(place, **about)] = None

    def unknown(self, place: Place, thing: Wording, name: str, known: Iterable[str]) -> None:
        """Keep that `name` is not known, with the nearest known name where one is near, else with all of them."""
        names = sorted(known)
        near = get_close_matches(name, names, n=1)
        if near:
            self.note(place, UNKNOWN_NEAR, thing=thing, name=name, near=near[0])
        elif names:
            listed = ", ".join(names)
            self.note(place, UNKNOWN, thing=thing, name=name, known=Wording(listed, listed))
        else:
            self.note(place, UNKNOWN_ALONE, thing=thing, name=name)

    def faults(self) -> Faults | None:
        """Everything kept, in the order of files and lines; None when nothing is wrong."""
        ordered = sorted(self._found, key=lambda fault: (fault.file, fault.line))
        return Faults(tuple(ordered)) if ordered else None


def _filled(wording: Wording, about: dict[str, str | Wording]) -> Wording:
    """The wording with its gaps filled, in each language."""
    return Wording(
        da=wording.da.format_map({name: _said(value, "da") for name, value in about.items()}),
        en=wording.en.format_map({name: _said(value, "en") for name, value in about.items()}),
    )


def _said(value: str | Wording, language: str) -> str:
    """Our own words in the language asked for; what a file says on one short line."""
    if isinstance(value, Wording):
        return value.in_(language)
    line = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"


# What faults are about.
SECTION = Wording("afsnittet", "the section")
STEP = Wording("trinnet", "the step")
FIELD = Wording("feltet", "the field")
CHOICE = Wording("svaret", "the choice")
ROLE = Wording("rollen", "the role")
KIND = Wording("felttypen", "the kind of field")
SUBJECT = Wording("»each« med", "“each” with")
SCRIPT = Wording("scriptet", "the script")
MODEL = Wording("modellen", "the model")
SOURCE = Wording("kilden", "the source")
ROUND = Wording("runden", "the round")
EVALUATION = Wording("evalueringsmodellen", "the evaluation model")
ATTAINMENT = Wording("»counts_as« med", "“counts_as” with")
ANSWERED_BY = Wording("»answered_by« med", "“answered_by” with")
MARK = Wording("mærket", "the mark")
MILESTONE = Wording("milepælen", "the milestone")
TERMS = Wording("»periods« med", "“periods” with")
PLACEHOLDER = Wording("pladsholderen", "the placeholder")
KEY = Wording("nøglen", "the key")

# What should have stood there.
A_TEXT = Wording("en tekst", "a text")
BOTH_LANGUAGES = Wording("en tekst på begge sprog, {da: …, en: …}", "a text in both languages, {da: …, en: …}")
A_NAME = Wording("et navn", "a name")
A_LIST = Wording("en liste, [a, b] eller en linje med »- « for hver", "a list, [a, b] or a line with “- ” for each")
A_MAP = Wording("nøgler med værdier, »nøgle: værdi«", "keys with values, “key: value”")
YES_OR_NO = Wording("true eller false", "true or false")
OFF_OR_DAYS = Wording("off eller nøgler med dage, {deadline: 06-10}", "off, or keys with days, {deadline: 06-10}")
A_PATH = Wording("afsnit.trin, fx initiatives.status", "section.step, such as initiatives.status")

# The file.
FOLDER = Sort(
    "folder",
    Wording("mappen findes ikke eller kan ikke læses", "the folder does not exist or cannot be read"),
    Wording(
        "Ret DIALOGBOT_MODELS, så den peger på mappen med jeres modeller.",
        "Let DIALOGBOT_MODELS name the folder with your models.",
    ),
)
UNREADABLE = Sort(
    "unreadable",
    Wording("filen kan ikke læses", "the file cannot be read"),
    Wording("Giv programmet adgang til den, eller fjern den.", "Give the program access to it, or remove it."),
)
TOO_BIG = Sort(
    "too_big",
    Wording("filen fylder mere end {most} kB", "the file is larger than {most} kB"),
    Wording(
        "Del den i flere scripts, eller fjern det, der ikke hører til.",
        "Split it into several scripts, or remove what does not belong.",
    ),
)
ENCODING = Sort(
    "encoding",
    Wording("tegnet her er ikke UTF-8", "the character here is not UTF-8"),
    Wording("Gem filen igen, og vælg UTF-8 som tegnkodning.", "Save the file again with UTF-8 as its encoding."),
)
CONTROL = Sort(
    "control",
    Wording("linjen har et usynligt styretegn", "the line holds an invisible control character"),
    Wording(
        "Skriv linjen forfra, eller kopiér den uden formatering.",
        "Type the line again, or paste it without formatting.",
    ),
)
EMPTY_FILE = Sort(
    "empty_file",
    Wording("filen er tom", "the file is empty"),
    Wording("Skriv indholdet, eller slet filen.", "Write its content, or delete the file."),
)
FILE_NAME = Sort(
    "file_name",
    Wording("navnet »{name}« kan ikke bruges", "the name “{name}” cannot be used"),
    Wording(
        "Brug små bogstaver a–z, tal og _ (højst 31 tegn, bogstav først), og lad en fil ende på .yaml.",
        "Use lower-case letters a–z, digits and _ (31 at most, a letter first), and let a file end in .yaml.",
    ),
)
MISPLACED = Sort(
    "misplaced",
    Wording(
        "her bruges kun choices.yaml, calendar.yaml og en mappe for hver model",
        "only choices.yaml, calendar.yaml and a folder for each model are used here",
    ),
    Wording(
        "Flyt filen ind i modellens mappe, fx dialogaftale/{name}.",
        "Move the file into its model’s folder, such as dialogaftale/{name}.",
    ),
)
NO_MODEL = Sort(
    "no_model",
    Wording("mappen har ingen model.yaml", "the folder has no model.yaml"),
    Wording(
        "Skriv en model.yaml (»extends: dialogaftale« er nok), eller kald mappen det samme som modellen, I vil ændre.",
        "Write a model.yaml (“extends: dialogaftale” is enough), or name the folder after the model you want to change.",
    ),
)

# YAML.
TAB = Sort(
    "tab",
    Wording("linjen er rykket ind med et tabulatortegn", "the line is indented with a tab"),
    Wording("Brug mellemrum.", "Use spaces."),
)
STRAY_SIGN = Sort(
    "stray_sign",
    Wording(
        "en tekst begynder med et tegn, som YAML bruger til noget andet",
        "a text begins with a sign that YAML uses for something else",
    ),
    Wording('Sæt teksten i anførselstegn: "…".', 'Put the text in quotation marks: "…".'),
)
COLON = Sort(
    "colon",
    Wording(
        "der står et kolon, hvor det ikke kan stå, eller linjen er rykket forkert ind",
        "a colon stands where it cannot, or the line is indented wrongly",
    ),
    Wording(
        "Sæt teksten i anførselstegn, hvis kolonet hører til den; ret ellers indrykningen.",
        "Quote the text if the colon belongs to it; else mend the indentation.",
    ),
)
UNCLOSED = Sort(
    "unclosed",
    Wording(
        "en parentes, klamme eller et anførselstegn bliver ikke lukket, eller der mangler et komma",
        "a bracket, brace or quotation mark is not closed, or a comma is missing",
    ),
    Wording(
        "Luk den, og sæt tekster med kolon, {{ }} eller [ ] i anførselstegn.",
        "Close it, and quote texts that hold a colon, {{ }} or [ ].",
    ),
)
INDENTATION = Sort(
    "indentation",
    Wording("linjen passer ikke til dem omkring den", "the line does not fit those around it"),
    Wording(
        "Ryk den lige så langt ind som de andre i samme liste, og tjek »:« og »- «.",
        "Indent it as the others in its list, and check “:” and “- ”.",
    ),
)
NOT_YAML = Sort(
    "not_yaml",
    Wording("linjen kan ikke læses som YAML", "the line cannot be read as YAML"),
    Wording(
        "Sammenlign med en fil, der virker, og sæt tekster med særlige tegn i anførselstegn.",
        "Compare it with a file that works, and quote texts with special signs.",
    ),
)
TWO_DOCUMENTS = Sort(
    "two_documents",
    Wording("filen er delt med »---«", "the file is divided by “---”"),
    Wording("Brug en fil til hver del.", "Use one file for each part."),
)
REFERENCE = Sort(
    "reference",
    Wording(
        "»{name}« er en henvisning eller en mærkat i YAML, og dem bruger vi ikke",
        "“{name}” is a YAML reference or tag, and those are not used here",
    ),
    Wording("Skriv indholdet helt ud, eller sæt teksten i anførselstegn.", "Write the content out, or quote the text."),
)
TOO_DEEP = Sort(
    "too_deep",
    Wording("der er for mange lag inden i hinanden", "there are too many layers inside each other"),
    Wording("Sammenlign med en fil, der virker.", "Compare it with a file that works."),
)
DOUBLE_KEY = Sort(
    "double_key",
    Wording("nøglen »{name}« står to gange samme sted", "the key “{name}” stands twice in the same place"),
    Wording("Slet den ene.", "Delete one of them."),
)

# What stands in it.
SHAPE = Sort(
    "shape",
    Wording("ved »{name}« skal der stå {wanted}", "at “{name}” there must be {wanted}"),
    Wording(
        "Ret linjen.",
        "Mend the line.",
    ),
)
TEXT_SHAPE = Sort(
    "shape",
    Wording("ved »{name}« skal der stå {wanted}", "at “{name}” there must be {wanted}"),
    Wording("Sæt teksten i anførselstegn, hvis den har særlige tegn.", "Quote the text if it holds special signs."),
)
MISSING = Sort(
    "missing",
    Wording("»{name}« mangler", "“{name}” is missing"),
    Wording("Tilføj »{name}: …«.", "Add “{name}: …”."),
)
UNKNOWN = Sort(
    "unknown",
    Wording("{thing} »{name}« findes ikke", "{thing} “{name}” does not exist"),
    Wording("Her kan stå: {known}.", "What can stand here: {known}."),
)
UNKNOWN_NEAR = Sort(
    "unknown",
    Wording("{thing} »{name}« findes ikke", "{thing} “{name}” does not exist"),
    Wording("Mente du »{near}«?", "Did you mean “{near}”?"),
)
UNKNOWN_ALONE = Sort(
    "unknown",
    Wording("{thing} »{name}« findes ikke", "{thing} “{name}” does not exist"),
    Wording("Slet det, eller skriv det på en anden måde.", "Delete it, or write it another way."),
)
TWICE = Sort(
    "twice",
    Wording("{thing} »{name}« findes to gange", "{thing} “{name}” is there twice"),
    Wording("Brug to forskellige navne.", "Use two different names."),
)
LISTED_TWICE = Sort(
    "twice",
    Wording("{thing} »{name}« bruges to gange", "{thing} “{name}” is used twice"),
    Wording("Slet den ene.", "Delete one of them."),
)
BAD_ID = Sort(
    "bad_id",
    Wording("»{name}« kan ikke bruges som id", "“{name}” cannot be an id"),
    Wording(
        "Brug små bogstaver a–z, tal og _; højst 31 tegn, bogstav først.",
        "Use lower-case letters a–z, digits and _; 31 at most, a letter first.",
    ),
)
OTHER_ID = Sort(
    "other_id",
    Wording(
        "id er »{name}«, men navnet på filen eller mappen er »{wanted}«",
        "the id is “{name}”, but its file or folder is named “{wanted}”",
    ),
    Wording("Lad dem være ens, eller slet linjen med id.", "Let them be the same, or delete the line with the id."),
)
LANGUAGE = Sort(
    "language",
    Wording("»{key}« mangler på {language}", "“{key}” is missing in {language}"),
    Wording("Tilføj »{name}: …«.", "Add “{name}: …”."),
)
EMPTY_TEXT = Sort(
    "empty_text",
    Wording("»{name}« er tom", "“{name}” is empty"),
    Wording("Skriv teksten, eller slet linjen.", "Write the text, or delete the line."),
)
EMPTY_LANGUAGE = Sort(
    "empty_text",
    Wording("»{key}« er tom på {language}", "“{key}” is empty in {language}"),
    Wording("Skriv teksten ved »{name}:«.", "Write the text at “{name}:”."),
)
COMMA = Sort(
    "comma",
    Wording("teksten er delt ved et komma før »{name}«", "the text is split at a comma before “{name}”"),
    Wording("Sæt hele teksten i anførselstegn.", "Put the whole text in quotation marks."),
)
TOO_LONG = Sort(
    "too_long",
    Wording(
        "teksten er på {length} tegn, og der er plads til {most}",
        "the text has {length} characters, and there is room for {most}",
    ),
    Wording("Kort den af.", "Shorten it."),
)
BRACES = Sort(
    "braces",
    Wording("en krøllet parentes i teksten står alene", "a brace in the text stands alone"),
    Wording("Skriv fx {{nearest_leader}}, eller slet den.", "Write {{nearest_leader}}, say, or delete it."),
)
EMPTY_LIST = Sort(
    "empty_list",
    Wording("»{name}« er tom", "“{name}” is empty"),
    Wording("Skriv mindst én, eller slet linjen.", "Write at least one, or delete the line."),
)
NUMBER = Sort(
    "number",
    Wording(
        "»{name}« skal være et helt tal fra {least} til {most}",
        "“{name}” must be a whole number from {least} to {most}",
    ),
    Wording("Ret tallet.", "Mend the number."),
)
DAY = Sort(
    "day",
    Wording("»{name}« er ikke en dag, der findes hvert år", "“{name}” is not a day of every year"),
    Wording("Skriv måned og dag: 04-01 er den 1. april.", "Write month and day: 04-01 is 1 April."),
)
DATE = Sort(
    "date",
    Wording("»{name}« er ikke en dato", "“{name}” is not a date"),
    Wording("Skriv år, måned og dag: 2027-02-15.", "Write year, month and day: 2027-02-15."),
)
OPENING = Sort(
    "opening",
    Wording(
        "runden åbner ikke fra 1 til {most} dage før fristen",
        "the round does not open from 1 to {most} days before its deadline",
    ),
    Wording("Ret opens eller deadline.", "Mend opens or deadline."),
)
BACKWARDS = Sort(
    "backwards",
    Wording("»{name}« ligger før den dag, det begynder", "“{name}” is before the day it begins"),
    Wording("Byt om på dagene, eller ret den ene.", "Let the days change places, or mend one of them."),
)
TOO_LONG_OFF = Sort(
    "too_long_off",
    Wording("ferien er på mere end {most} dage", "the holiday is longer than {most} days"),
    Wording("Ret from eller to.", "Mend from or to."),
)
NOT_BOTH = Sort(
    "not_both",
    Wording("»{name}« og »{other}« kan ikke bruges sammen", "“{name}” and “{other}” cannot be used together"),
    Wording("Slet den ene.", "Delete one of them."),
)
MONTH_BEGINS = Sort(
    "month_begins",
    Wording("»{name}« er ikke den 1. i en måned", "“{name}” is not the 1st of a month"),
    Wording("Skriv den dag, en aftale begynder: 2027-07-01.", "Write the day an agreement begins: 2027-07-01."),
)
PARTS = Sort(
    "parts",
    Wording(
        "»{name}« er ikke længder i hele og halve år, der giver 4 år i alt",
        "“{name}” is not lengths in whole and half years that make 4 years",
    ),
    Wording("Skriv fx [1.5, 2.5].", "Write [1.5, 2.5], say."),
)
DAYS_BEFORE = Sort(
    "days_before",
    Wording(
        "»{name}« er ikke forskellige hele tal fra 1 til {most}",
        "“{name}” is not different whole numbers from 1 to {most}",
    ),
    Wording(
        "Skriv dage før fristen, fx [14, 7, 2], eller off.",
        "Write days before the deadline, such as [14, 7, 2], or off.",
    ),
)
DAYS_AFTER = Sort(
    "days_after",
    Wording(
        "»{name}« skal være et helt tal fra 1 til {most}, eller off",
        "“{name}” must be a whole number from 1 to {most}, or off",
    ),
    Wording("Skriv dage efter fristen.", "Write days after the deadline."),
)
TOO_MANY = Sort(
    "too_many",
    Wording(
        "trinnet »{name}« har {count} felter, og der er plads til {most} på et kort",
        "the step “{name}” has {count} fields, and a card has room for {most}",
    ),
    Wording("Del det i to trin.", "Split it into two steps."),
)
ONLY_FOR = Sort(
    "only_for",
    Wording("»{name}« kan kun bruges med kind: {kind}", "“{name}” can only be used with kind: {kind}"),
    Wording("Slet »{name}«, eller ret kind.", "Delete “{name}”, or change the kind."),
)
NO_CHOICES = Sort(
    "no_choices",
    Wording("feltet »{name}« har ingen svar at vælge imellem", "the field “{name}” has nothing to choose from"),
    Wording("Tilføj »choices: […]« med svar fra choices.yaml.", "Add “choices: […]” with choices from choices.yaml."),
)
LATER = Sort(
    "later",
    Wording(
        "betingelsen bruger feltet »{name}«, som først besvares senere",
        "the condition uses the field “{name}”, which is answered later",
    ),
    Wording("Flyt trinnet ned efter »{name}«.", "Move the step below “{name}”."),
)
NOT_A_CHOICE = Sort(
    "not_a_choice",
    Wording(
        "betingelsen bruger feltet »{name}«, som ikke er et valg",
        "the condition uses the field “{name}”, which is not a choice",
    ),
    Wording("Brug et felt med kind: choice.", "Use a field with kind: choice."),
)

LATER_STEP = Sort(
    "later",
    Wording(
        "betingelsen bruger trinnet »{name}«, som først kommer senere",
        "the condition uses the step “{name}”, which comes later",
    ),
    Wording("Flyt trinnet ned efter »{name}«.", "Move the step below “{name}”."),
)
NEVER_SKIPPED = Sort(
    "never_skipped",
    Wording("trinnet »{name}« kan ikke springes over", "the step “{name}” cannot be skipped"),
    Wording("Giv trinnet en »skip«, eller slet det her.", "Give the step a “skip”, or delete it here."),
)
RESERVED = Sort(
    "reserved",
    Wording("et felt kan ikke hedde »{name}«", "a field cannot be named “{name}”"),
    Wording("Brug et andet navn. Ordet bruges i betingelser.", "Use another name. The word is used in conditions."),
)
NEEDS = Sort(
    "needs",
    Wording(
        "»{name}« kan kun bruges i et afsnit med »{other}«", "“{name}” can only be used in a section with “{other}”"
    ),
    Wording("Tilføj »{other}«, eller slet »{name}«.", "Add “{other}”, or delete “{name}”."),
)
A_NUMBER = Sort(
    "a_number",
    Wording("»{name}« skal være et tal", "“{name}” must be a number"),
    Wording("Skriv fx 100 eller 4.5.", "Write 100 or 4.5, say."),
)
BOUNDS = Sort(
    "bounds",
    Wording("»most« er mindre end »least«", "“most” is less than “least”"),
    Wording("Ret det ene.", "Mend one of them."),
)
COUNTS_NOT = Sort(
    "counts_not",
    Wording("svaret »{name}« siger ikke, hvad det tæller som", "the choice “{name}” does not say what it counts as"),
    Wording(
        "Tilføj »counts_as: reached« (eller partly, not_reached, unknown) ved svaret i choices.yaml.",
        "Add “counts_as: reached” (or partly, not_reached, unknown) to the choice in choices.yaml.",
    ),
)
NO_ATTAINMENT = Sort(
    "no_attainment",
    Wording("ingen af felterne har »role: attainment«", "none of the fields has “role: attainment”"),
    Wording(
        "Giv det felt rollen, som siger, om målet er nået.",
        "Give the role to the field that says whether the goal is reached.",
    ),
)
CLASH = Sort(
    "clash",
    Wording(
        "{thing} »{name}« står også i scriptet »{script}«, hvor evalueringen sættes ind",
        "{thing} “{name}” also stands in the script “{script}”, where the evaluation is put in",
    ),
    Wording("Brug et andet navn det ene sted.", "Use another name in one of them."),
)

# What builds on something else.
CIRCLE = Sort(
    "circle",
    Wording("»extends: {name}« fører i ring", "“extends: {name}” leads in a circle"),
    Wording("Lad den ene af dem stå uden extends.", "Let one of them stand without extends."),
)
HAS_ROLE = Sort(
    "has_role",
    Wording(
        "trinnet »{name}« bruges i opsummeringen og kan ikke fjernes",
        "the step “{name}” is used in the summary and cannot be removed",
    ),
    Wording(
        "Slet linjen. Ordlyden kan ændres under words.", "Delete the line. Its wording can be changed under words."
    ),
)
NEEDED = Sort(
    "needed",
    Wording(
        "trinnet »{name}« kan ikke fjernes, for trinnet »{needs}« har en betingelse, der bruger det",
        "the step “{name}” cannot be removed, as the step “{needs}” has a condition that uses it",
    ),
    Wording("Slet linjen, eller fjern også »{needs}«.", "Delete the line, or remove “{needs}” too."),
)
