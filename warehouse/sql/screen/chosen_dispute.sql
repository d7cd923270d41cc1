-- 选中的纠纷：参数为空即不限。一屏全览上的数与点开的行都从这里来，所以两者总是相等
CREATE MACRO chosen_dispute(
    area, category, risk, since, until, clock, state, resolved_tier, answering_tier, overdue, overrun, source, systems
) AS TABLE
    SELECT *
    FROM board
    WHERE (area IS NULL OR area IN (county_key, town_key, village_key))
        AND (category IS NULL OR category IN (class_key, category_key))
        AND (risk IS NULL OR risk_level = risk)
        AND (since IS NULL OR CASE WHEN clock = 'resolved' THEN resolved_on ELSE reported_on END >= since)
        AND (until IS NULL OR CASE WHEN clock = 'resolved' THEN resolved_on ELSE reported_on END <= until)
        AND (state IS NULL OR status = state OR (state = 'open' AND status <> '已化解'))
        AND (
            resolved_tier IS NULL
            OR board.resolved_tier = resolved_tier
            OR (resolved_tier = 'below' AND board.resolved_tier IN ('村', '乡', '县'))
            OR (resolved_tier = 'known' AND board.resolved_tier <> '不明')
        )
        AND (answering_tier IS NULL OR board.answering_tier = answering_tier)
        AND (overdue IS NULL OR is_overdue)
        AND (overrun IS NULL OR is_tier_overrun)
        AND (source IS NULL OR list_contains(source_list, source))
        AND (
            systems IS NULL
            OR (systems = 'one' AND source_count = 1)
            OR (systems = 'several' AND source_count >= 2)
        )
