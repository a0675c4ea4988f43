"""Bodies and replies of the routes of form discovery."""

from typing import Any, Literal

from pydantic import Field, SecretStr

from topics.forms.network_checks import MOST_DEPTH, MOST_NAME, MOST_PAGES, MOST_SECRET
from topics.forms.submitting import MOST_NUMBER
from web.answers import ListQuery, Moment, Reply
from web.models import Strict

URL = 8192


class NetworkPath(Strict):
    """Which network."""

    network_id: int = Field(ge=1, le=MOST_NUMBER)


class FormPagePath(Strict):
    """Which page with forms."""

    form_page_id: int = Field(ge=1, le=MOST_NUMBER)


class FormPagesQuery(ListQuery):
    """A part of the pages."""

    limit: int = Field(100, ge=1, le=500, description="So many pages at most.")


class LoginBody(Strict):
    """A login, which is kept encrypted and never shown again."""

    username: SecretStr = Field(min_length=1, max_length=MOST_SECRET)
    password: SecretStr = Field(min_length=1, max_length=MOST_SECRET)


class NewNetwork(Strict):
    """A site whose forms are to be found."""

    url: str = Field(max_length=URL, description="Where it begins: http or https.")
    name: str = Field(min_length=1, max_length=MOST_NAME, description="What you call it.")
    login_url: str = Field("", max_length=URL, description="The page of its login form; '' = it is looked for.")
    login: LoginBody | None = Field(None, description="Needs NETWORK_KEY.")
    max_pages: int = Field(100, ge=1, le=MOST_PAGES, description="Pages that a discovery reads at most.")
    max_depth: int = Field(5, ge=0, le=MOST_DEPTH, description="Links from the first page.")
    render: bool = Field(False, description="Read its pages after their scripts ran; needs the extra requirements-browser.txt.")


class NetworkChange(Strict):
    """What is to change; another site forgets the login. `login: null` forgets it, too."""

    url: str = Field("", max_length=URL)
    name: str = Field("", max_length=MOST_NAME)
    login_url: str = Field("", max_length=URL)
    login: LoginBody | None = None
    max_pages: int = Field(100, ge=1, le=MOST_PAGES)
    max_depth: int = Field(5, ge=0, le=MOST_DEPTH)
    render: bool = False


class NetworkView(Reply):
    """A network, without its login. `last`: what the last discovery found, and what changed; {} before the first."""

    id: int
    name: str
    url: str
    login_url: str
    has_login: bool
    max_pages: int
    max_depth: int
    render: bool
    created_at: Moment
    last: dict[str, Any]
    pages: int | None = None


class NetworkRemoved(Reply):
    """What was removed, with its forms."""

    id: int


class Rotated(Reply):
    """How many logins were encrypted anew."""

    rotated: int


class FormPageView(Reply):
    """A page with its forms. `within`: the page whose frame it is. Each form stands at one page; `pages`: on how many it is."""

    id: int
    network_id: int
    url: str
    title: str
    within: str | None
    state: Literal["there", "gone"]
    first_seen: Moment
    last_seen: Moment
    gone_at: Moment | None
    forms: list[dict[str, Any]]


class DiscoverBody(Strict):
    """Who wants the forms of which network."""

    project_id: int = Field(ge=1, le=MOST_NUMBER, strict=True)
    network_id: int = Field(ge=1, le=MOST_NUMBER, strict=True)
    user_id: int = Field(ge=1, le=MOST_NUMBER, strict=True)
    company_id: int = Field(ge=1, le=MOST_NUMBER, strict=True)
    product_id: int = Field(ge=1, le=MOST_NUMBER, strict=True)


class AnalyzeBody(Strict):
    """Who wants the details of which page's forms."""

    form_page_id: int = Field(ge=1, le=MOST_NUMBER, strict=True)
    company_id: int = Field(ge=1, le=MOST_NUMBER, strict=True)


class CrawlQueued(Reply):
    """The task; `GET /api/crawl/status/{task_id}` says how it is."""

    session_id: int
    task_id: str
    status: Literal["queued"]
    message: str


class AnalyzeQueued(Reply):
    """The task; `GET /api/crawl/status/{task_id}` has its result."""

    task_id: str
    status: Literal["queued"]
    message: str
