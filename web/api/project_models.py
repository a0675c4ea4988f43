"""Bodies and replies of the routes of projects."""

from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from web.answers import Moment, Reply, Told
from web.models import Strict
from web.shapes import SubmittedModel


class ProjectPath(Strict):
    """The project of a route."""

    project_id: str = Field(max_length=200)


class _Settings(Strict):
    name: str | None = Field(None, description="Name for people.")
    weight: float | None = Field(None, description="Share of a batch, relative to other projects: 0.001 to 1000.")
    country: str | None = Field(None, description="Country of the search: a code of Google's gl, e.g. us or gb.")
    language: str | None = Field(None, description="Language of the search: a code of Google's hl, e.g. en or pt-BR.")
    device: Literal["desktop", "mobile"] | None = None
    depth: int | None = Field(None, description="Results to scan: 10, 20 … 100.")
    every_h: float | None = Field(None, description="Hours between checks.")
    zone: str | None = Field(None, description="Time zone of its days, e.g. Europe/Berlin.")
    hour: int | None = Field(None, description="Hour of the day, in its zone, at which its checks are due; null = own times.")
    location: str | None = Field(None, max_length=400, description='Town or region, e.g. "Austin, Texas, United States".')


class NewProject(_Settings):
    """A project to add. What is left out has its default."""

    domain: str = Field(max_length=2000)
    id: str | None = Field(None, description="Short name. Default: made from the name or domain.")


class Settings(_Settings):
    """Settings to change; what is left out stays."""

    domain: str | None = Field(None, max_length=2000, description="Where the site moved. Its history stays.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing to change: give a setting, e.g. depth")
        if empty := [name for name in self.model_fields_set - {"hour", "location"} if getattr(self, name) is None]:
            raise ValueError(f"{empty[0]} cannot be null: leave it out, and it stays")
        return self


class ProjectRow(Reply):
    """A project, with how many keywords are tracked and due."""

    id: str
    domain: str
    name: str
    active: bool
    keywords: int
    due: int
    weight: float
    country: str
    language: str
    device: str
    depth: int
    every_h: float
    zone: str
    hour: int | None
    location: str | None
    folder: str
    created_at: Moment | None


class Standing(Reply):
    """The figures of an overview, as it was counted at `at`."""

    at: Moment
    keywords: int
    visibility: float | None
    visibility_changes: dict[str, float | None]
    distribution: dict[str, int]
    unknown_reasons: dict[str, int]


class ProjectGlance(ProjectRow):
    """The same in a list; asked for with `standing`: `late` (due for more than an hour), and what was counted last."""

    late: int | None = None
    standing: Standing | None = None


class Change(Reply):
    """A setting that was changed."""

    at: Moment
    setting: str
    before: str | None
    after: str | None
    says: str


class Suspect(Reply):
    """A day on which most ranks fell. `state`: held, released, discarded, or watched (discarded, and checked again)."""

    day: date
    state: str
    compared: int
    fallen: int
    round: int = Field(description="How often it was held.")
    held_at: Moment | None
    decided_at: Moment | None
    note: str
    sample: dict[str, str] = Field(description="Keyword → fell, stands or unread, as checked again.")
    says: str


class ProjectView(ProjectRow):
    """All that is known of a project. `changes`: the newest first; `suspects`: mass drops of the last eight days."""

    changes: list[Change]
    suspects: list[Suspect]
    waits_for: list[Told]


class Changed(Reply):
    """What a change did."""

    project: ProjectView
    changes: list[Change]
    rearmed: int | None
    job: SubmittedModel | None


class Removed(Reply):
    """A project that is removed, or is being removed by `job`. What is stored below `folder` stays."""

    id: str
    keywords: int
    folder: str
    removed: int | None
    job: SubmittedModel | None


class Stop(Reply):
    """A reason to wait. `wrong` false: somebody meant it so. `fix`: what ends it."""

    name: str
    says: Told
    fix: Told
    since: Moment | None
    wrong: bool
    until: Moment | None


class WhyView(Reply):
    """Why something waits; the gravest reason first. `job`: the job that has it in hand."""

    id: str
    what: str
    state: str
    name: str
    reasons: list[Stop]
    facts: dict[str, Any]
    job: "WhyView | None"
