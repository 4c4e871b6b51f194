"""Every sentence the workbook says when it is read: what is wrong, and how to mend it.

Promises: Danish and English beside each other, »citat« around what the consultant wrote, one mend in every sentence that names
a fault. Knows nothing of cells and rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from dialogs.script import Wording

_SHOWN = 60  # characters of a person's own text in a message
_OF_A_RING = 8  # units shown of a ring


def shown(value: object) -> str:
    """A value as a Danish reader writes it: 31-12-2027, 4,9, codes with semicolons."""
    match value:
        case None | ():
            return "–"
        case date():
            return f"{value.day:02}-{value.month:02}-{value.year:04}"
        case Decimal():
            return format(value, "f").replace(".", ",")
        case tuple():
            return "; ".join(value)
        case _:
            return str(value)


def cited(value: object) -> str:
    """What somebody wrote, in quotes, on one line, shortened where it is long; nothing in it can steer a terminal."""
    text = " ".join("".join(char if char.isprintable() else " " for char in shown(value)).split())
    return f"»{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}«"


def listed(words: Sequence[str], joint: str) -> str:
    """Words in a row with a joint before the last: a, b eller c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"


# --- the file -----------------------------------------------------------------------------------------------------------------


def no_file() -> Wording:
    """Nothing can be read there."""
    return Wording(
        "Filen kan ikke åbnes. Se efter, om navnet er rigtigt, og om du må læse den.",
        "The file cannot be opened. Check its name, and that you may read it.",
    )


def locked_file() -> Wording:
    """An encrypted workbook, or the old binary format; both begin alike."""
    return Wording(
        "Filen er låst med adgangskode eller gemt i det gamle .xls-format. "
        "Fjern adgangskoden, gem den som Excel-projektmappe (.xlsx), og prøv igen.",
        "The file is locked with a password or saved in the old .xls format. "
        "Remove the password, save it as an Excel workbook (.xlsx), and try again.",
    )


def not_a_workbook() -> Wording:
    """Some other kind of file."""
    return Wording(
        "Filen er ikke en Excel-projektmappe. Åbn den i Excel, gem den som .xlsx, og prøv igen.",
        "The file is not an Excel workbook. Open it in Excel, save it as .xlsx, and try again.",
    )


def empty_file() -> Wording:
    """No bytes at all."""
    return Wording(
        "Filen er tom. Se efter, om den blev gemt og hentet helt ned.",
        "The file is empty. Check that it was saved and downloaded completely.",
    )


def too_large() -> Wording:
    """More than a workbook of ours can be."""
    return Wording(
        "Filen fylder for meget, når den pakkes ud. Slet billeder, tomme rækker og ark, der ikke hører til, og prøv igen.",
        "The file is too large when unpacked. Delete pictures, empty rows and sheets that do not belong, and try again.",
    )


def damaged_file() -> Wording:
    """A workbook nobody can make sense of."""
    return Wording(
        "Filen er beskadiget og kan ikke læses. Åbn den i Excel, lad Excel reparere den, gem den, og prøv igen.",
        "The file is damaged and cannot be read. Open it in Excel, let Excel repair it, save it, and try again.",
    )


def no_known_sheet(names: Sequence[str]) -> Wording:
    """A workbook, but not this one."""
    return Wording(
        f"Der er ingen ark, jeg kender. Navngiv arkene {listed(names, 'og')}, eller begynd med en ny skabelon.",
        f"There is no sheet I know. Name the sheets {listed(names, 'and')}, or begin with a new template.",
    )


# --- sheets and headers ----------------------------------------------------------------------------------------------------------


def unknown_sheet(suggestion: str) -> Wording:
    """A sheet that is not read."""
    return Wording(
        "Arket kendes ikke og er ikke læst." + _did_you_mean_da(suggestion),
        "The sheet is not known and was not read." + _did_you_mean_en(suggestion),
    )


def sheet_twice(first: str) -> Wording:
    """Two sheets with the same name but for spelling."""
    return Wording(
        f"Arket er det samme som »{first}«. Saml rækkerne i ét ark.",
        f"The sheet is the same as »{first}«. Gather the rows in one sheet.",
    )


def no_headers(headers: Sequence[str]) -> Wording:
    """Rows, but no header row above them."""
    return Wording(
        f"Jeg kan ikke finde rækken med overskrifter. Skriv {listed(headers, 'og')} øverst i arket.",
        f"I cannot find the header row. Put {listed(headers, 'and')} at the top of the sheet.",
    )


def unknown_column(header: str, suggestion: str) -> Wording:
    """A column that is not read."""
    return Wording(
        f"Kolonnen {cited(header)} kendes ikke og er ikke læst." + _did_you_mean_da(suggestion),
        f"The column {cited(header)} is not known and was not read." + _did_you_mean_en(suggestion),
    )


def column_twice(header: str, first: str) -> Wording:
    """Two columns with one header."""
    return Wording(
        f"Kolonnen »{header}« står også i {first}. Behold kun den ene.",
        f"The column »{header}« is also in {first}. Keep only one of them.",
    )


def missing_column(header: str) -> Wording:
    """A required column is not there."""
    return Wording(
        f"Kolonnen »{header}« mangler. Skriv overskriften i række 1, og udfyld kolonnen.",
        f"The column »{header}« is missing. Put the header in row 1, and fill the column in.",
    )


def merged_cells() -> Wording:
    """Cells that lost their values to their neighbour."""
    return Wording(
        "Cellerne er flettet. Ophæv fletningen, og skriv værdien i hver celle.",
        "The cells are merged. Unmerge them, and write the value in each cell.",
    )


def rest_not_read(last: int, empty: int) -> Wording:
    """So many empty rows that reading stopped."""
    number = f"{empty:,}"
    return Wording(
        f"Efter række {last} kommer mere end {number.replace(',', '.')} tomme rækker. Det, der står under dem, er ikke læst; "
        "slet de tomme rækker, hvis noget mangler.",
        f"After row {last} come more than {number} empty rows. What stands below them was not read; "
        "delete the empty rows if something is missing.",
    )


def example_skipped() -> Wording:
    """The template's example row is still there."""
    return Wording(
        "Rækken er eksemplet fra skabelonen og er sprunget over.",
        "The row is the template’s example and was skipped.",
    )


# --- one cell ----------------------------------------------------------------------------------------------------------------------


def in_hidden_row(what: Wording) -> Wording:
    """The same, told to somebody who cannot see the row."""
    return Wording(
        f"{what.da} Rækken er skjult; vis den for at se den.", f"{what.en} The row is hidden; unhide it to see it."
    )


def missing(header: str) -> Wording:
    """A required cell is empty."""
    return Wording(f"»{header}« mangler. Udfyld cellen.", f"»{header}« is missing. Fill in the cell.")


def not_calculated() -> Wording:
    """A formula without a kept result."""
    return Wording(
        "Formlen er ikke regnet ud. Åbn filen i Excel, og gem den, eller indsæt formlens resultat som værdi.",
        "The formula has not been calculated. Open the file in Excel and save it, or paste the formula’s result as a value.",
    )


def error_value(text: str) -> Wording:
    """Excel shows an error."""
    return Wording(
        f"Cellen viser fejlen {text}. Ret formlen, eller skriv værdien selv.",
        f"The cell shows the error {text}. Mend the formula, or write the value yourself.",
    )


def not_text(value: object) -> Wording:
    """Excel made a date or a yes/no of a text."""
    return Wording(
        f"Excel har lavet teksten om til {cited(value)}. Formatér cellen som tekst, og skriv den igen.",
        f"Excel has turned the text into {cited(value)}. Format the cell as text, and write it again.",
    )


def too_long(length: int, limit: int) -> Wording:
    """More characters than there is room for."""
    return Wording(
        f"Teksten er på {length} tegn; der er plads til {limit}. Gør den kortere.",
        f"The text has {length} characters; there is room for {limit}. Make it shorter.",
    )


def semicolon_in_code(code: str) -> Wording:
    """Codes are listed with semicolons."""
    return Wording(
        f"Koden {cited(code)} har semikolon i sig. Skriv én kode uden semikolon.",
        f"The code {cited(code)} holds a semicolon. Write one code without it.",
    )


def spaces_in_channel(channel: str) -> Wording:
    """Slack's channel names hold no spaces."""
    return Wording(
        f"Kanalen {cited(channel)} har mellemrum i navnet. Skriv navnet, som det står i Slack, fx boern-og-skole.",
        f"The channel {cited(channel)} has spaces in its name. Write the name as it stands in Slack, such as boern-og-skole.",
    )


def not_a_date(value: object) -> Wording:
    """No day can be read out of it."""
    return Wording(
        f"{cited(value)} er ikke en dato. Skriv fx 31-12-2027.",
        f"{cited(value)} is not a date. Write for example 31-12-2027.",
    )


def no_such_day(value: object) -> Wording:
    """Written as a date, but no calendar has it."""
    return Wording(
        f"Datoen {cited(value)} findes ikke. Skriv dag-måned-år, fx 31-12-2027.",
        f"The date {cited(value)} does not exist. Write day-month-year, for example 31-12-2027.",
    )


def unlikely_year(value: object) -> Wording:
    """A date, but hardly the one that was meant."""
    return Wording(
        f"Årstallet i {cited(value)} kan ikke passe. Skriv det med fire cifre, fx 31-12-2027.",
        f"The year in {cited(value)} cannot be right. Write it with four digits, for example 31-12-2027.",
    )


def not_a_number(value: object) -> Wording:
    """No number can be read out of it."""
    return Wording(
        f"{cited(value)} er ikke et tal. Skriv kun tallet, fx 4,9 eller 1.250.000; enheden hører til under Måleenhed.",
        f"{cited(value)} is not a number. Write the number alone, such as 4,9 or 1.250.000; its unit belongs under Måleenhed.",
    )


def unlikely_number(value: object) -> Wording:
    """More digits than anything that is counted has."""
    return Wording(
        f"Tallet {cited(value)} har for mange cifre. Skriv det kortere, fx 4,9 eller 1.250.000.",
        f"The number {cited(value)} has too many digits. Write it shorter, such as 4,9 or 1.250.000.",
    )


def not_an_address(value: object) -> Wording:
    """No e-mail address."""
    return Wording(
        f"{cited(value)} er ikke en e-mail. Skriv én adresse, fx mette@fjordby.example.",
        f"{cited(value)} is not an e-mail address. Write one address, such as mette@fjordby.example.",
    )


def unknown_word(value: object, header: str, words: Sequence[str], suggestion: str) -> Wording:
    """Not one of the words this column takes."""
    if not words:
        return Wording(
            f"{cited(value)} kan ikke bruges som {header}; der er ingen at vælge imellem. Tøm cellen.",
            f"{cited(value)} cannot be used as {header}; there are none to choose from. Empty the cell.",
        )
    return Wording(
        f"{cited(value)} kan ikke bruges som {header}. Skriv {listed(words, 'eller')}." + _did_you_mean_da(suggestion),
        f"{cited(value)} cannot be used as {header}. Write {listed(words, 'or')}." + _did_you_mean_en(suggestion),
    )


# --- across rows ---------------------------------------------------------------------------------------------------------------------


def unknown_reference(value: str, sheet: str, suggestion: str) -> Wording:
    """It points to a row that is nowhere."""
    return Wording(
        f"{cited(value)} findes ikke i arket {sheet}. Ret den, eller tilføj rækken dér." + _did_you_mean_da(suggestion),
        f"{cited(value)} is not in the sheet {sheet}. Correct it, or add the row there." + _did_you_mean_en(suggestion),
    )


def duplicate(key: str, first: int) -> Wording:
    """The same row twice."""
    return Wording(
        f"»{key}« står allerede i række {first}. Slet den ene række, eller ret den.",
        f"»{key}« already stands in row {first}. Delete one of the rows, or correct it.",
    )


def ends_before_it_starts(from_day: date, to_day: date) -> Wording:
    """A period turned around."""
    return Wording(
        f"Til ({shown(to_day)}) ligger før Fra ({shown(from_day)}). Ret den ene dato.",
        f"Til ({shown(to_day)}) is before Fra ({shown(from_day)}). Correct one of the dates.",
    )


def units_in_a_ring(codes: Sequence[str]) -> Wording:
    """Units above each other all the way round."""
    some = (*codes[:_OF_A_RING], "…") if len(codes) > _OF_A_RING else codes
    ring = " → ".join((*some, codes[0]))
    return Wording(
        f"Enhederne ligger over hinanden i ring: {ring}. Ret Overordnet hos en af dem.",
        f"The units are above each other in a ring: {ring}. Correct Overordnet for one of them.",
    )


def too_many_levels(code: str, most: int) -> Wording:
    """A unit deeper than any organisation goes; most likely Overordnet was filled down by mistake."""
    return Wording(
        f"»{code}« har mere end {most} niveauer over sig. Ret Overordnet, her eller hos enhederne over.",
        f"»{code}« has more than {most} levels above it. Correct Overordnet, here or for the units above.",
    )


def several_tops(code: str) -> Wording:
    """More than one unit without a unit above."""
    return Wording(
        f"Overordnet er tom, men »{code}« er allerede den øverste enhed. Skriv enheden over, hvis der er en.",
        f"Overordnet is empty, but »{code}« is already the topmost unit. Write the unit above, if there is one.",
    )


def no_model(agreement: str) -> Wording:
    """No model can be found for an agreement."""
    return Wording(
        f"Aftalen »{agreement}« har ingen model: den mangler på aftalen, på enheden og på enhederne over. "
        "Skriv Model på den øverste enhed.",
        f"The agreement »{agreement}« has no model: neither itself, its unit nor the units above have one. "
        "Write Model for the topmost unit.",
    )


def source_not_in_model(source: str, model: str, agreement: str, sources: Sequence[str]) -> Wording:
    """The agreement's model has other sources."""
    return Wording(
        f"Kilden »{source}« findes ikke i modellen »{model}«, som aftalen »{agreement}« følger. "
        f"Skriv {listed(sources, 'eller')}.",
        f"The source »{source}« is not in the model »{model}« that the agreement »{agreement}« follows. "
        f"Write {listed(sources, 'or')}.",
    )


def overlapping_agreements(other: str, from_day: date, to_day: date, *, in_sheet: bool) -> Wording:
    """Two agreements of one unit and model at once."""
    period = f"{shown(from_day)} – {shown(to_day)}"
    return Wording(
        f"Perioden overlapper aftalen »{other}« ({period}), som har samme enhed og model. "
        + ("Ret en af datoerne." if in_sheet else "Den er gemt tidligere; skriv den ind igen med en anden Til."),
        f"The period overlaps the agreement »{other}« ({period}) of the same unit and model. "
        + ("Correct one of the dates." if in_sheet else "It was stored earlier; write it in again with another Til."),
    )


def overlapping_posts(from_day: date, row: int) -> Wording:
    """The same post twice at once."""
    return Wording(
        f"Personen har allerede samme rolle i enheden fra {shown(from_day)} {_where_da(row)}. Ret en af datoerne.",
        f"The person already has the same role in the unit from {shown(from_day)} {_where_en(row)}. Correct one of the dates.",
    )


def two_leaders(unit: str, other: str, day: date) -> Wording:
    """Two leaders of one unit on one day."""
    return Wording(
        f"»{unit}« har to ledere fra {shown(day)}: også {other}. Skriv Til på den, der er fratrådt, hvis det er en fejl.",
        f"»{unit}« has two leaders from {shown(day)}: {other} as well. Write Til for the one who left, if that is a mistake.",
    )


def own_stand_in() -> Wording:
    """Standing in for oneself."""
    return Wording(
        "Personen kan ikke være sin egen stedfortræder. Skriv en anden, eller tøm cellen.",
        "A person cannot stand in for themselves. Write somebody else, or empty the cell.",
    )


def agreement_not_in_goal(agreement: str, goal: str, agreements: Sequence[str]) -> Wording:
    """The initiative's agreement lacks its goal."""
    known = listed(agreements, "eller") if agreements else "–"
    return Wording(
        f"Aftalen »{agreement}« står ikke blandt aftalerne for målet »{goal}« ({known}). "
        "Ret aftalen, eller tilføj den til målet.",
        f"The agreement »{agreement}« is not among those of the goal »{goal}« ({known}). "
        "Correct the agreement, or add it to the goal.",
    )


def goal_left_behind(initiative: str, agreement: str) -> Wording:
    """The goal no longer belongs to an agreement where it has an initiative."""
    return Wording(
        f"Indsatsen »{initiative}« er gemt under målet i aftalen »{agreement}«, som ikke længere står her. "
        "Tilføj aftalen, eller skriv indsatsen ind igen med en anden aftale.",
        f"The initiative »{initiative}« is stored under the goal in the agreement »{agreement}«, which no longer stands here. "
        "Add the agreement, or write the initiative in again with another.",
    )


def due_before_baseline(due_on: date, baseline_on: date) -> Wording:
    """A deadline before the starting point."""
    return Wording(
        f"Frist ({shown(due_on)}) ligger før Baselinedato ({shown(baseline_on)}). Ret den ene dato.",
        f"Frist ({shown(due_on)}) is before Baselinedato ({shown(baseline_on)}). Correct one of the dates.",
    )


def no_target() -> Wording:
    """Nobody will see whether it was met."""
    return Wording(
        "Målet har intet måltal. Skriv et tal, hvis det kan måles.",
        "The goal has no target number. Write one if it can be measured.",
    )


def no_deadline() -> Wording:
    """Nobody knows when it should be met."""
    return Wording(
        "Målet har ingen frist. Skriv den dag, det skal være nået.",
        "The goal has no deadline. Write the day it must be met.",
    )


def goal_without_agreement() -> Wording:
    """Nobody will be asked about it."""
    return Wording(
        "Målet er ikke med i nogen aftale, så ingen bliver spurgt til det. Skriv aftalens kode.",
        "The goal is in no agreement, so nobody will be asked about it. Write the agreement’s code.",
    )


def no_owner() -> Wording:
    """Owners answer, and nobody is named."""
    return Wording(
        "Indsatsen har ingen ansvarlig, og her er det de ansvarlige, der svarer. Skriv den, der skal svare, under Ansvarlig.",
        "The initiative has no owner, and here it is the owners who answer. Write who is to answer under Ansvarlig.",
    )


def not_carried_on(code: str, agreement: str) -> Wording:
    """What an initiative carries on must be of an earlier agreement of the same unit."""
    return Wording(
        f"»{code}« hører til aftalen »{agreement}«, som ikke er en tidligere aftale for samme enhed. "
        "Skriv en indsats fra enhedens tidligere aftale, eller tøm cellen.",
        f"»{code}« belongs to the agreement »{agreement}«, which is not an earlier agreement of the same unit. "
        "Write an initiative of the unit’s earlier agreement, or empty the cell.",
    )


def no_longer_known(word: str, header: str, code: str) -> Wording:
    """A stored choice that the municipality's models have no more."""
    return Wording(
        f"»{code}« har {header} {cited(word)}, som ikke findes længere; modellens egen bliver brugt i stedet. "
        "Vælg en anden, eller tøm cellen.",
        f"»{code}« has {header} {cited(word)}, which is no longer there; the model’s own is used instead. "
        "Choose another, or empty the cell.",
    )


def measured_ahead(day: date) -> Wording:
    """A reading of a day to come."""
    return Wording(
        f"Dato ({shown(day)}) er ikke kommet endnu. Skriv den dag, der blev målt.",
        f"Dato ({shown(day)}) has not come yet. Write the day it was measured.",
    )


def whose_reading(goal: str) -> Wording:
    """Each unit has its own number, and no unit is written."""
    return Wording(
        f"Hver enhed har sit eget tal for målet »{goal}«. Skriv enhedens kode, eller skriv fælles under Måling i arket Mål.",
        f"Each unit has its own number for the goal »{goal}«. Write the unit’s code, or write fælles under Måling in the sheet Mål.",
    )


def common_reading(goal: str, unit: str) -> Wording:
    """All have the same number, and a unit is written."""
    return Wording(
        f"Målet »{goal}« har ét fælles tal, men her står »{unit}«. Tøm cellen, eller skriv egen under Måling i arket Mål.",
        f"The goal »{goal}« has one common number, but »{unit}« is written. Empty the cell, or write egen under Måling in the "
        "sheet Mål.",
    )


def unit_without_goal(unit: str, goal: str) -> Wording:
    """A reading of a unit that does not have the goal."""
    return Wording(
        f"Enheden »{unit}« har ingen aftale med målet »{goal}«. Ret enheden, eller tilføj enhedens aftale til målet.",
        f"The unit »{unit}« has no agreement with the goal »{goal}«. Correct the unit, or add the unit’s agreement to the goal.",
    )


def _where_da(row: int) -> str:
    return f"(række {row})" if row else "(gemt tidligere)"


def _where_en(row: int) -> str:
    return f"(row {row})" if row else "(stored earlier)"


def _did_you_mean_da(suggestion: str) -> str:
    return f" Mente du »{suggestion}«?" if suggestion else ""


def _did_you_mean_en(suggestion: str) -> str:
    return f" Did you mean »{suggestion}«?" if suggestion else ""


# --- amendments ----------------------------------------------------------------------------------------------------------------------

_MOST_TOLD = 5  # of an agreement's changes in the report; all of them are kept

_FIELDS = {
    "unit": Wording("Enhed", "Unit"),
    "from_day": Wording("Første dag", "First day"),
    "to_day": Wording("Sidste dag", "Last day"),
    "model": Wording("Model", "Model"),
    "counterpart": Wording("Modpart", "Counterpart"),
    "source": Wording("Kilde", "Source"),
    "objective": Wording("Målsætning", "Objective"),
    "policy": Wording("Politik", "Policy"),
    "measure": Wording("Måleenhed", "Measure"),
    "baseline": Wording("Udgangspunkt", "Starting point"),
    "baseline_on": Wording("Dato for udgangspunkt", "Date of the starting point"),
    "target": Wording("Måltal", "Target"),
    "due_on": Wording("Frist", "Deadline"),
    "evidence": Wording("Dokumentation", "Evidence"),
    "goal": Wording("Mål", "Goal"),
    "owner": Wording("Ansvarlig", "Owner"),
}


def named(field: str) -> Wording:
    """What a field is called in a sentence about a change."""
    return _FIELDS[field]


def changed(field: Wording, of: str | None, before: object, after: object) -> Wording:
    """One field from one value to another; `of` is the goal or the initiative, None the agreement itself."""
    old, new = shown(before), shown(after)
    of_da, of_en = (f" for »{of}«", f" of »{of}«") if of else ("", "")
    return Wording(f"{field.da}{of_da} ændret fra {old} til {new}.", f"{field.en}{of_en} changed from {old} to {new}.")


def goal_renamed(before: str, after: str) -> Wording:
    """A goal in other words."""
    return Wording(f"Målet »{before}« er nu »{after}«.", f"The goal »{before}« is now »{after}«.")


def goal_came(title: str) -> Wording:
    """A goal that was not in the agreement before."""
    return Wording(f"Nyt mål: »{title}«.", f"New goal: »{title}«.")


def goal_left(title: str) -> Wording:
    """A goal that is no longer in the agreement."""
    return Wording(f"Målet »{title}« er taget ud.", f"The goal »{title}« was taken out.")


def initiative_renamed(before: str, after: str) -> Wording:
    """An initiative in other words."""
    return Wording(f"Indsatsen »{before}« er nu »{after}«.", f"The initiative »{before}« is now »{after}«.")


def initiative_came(title: str) -> Wording:
    """An initiative that was not in the agreement before."""
    return Wording(f"Ny indsats: »{title}«.", f"New initiative: »{title}«.")


def initiative_left(title: str) -> Wording:
    """An initiative that went to another agreement."""
    return Wording(
        f"Indsatsen »{title}« er flyttet til en anden aftale.", f"The initiative »{title}« went to another agreement."
    )


def told_in_chat(name: str, day: date) -> Wording:
    """A row of absence that would undo what the person said in the chat."""
    return Wording(
        f"{name} har selv meldt sig væk eller tilbage i chatten den {shown(day)}. Det står ved magt, og rækken bliver ikke læst ind. "
        "Er det et nyt fravær, så lad det begynde efter den dag.",
        f"{name} said in the chat on {shown(day)} that they were away or back. That stands, and the row is not imported. "
        "If it is a new absence, let it begin after that day.",
    )


def amended(code: str, version: int, changes: Sequence[Wording]) -> Wording:
    """A signed agreement is changed, so both must sign it anew."""
    told, more = changes[:_MOST_TOLD], len(changes) - _MOST_TOLD
    da, en = " ".join(one.da for one in told), " ".join(one.en for one in told)
    more_da = f" Og {more} ændring{'er' if more > 1 else ''} mere." if more > 0 else ""
    more_en = f" And {more} more change{'s' if more > 1 else ''}." if more > 0 else ""
    return Wording(
        f"Aftalen »{code}« har været underskrevet. Den bliver version {version}, og begge parter skal underskrive igen. "
        f"{da}{more_da}",
        f"The agreement »{code}« has been signed. It becomes version {version}, and both parties must sign again. "
        f"{en}{more_en}",
    )
