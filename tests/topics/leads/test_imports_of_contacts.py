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
