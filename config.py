"""The only reader of the environment: one frozen, validated `Settings`.

Every setting is an environment variable of the same name in capitals, or a line of `.env` beside this file. `.env.example` lists
all settings with default and unit. `settings()` reads them once a process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from environment import cores, foreign_settings, redis_url
from errors import ConfigError

ROOT = Path(__file__).resolve().parent

#: What REDIS_URL begins with where it names sentinels.
SENTINEL_SCHEMES = ("redis+sentinel://", "rediss+sentinel://")


#: Former names of settings, which are still read.
OLD_NAMES = ("WORKER_TASKS",)


class Settings(BaseSettings):
    """All settings. Units are in the name or in the comment."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, env_file_encoding="utf-8")

    # the store
    redis_url: str | None = None  # redis://, rediss://, unix:// or redis+sentinel://; wins over the four parts below
    redis_host: str | None = None
    redis_port: Annotated[int, Field(ge=1, le=65535)] = 6379
    redis_db: Annotated[int, Field(ge=0)] = 0
    redis_password: SecretStr | None = None
    submit_wait_replicas: Annotated[int, Field(ge=0, le=10)] = 0  # how many replicas must have a job before submit returns
    submit_wait_timeout: Annotated[float, Field(gt=0, le=5)] = 1.0  # seconds to wait for replicas; then submit raises Unconfirmed
    allow_unsafe_redis: bool = False  # warn instead of refusing a server that may lose jobs
    data_dir: Path = Path("data")  # embedded server, objects without R2; relative to the project

    # tracking
    serp_provider: Literal["scrapedo", "scrapedo-plugin", "sandbox"] = "scrapedo"
    serp_batch_size: Annotated[int, Field(ge=1, le=5000)] = 500  # keywords a tick
    serp_enqueue_interval: Annotated[int, Field(ge=1, le=3600)] = 60  # seconds between ticks
    serp_max_queue_depth: Annotated[int, Field(ge=1)] = 5000  # a tick holds back while more jobs wait than this
    serp_concurrency: Annotated[int, Field(ge=1, le=10_000)] = 40  # checks at a time, over all workers; more are blocked
    fetch_min_interval_hours: Annotated[float, Field(ge=0.01, le=24 * 366)] = 24.0  # hours between checks in a new project

    # the SERP provider
    scrapedo_token: SecretStr | None = None
    scrapedo_url: str = "https://api.scrape.do"
    sandbox_url: str = "http://127.0.0.1:8089"
    sandbox_latency_ms: Annotated[int, Field(ge=0)] = 100
    request_timeout: Annotated[float, Field(ge=1, le=120)] = 60.0  # seconds for one page at the provider

    # object storage: Cloudflare R2 or any S3; without it objects lie below data/objects
    r2_account_id: str | None = None
    r2_endpoint_url: str | None = None  # any S3; default: made from the account id
    r2_bucket: str | None = None
    r2_access_key_id: str | None = None
    r2_secret_access_key: SecretStr | None = None
    r2_region: str = "auto"

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
    log_format: Literal["auto", "text", "json"] = "auto"  # auto: text in a terminal, JSON elsewhere
    log_slow_job_s: Annotated[float, Field(ge=0)] = 5.0  # a job that took this long (s) is logged at INFO, else at DEBUG; 0 = all
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

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

    @field_validator("redis_host")
    @classmethod
    def _host_alone(cls, value: str | None) -> str | None:
        if value is not None:
            redis_url.check_host(value.strip())
        return value and value.strip()

    @field_validator("redis_port", mode="before")
    @classmethod
    def _not_of_kubernetes(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str) and "://" in value:
            if info.data.get("redis_url"):  # validated before this field: the parts are not read
                return cls.model_fields["redis_port"].default
            raise ValueError(
                "is no port: Kubernetes sets it for a service named redis. Set enableServiceLinks: false there, or set REDIS_PORT"
            )
        return value

    @field_validator("data_dir")
    @classmethod
    def _below_project(cls, value: Path) -> Path:
        return value if value.is_absolute() else ROOT / value

    @property
    def worker_processes(self) -> int:
        """Processes of one `manage.py worker`."""
        return self.workers or cores.usable()

    @property
    def configured_redis_url(self) -> str | None:
        """The URL that the user set, whole or in parts. None where nothing is set: the embedded server is used."""
        if self.redis_url:
            return self.redis_url
        if not self.redis_host:
            return None
        secret = f":{quote(self.redis_password.get_secret_value(), safe='')}@" if self.redis_password else ""
        return f"redis://{secret}{redis_url.bracketed(self.redis_host)}:{self.redis_port}/{self.redis_db}"


_override: Settings | None = None


@cache
def _loaded() -> Settings:
    try:
        loaded = Settings(_env_file=_env_file())  # type: ignore[call-arg]
    except ValidationError as exc:
        raise ConfigError(_one_line(exc)) from None
    name = foreign_settings.instead_of_redis_url({**_in_file(), **os.environ})
    if name and not loaded.configured_redis_url:
        raise ConfigError(f"{name} is set but not read here: put its redis:// URL into REDIS_URL")
    return loaded


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
    names = [*(name.upper() for name in Settings.model_fields), *OLD_NAMES]
    return [*foreign_settings.hints(in_file, os.environ, names), *foreign_settings.unread_parts({**in_file, **os.environ})]


def settings() -> Settings:
    """The settings of this process. Raises ConfigError that names the setting, its value and the values it takes."""
    return _override or _loaded()


def reload() -> None:
    """Read the environment again at the next `settings()`. For a program that sets variables for the programs it starts."""
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
        value = "***" if any(word in name for word in ("TOKEN", "SECRET", "PASSWORD", "URL")) else repr(problem.get("input"))
        parts.append(f"{name}={value}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(parts) + ". See .env.example."
