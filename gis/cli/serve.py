"""``gis serve``: the web maps and the service on one port."""

from __future__ import annotations

import errno
import signal
import socket
from typing import Annotated

import typer

from gis.cli.options import WorkspaceOption, load_workspace
from gis.errors import SettingsError

STOP_S = 10
"""Seconds that requests under way have when the service is stopped."""


def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="端口，0 为任选 / port, 0 for any free one")
    ] = 8000,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            max=64,
            help="检查进程数，默认每核一个 / processes that check sites, by default one a core",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """启动网页地图与检查服务 / serve the web maps and the check service.

    地址写到标准输出，日志以 JSON 写到标准错误；Ctrl-C 正常停止。
    The address goes to standard output, logs as JSON to standard error; Ctrl-C stops it.
    """
    listener = open_listener(host, port)
    with listener:
        import uvicorn

        from gis.service.app import create_app
        from gis.service.logs import log_settings
        from gis.service.protocol import patient_protocol
        from gis.service.warmth import WarmUp
        from gis.service.workers import count_workers

        opened = load_workspace(workspace)
        app = create_app(opened, processes=count_workers() if workers is None else workers)
        config = uvicorn.Config(
            app,
            http=patient_protocol(opened.settings.header_timeout_s),
            log_config=log_settings(),
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
            lifespan="off",
        )
        signal.signal(signal.SIGTERM, _stop)
        warm_up = WarmUp(app.state.service)
        warm_up.start()
        typer.echo(format_address(host, listener.getsockname()[1]))
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            warm_up.stop()
            app.state.service.close()


def _stop(number: int, frame: object) -> None:
    """End in order: uvicorn hands the signal on when the requests under way are answered."""
    del number, frame
    raise SystemExit(0)


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address, before anything slow is loaded.

    Raises
    ------
    SettingsError
        If the port is taken, or the address is not one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> SettingsError:
    """Return the error for an address that cannot be listened on."""
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"端口 {port} 已被占用",
            f"port {port} is already in use",
            where=f"{host}:{port}",
            hint_zh="换一个端口：gis serve --port 8001",
            hint_en="choose another: gis serve --port 8001",
            code="settings.port",
        )
    return SettingsError(
        f"无法在 {host}:{port} 上监听：{error.strerror or error}",
        f"cannot listen on {host}:{port}: {error.strerror or error}",
        where=f"{host}:{port}",
        hint_zh="请检查 --host 与 --port",
        hint_en="check --host and --port",
        code="settings.port",
    )


def format_address(host: str, port: int) -> str:
    """Return the address to open in a browser."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
