"""Every route keeps what /openapi.json says of it: schemathesis tries each with data that fits, and with data that does not.

Left out are event streams, which do not end, and some checks:

- positive_data_acceptance: an address may be well-formed and refused all the same.
- allow_header_conformance: of /jobs/active, DELETE is a method too: it means the job of that id.
- unsupported_method, below /v1 and /v2: those clients are told 404 where an address is not offered.
"""

from typing import Any

import hypothesis
import schemathesis
from schemathesis.checks import CHECKS

from tests.web.conftest import shared_app
from web import docs, errors

#: Data for each route beside that of the coverage phase.
EXAMPLES = 10

LEFT_OUT = {"positive_data_acceptance", "allow_header_conformance"}
LEFT_OUT_ELSEWHERE = {*LEFT_OUT, "unsupported_method"}

#: Good answers to bad data.
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429", "5xx"]

CONFIG = {
    "phases": {"fuzzing": {"enabled": False}, "stateful": {"enabled": False}},
    "checks": {
        "negative_data_rejection": {"expected-statuses": REFUSALS},
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},  # 503: a setting is missing
    },
}

#: The open server asks nobody for a key.
DOCUMENT = {**docs.document(shared_app()), "security": []}

schema = schemathesis.openapi.from_dict(DOCUMENT, config=schemathesis.Config.from_dict(CONFIG))
schema.app = shared_app()

some_data = hypothesis.settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck))


@schema.exclude(path_regex="/events$").parametrize()
@some_data
def test_it_keeps_what_it_says(case: schemathesis.Case) -> None:
    left_out = LEFT_OUT_ELSEWHERE if case.path.startswith(tuple(errors.writers)) else LEFT_OUT
    case.call_and_validate(checks=_all_but(left_out))


def _all_but(left_out: set[str]) -> list[Any]:
    return [check for check in CHECKS.get_all() if check.__name__ not in left_out]
