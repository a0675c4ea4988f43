"""Workers killed while they enrich and score companies: none is lost, each is done once, and what was paid is in the budget.

Pages are counted by the site, questions by the model: both outside Redis.
"""

import random
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import clock
import config
import queues
from jobs import lead_scores
from lead_models import Company
from state.engine import children
from state.leads import companies, rescoring
from state.leads.companies import Update
from state.scraping import ledgers
from state.store import connection, keys
from tests.clients.llm import server
from tests.clients.llm.conftest import settings_of
from tests.faults import harness
from tests.local.real import until
from tests.topics.scraping import site as sites
from topics import budgets
from topics.leads import enrichments, many, model_file, scores, scoring
from topics.operations import jobs
from topics.scraping import stored

pytestmark = pytest.mark.real_redis

COMPANIES, KILLS, THREADS = 30, 4, 4

#: What the model takes for one question: 100 tokens at 3 USD a million, and 20 at 15.
PRICE_MICRO_USD = 600


@dataclass
class World:
    """The companies, and what was asked of their sites (host and path) and of the model."""

    ids: list[str]
    model: server.Model
    asked: Counter[str] = field(default_factory=Counter)
    env: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def world(scene: harness.Env, tmp_path: Path) -> Iterator[World]:
    """Companies on addresses of their own, and a model that reads when each was founded."""
    made = {"fetch_allow_networks": "127.0.0.0/8", "data_dir": tmp_path / "data"}
    with sites.served(on="0.0.0.0") as site, server.served() as model, config.overridden(**made, **settings_of(model, "openai")):
        stored.store.cache_clear()
        port = site.url.rpartition(":")[2]
        names = [f"127.0.1.{number + 1}" for number in range(COMPANIES)]
        updates = [Update("", f"http://{name}:{port}/", name, f"Acme {name}", f"acme {name}") for name in names]
        found = World([one.id for one in companies.put(updates)], model)
        for path, text in (("/", "We are Acme, founded in 1987."), ("/careers", "Join us. We have no open positions.")):
            site.pages[path] = _counted(found.asked, path, sites.page(path, "/careers", text=text))
        answer = server.says(data={"founded": 1987})
        model.will(lambda handler, body: (clock.wait(0.05), answer(handler, body))[1])
        found.env = {
            **{"FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "DATA_DIR": str(tmp_path / "data"), "HOST_CONCURRENCY": "100"},
            **{"TRAWL_TEST_NO_BACKOFF": "1", "LEADS_DNS": "0", "LLM_API": "openai", "LLM_BASE_URL": model.url},
            **{"LLM_API_KEY": "sk-x", "LLM_MODEL": "a-model", "LLM_PRICE_INPUT": "3", "LLM_PRICE_OUTPUT": "15"},
        }
        yield found
    stored.store.cache_clear()


def _counted(asked: Counter[str], path: str, body: str) -> sites.Page:
    def answer(headers: Mapping[str, str]) -> sites.Answer:
        asked[f"{headers.get('Host')}{path}"] += 1
        return sites.Answer(body)

    return answer


def read(world: World) -> list[Company]:
    return [one for one in companies.get(world.ids, None) if one]


def test_enrichments_survive_kills(scene: harness.Env, world: World, dice: random.Random) -> None:
    budgets.set_limit("system", micro_usd=10_000_000)
    program = scene.worker(2, THREADS, **world.env)
    parent = queues.submit_many([enrichments.call(lead_scores.enrich_companies, world.ids, None, ask_llm=True)])[0].job_id
    for number in range(1, KILLS + 1):
        until(lambda n=number: len(world.model.asked) >= n * COMPANIES // (KILLS + 2))
        program.send(signal.SIGKILL, [dice.choice(program.workers())])
    scene.settled([parent]).verify()
    told = many.kept(parent)
    assert told and (told["outcome"], told["enriched"]) == ("complete", COMPANIES), told
    assert children.below(parent) == []
    scene.settled([one["job"] for one in told["items"]]).verify()
    for company in read(world):
        assert {"founded", "hiring"} <= set(company.facts) and company.facts["founded"].value == 1987
        assert company.score is not None, "it was scored with what was read"
    check_pages(world)
    check_money(world)


def test_a_cancel_in_the_middle_leaves_nothing_that_goes_on(scene: harness.Env, world: World, dice: random.Random) -> None:
    scene.worker(2, THREADS, **world.env)
    parent = queues.submit_many([enrichments.call(lead_scores.enrich_companies, world.ids, None, ask_llm=True)])[0].job_id
    wanted = dice.randint(1, 4)
    until(lambda: len(world.model.asked) >= wanted)
    jobs.cancel_job(parent)
    before = len(world.model.asked)
    until(lambda: harness.status(parent) == "canceled" and not children.going_on(parent))
    below = children.below(parent)
    until(lambda: not connection.client().zcard(keys.LEASES) and not any(map(children.going_on, below)))
    asked = len(world.model.asked)
    statuses = [harness.status(one) for one in below]
    assert set(statuses) <= {"canceled", "finished"} and "canceled" in statuses
    assert asked - before <= 2 * THREADS, "what ran asks its question to the end, and no other is asked"
    assert all(ledger.is_over for ledger in ledgers.read_many(below) if ledger)
    assert not any(connection.client().llen(keys.queue(name)) for name in queues.QUEUES)
    assert len(world.model.asked) == asked, "nobody asks behind the cancel"


def check_pages(world: World) -> None:
    """Each page was fetched; again only where a kill took a request in flight, or what was read on its way to the store."""
    wanted = [name for name in world.asked if name.endswith(("/", "/careers"))]
    extra = sum(world.asked[name] for name in wanted) - 2 * COMPANIES
    print(f"{extra} requests more than pages, after {KILLS} kills")
    assert len(wanted) == 2 * COMPANIES and extra <= KILLS * 2 * THREADS


def check_money(world: World) -> None:
    """All that the model was paid is in the budget: as spent, or held until the lease of a question that died is over."""
    paid, found = len(world.model.asked) * PRICE_MICRO_USD, budgets.show("system").micro_usd
    extra = len(world.model.asked) - COMPANIES
    print(f"{extra} questions more than companies; {paid} paid, {found.spent} spent, {found.held} held")
    assert COMPANIES * PRICE_MICRO_USD <= found.spent <= paid <= found.spent + found.held
    assert 0 <= extra <= KILLS * THREADS, "each kill costs the questions that were in flight, and no others"


def test_a_scoring_of_all_survives_kills_and_writes_each_score_once(
    scene: harness.Env, tmp_path: Path, dice: random.Random
) -> None:
    updates = [Update("", "", f"c{number}.example", f"Acme {number}", f"acme {number}") for number in range(20_000)]
    ids = [made.id for at in range(0, len(updates), 500) for made in companies.put(updates[at : at + 500])]
    rescoring.mark(ids[:5000])
    program = scene.worker(2, THREADS, TRAWL_TEST_NO_BACKOFF="1", DATA_DIR=str(tmp_path / "data"))
    made = queues.submit(lead_scores.rescore)
    for part in (0.1, 0.3, 0.5, 0.7):
        until(lambda share=part: scored(ids) >= share * len(ids) or harness.status(made.job_id) == "finished")
        program.send(signal.SIGKILL, [dice.choice(program.workers())])
    scene.settled([made.job_id]).verify()
    assert harness.status(made.job_id) == "finished" and rescoring.take(1) == []
    scorer, now_ms = scoring.scorer(model_file.current()), round(clock.now().timestamp() * 1000)
    for at in range(0, len(ids), 500):
        found = [one for one in companies.get(ids[at : at + 500], None) if one]
        assert len(found) == 500 and all(scores.is_current(one, scorer, now_ms) for one in found)
    for one in dice.sample(ids, 200):
        assert len(companies.score_history(one)) == 1, "a score that comes out as it was is not written again"


def scored(ids: list[str]) -> int:
    """How many of them have a score, by a sample."""
    sample = companies.get(ids[::100], None)
    return 100 * sum(one is not None and one.score is not None for one in sample)
