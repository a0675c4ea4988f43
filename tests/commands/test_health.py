"""`status` and `check`."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import clock
import config
import errors
import models
import queues
import scheduler
from clients import r2
from jobs import maintenance
from sandbox.server import Sandbox
from scheduling import loop
from scheduling.entries import Entry
from state.engine import heartbeats
from state.store import keys, scripts
from state.tracking import halts
from tests.clients.llm import server as language_models
from tests.clients.stage import closed_port
from tests.commands.conftest import Run, answers
from topics.tracking import check as one_check
from worker.rq import registration


def lines(text: str) -> dict[str, str]:
    return dict(line.split("\t", 1) for line in text.splitlines())


def found(run: Run, *args: str) -> dict[str, tuple[bool | None, str]]:
    result = run("check", "--json", *args)
    rows = json.loads(result.stdout)
    assert result.exit_code == (0 if all(row["ok"] for row in rows) else 1)
    return {row["check"]: (row["ok"], row["says"]) for row in rows}


def test_status_of_an_empty_system_says_plainly_what_is_missing(run: Run) -> None:
    said = lines(run("status").stdout)

    assert said["scheduler"] == "no scheduler" and said["workers"] == "no worker: `python manage.py worker`"
    assert said["provider"] == "SANDBOX: its ranks are invented" and said["halted"] == "no"
    assert (said["processing"], said["eligible"], said["failed"], said["scraped in the last hour"]) == ("0", "0", "0", "0")
    assert said["queues"] == "high 0, default 0, low 0"


def test_status_counts_what_is_under_way(run: Run, provider: Sandbox, project: models.Project) -> None:
    run("keyword", "add", "example.com", *(f"keyword {number}" for number in range(5)))
    run("serp", "check", "keyword 1", "--project", "example.com")
    provider.force("captcha")
    run("serp", "check", "keyword 2", "--project", "example.com")
    with config.overridden(serp_batch_size=2):
        run("serp", "batch")
    heartbeats.beat("scheduler")
    halts.halt("sandbox", "no credits")
    registration.WorkerRecord(queues.QUEUES, "worker-1", lambda job_id: None).register_birth()

    said = json.loads(run("status", "--json").stdout)

    assert {name: said[name] for name in ("keywords", "processing", "eligible", "failed", "scraped_last_hour")} == {
        "keywords": 5, "processing": 2, "eligible": 1, "failed": 1, "scraped_last_hour": 1,
    }  # fmt: skip
    assert said["queue_depths"] == {"high": 2, "default": 0, "low": 0}
    assert (said["workers"], said["busy_workers"], said["halted"], said["sandbox"]) == (1, 0, "no credits", True)
    shown = lines(run("status").stdout)
    assert shown["scheduler"].startswith("alive ") and shown["workers"] == "1 alive, 0 busy"
    assert shown["halted"] == "no credits (`python manage.py serp resume` ends it)"


def test_status_begins_with_what_stops_all_work(run: Run, store: Any) -> None:
    store.set(keys.RQ_SUSPENDED, 1)
    queues.submit(maintenance.sweep)

    shown = run("status").stdout.splitlines()
    told = json.loads(run("status", "--json").stdout)["stops"]

    assert shown[0].startswith("attention\tSuspended until somebody ends it") and "rq resume" in shown[0]
    assert shown[1].startswith("attention\tNo worker runs that serves the queue high, which holds 1 job")
    assert [one["name"] for one in told] == ["suspended", "no worker"] and all(one["fix"] for one in told)


def test_status_says_that_redis_takes_no_writes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, used_memory=1 << 31)

    assert "refuses all writes" in run("status").stdout.splitlines()[0]


def test_check_fails_where_redis_takes_no_writes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, used_memory=1 << 31)

    ok, said = found(run)["redis"]

    assert ok is False and "refuses all writes" in said and "CONFIG SET maxmemory 3073mb" in said


@pytest.mark.parametrize(("key", "says"), [(keys.RQ_SUSPENDED, "rq resume"), (keys.HALTED, "no credits")])
def test_check_fails_while_somebody_stopped_all_work(run: Run, store: Any, key: str, says: str) -> None:
    halts.halt("sandbox", "no credits") if key == keys.HALTED else store.set(key, 1)

    ok, said = found(run)["work"]

    assert ok is False and says in said


def test_check_tells_of_processes_that_are_not_there_yet(run: Run) -> None:
    queues.submit(maintenance.sweep)

    ok, said = found(run)["work"]

    assert ok is True and said.startswith("Warning: No worker runs that serves the queue high")


@pytest.mark.parametrize("damage", ["broken", "not armed"])
def test_check_fails_where_an_entry_of_the_schedule_cannot_run(run: Run, store: Any, damage: str) -> None:
    loop.Scheduler().register(scheduler.table())
    if damage == "broken":
        store.hset(keys.job("schedule-sweep"), "data", "garbage")
    else:
        store.zrem(keys.RQ_SCHEDULER_JOBS, "schedule-sweep")

    ok, said = found(run)["schedule"]

    assert ok is False and "sweep" in said


def test_status_tells_the_last_hours(run: Run, project: models.Project) -> None:
    assert run("status", "--hours", 24, "--json").stdout == "[]\n"
    for hour in (10, 11):
        maintenance.record_statistics(int(clock.now().replace(minute=0, second=0).timestamp()) - 3600 * (11 - hour))
    rows = json.loads(run("status", "--hours", 24, "--json").stdout)
    assert len(rows) == 2 and rows[0]["hour"] > rows[1]["hour"] and rows[0]["projects"] == 1
    assert run("status", "--hours", 24).stdout.splitlines()[0].startswith("hour\tkeywords\teligible")


def test_status_tells_how_much_memory_workers_use(run: Run, store: Any) -> None:
    for name, memory in (("a", 45), ("b", 61)):
        registration.WorkerRecord(queues.QUEUES, name, lambda job_id: None).register_birth()
        store.hset(f"{keys.RQ_WORKER}{name}", "rss_mb", memory)

    assert lines(run("status").stdout)["workers"] == "2 alive, 0 busy, 106 MB (the largest 61)"
    assert {one["memory_mb"] for one in json.loads(run("status", "--json").stdout)["worker_records"]} == {45, 61}


def test_status_names_a_real_provider(run: Run) -> None:
    with config.overridden(serp_provider="scrapedo"):
        assert lines(run("status").stdout)["provider"] == "scrapedo"
        assert json.loads(run("status", "--json").stdout)["sandbox"] is False


def test_looking_changes_nothing(run: Run, keyword: models.Keyword, store: Any) -> None:
    run("serp", "batch")
    before = {key: store.dump(key) for key in store.scan_iter()}

    for command in (["status"], ["status", "--json"], ["check"], ["reset_processing_flags"]):
        assert run(*command).exit_code == 0

    assert {key: store.dump(key) for key in store.scan_iter()} == before


def test_a_sound_installation_passes_every_check(run: Run) -> None:
    result = run("check")

    assert (result.exit_code, result.stderr) == (0, "")
    names = ["configuration", "redis", "scripts", "jobs", "retries", "companies", "alerts", "schedule"]
    names += ["provider", "storage", "language model"]
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [f"✓ {name}" for name in names]
    assert "enqueue-keyword-scrapes every 60 s" in result.stdout and "SANDBOX: its results are invented" in result.stdout


def test_a_wrong_setting_is_named_with_its_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_override", None)
    monkeypatch.setenv("SERP_BATCH_SIZE", "many")
    config.reload()

    result = run("check")

    assert result.exit_code == 1
    assert result.stdout.startswith("✗ configuration: SERP_BATCH_SIZE='many': Input should be a valid integer")
    assert result.stdout.count("\n") == 1, "nothing else can be checked"


def test_a_wrong_redis_url_is_named_without_its_password(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_override", None)
    monkeypatch.setenv("REDIS_URL", "rediss//:hunter2@host")
    config.reload()

    result = run("check")

    assert result.exit_code == 1 and "REDIS_URL" in result.stdout and "hunter2" not in result.output


def test_a_redis_that_may_evict_fails_and_one_without_aof_is_warned_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, maxmemory_policy="allkeys-lru")
    seen = found(run)
    assert seen["redis"][0] is False and "CONFIG SET maxmemory-policy noeviction" in seen["redis"][1]
    assert seen["scripts"] == (None, "not checked: Redis comes first") and seen["jobs"][0] is True

    answers(monkeypatch, aof_enabled=0)
    seen = found(run)
    assert seen["redis"][0] is True and "Warning: appendonly is off" in seen["redis"][1]


def test_a_script_that_does_not_compile_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "check", lambda: ["state/lua/claim.lua: '=' expected"])

    assert found(run)["scripts"] == (False, "state/lua/claim.lua: '=' expected")


def test_a_folder_of_jobs_that_cannot_be_imported_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("No module named 'nope'")

    monkeypatch.setattr("engine.registry.load_jobs", broken)

    assert found(run)["jobs"] == (False, "jobs/ cannot be loaded: No module named 'nope'")


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([Entry("odd", print, 60)], "is not a job of this version"),
        ([Entry("odd", scheduler.serp.enqueue_batch, 0)], "'odd' of the schedule cannot run: an interval must be 1 s"),
        ([Entry("odd", scheduler.serp.enqueue_batch, 60)] * 2, "two entries of the schedule have one name: odd, odd"),
    ],
)
def test_a_schedule_that_cannot_work_fails(run: Run, entries: Any, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "table", lambda: entries)

    ok, said = found(run)["schedule"]

    assert ok is False and says in said


def test_a_missing_key_fails_with_the_remedy(run: Run) -> None:
    with config.overridden(serp_provider="scrapedo"):
        ok, said = found(run)["provider"]

    assert ok is False and said.startswith("SCRAPEDO_TOKEN is not set: copy it from dashboard.scrape.do")


def test_a_probe_asks_the_account_of_the_sandbox_too(run: Run, provider: Sandbox) -> None:
    assert found(run)["provider"][0] and provider.requests == []

    assert "1,000,000 credits left, 1000 requests at once" in found(run, "--probe")["provider"][1]


@pytest.mark.parametrize("probe", [[], ["--probe"]])
def test_a_bad_token_is_found_and_not_said(run: Run, probe: list[str]) -> None:
    settings = {"serp_provider": "scrapedo", "scrapedo_token": SecretStr("tok-s3cret-9")}
    with Sandbox(token="another") as refusing, config.overridden(scrapedo_url=refusing.url, **settings):
        one_check.tools.cache_clear()
        ok, said = found(run, *probe)["provider"]

    assert ok is False and "Correct SCRAPEDO_TOKEN" in said and "tok-s3cret-9" not in said


@pytest.mark.parametrize("provider_name", ["scrapedo", "scrapedo-plugin"])
@pytest.mark.parametrize(("credits", "ok"), [(0, False), (9, False), (25, True), (1_000_000, True)])
def test_an_account_that_cannot_pay_for_a_page_is_found_before_one_is_bought(
    run: Run, provider_name: str, credits: int, ok: bool
) -> None:
    settings = {"serp_provider": provider_name, "scrapedo_token": SecretStr("right")}
    with Sandbox(token="right", credits=credits) as account, config.overridden(scrapedo_url=account.url, **settings):
        seen = found(run)["provider"]
        paths = {request.path for request in account.requests}

    assert seen[0] is ok and f"{credits:,} credits left" in seen[1] and paths == {"/info"}
    assert ok or "buy credits" in seen[1]


def test_a_provider_that_does_not_answer_is_a_warning_and_fails_a_probe(run: Run) -> None:
    settings = {"serp_provider": "scrapedo", "scrapedo_token": SecretStr("right"), "scrapedo_url": closed_port()}
    with config.overridden(**settings):
        ok, said = found(run)["provider"]
        probed, why = found(run, "--probe")["provider"]

    assert ok is True and said.startswith("scrapedo. Warning: token and credits could not be asked for: ")
    assert probed is False and "refused or broke the connection" in why


def test_a_name_that_nobody_reads_is_told_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCURRENCY", "3")

    ok, said = found(run)["configuration"]

    assert ok is True and "Warning: CONCURRENCY in the environment is not read here" in said


def test_a_bucket_that_is_not_there_fails_a_probe_and_no_page_is_bought(
    run: Run, provider: Sandbox, keyword: models.Keyword, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object, key: str, body: bytes, **_: object) -> None:
        raise errors.ConfigError("There is no bucket nosuch: create it, or correct R2_BUCKET")

    monkeypatch.setattr(r2.R2Store, "put", refuse)
    monkeypatch.setattr(r2.R2Store, "look", lambda store: refuse(store, "", b""))
    access = {"r2_access_key_id": "id", "r2_secret_access_key": SecretStr("secret")}
    with config.overridden(r2_endpoint_url="http://127.0.0.1:1", r2_bucket="nosuch", **access):
        for probe in ([], ["--probe"]):
            ok, said = found(run, *probe)["storage"]
            assert ok is False and "There is no bucket nosuch" in said and "R2_BUCKET" in said
        asked = len(provider.requests)
        checked = run("serp", "check", keyword.id)

    assert checked.exit_code == 1 and "There is no bucket nosuch" in checked.stderr
    assert len(provider.requests) == asked


def test_a_store_that_does_not_answer_is_a_warning_and_fails_a_probe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise errors.NetworkError("http://127.0.0.1:1 does not answer")

    monkeypatch.setattr(r2.R2Store, "put", away)
    monkeypatch.setattr(r2.R2Store, "look", away)
    access = {"r2_access_key_id": "id", "r2_secret_access_key": SecretStr("secret")}
    with config.overridden(r2_endpoint_url="http://127.0.0.1:1", r2_bucket="one", **access):
        ok, said = found(run)["storage"]
        probed, why = found(run, "--probe")["storage"]

    assert ok is True and "Warning: the bucket could not be asked" in said
    assert probed is False and "does not answer" in why


def test_a_language_model_is_asked_whether_it_is_there(run: Run) -> None:
    assert found(run)["language model"] == (True, "none: pages are read by rules (LLM_API_KEY)")
    with language_models.served() as model:
        of_ours = {"llm_api": "openai", "llm_base_url": model.url, "llm_model": "a-model"}
        with config.overridden(**of_ours):
            ok, said = found(run)["language model"]
        assert ok is True and "has a-model" in said and "free" in said and model.asked == []
        with config.overridden(**{**of_ours, "llm_base_url": "https://llm.example.com"}):
            assert found(run)["language model"][0] is False
    with config.overridden(**of_ours):
        ok, said = found(run)["language model"]
        probed, why = found(run, "--probe")["language model"]
    assert ok is True and "Warning: it could not be asked" in said
    assert probed is False and "LLM_BASE_URL" in why


def test_alerts_are_examined_without_telling_anybody(run: Run, tmp_path: Path) -> None:
    assert found(run)["alerts"][1].startswith("9 rules on; ALERT_URLS names nobody")
    with config.overridden(alert_urls=SecretStr("ops=json://127.0.0.1:1/s3cret")):
        assert "told to ops" in found(run)["alerts"][1]
    with config.overridden(alert_urls=SecretStr("ops=nothing://s3cret")):
        ok, said = found(run)["alerts"]
    assert ok is False and "ops: Apprise does not take its address" in said and "s3cret" not in said
    rules = tmp_path / "rules.toml"
    rules.write_text("[rules.queue]\njob = 5")
    with config.overridden(alert_rules=rules):
        assert "there is no rules.queue.job" in found(run)["alerts"][1]


def test_a_data_folder_below_a_file_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")

    with config.overridden(data_dir=tmp_path / "x" / "data"):
        assert found(run)["storage"] == (False, f"{tmp_path / 'x'} is no folder: set DATA_DIR to one.")


def test_a_data_folder_that_cannot_be_written_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)  # root may write everywhere

    ok, said = found(run)["storage"]

    assert ok is False and "cannot be written by this user: give it to them, or set DATA_DIR" in said


def test_a_disk_that_is_as_good_as_full_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=5 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

    ok, said = found(run)["storage"]

    assert ok is False and said.startswith("Only 5 MiB are free below ")


def test_half_of_the_r2_settings_fail(run: Run) -> None:
    with config.overridden(r2_bucket="bucket"):
        ok, said = found(run)["storage"]

    assert ok is False and "R2_" in said


def test_check_starts_nothing_and_makes_no_folder(run: Run, settings: config.Settings) -> None:
    run("check", "--probe")

    assert not settings.data_dir.exists()
