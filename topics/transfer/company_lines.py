"""Companies as lines of an export: what each may hold."""

from typing import Annotated, Any

from pydantic import Field

from topics.transfer import shapes

MOST_FORMER, MOST_SCORES, MOST_MEMBERS, MOST_TAGS = 50, 400, 200, 100

FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class FactLine(shapes.Line):
    """A fact: see lead_models.Fact."""

    kind: str = "fact"
    value: Any
    source: str = Field(max_length=2000)
    at_ms: shapes.Millisecond
    snippet: shapes.Long = ""


class ScoreLine(shapes.Line):
    """A score: see lead_models.Score. Points are rule, part, points, most, reason, evidence."""

    kind: str = "score"
    total: float = Field(ge=0, le=100)
    parts: dict[str, float]
    model: str = Field(pattern=r"^[^\s]{1,40}$")
    at_ms: shapes.Millisecond
    points: list[tuple[shapes.Short, shapes.Short, float, float, shapes.Long, list[shapes.Long]]] = Field(max_length=1000)


class Company(shapes.Line):
    """A company. `names`: by what it is found again (its domain, its name with a phone). `scores`: ms, total, model."""

    id: str = Field(pattern=r"^co_[0-9a-z]{16}$")
    owner: shapes.Owner = ""
    site: shapes.Long = ""
    domain: shapes.Short = ""
    name: shapes.Short = ""
    tags: list[Annotated[str, Field(pattern=r"^[^\n]{1,100}$")]] = Field(default_factory=list, max_length=MOST_TAGS)
    created_ms: shapes.Millisecond = 0
    updated_ms: shapes.Millisecond = 0
    names: list[Annotated[str, Field(pattern=r"^[dpn]:[^\n]{1,600}$")]] = Field(default_factory=list, max_length=MOST_MEMBERS)
    facts: dict[FieldName, FactLine] = Field(default_factory=dict, max_length=100)
    score: ScoreLine | None = None
    scores: list[tuple[shapes.Millisecond, float, str]] = Field(default_factory=list, max_length=MOST_SCORES)
    former: list[tuple[FieldName, FactLine]] = Field(default_factory=list, max_length=MOST_FORMER)
