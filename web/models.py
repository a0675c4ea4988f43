"""Bases of the models of requests and replies. Unknown fields are refused, with the nearest known name."""

import difflib
import re
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError


def _day(value: Any) -> Any:
    """Pydantic reads a number as seconds since 1970: nobody means a day by `0`."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("is no day like 2026-11-29")
    return value


#: A day of a request, e.g. 2026-11-29.
Day = Annotated[date, BeforeValidator(_day)]


#: How other services call the next part of a list, and its size.
PAGING = frozenset(
    {
        *("page", "page_number", "pagenumber", "page_token", "pagetoken", "per_page", "perpage", "page_size", "pagesize"),
        *("offset", "skip", "start_index", "next", "starting_after", "ending_before", "max_results", "results_per_page"),
    }
)

#: How others call a filter of ours.
SAME = {
    **dict.fromkeys(("from", "start", "start_date", "after", "created_after", "date_from", "min_date"), "since"),
    **dict.fromkeys(("to", "end", "end_date", "before", "created_before", "date_to", "max_date"), "until"),
    **dict.fromkeys(("q", "query", "search", "keyword", "contains", "filter"), "text"),
    **{"state": "status", "order": "sort", "order_by": "sort", "sort_by": "sort", "count": "limit", "size": "limit"},
}

#: By the body of a change: fields that GET shows at the same address, and that it does not take (web/shown.py).
shown_only: dict[type[BaseModel], frozenset[str]] = {}


class Strict(BaseModel):
    """A body, a query or the variables of a path."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As pydantic's, made once: flask-openapi3 asks for it at every request."""
        return _schema(cls, args, tuple(kwargs.items()))

    @model_validator(mode="wrap")
    @classmethod
    def _name_the_nearest(cls, value: Any, handler: Any) -> Any:
        try:
            return handler(value)
        except ValidationError as exc:
            raise ValidationError.from_exception_data(exc.title, [_named(cls, each) for each in exc.errors()]) from None


@cache
def _schema(model: type[Strict], args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return super(Strict, model).model_json_schema(*args, **dict(kwargs))


def _named(model: type[BaseModel], error: Any) -> InitErrorDetails:
    kind = error["type"]
    if kind == "extra_forbidden" and len(error["loc"]) == 1:
        kind = PydanticCustomError("unknown_field", _unknown(model, str(error["loc"][0])).replace("{", "(").replace("}", ")"))
    elif "ctx" not in error or "error" in error["ctx"]:
        kind = PydanticCustomError(kind, "{said}", {"said": error["msg"].removeprefix("Value error, ")})
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))


def _unknown(model: type[BaseModel], name: str) -> str:
    if name in shown_only.get(model, ()):
        return "is shown only, and is not changed here: leave it out"
    known = [field.alias or own for own, field in model.model_fields.items()]
    if "cursor" in known and name.lower().replace("-", "_") in PAGING:
        size = "; limit says how many come at a time" if "limit" in known else ""
        return f"is no known field; a list goes on with cursor, which is `next` of the last reply{size}"
    near = [SAME[name]] if SAME.get(name) in known else difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"is no known field; did you mean {near[0]}?"
    return f"is no known field; known are {', '.join(sorted(known))}" if known else "is no known field; none is taken here"


class FieldModel(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str
    remedy: str | None = None


class ProblemModel(BaseModel):
    """An error, as RFC 9457 writes it."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldModel] = []
