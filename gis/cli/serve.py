"""``gis serve``: the web maps and the service on one port."""

from __future__ import annotations

import errno
import socket
from typing import Annotated

import typer

from gis.cli.options import WorkspaceOption, load_workspace
from gis.errors import SettingsError


def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help="端口，0 为任选 / port, 0 for any free one")
    ] = 8000,
    workspace: WorkspaceOption = None,
) -> None:
    """启动网页地图与检查服务 / serve the web maps and the check service.

    地址写到标准输出；Ctrl-C 正常停止。
    The address goes to standard output; Ctrl-C stops it.
    """
    listener = open_listener(host, port)
    with listener:
        import uvicorn

        from gis.service.app import create_app

        app = create_app(load_workspace(workspace))
        config = uvicorn.Config(
            app, log_level="warning", server_header=False, timeout_graceful_shutdown=10, lifespan="off"
        )
        typer.echo(format_address(host, listener.getsockname()[1]))
        uvicorn.Server(config).run(sockets=[listener])


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
