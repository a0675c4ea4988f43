"""The recorded pages with forms and their truth, for the benchmarks of forms."""

import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from parsing import serp_text

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
UNKNOWN_FORMS, UNKNOWN_FIELDS = ("X", "-"), ("XX", "--")


@dataclass(frozen=True)
class Recorded:
    """One page. `forms` has the type of each form, None where the truth says nothing; `fields` the types by field name."""

    url: str
    html: str
    forms: tuple[str | None, ...]
    fields: tuple[dict[str, str], ...]

    @property
    def site(self) -> str:
        """The last two labels of its host: pages of one site are never on both sides of a split."""
        return ".".join((urlsplit(self.url).hostname or "").split(".")[-2:])


def recorded(corpus: Path) -> list[Recorded]:
    """All pages, with full names of types. Forms that config.json counts as other are other."""
    config: dict[str, Any] = json.loads((corpus / "forms" / "config.json").read_text("utf-8"))
    names = {kind["short"]: kind["full"] for kind in config["form_types"]["types"]}
    names |= {short: names[other] for short, other in config["form_types"]["simplify_map"].items()}
    field_names = {kind["short"]: kind["full"] for kind in config["field_types"]["types"]}
    pages = []
    for line in (corpus / "forms" / "index.jsonl").read_text("utf-8").split("\n"):
        if line:
            row = json.loads(line)
            forms = tuple(None if short in UNKNOWN_FORMS else names[short] for short in row["forms"])
            fields = tuple(
                {name: field_names[short] for name, short in form.items() if short not in UNKNOWN_FIELDS}
                for form in row["visible_html_fields"]
            )
            html = serp_text.decode(gzip.decompress((corpus / row["file"]).read_bytes()))
            pages.append(Recorded(row["url"], html, forms, fields))
    return pages
