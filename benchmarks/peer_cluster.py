"""A PostgreSQL cluster with PostGIS of the benchmark's own, where PostgreSQL is; gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_program(name: str) -> str | None:
    """Return a program of PostgreSQL, which Debian keeps away from the path."""
    found = sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
    return found[-1] if found else shutil.which(name)


def run_program(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL, as the user postgres where we are root: it refuses to run as root."""
    command = [find_program(name) or name, *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=sys.stderr, cwd="/")


@contextmanager
def start_cluster() -> Iterator[tuple[str, int | None]]:
    """Yield the address of an empty database and its server's process; ``""``, None without PostgreSQL."""
    if find_program("initdb") is None:
        print("PostgreSQL 未安装，不比较 PostGIS / no PostgreSQL here: PostGIS is left out", file=sys.stderr)
        yield "", None
        return
    with tempfile.TemporaryDirectory(prefix="gis-peer-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), str(20_000 + os.getpid() % 20_000)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = str(folder / "data")
        run_program("initdb", "-D", data, "-U", "gis", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        settings = (
            f"-k {folder} -p {port} -c listen_addresses='' -c fsync=off -c shared_buffers=512MB "
            "-c work_mem=256MB -c maintenance_work_mem=512MB -c max_wal_size=4GB"
        )
        run_program("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", settings, "-w", "start")
        try:
            run_program("createdb", "-h", name, "-p", port, "-U", "gis", "peers")
            server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            yield f"postgresql://gis@/peers?host={folder}&port={port}", server
        finally:
            run_program("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
