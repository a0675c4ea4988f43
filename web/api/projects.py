"""Projects: the tracked domains, and how their keywords are checked. Every key sees all of them: they belong to the house."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

import queues
from jobs import tracking
from state.tracking import keywords
from state.tracking import projects as stored
from topics.operations import project_lists, views, why
from topics.tracking import days, projects
from web.access import Role, needs
from web.answers import Listed, ListQuery, listed, reply, submitted
from web.api.project_models import (
    Changed,
    NewProject,
    ProjectGlance,
    ProjectPath,
    ProjectRow,
    ProjectView,
    Removed,
    Settings,
    WhyView,
)
from web.errors import RESPONSES

api = APIBlueprint(
    "projects",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="projects", description="Tracked domains, and how their keywords are checked.")],
    abp_responses=RESPONSES,
)

#: A project of more keywords is removed, and given new due times, by a job: a request takes no longer than a second or so.
AT_ONCE = 2000


class ProjectsQuery(ListQuery):
    """Filters of the list."""

    active: bool | None = Field(None, description="Only those that take part in batches, or only the others.")
    contains: str = Field("", max_length=200, description="Part of the id, name or domain.")
    standing: bool = Field(False, description="Tell also `late`, and the figures of the last overview.")


@api.get("/projects", responses={200: Listed[ProjectGlance]})
def list_projects(query: ProjectsQuery) -> Response:
    """List projects, by id."""
    read = project_lists.glance if query.standing else project_lists.page
    found = read(query.limit, query.cursor, query.active, query.contains)
    return listed(Listed[ProjectGlance] if query.standing else Listed[ProjectRow], found.rows, found.cursor)


@api.post("/projects", responses={201: ProjectView})
def add_project(body: NewProject) -> Response:
    """Add a project for a domain: a host, a whole domain, `*.host` or `host/path`. 409: its id is taken."""
    given = {name: value for name, value in body.model_dump(exclude={"domain"}).items() if value is not None}
    made = projects.add(body.domain, projects.Options(**given))
    return reply(ProjectView, views.project(made.id), 201, f"/api/v1/projects/{made.id}")


@api.get("/projects/<project_id>", responses={200: ProjectView})
def show_project(path: ProjectPath) -> Response:
    """Show one project, what was changed of it, and why its keywords wait."""
    return reply(ProjectView, views.project(projects.named(path.project_id).id))


@api.patch("/projects/<project_id>", responses={200: Changed})
def change_project(path: ProjectPath, body: Settings) -> Response:
    """Change settings; keywords and their history stay. `hour` and `location` are taken away by null.

    After a change of the hours each keyword gets a new due time: `rearmed` says how many, or `job` does it for a large project.
    """
    project = projects.named(path.project_id)
    values = body.model_dump(include=body.model_fields_set)
    changes = projects.change_settings(project.id, values)
    rearmed, job = None, None
    if days.is_pending(project.id):
        if keywords.count_of(project.id) > AT_ONCE:
            job = submitted(queues.submit(tracking.rearm_project, project.id, labels={"project": project.id}))
        else:
            rearmed = days.rearm(stored.get(project.id))
    told = [views.change_facts(one) for one in changes]
    return reply(Changed, {"project": views.project(project.id), "changes": told, "rearmed": rearmed, "job": job})


@api.delete("/projects/<project_id>", responses={200: Removed, 202: Removed})
@needs(Role.ADMIN)
def remove_project(path: ProjectPath) -> Response:
    """Remove a project with its keywords and their history; stored pages stay. A large one is removed by a job (202)."""
    project = projects.named(path.project_id)
    body: dict[str, Any] = {"id": project.id, "keywords": keywords.count_of(project.id), "folder": project.folder}
    if body["keywords"] <= AT_ONCE:
        return reply(Removed, {**body, "removed": projects.remove(project.id), "job": None})
    stored.set_active(project.id, False)  # nothing of it is queued from now on
    job = queues.submit(tracking.remove_project, project.id, labels={"project": project.id})
    return reply(Removed, {**body, "removed": None, "job": submitted(job)}, 202)


@api.post("/projects/<project_id>/activate", responses={200: ProjectView})
def activate_project(path: ProjectPath) -> Response:
    """Let a project take part in batches again. Safe to repeat."""
    return _activated(path.project_id, True)


@api.post("/projects/<project_id>/deactivate", responses={200: ProjectView})
def deactivate_project(path: ProjectPath) -> Response:
    """Keep a project out of batches; nothing is lost. Safe to repeat."""
    return _activated(path.project_id, False)


@api.get("/projects/<project_id>/why", responses={200: WhyView})
def why_project_waits(path: ProjectPath) -> Response:
    """Say why the keywords of a project wait: every reason, with what ends it."""
    return reply(WhyView, why.of_project(projects.named(path.project_id)))


def _activated(project_id: str, active: bool) -> Response:
    project = projects.named(project_id)
    stored.set_active(project.id, active)
    return reply(ProjectView, views.project(project.id))
