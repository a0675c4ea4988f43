"""Into which groups a company falls: by its size, its score, its month, and where its facts come from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from lead_models import Company
from topics.analytics import derived

#: Sizes by employees: the most that each has.
SIZES = (
    *((10, "1-10"), (50, "11-50"), (200, "51-200"), (500, "201-500"), (1000, "501-1000"), (5000, "1001-5000")),
    *((10_000, "5001-10000"), (float("inf"), "10001+")),
)

#: Sources that are no addresses have no host.
OWN_SITE = "own site"

#: The last day that a date can name (days since 1970).
LAST_DAY = 2_932_896


def size(company: Company) -> Sequence[str]:
    """The size by employees.

    >>> fact = Fact(value="11-50", source="typed", at_ms=0)
    >>> size(Company(id="co_1", facts={"employees": fact}))
    ('11-50',)
    """
    found = next((number for one in derived.values(company, "employees") if (number := derived.number_of(one)) is not None), None)
    return () if found is None or found < 0 else (next(word for most, word in SIZES if found <= most),)


def band(company: Company) -> Sequence[str]:
    """The tens in which the score is."""
    return (band_of(company.score.total),) if company.score else ()


def band_of(total: float) -> str:
    """The tens in which a score is.

    >>> band_of(9.9), band_of(50), band_of(100)
    ('00-09', '50-59', '90-100')
    """
    least = min(90, max(0, int(total // 10 * 10)))
    return f"{least:02d}-{least + 9 if least < 90 else 100}"


def month(company: Company) -> Sequence[str]:
    """The month (UTC) in which the company came."""
    return (_month(company.created_ms // 86_400_000),) if company.created_ms else ()


def sources(company: Company) -> Sequence[str]:
    """Where its facts come from, each once."""
    return list(dict.fromkeys(source(company, fact.source) for fact in company.facts.values()))


def source(company: Company, text: str) -> str:
    """A source as it is counted: of an address its host, `own site` for the company's own, else the text as it is."""
    if not text.startswith(("http://", "https://")):
        return text
    host = text.split("/", 3)[2].rpartition("@")[2].partition(":")[0].lower()
    return OWN_SITE if company.domain and f".{host}".endswith(f".{company.domain}") else host


@lru_cache(maxsize=4096)
def _month(day: int) -> str:
    return datetime.fromtimestamp(min(max(day, 0), LAST_DAY) * 86_400, UTC).strftime("%Y-%m")
