"""The other side of benchmarks/api.py: a bare Flask route that returns a constant, on the same server with the same settings.

python benchmarks/api_bare.py PORT
"""

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask import Flask

from web import server

app = Flask("bare")


@app.post("/scrape")
def constant() -> dict[str, Any]:
    """The constant."""
    return {"job_id": "d2889ed6cfe121e8a4b5c1ae40278dc4", "status": "pending", "queue_position": 1}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    port = parser.parse_args().port
    logging.getLogger("waitress").setLevel(logging.ERROR)
    sys.exit(server.Runner(app, server.listen("127.0.0.1", port)).run())
