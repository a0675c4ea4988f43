"""The whole path on recorded real pages: every stored rank equals the recorded truth.

Scheduler, workers and the provider are real processes and a real protocol; only the pages come from a folder instead of Google.
"""

import contextlib
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clock
import models
from parsing import domains, serp, slugs, urls
from sandbox import server
from state.tracking import history, keywords
from state.tracking import projects as stored_projects
from tests import patience
from tests.parsing.samples import CORPUS, need_corpus
from topics.operations import status
from topics.tracking import answering, projects

ROOT = Path(__file__).resolve().parent.parent
WITHIN_S = 3 * patience.HANG_S

#: Hosts taken of each recorded page, from its top, its middle and its end.
HOSTS_PER_PAGE = 4

pytestmark = pytest.mark.real_redis


def recorded() -> dict[str, list[dict[str, Any]]]:
    """Query → its organic results (url, position), of every page whose whole order is known and whose query is recorded once.

    Left out are three pages that say that they answer another query than the index has for them: no rank may come of those.
    """
    need_corpus()
    index = CORPUS / "serp" / "truth.jsonl"
    lines = [json.loads(text) for text in index.read_text().splitlines()]
    queries = [slugs.normalise(line.get("query") or "") for line in lines]
    return {
        query: line["organic"]
        for query, line in zip(queries, lines, strict=True)
        if query and line.get("organic") and queries.count(query) == 1 and answers(line)
    }


def answers(line: dict[str, Any]) -> bool:
    """Whether a recorded page answers the query that the index has for it."""
    page = serp.parse(gzip.decompress((CORPUS / line["file"]).read_bytes()), url=line.get("query_url") or "")
    return answering.answers(page, line["query"])


def track(truth: dict[str, list[dict[str, Any]]]) -> dict[str, tuple[str, int | None]]:
    """Each query as a keyword of hosts on its page and of one that is not there: keyword id → (host, position or None)."""
    expected = {}
    for query, organic in truth.items():
        hosts = list(dict.fromkeys(urls.host_of(row["url"]) for row in organic if row["url"]))
        step = max(1, len(hosts) // HOSTS_PER_PAGE)
        for host in [*hosts[::step][:HOSTS_PER_PAGE], "nowhere.example"]:
            project = project_of(str(host).removeprefix("www."))
            projects.add_keywords(project.id, [query])
            target = domains.parse_target(project.domain)
            positions = [number for number, row in enumerate(organic, 1) if domains.matches(target, row["url"])]
            expected[keywords.id_of(project.id, query)] = (project.domain, positions[0] if positions else None)
    return expected


def project_of(host: str) -> models.Project:
    return stored_projects.find(projects.id_for(host)) or projects.add(host, projects.Options(id=projects.id_for(host)))


@contextlib.contextmanager
def processes(*commands: list[str], log: Path, **env: str) -> Iterator[None]:
    """`manage.py` commands as processes, ended politely behind the block."""
    running = []
    with log.open("w") as output:
        for command in commands:
            argv = [sys.executable, "manage.py", *command]
            running.append(subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}, stdout=output, stderr=output))
        try:
            yield
        finally:
            for process in running:
                process.terminate()
            codes = [process.wait(timeout=patience.HANG_S) for process in running]
    assert codes == [0] * len(codes), log.read_text()[-3000:]


@pytest.mark.parametrize("opaque", [0, 1], ids=["plain links", "opaque links"])
def test_every_stored_rank_equals_the_recorded_one(real_server: str, tmp_path: Path, opaque: float) -> None:
    truth = recorded()
    expected = track(truth)
    log = tmp_path / "log"
    with server.Sandbox(replay=CORPUS, opaque=opaque) as sandbox:
        env = {"REDIS_URL": real_server, "SANDBOX_URL": sandbox.url, "SERP_PROVIDER": "sandbox", "DATA_DIR": str(tmp_path)}
        with processes(["scheduler"], ["worker", "--processes", "4"], log=log, SERP_ENQUEUE_INTERVAL="1", **env):
            deadline = clock.monotonic() + WITHIN_S
            while (now := status.now()).scraped_last_hour < len(expected):
                assert clock.monotonic() < deadline, f"{now}\n{log.read_text()[-3000:]}"
                clock.wait(0.1)

    found = {keyword_id: ranks[-1] for keyword_id, ranks in zip(expected, history.of_many(list(expected)), strict=True)}
    wrong = {
        (keywords.get(keyword_id).text, host): (position, str(found[keyword_id]))
        for keyword_id, (host, position) in expected.items()
        if found[keyword_id].rank != position or found[keyword_id].approximate
    }
    assert len(expected) > 200
    assert not wrong
