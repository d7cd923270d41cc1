"""`dispute-lake read`: what the lake reads from one text, to try a word of the YAML files on.

Here: the table on the terminal. Not here: the reading (`transforms.mentions` and its neighbours).
text -> type, words, value
"""

import click

from pipelines.terminal import console, show

KINDS = {
    "caller": "来电（申请）一方",
    "other_party": "对方",
    "other": "其他人",
    "company": "公司",
    "shop": "店铺",
    "institution": "机构",
}


@click.command()
@click.argument("text")
def read(text: str) -> None:
    """从一段文字里读出电话、证件、编号、人、单位、金额、人数、日期和扬言，不写入湖。"""
    import pandas as pd

    from transforms import dates, mentions, roles
    from transforms.text import clean_one

    clean = clean_one(text)
    padded = f"{mentions.SEPARATOR}{clean}{mentions.SEPARATOR}"
    found = mentions.find([padded])
    rows: list[tuple[int, str, str, str]] = []
    for label, spans in (
        ("电话", found.phones),
        ("证件", found.identities),
        ("编号", found.numbers),
        ("单位", found.organisations),
        ("扬言", found.threatening),
    ):
        rows += [
            (span.start, label, padded[span.start : span.end], KINDS.get(span.kind, span.kind) or span.value)
            for span in spans
        ]
    places = [(span.start, span.end) for span in found.persons]
    for (start, end), role in zip(places, roles.roles(padded, places), strict=True):
        rows.append((start, "人", padded[start:end], KINDS[role]))
    for label, unit, figures in (("金额", "元", found.amounts), ("人数", "人", found.headcounts)):
        rows += [
            (figure.start, label, padded[figure.start : figure.end], f"{figure.value:,.15g} {unit}")
            for figure in figures
        ]
    rows += [(start, "日期", padded[start:end], value) for start, end, value in dates.find(padded)]
    if not rows:
        console.print("没有读出电话、证件、编号、人、单位、金额、人数、日期或扬言", markup=False)
        return
    table = [row[1:] for row in sorted(rows)]
    show(pd.DataFrame(table, columns=["种类", "文字", "读作"]), "读出的内容")
