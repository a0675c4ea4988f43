"""How well forms and their fields are told on recorded pages.

    python benchmarks/forms_accuracy.py [../shared/corpus]

Prints the share of forms and fields told right by the tables of the project, with what is mistaken for what. Those tables were
fitted on the pages of ../shared/corpus, so on these pages the first figures flatter. With numpy installed, the figures for sites
that the weights were not fitted on follow (`benchmarks/forms_weights.py`); they take a minute or two.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import forms_corpus, forms_weights
from parsing import forms

MOST_MISTAKES = 30
Pairs = Counter[tuple[str, str]]


def measure(pages: list[forms_corpus.Recorded]) -> tuple[Pairs, Pairs, int]:
    """How often each true type was told as which, of forms and of fields; and how many pages have another number of forms."""
    of_forms: Pairs = Counter()
    of_fields: Pairs = Counter()
    uneven = 0
    for page in pages:
        found = forms.discover(page.html, url=page.url)
        uneven += len([form for form in found if not form.is_formless]) != len(page.forms)
        for at, (form_type, fields) in enumerate(zip(page.forms, page.fields, strict=True)):
            form = found[at] if at < len(found) else None
            if form_type:
                of_forms[form_type, form.form_type if form else "(none)"] += 1
            told = {field.name: field.field_type for field in reversed(form.fields)} if form else {}
            of_fields.update((field_type, told.get(name, "(none)")) for name, field_type in fields.items())
    return of_forms, of_fields, uneven


def share(pairs: Pairs) -> float:
    """The share of those told right."""
    return sum(count for (true, told), count in pairs.items() if true == told) / max(1, pairs.total())


def confusion(pairs: Pairs) -> str:
    """A table: rows are the truth, columns what was told."""
    types = sorted({name for pair in pairs for name in pair})
    width = max(map(len, types))
    lines = [" " * width + "".join(f"{name[:7]:>9}" for name in types) + "   recall precision"]
    for true in types:
        right, row = pairs[true, true], [pairs[true, told] for told in types]
        told = sum(pairs[other, true] for other in types)
        ends = f"{right / max(1, sum(row)):9.2f}{right / max(1, told):10.2f}"
        lines.append(f"{true:{width}}" + "".join(f"{count or '.':>9}" for count in row) + ends)
    return "\n".join(lines)


def mistakes(pairs: Pairs) -> str:
    """What is mistaken for what most often."""
    wrong = Counter({pair: count for pair, count in pairs.items() if pair[0] != pair[1]})
    return "\n".join(f"{count:5}  {true} told as {told}" for (true, told), count in wrong.most_common(MOST_MISTAKES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="?", type=Path, default=forms_corpus.CORPUS)
    arguments = parser.parse_args()
    pages = forms_corpus.recorded(arguments.corpus)
    start = time.process_time()
    of_forms, of_fields, uneven = measure(pages)
    each = (time.process_time() - start) / max(1, len(pages)) * 1000
    print(f"form types   {share(of_forms):.3f} of {of_forms.total()}\n\n{confusion(of_forms)}\n")
    print(f"field types  {share(of_fields):.3f} of {of_fields.total()}\n\n{mistakes(of_fields)}\n")
    print(f"{len(pages)} pages, {uneven} with another number of forms than the truth; {each:.1f} ms of CPU a page\n")
    if not forms_weights.has_numpy():
        print("For the figures on sites that the tables were not fitted on: pip install numpy")
        return
    data = forms_weights.Data(pages)
    told = forms_weights.held_out(data.forms, forms_weights.RIDGE_OF_FORMS)
    print(f"held out: form types   {forms_weights.share(data.forms, told):.3f} of {len(told)}")
    print(f"\n{confusion(Counter(zip((row.type for row in data.forms), told, strict=True)))}\n")
    fields = data.fields(told)
    told = forms_weights.held_out(fields, forms_weights.RIDGE_OF_FIELDS)
    print(f"held out: field types  {forms_weights.share(fields, told):.3f} of {len(told)}")


if __name__ == "__main__":
    main()
