-- From which day on a dispute was known as resolved, and from which day on no longer: one row per change.
-- The same conditions as the status of core_dispute (transforms/dispute_record.sql), for what was known on each day.
WITH change AS (
    SELECT DISTINCT dispute_id, known_date AS day FROM warning_version SEMI JOIN warning_dispute USING (dispute_id)
),
known AS (
    SELECT
        c.dispute_id,
        c.day,
        v.reported_at,
        coalesce(v.status, '') <> '作废' AS is_valid,
        coalesce(v.status = '已办结' OR v.outcome IN ('成功', '不成功', '终止'), false) AS is_closed,
        v.status,
        v.outcome,
        v.is_solved,
        coalesce(v.closed_at, v.outcome_at, v.version_at, v.reported_at) AS ended_at,
        coalesce(v.outcome_at, v.closed_at, v.version_at, v.reported_at) AS outcome_at
    FROM change c
    JOIN warning_version v
        ON v.dispute_id = c.dispute_id AND v.known_date <= c.day AND (v.until_date IS NULL OR v.until_date > c.day)
),
total AS (
    SELECT
        dispute_id,
        day,
        max(reported_at) AS last_reported_at,
        count(*) FILTER (
            is_valid AND NOT is_closed AND (status IN ('待处理', '办理中', '未知') OR outcome = '进行中')
        ) AS open_count,
        count(*) FILTER (is_valid AND is_closed) AS ended_count,
        max(ended_at) FILTER (is_valid AND is_closed) AS last_ended_at,
        max(outcome_at) FILTER (is_failed) AS last_failure_at,
        max(ended_at) FILTER (is_valid AND is_closed AND NOT is_failed) AS last_good_at,
        list(outcome_at) FILTER (is_valid AND outcome = '成功') AS successes
    FROM (
        SELECT *, is_valid AND (coalesce(outcome IN ('不成功', '终止'), false) OR (is_closed AND is_solved IS FALSE)) AS is_failed
        FROM known
    )
    GROUP BY dispute_id, day
),
judged AS (
    SELECT
        dispute_id,
        day,
        list_min(list_filter(successes, lambda x: x::date >= last_reported_at::date)) AS success_at,
        CASE
            WHEN success_at IS NOT NULL THEN success_at
            WHEN ended_count = 0 OR open_count > 0 OR last_ended_at::date < last_reported_at::date THEN NULL
            WHEN last_failure_at >= coalesce(last_good_at, last_failure_at) THEN NULL
            ELSE last_ended_at
        END AS resolved_at
    FROM total
),
-- a source that hands over its history at once tells the end before it came
effective AS (
    SELECT
        dispute_id,
        greatest(day, coalesce(resolved_at::date + 1, day)) AS day,
        lead(day) OVER (PARTITION BY dispute_id ORDER BY day) AS next_day,
        resolved_at
    FROM judged
),
turn AS (
    SELECT dispute_id, day, resolved_at
    FROM effective
    WHERE next_day IS NULL OR day < next_day
    QUALIFY (resolved_at IS NULL) IS DISTINCT FROM lag(resolved_at IS NULL) OVER (PARTITION BY dispute_id ORDER BY day)
)
SELECT dispute_id, day, resolved_at
FROM turn
ORDER BY dispute_id, day
