"""Messages are sent to each target until it took them, late and hanging targets included, and say nothing of an address."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

import clock
import config
from errors import ArgumentError
from jobs import alerts
from state.alerts import keys, messages, outgoing, quiet
from state.alerts.incidents import CRITICAL, WARNING, Finding
from state.webhooks.endpoints import Endpoint
from tests import patience
from tests.topics.alerts.conftest import World, after, minute, texts
from tests.topics.webhooks.receiver import Receiver
from topics.alerts import delivering, stand_in, telling, views
from topics.webhooks import endpoints, signing
from worker import inline

DEEP = Finding("queue:deep:low", "queue", WARNING, "The queue low is deep", "It holds 9 jobs.", "start workers.")


def test_an_incident_is_told_once_and_again_when_it_is_over(receiver: Receiver, world: World) -> None:
    world.findings = [DEEP]
    minute(3, every_s=200)
    world.findings = []
    minute(3, every_s=300)
    first, second = texts(receiver)
    assert first.startswith("Trawl: Alert: The queue low is deep\n") and "Fix: start workers." in first
    assert second.startswith("Trawl: Over: The queue low is deep\n") and "It was open for 15 min." in second
    incident = views.listed("closed")[0]
    assert f"incident {incident.id}" in first and f"incident {incident.id}" in second
    assert [one.status for one in messages.latest()] == ["delivered", "delivered"]


def test_a_target_that_fails_is_asked_again_later_and_later_and_then_given_up(receiver: Receiver, world: World) -> None:
    receiver.answers = [(500, {}, b"no")]
    world.findings = [DEEP]
    minute()
    assert [(one.status, one.tries) for one in messages.latest()] == [("pending", 1)]
    world.findings = []
    minute(12, every_s=300)
    assert len(receiver.received) <= 12
    after(86_400)
    minute()
    assert "given_up" in {one.status for one in messages.latest()}
    assert "ok" not in {one.state for one in views.standing().targets}


def test_a_target_that_was_down_is_told_what_it_missed(receiver: Receiver, world: World) -> None:
    receiver.answers = [(503, {}, b""), (200, {}, b"")]
    world.findings = [DEEP]
    minute(3)
    assert len(receiver.received) == 2 and outgoing.due() == []
    assert [(one.status, one.tries) for one in messages.latest()] == [("delivered", 2)]


def test_who_dies_before_it_says_so_sends_the_same_id_again(
    receiver: Receiver, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.findings = [DEEP]

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    alerts.look()
    [target] = outgoing.due()
    with monkeypatch.context() as dying:
        dying.setattr(outgoing, "settle", dies)
        with pytest.raises(KeyboardInterrupt):
            delivering.deliver(target)
    after(outgoing.HOLD_MS / 1000)
    assert delivering.deliver(target) == {"delivered": 1, "failed": 0}
    first, second = (one.json["message"].rsplit("Message ", 1)[1] for one in receiver.received)
    assert first == second


def test_an_end_never_comes_before_its_beginning(receiver: Receiver, world: World) -> None:
    receiver.answers = [(503, {}, b"")] * 3 + [(200, {}, b"")]
    world.findings = [DEEP]
    minute(2)
    world.findings = []
    minute(5, every_s=150)
    assert [text.split("\n")[0].split(":")[1].strip() for text in texts(receiver)][-2:] == ["Alert", "Over"]
    assert {one.status for one in messages.latest()} == {"delivered"}


def test_a_message_that_a_target_never_takes_holds_up_no_other(receiver: Receiver, world: World) -> None:
    receiver.answers = [(400, {}, b"")]
    world.findings = [DEEP]
    minute(4, every_s=1000)
    receiver.answers = [(400, {}, b""), (200, {}, b"")]  # the first one is asked again, and refused again
    world.findings = [DEEP, replace(DEEP, key="b", title="Another")]
    minute()
    assert "Another" in texts(receiver)[-1] and "Another" not in texts(receiver)[-2]


def test_an_error_that_quotes_a_page_calls_nobody(receiver: Receiver, world: World) -> None:
    world.findings = [replace(DEEP, says="<!channel> @everyone look\nhere", title="a\r\nBcc: x@y.test <b>")]
    minute()
    [one] = receiver.received
    assert "\n" not in one.json["title"] and "<b>" in one.json["title"]
    assert "!channel" not in one.json["message"] and "@everyone" not in one.json["message"]


def test_one_that_hangs_does_not_hold_up_the_others(receiver: Receiver, world: World) -> None:
    receiver.open.clear()
    other = f"json://127.0.0.1:{receiver.server_port + 1}/x"
    with config.overridden(alert_timeout=0.3, alert_urls=SecretStr(f"slow=json://127.0.0.1:{receiver.server_port} gone={other}")):
        began = clock.monotonic()
        found = delivering.test_targets()
        assert clock.monotonic() - began < patience.leeway(5)
    assert [name for _, name, sent in found] == ["slow", "gone"] and not any(sent.ok for _, _, sent in found)
    assert "no answer within 0.3 s" in found[0][2].says


def test_no_address_is_shown_or_logged(receiver: Receiver, world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "urllib3")  # as logs.setup has it
    receiver.answers = [(401, {}, b"s3cret-path is wrong")]
    world.findings = [DEEP]
    minute(2)
    shown = f"{views.standing()} {messages.latest()} {delivering.test_targets()} {telling.targets()}"
    assert "s3cret" not in shown and "s3cret" not in caplog.text
    assert "401" in shown


def test_a_signed_webhook_is_told_each_event_once(receiver: Receiver, world: World, settings: config.Settings) -> None:
    with config.overridden(alert_urls=None):
        hook, secret = endpoints.add(Endpoint("", receiver.url, "mine", events=("alert.opened", "alert.recovered")))
        endpoints.add(Endpoint("", receiver.url, "of jobs"))
        with pytest.raises(ArgumentError, match="about the whole system"):
            endpoints.add(Endpoint("", receiver.url, "of a key", events=("alert.opened",), owner="k1"))
        world.findings = [replace(DEEP, grade=CRITICAL)]
        minute(2)
        world.findings = []
        minute(3, every_s=300)
    assert [one for one in receiver.types() if one.startswith("alert")] == ["alert.opened", "alert.recovered"]
    told = next(one for one in receiver.received if one.json["type"] == "alert.opened")
    assert told.json["id"] == views.listed("closed")[0].id
    assert told.json["alert"]["title"] == DEEP.title and told.json["alert"]["grade"] == "critical"
    sent_at = told.headers["x-trawl-signature"].partition(",")[0].removeprefix("t=")
    wanted = signing.headers(secret, told.body, int(sent_at), hook.style)
    assert told.headers["x-trawl-signature"] == wanted["X-Trawl-Signature"]


def test_many_at_once_are_one_message(receiver: Receiver, world: World) -> None:
    world.findings = [replace(DEEP, key=f"queue:{number}", title=f"Trouble {number}") for number in range(60)]
    minute()
    [text] = texts(receiver)
    assert text.startswith("Trawl: 60 alerts: 60 new\n") and "… and 40 more events" in text


def test_a_silence_holds_what_is_critical_too_and_tells_it_afterwards(receiver: Receiver, world: World) -> None:
    telling.be_quiet(600, "a deploy", "ada")
    world.findings = [replace(DEEP, grade=CRITICAL)]
    minute(3, every_s=180)
    assert receiver.received == [] and views.standing().untold == 1
    after(60)
    minute()
    assert len(receiver.received) == 1


def test_quiet_hours_hold_what_is_no_more_than_a_warning(receiver: Receiver, world: World, rules_file: Any) -> None:
    rules_file('[quiet]\nfrom = "11:30"\nto = "13:15"\nzone = "Europe/Vienna"\n')  # 12:00 UTC is 13:00 there
    world.findings = [DEEP]
    minute(2, every_s=300)
    assert receiver.received == []
    world.findings = [DEEP, replace(DEEP, key="b", title="The store is full", grade=CRITICAL)]
    minute(2)
    assert [text.split("\n")[0] for text in texts(receiver)] == ["Trawl: Alert: critical, The store is full"]
    minute(5)
    assert len(receiver.received) == 2 and "The queue low is deep" in texts(receiver)[1]


def test_the_digest_comes_once_a_day(receiver: Receiver, world: World, rules_file: Any) -> None:
    rules_file('[digest]\nat = "12:05"\n')
    world.findings = [DEEP]
    minute(4, every_s=200)
    digests = [text for text in texts(receiver) if "digest" in text]
    assert len(digests) == 1 and digests[0].startswith("Trawl: digest of 2026-11-02, 1 open\n")
    assert "warning: The queue low is deep" in digests[0] and "Last 24 hours: 1" in digests[0]
    world.findings = []
    after(86_400)
    minute(3, every_s=600)
    assert len([text for text in texts(receiver) if "digest of 2026-11-03" in text]) == 1
    after(2 * 86_400)
    minute(2)
    assert not [text for text in texts(receiver) if "2026-11-05" in text], "nothing happened that day"


def test_where_nobody_looks_another_process_does(receiver: Receiver, world: World, store: Any) -> None:
    world.findings = [DEEP]
    minute()
    assert not stand_in.look_where_late()
    world.findings = [replace(DEEP, key="no_worker", title="No worker runs", grade=CRITICAL)]
    after(stand_in.LATE_S)
    assert quiet.stand_in(60) and not stand_in.look_where_late(), "another process is at it"
    after(stand_in.LATE_S)
    store.delete(keys.LOOKING)
    assert stand_in.look_where_late()
    assert "No worker runs" in texts(receiver)[-1]
    assert not stand_in.look_where_late()


def test_two_who_look_at_once_tell_once(receiver: Receiver, world: World) -> None:
    world.findings = [DEEP]
    for _ in range(3):
        alerts.look()
    inline.run_until_idle()
    inline.run_until_idle()
    assert len(receiver.received) == 1
