"""Companies: listed, shown, typed, tagged, removed, imported."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

import queues
from jobs import leads as jobs
from topics.leads import adding, keeping, processing, views
from topics.leads import uploads as imports
from topics.tracking import uploads as kept
from web import access, seen, uploads
from web.answers import Listed, listed, reply, submitted
from web.api import lead_models as models
from web.api.keyword_import import FILE
from web.errors import RESPONSES

api = APIBlueprint(
    "companies",
    __name__,
    url_prefix="/api/v1/companies",
    abp_tags=[Tag(name="companies", description="Companies: what is known of each, where from, and its score.")],
    abp_responses=RESPONSES,
)


@api.get("", responses={200: Listed[models.CompanyRow]})
def list_companies(query: models.CompanyQuery) -> Response:
    """List companies by id. With filters a part may be short, even empty, before the end."""
    filters = views.Filters(query.tag, query.text, query.score)
    found, cursor = views.page(seen.owner(), filters, query.cursor, query.limit)
    return listed(Listed[models.CompanyRow], map(views.row, found), cursor)


@api.post("", responses={201: models.PutModel})
def add_company(body: models.NewBody) -> Response:
    """Type a company. One with the same site, or the same name and phone, gets the facts instead of a new one."""
    made = adding.add(body.facts, body.tags, access.owner())
    return reply(models.PutModel, made, 201, f"/api/v1/companies/{made.id}")


@api.post("/tags", responses={200: models.Tagged, 404: RESPONSES[404]})
def tag_companies(body: models.TagsBody) -> Response:
    """Give companies tags, and take others from them."""
    return reply(models.Tagged, {"changed": views.tag(body.company_ids, seen.owner(), body.add, body.take)})


@api.post("/import", responses={200: models.ImportModel, 202: models.ImportModel}, openapi_extensions=FILE)
def import_companies(query: models.ImportQuery) -> Response:
    """Import companies: CSV as HubSpot, Salesforce, Apollo, Clay, Crunchbase and others write it.

    The file is the body, or the field `file` of a form. Columns are found by their names. Lines that are wrong are named, the
    others are taken. Safe to repeat: nothing is added twice. A large file is imported by a job (202).
    """
    tags = keeping.tags_of(query.tag)
    with uploads.taken(query.name, may_be_json=True) as upload:
        name = kept.shown(upload.name)
        if len(upload.body) <= imports.AT_ONCE_BYTES:
            told = imports.import_body(upload.body, name, access.owner(), tags, query.encoding)
            return reply(models.ImportModel, {"result": told, "job": None})
        key = kept.keep(upload.body)
    job = queues.submit(jobs.import_companies, key, name, tags, query.encoding)
    return reply(models.ImportModel, {"result": None, "job": submitted(job)}, 202)


@api.get("/<company_id>", responses={200: models.CompanyModel, 404: RESPONSES[404]})
def show_company(path: models.CompanyPath) -> Response:
    """Show a company: its facts with their sources, what they replaced, what is wrong with them, its last score."""
    found = views.find(path.company_id, seen.owner())
    told = {"former": views.former(found.id), "findings": [one.told() for one in processing.findings(found)]}
    return reply(models.CompanyModel, views.told(found) | told)


@api.patch("/<company_id>", responses={200: models.PutModel, 404: RESPONSES[404]})
def change_company(path: models.CompanyPath, body: models.TypedBody) -> Response:
    """Type facts of a company."""
    return reply(models.PutModel, adding.change(path.company_id, body.facts, body.tags, seen.owner()))


@api.delete("/<company_id>", responses={200: models.CompanyRemoved, 404: RESPONSES[404]})
def remove_company(path: models.CompanyPath) -> Response:
    """Remove a company with all that is known of it."""
    return reply(models.CompanyRemoved, views.remove(path.company_id, seen.owner()))
