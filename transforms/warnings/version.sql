-- Versions of dispute records with the span of days for which each was the newest one known: [known_date, until_date).
-- A version that arrives after a newer one (by its own time) never counts. Parameters: $history_sources.
CREATE OR REPLACE TEMP TABLE warning_version AS
WITH placed AS (
    SELECT
        d.dispute_id,
        e.event_id,
        e.source,
        e.source_record_id,
        e.reported_at,
        e.version_at,
        e.status,
        e.outcome,
        e.closed_at,
        e.outcome_at,
        e.is_solved,
        e.deadline_at,
        e.limit_workdays,
        e.headcount,
        e.threat_words,
        CASE WHEN e.source IN (SELECT unnest($history_sources::text[])) THEN coalesce(e.reported_at::date + 1, e.delivery_date)
            ELSE e.delivery_date END AS known_date,
        row_number() OVER (
            PARTITION BY e.event_id
            ORDER BY coalesce(e.version_at, e.delivery_date::timestamp), e.delivery_date, e.file, e.sheet, e.row_number
        ) AS version_number
    FROM core_event e
    JOIN core_dispute_event d USING (event_id)
),
newest AS (
    SELECT *
    FROM placed
    QUALIFY version_number = max(version_number) OVER (
        PARTITION BY event_id ORDER BY known_date RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)
SELECT
    *,
    lead(known_date) OVER (PARTITION BY event_id ORDER BY version_number) AS until_date,
    -- a returned order is over for the office whose deadline it was
    CASE WHEN status IN ('已办结', '已退回') OR outcome IN ('成功', '不成功', '终止')
        THEN coalesce(closed_at, outcome_at, version_at, known_date - INTERVAL 1 SECOND) END AS ended_at
FROM newest
