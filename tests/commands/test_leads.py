"""`lead`: companies from the command line."""

import csv
import io
import json
from pathlib import Path

from state.leads import companies
from state.store import connection
from tests.commands.conftest import Run
from topics.scraping import stored


def test_from_typing_to_removing(run: Run) -> None:
    made = json.loads(
        run("lead", "add", "--name", "Acme GmbH", "--site", "acme.de", "--phone", "030 901820", "--tag", "a", "--json").stdout
    )
    assert made["was_new"] and set(made["changed"]) == {"name", "site", "phones"}
    changed = run("lead", "add", "--id", made["id"], "--set", "employees=11-50", "--country", "Germany")
    assert "was there; changed: country, employees" in changed.stdout
    shown = json.loads(run("lead", "show", made["id"], "--json").stdout)
    assert shown["facts"]["phones"]["value"] == ["+4930901820"] and shown["facts"]["country"]["source"] == "typed"
    told = run("lead", "show", made["id"])
    assert "11-50" in told.stdout and "typed" in told.stdout
    assert run("lead", "tag", made["id"], "--add", "b", "--take", "a").stdout == "1 changed.\n"
    [row] = json.loads(run("lead", "list", "--tag", "b", "--json").stdout)
    assert (row["name"], row["country"], row["tags"]) == ("Acme GmbH", "DE", ["b"])
    assert "Acme GmbH\tacme.de" in run("lead", "list").stdout
    assert run("lead", "remove", made["id"], "--yes").exit_code == 0 and companies.count(None) == 0
    assert "lead scrape URL" in run("lead", "list").stdout


def test_jobs_are_queued_and_what_is_wrong_is_said(run: Run) -> None:
    one = json.loads(run("lead", "scrape", "example.com", "--json").stdout)
    many = json.loads(run("lead", "scrape", "example.com", "example.org", "--priority", "low", "--json").stdout)
    found = json.loads(run("lead", "search", "bakery ulm", "--most", "20", "--country", "de", "--json").stdout)
    assert [one["queue"], many["queue"], found["queue"]] == ["high", "low", "high"]
    for words in (
        ["scrape", "facebook.com/acme"],
        ["scrape", "x y"],
        ["search", " "],
        ["process"],
        ["process", "co_none"],
        ["add"],
        ["show", "x"],
    ):
        assert run("lead", *words).exit_code != 0, words
    assert run("lead", "process", "--all").stdout == "There is no company.\n"
    run("lead", "add", "--name", "Acme")
    assert "is in the queue default" in run("lead", "process", "--all").stdout


def test_a_file_is_imported_and_its_bad_lines_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    path.write_text("Company,Website,Notes\nAcme,acme.com,x\n,facebook.com/x,\n")
    told = run("lead", "import", path, "--tag", "crm")
    assert told.exit_code == 1 and told.stdout == "1 added, 0 were there (0 changed), 1 bad.\n"
    assert "Not read: Notes." in told.stderr and "line 3: A company needs" in told.stderr
    assert run("lead", "import", "-", input="name\nBeta\n").stdout.startswith("1 added")
    assert run("lead", "import", tmp_path / "none.csv").exit_code != 0


def test_what_became_of_each_company_is_shown(run: Run) -> None:
    made = json.loads(run("lead", "scrape", "example.com", "example.org", "--json").stdout)
    assert "has no list of companies: it is pending" in run("lead", "result", made["id"]).stderr
    items = [{"url": "https://example.com/", "status": "failed", "company": None, "error": "gone", "job": "j1"}]
    with connection.errors_translated():
        stored.put_result(made["id"], {"companies": 1, "outcome": "partial", "failed": 1, "cancelled": 0, "items": items})
    told = run("lead", "result", made["id"])
    assert told.exit_code == 1 and "partial" in told.stdout and "failed\t-\thttps://example.com/\tgone\tj1" in told.stdout
    assert json.loads(run("lead", "result", made["id"], "--json").stdout)["outcome"] == "partial"


def test_companies_that_fit_become_a_file_with_all_that_is_known(run: Run, tmp_path: Path) -> None:
    mails = ("--email", "a@acme.de", "--email", "b@acme.de", "--tag", "vip", "--tag", "a")
    run("lead", "add", "--name", "Acme GmbH", "--site", "acme.de", "--phone", "+49 30 901820", *mails)
    run("lead", "add", "--name", "Beta")
    path = tmp_path / "leads.csv"
    assert run("lead", "list", "--tag", "vip", "--csv", path).stdout == f"Wrote 1 company to {path}.\n"
    [row] = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    assert (row["name"], row["site"], row["tags"]) == ("Acme GmbH", "https://acme.de/", "a, vip")
    assert (row["emails"], row["phones"], row["founded"]) == ("a@acme.de, b@acme.de", "'+4930901820", "")
    raw = run("lead", "list", "--csv", "-", "--as-is", "--separator", ";").stdout
    assert ";+4930901820;" in raw and raw.count("\n") == 3
    assert run("lead", "list", "--csv", "-", "--most", "1").stdout.count("\n") == 2
    for words in (("--as-is",), ("--separator", ";"), ("--csv", path, "--json")):
        assert run("lead", "list", *words).exit_code == 2
    assert run("lead", "import", path).stdout == "0 added, 1 were there (0 changed), 0 bad.\n"
