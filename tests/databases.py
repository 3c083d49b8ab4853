"""A PostgreSQL cluster of the tests' own with PostGIS, started when first asked for."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = count(1)


def find_program(name: str) -> str:
    """Return a program of PostgreSQL, which Debian keeps away from the path."""
    found = sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
    return found[-1] if found else shutil.which(name) or name


class Cluster:
    """A PostgreSQL cluster in a folder, reached through a socket in it; started and stopped here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 20_000 + os.getpid() % 20_000

    def run(self, program: str, *arguments: str) -> str:
        """Run a program of PostgreSQL, as the user postgres where we are root: it refuses to run as root."""
        command = [find_program(program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Make the cluster and start it; nobody but this machine's users reaches its socket."""
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.run("initdb", "-D", data, "-U", "gis", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=''"
        self.run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop the cluster at once."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://gis@/{database}?host={self.folder}&port={self.port}"

    def make_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"records_{next(_NUMBERS)}"
        self.run("createdb", "-h", str(self.folder), "-p", str(self.port), "-U", "gis", name)
        return self.url(name)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return a running cluster."""
    with tempfile.TemporaryDirectory(prefix="gis-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        made = Cluster(folder)
        made.start()
        try:
            yield made
        finally:
            made.stop()
