"""The only reader of the environment: one frozen, validated `Settings`.

Every setting is an environment variable of the same name in capitals, or a line of `.env` beside this file. `.env.example` lists
all settings with default and unit. `settings()` reads them once a process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from dotenv import dotenv_values
from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from environment import as_written, cores, foreign_settings, origins, redis_url
from errors import ConfigError

ROOT = Path(__file__).resolve().parent

#: What REDIS_URL begins with where it names sentinels.
SENTINEL_SCHEMES = ("redis+sentinel://", "rediss+sentinel://")
#: Up to a hundred numbers from 0 to 1, separated by commas.
SHARES = r"^(0|1|0?\.[0-9]+)(,(0|1|0?\.[0-9]+)){0,99}$"
#: What a header of a request may hold.
PRINTABLE = r"^[!-~]([ -~]*[!-~])?$"
#: Former names of settings, which are still read.
OLD_NAMES = ("WORKER_TASKS",)


def _host_alone(value: str) -> str:
    redis_url.check_host(value.strip())
    return value.strip()


def _below_project(value: Path) -> Path:
    return ROOT / as_written.folder(value)


class _StoreSettings(BaseSettings):
    """Those of the store: where it is, and what it must promise."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, env_file_encoding="utf-8")

    settings_customise_sources = classmethod(as_written.sources)  # type: ignore[assignment,arg-type]

    # the store
    redis_url: str | None = None  # redis://, rediss://, unix:// or redis+sentinel://; wins over the four parts below
    redis_host: Annotated[str, AfterValidator(_host_alone)] | None = None
    redis_port: Annotated[int, Field(ge=1, le=65535)] = 6379
    redis_db: Annotated[int, Field(ge=0)] = 0
    redis_password: SecretStr | None = None
    submit_wait_replicas: Annotated[int, Field(ge=0, le=10)] = 0  # how many replicas must have a job before submit returns
    submit_wait_timeout: Annotated[float, Field(gt=0, le=5)] = 1.0  # seconds to wait for replicas; then submit raises Unconfirmed
    allow_unsafe_redis: bool = False  # warn instead of refusing a server that may lose jobs
    #: embedded server, objects without R2; relative to the project
    data_dir: Annotated[Path, AfterValidator(_below_project)] = Path("data")

    _replaced = field_validator("*", mode="before")(as_written.referring)

    @field_validator("redis_url")
    @classmethod
    def _well_formed(cls, value: str | None) -> str | None:
        if value is None:
            return value
        value = value.strip()
        scheme = value.lower().partition("://")[0]
        if "sentinel" in scheme and f"{scheme}://" not in SENTINEL_SCHEMES:
            raise ValueError("names sentinels in another form than redis+sentinel://host:26379,host:26379/NAME/0")
        if not value.lower().startswith(SENTINEL_SCHEMES):  # state/store/sentinel_url.py reads those
            redis_url.parse(value)
        return value

    @field_validator("redis_port", mode="before")
    @classmethod
    def _not_of_kubernetes(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str) and "://" in value:
            if info.data.get("redis_url"):
                return cls.model_fields["redis_port"].default  # the parts are not read
            raise ValueError(
                "is no port: Kubernetes sets it for a service named redis. Set enableServiceLinks: false there, or set REDIS_PORT"
            )
        return value

    @property
    def configured_redis_url(self) -> str | None:
        """The URL that the user set, whole or in parts. None where nothing is set: the embedded server is used."""
        if self.redis_url:
            return self.redis_url
        if not self.redis_host:
            return None
        secret = f":{quote(self.redis_password.get_secret_value(), safe='')}@" if self.redis_password else ""
        return f"redis://{secret}{redis_url.bracketed(self.redis_host)}:{self.redis_port}/{self.redis_db}"


class Settings(_StoreSettings):
    """All settings. Units are in the name or in the comment."""

    # tracking
    serp_provider: Literal["scrapedo", "scrapedo-plugin", "sandbox"] = "scrapedo"
    serp_batch_size: Annotated[int, Field(ge=1, le=5000)] = 500  # keywords a tick
    serp_enqueue_interval: Annotated[int, Field(ge=1, le=3600)] = 60  # seconds between ticks
    serp_max_queue_depth: Annotated[int, Field(ge=1)] = 5000  # a tick holds back while more jobs wait than this
    serp_concurrency: Annotated[int, Field(ge=1, le=10_000)] = 40  # checks at a time, over all workers; more are blocked
    fetch_min_interval_hours: Annotated[float, Field(ge=0.01, le=24 * 366)] = 24.0  # hours between checks in a new project
    serp_summary_days: Annotated[int, Field(ge=0, le=366)] = 30  # days for which it is kept who ranked beside us; 0 = none
    suspect_keywords: Annotated[int, Field(ge=2, le=100_000)] = 20  # so many comparable ranks of a day before a mass drop is seen
    suspect_share: Annotated[float, Field(gt=0, le=1)] = 0.5  # of them that fell or vanished: then those are held as suspect
    suspect_places: Annotated[int, Field(ge=1, le=100)] = 20  # places that a rank falls by to count there
    suspect_sample: Annotated[int, Field(ge=0, le=100)] = (
        5  # keywords that are checked again for that, at most twice a day; 0 = never
    )
    visibility_weights: Annotated[str, Field(pattern=SHARES)] = "1,1,1,.85,.6,.5,.5,.3,.3,.2"  # of ranks 1, 2, 3 …

    # scraping
    request_delay: Annotated[float, Field(ge=0, le=86_400)] = 1.0  # seconds between two requests to a host, over all workers
    host_concurrency: Annotated[int, Field(ge=1, le=1000)] = 1  # requests at a time to a host, over all workers
    obey_robots: bool = True  # fetch only what robots.txt allows
    max_pages: Annotated[int, Field(ge=1, le=1_000_000)] = 100  # pages that a crawl fetches, unless it says expected_pages
    max_workers: Annotated[int, Field(ge=1, le=100)] = 5  # pages of one batch or crawl that are fetched at a time
    result_days: Annotated[int, Field(ge=1, le=3660)] = 30  # days that results and pages are kept

    # the SERP provider
    scrapedo_token: SecretStr | None = None
    scrapedo_url: str = "https://api.scrape.do"
    sandbox_url: str = "http://127.0.0.1:8089"
    sandbox_latency_ms: Annotated[int, Field(ge=0)] = 100
    request_timeout: Annotated[float, Field(ge=1, le=120)] = 60.0  # seconds for one page, at the provider or direct

    # pages
    fetch_user_agent: Annotated[str, Field(pattern=PRINTABLE)] = "Trawl/1.0"  # robots.txt is asked for its first word
    fetch_contact: Annotated[str, Field(pattern=PRINTABLE)] | None = None  # address of a page or a mailbox, sent with the name
    fetch_allow_networks: str | None = None  # private networks and hosts that may be fetched; separated by commas
    fetch_proxy: origins.Proxy | None = None  # http://[user:password@]host:port of a proxy for every page
    fetch_ca_bundle: Annotated[Path, AfterValidator(as_written.folder)] | None = None  # instead of those of certifi
    fetch_allow_unverified_tls: bool = False  # a scrape may ask that certificates are not verified
    chromium_path: Annotated[Path, AfterValidator(as_written.folder)] = Path("/usr/bin/chromium")  # the browser

    # companies
    leads_directories: Annotated[Path, AfterValidator(_below_project)] | None = None  # hosts that are no company's own site
    leads_industries: Annotated[Path, AfterValidator(_below_project)] | None = None  # industries and their other names
    leads_technologies: Annotated[Path, AfterValidator(_below_project)] | None = None  # more signs of technologies
    leads_dns: bool = True  # the name servers of this machine may be asked for the mail servers of companies
    score_model: Annotated[Path, AfterValidator(_below_project)] | None = None  # the points model; None = the one shipped

    # form discovery
    network_key: SecretStr | None = None  # encrypts the logins of networks; a second key, after a comma, still decrypts

    # object storage: Cloudflare R2 or any S3; without it objects lie below data/objects
    r2_account_id: str | None = None
    r2_endpoint_url: str | None = None  # any S3; default: made from the account id
    r2_bucket: str | None = None
    r2_access_key_id: str | None = None
    r2_secret_access_key: SecretStr | None = None
    r2_region: str = "auto"

    # a language model; without a key and an address none is asked
    llm_api: Literal["anthropic", "openai"] = "anthropic"  # the protocol: Anthropic messages, or OpenAI-compatible chat
    llm_base_url: Annotated[str, AfterValidator(origins.web_address)] | None = None  # default: that of Anthropic or OpenAI
    llm_api_key: SecretStr | None = None
    llm_model: Annotated[str, Field(pattern=PRINTABLE)] | None = None
    llm_timeout: Annotated[float, Field(ge=1, le=600)] = 60.0  # seconds for one answer
    llm_max_tokens: Annotated[int, Field(ge=16, le=100_000)] = 4000  # most tokens of one answer, whatever a request asks
    llm_price_input: Annotated[Decimal, Field(ge=0, le=10_000)] | None = None  # USD per million tokens; wins over known prices
    llm_price_output: Annotated[Decimal, Field(ge=0, le=10_000)] | None = None

    # alerts
    alert_urls: SecretStr | None = None  # who is told, as Apprise writes it; separated by spaces, each with a name: ops=slack://…
    alert_rules: Annotated[Path, AfterValidator(_below_project)] | None = None  # a TOML file that changes the rules
    alert_timeout: Annotated[float, Field(ge=1, le=60)] = 15.0  # seconds within which a target must have taken a message

    # the web process
    web_host: str = "127.0.0.1"  # address to listen on; 0.0.0.0 = all. Without a key or a user it stays loopback
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    web_threads: Annotated[int, Field(ge=8, le=1024)] = 128  # half for event streams, a quarter for requests that wait
    web_max_body_kb: Annotated[int, Field(ge=1, le=65_536)] = 1024  # largest body of a request
    web_max_upload_mb: Annotated[int, Field(ge=1, le=1024)] = 20  # largest keyword file that a request brings
    web_max_import_mb: Annotated[int, Field(ge=1, le=65_536)] = 1024  # largest export that a request brings to be imported
    public_url: Annotated[str, AfterValidator(origins.web_address)] | None = None  # how others reach us: https://trawl.example
    cors_origins: Annotated[str, AfterValidator(origins.check)] | None = (
        None  # pages of these origins may ask, with a key; * = all
    )
    share_logo: Annotated[Path, AfterValidator(_below_project)] | None = None  # a picture on the pages of share links
    share_name: str = "Trawl"  # who reports there
    metrics_open: bool = False  # /metrics answers without a key
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0  # proxies in front whose X-Forwarded headers are believed
    key_rate: Annotated[int, Field(ge=0, le=1_000_000)] = 1200  # requests a minute of an API key; 0 = no limit
    address_rate: Annotated[int, Field(ge=0, le=1_000_000)] = 300  # the same of an address without a valid key
    session_idle_h: Annotated[float, Field(ge=0.1, le=744)] = 12.0  # hours after which an unused session of a person ends
    session_days: Annotated[float, Field(ge=0.01, le=366)] = 7.0  # days after which a session ends in any case
    audit_days: Annotated[int, Field(ge=1, le=3660)] = 90  # days for which it is kept who changed what

    # processes
    workers: Annotated[int, Field(ge=1, le=256)] | None = None  # processes of `manage.py worker`; default: one a usable core
    worker_threads: Annotated[int, Field(ge=1, le=1000)] = 25  # jobs a process runs at a time
    worker_coroutines: Annotated[  # async jobs a process runs at a time, beside its threads; worker_tasks is its old name
        int, Field(ge=1, le=10_000, validation_alias=AliasChoices("worker_coroutines", "worker_tasks"))
    ] = 100
    worker_prefetch: Annotated[int, Field(ge=0, le=10_000)] | None = None  # short jobs taken ahead; None = half as many as places
    worker_max_jobs: Annotated[int, Field(ge=0)] = 1000  # a process is replaced after this many jobs; 0 = never
    worker_max_rss_mb: Annotated[int, Field(ge=0)] = 1024  # or when it uses this many MB; 0 = never
    idle_poll_interval: Annotated[float, Field(ge=1, le=300)] = 5.0  # seconds between two looks at the queues by an idle process
    shutdown_timeout: Annotated[float, Field(ge=0, le=3600)] = 25.0  # seconds for jobs in flight at SIGTERM; then put back
    result_max_kb: Annotated[int, Field(ge=1, le=65_536)] = 1024  # largest result of a job, as JSON; above it the job fails
    retry_policy: Annotated[Path, AfterValidator(_below_project)] = Path("retry_policy.toml")  # how jobs are tried again
    history_days: Annotated[float, Field(ge=0.04, le=366)] = 30.0  # days for which jobs that ended stay in the history
    history_max: Annotated[int, Field(ge=10_000, le=50_000_000)] = 1_000_000  # and so many jobs at most: the oldest go first
    log_format: Literal["auto", "text", "json"] = "auto"  # auto: text in a terminal, JSON elsewhere
    log_slow_job_s: Annotated[float, Field(ge=0)] = 5.0  # a job that took this long (s) is logged at INFO, else at DEBUG; 0 = all
    log_level: as_written.Level = "INFO"
    job_log_lines: Annotated[int, Field(ge=0, le=1000)] = 200  # lines that a job logs are kept with its attempt: the last so many

    @property
    def worker_processes(self) -> int:
        """Processes of one `manage.py worker`."""
        return self.workers or cores.usable()


_override: Settings | None = None


def _names() -> list[str]:
    """All names that are read, in capitals."""
    return [f"{name}{end}".upper() for name in (*Settings.model_fields, *OLD_NAMES) for end in ("", as_written.FILE)]


@cache
def _loaded() -> Settings:
    names = frozenset(_names())
    given = frozenset(pair for pair in os.environ.items() if pair[0].upper() in names)
    loaded = _of(given, frozenset(_in_file().items()))
    name = foreign_settings.instead_of_redis_url({**_in_file(), **os.environ})
    if name and not loaded.configured_redis_url:
        raise ConfigError(f"{name} is set but not read here: put its redis:// URL into REDIS_URL")
    return loaded


@lru_cache(maxsize=4)
def _of(given: frozenset[tuple[str, str]], in_file: frozenset[tuple[str, str]]) -> Settings:
    """The settings of this environment and file. Checking them takes milliseconds: the same ones are not checked again."""
    try:
        return Settings(_env_file=_env_file() if in_file else None)  # type: ignore[call-arg]
    except ValidationError as exc:
        raise ConfigError(_one_line(exc)) from None


def _env_file() -> Path | None:
    return None if os.environ.get("TRAWL_NO_DOTENV") else ROOT / ".env"


def _in_file() -> dict[str, str]:
    """All names in `.env` with their values, settings or not."""
    path = _env_file()
    found = dotenv_values(path, encoding="utf-8") if path and path.is_file() else {}
    return {name: value or "" for name, value in found.items()}


def hints() -> list[str]:
    """One line for each name that somebody set and nothing here reads: another system's, or a misspelt one of ours."""
    in_file = _in_file()
    return [*foreign_settings.hints(in_file, os.environ, _names()), *foreign_settings.unread_parts({**in_file, **os.environ})]


def settings() -> Settings:
    """The settings of this process. Raises ConfigError that names the setting, its value and the values it takes."""
    return _override or _loaded()


def reload() -> None:
    """Read the environment again at the next `settings()`, for programs that set variables for those they start."""
    _loaded.cache_clear()


@contextmanager
def overridden(**values: Any) -> Iterator[Settings]:
    """For tests and benchmarks: change these settings until the block ends."""
    global _override
    before = _override
    _override = settings().model_copy(update=values)
    try:
        yield _override
    finally:
        _override = before


def _one_line(exc: ValidationError) -> str:
    parts = []
    for problem in exc.errors():
        name = "_".join(str(part) for part in problem["loc"]).upper()
        value = (
            "***"
            if any(word in name for word in ("TOKEN", "SECRET", "PASSWORD", "URL", "API_KEY"))
            else repr(problem.get("input"))
        )
        parts.append(f"{name}={value}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(parts) + ". See .env.example."
