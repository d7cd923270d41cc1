-- 选中的预警：参数为空即不限；since、until 按最近一次发出的日期
CREATE MACRO chosen_warning(area, category, risk, since, until, level, rule, state) AS TABLE
    SELECT *
    FROM alarm
    WHERE (area IS NULL OR area IN (county_key, town_key, village_key))
        AND (category IS NULL OR category IN (class_key, category_key))
        AND (risk IS NULL OR risk_level = risk)
        AND (since IS NULL OR raised_on >= since)
        AND (until IS NULL OR raised_on <= until)
        AND (level IS NULL OR alarm.level = level)
        AND (rule IS NULL OR alarm.rule = rule)
        AND (state IS NULL OR status = state)
