"""Facts in one spelling: what can be read is, what cannot stays and is told, source and time stay with it."""

from typing import Any

import pytest

import clock
import config
import errors
import queues
from jobs import leads
from lead_models import Fact
from state.leads import companies
from tests.topics.scraping.inline_work import Work
from topics.leads import adding, fields, keeping, normal, processing, reach, sites, tables, views

SOURCE = "https://a.example/contact"


def facts(**values: Any) -> dict[str, Fact]:
    return {name: Fact(value=value, source=SOURCE, at_ms=7, snippet="line") for name, value in values.items()}


@pytest.mark.parametrize(
    ("name", "value", "after"),
    [
        ("phones", "030 901820", ["+4930901820"]),
        ("phones", ["(0)30 901820", "+49 30 901820", "0049 30 901820"], ["+4930901820"]),
        ("phones", "+49 30 901820; +1 212 555 2368", ["+4930901820", "+12125552368"]),
        ("phones", "030/901820 / 030/901821", ["+4930901820", "+4930901821"]),
        ("phones", "4930901820", ["+4930901820"]),
        ("phones", "'+49 30 901820", ["+4930901820"]),
        ("emails", "mailto:Info@Example.COM, sales@example.com", ["Info@example.com", "sales@example.com"]),
        ("site", "WWW.Example.com/about?utm_source=x", "https://www.example.com/"),
        ("site", "http://example.com:80", "http://example.com/"),
        ("site", "/url?q=https://example.com/%3Futm_source%3Dgmb&opi=1", "https://example.com/"),
        ("site", "<HTTPS://Example.com#top>", "https://example.com/"),
        ("country", "Deutschland", "DE"),
        ("employees", "50-100 employees", "50-100"),
        ("employees", "Nov-50", "11-50"),
        ("founded", "Founded in 1998", 1998),
        ("industry", "Computer Software", "Software"),
        ("industry", "Bäckerei", "Food"),
        ("postal_code", "1067", "01067"),
        ("address", "Hauptstr. 1\n 10115  Berlin", "Hauptstr. 1, 10115 Berlin"),
        ("name", "  M&uuml;ller \t GmbH ", "Müller GmbH"),
        ("languages", "German; en-US", ["de", "en"]),
        ("social", "linkedin.com/company/acme?trk=x", ["https://linkedin.com/company/acme"]),
        ("social", "http://facebook.com/profile.php?id=1", ["http://facebook.com/profile.php?id=1"]),
        ("technologies", ["React", " react ", ""], ["React"]),
    ],
)
def test_a_value_is_brought_to_one_spelling_and_keeps_source_and_time(name: str, value: Any, after: Any) -> None:
    around = facts(country="DE") if name != "country" else {}
    even, told = normal.facts(around | facts(**{name: value}))
    assert even[name] == Fact(value=after, source=SOURCE, at_ms=7, snippet="line")
    assert [(one.before, one.after) for one in told if one.field == name] == [(value, after)]
    again, nothing = normal.facts(even)
    assert again == even and [one for one in nothing if one.field == name] == [], "what is normal stays as it is"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("phones", ["030 901820"], "has no country code"),
        ("phones", ["4.93E+11"], "shortened by a spreadsheet"),
        ("phones", ["+49 1"], "has no country code|is no phone"),
        ("emails", ["info at nowhere"], "is no e-mail address"),
        ("site", "info@example.com", "is no address of a site"),
        ("site", "1.2.3", "is no address of a site"),
        ("site", "javascript:alert(1)", "is no address of a site"),
        ("country", "Atlantis", "is no country"),
        ("employees", "many", "is no number of people"),
        ("founded", "1998 or 2003", "is no year"),
        ("industry", "Underwater basket weaving", "is not in the table"),
        ("languages", ["Klingonish"], "is no language"),
        ("social", ["our page"], "is no address of a profile"),
    ],
)
def test_what_cannot_be_read_stays_and_the_remedy_is_named(name: str, value: Any, problem: str) -> None:
    even, [told] = normal.facts(facts(**{name: value}))
    assert (told.field, told.before, told.after) == (name, value, None) and told.remedy
    assert any(one in told.problem for one in problem.split("|"))
    assert "".join(map(str, value)).replace(" ", "") in "".join(map(str, even[name].value)).replace(" ", "")


def test_what_says_nothing_is_no_fact() -> None:
    assert normal.facts(facts(name="n/a", city="-", emails=[], description=""))[0] == {}


def test_an_address_gives_its_parts_where_nothing_else_says_them() -> None:
    even, _ = normal.facts(facts(address="Donaustraße 12, 89073 Ulm", country="DE"))
    assert (even["city"].value, even["postal_code"].value, even["city"].source) == ("Ulm", "89073", SOURCE)
    even, _ = normal.facts(facts(address="Donaustraße 12, 89073 Ulm", city="Neu-Ulm"))
    assert even["city"].value == "Neu-Ulm" and "postal_code" not in even


def test_processing_reports_each_company_and_finds_the_same_ones(work_off: Work) -> None:
    raw = [
        companies.Update("", "", "", "Acme GmbH", "raw 1", (), facts(name="Acme GmbH", phones=["030 901820"], country="Germany")),
        companies.Update("", "", "", "ACME", "raw 2", (), facts(name="ACME", phones=["+49 30 901820"], industry="?!")),
    ]
    ids = [made.id for made in companies.put(raw)]
    job_id = queues.submit_many([processing.call(leads.process_data, ids, None)])[0].job_id
    [told] = work_off()
    assert (told["companies"], told["changed"]) == (2, 2)
    reports = (processing.kept(job_id) or {})["reports"]
    assert {one["field"] for one in reports[ids[0]]} == {"phones", "country", "site"}
    [industry] = [one for one in reports[ids[1]] if one["field"] == "industry"]
    assert industry["after"] is None and "LEADS_INDUSTRIES" in industry["remedy"]
    assert companies.count("") == 1, "one name, one phone: one company"
    company = views.find(ids[0])
    assert views.find(ids[1]).id == company.id and company.facts["phones"].value == ["+4930901820"]
    assert (company.facts["country"].value, company.facts["country"].source, company.facts["country"].at_ms) == ("DE", SOURCE, 7)
    assert {one["field"] for one in views.former(company.id)} == {"name", "phones", "country"}


def test_processing_that_was_killed_reports_what_it_had_changed(work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "STEP", 1)
    ids = [adding.add({"name": f"A{n}"}).id for n in range(3)]
    for one in ids:
        companies.put([companies.Update("", "", "", "", "", (), facts(country="Austria"), id=one)])
    real, calls = companies.put, list[str]()

    def dying(updates: Any) -> Any:
        made = real(updates)
        calls.append("x")
        if len(calls) == 2:
            raise errors.NotNow(clock.now(), "killed")
        return made

    monkeypatch.setattr(companies, "put", dying)
    job_id = queues.submit_many([processing.call(leads.process_data, ids, None)])[0].job_id
    told = next(one for one in work_off() if isinstance(one, dict))
    assert told["changed"] == 3 and all(
        any(one["field"] == "country" and one["after"] == "AT" for one in found)
        for found in (processing.kept(job_id) or {})["reports"].values()
    )


def test_processing_refuses_what_is_not_there_or_another_owners() -> None:
    made = adding.add({"name": "A"}, owner="k")
    with pytest.raises(errors.NotFound):
        processing.call(leads.process_data, [made.id], "other")
    with pytest.raises(errors.NotFound, match="co_none"):
        processing.call(leads.process_data, [made.id, "co_none"], "k")
    for ids in ([], [str(n) for n in range(processing.MOST_IDS + 1)]):
        with pytest.raises(errors.ArgumentError):
            processing.call(leads.process_data, ids, None)


@pytest.mark.parametrize(
    "values",
    [
        {"name": "A", "country": "Atlantis"},
        {"name": "A", "site": "not a site"},
        {"name": "A", "phones": ["12"]},
        {"name": "A", "colour": "red"},
        {},
        {"site": "facebook.com/acme"},
    ],
)
def test_typed_nonsense_is_refused_at_once(values: dict[str, Any]) -> None:
    with pytest.raises(errors.ArgumentError):
        adding.add(values)
    assert companies.count(None) == 0


def test_a_typed_fact_changes_that_company_alone() -> None:
    first, second = adding.add({"site": "a.example", "country": "at"}), adding.add({"site": "b.example"})
    made = adding.change(first.id, {"phones": "01 5880058", "employees": "12"}, ["t"])
    assert made.id == first.id and views.find(first.id).facts["phones"].value == ["+4315880058"]
    assert views.find(first.id).tags == ("t",) and "phones" not in views.find(second.id).facts
    with pytest.raises(errors.NotFound):
        adding.change(first.id, {"name": "x"}, owner="other")


def test_too_much_is_refused() -> None:
    with pytest.raises(errors.ArgumentError, match="more than 10,000"):
        adding.add({"site": "a.example", "description": "x" * 10_001})
    for tags in (["x" * 61], ["a\nb\x00"], [f"t{n}" for n in range(51)]):
        with pytest.raises(errors.ArgumentError):
            keeping.tags_of(tags)


def test_the_tables_are_files_that_users_can_change(tmp_path: Any) -> None:
    hosts, kinds = tmp_path / "hosts.tsv", tmp_path / "kinds.tsv"
    hosts.write_text("mine\tportal.example|catalogue.*\n")
    kinds.write_text("Weaving\tunderwater basket weaving\n")
    with config.overridden(leads_directories=hosts, leads_industries=kinds):
        assert tables.listed().kind_of("https://www.portal.example/x") == "mine" and not sites.is_shared("https://facebook.com/x")
        assert normal.facts(facts(industry="Underwater Basket Weaving"))[0][fields.INDUSTRY].value == "Weaving"
        hosts.write_text("mine\tno host\n")
        with pytest.raises(errors.ConfigError, match=r"LEADS_DIRECTORIES.*no host"):
            tables.listed()
        kinds.unlink()
        with pytest.raises(errors.ConfigError, match="LEADS_INDUSTRIES names"):
            tables.industry_names()


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("030 901820 (Büro)", ["+4930901820"]),
        ("+49 30 901820, Fax +49 30 901829", ["+4930901820"]),
        ("T +49 30 901820 | F +49 30 901829", ["+4930901820"]),
        ("030 901820 oder 030 901821", ["+4930901820", "+4930901821"]),
        ("+49 30 901820 / +49 30 901821", ["+4930901820", "+4930901821"]),
        ("0 30 / 90 18 20", ["+4930901820"]),
        ("4930901820.0", ["+4930901820"]),
        ("030901820.0", ["+4930901820"]),
        ("Fax: 030 901829", []),
        ("901820", ["901820"]),
    ],
)
def test_phones_as_people_write_them_into_one_cell(text: str, phones: list[str]) -> None:
    assert reach.phones(text, "DE", "")[0] == phones
