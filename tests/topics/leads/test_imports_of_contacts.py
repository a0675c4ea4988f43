"""Files of contacts: lines of one company, mail services for sites, words for empty cells; companies named by their site."""

from pathlib import Path

import pytest

import errors
from lead_models import Company
from state.leads import companies
from topics.leads import adding, enriching, imports, processing, sites, views

CONTACTS = (
    "First Name,Company Name,Website,Email,Phone\n"
    "Ada,Acme,acme.com,ada@acme.com,+1 212 555 2368\n"
    "Bob,Other,other.com,bob@other.com,\n"
    "Cay,Acme,www.acme.com,cay@acme.com,+1 212 555 2369\n"
)


def imported(folder: Path, text: str) -> list[Company]:
    path = folder / "list.csv"
    path.write_text(text)
    imports.import_csv(path)
    return [one for some in companies.walk(None) for one in some]


@pytest.mark.parametrize("chunk", [1, 500])
def test_lines_of_one_company_add_to_its_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(imports, "CHUNK", chunk)
    acme = next(one for one in imported(tmp_path, CONTACTS) if one.domain == "acme.com")
    assert acme.facts["emails"].value == ["ada@acme.com", "cay@acme.com"]
    assert acme.facts["phones"].value == ["+12125552368", "+12125552369"]


def test_lists_are_the_same_when_a_file_is_imported_again(tmp_path: Path) -> None:
    imported(tmp_path, CONTACTS)
    acme = next(one for one in imported(tmp_path, CONTACTS) if one.domain == "acme.com")
    assert acme.facts["emails"].value == ["ada@acme.com", "cay@acme.com"]
    assert not [name for name, _ in companies.former(acme.id) if name in ("emails", "phones")]


def test_a_mail_service_is_no_site_of_a_company(tmp_path: Path) -> None:
    found = imported(tmp_path, "Company,Website,Email\nGamma,gmail.com,gamma@gmail.com\nGMX GmbH,gmx.net,info@gmx.net\n")
    assert {one.name: one.site for one in found} == {"Gamma": "", "GMX GmbH": "https://gmx.net/"}


def test_words_for_empty_cells_are_no_facts(tmp_path: Path) -> None:
    [one] = imported(tmp_path, "Company,Website,Employees,City,Industry\nOmega,omega.com,undefined,Unknown,(blank)\n")
    assert set(one.facts) == {"name", "site"}


@pytest.mark.parametrize("text", ["www.lambda", "https://acme.notatopleveldomain/", "acme.cmo"])
def test_a_host_that_cannot_be_is_no_site(text: str) -> None:
    with pytest.raises(errors.DataError, match="names no site"):
        sites.canonical(text)
    assert sites.read("intranet.corp") and sites.read("192.168.1.7") and sites.read("müller.de") and sites.read("пример.рф")


def test_a_company_is_named_by_its_site_too() -> None:
    made = adding.add({"name": "Acme", "site": "acme.com"})
    for text in ("acme.com", "https://www.acme.com/contact", "ACME.com"):
        assert views.find(text).id == made.id
    assert processing.call(processing.run, ["acme.com", made.id], None).args == ([made.id],)
    assert views.tag(["acme.com"], None, ["x"]) == 1
    with pytest.raises(errors.NotFound, match=r"no company 'other\.com'"):
        views.find("other.com")


def test_a_company_of_another_owner_is_not_named_by_its_site() -> None:
    adding.add({"name": "Acme", "site": "acme.com"}, owner="key")
    with pytest.raises(errors.NotFound):
        views.find("acme.com", "")
    assert views.find("acme.com", "key").name == "Acme"


def test_a_page_that_many_share_is_not_read_for_facts_of_one() -> None:
    made = adding.add({"name": "Delta", "site": "https://facebook.com/delta"})
    with pytest.raises(errors.DataError, match="that many share"):
        enriching.run(made.id)


PEOPLE = (
    "First Name,Last Name,Title,Company,Email,Website\n"
    "Jane,Roe,CEO,Acme,jane@acme.com,acme.com\n"
    "Al,Loe,CTO,,al@newco.io,\n"
    "Kim,Doe,,Acme,kim@acme.com,acme.com\n"
)


def test_people_of_a_file_of_contacts_belong_to_their_companies(tmp_path: Path) -> None:
    found = {one.domain: one for one in imported(tmp_path, PEOPLE)}
    assert found["acme.com"].facts["people"].value == ["Jane Roe (CEO)", "Kim Doe"]
    assert found["newco.io"].name == "" and found["newco.io"].facts["people"].value == ["Al Loe (CTO)"]


def test_a_title_or_a_name_beside_the_company_s_is_a_person_s(tmp_path: Path) -> None:
    found = imported(tmp_path, "Name,Company,Email\nJane Roe,,jane@newco.io\nBob Poe,Acme,bob@acme.com\n")
    assert {one.name for one in found} == {"", "Acme"}
    found = imported(tmp_path, "title,website\nBakery Huber,huber.com\n")
    assert "Bakery Huber" in {one.name for one in found}


def test_who_has_neither_company_nor_mail_of_its_own_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("First Name,Last Name,Title,Company,Email\nBo,Poe,Owner,,bo@gmail.com\n")
    assert imports.import_csv(path).bad[0][0] == 2


def test_a_file_of_vcards_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(errors.ArgumentError, match="export the contacts as CSV"):
        imported(tmp_path, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jane Roe\r\nEND:VCARD\r\n")
