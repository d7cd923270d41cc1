-- core_dispute 的主体（风险与负责层级由 transforms.risk 补上）：每个纠纷一行，外加评估风险用的特征列。
-- dispute_member：属于纠纷的记录（一行一记录），附纠纷编号与评估时点 as_of；参数为 dispute_record.yml、risk.yml 的数值。
WITH member AS (
    SELECT
        *,
        CASE WHEN source IN ('hotline', 'police', 'mediation', 'citymgmt', 'grid') THEN source ELSE 'other' END
            AS weight_key,
        coalesce(status, '') = '作废' AS is_void,
        status = '已办结' OR outcome IN ('成功', '不成功', '终止') AS is_closed
    FROM dispute_member
),
state AS (
    SELECT
        *,
        is_void IS FALSE AND is_closed IS NOT TRUE
            AND (status IN ('待处理', '办理中', '未知') OR outcome = '进行中') AS is_open, -- 看不懂的状态不当作办结
        CASE WHEN is_closed AND NOT is_void
            THEN coalesce(closed_at, outcome_at, version_at, reported_at) END AS ended_at,
        CASE WHEN outcome = '成功' AND NOT is_void
            THEN coalesce(outcome_at, closed_at, version_at, reported_at) END AS success_at,
        CASE WHEN NOT is_void AND (outcome IN ('不成功', '终止') OR (is_closed AND is_solved IS FALSE))
            THEN coalesce(outcome_at, closed_at, version_at, reported_at) END AS failure_at,
        CASE handling_tier WHEN '行业' THEN $tier_of_industry WHEN '未知' THEN NULL ELSE handling_tier END AS tier_written
    FROM member
),
-- 类别：先按大类投票，再在大类内取最具体者
ballot AS (
    SELECT
        dispute_id,
        category_code,
        map($category_keys, $category_weights)[weight_key]
            * CASE WHEN source = 'police' AND (source_category IS NULL OR source_category = first_category)
                AND first_category IS NOT NULL THEN $unconfirmed ELSE 1 END
            * CASE category_basis WHEN 'text' THEN $from_text WHEN 'correction' THEN $corrected ELSE 1 END
            * CASE WHEN category_code = '9900' THEN $unknown WHEN category_code LIKE '%99' THEN $class_only ELSE 1 END
            AS weight,
        source
    FROM member
    WHERE category_code IS NOT NULL
),
category_vote AS (
    SELECT dispute_id, category_code, sum(weight) AS weight
    FROM (
        SELECT dispute_id, category_code, source, avg(weight) * sqrt(count(*)) AS weight
        FROM ballot GROUP BY ALL
    )
    GROUP BY ALL
),
category AS (
    SELECT dispute_id, category_code
    FROM (
        SELECT *, sum(weight) OVER (PARTITION BY dispute_id, left(category_code, 2)) AS class_weight
        FROM category_vote
    )
    QUALIFY row_number() OVER (
        PARTITION BY dispute_id ORDER BY class_weight DESC, left(category_code, 2), weight DESC, category_code
    ) = 1
),
-- 地点：逐级投票，下级只在胜出的上级内计票
place_ballot AS (
    SELECT
        dispute_id,
        coalesce(county_code, left(coalesce(town_code, village_code), 6)) AS county_code,
        coalesce(town_code, CASE WHEN village_code IS NOT NULL THEN left(village_code, 9) || '000' END) AS town_code,
        village_code,
        map($place_keys, $place_weights)[weight_key]
            * CASE WHEN place_basis = 'correction' THEN $corrected ELSE 1 END AS weight
    FROM member
),
county AS (
    SELECT dispute_id, county_code
    FROM (
        SELECT dispute_id, county_code, sum(weight) AS weight
        FROM place_ballot WHERE county_code IS NOT NULL GROUP BY ALL
    )
    QUALIFY row_number() OVER (PARTITION BY dispute_id ORDER BY weight DESC, county_code) = 1
),
town AS (
    SELECT dispute_id, town_code
    FROM (
        SELECT b.dispute_id, b.town_code, sum(b.weight) AS weight
        FROM place_ballot b
        JOIN county c ON c.dispute_id = b.dispute_id AND c.county_code = left(b.town_code, 6)
        GROUP BY ALL
    )
    QUALIFY row_number() OVER (PARTITION BY dispute_id ORDER BY weight DESC, town_code) = 1
),
village AS (
    SELECT dispute_id, village_code
    FROM (
        SELECT b.dispute_id, b.village_code, sum(b.weight) AS weight
        FROM place_ballot b
        JOIN town t ON t.dispute_id = b.dispute_id AND left(t.town_code, 9) = left(b.village_code, 9)
        GROUP BY ALL
    )
    QUALIFY row_number() OVER (PARTITION BY dispute_id ORDER BY weight DESC, village_code) = 1
),
title AS (
    SELECT
        dispute_id,
        left(coalesce(nullif(trim(title_published), ''), nullif(trim(text_published), '')), $title_length) AS title
    FROM member
    WHERE coalesce(nullif(trim(title_published), ''), nullif(trim(text_published), '')) IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY dispute_id
        ORDER BY
            coalesce(is_confidential, false),
            nullif(trim(title_published), '') IS NULL,
            map($title_keys, $title_ranks)[weight_key] DESC,
            least(length(coalesce(title_published, text_published)), $title_length) DESC,
            reported_at,
            event_id
    ) = 1
),
place AS (
    SELECT
        m.dispute_id,
        concat_ws('', m.road, m.estate, CASE WHEN m.estate IS NULL THEN m.group_number END,
            CASE WHEN m.estate IS NULL THEN m.landmark END) AS place
    FROM member m
    LEFT JOIN town t USING (dispute_id)
    WHERE coalesce(m.road, m.estate, m.group_number, m.landmark) IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY m.dispute_id
        ORDER BY
            (m.town_code IS NOT DISTINCT FROM t.town_code) DESC,
            (m.estate IS NOT NULL)::int * 4 + (m.road IS NOT NULL)::int * 2 + (m.group_number IS NOT NULL)::int * 2
                + (m.landmark IS NOT NULL)::int DESC,
            m.reported_at,
            m.event_id
    ) = 1
),
total AS (
    SELECT
        dispute_id,
        any_value(as_of) AS as_of,
        min(reported_at) AS first_reported_at,
        max(reported_at) AS last_reported_at,
        count(*) AS event_count,
        count(DISTINCT source) AS source_count,
        string_agg(DISTINCT source, ',' ORDER BY source) AS sources,
        max(headcount) AS headcount,
        max(amount) AS amount,
        max(scale_code) FILTER (scale_code IN ('01', '02', '03')) AS scale_written,
        count(*) FILTER (is_open) AS open_count,
        count(*) FILTER (ended_at IS NOT NULL) AS ended_count,
        max(ended_at) AS last_ended_at,
        max(failure_at) AS last_failure_at,
        max(ended_at) FILTER (failure_at IS NULL) AS last_good_at,
        min(deadline_at) FILTER (is_open) AS open_deadline_at,
        bool_or(coalesce(is_confidential, false)) AS is_confidential,
        -- 评估风险用的特征
        list_sort(list_distinct(coalesce(flatten(list(threat_words) FILTER (threat_words IS NOT NULL)), [])))
            AS threat_words,
        count(*) FILTER (reported_at > as_of - INTERVAL 7 DAY AND reported_at <= as_of) AS events_last_7_days,
        count(*) FILTER (
            reported_at > as_of - INTERVAL 14 DAY AND reported_at <= as_of - INTERVAL 7 DAY
        ) AS events_previous_7_days,
        count(*) FILTER (failure_at IS NOT NULL AND source = 'mediation') AS failed_mediations,
        bool_or(fulfilment IN ('未履行', '部分履行')) AS is_unfulfilled,
        bool_or(difficulty = '疑难复杂') AS is_difficult,
        bool_or(risk_reported = '高') AS is_reported_high,
        bool_or(satisfaction = '不满意' OR is_solved IS FALSE) AS is_dissatisfied,
        bool_or(source = 'police') AS is_known_to_police,
        bool_or(regexp_matches(concat_ws(' ', title_published, text_published), $vulnerable)) AS is_vulnerable
    FROM state
    GROUP BY dispute_id
),
success AS (
    SELECT
        s.dispute_id,
        min(s.success_at) AS resolved_at,
        arg_min(coalesce(s.tier_written, map($tier_keys, $tiers)[s.weight_key]), (s.success_at, s.event_id)) AS tier
    FROM state s
    JOIN total t USING (dispute_id)
    -- 只有日期没有钟点的结果按当日算，不因当日稍晚的来电作废
    WHERE s.success_at::date >= t.last_reported_at::date
    GROUP BY s.dispute_id
),
ending AS (
    SELECT
        dispute_id,
        arg_max(coalesce(tier_written, map($tier_keys, $tiers)[weight_key]), (ended_at, event_id)) AS tier
    FROM state
    WHERE ended_at IS NOT NULL
    GROUP BY dispute_id
),
verdict AS (
    SELECT
        t.*,
        CASE
            WHEN s.resolved_at IS NOT NULL THEN '已化解'
            WHEN t.ended_count = 0 OR t.open_count > 0 THEN '处理中'
            WHEN t.last_ended_at::date < t.last_reported_at::date THEN '处理中'
            WHEN t.last_failure_at >= coalesce(t.last_good_at, t.last_failure_at) THEN '未化解'
            ELSE '已化解'
        END AS status,
        s.resolved_at AS success_resolved_at,
        coalesce(s.tier, e.tier) AS tier
    FROM total t
    LEFT JOIN success s USING (dispute_id)
    LEFT JOIN ending e USING (dispute_id)
)
SELECT
    v.dispute_id,
    title.title,
    coalesce(category.category_code, '9900') AS category_code,
    county.county_code,
    town.town_code,
    village.village_code,
    nullif(place.place, '') AS place,
    v.first_reported_at,
    v.last_reported_at,
    v.event_count,
    v.source_count,
    v.sources,
    v.headcount,
    v.amount,
    v.scale_written,
    v.status,
    v.as_of,
    v.open_count,
    CASE WHEN v.status = '已化解' THEN coalesce(v.success_resolved_at, v.last_ended_at) END AS resolved_at,
    CASE WHEN v.status = '已化解' THEN v.tier END AS resolved_by_tier,
    CASE WHEN v.status <> '已化解' THEN v.open_deadline_at END AS deadline_at,
    coalesce(v.status <> '已化解' AND v.open_deadline_at < v.as_of, false) AS is_overdue,
    v.is_confidential,
    v.threat_words,
    v.events_last_7_days,
    v.events_previous_7_days,
    v.failed_mediations,
    coalesce(v.is_unfulfilled, false) AS is_unfulfilled,
    coalesce(v.is_difficult, false) AS is_difficult,
    coalesce(v.is_reported_high, false) AS is_reported_high,
    coalesce(v.is_dissatisfied, false) AS is_dissatisfied,
    v.is_known_to_police,
    coalesce(v.is_vulnerable, false) AS is_vulnerable,
    CASE WHEN v.status = '已化解' THEN 0
        ELSE greatest(date_diff('day', v.first_reported_at::date, v.as_of::date), 0) END AS open_days
FROM verdict v
LEFT JOIN category USING (dispute_id)
LEFT JOIN county USING (dispute_id)
LEFT JOIN town USING (dispute_id)
LEFT JOIN village USING (dispute_id)
LEFT JOIN title USING (dispute_id)
LEFT JOIN place USING (dispute_id)
ORDER BY v.dispute_id
