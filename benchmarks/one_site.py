"""Time one site: the command cold, the check warm, ``gis --help`` and ``import gis``.

python benchmarks/one_site.py [--repeat 7] [--site FILE]

Every figure is the best and the median of some runs, interleaved, in wall and in processor seconds: on a busy
machine the processor seconds tell, on a quiet one both are the same.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import gis
from gis.model import CheckOptions
from gis.sites.read import SiteSource, read_sites
from gis.study import check_sites

TARGETS_S = {"gis check, cold": 2.0, "check, warm": 0.05, "gis --help": 0.3, "import gis": 0.1}
RING = [[120.05, 30.26], [120.06, 30.26], [120.06, 30.27], [120.05, 30.27], [120.05, 30.26]]
SITE = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
    ],
}


def run(*command: str) -> tuple[float, float]:
    """Return wall and processor seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--site", type=Path)
    asked = parser.parse_args()
    content = asked.site.read_bytes() if asked.site else json.dumps(SITE).encode()
    name = asked.site.name if asked.site else "site.geojson"
    sites = read_sites([SiteSource(name, content)])
    workspace, options = gis.open_workspace(), CheckOptions(on=date(2026, 6, 1))
    check_sites(workspace, sites, options)
    times: dict[str, list[tuple[float, float]]] = {title: [] for title in TARGETS_S}
    start = "from gis.cli.main import main; main()"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        for _ in range(asked.repeat):
            times["gis check, cold"].append(run(sys.executable, "-c", start, "check", str(path)))
            wall, cpu = time.perf_counter(), time.process_time()
            check_sites(workspace, sites, options)
            times["check, warm"].append((time.perf_counter() - wall, time.process_time() - cpu))
            times["gis --help"].append(run(sys.executable, "-c", start, "--help"))
            empty = run(sys.executable, "-c", "pass")
            loaded = run(sys.executable, "-c", "import gis")
            times["import gis"].append((loaded[0] - empty[0], loaded[1] - empty[1]))
    rules = len(workspace.rules.rules)
    print(f"{len(workspace.layers)} layers, {rules} rules, {len(sites.sites)} site\n")
    print("| | target s | wall s, best | wall s, median | processor s, best | median |")
    print("|---|---|---|---|---|---|")
    for title, runs in times.items():
        walls, cpus = ([run[k] for run in runs] for k in (0, 1))
        print(
            f"| {title} | {TARGETS_S[title]:g} | {min(walls):.3f} | {statistics.median(walls):.3f} "
            f"| {min(cpus):.3f} | {statistics.median(cpus):.3f} |"
        )


if __name__ == "__main__":
    main()
