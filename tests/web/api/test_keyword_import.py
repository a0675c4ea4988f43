"""Keyword files as uploads: small ones at once, large ones by a job, strange ones refused."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import config
from clients import storage
from errors import DataError
from jobs import tracking
from state.tracking import keywords
from topics.tracking import projects, uploads
from web.api import keyword_import as routes

I = "/api/v1/keywords/import"  # noqa: E741

CSV = "Keyword,Volume,Tags\nblue shoes,1000,a\nred shoes,,\n-- ,5,\n"


def send(client: FlaskClient, body: str | bytes, query: Any = None, kind: str = "text/csv") -> Any:
    return client.post(I, data=body, content_type=kind, query_string={"project_id": "example.com"} if query is None else query)


@pytest.fixture(autouse=True)
def project() -> None:
    projects.add("example.com")


def test_a_small_file_is_imported_at_once_and_bad_lines_are_named(client: FlaskClient) -> None:
    reply = send(client, CSV)

    assert reply.status_code == 200 and reply.json["job"] is None
    result = reply.json["result"]
    assert (result["added"], result["bad_count"], [one["line"] for one in result["bad"]]) == (2, 1, [4])
    assert send(client, CSV).json["result"]["known"] == 2
    assert projects.find_keyword("blue shoes", "example.com").volume == 1000


def test_a_file_of_excel_with_its_mark_and_semicolons_is_read(client: FlaskClient) -> None:
    reply = send(client, "\ufeffKeyword;Volume\nfußball;1.200\n".encode(), kind="application/vnd.ms-excel")

    assert reply.json["result"]["added"] == 1 and projects.find_keyword("fußball", "example.com").volume == 1200


def test_a_form_brings_the_same_file(client: FlaskClient) -> None:
    data = {"file": (io.BytesIO("schön\nweiß\n".encode()), "C:\\lists\\words.txt")}
    reply = client.post(I, data=data, query_string={"project_id": "example.com"})

    assert reply.json["result"]["added"] == 2


@pytest.mark.parametrize("data", [{}, {"other": (io.BytesIO(b"a"), "a.csv")}, {"file": "no file"}])
def test_a_form_without_the_file_is_refused(client: FlaskClient, data: Any) -> None:
    reply = client.post(I, data=data, content_type="multipart/form-data", query_string={"project_id": "example.com"})

    assert reply.status_code == 422 and "-F file=@" in reply.json["detail"]


@pytest.mark.parametrize(
    ("body", "query", "kind", "status", "word"),
    [
        ("", None, "text/csv", 422, "empty"),
        ("{}", None, "application/json", 415, "text/csv"),
        (CSV, {"project_id": "nosuch"}, "text/csv", 404, "/api/v1/projects"),
        (CSV, {}, "text/csv", 422, "project"),
        (CSV, {"project_id": "example.com", "column": "none"}, "text/csv", 422, "column"),
        (CSV, {"project_id": "example.com", "encoding": "klingon"}, "text/csv", 422, "encoding"),
        (CSV, {"project_id": "example.com", "encoding": "idna"}, "text/csv", 422, "encoding"),
        (CSV, {"projekt_id": "example.com"}, "text/csv", 422, "project_id"),
        (b"PK\x03\x04" + b"x" * 50, None, "application/octet-stream", 422, "words.csv"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, None, "application/octet-stream", 422, "words.csv"),
    ],
)
def test_what_is_no_keyword_file_is_refused(
    client: FlaskClient, body: Any, query: Any, kind: str, status: int, word: str
) -> None:
    query = {"project_id": "example.com", "name": "words.csv"} if query is None else query
    reply = send(client, body, query, kind)

    assert reply.status_code == status and word in reply.json["detail"] and "/tmp" not in reply.text
    assert keywords.count_of("example.com") == 0


def test_a_large_file_is_a_jobs_work_that_may_be_repeated(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "AT_ONCE_BYTES", 10)
    kept: list[str] = []
    monkeypatch.setattr(uploads, "keep", lambda body, keep=uploads.keep: kept.append(keep(body)) or kept[0])
    reply = send(client, CSV)

    assert reply.status_code == 202 and reply.json["result"] is None and reply.json["job"]["status"] == "pending"
    assert tracking.import_keywords(kept[0], "words.csv", "example.com")["added"] == 2
    assert tracking.import_keywords(kept[0], "words.csv", "example.com")["known"] == 2


def test_tags_of_a_whole_file_and_its_ranks_of_past_days(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"project_id": "example.com", "name": "words.csv", "tag": ["old tool", "q4"], "ranks": "true"}
    file = "keyword,date,position\noak,2025-03-01,4\n"

    assert send(client, file, query).json["result"]["ranks"] == 1
    (keyword,) = keywords.in_project("example.com")
    assert keyword.tags == ("old tool", "q4")

    monkeypatch.setattr(routes, "AT_ONCE_BYTES", 10)
    submit = routes.queues.submit
    sent: list[Any] = []
    monkeypatch.setattr(routes.queues, "submit", lambda *args, **more: sent.append((args[1:], more)) or submit(*args, **more))
    assert send(client, file, query).status_code == 202
    ((args, more),) = sent
    del more["labels"]
    assert tracking.import_keywords(*args, **more)["ranks_known"] == 1


def test_a_file_beyond_the_bound_is_refused(client: FlaskClient) -> None:
    with config.overridden(web_max_upload_mb=1):
        for body in ("x\n" * 600_000, io.BytesIO(b"x\n" * 600_000)):
            reply = send(client, body)
            assert reply.status_code == 413 and "WEB_MAX_UPLOAD_MB" in reply.json["detail"]


def test_a_kept_file_goes_after_a_week_and_its_job_says_so() -> None:
    with clock.frozen(clock.now() - timedelta(days=9)):
        old = uploads.keep(b"a")
    new = uploads.keep(b"b")

    assert list(storage.make(config.settings()).keys("uploads/")) == [new]
    with pytest.raises(DataError, match="send it again"):
        tracking.import_keywords(old, "a.csv", "example.com")
