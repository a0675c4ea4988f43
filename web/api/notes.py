"""Notes of a project: what happened on a day, to be seen beside its ranks."""

from datetime import date

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from topics.tracking import days, notes, projects
from web import access
from web.answers import Listed, Reply, listed, reply
from web.api.project_models import ProjectPath
from web.errors import RESPONSES
from web.models import Day, Strict

api = APIBlueprint(
    "notes",
    __name__,
    url_prefix="/api/v1/projects/<project_id>/notes",
    abp_tags=[Tag(name="projects", description="Tracked domains, and how their keywords are checked.")],
    abp_responses=RESPONSES,
)


class NotePath(ProjectPath):
    """The note of a route."""

    note_id: str = Field(max_length=40)


class NotesQuery(Strict):
    """Which days."""

    since: Day | None = Field(None, description="From this day on.")
    until: Day | None = Field(None, description="Up to this day.")


class NewNote(Strict):
    """A note to keep."""

    text: str = Field(max_length=2000, description="What happened: 1 to 300 characters.")
    day: Day | None = Field(None, description="When. Default: today, in the zone of the project.")


class NoteView(Reply):
    """What happened on a day. `actor`: who wrote it."""

    id: str
    day: date
    text: str
    actor: str


@api.get("", responses={200: Listed[NoteView]})
def list_notes(path: ProjectPath, query: NotesQuery) -> Response:
    """List the notes of a project, oldest first: 500 at most."""
    return listed(Listed[NoteView], notes.of(projects.named(path.project_id).id, query.since, query.until))


@api.post("", responses={201: NoteView})
def add_note(path: ProjectPath, body: NewNote) -> Response:
    """Note what happened on a day. The same of that day twice is one note. 409: the project has 500."""
    project = projects.named(path.project_id)
    made = notes.add(project.id, body.day or days.today(project), body.text, access.caller().name)
    return reply(NoteView, made, 201)


@api.delete("/<note_id>", responses={204: None})
def remove_note(path: NotePath) -> Response:
    """Remove a note."""
    notes.remove(projects.named(path.project_id).id, path.note_id)
    return Response(status=204)
