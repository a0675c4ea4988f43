"""Uploads through a real server: a keyword file may be larger than other requests, and has its own bound."""

from pathlib import Path

import pytest
import requests

from tests import patience
from tests.web import servers

pytestmark = pytest.mark.real_redis


def test_a_keyword_file_may_be_larger_than_a_request_and_not_larger_than_its_own_bound(tmp_path: Path, real_server: str) -> None:
    env = {"REDIS_URL": real_server, "WEB_MAX_UPLOAD_MB": "2", "DATA_DIR": str(tmp_path / "data"), "ALLOW_UNSAFE_REDIS": "1"}
    with servers.own(tmp_path, **env) as web:
        base = f"http://127.0.0.1:{web.port}/api/v1"

        def post(path: str, body: bytes) -> requests.Response:
            headers = {"Content-Type": "text/csv" if "import" in path else "application/json"}
            return requests.post(f"{base}{path}", data=body, headers=headers, timeout=patience.HANG_S)

        assert post("/projects", b'{"domain": "example.com"}').status_code == 201
        kept = post("/keywords/import?project_id=example.com", b"Keyword\n" + b"shoes of many colours\n" * 70_000)
        assert kept.status_code == 202 and kept.json()["job"]["id"], kept.text
        file = post("/keywords/import?project_id=example.com", b"Keyword\n" + b"shoes\n" * 400_000)
        assert file.status_code == 413 and "WEB_MAX_UPLOAD_MB=2" in file.json()["detail"]
        body = post("/projects", b" " * 1_500_000)
        assert body.status_code == 413 and "WEB_MAX_BODY_KB=1024" in body.json()["detail"]
        theirs = requests.post(f"http://127.0.0.1:{web.port}/v2/scrape", data=b" " * 1_500_000, timeout=patience.HANG_S)
        assert theirs.status_code == 400 and "WEB_MAX_BODY_KB=1024" in theirs.json()["error"] and not theirs.json()["success"]
        parts = {"file": ("words.txt", b"shoes\nhats\n" * 100_000)}
        form = requests.post(f"{base}/keywords/import?project_id=example.com", files=parts, timeout=patience.HANG_S)
        assert form.status_code == 202, form.text
