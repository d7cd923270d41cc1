-- A new dispute that is an older one come back (warning_recurrence: transforms.recurrence), for its first record.
WITH first_record AS (
    SELECT
        r.dispute_id,
        r.recurrence_of,
        r.resolved_at,
        r.first_reported_at,
        w.event_id,
        w.source_record_id,
        greatest(w.known_date, r.known_date::date) AS first_seen_at
    FROM warning_recurrence r
    JOIN warning_record w USING (dispute_id)
    QUALIFY row_number() OVER (PARTITION BY r.dispute_id ORDER BY w.known_date, w.ordered_at, w.event_id) = 1
)
SELECT
    dispute_id,
    event_id,
    source_record_id AS raised_for,
    first_seen_at,
    first_seen_at AS known_on,
    NULL::date AS ended_on,
    (resolved_at IS NOT NULL)::int AS measure,
    CASE WHEN resolved_at IS NOT NULL
        THEN format('纠纷{}于{}化解，{}天后再次发生', recurrence_of, strftime(resolved_at, '%Y-%m-%d'),
            date_diff('day', resolved_at::date, first_reported_at::date))
        ELSE format('与纠纷{}同人同事，其后久无消息，也无在办记录，又再次发生', recurrence_of)
    END AS evidence
FROM first_record
