-- 小时数分档（domain.md F-3 移交时限的分档）
CREATE OR REPLACE TEMP MACRO hours_bucket(hours) AS
    CASE
        WHEN hours IS NULL THEN NULL
        WHEN hours <= 12 THEN '12以内'
        WHEN hours <= 24 THEN '24以内'
        WHEN hours <= 48 THEN '48以内'
        WHEN hours <= 72 THEN '72以内'
        ELSE '超过72'
    END
