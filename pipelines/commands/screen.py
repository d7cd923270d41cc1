"""`dispute-lake screen`: the one screen (一屏全览) on the published warehouse, and who may look at it.

Here: options, what is printed, what is refused. Not here: the page and its numbers (`warehouse.screen`).
arguments -> follower, users -> server; arguments -> users file
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.terminal import console, errors, settings_from, stop

if TYPE_CHECKING:
    from warehouse.screen.users import Sittings

_FILE = click.option(
    "--user-file", type=click.Path(path_type=Path), envvar="LAKE_USER_FILE", help="用户文件（在湖之外；LAKE_USER_FILE）"
)


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="在哪个地址上提供；默认只在本机可见")
@click.option("--port", default=8600, show_default=True, type=click.IntRange(0, 65535), help="端口；0 为任一空闲端口")
@_FILE
@click.option("--label", help="页首与导出文件名的标注，默认取发布自带的，如 模拟数据")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TLS 证书（PEM）")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TLS 私钥（PEM）")
@click.pass_context
def screen(
    context: click.Context,
    host: str,
    port: int,
    user_file: Path | None,
    label: str | None,
    certificate: Path | None,
    key: Path | None,
) -> None:
    """一屏全览：打开一个只读网页，看今日预警、梯次、区域、类别、来源、走势与超期，点任一个数看它的行。

    默认只在本机可见。要让别的机器看，须先用 screen user add 添加用户，再写 --host 与 --user-file。
    登录、看了哪一起纠纷、导出了什么，记在用户文件旁的 .log 里。
    """
    if context.invoked_subcommand is not None:
        return
    from warehouse.screen.app import LOOPBACK, Screen, Server
    from warehouse.screen.snapshot import Follower, ScreenRefused
    from warehouse.screen.users import Log

    is_local = host in LOOPBACK
    sittings = _sittings(user_file, is_local=is_local, host=host)
    if (certificate is None) != (key is None):
        stop("证书与私钥要一起写：--certificate 与 --key")
    settings = settings_from()
    try:
        shown = Screen(
            Follower(settings.warehouse),
            label=label,
            sittings=sittings,
            log=Log(user_file.absolute().with_suffix(".log")) if user_file is not None else None,
            is_local=is_local,
            is_encrypted=certificate is not None,
        )
        server = Server(shown, host=host, port=port, certificate=certificate, key=key)
    except ScreenRefused as error:
        stop(str(error))
    except OSError as error:
        stop(f"{host}:{port} 不能用（{error.strerror or error}）；请换一个 --port，或检查 --host、证书与私钥")
    console.print(f"一屏全览：{server.address}", markup=False)
    if not is_local and certificate is None:
        errors.print(
            "注意：没有用 TLS，口令与内容以明文经过网络。请写 --certificate 与 --key，或放在加密的反向代理后面。",
            markup=False,
        )
    console.print("Ctrl-C 结束；发布更新后页面自动跟上", markup=False)
    console.file.flush()
    with suppress(KeyboardInterrupt):
        server.serve()


def _sittings(user_file: Path | None, *, is_local: bool, host: str) -> "Sittings | None":
    """Who may look; without a users file nobody but this machine."""
    from warehouse.screen.users import Sittings, Users, UsersRefused

    if user_file is None:
        if is_local:
            return None
        stop(
            f"别的机器能看到 {host}，所以必须登录：请先 dispute-lake screen user add 姓名 --user-file 文件，"
            "再用同样的 --user-file 启动；只在本机看则不要写 --host"
        )
    try:
        users = Users.read(_outside(user_file))
    except UsersRefused as error:
        stop(str(error))
    if not users.hashes:
        stop(f"用户文件 {user_file} 里没有用户。请先添加：dispute-lake screen user add 姓名 --user-file {user_file}")
    return Sittings(users)


@screen.group()
def user() -> None:
    """谁可以登录一屏全览：添加、删除、列出。启动中的页面重启后才生效。"""


@user.command()
@click.argument("name")
@_FILE
def add(name: str, user_file: Path | None) -> None:
    """添加用户或换口令；口令在提示后输入两次，文件里只存它的 scrypt 散列。"""
    from warehouse.screen.users import Users, UsersRefused

    path = _named(user_file)
    try:
        users = Users.read(path) if path.exists() else Users({})
        password = click.prompt("口令", hide_input=True, confirmation_prompt="再输一次", err=True)
        users.with_user(name, password).write(path)
    except UsersRefused as error:
        stop(str(error))
    console.print(f"用户 {name} 已写入 {path}", markup=False)


@user.command()
@click.argument("name")
@_FILE
def remove(name: str, user_file: Path | None) -> None:
    """删除用户。"""
    from warehouse.screen.users import Users, UsersRefused

    path = _named(user_file)
    try:
        Users.read(path).without_user(name).write(path)
    except UsersRefused as error:
        stop(str(error))
    console.print(f"用户 {name} 已从 {path} 删除", markup=False)


@user.command("list")
@_FILE
def list_users(user_file: Path | None) -> None:
    """列出用户。"""
    from warehouse.screen.users import Users, UsersRefused

    try:
        users = Users.read(_named(user_file))
    except UsersRefused as error:
        stop(str(error))
    for name in sorted(users.hashes):
        console.print(name, markup=False)


def _named(user_file: Path | None) -> Path:
    if user_file is None:
        stop("请写明用户文件：--user-file 文件，或设环境变量 LAKE_USER_FILE")
    return _outside(user_file)


def _outside(user_file: Path) -> Path:
    """The path, made sure to lie outside the lake."""
    path = user_file.absolute()
    root = settings_from().root
    if path.resolve().is_relative_to(root.resolve()):
        stop(f"用户文件 {path} 在湖 {root} 里面。请放在湖之外，读发布数据的人不应找到它。")
    return path
