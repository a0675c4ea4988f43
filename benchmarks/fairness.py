"""The share and the longest wait of a project while others have more work: Trawl's turns beside one FIFO queue.

    python benchmarks/fairness.py [--big 1200]

Workers are slower than the ticks. A big project is due for the first time and fills the queues. Another project has five
re-scrapes. When a sixth of the work is done, more projects come: a small one, one with three times the weight, and 20 with one
keyword each.

- share: the project's part of all jobs that ended while it had work.
- by weight: the part that its weight gives it among the projects with work.
- longest wait: between two of its jobs, or from its coming to its first job; in jobs of other projects, and in seconds.

The seconds depend on the machine. The number of jobs does not.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import models
import queues
from benchmarks import engine_jobs, servers, stage
from state.engine import payload
from state.store import connection, keys
from state.tracking import batches, keywords, projects

PROCESSES, THREADS = 2, 4
WORK = batches.Work("benchmarks.engine_jobs.look", 60)
DEPTH = 5000
TINY = 20


@dataclass(frozen=True, slots=True)
class Given:
    """A project of the benchmark; `late`: it comes when a sixth is done, `again`: its keywords were checked before."""

    name: str
    count: int
    weight: float = 1.0
    late: bool = False
    again: bool = False


@dataclass(slots=True)
class Came:
    """When a project came: after so many jobs, at this time (s)."""

    place: int
    at: float


@dataclass(frozen=True, slots=True)
class Fare:
    """The share of a project from its coming to its last job, and its longest wait."""

    share: float
    by_weight: float
    places: int
    seconds: float
    after: int


Lay = Callable[[Given], None]


def main() -> None:
    """Run both and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--big", type=int, default=1200, help="keywords of the big project (default: 1200)")
    big = parser.parse_args().big
    given = [Given("big", big), Given("re-scrapes", 5, again=True), Given("small", 5, late=True)]
    given += [Given("triple weight", 90, weight=3, late=True), *(Given(f"tiny {n}", 1, late=True) for n in range(TINY))]
    for name, lay in {"Trawl": tick, "one FIFO queue": fifo}.items():
        with servers.throw_away() as url:
            order, came = run(given, lay, url)
        table(name, given, order, came)


def run(given: list[Given], lay: Lay, url: str) -> tuple[list[tuple[str, float]], dict[str, Came]]:
    """Let all projects come and all jobs end. Returns (project, end) of each job in order, and when each project came."""
    whose, came = {}, {}
    for one in given:
        made = projects.add(models.Project(id=one.name, domain="example.com", name=one.name, folder=one.name, weight=one.weight))
        whose.update(dict.fromkeys(add(one, made.id), one.name))
    crew = None
    try:
        for late in (False, True):
            if late:
                crew = stage.Crew("engine", PROCESSES, THREADS, 1, url=url)
                servers.until(lambda: done_count() >= given[0].count // 6, within_s=120)
            place, at = done_count(), now()
            for one in given:
                if one.late == late:
                    came[one.name] = Came(place, at)
                    lay(one)
        servers.until(lambda: done_count() == len(whose), within_s=600)
        return [(whose[keyword], at) for at, keyword in sorted(ends())], came
    finally:
        if crew:
            crew.end()


def add(one: Given, project_id: str) -> list[str]:
    """Add the keywords of a project, none of them due yet. Returns their ids."""
    redis, texts = connection.client(), [f"keyword {number}" for number in range(one.count)]
    keywords.add_many(project_id, texts)
    ids = [keywords.id_of(project_id, text) for text in texts]
    projects.set_active(project_id, False)
    for keyword_id in ids if one.again else ():
        redis.hset(keys.keyword(keyword_id), "s", 1)
        redis.zadd(keys.due(project_id), {keyword_id: 1})
    return ids


def tick(one: Given) -> None:
    """Make the project due, and tick until nothing is due."""
    projects.set_active(one.name, True)
    while batches.take(500, WORK, max_depth=DEPTH).total:
        pass


def fifo(one: Given) -> None:
    """Put the same jobs at the end of one queue, without turns."""
    ids = [keywords.id_of(one.name, f"keyword {number}") for number in range(one.count)]
    queues.submit_many([(engine_jobs.look, keyword_id) for keyword_id in ids])


def done_count() -> int:
    """How many jobs have ended."""
    redis = connection.client()
    return sum(int(redis.zcard(keys.RQ_FINISHED + name)) for name in queues.QUEUES)


def ends() -> list[tuple[float, str]]:
    """When the check of each keyword ended."""
    redis, found = connection.client(), []
    for name in queues.QUEUES:
        for job in redis.zrange(keys.RQ_FINISHED + name, 0, -1):
            data, ended = redis.hmget(keys.job(job.decode()), "data", "ended_at")
            at = datetime.fromisoformat(ended.decode()).timestamp()
            found.append((at, payload.of_job(data)[1][0]))
    return found


def now() -> float:
    """The clock that job records are written by."""
    return connection.now().timestamp()


def table(title: str, given: list[Given], order: list[tuple[str, float]], came: dict[str, Came]) -> None:
    """Print the share of each project; of the tiny projects only the one that waited longest."""
    print(f"{title:<18} {'jobs':>5} {'weight':>6} {'share':>6} {'by weight':>10}   {'longest wait':>22}   done after")
    fared = {one.name: fare(one, given, order, came) for one in given}
    tiny = max((one.name for one in given if one.name.startswith("tiny")), key=lambda name: fared[name].places)
    for one in given:
        if one.name.startswith("tiny") and one.name != tiny:
            continue
        name, got = f"{TINY} tiny, the worst" if one.name == tiny else one.name, fared[one.name]
        wait = f"{got.places:>5} jobs {got.seconds:>9.2f} s"
        shares = f"{got.share:>6.0%} {got.by_weight:>10.0%}"
        print(f"{name:<18} {one.count:>5} {one.weight:>6g} {shares}   {wait:>22}   {got.after:>5} jobs")
    print()


def fare(one: Given, given: list[Given], order: list[tuple[str, float]], came: dict[str, Came]) -> Fare:
    """The share of a project."""
    begin, last = came[one.name].place, {name: place for place, (name, _) in enumerate(order)}
    mine = [place for place, (name, _) in enumerate(order) if name == one.name]
    length = last[one.name] + 1 - begin
    fair = sum(by_weight(one, place, given, came, last) for place in range(begin, begin + length)) / length
    places = max(place - before - 1 for before, place in pairwise([begin - 1, *mine]))
    seconds = max(then - before for before, then in pairwise([came[one.name].at, *(order[place][1] for place in mine)]))
    return Fare(len(mine) / length, fair, places, seconds, length)


def by_weight(one: Given, place: int, given: list[Given], came: dict[str, Came], last: dict[str, int]) -> float:
    """The part of its weight among all projects with work at that moment."""
    return one.weight / sum(other.weight for other in given if came[other.name].place <= place <= last[other.name])


if __name__ == "__main__":
    main()
