"""ScrapingConfig: how pages are fetched and what is read from them. Everything is checked at submit, before Redis is touched."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

import config
import queues
from clients import fetch
from errors import ArgumentError, DataError
from parsing import css, json_schema, linear_regex, schema_values, selectors
from topics import llm
from topics.scraping import patterns

#: A configuration as JSON. What is larger belongs into several.
MAX_BYTES = 32 * 1024

FORMATS = ("json", "jsonl", "csv", "md")

Pattern = Annotated[str, Field(min_length=1, max_length=500)]
Regex = Annotated[str, Field(min_length=1, max_length=2_000)]
Selector = Annotated[str, Field(min_length=1, max_length=500)]


class WrongOptions(ArgumentError):
    """Options that are not allowed. `fields`: the name of each and what is wrong with it."""

    def __init__(self, message: str, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.fields = tuple(fields)


class ScrapingConfig(BaseModel):
    """The options of a scrape, a batch or a crawl. Frozen; an unknown name is refused.

    `None` in a field means: as the settings say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # how a page is fetched
    provider: Literal["direct", "scrapedo"] = "direct"
    use_stealth: bool = False  # sends what a browser sends (extra `stealth`)
    render: bool = False  # runs the page in a browser (extra `browser`)
    wait_time: Annotated[float, Field(ge=0, le=60)] = 0.0  # seconds that a rendered page goes on after it has loaded
    timeout: Annotated[float, Field(gt=0, le=300)] | None = None  # seconds for one page; None = REQUEST_TIMEOUT
    headers: dict[str, str] = Field(default_factory=dict, max_length=50)
    proxy: Annotated[str, Field(max_length=500)] | None = None  # http://[user:password@]host:port
    verify_tls: bool = True  # False needs FETCH_ALLOW_UNVERIFIED_TLS: also pages whose certificate is wrong
    max_page_kb: Annotated[int, Field(ge=1, le=102_400)] = 10_240  # a larger page fails
    max_retries: Annotated[int, Field(ge=0, le=3)] = 3  # of one page, where the error may pass
    retry_delay: Annotated[float, Field(ge=0, le=3600)] | None = None  # seconds before the first one; None = by the error
    reuse: bool = True  # a page that did not change is not sent again, and is read from what is kept
    max_age: Annotated[float, Field(ge=0, le=366 * 86400)] = 0.0  # seconds; a kept page that young is read without a request
    min_age: Annotated[float, Field(ge=0, le=366 * 86400)] | None = None  # seconds; only a kept page that old, none is fetched
    screenshot: Literal["", "view", "page"] = ""  # a picture of what a rendered page shows at first, or of all of it
    mobile: bool = False  # a rendered page is shown as on a telephone
    actions: tuple[dict[str, Any], ...] = Field(default=(), max_length=50)  # on a rendered page: clients/fetch/render_actions.py

    # politeness
    delay_between_requests: Annotated[float, Field(ge=0, le=3600)] | None = None  # seconds at one host; None = REQUEST_DELAY
    obey_robots: bool = True
    robots_agent: Annotated[str, Field(pattern=r"^[A-Za-z_-]{1,100}$")] | None = None  # named to robots.txt; None = our own
    concurrency: Annotated[int, Field(ge=1, le=100)] | None = None  # pages at a time; None = MAX_WORKERS

    # what is read
    extract_content: bool = True  # main text and markdown, who wrote it and when
    only_main: bool = True  # of the content; False = all that a reader sees
    content_within: tuple[Selector, ...] = Field(default=(), max_length=50)  # only what these CSS selectors name
    content_without: tuple[Selector, ...] = Field(default=(), max_length=50)  # all but what these name
    extract_html: bool = False  # the content as plain HTML
    extract_raw_html: bool = False  # the page as it came
    extract_summary: bool = False  # its first good sentences
    extract_headers: bool = False  # what the server sent with the page; of cookies only their names
    extract_metadata: bool = False  # title, description, language, and all `<meta>` of the head
    json_schema: dict[str, Any] = Field(
        default_factory=dict
    )  # an object filled by a language model, or from JSON-LD and metadata
    json_prompt: Annotated[str, Field(max_length=5_000)] = ""  # what the object is to hold, in words, for a language model
    extract_links: bool = False
    extract_images: bool = False
    extract_structured: bool = False  # JSON-LD, microdata, OpenGraph
    custom_selectors: dict[str, Any] = Field(default_factory=dict, max_length=100)
    output_format: Literal["json", "jsonl", "csv", "md"] = "json"
    keep_page: bool = True  # keep the page as it was fetched, so that it can be read again for nothing

    # which pages of a site
    expected_pages: Annotated[int, Field(ge=1, le=1_000_000)] | None = None  # the most that are fetched; None = MAX_PAGES
    max_depth: Annotated[int, Field(ge=0, le=100)] = 25  # links from the first page
    include: tuple[Pattern, ...] = Field(default=(), max_length=100)  # of path and query; `*` is any text
    exclude: tuple[Pattern, ...] = Field(default=(), max_length=100)
    include_regex: tuple[Regex, ...] = Field(default=(), max_length=1_000)  # regular expressions, searched in the path
    exclude_regex: tuple[Regex, ...] = Field(default=(), max_length=1_000)
    regex_on_url: bool = False  # they are searched in the whole address
    max_path_depth: Annotated[int, Field(ge=0, le=100)] | None = None  # parts of a path
    below_start: bool = False  # only pages whose path begins with that of the first page
    other_sites: bool = False  # links to other sites are followed, too
    ignore_query: bool = False  # addresses that differ in their query are one page, which is fetched without it
    similar_once: bool = False  # so are those that differ in http(s), www., a slash or an index file at their end
    use_sitemaps: bool = True
    follow_links: bool = True
    subdomains: bool = True  # all hosts of the registered domain, else the first host alone
    deadline_s: Annotated[float, Field(gt=0, le=30 * 86400)] = 7 * 86400  # a crawl that takes longer ends as partial

    @field_validator("include", "exclude")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            patterns.check(pattern)
        return value

    @field_validator("include_regex", "exclude_regex")
    @classmethod
    def _linear(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            linear_regex.compiled(pattern)
        return value

    @field_validator("content_within", "content_without")
    @classmethod
    def _selectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for selector in value:
            try:
                css.parse(selector)
            except DataError as exc:
                raise ArgumentError(f"Wrong configuration: content_within, content_without: {exc}") from None
        return value

    @field_validator("json_schema")
    @classmethod
    def _fillable(cls, value: dict[str, Any]) -> dict[str, Any]:
        if value:
            schema_values.check(value)
            json_schema.check(value)
        return value

    @property
    def mode(self) -> Literal["direct", "stealth", "render", "scrapedo"]:
        """The fetcher's word for how a page is fetched."""
        if self.provider == "scrapedo":
            return "scrapedo"
        return "render" if self.render else "stealth" if self.use_stealth else "direct"

    @property
    def onscreen(self) -> fetch.Onscreen | None:
        """What is done on a rendered page."""
        return fetch.Onscreen(self.wait_time, self.actions, self.mobile, self.screenshot) if self.render else None

    @property
    def cache_mode(self) -> str:
        """How a page is fetched, where everybody who fetches it so gets the same; "" where this asks for something else."""
        return "" if self.headers or self.proxy or not self.may_reuse else self.mode

    @property
    def may_reuse(self) -> bool:
        """Whether a page that did not change need not be sent again: not where something is done on it."""
        return self.reuse and not (self.mobile or self.actions or self.screenshot)

    @property
    def reads_head(self) -> bool:
        """Whether anything that a page says about itself is asked for."""
        return self.extract_content or self.extract_structured or self.extract_metadata or bool(self.json_schema)

    @property
    def reads_body(self) -> bool:
        """Whether its content is asked for, in any form."""
        return self.extract_content or self.extract_html or self.extract_summary

    @property
    def pages(self) -> int:
        """The most pages that a crawl fetches."""
        return self.expected_pages or config.settings().max_pages

    @property
    def lanes(self) -> int:
        """Pages of one batch or crawl that are fetched at a time."""
        return self.concurrency or config.settings().max_workers

    @property
    def delay_s(self) -> float:
        """Seconds between two requests to one host."""
        return config.settings().request_delay if self.delay_between_requests is None else self.delay_between_requests


def of(given: Mapping[str, Any] | ScrapingConfig | None) -> ScrapingConfig:
    """The checked configuration. Raises ArgumentError that names each wrong field and its remedy.

    Also raises ConfigError for an option whose extra is not installed, with the line that installs it.
    """
    if isinstance(given, ScrapingConfig):
        return given
    if given is None:
        return _PLAIN
    made = _read(given)
    if made.min_age is not None and made.max_age and made.min_age > made.max_age:
        raise ArgumentError("min_age is above max_age: no page is that old and that young.")
    if made.render and made.use_stealth:
        raise ArgumentError("render and use_stealth exclude each other: a rendered page comes from a real browser. Drop one.")
    if not made.render and (made.screenshot or made.mobile or made.actions):
        raise ArgumentError("screenshot, mobile and actions are for rendered pages: add render=true.")
    if made.provider == "scrapedo" and made.proxy:
        raise ArgumentError("provider=scrapedo brings its own proxies: drop `proxy`.")
    if not made.verify_tls and not config.settings().fetch_allow_unverified_tls:
        raise ArgumentError("verify_tls=false needs FETCH_ALLOW_UNVERIFIED_TLS=true. Or name the certificate in FETCH_CA_BUNDLE.")
    if made.json_prompt and not llm.is_configured():
        raise ArgumentError("json_prompt needs a language model: set LLM_API_KEY and LLM_MODEL, or give json_schema alone.")
    fetch.check_mode(made.mode)
    fetch.check(fetch.Request("https://example.com/", made.headers, proxy=made.proxy, mode=made.mode, onscreen=made.onscreen))
    try:
        selectors.check(made.custom_selectors)
    except DataError as exc:
        raise ArgumentError(f"Wrong configuration: custom_selectors: {exc}") from None
    return made


#: Without options. Nothing in it needs an extra or a setting.
_PLAIN = ScrapingConfig()


def load(text: str) -> ScrapingConfig:
    """A configuration that was checked when it was stored."""
    return ScrapingConfig.model_validate_json(text)


def dump(made: ScrapingConfig) -> str:
    """The fields that differ from the defaults, as JSON."""
    return "{}" if made is _PLAIN else made.model_dump_json(exclude_defaults=True)


def _read(given: Mapping[str, Any]) -> ScrapingConfig:
    if not isinstance(given, Mapping):
        raise ArgumentError(f"The configuration must be an object of options, not {type(given).__name__}.")
    try:
        size = len(json.dumps(given).encode())
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError) as exc:
        raise ArgumentError(f"The configuration cannot be written as JSON ({str(exc)[:100]}).") from None
    if size > MAX_BYTES:
        raise ArgumentError(f"The configuration has {size:,} bytes; at most {MAX_BYTES:,}. Name fewer selectors or patterns.")
    try:
        return ScrapingConfig.model_validate(given, strict=False)
    except ValidationError as exc:
        raise WrongOptions(_one_line(exc), list(_fields(exc))) from None


def _fields(exc: ValidationError) -> Iterator[tuple[str, str]]:
    for problem in exc.errors(include_url=False):
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, ScrapingConfig.model_fields, n=1)
            known = f"did you mean {near[0]}?" if near else f"there are {', '.join(ScrapingConfig.model_fields)}"
            yield name, f"is no option; {known}"
        else:
            yield name, problem["msg"].removeprefix("Value error, ")


def _one_line(exc: ValidationError) -> str:
    parts = []
    for problem in exc.errors(include_url=False)[:5]:
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            parts.append(f"{name[:60]!r} is no option: there are {', '.join(ScrapingConfig.model_fields)}")
        else:
            shown = "" if name.startswith(("headers", "proxy")) else f"={problem.get('input')!r:.60}"
            parts.append(f"{name}{shown}: {problem['msg'].removeprefix('Value error, ')}")
    return f"Wrong configuration: {'; '.join(parts)}."


def queue_of(priority: str | int | None, *, high_is_low_number: bool = True) -> str:
    """The queue of a priority: a word, or a number from 1 to 9.

    Numbers of S1 count down (1-3 high, 4-6 default, 7-9 low); with `high_is_low_number=False` those of S2 count up.

    >>> queue_of("normal"), queue_of(1), queue_of(9), queue_of(9, high_is_low_number=False), queue_of(None)
    ('default', 'high', 'low', 'high', 'default')
    """
    if priority is None:
        return queues.DEFAULT
    if isinstance(priority, str) and not priority.isdigit():
        return queues.named(priority)
    number = int(priority)
    if isinstance(priority, bool) or not 1 <= number <= 9:
        raise ArgumentError(f"priority {priority!r} is none: give high, default or low, or a number from 1 to 9.")
    third = (number - 1) // 3
    return queues.QUEUES[third if high_is_low_number else 2 - third]
