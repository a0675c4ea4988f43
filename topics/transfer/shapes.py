"""Lines of an export: each is checked before anything is written. Unknown fields are refused, so that none is lost."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

ProjectId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]
KeywordId = Annotated[str, Field(pattern=r"^[a-z2-7]{12}$")]
Second = Annotated[int, Field(ge=0, le=1 << 40)]
Millisecond = Annotated[int, Field(ge=0, le=1 << 50)]
Owner = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f*]*$")]
Domain = Annotated[str, Field(max_length=253, pattern=r"^[^\s\x00-\x1f]+$")]
Count = Annotated[int, Field(ge=0, le=1 << 53)]
Short = Annotated[str, Field(max_length=500)]
Long = Annotated[str, Field(max_length=4000)]


class Line(BaseModel):
    """A line. `kind` was looked at before."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    kind: str


class Note(Line):
    """A note of a project."""

    kind: str = "note"
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    text: Annotated[str, Field(max_length=300)]
    actor: Short = ""


class Project(Line):
    """A project, with its notes, its pinned competitors and what was changed."""

    id: ProjectId
    domain: Short
    name: Short
    active: bool = False
    weight: float = 1.0
    country: str = "us"
    language: str = "en"
    device: str = "desktop"
    depth: int = 10
    every_h: float = 24.0
    folder: Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    zone: str = "UTC"
    hour: int | None = None
    location: str | None = None
    created_at: str | None = None
    pins: list[Domain] = Field(default_factory=list, max_length=10)
    notes: list[Note] = Field(default_factory=list, max_length=500)
    changes: list[Short] = Field(default_factory=list, max_length=100)
    rearm: Annotated[str, Field(pattern=r"^[0-9.]{0,12}$")] = ""


class Keyword(Line):
    """A keyword with its history. Times are seconds since 1970; `due` is the next regular check, `next` the next attempt."""

    id: KeywordId
    project: ProjectId
    text: Annotated[str, Field(min_length=1, max_length=400)]
    key: str = ""
    is_folded: bool = False
    archived: bool = False
    due: Second | None = None
    next: Second = 0
    scraped: Second | None = None
    failed: Second | None = None
    failures: Count = 0
    volume: Count | None = None
    tags: list[Annotated[str, Field(max_length=60, pattern=r"^[^\n]+$")]] = Field(default_factory=list, max_length=30)
    target_url: Annotated[str, Field(max_length=2000)] = ""
    error: dict[str, Long] = Field(default_factory=dict, max_length=10)
    pages: list[tuple[Long, Short]] = Field(default_factory=list, max_length=254)
    days: list[list[Any]] = Field(default_factory=list, max_length=1 << 16)
    seen: list[dict[str, Any]] = Field(default_factory=list, max_length=366)
