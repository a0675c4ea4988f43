"""What is done with a keyword: it is described, archived, unarchived, or checked now."""

from flask import Flask, Response, request

import wording
from errors import ArgumentError
from jobs import serp
from parsing import cells
from state.tracking import keywords
from topics.operations import keyword_looks
from topics.tracking import asking, descriptions, projects
from web import access, remedies
from web.access import Role
from web.pages import frame, tables
from web.pages import keyword as keyword_page


def register(app: Flask) -> None:
    """The addresses of these actions."""
    for name, view in (("set", describe), ("archive", archive), ("unarchive", unarchive), ("check", check_now)):
        app.add_url_rule(f"/keywords/<keyword_id>/{name}", f"keyword_{name}_page", view, methods=["POST"])


@access.needs(Role.OPERATOR)
def describe(keyword_id: str) -> Response:
    """Write tags, volume and target page as the form has them; what is wrong is said above the form."""
    keyword = projects.find_keyword(keyword_id)
    given = {name: request.form.get(name, "").strip() for name in ("tags", "volume", "target_url")}
    try:
        volume = cells.volume(given["volume"]) if given["volume"] else -1
        if volume is None:
            raise ArgumentError(f"volume {given['volume']!r:.40} is no number of searches a month")
        wanted = descriptions.checked(cells.tags(given["tags"]), volume, given["target_url"])
    except ArgumentError as exc:
        look = keyword_looks.of(keyword_id)
        days = tables.Table("days", "Ranks by day", keyword_page.COLUMNS, (), empty="Left out: mend the form first.")
        return keyword_page.shown(look, days, status=422, given=given, wrong=remedies.for_the_api(str(exc))[0])
    gone = [tag for tag in keyword.tags if tag not in (wanted.tags or ())]
    changed = descriptions.change([keyword], wanted, gone)
    return frame.done(f"/keywords/{keyword.id}", "Changed." if changed else "It was like that already.")


@access.needs(Role.OPERATOR)
def archive(keyword_id: str) -> Response:
    """Check it no more; its history stays."""
    keyword = projects.find_keyword(keyword_id)
    changed = keywords.archive_many([keyword], True)
    return frame.done(
        f"/keywords/{keyword.id}", "Archived: it is not checked any more." if changed else "It was archived already."
    )


@access.needs(Role.OPERATOR)
def unarchive(keyword_id: str) -> Response:
    """Check it again."""
    keyword = projects.find_keyword(keyword_id)
    changed = keywords.archive_many([keyword], False)
    return frame.done(f"/keywords/{keyword.id}", "It is checked again." if changed else "It was not archived.")


@access.needs(Role.OPERATOR)
def check_now(keyword_id: str) -> Response:
    """Say what a check buys at most, then queue it."""
    keyword = projects.find_keyword(keyword_id)
    page = f"/keywords/{keyword.id}"
    if not frame.is_confirmed():
        pages = wording.pluralize(asking.price([keyword])["pages_at_most"], "result page")
        says = f"A check of {keyword.text!r} now buys at most {pages} from the provider, also where today's rank is known."
        return frame.confirm("Check now?", says, f"{page}/check", button=f"Check now, for at most {pages}", back=page)
    done = asking.check_now(serp.track_keyword, [keyword])
    [one] = done["checks"]
    says = f"The job {one['job_id']} has it in hand already." if one["duplicate_of"] else f"Queued as the job {one['job_id']}."
    return frame.done(page, " ".join([says, *done["warnings"]]))
