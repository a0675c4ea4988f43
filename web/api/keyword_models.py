"""Bodies and replies of the routes of keywords."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from topics.operations import keyword_filters, keyword_lists
from web.answers import Moment, Reply, Told
from web.api.project_models import ProjectPath
from web.models import Strict

#: Keywords of one request; more come as a file.
MOST = 10_000

Text = Annotated[str, Field(max_length=2000)]
Tags = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)]

__all__ = ["ProjectPath"]


class KeywordPath(Strict):
    """The keyword of a route."""

    keyword_id: str = Field(max_length=200)


class NewKeyword(Strict):
    """A keyword with what is known of it."""

    text: Text
    tags: Tags = Field(default_factory=list)
    volume: int | None = Field(None, ge=0, description="Searches a month.")
    target_url: str | None = Field(None, max_length=2000, description="The page that is meant to rank.")


class NewKeywords(Strict):
    """Keywords to add: texts, or objects with tags, volume and target page."""

    keywords: list[Text | NewKeyword] = Field(min_length=1, max_length=MOST)


class Respelled(Reply):
    """A text that an older version had stored folded, and as it is now."""

    before: str
    after: str


class Added(Reply):
    """What became of texts. `updated`: of the known ones. `ignored`: texts of which Google reads 32 words only."""

    added: int
    known: int
    updated: int
    respelled: list[Respelled]
    ignored: list[str]


class Filters(Strict):
    """Which keywords; those of the rank speak of the last one."""

    archived: Literal["false", "true", "all"] = "false"
    tag: str = Field("", max_length=200)
    contains: str = Field("", max_length=200, description="Part of the text.")
    state: Literal["", "ranked", "not_found", "unknown"] = ""
    best: int | None = Field(None, ge=1, le=100, description="Ranked there or lower.")
    worst: int | None = Field(None, ge=1, le=100, description="Ranked there or higher: 10 = in the top ten.")
    failing: bool | None = Field(None, description="Only those whose last check failed, or only the others.")
    wrong_page: bool | None = Field(None, description="Only those that rank with another page than their target page.")

    moved: Literal[("", *keyword_filters.MOVED)] = Field(  # type: ignore[valid-type]
        "", description="Between two known ranks: of `days` days ago and of today."
    )
    days: int = Field(7, ge=1, le=keyword_filters.MOST_DAYS, description="With `moved`.")
    reason: str = Field("", max_length=40, description="Why the last rank is unknown, e.g. captcha.")
    url: str = Field("", max_length=2000, description="Part of the address that ranks.")
    feature: Literal[("", *keyword_filters.FEATURES)] = Field(  # type: ignore[valid-type]
        "", description="What the last result page shows beside results."
    )

    def wanted(self) -> keyword_lists.Wanted:
        """The same for the list."""
        found = {name: getattr(self, name) for name in Filters.model_fields if name != "archived"}
        return keyword_lists.Wanted(archived={"false": False, "true": True}.get(self.archived), **found)


class Names(Strict):
    """Keywords of a project: by their names, or all that a filter takes, some thousand a request."""

    names: list[Text] | None = Field(None, min_length=1, max_length=MOST, description="Ids or texts.")
    where: Filters | None = Field(None, description="All that fit. {} = all that are not archived.")
    cursor: str = Field("", max_length=8000, description="With `where`: `next` of the reply before.")

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if (self.names is None) is (self.where is None):
            raise ValueError("say which keywords: names or where")
        if self.cursor and self.where is None:
            raise ValueError("cursor goes with where")
        return self


class ChecksOf(Names):
    """The same, to be checked."""

    dry_run: bool = Field(False, description="Say how many pages that would buy at most, and queue nothing.")


class Texts(Strict):
    """Texts as they are to be spelled."""

    texts: list[Text] = Field(min_length=1, max_length=MOST)


class RespelledTexts(Reply):
    """What became of texts; `missing` name no keyword."""

    changed: list[Respelled]
    missing: list[str]


class _Details(Strict):
    tag: Tags = Field([], description="Tags to add.")
    untag: Tags = Field([], description="Tags to take away.")
    volume: int | None = Field(None, ge=-1, description="Searches a month; -1 or null = none.")
    target_url: str | None = Field(None, max_length=2000, description='The page that is meant to rank; "" or null = none.')

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"names", "where", "cursor"}:
            raise ValueError("nothing to change: give tag, untag, volume or target_url")
        return self


class Details(_Details):
    """What to change of one keyword; what is left out stays."""


class DetailsOf(_Details, Names):
    """The same of several."""


class Count(Reply):
    """How many of so many keywords something changed. `next`: there may be further ones; send it as `cursor`, with the same."""

    changed: int
    of: int
    next: str | None = None


class RankView(Reply):
    """A rank: `ranked` with its number, `not_found` in what was scanned, or `unknown` with its reason."""

    day: date | None
    state: str
    rank: int | None
    says: str
    url: str | None
    title: str | None
    scanned: int
    approximate: bool
    cited: bool
    sandbox: bool
    reason: str | None


class Changes(Reply):
    """Places won (above 0) or lost since so many days before the last check; null unless both ranks are ranked."""

    days_1: int | None
    days_7: int | None
    days_30: int | None


class KeywordFacts(Reply):
    """What is stored of a keyword beside its ranks."""

    id: str
    project: str
    keyword: str
    archived: bool
    due_at: Moment | None
    scraped_at: Moment | None
    attempted_at: Moment | None
    failures: int
    volume: int | None
    tags: list[str]
    target_url: str | None


class KeywordRow(KeywordFacts):
    """A keyword in a list. `line`: 30 days; _ not found, · unknown. `wrong_page`: it ranks, and not with its target page."""

    next_due_at: Moment | None
    last: RankView
    previous: RankView
    best_lately: int | None = Field(description="Best rank of the last 40 checks.")
    changes: Changes
    line: str
    wrong_page: bool
    features: list[str] | None = Field(description="What the last result page showed beside results; null = not kept.")


class LastError(Reply):
    """Why the last check failed."""

    category: str
    message: str
    at: Moment


class Processing(Reply):
    """Who checks a keyword this moment."""

    since: Moment
    for_s: int
    job: str
    job_status: str
    queue: str | None


class KeywordView(KeywordFacts):
    """All that is known of a keyword."""

    next_due_at: Moment | None
    days: int
    last: RankView
    previous: RankView
    first: RankView
    best: RankView
    line: str
    error: LastError | None
    processing: Processing | None
    waits_for: list[Told]


class Check(Reply):
    """A check that was queued. `duplicate_of`: the keyword is in hand already, by that job, and nothing new was queued."""

    keyword_id: str
    job_id: str
    duplicate_of: str | None


class Price(Reply):
    """What checks would cost at most in requests, provider credits and time, and what budgets leave."""

    requests_at_most: int
    credits_at_most: float
    credits_left: float | None = Field(description="The least that the budgets of system and projects leave; null = no limit.")
    is_enough: bool
    seconds_expected: float | None = Field(description="As the checks of the last day took; null = there were none.")
    seconds_at_most: float = Field(description="Where each request takes all of REQUEST_TIMEOUT; without the wait to begin.")


class Checks(Reply):
    """Checks that were queued. `pages_at_most`: what they buy of the provider if all are new. `warnings`: what holds them."""

    checks: list[Check]
    pages_at_most: int
    warnings: list[Told]
    price: Price | None = Field(None, description="With `dry_run`.")
    next: str | None = None
