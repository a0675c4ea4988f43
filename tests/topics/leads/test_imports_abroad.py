"""Files of companies from other countries, and what spreadsheets and address books write into a cell."""

from pathlib import Path

import pytest

import errors
from state.leads import companies
from tests.topics.leads.test_imports import every, imported, values

GERMAN = (
    "Unternehmensname,Unternehmens-Domain-Name,Telefonnummer,Ort,Land/Region,Anzahl der Mitarbeiter\nA,a.example,,Ulm,DE,120\n"
)
FRENCH = "Nom de l'entreprise,Nom de domaine de l'entreprise,Ville,Pays/Région,Nombre d'employés\nA,a.example,Ulm,DE,120\n"
INVOICES = (
    "Accountname;Website;Rechnungsanschrift PLZ;Rechnungsanschrift Ort;Rechnungsanschrift Land;Mitarbeiter\n"
    "A;a.example;89073;Ulm;Deutschland;120\n"
)
SPANISH = "Razón social;Página web;Población;País;Nº empleados\nA;a.example;Ulm;DE;120\n"
PORTUGUESE = "Razão Social;Site;Cidade;País;Número de funcionários\nA;a.example;Ulm;DE;120\n"
ITALIAN = "Ragione Sociale;Sito Internet;Comune;Nazione;Addetti\nA;a.example;Ulm;DE;120\n"
DUTCH = "Bedrijfsnaam;Domeinnaam;Vestigingsplaats;Land;Aantal werknemers\nA;a.example;Ulm;DE;120\n"
POLISH = "Nazwa firmy;Strona WWW;Miejscowość;Kraj;Liczba pracowników\nA;a.example;Ulm;DE;120\n"
SWEDISH = "Företag;Hemsida;Postort;Land;Antal anställda\nA;a.example;Ulm;DE;120\n"
DANISH = "Virksomhedsnavn;Hjemmeside;By;Land;Antal ansatte\nA;a.example;Ulm;DE;120\n"
FINNISH = "Yrityksen nimi;Kotisivut;Paikkakunta;Maa;Henkilöstömäärä\nA;a.example;Ulm;DE;120\n"
CZECH = "Název firmy;Webové stránky;Město;Země;Počet zaměstnanců\nA;a.example;Ulm;DE;120\n"
HUNGARIAN = "Cégnév;Honlap;Város;Ország;Létszám\nA;a.example;Ulm;DE;120\n"
ROMANIAN = "Denumire firmă;Pagină web;Localitate;Țară;Număr angajați\nA;a.example;Ulm;DE;120\n"
TURKISH = "Firma Adı;Web Sitesi;Şehir;Ülke;Çalışan sayısı\nA;a.example;Ulm;DE;120\n"
GREEK = "Επωνυμία;Ιστοσελίδα;Πόλη;Χώρα;Αριθμός εργαζομένων\nA;a.example;Ulm;DE;120\n"
RUSSIAN = "Название компании;Сайт;Город;Страна;Количество сотрудников\nA;a.example;Ulm;DE;120\n"
JAPANESE = "会社名,ホームページ,市区町村,国,従業員数\nA,a.example,Ulm,DE,120名\n"
CHINESE = "公司名称,公司网址,城市,国家,员工人数\nA,a.example,Ulm,DE,120人\n"
KOREAN = "회사명,홈페이지,도시,국가,직원수\nA,a.example,Ulm,DE,120명\n"
ARABIC = "اسم الشركة,الموقع الإلكتروني,المدينة,الدولة,عدد الموظفين\nA,a.example,Ulm,DE,120\n"
HEBREW = "שם החברה,אתר,עיר,מדינה,מספר עובדים\nA,a.example,Ulm,,120\n"


@pytest.mark.parametrize(
    "text",
    [
        *(GERMAN, FRENCH, INVOICES, SPANISH, PORTUGUESE, ITALIAN, DUTCH, POLISH, SWEDISH, DANISH, FINNISH, CZECH, HUNGARIAN),
        *(ROMANIAN, TURKISH, GREEK, RUSSIAN, JAPANESE, CHINESE, KOREAN, ARABIC, HEBREW),
    ],
)
def test_columns_are_known_in_the_language_of_the_tool(tmp_path: Path, text: str) -> None:
    assert imported(tmp_path, text).unused == []
    company = every()[0]

    assert (company.name, company.domain) == ("A", "a.example")
    assert values(company) == values(company) | {"city": "Ulm", "employees": 120}


@pytest.mark.parametrize(
    ("text", "codec"), [(SPANISH, "cp1252"), (SWEDISH, "cp1252"), (POLISH, "cp1250"), (RUSSIAN, "cp1251"), (CHINESE, "gbk")]
)
def test_a_file_of_excel_is_read_in_its_code_page(tmp_path: Path, text: str, codec: str) -> None:
    assert imported(tmp_path, text.encode(codec)).unused == [] and every()[0].name == "A"


def test_formulas_of_spreadsheets_are_read_as_what_they_show(tmp_path: Path) -> None:
    lines = ('="A GmbH",="01067","=HYPERLINK(""https://a.example"",""A"")"', 'B,,"=HIPERVINCULO(""https://b.example"";""B"")"')
    imported(tmp_path, "company,zip,website\n" + "\n".join(lines) + "\n")
    a, b = sorted(every(), key=lambda one: one.name)

    assert (a.name, a.domain, values(a)["postal_code"], b.domain) == ("A GmbH", "a.example", "01067", "b.example")


def test_names_beside_addresses_and_profiles_of_people_are_not_the_companys(tmp_path: Path) -> None:
    imported(
        tmp_path,
        "company,email,linkedin url,website\n"
        'A,"Ada L <ada@a.example>; Sales <sales@a.example>",https://www.linkedin.com/in/ada,https://\n'
        "B,not an address,https://www.linkedin.com/company/b,#REF!\n",
    )
    a, b = sorted(every(), key=lambda one: one.name)

    assert values(a)["emails"] == ["ada@a.example", "sales@a.example"] and "social" not in values(a)
    assert values(b)["social"] and values(b)["emails"] and not b.domain and companies.count(None) == 2


def test_a_house_number_of_its_own_belongs_to_the_street(tmp_path: Path) -> None:
    imported(tmp_path, "Name;Straße;Hausnummer;PLZ;Ort\nA;Weg;5 a;80331;Ulm\nB;Weg 7;7;80331;Ulm\nC;;9;80331;Ulm\n")

    assert [values(one).get("address") for one in sorted(every(), key=lambda one: one.name)] == [
        "Weg 5 a, 80331 Ulm",
        "Weg 7, 80331 Ulm",
        None,
    ]


COMPANY = (
    '{"title": "A", "website": "a.example", "phone": "+49 731 1234567", "location": {"city": "Ulm"}, "emails": ["x@a.example"]}'
)


@pytest.mark.parametrize(
    "text", [f"[{COMPANY}]", COMPANY, f'{{"meta": {{"page": 1}}, "data": {{"items": [{COMPANY}]}}}}', f"{COMPANY}\n{COMPANY}\n"]
)
def test_companies_in_json_are_read_as_services_send_them(tmp_path: Path, text: str) -> None:
    assert imported(tmp_path, text).added == 1
    facts = values(every()[0])
    assert (every()[0].domain, facts["city"], facts["emails"], facts["phones"]) == (
        "a.example",
        "Ulm",
        ["x@a.example"],
        ["+497311234567"],
    )


@pytest.mark.parametrize("text", ["[]", '{"rows": [{"keys": ["shoes"]}]}'])
def test_json_without_companies_is_refused_as_that(tmp_path: Path, text: str) -> None:
    with pytest.raises(errors.ArgumentError, match="JSON without companies"):
        imported(tmp_path, text)
