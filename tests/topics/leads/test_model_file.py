"""The file of the points model: what is wrong is said with its line and what to write instead; the shipped one is right."""

from pathlib import Path

import pytest

import config
import errors
from tests.topics.leads.scored import rule
from topics.leads import model_file, model_text

GOOD = rule('{ field = "emails", known = true }')


def wrong(text: str) -> str:
    with pytest.raises(errors.ConfigError) as raised:
        model_text.parse(text, "m.toml")
    return str(raised.value)


def test_the_shipped_model_is_right_and_reaches_every_part() -> None:
    model = model_file.current()
    assert len(model.rules) > 10 and all(part.full > 0 and part.weight > 0 for part in model.parts.values())
    assert all(rule.line for rule in model.rules)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin each with a line [[rules]]"),
        ("rules = 1", "1 to 500 rules"),
        ("[[rules]\n", "is not TOML"),
        ("rulez = []\n" + GOOD, "'rulez' is no setting; did you mean rules?"),
        (
            GOOD.replace("part", "pert"),
            "line 1, rule 1 \"{ field = 'emails', known = true }\": 'pert' is no setting of a rule; did you mean part?",
        ),
        (GOOD.replace('"fit"', '"fitness"'), "part = 'fitness' is none: write one of fit, intent"),
        (GOOD.replace("= 10", '= "10"'), "points = '10' must be a number"),
        (GOOD.replace("= 10", "= 0"), "points = 0 must be a number from -1000 to 1000, and not 0"),
        (GOOD.replace("= 10", "= true"), "points = True must be a number"),
        (GOOD.replace("= 10", "= nan"), "points = nan must be a number"),
        (GOOD.replace('"emails"', '"mails"'), "field = 'mails' is none; did you mean emails?"),
        (GOOD.replace("known = true", "knows = true"), "'knows' is no part of a condition; did you mean known?"),
        (rule('{ field = "emails", known = "true" }'), "known = 'true' must be true or false, without quotes"),
        (GOOD.replace(", known = true", ""), "the condition on emails says nothing"),
        (rule('{ field = "emails", known = false, at_least = 1 }'), "known = false stands alone"),
        (rule('{ field = "tags", is = "x", within_days = 3 }'), "nobody knows since when tags are so: drop within_days"),
        (rule('{ field = "any", known = true }'), "it takes within_days alone"),
        (rule('{ field = "employees", between = [200, 11] }'), "two numbers, the lower one first"),
        (rule('{ field = "employees", between = 11 }'), "two numbers, the lower one first"),
        (rule('{ field = "industry", is = [] }'), "a text or a list of up to 1000 texts"),
        (rule('{ field = "industry", is = [1] }'), "a text or a list of up to 1000 texts"),
        (rule('{ field = "industry", contains = ["++"] }'), "'++' has neither letters nor digits"),
        (rule('{ field = "hiring", at_least = -1 }'), "at_least = -1 must be a number from 0"),
        (rule('{ field = "hiring", within_days = 0 }'), "within_days = 0 must be a number from 0.01"),
        (
            rule('{ field = "hiring", at_least = 1 }', 3, "each = true"),
            "each = true needs the most that it gives, 3 or more: most = 15",
        ),
        (rule('{ field = "hiring", at_least = 1 }', 3, "each = true\nmost = 2"), "3 or more: most = 15"),
        (rule('{ field = "hiring", at_least = 1 }', 3, "most = 5"), "most is for rules with each = true: drop it"),
        (rule('{ field = "emails", known = false }', 3, "each = true\nmost = 5"), "cannot be known = false"),
        (rule('{ field = "hiring", at_least = 1 }', 3, "fades = true"), "fades = true needs within_days or dated_within_days"),
        (rule("1"), "when is a condition or a list of them"),
        ('[[rules]]\nname = "x"\npart = "fit"\npoints = 1\n', "it needs a condition"),
        ("[[rules]]\npart = 'fit'\n", "it needs a name"),
        (
            GOOD + "\n" + GOOD,
            "line 8, rule \"{ field = 'emails', known = true }\": line 1 has a rule of that name; give it another",
        ),
        (GOOD + "[parts.fitt]\nweight = 1", "[parts.fitt] is no part; did you mean fit?"),
        (GOOD + "[parts.fit]\nwieght = 1", "[parts.fit] 'wieght' is no setting; did you mean weight?"),
        (GOOD + "[parts.fit]\nweight = -1", "weight goes from 0 to 1000"),
        (GOOD + "[parts.fit]\nweight = 0", "every part has the weight 0"),
        (GOOD + "[parts.intent]\nweight = 10", "[parts.intent] has a weight and no rule that gives points"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_its_remedy(text: str, says: str) -> None:
    assert wrong(text).startswith("m.toml") and says in wrong(text)


def test_everything_that_is_wrong_is_said_at_once_and_bounded() -> None:
    said = wrong("".join(GOOD.replace("= 10", f"= {n}000000") for n in range(1, 15)))
    assert said.count("points =") == 10 and "and 4 more" in said


def test_comments_and_order_change_no_version_and_points_do() -> None:
    other = "# a comment\n" + "\n".join(reversed(GOOD.splitlines()[1:])).replace("[[rules]]", "")
    version = model_text.parse(GOOD).version
    assert model_text.parse("[[rules]]\n" + other).version == version and len(version) == 12
    assert model_text.parse(GOOD.replace("= 10", "= 11")).version != version


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "model.toml"
    with config.overridden(score_model=file):
        with pytest.raises(errors.ConfigError, match=r"SCORE_MODEL: .*model\.toml cannot be read"):
            model_file.current()
        file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())  # as Windows saves it
        first = model_file.current()
        file.write_text(GOOD + rule('{ field = "phones", known = true }'))
        assert model_file.current().version != first.version and len(model_file.current().rules) == 2
        file.write_bytes(b"\xff\xfe")
        with pytest.raises(errors.ConfigError, match="save it as UTF-8"):
            model_file.current()
