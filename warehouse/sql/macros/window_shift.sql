-- 统计窗的首刻前后移几个窗：window_shift('考核月', TIMESTAMP '2025-03-19', 1) 即下一窗的首刻
CREATE MACRO window_shift(kind, starts, steps) AS
    CASE
        WHEN kind IN ('日', '正午日', '八点日') THEN starts + to_days(CAST(steps AS INTEGER))
        WHEN kind = '周' THEN starts + to_days(CAST(7 * steps AS INTEGER))
        WHEN kind = '季' THEN starts + to_months(CAST(3 * steps AS INTEGER))
        WHEN kind = '年' THEN starts + to_years(CAST(steps AS INTEGER))
        ELSE starts + to_months(CAST(steps AS INTEGER))
    END
