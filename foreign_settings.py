"""Names that people set and nothing here reads: of other systems, or misspelt. None is ignored without a word."""

import difflib
from collections.abc import Collection, Iterator, Mapping

#: Names other systems and hosts use for what is `REDIS_URL` here. Those of Celery count whatever they hold.
URLS = (
    *("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "BROKER_URL", "RESULT_BACKEND", "RQ_REDIS_URL", "RQ_URL", "VALKEY_URL"),
    *("REDIS_TLS_URL", "REDISCLOUD_URL", "REDISTOGO_URL", "REDISGREEN_URL", "OPENREDIS_URL", "STACKHERO_REDIS_URL", "KV_URL"),
    *("REDIS_URI", "REDIS_CONNECTION_STRING", "REDIS_PRIVATE_URL", "REDIS_PUBLIC_URL", "UPSTASH_REDIS_URL", "KEYDB_URL"),
)
SCHEMES = ("redis://", "rediss://", "unix://", "valkey://", "valkeys://", "redis+sentinel://", "sentinel://")

#: Names with a meaning elsewhere → what says the same here.
ELSEWHERE = {
    "MAX_PAGES": "each project has its depth (`project add --depth`, 10 results a page)",
    "MAX_WORKERS": "set WORKERS (processes) or WORKER_THREADS (jobs a process runs at a time)",
    "CONCURRENCY": "set WORKER_THREADS",
    "CELERYD_CONCURRENCY": "set WORKER_THREADS",
    "CELERY_WORKER_CONCURRENCY": "set WORKER_THREADS",
    "CELERYD_MAX_TASKS_PER_CHILD": "set WORKER_MAX_JOBS",
    "CELERY_WORKER_MAX_TASKS_PER_CHILD": "set WORKER_MAX_JOBS",
    "SCRAPE_DO_TOKEN": "set SCRAPEDO_TOKEN",
    "SCRAPEDO_API_KEY": "set SCRAPEDO_TOKEN",
    "SCRAPE_DO_API_KEY": "set SCRAPEDO_TOKEN",
    "SERP_API_KEY": "set SCRAPEDO_TOKEN",
    "AWS_S3_BUCKET": "set R2_BUCKET",
    "S3_BUCKET": "set R2_BUCKET",
    "REQUEST_TIMEOUT_S": "set REQUEST_TIMEOUT (seconds for one page at the provider)",
}

#: How names of ours begin: in the environment only these are taken for misspelt ones of ours.
FAMILIES = ("SERP_", "SCRAPEDO_", "SANDBOX_", "R2_", "WORKER_", "WORKERS_", "FETCH_", "WEBHOOK_", "SHUTDOWN_")

#: How alike two names must be for one to be meant by the other.
ALIKE = 0.8

#: Read by others, or by our tests, and no settings.
OURS = ("TRAWL_",)


def instead_of_redis_url(given: Mapping[str, str]) -> str | None:
    """The first name that holds what belongs into REDIS_URL; for where that is not set."""
    for name in sorted(given):
        known = name in URLS or (name.startswith("HEROKU_REDIS_") and name.endswith("_URL"))
        if known and given[name] and (name.startswith("CELERY_") or given[name].strip().startswith(SCHEMES)):
            return name
    return None


def hints(in_file: Mapping[str, str], in_environment: Mapping[str, str], settings: Collection[str]) -> Iterator[str]:
    """One line for each name that is set and not read: `settings` are those that are, in capitals."""
    places = [(name.strip("\ufeff").upper(), ".env") for name, value in in_file.items() if value]
    places += [(name.upper(), "the environment") for name, value in in_environment.items() if value]
    for name, place in dict(reversed(places)).items():
        if name in settings or name.startswith(OURS):
            continue
        if name in ELSEWHERE:
            yield f"{name} in {place} is not read here: {ELSEWHERE[name]}."
        elif place == ".env" or name.startswith(FAMILIES):
            near = difflib.get_close_matches(name, settings, n=1, cutoff=ALIKE)
            if near:
                yield f"{name} in {place} is no setting: is {near[0]} meant?"
            elif name.startswith(FAMILIES):
                yield f"{name} in {place} is no setting: see .env.example."
