"""Tasks that may be submitted from outside, by their names; and one page, as other systems' queues have it.

A number as priority counts down here: 1 is the most urgent.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field, ValidationError

import models
import queues
from clients import fetch
from jobs import scrape as jobs
from parsing import web_urls
from topics.scraping import cleaning_schema, crawl, processing, single
from topics.scraping import config as configs
from web import errors, idempotency, inputs, replies
from web.api import scrapes
from web.errors import Problem
from web.models import Strict

api = APIBlueprint("submits", __name__, url_prefix="/api/v1/jobs", abp_tags=[Tag(name="submits")])


class PageArguments(Strict):
    """Of `scrape_url`, `crawl_site` and `map_site`."""

    url: inputs.Url
    config: inputs.Config | None = None


class BatchArguments(Strict):
    """Of `scrape_batch`."""

    urls: list[inputs.Url] = Field(min_length=1, max_length=crawl.MOST_URLS)
    config: inputs.Config | None = None


class ContentArguments(Strict):
    """Of `process_content`."""

    content: str = Field(max_length=processing.MAX_CHARS)
    url: str = Field("", max_length=8192)
    content_type: Literal["html", "text"] = "html"
    rules: dict[str, Any] | None = Field(None, alias="schema", description="JSON schema of an object that is read from it.")
    prompt: str = Field("", max_length=5000, description="What the object is to hold, in words; needs a language model.")


class DataArguments(Strict):
    """Of `clean_data`."""

    data: dict[str, Any]
    rules: dict[str, Any] | None = Field(None, alias="schema")


class TaskBody(inputs.Labelled):
    """A task with its arguments."""

    task: str = Field(max_length=60, description="A name that `GET /api/v1/jobs/tasks` lists.")
    arguments: dict[str, Any] = Field(default_factory=dict)
    priority: inputs.PriorityDown | None = Field(None, description="Left out: the queue of the task.")
    delay_s: float = Field(0, ge=0, le=366 * 86_400, description="Seconds to wait before it is queued.")


class TaskModel(BaseModel):
    """A task that may be submitted: its other name, its queue, what it does, and the schema of its arguments."""

    task: str
    also: list[str]
    queue: str
    kind: str
    about: str
    arguments: dict[str, Any]


class TasksModel(BaseModel):
    """All of them."""

    items: list[TaskModel]
    next: None


class Task(NamedTuple):
    """A task: its function, the model of its arguments, what checks them and makes the call or the plan, other names."""

    func: Callable[..., Any]
    arguments: type[Strict]
    made: Callable[[Any, Any, str | None], models.Call | crawl.Plan]
    also: tuple[str, ...] = ()


@api.post("/scrape", responses=scrapes.SUBMIT)
@idempotency.taken
def scrape(body: scrapes.PageBody) -> Any:
    """Scrape one page: the same as `POST /api/v1/scrapes`."""
    return scrapes.one(body, jobs.scrape_url)


@api.post("", responses=scrapes.SUBMIT)
@idempotency.taken
def submit(body: TaskBody) -> Any:
    """Submit a task. Its arguments are checked before anything is queued."""
    task = TASKS.get(body.task) or TASKS.get(OTHERS.get(body.task, ""))
    if task is None:
        message = f"{body.task!r:.60} is no task that can be submitted: there are {', '.join(TASKS)}"
        raise Problem(422, f"{message}.", fields=[errors.Field("task", message)], code="invalid")
    try:
        arguments = task.arguments.model_validate(body.arguments)
    except ValidationError as exc:
        errors.refuse_fields(exc, below="arguments")
    made = task.made(task.func, arguments, body.priority)
    if isinstance(made, crawl.Plan):
        return scrapes.planned(body, made._replace(delay_s=body.delay_s))
    made.delay_s = body.delay_s
    is_scrape = task.arguments is PageArguments
    made.keep_s = None if is_scrape else replies.KEPT_S  # the result of a scrape is kept apart
    return replies.called(body, made, scrapes.links if is_scrape else replies.links)


@api.get("/tasks", responses={200: TasksModel})
def tasks() -> Any:
    """The tasks that may be submitted, with the schemas of their arguments."""
    return {"items": [_told(name, task) for name, task in TASKS.items()], "next": None}


def _page(func: Any, given: PageArguments, queue: str | None) -> models.Call:
    with inputs.field("arguments.url"):
        fetch.check_url(web_urls.typed(given.url))
    with inputs.field("arguments.config"):
        return single.call(func, given.url, given.config, queue)


def _site(func: Any, given: PageArguments, queue: str | None) -> crawl.Plan:
    with inputs.field("arguments.url"):
        fetch.check_url(web_urls.typed(given.url))
    with inputs.field("arguments.config"):
        return crawl.plan_crawl(func, given.url, given.config, queue)


def _batch(func: Any, given: BatchArguments, queue: str | None) -> crawl.Plan:
    with inputs.field("arguments.config"):
        options = configs.of(given.config)
    with inputs.field("arguments.urls"):
        return crawl.plan_batch(func, given.urls, options, queue)


def _content(func: Any, given: ContentArguments, queue: str | None) -> models.Call:
    with inputs.field("arguments.content"):
        processing.check(given.content, given.content_type)
    with inputs.field("arguments.schema"):
        processing.check("", "text", given.rules, given.prompt)
    asked = (given.rules, given.prompt) if given.rules or given.prompt else ()
    return models.Call(func, (given.content, given.url, given.content_type, *asked), queue=queue)


def _data(func: Any, given: DataArguments, queue: str | None) -> models.Call:
    with inputs.field("arguments.schema"):
        if given.rules is not None:
            cleaning_schema.read(given.rules)
    return models.Call(func, (given.data, given.rules), queue=queue)


TASKS = {
    "scrape_url": Task(jobs.scrape_url, PageArguments, _page, ("scrape_url_task",)),
    "scrape_batch": Task(jobs.scrape_batch, BatchArguments, _batch, ("batch_scrape_task",)),
    "crawl_site": Task(jobs.crawl_site, PageArguments, _site),
    "map_site": Task(jobs.map_site, PageArguments, _page),
    "process_content": Task(jobs.process_content, ContentArguments, _content, ("process_content_task",)),
    "clean_data": Task(jobs.clean_data, DataArguments, _data, ("clean_data_task",)),
}

#: Other systems' names of them.
OTHERS = {other: name for name, task in TASKS.items() for other in task.also}


def _told(name: str, task: Task) -> dict[str, Any]:
    spec = queues.spec_of(task.func)
    schema = task.arguments.model_json_schema()
    about = (task.func.__doc__ or "").partition("\n")[0]
    return {"task": name, "also": list(task.also), "queue": spec.queue, "kind": spec.kind, "about": about, "arguments": schema}
