-- 某日所在统计窗的首刻：window_start('考核月', '2025-03-20')；种类：日 正午日 八点日 周 月 季 年 考核月
CREATE MACRO window_start(kind, day) AS
    CASE kind
        WHEN '日' THEN CAST(CAST(day AS DATE) AS TIMESTAMP)
        WHEN '正午日' THEN CAST(CAST(day AS DATE) AS TIMESTAMP) - INTERVAL 12 HOUR
        WHEN '八点日' THEN CAST(CAST(day AS DATE) AS TIMESTAMP) - INTERVAL 16 HOUR
        WHEN '周' THEN CAST(date_trunc('week', CAST(day AS DATE)) AS TIMESTAMP)
        WHEN '月' THEN CAST(date_trunc('month', CAST(day AS DATE)) AS TIMESTAMP)
        WHEN '季' THEN CAST(date_trunc('quarter', CAST(day AS DATE)) AS TIMESTAMP)
        WHEN '年' THEN CAST(date_trunc('year', CAST(day AS DATE)) AS TIMESTAMP)
        WHEN '考核月' THEN
            CAST(date_trunc('month', CAST(day AS DATE) - INTERVAL 18 DAY) AS TIMESTAMP) + INTERVAL 18 DAY
        ELSE CAST(error('没有这种统计窗：' || kind || '。可用：日 正午日 八点日 周 月 季 年 考核月') AS TIMESTAMP)
    END
