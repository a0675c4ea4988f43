"""Files for browsers: packed where that is understood, kept for ever, and the vendored ones as they were published."""

import gzip
import hashlib

import pytest
from flask.testing import FlaskClient

from web.pages import assets


def address(client: FlaskClient, name: str) -> str:
    return f"/static/{assets.digest_of(name)}/{name}"


@pytest.mark.parametrize("name", sorted(assets._names()))
def test_a_file_is_sent_packed_and_kept_for_ever(client: FlaskClient, name: str) -> None:
    packed = client.get(address(client, name), headers={"Accept-Encoding": "gzip, br"})
    plain = client.get(address(client, name), headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data == (assets.FOLDER / name).read_bytes()
    assert packed.headers["Cache-Control"] == assets.FOREVER and packed.headers["Vary"] == "Accept-Encoding"
    assert packed.mimetype == plain.mimetype == assets.TYPES[f".{name.rpartition('.')[2]}"]


@pytest.mark.parametrize("name", sorted(assets.VENDORED))
def test_vendored_files_are_as_they_were_published(name: str) -> None:
    assert hashlib.sha256((assets.FOLDER / name).read_bytes()).hexdigest() == assets.VENDORED[name][1]


@pytest.mark.parametrize("path", ["/static/000000000000/trawl.css", "/static/x/../../frame.py", "/static/x/none.css"])
def test_another_address_is_gone(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_first_visit_is_small(client: FlaskClient) -> None:
    assert sum(len(assets._packed(name)) for name in assets._names()) < 60_000
