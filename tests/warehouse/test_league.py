"""League tables that do not fool: chance gets no rank, what is not chance gets one."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.warehouse.test_indicators import table
from warehouse import funnel, indicators
from warehouse.publish import _statement
from warehouse.registry import PUBLISHED

AS_OF = "2026-01-03"


def league(counts, indicator="化解率", tier="村"):
    """counts: (numerator, denominator) of each area in 2025 -> the view, by place in counts"""
    con = duckdb.connect()
    con.execute(f"SET VARIABLE as_of = TIMESTAMP '{AS_OF}'")
    funnel.register(con)
    frame = pd.DataFrame(counts, columns=["numerator", "denominator"], dtype=float)
    frame["area_code"] = [f"{n:012}" for n in range(len(frame))]
    frame = frame.assign(indicator=indicator, period_start=pd.Timestamp("2025-03-01").date())
    con.register("indicator_count", frame)
    table(con, "indicator_definition", indicators.definitions().to_dict("records"))
    table(con, "area", [{"area_code": code, "area_name": code, "area_tier": tier} for code in frame["area_code"]])
    found = con.execute(_statement("published", "comparison_league")).df()
    assert set(found.columns) == set(PUBLISHED["comparison_league"].table.column_names)
    return found.loc[found["period_kind"] == "year"].sort_values("area_code", ignore_index=True)


def test_a_village_of_twelve_that_resolved_all_does_not_lead():
    rng = np.random.default_rng(1)
    sizes = rng.integers(10, 60, 300)
    found = league([(12, 12), *zip(rng.binomial(sizes, 0.8), sizes, strict=True)])
    first = found.iloc[0]
    assert first["value"] == found["value"].max() == 1
    assert pd.isna(first["rank"]) and not first["is_distinct"] and first["verdict"] == "无明显差别"
    assert first["value_low"] < first["centre"] and first["rank_to"] > 200


def test_a_village_that_is_truly_better_leads_and_one_that_is_truly_worse_is_last():
    rng = np.random.default_rng(2)
    sizes = rng.integers(10, 60, 100)
    found = league([(390, 400), (120, 400), *zip(rng.binomial(sizes, 0.8), sizes, strict=True)])
    assert found.loc[0, ["rank", "verdict"]].tolist() == [1, "高"]
    assert found.loc[1, "verdict"] == "低" and found.loc[1, "rank"] == found.loc[1, "rank_from"] > 60
    assert found["rank"].notna().sum() == 2


def test_among_equal_villages_chance_gives_ranks_in_few_of_many_cities():
    fooled = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(3, 60, 700)
        fooled += league(zip(rng.binomial(sizes, 0.65), sizes, strict=True))["rank"].notna().any()
    assert fooled <= 5  # 5 % of 40 are 2


def test_where_low_is_good_the_lowest_is_first():
    found = league([(2, 400), *[(40, 400)] * 20, (200, 400)], indicator="超期率")
    assert found.loc[0, ["rank", "verdict"]].tolist() == [1, "低"]
    assert found.loc[21, ["rank", "verdict"]].tolist() == [22, "高"]


def test_less_than_ten_cases_are_not_compared():
    found = league([(0, 9), *[(40, 50)] * 20])
    assert found.loc[0, ["verdict", "is_small", "is_distinct"]].tolist() == ["数少不比", True, False]


def test_areas_that_all_differ_widen_the_limits_for_all():
    even = league([(400, 500)] * 20, tier="乡")
    spread = league([(int(500 * share), 500) for share in np.linspace(0.65, 0.95, 20)], tier="乡")
    assert even["overdispersion"].eq(1).all() and spread["overdispersion"].gt(10).all()
    assert spread["limit_high_998"].iloc[0] > even["limit_high_998"].iloc[0]
    assert not spread["is_distinct"].any()


def test_a_rate_by_residents_is_judged_by_what_would_be_expected_of_them():
    quiet, loud = (1, 20.0), (90, 20.0)
    found = league([quiet, loud, *[(40, 20.0)] * 30, (1, 0.1)], indicator="万人发生率")
    assert found.loc[[0, 1], "verdict"].tolist() == ["低", "高"]
    assert found.loc[32, "value"] == 10 and found.loc[32, "verdict"] == "数少不比"
    assert (found["value_low"] <= found["value"]).all() and (found["value"] <= found["value_high"]).all()


def test_limits_and_verdicts_say_the_same():
    rng = np.random.default_rng(5)
    sizes = rng.integers(10, 200, 400)
    found = league(zip(rng.binomial(sizes, rng.beta(8, 2, 400)), sizes, strict=True))
    outside = (found["value"] < found["limit_low_998"] - 1e-9) | (found["value"] > found["limit_high_998"] + 1e-9)
    assert outside.any()
    assert (outside == found["verdict"].isin(["高", "低"])).mean() > 0.99


@pytest.mark.parametrize(("cases", "of", "share"), [(0, 12, 0.3), (12, 12, 0.8), (30, 40, 0.5), (5, 40, 0.5)])
def test_the_deviation_is_that_of_the_exact_binomial_tail(cases, of, share):
    (found,) = funnel.deviation(*(np.array([x], float) for x in (cases, of, share)), np.array([False]))
    upper, lower = stats.binom.sf(cases - 1, of, share), stats.binom.cdf(cases, of, share)
    assert found == pytest.approx(stats.norm.isf(upper) if upper < lower else -stats.norm.isf(lower))


@pytest.mark.parametrize(("cases", "expected"), [(3, 10.0), (25, 10.0), (0, 5.0)])
def test_the_deviation_of_a_rate_is_that_of_the_exact_poisson_tail(cases, expected):
    (found,) = funnel.deviation(*(np.array([x], float) for x in (cases, expected / 2, 2)), np.array([True]))
    upper, lower = stats.poisson.sf(cases - 1, expected), stats.poisson.cdf(cases, expected)
    assert found == pytest.approx(stats.norm.isf(upper) if upper < lower else -stats.norm.isf(lower))
