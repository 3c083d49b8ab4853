"""One frozen :class:`Settings`, read from the environment at the edge and passed down."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE_DIR = Path(__file__).resolve().parent


def is_workspace(folder: Path) -> bool:
    """Return whether `folder` holds a layer catalogue and map definitions."""
    return (folder / "layers" / "catalogue.toml").is_file() and (folder / "maps").is_dir()


def bundled_workspace() -> Path:
    """Return the folder with the product's own ``layers/`` and ``maps/``.

    In an installed wheel this is ``gis/bundle``; in a checkout it is the checkout.
    """
    bundle = PACKAGE_DIR / "bundle"
    return bundle if is_workspace(bundle) else PACKAGE_DIR.parent


def default_home(workspace: Path) -> Path:
    """Return where records and caches are kept when ``GIS_HOME`` says nothing.

    Beside a workspace of one's own; in the user's data folder for the bundled one of an installed wheel.
    """
    if workspace == PACKAGE_DIR / "bundle":
        from platformdirs import user_data_path

        return user_data_path("hangzhou-gis", appauthor=False)
    return workspace / ".gis_home"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and who prints them.

    Parameters
    ----------
    workspace : Path
        Folder with ``layers/`` and ``maps/``.
    home : Path
        Folder for records and caches; made when first written to.
    office : str
        Name of the office for sheets and pages (编制单位); empty when unset.
    title : str
        Name of the product on the pages, ``中文 / English`` or one for both; empty for our own.
    tianditu_key : str
        Key of the office for the Tianditu base maps, used where ``maps/basemaps.toml`` switches one on.
    max_upload_bytes : int
        Largest upload the service takes.
    database_url : str
        Database of the records; empty for a SQLite file in `home`.
    asker_header : str
        Request header in which the office's proxy says who asks; empty when there is none to be trusted.
    header_timeout_s, body_timeout_s : float
        Seconds in which the head and the body of a request must have come.
    """

    workspace: Path
    home: Path
    office: str = ""
    title: str = ""
    tianditu_key: str = field(default="", repr=False)
    max_upload_bytes: int = 50_000_000
    database_url: str = field(default="", repr=False)
    asker_header: str = ""
    header_timeout_s: float = 15.0
    body_timeout_s: float = 60.0

    @property
    def cache(self) -> Path:
        """Folder for derived layers and other things that can be made again."""
        return self.home / "cache"


def read_settings(environ: Mapping[str, str] | None = None, *, workspace: Path | None = None) -> Settings:
    """Read the settings from environment variables.

    Parameters
    ----------
    environ : mapping, optional
        Environment; the process's own when left out. Reads ``GIS_WORKSPACE``, ``GIS_HOME``, ``GIS_OFFICE``,
        ``GIS_TITLE``, ``GIS_TIANDITU_KEY``, ``GIS_DATABASE_URL``, ``GIS_ASKER_HEADER``,
        ``GIS_HEADER_TIMEOUT_S``, ``GIS_BODY_TIMEOUT_S``.
    workspace : Path, optional
        Folder named by the caller; wins over the environment.

    Raises
    ------
    SettingsError
        If the folder named is not a workspace, or a time is not a number of seconds.
    """
    env = os.environ if environ is None else environ
    named = workspace or (Path(env["GIS_WORKSPACE"]) if env.get("GIS_WORKSPACE") else None)
    if named is not None:
        folder = named.expanduser().resolve()
        if not is_workspace(folder):
            raise SettingsError(
                f"工作区 {folder} 中没有 layers/catalogue.toml 和 maps/ 文件夹",
                f"the workspace {folder} has no layers/catalogue.toml and maps/ folder",
                where=str(folder),
                hint_zh="请用 --workspace 或 GIS_WORKSPACE 指向含有 layers/ 与 maps/ 的文件夹",
                hint_en="point --workspace or GIS_WORKSPACE at a folder that holds layers/ and maps/",
            )
    else:
        here = Path.cwd()
        folder = here if is_workspace(here) else bundled_workspace()
    home = Path(env["GIS_HOME"]).expanduser().resolve() if env.get("GIS_HOME") else default_home(folder)
    return Settings(
        workspace=folder,
        home=home,
        office=env.get("GIS_OFFICE", ""),
        title=env.get("GIS_TITLE", "").strip(),
        tianditu_key=env.get("GIS_TIANDITU_KEY", "").strip(),
        database_url=env.get("GIS_DATABASE_URL", ""),
        asker_header=env.get("GIS_ASKER_HEADER", ""),
        header_timeout_s=read_seconds(env, "GIS_HEADER_TIMEOUT_S", default=15.0),
        body_timeout_s=read_seconds(env, "GIS_BODY_TIMEOUT_S", default=60.0),
    )


def read_seconds(environ: Mapping[str, str], name: str, *, default: float) -> float:
    """Return a time in seconds, more than 0, from a variable of the environment.

    Raises
    ------
    SettingsError
        If the variable is no such number.
    """
    text = environ.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise SettingsError(
            f"{name} 的值 {text!r} 应为大于 0 的秒数",
            f"{name} is {text!r}; seconds greater than 0 are expected",
            where=name,
        )
    return value
