-- 某日的统计窗，含首不含尾，并上期、去年同期：windows('考核月', '2025-03-20')；种类见 docs/comparison.md
CREATE MACRO windows(kind, day) AS TABLE
    WITH asked AS (
        SELECT CAST(day AS DATE) AS d, CAST(kind AS VARCHAR) AS k
    ),
    begun AS (
        SELECT
            k AS window_kind,
            CASE
                WHEN k = '日' THEN CAST(d AS TIMESTAMP)
                WHEN k = '正午日' THEN CAST(d AS TIMESTAMP) - INTERVAL 12 HOUR
                WHEN k = '八点日' THEN CAST(d AS TIMESTAMP) - INTERVAL 16 HOUR
                WHEN k = '周' THEN CAST(date_trunc('week', d) AS TIMESTAMP)
                WHEN k = '月' THEN CAST(date_trunc('month', d) AS TIMESTAMP)
                WHEN k = '季' THEN CAST(date_trunc('quarter', d) AS TIMESTAMP)
                WHEN k = '年' THEN CAST(date_trunc('year', d) AS TIMESTAMP)
                WHEN k = '考核月' THEN CAST(date_trunc('month', d - INTERVAL 18 DAY) AS TIMESTAMP) + INTERVAL 18 DAY
                ELSE error('没有这种统计窗：' || k || '。可用：日 正午日 八点日 周 月 季 年 考核月')
            END AS starts,
            CASE
                WHEN k IN ('日', '正午日', '八点日') THEN INTERVAL 1 DAY
                WHEN k = '周' THEN INTERVAL 7 DAY
                WHEN k = '季' THEN INTERVAL 3 MONTH
                WHEN k = '年' THEN INTERVAL 1 YEAR
                ELSE INTERVAL 1 MONTH
            END AS step
        FROM asked
    )
    SELECT
        window_kind,
        starts,
        -- 考核月自 19 日起：月末按月首加一月再加 18 天
        CASE WHEN window_kind = '考核月' THEN date_trunc('month', starts) + INTERVAL 1 MONTH + INTERVAL 18 DAY
            ELSE starts + step END AS ends,
        starts - step AS previous_starts,
        starts AS previous_ends,
        -- 同比：日、月、季、年取去年同日期；周取 52 周前的同一周
        CASE WHEN window_kind = '周' THEN starts - INTERVAL 364 DAY ELSE starts - INTERVAL 1 YEAR END AS last_year_starts,
        CASE WHEN window_kind = '周' THEN starts - INTERVAL 357 DAY ELSE starts + step - INTERVAL 1 YEAR END
            AS last_year_ends
    FROM begun
