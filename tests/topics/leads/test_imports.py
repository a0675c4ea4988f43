"""Files of companies as other tools write them: columns by their names, every line told, nothing twice."""

from pathlib import Path
from typing import Any

import pytest

import errors
from lead_models import Company
from state.leads import companies
from topics.leads import adding, import_outcome, imports, views

HUBSPOT = (
    "Record ID,Company name,Company Domain Name,Phone Number,City,Country/Region,Industry,Number of Employees,Create Date\n"
    '1,"Acme, Inc.",acme.com,(212) 555-2368,New York,United States,COMPUTER_SOFTWARE,50,2024-01-01\n'
)
APOLLO = (
    "Company,Company Name for Emails,Account Stage,# Employees,Industry,Account Owner,Website,Company Linkedin Url,Facebook Url,"
    "Company Street,Company City,Company Postal Code,Company Country,Company Phone,Technologies,Founded Year\n"
    "Acme,Acme,Cold,120,information technology & services,ada,http://www.acme.com,http://www.linkedin.com/company/acme,"
    'https://facebook.com/acme,"1 Main St",New York,10001,United States,+1 212-555-2368,"React, AWS",1998\n'
)
SALESFORCE = (
    "Account Name;Website;Phone;Billing Street;Billing City;Billing Zip/Postal Code;Billing Country;Employees\n"
    "Müller GmbH;mueller.de;030 901820;Hauptstr. 1;Berlin;1067;Deutschland;11-50\n"
)
MAPS = (
    "input_id\tlink\ttitle\tcategory\taddress\topen_hours\twebsite\tphone\temails\tcomplete_address\n"
    "1\thttps://maps.google.com/?cid=1\tBäckerei Huber\tBakery\tDonaustraße 12, 89073 Ulm\t"
    '"{""Monday"":[""6-18""]}"\thttps://huber.example/\t+49 731 1234567\tbrot@huber.example\t"{""city"":""Ulm""}"\n'
)
CRUNCHBASE = (
    "Organization Name,Headquarters Location,Industries,Number of Employees,Founded Date,Website,Contact Email,Phone Number\n"
    '"=Acme","Berlin, Germany","SaaS, Software",Nov-50,2010-05-01,acme.io,hello@acme.io,\n'
)


def imported(folder: Path, text: str | bytes, **options: Any) -> import_outcome.Imported:
    path = folder / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return imports.import_csv(path, **options)


def every() -> list[Company]:
    return [one for some in companies.walk(None) for one in some]


def values(company: Company) -> dict[str, Any]:
    return {name: fact.value for name, fact in company.facts.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            HUBSPOT,
            {"name": "Acme, Inc.", "site": "https://acme.com/", "phones": ["+12125552368"], "country": "US", "employees": 50},
        ),
        (HUBSPOT, {"industry": "Software", "city": "New York"}),
        (APOLLO, {"site": "http://www.acme.com/", "employees": 120, "industry": "IT services", "founded": 1998}),
        (APOLLO, {"technologies": ["React", "AWS"], "address": "1 Main St, 10001 New York", "postal_code": "10001"}),
        (APOLLO, {"social": ["http://www.linkedin.com/company/acme", "https://facebook.com/acme"]}),
        (SALESFORCE, {"phones": ["+4930901820"], "postal_code": "01067", "country": "DE", "employees": "11-50"}),
        (SALESFORCE.encode("cp1252"), {"name": "Müller GmbH"}),
        (MAPS, {"name": "Bäckerei Huber", "industry": "Food", "city": "Ulm", "emails": ["brot@huber.example"]}),
        (
            CRUNCHBASE,
            {"employees": "11-50", "industry": "Software", "founded": 2010, "emails": ["hello@acme.io"], "name": "=Acme"},
        ),
    ],
)
def test_files_of_other_tools(tmp_path: Path, text: str | bytes, expected: dict[str, Any]) -> None:
    assert imported(tmp_path, text).added == 1
    [company] = every()
    found = values(company)
    assert {name: found.get(name) for name in expected} == expected
    assert company.facts["name"].source == "import: list.csv"


def test_two_tools_tell_of_one_company_and_nothing_is_lost(tmp_path: Path) -> None:
    adding.add({"site": "acme.com", "employees": 7})
    first, second = imported(tmp_path, HUBSPOT, tags=["a"]), imported(tmp_path, APOLLO, tags=["b"])
    assert (first.added, first.known, first.changed) == (0, 1, 1) and (second.added, second.known) == (0, 1)
    [company] = every()
    assert values(company)["employees"] == 7 and company.facts["employees"].source == "typed" and company.tags == ("a", "b")
    assert company.name == "Acme" and "Acme, Inc." in [one["value"] for one in views.former(company.id)]
    assert first.unused == ["Record ID", "Create Date"]


def test_an_import_again_adds_nothing(tmp_path: Path) -> None:
    imported(tmp_path, SALESFORCE)
    again = imported(tmp_path, SALESFORCE + SALESFORCE)  # two files put together: the names stand there twice
    assert (again.added, again.known, again.changed, again.joined, again.bad_count) == (0, 1, 0, 1, 0) and len(every()) == 1


def test_lines_that_are_wrong_are_named_and_the_others_taken(tmp_path: Path) -> None:
    told = imported(
        tmp_path,
        'name,website,tags\nA,a.example,x;y\n,,\n,facebook.com/page,\n"open,b.example\nB,b.example,,more\nC,c.example,\n',
    )
    assert told.added == 2 and {one.name for one in every()} == {"A", "C"}
    assert [line for line, _ in told.bad] == [4, 5, 6] and told.bad_count == 3
    assert {one.tags for one in every()} == {("x", "y"), ()}


def test_lines_about_one_company_are_counted_and_nothing_of_them_is_lost(tmp_path: Path) -> None:
    """Another system told companies apart by domain and country."""
    told = imported(
        tmp_path, "name,domain,country\nAcme UK,acme.com,UK\nAcme US,www.acme.com,USA\nAcme DE,https://acme.com/de,\n"
    )
    assert (told.added, told.joined) == (1, 2) and "2 lines" in told.notes[0]
    [company] = every()
    assert company.name == "Acme DE" and company.facts["country"].value == "US"
    assert {one["value"] for one in views.former(company.id)} >= {"Acme UK", "Acme US", "GB"}


def test_many_companies_that_have_facebook_for_a_site_stay_many(tmp_path: Path) -> None:
    told = imported(
        tmp_path, "title,website\nDoner Pizzeria,facebook.com\nHair Salon,https://www.facebook.com/\nFacebook,facebook.com\n"
    )
    assert told.added == 3 and sorted(one.domain for one in every()) == ["", "", "facebook.com"]


def test_towns_tell_companies_of_one_name_apart(tmp_path: Path) -> None:
    text = "Firma,Ort,Telefon\nMüller,Ulm,\nMüller,Bonn,\nMüller,Ulm,\n"
    assert imported(tmp_path, text).added == 2 and imported(tmp_path, text).added == 0


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\x01binary", "First Name,Last Name,Email\nA,B,c@d.example\n"])
def test_what_is_no_list_of_companies_is_refused_with_its_columns(tmp_path: Path, text: str) -> None:
    with pytest.raises(errors.ArgumentError):
        imported(tmp_path, text)
