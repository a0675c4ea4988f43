"""What an examination found."""

from dataclasses import dataclass, field

from models import Stop
from state.store import server
from topics.upkeep.tallies import Tally


@dataclass(slots=True)
class Report:
    """What was found. `found` is empty where the store was not looked through: what is refused or broken comes first."""

    server: list[server.Verdict]
    broken: dict[str, str] = field(default_factory=dict)
    repaired: dict[str, Tally] = field(default_factory=dict)
    found: dict[str, Tally] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to be done. A warning of the server's is no more than that."""
        stopped = any(stop.wrong for stop in self.stops) or any(verdict.stops for verdict in self.server)
        return not (self._is_refused or self.broken or stopped or any(tally.count for tally in self.found.values()))

    @property
    def is_readable(self) -> bool:
        """Whether the store may be looked through."""
        return not (self._is_refused or any(verdict.stops for verdict in self.server))

    @property
    def _is_refused(self) -> bool:
        return any(verdict.grade == "refused" for verdict in self.server)
