"""`dispute-lake quarantine`: rows set aside, why, and what to do about them.

published quarantine -> table
"""

import sys

import click

from pipelines.terminal import settings_from


@click.command()
@click.option("--source", help="只看某一来源")
@click.option("--limit", default=50, show_default=True, help="最多列多少行")
def quarantine(source: str | None, limit: int) -> None:
    """列出被隔离的行：文件、行号、列、原因与处理办法。"""
    from warehouse import shell

    condition = "WHERE source = '{}'".format(source.replace("'", "''")) if source else ""
    query = f"FROM quarantine {condition} ORDER BY delivery_date DESC, source, file, row_number LIMIT {limit}"
    sys.exit(shell.run(settings_from().warehouse, query))
