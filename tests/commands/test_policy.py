"""`policy`: how jobs are tried again."""

import json
from pathlib import Path

import config
import errors
from tests.commands.conftest import Run


def test_the_table_of_retries_is_shown_with_its_file(run: Run) -> None:
    told = json.loads(run("policy", "--json").stdout)
    assert told[0] == {"kind": "", "error": "", "retries": 3, "first_wait_s": 60, "factor": 2, "cap_s": 3600, "jitter": 1}
    assert [one["error"] for one in told[1:7]] == list(errors.CATEGORIES)
    shown = run("policy").stdout
    busy = next(line for line in shown.splitlines() if "ProviderBusy" in line)
    assert "as the job says" in busy and "15 s" in busy and "retry_policy.toml" in shown


def test_check_names_the_line_of_a_mistake(run: Run, tmp_path: Path) -> None:
    assert "retries: 18 rows of retry_policy.toml" in run("check").stdout
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[default]\nretries = 9\n")
    with config.overridden(retry_policy=wrong):
        assert f"{wrong}, line 2: retries is 9" in run("check").stdout
