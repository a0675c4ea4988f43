"""The pages of budgets: spent against limit, a projection, the ledger; empty, hostile, as files."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
from tests.state import NOON
from topics import budgets
from topics.tracking import projects

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def on_the_tenth() -> Iterator[None]:
    with clock.frozen(NOON + timedelta(days=9)):
        yield


def spend(micro_usd: int, *where: str, purpose: str = "llm") -> None:
    with budgets.reserved(*where, micro_usd=micro_usd, purpose=purpose, key=purpose) as held:
        held.settle(micro_usd=micro_usd)


def test_spent_stands_against_the_limit_with_where_it_leads(client: FlaskClient) -> None:
    budgets.set_limit("project:a", micro_usd=1_000_000, credits=50)
    budgets.set_limit("system", micro_usd=100_000_000)
    spend(500_000, "project:a")
    page = client.get("/budgets").text
    assert 'href="/budgets/project%3Aa"' in page or 'href="/budgets/project:a"' in page
    assert "0.50" in page and 'value="50.0"' in page and "will not last" in page and "in budget" in page
    assert "1.631579" in page  # 0.5 USD in 9.5 of 31 days
    spend(300_000, "project:a")
    assert "80 % used" in client.get("/budgets").text
    spend(200_000, "project:a")
    assert "used up" in client.get("/budgets").text


def test_nothing_yet_says_what_to_do(client: FlaskClient) -> None:
    assert "budget set system" in client.get("/budgets").text
    assert "Nothing was charged" in client.get("/budgets/project:a").text


def test_the_ledger_goes_on_to_its_last_line(client: FlaskClient) -> None:
    for number in range(5):
        spend(number + 1, "project:a")
    first = client.get("/budgets/project:a?limit=3").text
    assert first.count("<td>settle</td>") == 3
    cursor = budgets.ledger("project:a", most=3)[-1].id
    assert f"ledger-cursor={cursor}" in first
    assert client.get(f"/budgets/project:a?limit=3&ledger-cursor={cursor}").text.count("<td>settle</td>") == 2


def test_each_month_stands_beside_the_one_before_and_opens_its_charges(client: FlaskClient) -> None:
    budgets.set_limit("project:a", micro_usd=10_000_000)
    for months_ago, micro_usd in ((2, 1_000_000), (1, 2_000_000), (0, 500_000)):
        with clock.frozen(NOON + timedelta(days=9 - 31 * months_ago)):
            spend(micro_usd, "project:a", purpose=f"in {months_ago}")
            names = [one.month for one in budgets.months("project:a")]
    page = client.get("/budgets/project:a").text
    table = page.partition("Spent by month")[2].partition("</table>")[0]
    rows = table.split("<tr")[2:]
    assert [
        (names[n] in row, spent in row, change in row)
        for n, (row, spent, change) in enumerate(zip(rows, ("0.50", "2.00", "1.00"), ("-75", "+100", "–"), strict=True))
    ] == [(True, True, True)] * 3
    assert "in 0" in page and "in 1" not in page
    before = client.get(f"/budgets/project:a?month={names[1]}").text
    assert "in 1" in before and "in 0" not in before and f"Charges of {names[1]}" in before
    file = client.get("/budgets/project:a?format=csv&table=months")
    assert file.text.count(names[1]) == 1
    for month in ("1999-01", "now", "2026-13"):
        assert client.get(f"/budgets/project:a?month={month}").status_code == 422


def test_a_project_says_what_it_spent_this_month_where_that_is_counted(client: FlaskClient) -> None:
    projects.add("shop.example", projects.Options(id="a"))
    assert "Spent in" not in client.get("/projects/a").text
    budgets.set_limit("project:a", credits=50)
    with budgets.reserved("project:a", credits=7, purpose="serp") as held:
        held.settle(credits=7)
    page = client.get("/projects/a").text
    assert "Spent in" in page and 'href="/budgets/project:a">7</a>' in page and "of 50" in page


def test_what_others_wrote_is_shown_as_text(client: FlaskClient) -> None:
    spend(5, "project:a", purpose=HOSTILE)
    page = client.get("/budgets/project:a").text
    assert "<img src=x" not in page and "&lt;img src=x" in page


def test_the_tables_are_files_too(client: FlaskClient) -> None:
    spend(5, "project:a")
    rows = client.get("/budgets?table=budgets&format=json").json
    assert [row["scope"] for row in rows] == ["system", "project:a"] and rows[0]["spent"] == "0.000005"
    assert "llm" in client.get("/budgets/project:a?table=ledger&format=csv").text


@pytest.mark.parametrize("address", ["/budgets/nobody", "/budgets/system?ledger-cursor=x"])
def test_what_is_no_scope_or_line_is_a_clear_error(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 422


def test_an_admin_sets_changes_and_removes_limits_in_the_browser(client: FlaskClient) -> None:
    done = client.post("/budgets", data={"scope": "network:3", "usd": "2.50", "credits": "", "zone": "Europe/Vienna"})
    assert done.status_code == 303
    found = budgets.show("network:3")
    assert (found.micro_usd.limit, found.milli_credits.limit, found.zone) == (2_500_000, None, "Europe/Vienna")
    page = client.get("/budgets/network:3").text
    assert 'value="2.5"' in page and 'value="Europe/Vienna"' in page
    client.post("/budgets", data={"scope": "network:3", "usd": "", "credits": "0.5", "zone": ""})
    found = budgets.show("network:3")
    assert (found.micro_usd.limit, found.milli_credits.limit, found.zone) == (None, 500, "UTC")
    assert client.post("/budgets/network:3/remove").status_code == 303
    assert budgets.show("network:3").milli_credits.limit is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"scope": "nobody"}, "is no scope"),
        ({"usd": "-1"}, "must be from 0"),
        ({"usd": "1,50"}, "must be from 0"),
        ({"usd": ""}, "Give a limit"),
        ({"zone": "Mars/Base"}, "is no time zone"),
        ({"scope": HOSTILE}, "is no scope"),
    ],
)
def test_what_is_no_limit_is_refused_and_stays_typed(client: FlaskClient, wrong: dict[str, str], says: str) -> None:
    page = client.post("/budgets", data={"scope": "project:a", "usd": "7", "zone": "UTC", **wrong})
    assert page.status_code == 422 and says in page.text and HOSTILE not in page.text
    assert wrong.get("scope") == HOSTILE or f'value="{wrong.get("scope", "project:a")}"' in page.text
    assert budgets.show("project:a").micro_usd.limit is None


def test_only_admins_see_the_form_and_send_it(key_client: Any) -> None:
    operator, admin = key_client("operator"), key_client("admin")
    data = {"scope": "project:a", "usd": "7", "zone": "UTC"}
    assert "Set the limits" not in operator.get("/budgets").text and operator.post("/budgets", data=data).status_code == 403
    assert operator.post("/budgets/project:a/remove").status_code == 403
    assert "Set the limits" in admin.get("/budgets").text
