"""`project share`, `shares`, `unshare`, and `web-login`."""

import json

import models
from tests.commands.conftest import Run
from topics.access import audit, login_links, passwords, users
from topics.operations import shares


def test_a_share_link_is_made_listed_and_revoked(run: Run, project: models.Project) -> None:
    made = run("project", "share", project.id, "--days", "3", "--scope", "keywords", "--title", "Ranks")
    assert made.exit_code == 0 and made.stdout.startswith("http://127.0.0.1:8000/share/")
    token = made.stdout.strip().rpartition("/")[2]
    assert shares.opened(token) and "not shown again" in made.stderr
    [one] = json.loads(run("project", "shares", project.id, "--json").stdout)
    assert (one["title"], one["scope"]) == ("Ranks", "keywords") and token not in run("project", "shares", project.id).stdout
    assert run("project", "unshare", project.id, one["id"]).exit_code == 0
    assert shares.opened(token) is None and "No share link" in run("project", "shares", project.id).stdout
    assert run("project", "unshare", project.id, one["id"]).exit_code == 1
    assert token not in repr(audit.page())


def test_what_cannot_be_shared_says_why(run: Run, project: models.Project) -> None:
    for options, says in (
        (("--days", "400"), "at most 365"),
        (("--days", "0"), "every share link ends"),
        (("--scope", "all"), "overview, keywords"),
    ):
        refused = run("project", "share", project.id, *options)
        assert refused.exit_code == 2 and says in refused.stderr
    assert run("project", "share", "none").exit_code == 1 and run("project", "shares", "none").exit_code == 1


def test_web_login_prints_a_link_that_logs_in_once(run: Run) -> None:
    passwords._nobodys.cache_clear()
    users.add("ada", "operator", "correct horse battery")
    made = run("web-login", "Ada")
    token = made.stdout.strip().rpartition("/login/link/")[2]
    assert made.exit_code == 0 and "ada (operator) once" in made.stderr
    found = login_links.log_in(token, "127.0.0.1")
    assert found and found[0].name == "ada" and login_links.log_in(token, "127.0.0.1") is None
    assert run("web_login", "nobody").exit_code == 1
    assert token not in repr(audit.page()) and "web_login" in repr(audit.page())
