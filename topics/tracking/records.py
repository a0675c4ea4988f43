"""What is stored of a check: a JSON object and the compressed pages it was made from, both below one readable path.

    example.com/python-tutorial/2024-01-15.json          what was found (schema: StoredCheck)
    example.com/python-tutorial/2024-01-15.p1.html.gz    the first page, as it came
    example.com/python-tutorial/2024-01-15.failed.json   a check that read no page; never in place of one that did

A second check of the same day replaces the first.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pydantic

import models
from clients import storage
from errors import DataError
from parsing import domains, slugs
from state.tracking import texts

#: Largest object of a check, largest page as it is stored, and as it came (bytes). A provider's answer has 8 MiB at most.
MOST_CHECK_BYTES, MOST_PACKED_BYTES, MOST_PAGE_BYTES = 8 << 20, 16 << 20, 16 << 20

#: The pages of one check as scan.py counted them: (results above it, page) in the order in which they were read.
Pages = Iterable[tuple[int, models.SerpPage]]


class _Stored(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StoredPage(_Stored):
    """One fetched page and what it was."""

    start: int = pydantic.Field(ge=0)
    page_class: models.PageClass
    confidence: models.Confidence
    features: list[str]
    total_results: int | None
    format: Literal["html", "json"]
    key: str  # of the compressed page
    sha256: str = pydantic.Field(pattern="^[0-9a-f]{64}$")  # of the compressed page
    url: str
    elapsed_ms: int = pydantic.Field(ge=0)
    cost: float | None  # provider credits
    remaining: float | None
    request_id: str | None
    query: str | None = None  # that the page says it answers
    is_corrected: bool = False  # the page says that it shows results of another spelling
    is_cut_off: bool = False
    charset: str | None = None  # that the header of the answer named


class StoredOrganic(_Stored):
    """One organic result; `rank` = results above it + 1."""

    rank: int = pydantic.Field(ge=1)
    url: str | None
    goto_url: str | None
    title: str
    displayed_host: str | None
    ours: bool


class StoredRank(_Stored):
    """The outcome in the words of models.Rank."""

    state: models.RankState
    rank: int | None = pydantic.Field(ge=1)
    url: str | None
    title: str | None
    scanned: int = pydantic.Field(ge=0)
    approximate: bool
    reason: str | None
    cited: bool = False  # the AI overview names the target among its sources

    @pydantic.model_validator(mode="after")
    def _never_a_guess(self) -> "StoredRank":
        if (self.state is models.RankState.RANKED) != (self.rank is not None):
            raise ValueError("a rank is stored exactly when the state is ranked")
        return self


class StoredCheck(_Stored):
    """One check of one keyword."""

    version: Literal[1] = 1
    keyword_id: str
    keyword: str
    project_id: str
    domain: str
    country: str
    language: str
    device: str
    location: str | None = None  # the place of the search; older versions had none
    depth: int
    provider: str
    sandbox: bool
    checked_at: datetime
    parser_version: str
    rank: StoredRank
    pages: list[StoredPage]
    organic: list[StoredOrganic]
    features: list[str]
    cited: list[str] = []  # addresses that the AI overview names as its sources
    cost: float | None  # provider credits of all pages
    fetch_ms: int
    total_ms: int
    tries: int | None = None  # checks since the last one that read a page, this one included; older versions did not say


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came and as it was read; `start` was asked for, `above` results were counted before it."""

    start: int
    reply: models.SerpReply
    page: models.SerpPage
    above: int = 0


def key_of(project: models.Project, keyword: models.Keyword | str, day: date, *, failed: bool = False) -> str:
    """Key of the JSON object of one check; `keyword` may be the text of one that this version added."""
    return _object_key(project, keyword, day, ".failed.json" if failed else ".json")


def put_pages(
    store: storage.Store, project: models.Project, keyword: models.Keyword, fetched: list[Fetched], day: date, failed: bool
) -> list[StoredPage]:
    """Store the pages of a check; returns how the JSON object speaks of them."""
    stored = []
    for number, one in enumerate(fetched, 1):
        key = _object_key(project, keyword, day, f"{'.failed' if failed else ''}.p{number}.{one.reply.format}.gz")
        body = gzip.compress(one.reply.body, 6, mtime=0)
        store.put(key, body, content_type="application/gzip")
        stored.append(_stored_page(one, key, body))
    return stored


def _object_key(project: models.Project, keyword: models.Keyword | str, day: date, suffix: str) -> str:
    """Keywords of an older version go on under the name of their folded form; no other keyword gets that name."""
    text = keyword if isinstance(keyword, str) else keyword.text
    slug = slugs.typed_slug(text)
    if isinstance(keyword, models.Keyword):
        ids = texts.ids_for(project.id, text)
        if keyword.id == ids.old != ids.own:
            slug = slugs.keyword_slug(text)
        elif keyword.id == ids.besides:
            slug = slugs.typed_slug(text, besides=True)
    return slugs.object_key(project.folder, text, day, suffix, slug=slug)


def _stored_page(one: Fetched, key: str, compressed: bytes) -> StoredPage:
    return StoredPage(
        start=one.start,
        page_class=one.page.page_class,
        confidence=one.page.confidence,
        features=sorted(one.page.features),
        total_results=one.page.total_results,
        format="json" if one.reply.format == "json" else "html",
        key=key,
        sha256=hashlib.sha256(compressed).hexdigest(),
        url=one.reply.url,
        elapsed_ms=one.reply.elapsed_ms,
        cost=one.reply.cost,
        remaining=one.reply.remaining,
        request_id=one.reply.request_id,
        charset=one.reply.charset,
        query=one.page.query,
        is_corrected=one.page.is_corrected,
        is_cut_off=one.page.is_cut_off,
    )


def organic_of(pages: Pages, target: domains.Target) -> list[StoredOrganic]:
    """All organic results of the pages, in rank order."""
    rows = []
    for above, page in pages:
        ours = {hit.position for hit in domains.find_hits(target, page.organic)}
        for result in page.organic:
            rows.append(
                StoredOrganic(
                    rank=above + result.position,
                    url=result.url,
                    goto_url=result.goto_url,
                    title=result.title,
                    displayed_host=result.displayed_host,
                    ours=result.position in ours,
                )
            )
    return rows


def rank_of(rank: models.Rank) -> StoredRank:
    """The stored form of a rank."""
    return StoredRank(
        state=rank.state,
        rank=rank.rank,
        url=rank.url,
        title=rank.title,
        scanned=rank.scanned,
        approximate=rank.approximate,
        reason=rank.reason,
        cited=rank.cited,
    )


def cited_of(pages: Iterable[models.SerpPage]) -> list[str]:
    """Addresses that the AI overviews of the pages name, each once, in their order."""
    return list(dict.fromkeys(url for page in pages for url in page.cited))


def put(store: storage.Store, key: str, check: StoredCheck) -> None:
    """Store the JSON object of a check; it was validated when it was built."""
    store.put(key, check.model_dump_json(indent=1).encode(), content_type="application/json")


def get(store: storage.Store, key: str) -> StoredCheck | None:
    """A stored check, None where there is none. Raises DataError for an object that does not fit the schema."""
    body = store.get(key, MOST_CHECK_BYTES)
    if body is None:
        return None
    try:
        return StoredCheck.model_validate_json(body)
    except pydantic.ValidationError as exc:
        raise DataError(f"The stored object {key} does not fit the schema: {exc.errors()[0]['msg']}") from None


def page_body(store: storage.Store, page: StoredPage) -> bytes:
    """The page as it came. Raises DataError where it is gone, its sha256 differs, or it unpacks to more than any page has."""
    body = store.get(page.key, MOST_PACKED_BYTES)
    if body is None:
        raise DataError(f"The stored page {page.key} is gone; it cannot be read again.")
    if hashlib.sha256(body).hexdigest() != page.sha256:
        raise DataError(f"The stored page {page.key} was changed since it was stored (sha256 differs).")
    return _unpacked(page.key, body)


def _unpacked(key: str, body: bytes) -> bytes:
    """A page unpacked, and never more of it than a page may have: a few bytes can unpack to gigabytes."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        page = stream.decompress(body, MOST_PAGE_BYTES + 1)
    except zlib.error:
        page = b""
    if len(page) > MOST_PAGE_BYTES:
        raise DataError(f"The stored page {key} unpacks to more than {MOST_PAGE_BYTES:,} bytes: it is none of ours.")
    if not stream.eof:
        raise DataError(f"The stored page {key} is damaged: it cannot be unpacked.")
    return page
