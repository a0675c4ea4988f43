"""The page of alerts: what is wrong, who is told, a test, a silence; empty, and with a mistake in the rules."""

from pathlib import Path

from flask.testing import FlaskClient
from pydantic import SecretStr

import config
from state.alerts import incidents
from tests.topics.webhooks.receiver import receiving
from tests.web.api.test_alerts import DEEP, opened


def test_nothing_is_wrong_and_nobody_is_told_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/alerts").text
    assert "Nothing is wrong." in page and "set ALERT_URLS" in page and "Nobody has looked yet" in page


def test_what_is_open_stands_there_with_what_mends_it(client: FlaskClient) -> None:
    opened(DEEP)
    page = client.get("/alerts").text
    assert DEEP.title in page and "start workers" in page and incidents.current()[0].id in page
    assert DEEP.title not in client.get("/alerts?state=closed").text
    assert client.get("/alerts?table=alerts&format=csv").text.splitlines()[1].startswith(DEEP.title)
    assert "rank_drop" in client.get("/alerts?table=rules&format=json").text


def test_a_test_is_sent_and_says_what_came_of_it(client: FlaskClient) -> None:
    with receiving() as server, config.overridden(alert_urls=SecretStr(f"ops=json://127.0.0.1:{server.server_port}/s3cret")):
        page = client.post("/alerts/test", follow_redirects=True).text
    assert "ops: ok" in page and "s3cret" not in page and len(server.received) == 1


def test_it_is_quiet_for_a_time_and_told_again(client: FlaskClient) -> None:
    page = client.post("/alerts/quiet", data={"for_s": "3600", "note": "a deploy"}, follow_redirects=True).text
    assert "Nothing is told until" in page and "a deploy" in page and "Tell again" in page
    assert "Alerts are told again." in client.post("/alerts/quiet", follow_redirects=True).text
    assert client.post("/alerts/quiet", data={"for_s": "5"}).status_code == 422


def test_a_mistake_in_the_rules_is_said_where_people_look(client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("[rules.queue]\njob = 5")
    with config.overridden(alert_rules=path):
        page = client.get("/alerts").text
    assert "there is no rules.queue.job" in page
