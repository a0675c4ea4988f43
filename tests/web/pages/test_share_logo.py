"""The picture and the name of who runs the server, on the pages of share links."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import config
from topics.operations import shares
from topics.tracking import projects
from web.pages import share_logo

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 50
SVG = b"\xef\xbb\xbf\n<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def path() -> str:
    project = projects.add("example.com")
    return f"/share/{shares.add(project.id, 'ada')[1]}"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "logo"
    with config.overridden(share_logo=made, share_name="Acme & <b>Sons"):
        yield made


def src(page: str) -> str:
    return page.partition('class="logo" src="')[2].partition('"')[0]


def test_without_a_setting_there_is_none(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert 'class="logo"' not in page and "Trawl made this report" in page
    assert client.get("/share-logo/0").status_code == 404


@pytest.mark.parametrize(("body", "kind"), [(PNG, "image/png"), (SVG, "image/svg+xml"), (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp")])
def test_the_picture_comes_as_what_it_is_and_may_do_nothing(
    client: FlaskClient, path: str, file: Path, body: bytes, kind: str
) -> None:
    file.write_bytes(body)
    page = client.get(path)
    assert 'alt="Acme &amp; &lt;b&gt;Sons"' in page.text and "img-src 'self'" in page.headers["Content-Security-Policy"]
    found = client.get(src(page.text))
    assert (found.status_code, found.mimetype, found.data) == (200, kind, body)
    assert "sandbox" in found.headers["Content-Security-Policy"] and found.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in found.headers["Cache-Control"]


def test_another_picture_has_another_address(client: FlaskClient, path: str, file: Path) -> None:
    file.write_bytes(PNG)
    first = src(client.get(path).text)
    file.write_bytes(PNG + b"x")
    os.utime(file, ns=(1, 1))
    second = src(client.get(path).text)
    assert first != second and client.get(first).status_code == 404 and client.get(second).status_code == 200


LARGE = PNG + b"\0" * share_logo.MOST_BYTES


@pytest.mark.parametrize(
    ("body", "says"),
    [(None, "No such file"), (b"<html><script>", "no PNG"), (LARGE, "KB"), (b"", "no PNG")],
    ids=["gone", "page", "large", "empty"],
)
def test_what_cannot_be_shown_is_left_out_and_said_once(
    client: FlaskClient, path: str, file: Path, caplog: pytest.LogCaptureFixture, body: bytes | None, says: str
) -> None:
    if body is not None:
        file.write_bytes(body)
    for _ in "12":
        page = client.get(path)
        assert page.status_code == 200 and 'class="logo"' not in page.text
    assert len([one for one in caplog.records if "SHARE_LOGO" in one.message and says in one.getMessage()]) == 1
