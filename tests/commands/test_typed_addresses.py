"""Addresses without a scheme on the command line, and in a file of them."""

from pathlib import Path

from tests.commands.conftest import Run


def test_domains_are_enough(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "sites.txt"
    path.write_text("example.com\nwww.foo.example/a\n")
    for words in (("scrape", "example.com"), ("scrape", "crawl", "example.com"), ("scrape", "map", "example.com")):
        assert run(*words).exit_code == 0, words
    assert run("scrape", "batch", path).exit_code == 0 and run("business", "scrape", "example.com").exit_code == 0
    assert run("network", "add", "example.com", "--name", "E").exit_code == 0
    assert "https://example.com" in run("network", "list").stdout
    assert "has no scheme" in run("scrape", path.name).stderr
