"""The bodies of requests, with the names that Firecrawl gives to options. What is unknown is refused by its name."""

import re
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from web import forms_of
from web.errors import Field as Wrong
from web.errors import Problem

Ms = Annotated[float, Field(ge=0)]
Timeout = Annotated[float, Field(gt=0)]  # ms; who asks for more than is waited gets what is waited (waits.py)
Text = Annotated[str, Field(max_length=2_000)]
Texts = Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=100)]
Domains = Annotated[list[Annotated[str, Field(pattern=r'^[^\s/():"]+$', max_length=253)]], Field(max_length=20)]
Patterns = Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=1_000)]


def with_scheme(text: Any) -> Any:
    """An address as it was meant: `example.com/a` is one of the web. What has a scheme, or a blank, stays.

    >>> with_scheme("example.com:8080/a"), with_scheme("https://a.example"), with_scheme("not a url")
    ('http://example.com:8080/a', 'https://a.example', 'not a url')
    """
    return f"http://{text}" if isinstance(text, str) and BARE.match(text) else text


#: A host name with a dot, and what follows it.
BARE = re.compile(r"(?:[\w-]{1,63}\.)+[A-Za-z][\w-]{1,62}(?::\d{1,5})?(?:[/?#]\S*)?$")

Url = Annotated[str, Field(min_length=1, max_length=8_000), BeforeValidator(with_scheme)]
Count = Annotated[int, Field(ge=1)]


class Camel(BaseModel):
    """Names in camelCase; null is the same as left out."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, allow_inf_nan=False)


class Anybody(BaseModel):
    """A body as it came, for the form that the documentation shows: `Body.read` reads it in our own words."""

    model_config = ConfigDict(extra="allow")

    @property
    def fields(self) -> dict[str, Any]:
        """What it holds but null."""
        return {name: value for name, value in (self.model_extra or {}).items() if value is not None}


class FirecrawlScraping(Camel):
    """How a page is scraped."""

    formats: Annotated[list[str | dict[str, Any]], Field(max_length=20)] | None = None
    only_main_content: bool | None = None
    include_tags: Texts | None = None
    exclude_tags: Texts | None = None
    headers: dict[str, str] | None = None
    wait_for: Annotated[float, Field(ge=0, le=60_000)] | None = None
    timeout: Timeout | None = None
    max_age: Ms | None = None
    min_age: Ms | None = None
    store_in_cache: bool | None = None
    mobile: bool | None = None
    actions: Annotated[list[dict[str, Any]], Field(max_length=50)] | None = None
    proxy: Literal["basic", "auto", "stealth", "enhanced"] | None = None
    location: dict[str, Any] | None = None
    parsers: list[Any] | None = None
    skip_tls_verification: bool | None = None
    json_options: dict[str, Any] | None = None  # v1
    extract: dict[str, Any] | None = None  # v1
    # accepted, without effect here
    remove_base64_images: Annotated[Any, Field(alias="removeBase64Images")] = None
    block_ads: Any = None
    fast_mode: Any = None
    parse_pdf: Annotated[Any, Field(alias="parsePDF")] = None  # v1
    use_mock: Any = None
    integration: Any = None
    origin: Any = None
    audit_metadata: Any = None
    tool_detail: Any = None
    domain_tools: Any = None
    highlights: Any = None


Scraping = FirecrawlScraping


class Scrape(Scraping):
    """POST /scrape."""

    url: Url


class Batch(Scraping):
    """POST /batch/scrape."""

    urls: Annotated[list[Annotated[Text, BeforeValidator(with_scheme)]], Field(min_length=1, max_length=100_000)]
    webhook: str | dict[str, Any] | None = None
    ignore_invalid_urls: Annotated[bool | None, Field(alias="ignoreInvalidURLs")] = None
    max_concurrency: Count | None = None


class Crawl(Camel):
    """POST /crawl."""

    url: Url
    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    max_discovery_depth: Annotated[int, Field(ge=0)] | None = None
    max_depth: Annotated[int, Field(ge=0)] | None = None  # v1
    include_paths: Patterns | None = None
    exclude_paths: Patterns | None = None
    regex_on_full_url: Annotated[bool | None, Field(alias="regexOnFullURL")] = None
    sitemap: Literal["skip", "include", "only"] | None = None
    ignore_sitemap: bool | None = None  # v1
    ignore_query_parameters: bool | None = None
    deduplicate_similar_urls: Annotated[bool | None, Field(alias="deduplicateSimilarURLs")] = None
    crawl_entire_domain: bool | None = None
    allow_backward_links: bool | None = None  # v1
    allow_subdomains: bool | None = None
    allow_external_links: bool | None = None
    ignore_robots_txt: bool | None = None
    robots_user_agent: Annotated[str, Field(max_length=100)] | None = None
    delay: Annotated[float, Field(ge=0, le=3600)] | None = None
    max_concurrency: Count | None = None
    scrape_options: Scraping | None = None
    webhook: str | dict[str, Any] | None = None
    audit_metadata: Any = None
    integration: Any = None
    origin: Any = None


class Map(Camel):
    """POST /map."""

    url: Url
    search: Text | None = None
    sitemap: Literal["skip", "include", "only"] | None = None
    ignore_sitemap: bool | None = None  # v1
    sitemap_only: bool | None = None  # v1
    include_subdomains: bool | None = None
    ignore_query_parameters: bool | None = None
    ignore_cache: bool | None = None
    use_index: Any = None
    limit: Annotated[int, Field(ge=1, le=100_000)] | None = None
    timeout: Timeout | None = None
    location: dict[str, Any] | None = None
    headers: dict[str, str] | None = None
    audit_metadata: Any = None
    integration: Any = None
    origin: Any = None


class Search(Camel):
    """POST /search."""

    query: Annotated[str, Field(min_length=1, max_length=500)]
    limit: Annotated[int, Field(ge=1, le=100)] | None = None
    location: Annotated[str, Field(max_length=200)] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")] | None = None
    lang: Annotated[str, Field(pattern=r"^[A-Za-z]{2}(-[A-Za-z]{2})?$")] | None = None  # v1
    sources: list[str | dict[str, Any]] | None = None
    categories: Annotated[list[str | dict[str, Any]], Field(max_length=10)] | None = None
    include_domains: Domains | None = None
    exclude_domains: Domains | None = None
    tbs: Annotated[str, Field(max_length=100)] | None = None
    timeout: Timeout | None = None
    scrape_options: Scraping | None = None
    ignore_invalid_urls: Annotated[bool | None, Field(alias="ignoreInvalidURLs")] = None
    tool_detail: Any = None
    domain_tools: Any = None
    highlights: Any = None
    audit_metadata: Any = None
    integration: Any = None
    origin: Any = None


M = TypeVar("M", bound=Camel)


def read(model: type[M], given: dict[str, Any]) -> M:
    """A body as its model. Raises Problem 400 with each wrong option, in the form of zod."""
    try:
        return model.model_validate(given)
    except ValidationError as exc:
        wrong = [_wrong(each) for each in forms_of.told(exc.errors(include_url=False))[:20]]
    first = wrong[0]
    code = "unrecognized" if "not known" in first.message else "BAD_REQUEST"
    raise Problem(400, f"{first.field}: {first.message}", fields=wrong, code=code)


def _wrong(each: forms_of.Wrong) -> Wrong:
    path = ".".join(each.path)
    if each.type == "extra_forbidden":
        return Wrong(path, "this option is not known to this server")
    return Wrong(path, each.message.removeprefix("Value error, "))


@cache
def documented(model: type[Camel]) -> type[Anybody]:
    """A body that is documented as `model`, and takes anything: what is wrong with it is said in their form."""
    name = f"Firecrawl{model.__name__}Body"

    class Documented(Anybody):
        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            """The schema of the model, made once: flask-openapi3 asks for it at every request."""
            return {**_schema(model, args, tuple(kwargs.items())), "title": name}

    Documented.__name__ = Documented.__qualname__ = name
    return Documented


@cache
def _schema(model: type[Camel], args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return model.model_json_schema(*args, **{"by_alias": True, **dict(kwargs)})
