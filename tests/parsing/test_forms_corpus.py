"""Types of forms and fields on recorded pages with known answers; skipped where they are absent."""

import pytest

from benchmarks import forms_accuracy, forms_corpus
from tests.parsing import samples


@pytest.fixture(scope="module")
def pages() -> list[forms_corpus.Recorded]:
    samples.need_corpus()
    return forms_corpus.recorded(samples.CORPUS)


def test_forms_and_fields_are_told_right(pages: list[forms_corpus.Recorded]) -> None:
    of_forms, of_fields, uneven = forms_accuracy.measure(pages)
    assert forms_accuracy.share(of_forms) > 0.97 and forms_accuracy.share(of_fields) > 0.95 and uneven <= 3
