"""Pages of one site as one visitor sees them: with cookies, robots.txt obeyed, and a turn at the host for each request.

Whoever crawls so waits for a turn here: parked, the job would begin anew, and would log in once more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import errors
from clients import fetch
from topics.scraping import manners, politeness, robots_rules, visits
from topics.scraping.config import ScrapingConfig

FORM = "application/x-www-form-urlencoded"

#: A page of another kind has no forms.
HTML = ("text/html", "application/xhtml+xml")


@dataclass(slots=True)
class Session:
    """One visitor. `holder` names the job to the gates of hosts; `config` says how polite it is, and whether scripts run."""

    holder: str
    config: ScrapingConfig
    jar: fetch.Jar = field(default_factory=fetch.Jar)

    def page(self, url: str, allowed: Callable[[str], bool]) -> fetch.Reply:
        """The page. Raises visits.Redirected for one that sends on to what is not `allowed`; what is no page raises its error."""
        return politeness.patiently(lambda: self._sent(url, allowed))

    def post(self, url: str, body: bytes, referer: str) -> fetch.Reply | str:
        """Post a form, once; the reply, or the address it sends on to, which is not followed: no form is ever sent twice."""
        headers = {"Content-Type": FORM, "Referer": referer}
        try:
            return self._sent(url, lambda target: False, body, headers)
        except visits.Redirected as exc:
            return exc.target

    def _sent(
        self, url: str, allowed: Callable[[str], bool], form: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> fetch.Reply:
        asked = fetch.Request(url, headers or {}, timeout_s=self.config.timeout, max_bytes=self.config.max_page_kb << 10)
        if self.config.render and form is None:
            asked = replace(asked, mode="render", onscreen=fetch.Onscreen(shadows=True))
        with politeness.turn(url, self._manners, self.holder, self._robots) as turn:

            def before(target: str) -> None:
                if not allowed(target):
                    turn.outcome("ok", sent_ago_s=None)
                    raise visits.Redirected(target)
                if asked.mode == "render":  # the browser follows in its own time
                    visits.known_rules(turn, target)
                else:
                    turn.follow(target)

            reply = fetch.send(asked, self.jar, before=before, form=form)
            problem = visits.problem(reply, url)
            turn.outcome(visits.outcome(reply, problem), sent_ago_s=reply.sent_ago_s, retry_after_s=reply.retry_after_s)
        if problem and not _is_login(problem):
            raise problem
        return reply

    @property
    def _manners(self) -> manners.Manners:
        return visits.manners_of(self.config)

    @property
    def _robots(self) -> robots_rules.Fetch:
        return visits.robots_fetch(self.config)


def is_html(reply: fetch.Reply) -> bool:
    """Whether a reply can have forms."""
    return reply.headers.get("content-type", HTML[0]).partition(";")[0].strip().lower() in HTML


def _is_login(problem: errors.TrawlError) -> bool:
    """A page that asks for a login is none for others; here its form is what is looked for."""
    return isinstance(problem, errors.BlockedError) and problem.page_class == "login"
