"""/transfer: an export to fetch, a file to import, and what became of its lines."""

import io
from collections.abc import Callable

from flask.testing import FlaskClient

from state.store import connection
from tests.web.conftest import KeyClient
from topics.tracking import projects
from worker import inline


def test_an_export_is_fetched_and_imported_again(client: FlaskClient) -> None:
    projects.add("example.com", projects.Options(id="p"))
    sent = client.post("/transfer/export", data={"format": "jsonl"})
    assert "Look again" in client.get(sent.location).text
    inline.run_until_idle()
    page = client.get(sent.location).text
    address = page.partition('<a href="')[2] and page[page.index("/api/v1/export/") :].partition('"')[0]
    file = client.get(address).data
    connection.client().flushall()

    for is_dry in (True, False):
        form = {"file": (io.BytesIO(file + b""), "all.jsonl.gz"), "on_conflict": "keep", **({"dry_run": "1"} if is_dry else {})}
        sent = client.post("/transfer/import", data=form)
        inline.run_until_idle()
        page = client.get(sent.location).text
        assert '<th scope="row">project</th><td class="right">1</td>' in page and ("nothing was written" in page) is is_dry
    assert projects.named("p").domain == "example.com"


def test_what_is_wrong_is_said_on_the_page(client: FlaskClient, key_client: Callable[..., KeyClient]) -> None:
    sent = client.post("/transfer/import", data={"file": (io.BytesIO(b"keyword\n"), "k.csv"), "on_conflict": "keep"})
    assert "its first line must be its header" in sent.text
    assert "is empty" in client.post("/transfer/import", data={"file": (io.BytesIO(b""), "k")}).text
    assert client.post("/transfer/export", data={"format": "xml"}).status_code == 422
    viewer = key_client("viewer")
    assert viewer.get("/transfer").status_code == viewer.post("/transfer/export").status_code == 403
