-- A new dispute that matching recognised as an older, resolved one come back (core_dispute_event.recurrence_of).
WITH returned AS (
    SELECT DISTINCT dispute_id, recurrence_of FROM core_dispute_event WHERE recurrence_of IS NOT NULL
),
first_record AS (
    SELECT r.dispute_id, r.recurrence_of, w.event_id, w.source_record_id, w.known_date, w.reported_at, w.ordered_at
    FROM returned r
    JOIN warning_record w USING (dispute_id)
    QUALIFY row_number() OVER (PARTITION BY r.dispute_id ORDER BY w.known_date, w.ordered_at, w.event_id) = 1
)
SELECT
    f.dispute_id,
    f.event_id,
    f.source_record_id AS raised_for,
    f.known_date AS first_seen_at,
    f.known_date AS known_on,
    NULL::date AS ended_on,
    1 AS measure,
    CASE WHEN o.resolved_at IS NOT NULL AND o.resolved_at < f.reported_at
        THEN format('纠纷{}于{}化解，{}天后再次发生', f.recurrence_of, strftime(o.resolved_at, '%Y-%m-%d'),
            date_diff('day', o.resolved_at::date, f.reported_at::date))
        ELSE format('已了结的纠纷{}再次发生', f.recurrence_of)
    END AS evidence
FROM first_record f
LEFT JOIN core_dispute o ON o.dispute_id = f.recurrence_of
