"""What to do about a job that failed: one sentence for each class of error, and where to look on."""

import re
from typing import Any

import pytest

import errors
import queues
from engine import retry_rows
from manage import cli
from models import JobStatus
from state.store import keys
from topics.operations import advice, jobs
from topics.operations.job_records import Job
from worker import inline


@queues.job(kind="advised", retries=0)
def advised(what: str) -> None:
    """Fail as told."""
    raise vars(errors)[what]("told to") if what in vars(errors) else ValueError(what)


def failed(error: str = "", category: str = "system", **facts: Any) -> Job:
    return Job("job-1", JobStatus.FAILED, "FAILURE", error_category=category, error_class=error or None, **facts)


@pytest.mark.parametrize("name", sorted(retry_rows.CLASSES))
def test_each_class_of_errors_has_its_own_advice_or_that_of_the_class_above(name: str) -> None:
    kind = retry_rows.CLASSES[name]
    above = [one.__name__ for one in kind.__mro__ if one.__name__ in advice.OF_CLASS]
    assert advice.of(failed(name, kind.category)) == advice.OF_CLASS[above[0]].replace(" ID", " job-1")
    assert above[0] != "TrawlError" or name == "TrawlError", f"{name} needs advice of its own"


@pytest.mark.parametrize("text", [*advice.OF_CLASS.values(), *advice.OF_OTHERS.values(), advice.OF_CODE])
def test_advice_is_short_and_names_commands_and_settings_that_exist(text: str) -> None:
    assert len(text) < 130 and text.endswith(".")
    for command in re.findall(r"`python manage.py ([a-z ]+)", text):
        found: Any = cli
        for word in command.split():
            found = found.commands[word] if hasattr(found, "commands") else found
    from config import Settings

    assert all(name.lower() in Settings.model_fields for name in re.findall(r"\b[A-Z]+_[A-Z_]+\b", text))


def test_how_it_ended_and_what_python_says_count_where_the_class_says_less() -> None:
    assert advice.of(failed("SystemFault", failure="poisoned")) == advice.OF_CLASS["Poisoned"]
    assert advice.of(failed("MemoryError")) == advice.OF_OTHERS["MemoryError"]
    assert advice.of(failed("KeyError")) == advice.OF_CODE.replace(" ID", " job-1")
    assert advice.of(failed("", "budget")) == advice.OF_CLASS["BudgetError"], "the history keeps the category alone"
    assert advice.of(failed("ConnectionResetError", "network")) == advice.OF_CLASS["NetworkError"]
    assert advice.of(failed("NotOfThisVersion", "data")) == advice.OF_CLASS["DataError"]


def test_there_is_none_for_a_job_that_did_not_fail() -> None:
    for status in set(JobStatus) - {JobStatus.FAILED, JobStatus.RETRY}:
        job = Job("1", status, "", error_category="network", host="a.com", kind="serp")
        assert advice.of(job) is None and advice.links(job) == {} and advice.commands(job) == []


def test_links_lead_to_the_host_and_to_the_provider_where_it_is_needed() -> None:
    page, check = failed("PageLate", "network", host="a.com:8080", kind="scrape"), failed("ProviderBusy", "network", kind="x")
    assert advice.links(page) == {"host": "/api/v1/hosts/a.com%3A8080"} and advice.links(check) == {"provider": "/api/v1/status"}
    assert advice.commands(page) == ["python manage.py hosts show a.com:8080"]
    assert advice.links(failed(kind="serp")) == {"provider": "/api/v1/status"}


@pytest.mark.parametrize(("what", "kept"), [("NoSuchHost", "NoSuchHost"), ("code", "ValueError")])
def test_a_job_that_failed_keeps_the_class_of_its_error(store: Any, what: str, kept: str) -> None:
    job_id = queues.submit(advised, what).job_id
    inline.run_until_idle()
    found = jobs.get_job_status(job_id)
    assert found.error_class == kept and store.hget(keys.job(job_id), "error_class") == kept.encode()
    assert advice.of(found) == advice.OF_CLASS.get(what, advice.OF_CODE).replace(" ID", f" {job_id}")
