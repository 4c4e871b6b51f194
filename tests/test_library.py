from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogs import dating, engine, evaluating, extending, faults, reading
from dialogs.library import Faults, Library, freeze, load, mermaid, show, thaw
from dialogs.script import (
    AnsweredBy,
    Attainment,
    Choice,
    Condition,
    Field,
    Kind,
    Mark,
    Role,
    Script,
    Section,
    Step,
    Wording,
)

Files: TypeAlias = dict[str, str | bytes]
Loads: TypeAlias = Callable[[Files], Library | Faults]

MODELS_PAGE = Path(__file__).parents[1] / "docs" / "models.md"

MODEL = """\
title: {da: Fjordaftale, en: Fjord agreement}
words:
  agreement: {da: aftale, en: agreement}
  unit: {da: enhed, en: unit}
  goal: {da: mål, en: goal}
  initiative: {da: indsats, en: initiative}
  initiatives: {da: indsatser, en: initiatives}
sources:
  - {id: lokal, label: {da: Lokale, en: Local}}
rounds:
  - {id: may, script: may, deadline: 05-17}
"""

SCRIPT = """\
title: {da: Maj, en: May}
sections:
  - id: initiatives
    each: initiative
    steps:
      - id: status
        fields:
          - {id: status, kind: choice, role: status, ask: {da: Hvordan?, en: How?}, choices: [on_plan, delayed]}
          - {id: note, kind: text, optional: true, limit: 200, ask: {da: Noter?, en: Notes?}}
      - id: cause
        when: {status: [delayed]}
        title: {da: Årsag, en: Cause}
        fields:
          - {id: cause, kind: text, role: challenge, ask: {da: Hvorfor?, en: Why?}}
  - id: closing
    steps:
      - id: remark
        fields:
          - {id: remark, kind: text, ask: {da: "Andet til {nearest_leader}?", en: Else?}}
"""


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    """Write a municipality's files and load them beside ours."""

    def written(files: Files) -> Library | Faults:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(tmp_path)

    return written


def loaded(outcome: Library | Faults) -> Library:
    assert isinstance(outcome, Library), str(outcome)
    return outcome


def found(outcome: Library | Faults) -> list[str]:
    return str(outcome).splitlines() if isinstance(outcome, Faults) else []


# --- our own models ---------------------------------------------------------------------------------------------------------


def test_our_own_models_have_no_faults() -> None:
    library = loaded(load())
    script = library.script("dialogaftale", "spring")
    assert script
    assert [section.id for section in script.sections] == ["initiatives", "closing"]
    assert library.round("dialogaftale", "spring") is not None
    assert library.choices["delayed"].concern


def test_what_is_not_there_is_not_found() -> None:
    library = loaded(load())
    assert library.model("nowhere") is None
    assert library.script("nowhere", "spring") is None
    assert library.script("dialogaftale", "nowhere") is None
    assert library.round("nowhere", "spring") is None


# --- faults in a script -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("role: status", "rolle: status", "8: nøglen »rolle« findes ikke. Mente du »role«?"),
        ("role: status", "role: statsu", "8: rollen »statsu« findes ikke. Mente du »status«?"),
        ("kind: choice", "kind: valg", "8: felttypen »valg« findes ikke. Her kan stå: amount, choice, date, number, people, text."),
        ("each: initiative", "each: unit", "4: »each« med »unit« findes ikke. Her kan stå: board, goal, initiative, renewal."),
        ("each: initiative", "each: initiative\n    only: {source: [lokale]}", "5: kilden »lokale« findes ikke. Mente du »lokal«?"),
        ("each: initiative", "each: initiative\n    only: {kilde: [lokal], source: [lokal]}", "5: nøglen »kilde« findes ikke. Her kan stå: source."),
        ("  - id: closing", "  - id: closing\n    only: {source: [lokal]}", "16: »only« kan kun bruges i et afsnit med »each«. Tilføj »each«, eller slet »only«."),
        ("  - id: closing", "  - id: more\n    each: initiative\n    steps:\n      - {id: status, fields: [{id: a, kind: date, ask: {da: A, en: B}}]}\n  - id: closing", "18: trinnet »status« findes to gange. Brug to forskellige navne."),
        ("      - id: cause\n", "      - {id: evaluation, evaluate: true}\n      - id: cause\n", "10: »evaluate« kan kun bruges i et afsnit med »each: goal«. Tilføj »each: goal«, eller slet »evaluate«."),
        ("{id: note,", "{id: skipped,", "9: et felt kan ikke hedde »skipped«. Brug et andet navn. Ordet bruges i betingelser."),
        ("{status: [delayed]}", "{skipped: [status]}", "11: trinnet »status« kan ikke springes over. Giv trinnet en »skip«, eller slet det her."),
        ("{status: [delayed]}", "{skipped: [cause]}", "11: betingelsen bruger trinnet »cause«, som først kommer senere. Flyt trinnet ned efter »cause«."),
        ("{status: [delayed]}", "{skipped: [statu]}", "11: trinnet »statu« findes ikke. Mente du »status«?"),
        ("limit: 200", "past: true", "9: »past« kan kun bruges med kind: date. Slet »past«, eller ret kind."),
        ("limit: 200", "least: 0", "9: »least« kan kun bruges med kind: number eller amount. Slet »least«, eller ret kind."),
        ("kind: text, optional: true, limit: 200", "kind: number, least: mange", "9: »least« skal være et tal. Skriv fx 100 eller 4.5."),
        ("kind: text, optional: true, limit: 200", "kind: number, least: 5, most: 4", "9: »most« er mindre end »least«. Ret det ene."),
        ("kind: text, optional: true, limit: 200", "kind: number, role: attainment", "9: »scale« mangler. Tilføj »scale: …«."),
        ("kind: text, optional: true, limit: 200", "kind: number, role: attainment, scale: [{from: 1, counts_as: nået}]", "9: »counts_as« med »nået« findes ikke. Her kan stå: not_reached, partly, reached, unknown."),
        ("kind: text, optional: true, limit: 200", "kind: number, scale: [{from: 1, counts_as: reached}, {from: 1, counts_as: partly}]", "9: mærket »1« findes to gange. Brug to forskellige navne."),
        ("kind: text, optional: true, limit: 200", "kind: number, scale: [{from: 1}]", "9: »counts_as« mangler. Tilføj »counts_as: …«."),
        ("kind: text, optional: true, limit: 200", "kind: choice, role: attainment, choices: [completed]", "9: svaret »completed« siger ikke, hvad det tæller som. Tilføj »counts_as: reached« (eller partly, not_reached, unknown) ved svaret i choices.yaml."),
        ("kind: text, optional: true, limit: 200", "kind: text, role: attainment", "9: »role: attainment« kan kun bruges med kind: choice eller number. Slet »role: attainment«, eller ret kind."),
        ("id: closing", "id: initiatives", "15: afsnittet »initiatives« findes to gange. Brug to forskellige navne."),
        ("id: cause\n", "id: status\n", "10: trinnet »status« findes to gange. Brug to forskellige navne."),
        ("{id: cause,", "{id: note,", "14: feltet »note« findes to gange. Brug to forskellige navne."),
        ("[on_plan, delayed]", "[delayed, delayed]", "8: svaret »delayed« bruges to gange. Slet den ene."),
        ("limit: 200", "role: challenge", "14: rollen »challenge« bruges to gange. Slet den ene."),
        ("optional: true", "role: involve", "9: »role: involve« kan kun bruges med kind: people. Slet »role: involve«, eller ret kind."),
        ("{status: [delayed]}", "{cause: [delayed]}", "11: betingelsen bruger feltet »cause«, som først besvares senere. Flyt trinnet ned efter »cause«."),
        ("{status: [delayed]}", "{states: [delayed]}", "11: feltet »states« findes ikke. Mente du »status«?"),
        ("{status: [delayed]}", "{remark: [delayed]}", "11: feltet »remark« findes ikke. Her kan stå: status."),
        ("{status: [delayed]}", "{note: [delayed]}", "11: betingelsen bruger feltet »note«, som ikke er et valg. Brug et felt med kind: choice."),
        ("{status: [delayed]}", "{status: [delayd]}", "11: svaret »delayd« findes ikke. Mente du »delayed«?"),
        ("{status: [delayed]}", "{status: [completed]}", "11: svaret »completed« findes ikke. Her kan stå: delayed, on_plan."),
        ("{status: [delayed]}", "{}", "11: »when« er tom. Skriv mindst én, eller slet linjen."),
        ("{status: [delayed]}", "{status: []}", "11: »status« er tom. Skriv mindst én, eller slet linjen."),
        ("{status: [delayed]}", "delayed", "11: ved »when« skal der stå nøgler med værdier, »nøgle: værdi«. Ret linjen."),
        (", en: How?", "", "8: »ask« mangler på engelsk. Tilføj »en: …«."),
        ("da: Hvordan?", "da: ", "8: »ask« er tom på dansk. Skriv teksten ved »da:«."),
        ("da: Hvordan?", "da: ~", "8: »ask« er tom på dansk. Skriv teksten ved »da:«."),
        ("da: Hvordan?", "da: Ja, men hvordan?", "8: teksten er delt ved et komma før »men hvordan?«. Sæt hele teksten i anførselstegn."),
        ("da: Hvordan?", "da: Hvordan?, de: Wie?", "8: nøglen »de« findes ikke. Her kan stå: da, en."),
        ("{da: Årsag, en: Cause}", "Årsag", "12: ved »title« skal der stå en tekst på begge sprog, {da: …, en: …}. Sæt teksten i anførselstegn, hvis den har særlige tegn."),
        ("Hvordan?", "x" * 301, "8: teksten er på 301 tegn, og der er plads til 300. Kort den af."),
        ("[on_plan, delayed]", "[]", "8: »choices« er tom. Skriv mindst én, eller slet linjen."),
        ("[on_plan, delayed]", "[on_plann, delayed]", "8: svaret »on_plann« findes ikke. Mente du »on_plan«?"),
        ("kind: text, optional: true, limit: 200", "kind: choice", "9: feltet »note« har ingen svar at vælge imellem. Tilføj »choices: […]« med svar fra choices.yaml."),
        ("limit: 200", "choices: [on_plan]", "9: »choices« kan kun bruges med kind: choice. Slet »choices«, eller ret kind."),
        ("{nearest_leader}", "{nearest_leder}", "19: pladsholderen »nearest_leder« findes ikke. Mente du »nearest_leader«?"),
        ("{nearest_leader}", "{nearest_leader", "19: en krøllet parentes i teksten står alene. Skriv fx {nearest_leader}, eller slet den."),
        ("limit: 200", "limit: 0", "9: »limit« skal være et helt tal fra 1 til 3000. Ret tallet."),
        ("limit: 200", "limit: 3001", "9: »limit« skal være et helt tal fra 1 til 3000. Ret tallet."),
        ("limit: 200", "limit: mange", "9: »limit« skal være et helt tal fra 1 til 3000. Ret tallet."),
        ("optional: true", "optional: måske", "9: ved »optional« skal der stå true eller false. Ret linjen."),
        ("id: closing", "id: Slut", "15: »Slut« kan ikke bruges som id. Brug små bogstaver a–z, tal og _; højst 31 tegn, bogstav først."),
        ("id: closing", "id: [a]", "15: ved »id« skal der stå en tekst. Sæt teksten i anførselstegn, hvis den har særlige tegn."),
        ("title: {da: Maj", "id: june\ntitle: {da: Maj", "1: id er »june«, men navnet på filen eller mappen er »may«. Lad dem være ens, eller slet linjen med id."),
        ("  - id: closing\n", "  - closing\n  - id: closing\n", "15: ved »sections« skal der stå nøgler med værdier, »nøgle: værdi«. Ret linjen."),
        ("id: remark, kind: text, ", "id: remark, ", "19: »kind« mangler. Tilføj »kind: …«."),
    ],
)  # fmt: skip
def test_a_fault_in_a_script_is_named_with_its_line_and_how_to_mend_it(
    loads: Loads, old: str, new: str, fault: str
) -> None:
    assert old in SCRIPT
    broken = SCRIPT.replace(old, new, 1)
    assert found(loads({"fjordby/model.yaml": MODEL, "fjordby/may.yaml": broken})) == [f"fjordby/may.yaml:{fault}"]


def test_a_card_has_room_for_five_fields(loads: Loads) -> None:
    more = "".join(f"          - {{id: more{number}, kind: date, ask: {{da: A?, en: B?}}}}\n" for number in range(4))
    broken = SCRIPT.replace("      - id: cause\n", f"{more}      - id: cause\n", 1)
    assert found(loads({"fjordby/model.yaml": MODEL, "fjordby/may.yaml": broken})) == [
        "fjordby/may.yaml:7: trinnet »status« har 6 felter, og der er plads til 5 på et kort. Del det i to trin."
    ]


def test_all_faults_come_at_once_and_in_english_too(loads: Loads) -> None:
    broken = SCRIPT.replace("kind: choice", "kind: choise").replace("en: Why?", "en: ").replace("id: closing", "id: C")
    outcome = loads({"fjordby/model.yaml": MODEL.replace("05-17", "31-05"), "fjordby/may.yaml": broken})
    assert isinstance(outcome, Faults)
    assert outcome.in_("en").splitlines() == [
        "fjordby/may.yaml:8: the kind of field “choise” does not exist. Did you mean “choice”?",
        "fjordby/may.yaml:14: “ask” is empty in English. Write the text at “en:”.",
        "fjordby/may.yaml:15: “C” cannot be an id. Use lower-case letters a–z, digits and _; 31 at most, a letter first.",
        "fjordby/model.yaml:11: “31-05” is not a day of every year. Write month and day: 04-01 is 1 April.",
    ]
    assert [fault.key for fault in outcome] == ["unknown", "empty_text", "bad_id", "day"]


def test_words_that_yaml_takes_for_truth_stay_words(loads: Loads) -> None:
    script = SCRIPT.replace("{da: Hvorfor?, en: Why?}", "{da: Ja, en: No}").replace("optional: true", "optional: ja")
    may = loaded(loads({"fjordby/model.yaml": MODEL, "fjordby/may.yaml": script})).script("fjordby", "may")
    assert may
    assert may.sections[0].steps[1].fields[0].ask == Wording("Ja", "No")
    assert may.sections[0].steps[0].fields[1].optional


# --- faults in a model, in the choices, in a folder -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("05-17", "02-29", "11: »02-29« er ikke en dag, der findes hvert år. Skriv måned og dag: 04-01 er den 1. april."),
        ("05-17", "17. maj", "11: »17. maj« er ikke en dag, der findes hvert år. Skriv måned og dag: 04-01 er den 1. april."),
        ("script: may", "script: mai", "11: scriptet »mai« findes ikke. Mente du »may«?"),
        ("05-17", "05-17, opens_days: 0", "11: »opens_days« skal være et helt tal fra 1 til 180. Ret tallet."),
        ("  goal: {da: mål, en: goal}\n", "", "3: »goal« mangler. Tilføj »goal: …«."),
        ("  goal:", "  team: {da: hold, en: team}\n  goal:", "5: nøglen »team« findes ikke. Her kan stå: agreement, agreement_the, agreements, board, goal, goal_the, goals, initiative, initiative_the, initiatives, unit, unit_the, units."),
        ("rounds:", "evaluation: attainmen\nrounds:", "10: evalueringsmodellen »attainmen« findes ikke. Mente du »attainment«?"),
        ("da: enhed", "da: " + "x" * 61, "4: teksten er på 61 tegn, og der er plads til 60. Kort den af."),
        ("da: enhed", 'da: "{unit}"', "4: pladsholderen »unit« findes ikke. Slet det, eller skriv det på en anden måde."),
        ("  - {id: lokal", "  - {id: lokal, label: {da: A, en: B}}\n  - {id: lokal", "10: kilden »lokal« findes to gange. Brug to forskellige navne."),
        ("rounds:", "rounds: []\nrunder:", "10: »rounds« er tom. Skriv mindst én, eller slet linjen."),
    ],
)  # fmt: skip
def test_a_fault_in_a_model(loads: Loads, old: str, new: str, fault: str) -> None:
    assert old in MODEL
    broken = MODEL.replace(old, new, 1)
    assert f"fjordby/model.yaml:{fault}" in found(loads({"fjordby/model.yaml": broken, "fjordby/may.yaml": SCRIPT}))


@pytest.mark.parametrize(
    ("choices", "fault"),
    [
        ("delayed: {label: {da: Bagud}}", "1: »label« mangler på engelsk. Tilføj »en: …«."),
        ("late: {symbol: L}", "1: »label« mangler. Tilføj »label: …«."),
        ("late: {label: {da: %s, en: Late}}" % ("x" * 61), "1: teksten er på 61 tegn, og der er plads til 60. Kort den af."),
        ("Late: {label: {da: Sent, en: Late}}", "1: »Late« kan ikke bruges som id. Brug små bogstaver a–z, tal og _; højst 31 tegn, bogstav først."),
        ("fine: {label: {da: Fint, en: Fine}, counts_as: fint}", "1: »counts_as« med »fint« findes ikke. Her kan stå: not_reached, partly, reached, unknown."),
        ("delayed: {concern: måske}", "1: ved »concern« skal der stå true eller false. Ret linjen."),
    ],
)  # fmt: skip
def test_a_fault_in_the_choices(loads: Loads, choices: str, fault: str) -> None:
    assert found(loads({"choices.yaml": choices})) == [f"choices.yaml:{fault}"]


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"spring.yaml": SCRIPT}, "spring.yaml: her bruges kun choices.yaml, calendar.yaml og en mappe for hver model. Flyt filen ind i modellens mappe, fx dialogaftale/spring.yaml."),
        ({"fjordby/may.yaml": SCRIPT}, "fjordby: mappen har ingen model.yaml. Skriv en model.yaml (»extends: dialogaftale« er nok), eller kald mappen det samme som modellen, I vil ændre."),
        ({"dialogaftale/may.yml": SCRIPT}, "dialogaftale/may.yml: navnet »may.yml« kan ikke bruges. Brug små bogstaver a–z, tal og _ (højst 31 tegn, bogstav først), og lad en fil ende på .yaml."),
        ({"Fjord/model.yaml": "extends: dialogaftale"}, "Fjord: navnet »Fjord« kan ikke bruges. Brug små bogstaver a–z, tal og _ (højst 31 tegn, bogstav først), og lad en fil ende på .yaml."),
        ({"fjordby/model.yaml": "extends: dialogaftal"}, "fjordby/model.yaml:1: modellen »dialogaftal« findes ikke. Mente du »dialogaftale«?"),
        ({"fjordby/model.yaml": "extends:"}, "fjordby/model.yaml:1: ved »extends« skal der stå et navn. Ret linjen."),
        ({"dialogaftale/may.yaml/x.yaml": "a: b"}, "dialogaftale/may.yaml: filen kan ikke læses. Giv programmet adgang til den, eller fjern den."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_never_passed_over_in_silence(loads: Loads, files: Files, fault: str) -> None:
    assert found(loads(files)) == [fault]


def test_other_files_may_lie_there(loads: Loads) -> None:
    assert not found(
        loads({"README.md": "x", ".git/config.yaml": "\t", "noter/a.txt": "x", "dialogaftale/.spring.yaml.swp": "x"})
    )


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "væk"
    assert found(load(missing)) == [
        f"{missing}: mappen findes ikke eller kan ikke læses. Ret DIALOGBOT_MODELS, så den peger på mappen med jeres modeller."
    ]


# --- what is not YAML at all ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ": filen er tom."),
        (b"\xef\xbb\xbf# kun en note\n", ": filen er tom."),
        ("title: År".encode("latin-1"), ":1: tegnet her er ikke UTF-8."),
        ("title: År".encode("utf-16"), ":1: tegnet her er ikke UTF-8."),
        (b"a: b\nc: \x07", ":2: linjen har et usynligt styretegn."),
        (b"- a\n- b", ":1: ved »may.yaml« skal der stå nøgler med værdier"),
        (b"hej med dig", ":1: ved »may.yaml« skal der stå nøgler med værdier"),
        (b"title:\n\tda: Maj", ":2: linjen er rykket ind med et tabulatortegn. Brug mellemrum."),
        (b"a: 1\nb: 2\na: 3", ":3: nøglen »a« står to gange samme sted. Slet den ene."),
        (b"title: Husk: nu", ":1: der står et kolon, hvor det ikke kan stå"),
        (b"title: @alle", ":1: en tekst begynder med et tegn, som YAML bruger til noget andet."),
        ("title: *årsag".encode(), ":1: en tekst begynder med et tegn, som YAML bruger til noget andet."),
        (b"{nearest_leader}: a", ":1: en tekst begynder med et tegn, som YAML bruger til noget andet."),
        (b"a: b\ntitle: {da: Maj, en: May\nb: c", ":2: en parentes, klamme eller et anførselstegn bliver ikke lukket"),
        (b"a: b\ntitle: 'Maj\nb: c\n", ":2: en parentes, klamme eller et anførselstegn bliver ikke lukket"),
        (b"a:\n  - b\n c: d", ":3: linjen passer ikke til dem omkring den."),
        (b"title: &a [*a, *a]", ":1: »&a« er en henvisning eller en mærkat i YAML"),
        (b"title: *maj", ":1: »*maj« er en henvisning eller en mærkat i YAML"),
        (b"!!python/object/apply:os.system [x]", ":1: »tag:yaml.org,2002:python/object/apply:o…« er en henvisning"),
        (b"a: b\n---\nc: d\n", ":2: filen er delt med »---«."),
        (b"[" * 100_000, ":1: der er for mange lag inden i hinanden."),
        (b"a: " + b"x" * 300_000, ": filen fylder mere end 256 kB."),
        (b'title: "\\q"', ":1: linjen kan ikke læses som YAML."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_fault_and_never_an_exception(loads: Loads, content: bytes, fault: str) -> None:
    outcome = found(loads({"fjordby/model.yaml": MODEL, "fjordby/may.yaml": content}))
    assert any(line.startswith(f"fjordby/may.yaml{fault}") for line in outcome), outcome


_LINES = st.sampled_from([*SCRIPT.splitlines(), *MODEL.splitlines(), "extends: spring", "add:", "  - a", "\t", "when: []", "? x", "*a", "words: {a.b: {}}", "remove: [a.b, []]"])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | st.lists(_LINES, max_size=12).map(lambda lines: "\n".join(lines).encode()))
def test_nothing_that_can_be_written_raises(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "dialogaftale"
    folder.mkdir(exist_ok=True)
    for name in ("model.yaml", "spring.yaml"):
        (folder / name).write_bytes(content)
    (tmp_path / "choices.yaml").write_bytes(content)
    outcome = load(tmp_path)
    assert isinstance(outcome, Library) or len(outcome) > 0


# --- building on something else ---------------------------------------------------------------------------------------------

LOCAL_STEP = """\
extends: spring
words:
  initiatives.status.status: {ask: {da: Hvor langt er I?, en: How far?}}
  closing: {title: {da: Slut, en: End}}
add:
  - section: initiatives
    after: status
    step: {id: board, fields: [{id: board, kind: text, optional: true, ask: {da: Bestyrelsen?, en: The board?}}]}
  - section: initiatives
    after: board
    step: {id: more, when: {status: delayed_or_not}, fields: [{id: more, kind: date, ask: {da: Hvornår?, en: When?}}]}
""".replace("delayed_or_not", "[delayed, on_plan]")


def steps_of(library: Library, model: str, script: str) -> list[str]:
    found_script = library.script(model, script)
    assert found_script
    return [f"{section.id}.{step.id}" for section in found_script.sections for step in section.steps]


def test_a_municipality_adds_steps_and_changes_wording(loads: Loads) -> None:
    library = loaded(loads({"dialogaftale/spring.yaml": LOCAL_STEP}))
    assert steps_of(library, "dialogaftale", "spring") == [
        "initiatives.status",
        "initiatives.board",
        "initiatives.more",
        "initiatives.challenge",
        "initiatives.way_forward",
        "closing.anything_else",
    ]
    spring = library.script("dialogaftale", "spring")
    assert spring
    assert spring.sections[0].steps[0].fields[0].ask.da == "Hvor langt er I?"
    assert spring.sections[0].steps[0].fields[0].role is Role.STATUS
    assert spring.sections[1].title == Wording("Slut", "End")


def test_a_model_that_extends_another_has_its_scripts_and_its_changes(loads: Loads) -> None:
    library = loaded(
        loads(
            {
                "dialogaftale/spring.yaml": LOCAL_STEP,
                "fjordby/model.yaml": "extends: dialogaftale\nwords: {unit: {da: plads, en: place}}",
                "vig/model.yaml": "extends: fjordby\ntitle: {da: Vig, en: Cove}",
                "vig/spring.yaml": "extends: spring\nremove: [initiatives.more, initiatives.board]",
            }
        )
    )
    vig = library.models["vig"]
    assert (vig.title.da, vig.words["unit"].da, vig.words["goal"].da) == ("Vig", "plads", "mål")
    assert vig.rounds == library.models["dialogaftale"].rounds
    assert len(steps_of(library, "fjordby", "spring")) == 6
    assert len(steps_of(library, "vig", "spring")) == 4


def test_a_whole_file_takes_the_place_of_ours(loads: Loads) -> None:
    library = loaded(loads({"dialogaftale/spring.yaml": SCRIPT}))
    assert steps_of(library, "dialogaftale", "spring") == ["initiatives.status", "initiatives.cause", "closing.remark"]
    assert library.models["dialogaftale"].title.da == "Dialogaftale"


def test_a_choice_is_changed_key_by_key(loads: Loads) -> None:
    delayed = loaded(loads({"choices.yaml": "delayed: {label: {da: Bagud, en: Behind}}"})).choices["delayed"]
    assert delayed == Choice("delayed", Wording("Bagud", "Behind"), "▲", concern=True)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("sections: []", "2: nøglen »sections« findes ikke. Her kan stå: add, extends, id, remove, title, words."),
        ("remove: [initiatives.challenge]", "2: trinnet »challenge« bruges i opsummeringen og kan ikke fjernes. Slet linjen. Ordlyden kan ændres under words."),
        ("remove: [initiatives.chalenge]", "2: trinnet »chalenge« findes ikke. Mente du »challenge«?"),
        ("add: [{section: {id: mere, steps: [{id: a, fields: [{id: a, kind: date, ask: {da: A, en: B}}]}]}, after: slut}]", "2: afsnittet »slut« findes ikke. Her kan stå: closing, initiatives."),
        ("add: [{section: {id: closing, steps: [{id: a, fields: [{id: a, kind: date, ask: {da: A, en: B}}]}]}}]", "2: afsnittet »closing« findes to gange. Brug to forskellige navne."),
        ("remove: [challenge]", "2: ved »remove« skal der stå afsnit.trin, fx initiatives.status. Ret linjen."),
        ("words: {initiatives.status.statu: {}}", "2: feltet »statu« findes ikke. Mente du »status«?"),
        ("words: {initiative: {}}", "2: afsnittet »initiative« findes ikke. Mente du »initiatives«?"),
        ("words: {initiatives.status.status: {kind: text}}", "2: nøglen »kind« findes ikke. Her kan stå: ask, hint."),
        ("words: {initiatives.status.status: {ask: {da: Hvad?}}}", "2: »ask« mangler på engelsk. Tilføj »en: …«."),
        ("add: [{section: slut, step: {id: a}}]", "2: afsnittet »slut« findes ikke. Her kan stå: closing, initiatives."),
        ("add: [{section: closing}]", "2: »step« mangler. Tilføj »step: …«."),
        ("add: [{section: closing, after: x, step: {id: a, fields: [{id: a, kind: date, ask: {da: A, en: B}}]}}]", "2: trinnet »x« findes ikke. Her kan stå: anything_else."),
        ("add: [{section: closing, step: {id: anything_else, fields: [{id: a, kind: date, ask: {da: A, en: B}}]}}]", "2: trinnet »anything_else« findes to gange. Brug to forskellige navne."),
    ],
)  # fmt: skip
def test_a_fault_in_a_change(loads: Loads, change: str, fault: str) -> None:
    assert found(loads({"dialogaftale/spring.yaml": f"extends: spring\n{change}"})) == [
        f"dialogaftale/spring.yaml:{fault}"
    ]


def test_a_step_that_a_condition_asks_about_cannot_be_removed(loads: Loads) -> None:
    base = SCRIPT.replace("role: status, ", "").replace("role: challenge, ", "")
    change = "extends: fjordby/may\nremove: [initiatives.status]"
    files: Files = {"fjordby/model.yaml": MODEL, "fjordby/may.yaml": base, "dialogaftale/may.yaml": change}
    assert found(loads(files)) == [
        "dialogaftale/may.yaml:2: trinnet »status« kan ikke fjernes, for trinnet »cause« har en betingelse, der bruger det. Slet linjen, eller fjern også »cause«."
    ]


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"a/model.yaml": "extends: b", "b/model.yaml": "extends: a"}, ["a/model.yaml:1: »extends: b« fører i ring", "b/model.yaml:1: »extends: a« fører i ring"]),
        ({"dialogaftale/a.yaml": "extends: b", "dialogaftale/b.yaml": "extends: a"}, ["dialogaftale/a.yaml:1: »extends: b« fører i ring", "dialogaftale/b.yaml:1: »extends: a« fører i ring"]),
        ({"dialogaftale/a.yaml": "extends: a"}, ["dialogaftale/a.yaml:1: scriptet »a« findes ikke"]),
        ({"dialogaftale/a.yaml": "extends: sprin"}, ["dialogaftale/a.yaml:1: scriptet »sprin« findes ikke. Mente du »spring«?"]),
        ({"dialogaftale/a.yaml": "extends: nix/spring"}, ["dialogaftale/a.yaml:1: modellen »nix« findes ikke"]),
        ({"a/model.yaml": "extends: a"}, ["a/model.yaml:1: modellen »a« findes ikke"]),
        ({f"dialogaftale/a{n}.yaml": f"extends: a{n + 1}" if n < 20 else "extends: spring" for n in range(21)}, ["dialogaftale/a11.yaml:1: der er for mange lag inden i hinanden"]),
    ],
)  # fmt: skip
def test_what_is_extended_must_be_there_and_come_to_an_end(loads: Loads, files: Files, where: list[str]) -> None:
    outcome = found(loads(files))
    assert all(any(line.startswith(start) for line in outcome) for start in where), outcome


# --- the page for the consultant --------------------------------------------------------------------------------------------


def examples() -> tuple[Files, Files, list[str]]:
    """The page's files, its file with faults, and the faults it promises."""
    page = MODELS_PAGE.read_text("utf-8")
    blocks = re.findall(r"```yaml\n(# (fejl: )?(\S+)\n.*?)```", page, re.DOTALL)
    promised = re.search(r"^giver\n\n```text\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert promised
    good: Files = {name: text for text, wrong, name in blocks if not wrong}
    bad: Files = {name: text for text, wrong, name in blocks if wrong}
    return good, bad, promised[1].splitlines()


def test_every_example_on_the_page_loads(loads: Loads) -> None:
    good, _, _ = examples()
    library = loaded(loads(good))
    assert set(good) == {
        "choices.yaml",
        "dialogaftale/spring.yaml",
        "fjordby/model.yaml",
        "fjordby/spring.yaml",
        "fjordby/may.yaml",
        "vores/model.yaml",
        "plan/model.yaml",
        "calendar.yaml",
        "evaluation/dots.yaml",
        "fjordby/october.yaml",
    }
    assert library.models["plan"].answered_by is AnsweredBy.OWNER
    assert steps_of(library, "plan", "april") == steps_of(library, "handlingsplan", "april")
    assert steps_of(library, "fjordby", "october") == [
        "goals.reading",
        "goals.no_data",
        "goals.dots",
        "goals.why",
        "economy.economy",
    ]
    assert "initiatives.help" in steps_of(library, "dialogaftale", "spring")
    assert "initiatives.help" not in steps_of(library, "fjordby", "spring")
    assert steps_of(library, "fjordby", "may") == [
        "initiatives.status",
        "initiatives.challenge",
        "closing.anything_else",
    ]


def test_the_page_shows_the_faults_as_they_are(loads: Loads) -> None:
    good, bad, promised = examples()
    assert found(loads({**good, **bad})) == promised


def test_the_page_names_everything_that_can_be_written() -> None:
    prose = re.sub(r"```.*?```", "", MODELS_PAGE.read_text("utf-8"), flags=re.DOTALL)
    named = {word for code in re.findall(r"`([^`]+)`", prose) for word in re.findall(r"[a-z_]+", code)}
    keys = {
        *reading.MODEL_KEYS,
        *reading.SCRIPT_KEYS,
        *reading.SECTION_KEYS,
        *reading.STEP_KEYS,
        *reading.FIELD_KEYS,
        *reading.CHOICE_KEYS,
        *reading.PLACE_KEYS,
        *reading.MARK_KEYS,
        *reading.MORE_WORDS,
        *evaluating.KEYS,
        *Attainment,
        *extending.SCRIPT_KEYS,
        *extending.MODEL_KEYS,
        *reading.ROUND_KEYS,
        *dating.MILESTONE_KEYS,
        *dating.PERIOD_KEYS,
        *dating.CALENDAR_KEYS,
        *dating.HOLIDAY_KEYS,
        *dating.OWN_KEYS,
        *dating.PERIOD_KINDS,
    }
    assert {*keys, *reading.WORDS, *engine.SUBJECTS, *reading.PLACEHOLDERS, *Role, *Kind} - named == set()


# --- every wording ----------------------------------------------------------------------------------------------------------


def test_every_sort_of_fault_speaks_both_languages_about_the_same_things() -> None:
    sorts = [value for value in vars(faults).values() if isinstance(value, faults.Sort)]
    assert len(sorts) > 40
    for sort in sorts:
        for wording in (sort.what, sort.mend):
            assert set(re.findall(r"\{(\w+)\}", wording.da)) == set(re.findall(r"\{(\w+)\}", wording.en)), sort.key
        assert not sort.what.da.endswith(".")
        assert re.search(r"[.?]$", sort.mend.da)
        assert re.search(r"[.?]$", sort.mend.en)


# --- freezing ---------------------------------------------------------------------------------------------------------------

IDS = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True)
WORDINGS = st.builds(Wording, da=st.text(max_size=20), en=st.text(max_size=20))
COUNTS_AS = st.sampled_from(Attainment)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-10_000, max_value=10_000)
CHOICES = st.builds(Choice, id=IDS, label=WORDINGS, symbol=st.text(max_size=2), concern=st.booleans(), counts_as=st.none() | COUNTS_AS)  # fmt: skip
FIELDS = st.builds(
    Field,
    id=IDS,
    kind=st.sampled_from(Kind),
    ask=WORDINGS,
    hint=st.none() | WORDINGS,
    choices=st.lists(CHOICES, max_size=3).map(tuple),
    optional=st.booleans(),
    carry=st.booleans(),
    role=st.none() | st.sampled_from(Role),
    limit=st.integers(1, 3000),
    least=st.none() | NUMBERS,
    most=st.none() | NUMBERS,
    scale=st.lists(st.builds(Mark, NUMBERS, COUNTS_AS), max_size=2).map(tuple),
    past=st.booleans(),
)
CONDITIONS = st.builds(
    Condition, all_of=st.lists(st.tuples(IDS, st.frozensets(IDS, max_size=3)), max_size=2).map(tuple)
)
STEPS = st.builds(Step, id=IDS, fields=st.lists(FIELDS, max_size=3).map(tuple), title=st.none() | WORDINGS, when=CONDITIONS, skip=st.none() | WORDINGS)  # fmt: skip
SECTIONS = st.builds(Section, id=IDS, steps=st.lists(STEPS, max_size=3).map(tuple), each=st.none() | IDS, title=st.none() | WORDINGS, only=st.frozensets(IDS, max_size=2), evaluate=st.none() | st.integers(0, 2))  # fmt: skip
SCRIPTS = st.builds(Script, id=IDS, title=WORDINGS, sections=st.lists(SECTIONS, max_size=3).map(tuple), evaluation=st.just("") | IDS)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCRIPTS)
def test_a_frozen_script_thaws_to_itself_and_freezes_the_same_again(script: Script) -> None:
    body = freeze(script)
    assert thaw(body) == script
    assert freeze(thaw(body)) == body


def test_everything_a_script_can_say_is_frozen() -> None:
    wording = Wording("d", "e")
    choice = Choice("c", wording, "○", concern=True, counts_as=Attainment.PARTLY)
    one = Decimal(1)
    scale = (Mark(one, Attainment.REACHED),)
    field = Field("f", Kind.CHOICE, wording, wording, (choice,), True, True, Role.STATUS, 9, one, one, scale, past=True)
    step = Step("s", (field,), wording, Condition((("f", frozenset({"c"})),)), wording)
    body = json.loads(
        freeze(Script("x", wording, (Section("s", (step,), "goal", wording, frozenset("a"), 1),), "smtte"))
    )
    (section,) = body["sections"]
    (frozen_step,) = section["steps"]
    (frozen_field,) = frozen_step["fields"]
    told = [
        (Script, body),
        (Section, section),
        (Step, frozen_step),
        (Field, frozen_field),
        (Choice, frozen_field["choices"][0]),
        (Mark, frozen_field["scale"][0]),
    ]
    for record, said in told:
        assert set(said) == {one.name for one in fields(record)}


def test_what_a_newer_version_wrote_is_read_as_far_as_we_know_it() -> None:
    body = json.loads(freeze(loaded(load()).models["dialogaftale"].scripts["spring"]))
    status = body["sections"][0]["steps"][0]["fields"][0]
    status |= {"colour": "blue", "kind": "slider", "role": "mood", "scale": [{"least": "1", "counts_as": "surpassed"}]}
    body |= {"version": 7}
    body["title"]["de"] = "Frühling"
    script = thaw(json.dumps(body))
    assert script.title == Wording("Forårsdialog", "Spring dialogue")
    assert (script.sections[0].steps[0].fields[0].kind, script.sections[0].steps[0].fields[0].role) == (Kind.TEXT, None)
    assert script.sections[0].steps[0].fields[0].scale == (Mark(Decimal(1), Attainment.UNKNOWN),)


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", "null", '{"id":"a"}', '{"id":"a","title":1,"sections":[]}'])
def test_what_is_no_script_is_not_thawed(body: str) -> None:
    with pytest.raises(ValueError, match=r"script|Expecting"):
        thaw(body)


# --- drawing ----------------------------------------------------------------------------------------------------------------


def test_a_script_is_shown_as_the_consultant_reads_it(loads: Loads) -> None:
    may = loaded(loads({"fjordby/model.yaml": MODEL, "fjordby/may.yaml": SCRIPT})).script("fjordby", "may")
    assert may
    assert show(may, "da") == (
        "Maj (may)\n"
        "\n"
        "1  initiatives, for hver indsats\n"
        "   1.1  status\n"
        "        • Hvordan?  [vælg én, i opsummeringen som status]\n"
        "          ◐ I gang, efter planen\n"
        "          ▲ Forsinket\n"
        "        • Noter?  [tekst, kan udelades, højst 200 tegn]\n"
        "   1.2  Årsag (cause)\n"
        "        Kun når status er Forsinket\n"
        "        • Hvorfor?  [tekst, i opsummeringen som challenge]\n"
        "\n"
        "2  closing\n"
        "   2.1  remark\n"
        "        • Andet til {nearest_leader}?  [tekst]\n"
    )


def test_a_script_is_drawn_with_its_conditions(loads: Loads) -> None:
    may = loaded(loads({"fjordby/model.yaml": MODEL, "fjordby/may.yaml": SCRIPT})).script("fjordby", "may")
    assert may
    assert mermaid(may, "en").splitlines() == [
        "flowchart TD",
        '    start(["May"])',
        '    subgraph section1 ["initiatives, for each initiative"]',
        '        step1_1["How?<br/>Notes?"]',
        '        step1_2["Cause<br/>Why?"]',
        '        step1_2if{"status is Delayed?"}',
        "    end",
        "    start --> step1_1",
        "    step1_1 --> step1_2if",
        '    step1_2if -- "yes" --> step1_2',
        '    subgraph section2 ["closing"]',
        '        step2_1["Else?"]',
        "    end",
        "    step1_2 --> step2_1",
        '    step1_2if -- "no" --> step2_1',
        '    review(["Review and send"])',
        "    step2_1 --> review",
    ]


@given(st.text(max_size=30))
def test_no_wording_leaves_its_label(text: str) -> None:
    drawn = mermaid(replace(Script("x", Wording(text, text), ())), "da")
    label = drawn.splitlines()[1].removeprefix("    start([").removesuffix("])")
    assert re.fullmatch(r'"([^"#<>`%&;\\]|#[0-9]+;|<br/>)*"', label)
