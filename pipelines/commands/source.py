"""`dispute-lake source`: a first source.yml for a new export, and what reading with a source.yml gives.

sample -> sources/<name>/source.yml, expectations.yml; source.yml + file -> account, findings, filled columns
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pandas as pd

from pipelines.terminal import DAY, FAILED, console, errors, shown, stop

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def source() -> None:
    """来源：由样本起草一个新来源，检查来源的定义。"""


@source.command("new")
@click.argument("name")
@click.argument("file", type=FILE)
@click.option("--label", help="给用户看的名称，默认取文件名")
def source_new(name: str, file: Path, label: str | None) -> None:
    """由样本 FILE（xlsx、csv、jsonl）起草来源 NAME 的 source.yml，供人核对；不覆盖已有的。

    写在本项目的 sources/NAME/ 下：本项目以可编辑方式安装，改动立即生效，请一并提交到版本库。
    """
    from sources import contract, sketch

    try:
        sketch.check_name(name)
        made = sketch.sketch(name, label or file.stem, file.read_bytes(), file.name)
    except (sketch.SketchError, OSError) as error:
        stop(str(error))
    folder = contract.FOLDER / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "source.yml").write_text(made.source_yml, encoding="utf-8")
    (folder / "expectations.yml").write_text(made.expectations_yml, encoding="utf-8")
    for column, why in made.guesses.items():
        console.print(f"  {column}：{why}", markup=False)
    console.print(
        f"已写 {shown(folder / 'source.yml')} 与 expectations.yml。以上全部为 假定，请打开逐行核对；", markup=False
    )
    console.print(
        f"改完运行：dispute-lake source check {name} {file}；交付放在 landing/{name}/<交付日期>/", markup=False
    )


@source.command("check")
@click.argument("name")
@click.argument("file", type=FILE, required=False)
@click.option("--day", type=DAY, help="当作哪一天的交付，默认取文件修改日期的次日")
def source_check(name: str, file: Path | None, day: datetime | None) -> None:
    """检查来源 NAME 的 source.yml 与 expectations.yml；给出 FILE 时试读它，不写入湖。"""
    from quality import suites
    from sources import contract

    try:
        rules = contract.load(name)
        expectations = contract.FOLDER / name / "expectations.yml"
        count = len(suites.load(expectations).expectations) if expectations.is_file() else 0
    except ValueError as error:
        stop(str(error))
    console.print(f"{rules.label}：source.yml 有效，{len(rules.columns)} 列，{count} 条检查", markup=False)
    if file is not None:
        changed = datetime.fromtimestamp(file.stat().st_mtime, tz=UTC).date() + timedelta(days=1)
        _try(name, file, day.date() if day else changed)


def _try(name: str, file: Path, day: date) -> None:
    """Reads a file and tells what came of it; ends with a failure when no row can be used."""
    import json

    from sources.deliveries import Delivery, signature
    from sources.read import read_delivery

    reading = read_delivery(Delivery(name, day, file.parent, (file,), signature([file])), accept_held=True)
    for account in reading.file.itertuples():
        console.print(
            f"{account.file}：读到 {account.rows_read} 行 = 可采用 {account.rows_valid} + 忽略 {account.rows_ignored}"
            f"（{account.ignored_by_rule}）+ 隔离 {account.rows_quarantined}",
            markup=False,
        )
        for finding in json.loads(account.findings):
            console.print(f"  提示：{finding}", markup=False)
    bad = reading.row.loc[reading.row["disposition"] == "quarantined"]
    for rule, rows in bad.groupby("rule", sort=False):
        console.print(f"  隔离 {len(rows)} 行（{rule}），如：{rows['reason'].iloc[0]}", markup=False)
    if not len(reading.record):
        errors.print("没有一行可以采用", markup=False)
        raise SystemExit(FAILED)
    console.print("填上的列（值不在此显示）：" + _filled(reading.record), markup=False)
    console.print(f"当事人 {len(reading.party)} 个，其中有电话的 {_with_phone(reading.party)} 个", markup=False)
    unknown = reading.record["unknown_codes"].explode().dropna()
    if len(unknown):
        counts = unknown.value_counts().head(20)
        told = "、".join(f"{pair}（{count}）" for pair, count in counts.items())
        console.print(f"未登记的代码值，会记为未知：{told}；请补进 source.yml 的 codes", markup=False)


def _filled(record: pd.DataFrame) -> str:
    counts = record.drop(columns=["source", "delivery_date", "file", "sheet", "row_number", "unknown_codes"]).count()
    return "，".join(f"{column} {count}" for column, count in counts.items() if count)


def _with_phone(party: pd.DataFrame) -> int:
    return int((party["phones"].map(len) > 0).sum()) if len(party) else 0
