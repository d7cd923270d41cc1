"""第一本笔记：从 warehouse.duckdb 起步，看总数、趋势、区域、预警与一件纠纷的经过。

`LAKE_ROOT=lake marimo edit docs/notebooks/first_look.py` 打开；`python docs/notebooks/first_look.py` 从头跑一遍。
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="矛盾纠纷：第一眼")


@app.cell
def _():
    import os
    from pathlib import Path

    import altair as alt
    import duckdb
    import marimo as mo

    return Path, alt, duckdb, mo, os


@app.cell
def _(Path, duckdb, os):
    warehouse = Path(os.environ.get("LAKE_ROOT") or "lake") / "published" / "warehouse.duckdb"
    con = duckdb.connect(str(warehouse), read_only=True)
    return con, warehouse


@app.cell
def _(con, mo, warehouse):
    number, as_of, label = con.execute("SELECT number, as_of, label FROM publication").fetchall()[0]
    mo.md(f"# 矛盾纠纷：第一眼\n\n`{warehouse}`，第 {number} 次发布，截止 {as_of:%Y-%m-%d}。{label or ''}")
    return as_of, label


@app.cell
def _(con, mo):
    totals = con.sql(
        """
        SELECT count(*) AS 纠纷, count(*) FILTER (status = '已化解') AS 已化解,
            count(*) FILTER (risk_level = '高' AND status <> '已化解') AS 高风险未化解,
            count(*) FILTER (is_overdue AND status <> '已化解') AS 超期未办结
        FROM dispute
        """
    ).df()
    mo.ui.table(totals, selection=None)
    return (totals,)


@app.cell
def _(alt, con, label, mo):
    weeks = con.sql(
        """
        SELECT period_start AS 周, dispute_count AS 纠纷
        FROM comparison_period
        WHERE period_kind = 'week' AND clock = 'reported' AND area_tier = '市' AND category_code = '00'
        ORDER BY 1
        """
    ).df()
    trend = (
        alt.Chart(weeks, title=f"每周首次反映的纠纷（{label or ''}）")
        .mark_line(point=True)
        .encode(x="周:T", y="纠纷:Q")
    )
    mo.ui.altair_chart(trend.properties(width=640, height=220), chart_selection=False)
    return (weeks,)


@app.cell
def _(con, mo):
    counties = con.sql(
        """
        SELECT county_name AS 区县, count(*) AS 纠纷, count(*) FILTER (status <> '已化解') AS 未化解,
            count(*) FILTER (risk_level = '高' AND status <> '已化解') AS 高风险
        FROM dispute
        GROUP BY county_name
        ORDER BY 高风险 DESC, 区县
        """
    ).pl()
    mo.ui.table(counties, selection=None)
    return (counties,)


@app.cell
def _(con, mo):
    warnings = con.sql(
        """
        SELECT recipient_name AS 中心, rank AS 序, notice.level AS 级别, rule_name AS 预警, area_name AS 区域,
            evidence AS 依据
        FROM warning_notice AS notice
        JOIN warning USING (warning_id)
        WHERE notice_date = (SELECT max(notice_date) FROM warning_notice) AND NOT is_held_back
        ORDER BY recipient_code, rank
        """
    ).df()
    mo.ui.table(warnings, selection=None)
    return (warnings,)


@app.cell
def _(con, mo):
    most = con.execute("SELECT max_by(dispute_id, (risk_score, dispute_id)) FROM dispute").fetchall()[0][0]
    chosen = mo.ui.text(value=most, label="纠纷编号", full_width=True)
    mo.vstack([mo.md("## 一件纠纷在各系统的经过"), chosen])
    return (chosen,)


@app.cell
def _(chosen, con, mo):
    timeline = con.execute(
        "SELECT reported_at AS 时间, source AS 系统, link_kind AS 归入, title AS 标题, status AS 状态, outcome AS 结果 "
        "FROM dispute_timeline($id)",
        {"id": chosen.value},
    ).df()
    mo.ui.table(timeline, selection=None)
    return (timeline,)


if __name__ == "__main__":
    app.run()
