-- 同一纠纷在两个系统中说法不一；每个系统以最近一条有说法的记录为准，纠纷再大也只比系统对
WITH limits AS (
    -- 假定：金额差到几倍、发生日期差几天、化解日期差几天，才算不一
    SELECT 1.5 AS amount_times, 7 AS occurred_days, 15 AS resolved_days
),
member AS (
    SELECT
        dispute_event.dispute_id,
        event.event_id,
        event.source,
        event.reported_at,
        event.status,
        nullif(event.outcome, '未知') AS outcome,
        event.is_solved,
        coalesce(event.outcome_at, event.closed_at, event.reported_at) AS ended_at,
        event.outcome = '成功' OR (nullif(event.outcome, '未知') IS NULL AND event.is_solved IS TRUE) AS is_good,
        event.outcome IN ('不成功', '终止') OR (nullif(event.outcome, '未知') IS NULL AND event.is_solved IS FALSE)
            AS is_bad,
        CASE WHEN event.category_code NOT LIKE '99%' THEN left(event.category_code, 2) END AS category_class,
        event.category_name,
        event.county_code,
        event.county_name,
        event.town_code,
        event.town_name,
        event.occurred_at,
        event.amount
    FROM dispute_event
    INNER JOIN event ON event.event_id = dispute_event.event_id
    WHERE coalesce(event.status, '') <> '作废'
),
shared AS (
    SELECT dispute_id
    FROM member
    GROUP BY dispute_id
    HAVING count(DISTINCT source) > 1
),
fact AS (
    SELECT dispute_id, event_id, source, reported_at, 'status' AS about, status AS code, status AS value
    FROM member
    WHERE status IN ('待处理', '办理中', '已办结')
    UNION ALL
    SELECT dispute_id, event_id, source, ended_at, 'outcome', CASE WHEN is_good THEN 'good' ELSE 'bad' END,
        coalesce(outcome, CASE WHEN is_solved THEN '已解决' ELSE '未解决' END)
    FROM member
    WHERE is_good OR is_bad
    UNION ALL
    SELECT dispute_id, event_id, source, reported_at, 'category', category_class, category_name
    FROM member
    WHERE category_class IS NOT NULL
    UNION ALL
    SELECT dispute_id, event_id, source, reported_at, 'county', county_code, county_name
    FROM member
    WHERE county_code IS NOT NULL
    UNION ALL
    SELECT dispute_id, event_id, source, reported_at, 'town', town_code, town_name
    FROM member
    WHERE town_code IS NOT NULL
    UNION ALL
    SELECT dispute_id, event_id, source, reported_at, 'occurred_date', CAST(CAST(occurred_at AS DATE) AS VARCHAR),
        CAST(CAST(occurred_at AS DATE) AS VARCHAR)
    FROM member
    WHERE occurred_at IS NOT NULL
    UNION ALL
    SELECT dispute_id, event_id, source, ended_at, 'resolved_date', CAST(CAST(ended_at AS DATE) AS VARCHAR),
        CAST(CAST(ended_at AS DATE) AS VARCHAR)
    FROM member
    WHERE is_good
    UNION ALL
    SELECT dispute_id, event_id, source, reported_at, 'amount', CAST(amount AS VARCHAR),
        CAST(CAST(round(amount) AS BIGINT) AS VARCHAR) || '元'
    FROM member
    WHERE amount > 0
),
latest AS (
    SELECT
        dispute_id, about, source,
        unnest(max_by(
            struct_pack(event_id, reported_at, code, value), struct_pack(at := reported_at, id := event_id)
        ))
    FROM fact
    SEMI JOIN shared ON shared.dispute_id = fact.dispute_id
    GROUP BY dispute_id, about, source
),
disagreed AS (
    SELECT
        l.dispute_id,
        CASE WHEN l.about = 'status' THEN 'still_open' ELSE l.about END AS kind,
        l.event_id AS event_id_l, l.source AS source_l, l.reported_at AS at_l, l.value AS value_l,
        r.event_id AS event_id_r, r.source AS source_r, r.reported_at AS at_r, r.value AS value_r
    FROM latest AS l
    INNER JOIN latest AS r ON r.dispute_id = l.dispute_id AND r.about = l.about AND r.source > l.source
    CROSS JOIN limits
    WHERE CASE l.about
        WHEN 'status' THEN (l.code = '已办结') <> (r.code = '已办结')
        WHEN 'amount' THEN
            greatest(CAST(l.code AS DOUBLE), CAST(r.code AS DOUBLE))
            > limits.amount_times * least(CAST(l.code AS DOUBLE), CAST(r.code AS DOUBLE))
        -- 区县不同的已在区县列出
        WHEN 'town' THEN l.code <> r.code AND left(l.code, 6) = left(r.code, 6)
        WHEN 'occurred_date' THEN abs(date_diff('day', CAST(l.code AS DATE), CAST(r.code AS DATE))) > limits.occurred_days
        WHEN 'resolved_date' THEN abs(date_diff('day', CAST(l.code AS DATE), CAST(r.code AS DATE))) > limits.resolved_days
        ELSE l.code <> r.code
    END
),
-- 化解之后又有反映，同一系统也算：每个系统取最近一次化解，各系统取其后最早一条
solved AS (
    SELECT dispute_id, source, unnest(max_by(
        struct_pack(event_id, ended_at, said := coalesce(outcome, '已解决')), struct_pack(at := ended_at, id := event_id)
    ))
    FROM member
    WHERE is_good
    GROUP BY dispute_id, source
),
again AS (
    SELECT
        solved.dispute_id,
        'reported_after_solved' AS kind,
        solved.event_id AS event_id_l, solved.source AS source_l, solved.ended_at AS at_l, solved.said AS value_l,
        unnest(min_by(
            struct_pack(event_id_r := member.event_id, source_r := member.source, at_r := member.reported_at,
                value_r := '又有反映'),
            struct_pack(at := member.reported_at, id := member.event_id)
        ))
    FROM solved
    INNER JOIN member
        ON member.dispute_id = solved.dispute_id
        AND member.event_id <> solved.event_id
        -- 只有日期没有钟点的结果算到当日末
        AND member.reported_at > CASE
            WHEN solved.ended_at = date_trunc('day', solved.ended_at) THEN solved.ended_at + INTERVAL 1 DAY
            ELSE solved.ended_at
        END
    GROUP BY solved.dispute_id, solved.event_id, solved.source, solved.ended_at, solved.said, member.source
)
SELECT
    dispute_id,
    kind,
    CASE kind
        WHEN 'reported_after_solved' THEN '化解后又反映'
        WHEN 'still_open' THEN '一处办结一处未结'
        WHEN 'outcome' THEN '结果相反'
        WHEN 'category' THEN '类别不同'
        WHEN 'county' THEN '区县不同'
        WHEN 'town' THEN '乡镇不同'
        WHEN 'occurred_date' THEN '发生日期不同'
        WHEN 'resolved_date' THEN '化解日期不同'
        WHEN 'amount' THEN '金额不同'
    END AS kind_name,
    event_id_l, source_l, at_l, value_l, event_id_r, source_r, at_r, value_r,
    abs(hours_between(at_l, at_r)) AS hours
FROM (SELECT * FROM disagreed UNION ALL BY NAME SELECT * FROM again)
