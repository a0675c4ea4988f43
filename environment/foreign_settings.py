"""Names that people set and Trawl does not read: settings of other systems, or misspelt ones. Each gets a line."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import unquote

#: Names of other systems and hosts for our `REDIS_URL`. The names of Celery count whatever their value is.
URLS = (
    *("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "BROKER_URL", "RESULT_BACKEND", "RQ_REDIS_URL", "RQ_URL", "VALKEY_URL"),
    *("REDIS_TLS_URL", "REDISCLOUD_URL", "REDISTOGO_URL", "REDISGREEN_URL", "OPENREDIS_URL", "STACKHERO_REDIS_URL", "KV_URL"),
    *("FLY_REDIS_CACHE_URL", "REDIS_DSN", "REDIS_CONNECTION", "REDIS_ADDRESS", "DRAGONFLY_URL", "QUEUE_REDIS_URL"),
    *("REDIS_URI", "REDIS_CONNECTION_STRING", "REDIS_PRIVATE_URL", "REDIS_PUBLIC_URL", "UPSTASH_REDIS_URL", "KEYDB_URL"),
)
SCHEMES = ("redis://", "rediss://", "unix://", "valkey://", "valkeys://", "redis+sentinel://", "sentinel://")

#: Names of other systems → the setting of Trawl for the same thing.
ELSEWHERE = {
    "CONCURRENCY": "set WORKERS (processes) or WORKER_THREADS (jobs a process runs at a time)",
    "USER_AGENT": "set FETCH_USER_AGENT",
    "ROBOTSTXT_OBEY": "set OBEY_ROBOTS",
    "DOWNLOAD_DELAY": "set REQUEST_DELAY (seconds between two requests to one host)",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "set HOST_CONCURRENCY",
    "CELERYD_CONCURRENCY": "set WORKER_THREADS",
    "CELERY_WORKER_CONCURRENCY": "set WORKER_THREADS",
    "CELERYD_MAX_TASKS_PER_CHILD": "set WORKER_MAX_JOBS",
    "CELERY_WORKER_MAX_TASKS_PER_CHILD": "set WORKER_MAX_JOBS",
    "CELERY_TASK_TIME_LIMIT": "each job declares its own timeout_s",
    **dict.fromkeys(("CELERY_TASK_SERIALIZER", "CELERY_RESULT_SERIALIZER", "CELERY_ACCEPT_CONTENT"), "jobs are JSON; remove it"),
    **dict.fromkeys(("CELERY_TIMEZONE", "CELERY_ENABLE_UTC"), "times are UTC, and projects have zones; remove it"),
    "SCRAPE_DO_TOKEN": "set SCRAPEDO_TOKEN",
    "SCRAPEDO_API_KEY": "set SCRAPEDO_TOKEN",
    "SCRAPE_DO_API_KEY": "set SCRAPEDO_TOKEN",
    "SERP_API_KEY": "set SCRAPEDO_TOKEN",
    "AWS_S3_BUCKET": "set R2_BUCKET",
    "S3_BUCKET": "set R2_BUCKET",
    "UPSTASH_REDIS_REST_URL": "that is its address for HTTP: set REDIS_URL to the rediss:// address beside it",
    **dict.fromkeys(("REDISHOST", "REDIS_HOSTNAME", "REDIS_ENDPOINT"), "set REDIS_HOST, or REDIS_URL"),
    **dict.fromkeys(("REDISPORT", "REDISUSER", "REDISPASSWORD"), "set REDIS_URL"),
    **dict.fromkeys(("REDIS_DATABASE", "REDIS_DBNUM", "REDIS_DB_INDEX"), "set REDIS_DB"),
    **dict.fromkeys(("LOGLEVEL", "TRAWL_LOG_LEVEL"), "set LOG_LEVEL"),
    "WEBHOOK_HOSTS": "RQ's webhooks are no longer sent; remove it",
    "REQUEST_TIMEOUT_S": "set REQUEST_TIMEOUT (seconds for one page at the provider)",
}

#: The same of names that other programs of a machine read, too: in `.env` alone they are meant for us.
IN_FILE = {
    **dict.fromkeys(("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"), "REDIS_URL is both; remove it"),
    **dict.fromkeys(("WEB_PORT", "HTTP_PORT", "SERVER_PORT"), "set PORT"),
    "OPENAI_API_KEY": "set LLM_API=openai, LLM_API_KEY and LLM_MODEL",
    "AWS_ACCESS_KEY_ID": "set R2_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY": "set R2_SECRET_ACCESS_KEY",
    **dict.fromkeys(("AWS_DEFAULT_REGION", "AWS_REGION"), "set R2_REGION"),
}

#: Options of other systems → how to write the same here.
URL_OPTIONS = {
    **dict.fromkeys(("ssl", "tls", "use_ssl", "usetls"), "TLS is rediss://"),
    **dict.fromkeys(("virtual_host", "database", "dbnum", "defaultdatabase"), "the database is /N behind the port, or ?db=N"),
    **dict.fromkeys(("sentinel", "sentinels", "master_name", "service_name"), "sentinels are redis+sentinel://"),
    "family": "leave it out: IPv6 and IPv4 are both tried",
    **dict.fromkeys(("timeout", "connecttimeout", "connect_timeout"), "use socket_timeout or socket_connect_timeout, in seconds"),
    **dict.fromkeys(("pool_size", "maxtotal", "connection_limit"), "use max_connections"),
}

_SENTINELS = "redis+sentinel://HOST:26379,HOST:26379/NAME/0"

#: Parts of an address that other systems take one by one → how REDIS_URL holds the part, and whether a URL does.
PARTS: dict[str, tuple[str, Callable[[str], bool]]] = {
    **dict.fromkeys(("REDIS_USERNAME", "REDIS_USER"), ("redis://USER:PASSWORD@HOST:6379/0", lambda url: "@" in url)),
    **dict.fromkeys(("REDIS_SSL", "REDIS_TLS", "REDIS_USE_SSL", "REDIS_USE_TLS"), ("rediss://", lambda url: "rediss" in url)),
    **dict.fromkeys(
        ("REDIS_SENTINEL", "REDIS_SENTINELS", "REDIS_SENTINEL_HOST", "REDIS_SENTINEL_HOSTS", "REDIS_USE_SENTINEL"),
        (_SENTINELS, lambda url: "+sentinel" in url),
    ),
    **dict.fromkeys(
        ("REDIS_SENTINEL_MASTER", "REDIS_SENTINEL_MASTER_NAME", "REDIS_SENTINEL_SERVICE_NAME", "REDIS_MASTER_NAME"),
        (_SENTINELS, lambda url: "+sentinel" in url),
    ),
    "REDIS_SENTINEL_PASSWORD": ("?sentinel_password=", lambda url: "sentinel_password=" in url),
    "REDIS_MAX_CONNECTIONS": ("?max_connections=", lambda url: "max_connections=" in url),
    "REDIS_SOCKET_TIMEOUT": ("?socket_timeout=", lambda url: "socket_timeout=" in url),
    **dict.fromkeys(("REDIS_SOCKET", "REDIS_UNIX_SOCKET", "REDIS_SOCKET_PATH"), ("unix://", lambda url: url.startswith("unix"))),
}

#: Values that mean no.
NO = ("0", "false", "no", "off", "none")

#: How names of ours begin: in the environment only these are taken for misspelt ones of ours.
FAMILIES = ("SERP_", "SCRAPEDO_", "SANDBOX_", "R2_", "WORKER_", "WORKERS_", "FETCH_", "SHUTDOWN_")

#: How alike a misspelt name and a setting must be (1 = equal).
ALIKE = 0.8

#: Prefixes of names that are no settings but are read, e.g. by tests.
OURS = ("TRAWL_",)


def instead_of_redis_url(given: Mapping[str, str]) -> str | None:
    """The first name whose value belongs into REDIS_URL. For a process in which REDIS_URL is not set."""
    for name in sorted(given):
        known = name in URLS or (name.startswith("HEROKU_REDIS_") and name.endswith("_URL"))
        if known and given[name] and (name.startswith("CELERY_") or given[name].strip().startswith(SCHEMES)):
            return name
    return None


def hints(in_file: Mapping[str, str], in_environment: Mapping[str, str], settings: Collection[str]) -> Iterator[str]:
    """One line for each name that is set and not read. `settings` are the names that are read, in capitals."""
    places = [(name.strip("\ufeff").upper(), ".env") for name, value in in_file.items() if value]
    places += [(name.upper(), "the environment") for name, value in in_environment.items() if value]
    for name, place in dict(reversed(places)).items():
        if name in settings or name.startswith(OURS):
            continue
        known = {**ELSEWHERE, **IN_FILE} if place == ".env" else ELSEWHERE
        if name in known:
            yield f"{name} in {place} is not read here: {known[name]}."
        elif place == ".env" or name.startswith(FAMILIES):
            near = difflib.get_close_matches(name, settings, n=1, cutoff=ALIKE)
            if near:
                yield f"{name} in {place} is no setting: is {near[0]} meant?"
            elif name.startswith(FAMILIES):
                yield f"{name} in {place} is no setting: see .env.example."


def unread_parts(given: Mapping[str, str]) -> Iterator[str]:
    """One line for each part of an address that is set but not part of the address in use: a password beside REDIS_URL."""
    found = {name.upper(): value for name, value in given.items() if value}
    url = found.get("REDIS_URL", "").strip()
    for name, (written, has) in PARTS.items():
        if name in found and found[name].lower() not in NO and not has(url.lower()):
            yield f"{name} is not read here: put it into REDIS_URL ({written})."
    for name, usual in {"REDIS_HOST": "", "REDIS_PORT": "6379", "REDIS_DB": "0", "REDIS_PASSWORD": ""}.items():
        value = found.get(name, usual)
        if value == usual or (name == "REDIS_PORT" and "://" in value):  # of Kubernetes
            continue
        if url and not _holds(url, name, value):
            yield f"{name} is not read beside REDIS_URL, which says otherwise: put it in there, or unset one of them."
        if not url and "REDIS_HOST" not in found:
            yield f"{name} is not read without REDIS_HOST."


def _holds(url: str, name: str, value: str) -> bool:
    before, _, query = url.partition("://")[2].partition("?")
    login, _, place = before.rpartition("@")
    host, _, path = place.partition("/")
    if name == "REDIS_PASSWORD":
        return value == unquote(login.partition(":")[2]) or "password=" in query
    if name == "REDIS_DB":
        return value == path.rpartition("/")[2] or f"db={value}" in query.split("&")
    if name == "REDIS_PORT":
        return value == (host.rpartition(":")[2] if ":" in host else "6379")
    return value == host.rpartition(":")[0] or value == host
