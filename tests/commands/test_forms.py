"""`network` and `forms`: the password comes from standard input, and stands nowhere afterwards."""

import json

import pytest

from tests.commands.conftest import Run
from tests.topics.forms.conftest import garden as garden
from tests.topics.forms.form_site import PASSWORD, USER, FormSite
from worker import inline


def test_from_a_network_to_its_forms(run: Run, garden: FormSite) -> None:
    made = run("network", "add", f"{garden.url}/", "--name", "Garden", "--user", USER, input=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert "forms discover 1" in made.stdout
    assert "no form is known" in run("forms", "list", "1").stdout.lower()
    assert run("forms", "discover", "1").exit_code == 0
    inline.run_until_idle()
    found = json.loads(run("forms", "list", "1", "--json").stdout)
    assert len(found) == 5 and json.loads(run("forms", "show", str(found[0]["id"])).stdout)["url"] == found[0]["url"]
    assert "contact" in run("forms", "list", "1").stdout and run("forms", "analyze", str(found[0]["id"])).exit_code == 0
    shown = run("network", "show", "1").stdout + run("network", "list").stdout + run("network", "show", "1", "--json").stdout
    audit = run("audit", "--json").stdout
    assert PASSWORD not in shown + audit and "network add" in audit
    assert run("network", "rotate").stdout.startswith("1 login")
    assert "has no login" in run("network", "set", "1", "--no-login").stdout
    assert run("network", "remove", "1", "--yes").exit_code == 0


def test_without_a_key_the_password_is_not_even_asked_for(run: Run) -> None:
    told = run("network", "add", "https://a.example/", "--name", "A", "--user", "x", input="hunter2\n")
    assert told.exit_code == 1 and "NETWORK_KEY" in told.stderr and "hunter2" not in told.output


@pytest.mark.parametrize("words", [("show", "9"), ("remove", "9", "--yes"), ("set", "9", "--name", "x")])
def test_an_unknown_network_is_one_line(run: Run, words: tuple[str, ...]) -> None:
    told = run("network", *words)
    assert told.exit_code == 1 and "network list" in told.stderr
