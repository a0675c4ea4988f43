"""What a scrape says, as a test asks for it; and the rules of Prometheus for names, which hold also where promtool is missing."""

import re
from typing import Any

from flask.testing import FlaskClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

#: Families of prometheus_client itself.
FOREIGN = ("process_", "python_")

UNITS = ("seconds", "bytes")


def scrape(client: FlaskClient) -> dict[str, Metric]:
    """The families of one scrape by name."""
    reply = client.get("/metrics")
    assert reply.status_code == 200, reply.text
    return {family.name: family for family in text_string_to_metric_families(reply.text)}


def value(client: FlaskClient, sample: str, **labels: str) -> float | None:
    """The value of one sample; None where it is not there."""
    for family in scrape(client).values():
        for one in family.samples:
            if one.name == sample and one.labels == labels:
                return float(one.value)
    return None


def faults(families: dict[str, Metric]) -> list[str]:
    """What breaks a convention: https://prometheus.io/docs/practices/naming."""
    found = []
    for family in families.values():
        names = {one.name for one in family.samples}
        words = family.name.split("_")
        found += [f"{family.name}: no help"] * (not family.documentation)
        found += [f"{family.name}: no name"] * (not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", family.name))
        found += [f"{family.name}: no prefix"] * (not family.name.startswith(("trawl_", *FOREIGN)))
        found += [f"{family.name}: no _total"] * (family.type == "counter" and names != {f"{family.name}_total"} and bool(names))
        found += [f"{family.name}: _total"] * (family.type != "counter" and "total" in words)
        found += [f"{family.name}: its type in its name"] * bool(
            {"gauge", "counter", "histogram", "summary", "metric"} & set(words)
        )
        found += [f"{family.name}: no base unit"] * bool({"ms", "milliseconds", "minutes", "hours", "kb", "mb"} & set(words))
        found += [f"{family.name}: its unit is not last"] * any(unit in words and words[-1] != unit for unit in UNITS)
        found += [f"{family.name}: {len(family.samples)} series"] * (len(family.samples) > 300)
        keys = [(one.name, tuple(sorted(one.labels.items()))) for one in family.samples]
        found += [f"{family.name}: twice the same series"] * (len(keys) != len(set(keys)))
    return found


def names(families: dict[str, Metric]) -> set[str]:
    """Every name that an expression may ask for, of families without a series, too."""
    ends: dict[str, Any] = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return {family.name + end for family in families.values() for end in ends.get(family.type, ("",))}
