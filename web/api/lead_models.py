"""Bodies and replies of the routes of companies."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from topics.leads import fields, keeping, many, processing, searches
from web import inputs, shapes
from web.answers import ListQuery, Reply
from web.models import Strict

Tag = inputs.Label
Tags = list[Tag]

URGENT = "As a word, or a number that counts up: 9 is the most urgent. Left out: high."


class Scraping(inputs.Labelled):
    """What all scrapes of companies take."""

    priority: inputs.PriorityUp = Field("high", description=URGENT)
    tags: Tags = Field([], max_length=keeping.MOST_TAGS, description="Tags that the companies get.")


class CompanyBody(Scraping):
    """A company whose site is scraped."""

    company_url: inputs.Url


class CompaniesBody(Scraping):
    """Companies whose sites are scraped."""

    company_urls: list[inputs.Url] = Field(min_length=1, max_length=many.MOST_URLS)


class SearchBody(Scraping):
    """Searches that find companies. Each ten results of a query cost one page at the provider."""

    search_queries: list[str] = Field(min_length=1, max_length=searches.MOST_QUERIES)
    max_results_per_query: int = Field(10, ge=1, le=100)
    country: str = Field("us", pattern="^[A-Za-z]{2}$", description="Of the search.")
    language: str = Field("en", pattern="^[A-Za-z]{2}(-[A-Za-z]{2,4})?$", description="Of the search.")
    location: str = Field("", max_length=200, description="Town or region of the search, as Google names it.")


class ProcessBody(inputs.Labelled):
    """Companies whose facts are brought to one spelling."""

    company_ids: list[str] = Field(min_length=1, max_length=processing.MOST_IDS)
    priority: inputs.PriorityUp = "default"


class FactModel(BaseModel):
    """What is known, and where from. `source`: a page, `typed`, `import: <file>`, `search: <query>`, `dns` or `llm`."""

    model_config = ConfigDict(from_attributes=True)

    value: Any
    source: str
    at_ms: int = Field(description="When it was seen last, in ms since 1970.")
    snippet: str = ""


class FormerModel(FactModel):
    """A fact that another one replaced."""

    field: str


class FindingModel(BaseModel):
    """What is wrong with a field. `after`: what processing makes of it; null = it stays, and somebody has to look at it."""

    field: str
    before: Any
    after: Any
    problem: str
    remedy: str


class CompanyRow(Reply):
    """A company in short. `facts`: how many are known; `score`: 0 to 100, null = none yet."""

    id: str
    name: str
    site: str
    domain: str
    city: str | None
    country: str | None
    industry: str | None
    employees: str | None
    tags: list[str]
    facts: int
    score: float | None
    updated_ms: int


class CompanyModel(Reply):
    """All that is known of a company. `former`: facts that others replaced; `findings`: what is wrong, and what is missing."""

    id: str
    name: str
    site: str
    domain: str
    tags: list[str]
    facts: dict[str, FactModel]
    score: dict[str, Any] | None
    created_ms: int
    updated_ms: int
    former: list[FormerModel]
    findings: list[FindingModel]


class CompanyQuery(ListQuery):
    """Which companies."""

    tag: str = Field("", max_length=200, description="Only those with this tag.")
    text: str = Field("", max_length=200, description="Only those whose name, site, town, industry or tags hold it.")
    score: float | None = Field(None, ge=0, le=100, description="Only those with a score of at least so much.")


class CompanyPath(Strict):
    """A company."""

    company_id: str = Field(max_length=60)


#: How other services call a fact.
OTHERS = {"email": "emails", "phone": "phones", "website": "site", "domain": "site", "url": "site", "company": "name"}


class TypedBody(Strict):
    """Facts that a person knows. A typed fact is never replaced by what a page says."""

    facts: dict[str, Any] = Field(max_length=40, description="By field, e.g. name, site, phones, country.")
    tags: Tags = Field([], max_length=keeping.MOST_TAGS)


class NewBody(TypedBody):
    """A company that a person knows: its facts by themselves, or in `facts`."""

    facts: dict[str, Any] = Field({}, max_length=40, description="By field, e.g. name, site, phones, country.")

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("facts", {}), dict):
            return given
        loose = {name: OTHERS.get(name, name) for name in given if OTHERS.get(name, name) in fields.ALL}
        facts = {own: given[name] for name, own in loose.items()}
        rest = {name: value for name, value in given.items() if name not in loose}
        return {**rest, "facts": {**facts, **given.get("facts", {})}} if loose else rest


class PutModel(Reply):
    """The company that has it, and the fields whose values are others now."""

    id: str
    was_new: bool
    changed: list[str]


class TagsBody(Strict):
    """Tags to add and to take."""

    company_ids: list[str] = Field(min_length=1, max_length=1000)
    add: Tags = Field([], max_length=keeping.MOST_TAGS)
    take: list[str] = Field([], max_length=100)


class Tagged(Reply):
    """How many companies were changed."""

    changed: int


class CompanyRemoved(Reply):
    """A company that is gone."""

    id: str
    name: str


class ImportQuery(Strict):
    """What a file does not say itself."""

    name: str = Field("companies.csv", max_length=200, description="What the file is called: the source of its facts.")
    encoding: str | None = Field(None, max_length=40, description="What the file is encoded in, e.g. cp1252. Default: found.")
    tag: list[str] = Field([], max_length=keeping.MOST_TAGS, description="Tags that the companies get.")


class BadLine(Reply):
    """A line that was left out."""

    line: int
    reason: str


class ImportedModel(Reply):
    """What became of the lines. `joined`: lines about a company of an earlier line. `bad`: the first hundred of `bad_count`."""

    added: int
    known: int
    changed: int
    joined: int
    bad_count: int
    bad: list[BadLine]
    unused: list[str]
    notes: list[str]


class ImportModel(Reply):
    """What an import did; or the job that does it, whose result says the same."""

    result: ImportedModel | None
    job: shapes.SubmittedModel | None


class ResultModel(BaseModel):
    """What a job found: `items` of a scrape of several, `searches` and `left_out` of a search, `reports` of processing.

    `outcome` of a scrape, a search or an enrichment: `complete`, `partial` or `failed`, with the counts `failed`, `cancelled`.
    """

    model_config = ConfigDict(extra="allow")

    job_id: str
    outcome: Literal["complete", "partial", "failed"] | None = None
