"""What one look for alerts costs on a large store: time, commands, and how long the server is busy with its longest step.

    python benchmarks/alerts.py [--fingerprints 500] [--projects 100] [--drops 200]

Each fingerprint, and each project with keywords that fell, is an incident: at most 100 of the first are told apart by their rule.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import clock
import config
import queues
from benchmarks import servers
from errors import NetworkError
from state.alerts import keys
from state.store import connection
from state.tracking import drops
from state.tracking.drops import Drop
from topics.alerts import watching
from topics.tracking import projects
from worker import inline

RULES = "[rules.failures]\njobs = 1\n[rules.rank_drop]\nfor_min = 0\n[rules.no_worker]\nfor_min = 0\n[digest]\nenabled = false\n"


@queues.job(queue="low", kind="bench", retries=0)
def breaks(number: int) -> None:
    """Fails with a shape of its own."""
    raise NetworkError("late " + "abcdefghij"[number % 10] * (number // 10 + 1))


def main() -> None:
    """Fill a store, and look three times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fingerprints", type=int, default=500, help="failures with a shape of their own")
    parser.add_argument("--projects", type=int, default=100, help="projects with keywords that fell")
    parser.add_argument("--drops", type=int, default=200, help="fallen keywords of each")
    args = parser.parse_args()
    with servers.throw_away(), tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(RULES)
        file.flush()
        with config.overridden(alert_rules=Path(file.name)):
            report("an empty store")
            fill(args.fingerprints, args.projects, args.drops)
            print(f"{args.fingerprints} fingerprints, {args.projects} projects with {args.drops} fallen keywords each")
            print(f"{'':<28}{'ms':>8}{'commands':>10}{'server busy ms':>16}{'open':>7}")
            report("all of it opens")
            report("the same again")


def fill(fingerprints: int, count: int, fallen: int) -> None:
    """Failures, and keywords that fell."""
    queues.submit_many((breaks, number) for number in range(fingerprints))
    inline.run_until_idle()
    now_ms = round(clock.now().timestamp() * 1000)
    for number in range(count):
        project = projects.add(f"site{number}.example.com")
        for keyword in range(fallen):
            drops.put(project.id, f"k{keyword}", Drop(f"keyword {keyword}", 3, None, 100, "2026-11-30", now_ms))


def report(title: str) -> None:
    """Look once, and print what it took."""
    client = connection.client()
    for name, value in (("slowlog-log-slower-than", 0), ("slowlog-max-len", 100_000)):
        client.config_set(name, value)
    client.slowlog_reset()
    began = clock.monotonic()
    told = watching.look()
    ms = (clock.monotonic() - began) * 1000
    seen = [entry for entry in client.slowlog_get(100_000) if not entry["command"].startswith(b"SLOWLOG")]
    busy_ms = max(entry["duration"] for entry in seen) / 1000
    print(f"{title:<28}{ms:>8.0f}{len(seen):>10,}{busy_ms:>16.1f}{told['open']:>7,}")
    assert client.exists(keys.LOOKED)


if __name__ == "__main__":
    main()
