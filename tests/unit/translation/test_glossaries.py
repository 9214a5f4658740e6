"""KNP lists as clients send them: TSV with headings, XLSX, TBX; and a title's style sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_workbooks import cells, workbook

from localize.errors import UsageError
from localize.translation.glossary import Glossary, read_glossary
from localize.translation.style_sheet import read_style
from localize.translation.term_tables import read_headings
from localize.translation.terms import Term


def tsv(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "knp.tsv"
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


HEADINGS = [
    ("Source|Target", ["source", "target"], ["", ""]),
    ("English|Spanish (Latin America)", ["language", "language"], ["en", "es-419"]),
    ("EN|es-MX|Notes", ["language", "language", "note"], ["en", "es-MX", ""]),
    ("Source (English)|Brazilian Portuguese|DNT", ["source", "language", "keep"], ["en", "pt-BR", ""]),
    ("Term|Translation|Do Not Translate|Comment", ["source", "target", "keep", "note"], ["", "", "", ""]),
    ("Key Name|Approved translation|Register|Synonyms|Do not use",
     ["source", "target", "register", "variants", "forbidden"], [""] * 5),
    ("Source|DNT", ["source", "keep"], ["", ""]),
    ("English|Target (French - Canada)", ["language", "language"], ["en", "fr-CA"]),
    ("source|Owner|español", ["source", "", "language"], ["", "", "es"]),
]  # fmt: skip


@pytest.mark.parametrize(("row", "kinds", "languages"), HEADINGS)
def test_columns_are_known_by_their_headings(row: str, kinds: list[str], languages: list[str]) -> None:
    found = read_headings(dict(enumerate(row.split("|"))))
    assert found is not None
    assert [h.kind for h in found.values()] == kinds
    assert [h.language for h in found.values()] == languages


@pytest.mark.parametrize(
    "row", ["the order|la Orden", "English|inglés", "Paris|París", "source|fuente", "no|no", "me|te"]
)
def test_a_row_of_terms_is_no_row_of_headings(row: str) -> None:
    assert read_headings(dict(enumerate(row.split("|")))) is None


def test_a_list_with_headings(tmp_path: Path) -> None:
    found = read_glossary(
        tsv(
            tmp_path,
            "# names of the house",
            "Source\tSpanish (Spain)\tSpanish (Latin America)\tFrench"
            "\tDNT\tSynonyms\tDo not use\tNotes\tRegister\tOwner",
            "the keeper\tel guardián\tel cuidador\tle gardien\t\tel vigilante; el guarda\tel portero\ta job\t\tAnn",
            "Baker Street\t\t\t\tyes\t\t\ta street\t\t",
            "the judge\tla jueza\tla jueza\t\t\t\t\t\tusted\t",
            "later\t\t\t\t\t\t\t\t\t",
        ),
        ["es"],
    )
    assert (
        Term("the keeper", "el cuidador", "", "es-419", ("el vigilante", "el guarda"), ("el portero",), note="a job")
        in found.entries
    )
    assert Term("Baker Street", "Baker Street", keep=True, note="a street") in found.entries
    assert not any(term.language == "fr" for term in found.entries)
    assert found.registers == (("the judge", "usted"),)
    assert any("'Owner'" in remark for remark in found.remarks)
    assert any("1 rows have no term" in remark for remark in found.remarks)
    assert dict(found.between("en", "es", "MX").terms)["the keeper"] == "el cuidador"
    assert dict(found.between("en", "es", "ES").terms)["the keeper"] == "el guardián"
    assert dict(found.between("en", "es").terms)["the keeper"] == "el guardián"
    assert dict(found.between("en", "pt").terms) == {"Baker Street": "Baker Street"}


def test_columns_of_languages_serve_whichever_is_the_source(tmp_path: Path) -> None:
    found = read_glossary(tsv(tmp_path, "en\tes\tfr", "keeper\tguardián\tgardien"), ["es"])
    assert found.between("en", "es").terms == (("keeper", "guardián"),)
    assert found.between("fr", "es").terms == (("gardien", "guardián"),)
    assert found.between("it", "es").terms == ()


WRONG = {
    "kept and translated": ("Source\tTarget\tDNT", "Bill\tGuillermo\tyes"),
    "neither yes nor no": ("Source\tTarget\tDNT", "Bill\tBill\tmaybe"),
    "two translations": ("Source\tTarget", "Bill\tGuillermo", "Bill\tMemo"),
    "a cell of absurd length": ("Source\tTarget", f"Bill\t{'a' * 401}"),
}


@pytest.mark.parametrize("rows", WRONG.values(), ids=WRONG)
def test_a_row_that_contradicts_itself_is_refused(tmp_path: Path, rows: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"knp.tsv"):
        read_glossary(tsv(tmp_path, *rows))


def test_a_workbook_with_a_title_above_its_headings_and_another_sheet(tmp_path: Path) -> None:
    rows = (
        cells("KNP of the house", row=1)
        + cells("Source", "Spanish", "DNT", row=3)
        + cells("the keeper", "el guardián", "", row=4)
        + '<row r="5"><c r="A5" t="str"><f>A1</f><v>Bill</v></c><c r="C5" t="b"><v>1</v></c></row>'
    )
    found = read_glossary(workbook(tmp_path / "knp.xlsx", {"Cover": cells("hello"), "KNP": rows}), ["es"])
    assert [(t.source, t.target, t.keep) for t in found.entries] == [
        ("the keeper", "el guardián", False),
        ("Bill", "Bill", True),
    ]
    assert any("only the sheet 'KNP' is read, not 'Cover'" in remark for remark in found.remarks)
    assert any("formulas are not computed" in remark and "A5" in remark for remark in found.remarks)


def test_a_workbook_without_headings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="row of headings"):
        read_glossary(workbook(tmp_path / "knp.xlsx", {"KNP": cells("keeper", "guardián")}))


def test_a_row_of_a_workbook_that_is_wrong_is_named(tmp_path: Path) -> None:
    rows = cells("Source", "Target", "DNT", row=1) + cells("Bill", "Memo", "x", row=7)
    with pytest.raises(UsageError, match=r"knp.xlsx:KNP:7: 'Bill' is not to be translated"):
        read_glossary(workbook(tmp_path / "knp.xlsx", {"KNP": rows}))


TBX_2008 = """<?xml version="1.0"?><!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="en"><text><body><termEntry id="c1"><descrip type="definition">a guard</descrip>
<langSet xml:lang="en"><tig><term>keeper</term></tig></langSet>
<langSet xml:lang="es-MX"><tig><term>celador</term>
<termNote type="administrativeStatus">admittedTerm-admn-sts</termNote></tig><ntig><termGrp><term>guardián</term>
<termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></termGrp></ntig>
<tig><term>portero</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig></langSet>
<langSet xml:lang="fr"><tig><term>gardien</term></tig></langSet></termEntry></body></text></martif>"""
TBX_2019 = """<tbx style="dct" type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2" xmlns:basic="b">
<text><body><conceptEntry id="c1"><basic:definition>a guard</basic:definition>
<langSec xml:lang="en"><termSec><term>keeper</term></termSec></langSec><langSec xml:lang="es-MX">
<termSec><term>portero</term><basic:administrativeStatus>deprecatedTerm-admn-sts</basic:administrativeStatus></termSec>
<termSec><term>guardián</term></termSec>
<termSec><term>celador</term><basic:administrativeStatus>admittedTerm-admn-sts</basic:administrativeStatus></termSec>
</langSec></conceptEntry></body></text></tbx>"""


@pytest.mark.parametrize("text", [TBX_2008, TBX_2019], ids=["2008", "2019"])
def test_tbx_of_both_editions(tmp_path: Path, text: str) -> None:
    file = tmp_path / "terms.tbx"
    file.write_text(text, encoding="utf-8")
    (term,) = (t for t in read_glossary(file, ["es"]).entries if t.source == "keeper")
    assert (term.target, term.language, term.variants, term.forbidden) == (
        "guardián",
        "es-MX",
        ("celador",),
        ("portero",),
    )
    assert read_glossary(file, ["es"]).between("en", "es", "ES").terms == ()


def test_two_sections_of_one_language_are_one(tmp_path: Path) -> None:
    section = '<langSec xml:lang="{}"><termSec><term>{}</term></termSec></langSec>'
    text = "".join(section.format(*said) for said in (("en", "keeper"), ("es", "guardián"), ("es", "celador")))
    (tmp_path / "t.tbx").write_text(f"<tbx><conceptEntry>{text}</conceptEntry></tbx>", encoding="utf-8")
    (term,) = read_glossary(tmp_path / "t.tbx", ["es"]).entries
    assert (term.target, term.variants) == ("guardián", ("celador",))


def test_absurd_numbers_of_languages_are_refused(tmp_path: Path) -> None:
    section = '<langSec xml:lang="x{}"><termSec><term>a</term></termSec></langSec>'
    text = "".join(section.format(n) for n in range(201))
    (tmp_path / "t.tbx").write_text(f"<tbx><conceptEntry>{text}</conceptEntry></tbx>")
    with pytest.raises(UsageError, match="more than 200 languages"):
        read_glossary(tmp_path / "t.tbx")
    with pytest.raises(UsageError, match="more than 100 columns"):
        read_glossary(tsv(tmp_path, "\t".join(["en", *["es"] * 101]), "a\tb"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<x/>", "no TBX"),
        ('<!DOCTYPE martif [<!ENTITY a "b">]><martif/>', "refused"),
        (TBX_2019.replace("keeper", "k" * 500), "more than 400"),
        ("", "terms.tbx:1"),
    ],
)
def test_what_is_no_tbx_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "terms.tbx").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=why):
        read_glossary(tmp_path / "terms.tbx")


# --- style sheets


def style(tmp_path: Path, text: str) -> Path:
    (tmp_path / "style.toml").write_text(text, encoding="utf-8")
    return tmp_path / "style.toml"


def test_a_style_sheet(tmp_path: Path) -> None:
    tsv(tmp_path, "Source\tTarget", "keeper\tguardián")
    text = """
        units = "converted"
        do_not_translate = ["Baker  Street"]
        glossary = "knp.tsv"
        register = { "*" = "usted" }
        regions = { es = "MX", pt-BR = "BR" }
    """
    found = read_style(style(tmp_path, text), ["es"])
    assert found.converts_units
    assert found.regions == {"es": "MX", "pt": "BR"}
    assert found.glossary.terms == (("Baker Street", "Baker Street"),)
    assert found.glossary.registers == (("*", "usted"),)
    assert dict(found.glossary.between("en", "es").terms) == {"Baker Street": "Baker Street", "keeper": "guardián"}


def test_the_glossary_named_by_hand_holds_over_the_sheet() -> None:
    sheet = Glossary((("Bill", "Bill"), ("Ann", "Ann")), (("S1", "tu"), ("S2", "tu")))
    own = Glossary((("Bill", "Guillermo"),), (("S1", "usted"),))
    both = sheet.under(own)
    assert dict(both.between("en", "es").terms) == {"Bill": "Guillermo", "Ann": "Ann"}
    assert dict(both.registers) == {"S1": "usted", "S2": "tu"}


REFUSED = {
    'profanity = "soften"': "profanity is one of kept, softened",
    "bleep = true": "bleep cannot be applied",
    'numbers = "roman"': "numbers is one of kept, words",
    'colour = "red"': "colour is not known; known are units",
    'units = "imperial"': "units is one of kept, converted",
    "units = 1": "units is one of",
    'do_not_translate = "Bill"': "is a list of texts",
    "do_not_translate = [1]": "is a list of texts",
    'glossary = "../knp.tsv"': "may only name what lies in the sheet's folder",
    'glossary = "/etc/passwd"': "may only name",
    "glossary = 3": "is the name of a file",
    'glossary = "none.tsv"': "cannot read the glossary",
    'regions = { es = "Mexico" }': "two capitals or three digits",
    'register = "usted"': "is a table of texts",
    "x": "cannot read the style sheet",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_a_style_sheet_that_cannot_be_applied_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read_style(style(tmp_path, text))
