"""Exports and imports over HTTP: a file to fetch, a file to send, and nobody gets or writes what is another's."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import config
from lead_models import Fact
from state.leads import companies
from state.store import connection
from tests.web.conftest import KeyClient
from topics.tracking import projects
from topics.transfer import parcels
from worker import inline


def company(owner: str) -> None:
    facts = {"name": Fact(value=owner, source="dns", at_ms=1)}
    companies.put([companies.Update(owner, "", f"{owner.lower()}.example", owner, owner, (), facts)])


def exported(client: FlaskClient, **body: Any) -> bytes:
    made = client.post("/api/v1/export", json=body)
    assert made.status_code == 202, made.text
    address = f"/api/v1/export/{made.json['job_id']}/file"
    assert client.get(address).status_code == 202, "it is not written yet"
    inline.run_until_idle()
    found = client.get(address)
    assert found.status_code == 200, found.text
    return found.data


def imported(client: FlaskClient, body: bytes, query: str = "", **given: Any) -> dict[str, Any]:
    made = client.post(f"/api/v1/import{query}", data=body, **{"content_type": "application/gzip", **given})
    assert made.status_code == 202, made.text
    inline.run_until_idle()
    result = client.get(f"/api/v1/jobs/{made.json['job']['job_id']}/result")
    assert result.status_code == 200, result.text
    return dict(result.json["result"])


def test_a_key_fetches_what_is_its_own_and_imports_it_as_itself(
    key_client: Callable[..., KeyClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "PART", 100)  # many parts
    shop, other = key_client("operator"), key_client("operator")
    company(shop.key.id)
    company("others")
    projects.add("example.com", projects.Options(id="p"))
    file = exported(shop)
    told = [json.loads(line) for line in gzip.decompress(file).splitlines()]
    assert [one["owner"] for one in told if one["kind"] == "company"] == [shop.key.id]

    dry = imported(other, file, "?dry_run=true")
    assert companies.count(other.key.id) == 0 and dry["counts"]["company"]["new"] == 1
    done = imported(other, file, "?on_conflict=replace")

    assert (done["totals"]["new"], done["totals"]["refused"]) == (1, 0)
    assert (companies.count(other.key.id), companies.count(shop.key.id)) == (1, 1), "as itself, whoever the file names"


def test_nobody_fetches_the_export_of_another_and_nobody_below_operator_makes_one(key_client: Callable[..., KeyClient]) -> None:
    shop, other, viewer = key_client("operator"), key_client("operator"), key_client("viewer")
    job = shop.post("/api/v1/export", json={}).json["job_id"]
    inline.run_until_idle()
    assert other.get(f"/api/v1/export/{job}/file").status_code == 404
    assert viewer.post("/api/v1/export", json={}).status_code == viewer.post("/api/v1/import", data=b"x").status_code == 403


def test_csv_is_a_zip_of_tables_in_which_no_cell_is_a_formula(client: FlaskClient) -> None:
    projects.add("example.com", projects.Options(id="p", name="@SUM(1)"))
    projects.add_keywords("p", ["=cmd|' /C calc'!A0", "straße"])
    with zipfile.ZipFile(io.BytesIO(exported(client, format="csv"))) as archive:
        assert archive.testzip() is None
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    keywords = {row["keyword"] for row in csv.DictReader(io.StringIO(texts["keywords.csv"]))}
    [project] = csv.DictReader(io.StringIO(texts["projects.csv"]))
    assert keywords == {"'=cmd|' /C calc'!A0", "straße"} and project["name"] == "'@SUM(1)"


def test_what_cannot_be_exported_or_imported_is_refused_with_a_remedy(client: FlaskClient) -> None:
    for body, field in (({"kinds": ["shoe"]}, "kinds"), ({"projects": ["no"]}, "projects"), ({"format": "xml"}, "format")):
        refused = client.post("/api/v1/export", json=body)
        assert refused.status_code in (404, 422) and field in refused.text + field
    assert client.post("/api/v1/import", data=b"").status_code == 422
    assert client.post("/api/v1/import", data={"a": "b"}).status_code == 415
    assert client.post("/api/v1/import?on_conflict=ours", data=b"x").status_code == 422
    with config.overridden(web_max_import_mb=1):
        large = client.post("/api/v1/import", data=b"x" * (1 << 20 | 1), content_type="application/gzip")
    assert large.status_code == 413 and "WEB_MAX_IMPORT_MB=1" in large.json["detail"]


def test_a_form_brings_a_file_too(client: FlaskClient) -> None:
    refused = client.post("/api/v1/import", data={"file": (io.BytesIO(b"keyword\nshoes\n"), "k.csv")})
    assert refused.status_code == 422 and "no export of Trawl" in refused.json["detail"]
    projects.add("example.com", projects.Options(id="p"))
    file = exported(client, kinds=["project"])
    connection.client().flushall()
    form = {"data": {"file": (io.BytesIO(file), "all.jsonl.gz")}, "content_type": "multipart/form-data"}
    made = client.post("/api/v1/import", **form)
    inline.run_until_idle()
    assert made.status_code == 202 and projects.named("p").domain == "example.com"


@pytest.mark.parametrize(
    "body",
    [bytes(4096), b"a,b\n1,2\n", b'{"kind":"trawl-backup","version":1}\n', gzip.compress(b"no\n", mtime=0), b"\x1f\x8bno"],
    ids=["zeros", "CSV", "a backup", "packed", "damaged"],
)
def test_what_is_no_export_is_refused_before_it_is_kept(client: FlaskClient, body: bytes) -> None:
    told = client.post("/api/v1/import", data=body)
    assert told.status_code == 422 and "no export of Trawl" in told.get_json()["detail"]
    assert client.get("/api/v1/jobs").get_json()["items"] == []
