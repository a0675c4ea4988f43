"""Form discovery: networks, the tasks that look for their forms, and what was found."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from state.forms.networks import Network
from topics.forms import networks, submitting, views
from topics.forms.locks import Login
from web import seen_networks
from web.access import Role, needs, owner
from web.answers import Listed, ListQuery, listed, reply
from web.api.form_models import (
    AnalyzeBody,
    AnalyzeQueued,
    CrawlQueued,
    DiscoverBody,
    FormPagePath,
    FormPagesQuery,
    FormPageView,
    LoginBody,
    NetworkChange,
    NetworkPath,
    NetworkRemoved,
    NetworkView,
    NewNetwork,
    Rotated,
)
from web.errors import RESPONSES

api = APIBlueprint(
    "forms",
    __name__,
    url_prefix="/api",
    abp_tags=[Tag(name="forms", description="Which forms a site has, on which pages, and what changed.")],
    abp_responses=RESPONSES,
)


@api.post("/crawl/discover-forms", responses={200: CrawlQueued})
def discover_forms(body: DiscoverBody) -> Response:
    """Have a network crawled for its forms. While that is queued or runs, another click returns the same task."""
    seen_networks.named(body.network_id)
    made = submitting.discover(submitting.Wanted(**body.model_dump()))
    told = {"task_id": made.submission.job_id, "status": "queued", "message": "Crawl job queued"}
    return reply(CrawlQueued, {"session_id": made.session_id, **told})


@api.post("/crawl/analyze-form", responses={200: AnalyzeQueued})
def analyze_form(body: AnalyzeBody) -> Response:
    """Have the forms of a page analyzed: fields, purposes, what is required, steps, tokens, captchas."""
    seen_networks.page(body.form_page_id)
    made = submitting.analyze(body.form_page_id, body.company_id)
    return reply(AnalyzeQueued, {"task_id": made.job_id, "status": "queued", "message": "Analysis queued"})


@api.get("/v1/networks", responses={200: Listed[NetworkView]})
def list_networks(query: ListQuery) -> Response:
    """List networks, by number."""
    found, cursor = seen_networks.part(query.limit, query.cursor)
    return listed(Listed[NetworkView], networks.views(found), cursor)


@api.post("/v1/networks", responses={201: NetworkView})
def add_network(body: NewNetwork) -> Response:
    """Add a network. Its login is kept encrypted, and never shown again."""
    options = body.model_dump(include={"login_url", "max_pages", "max_depth", "render"})
    made = networks.add(body.url, body.name, _login(body.login), owner(), options)
    return reply(NetworkView, networks.view(made), 201, f"/api/v1/networks/{made.id}")


@api.post("/v1/networks/rotate", responses={200: Rotated})
@needs(Role.ADMIN)
def rotate_networks() -> Response:
    """Encrypt all logins anew with the first key of NETWORK_KEY."""
    return reply(Rotated, {"rotated": networks.rotate()})


@api.get("/v1/networks/<int:network_id>", responses={200: NetworkView})
def show_network(path: NetworkPath) -> Response:
    """Show a network, what its last discovery found, and what changed."""
    return reply(NetworkView, _shown(seen_networks.named(path.network_id)))


@api.patch("/v1/networks/<int:network_id>", responses={200: NetworkView})
def change_network(path: NetworkPath, body: NetworkChange) -> Response:
    """Change a network; what was found stays."""
    found = seen_networks.named(path.network_id)
    given = body.model_fields_set - {"login"}
    forget = "login" in body.model_fields_set and body.login is None
    made = networks.change(found.id, body.model_dump(include=given), _login(body.login), forget_login=forget)
    return reply(NetworkView, _shown(made))


@api.delete("/v1/networks/<int:network_id>", responses={200: NetworkRemoved})
def remove_network(path: NetworkPath) -> Response:
    """Remove a network with its login and the forms that were found."""
    return reply(NetworkRemoved, {"id": networks.remove(seen_networks.named(path.network_id).id).id})


@api.get("/v1/networks/<int:network_id>/forms", responses={200: Listed[FormPageView]})
def list_forms(path: NetworkPath, query: FormPagesQuery) -> Response:
    """List the pages with forms of a network, each with its forms; also those that are gone."""
    return listed(Listed[FormPageView], *views.pages_of(seen_networks.named(path.network_id), query.limit, query.cursor))


@api.get("/v1/form-pages/<int:form_page_id>", responses={200: FormPageView})
def show_form_page(path: FormPagePath) -> Response:
    """Show a page with its forms."""
    return reply(FormPageView, views.page(seen_networks.page(path.form_page_id)))


def _shown(found: Network) -> dict[str, object]:
    return networks.views([found])[0]


def _login(given: LoginBody | None) -> Login | None:
    return Login(given.username.get_secret_value(), given.password.get_secret_value()) if given else None
