"""`policy`: how jobs are tried again."""

import errors
from tests.commands.conftest import Run


def test_the_table_of_retries_is_shown_with_its_file(run: Run) -> None:
    import json

    told = json.loads(run("policy", "--json").stdout)
    assert told[0] == {"kind": "", "error": "", "retries": 3, "first_wait_s": 60, "factor": 2, "cap_s": 3600, "jitter": 1}
    assert [one["error"] for one in told[1:7]] == list(errors.CATEGORIES)
    shown = run("policy").stdout
    busy = next(line for line in shown.splitlines() if "ProviderBusy" in line)
    assert "as the job says" in busy and "15 s" in busy and "retry_policy.toml" in shown
