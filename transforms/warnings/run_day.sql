-- The days on which a daily run would have taken place: every day whose delivery (or, for a history source, whose
-- records) became known, and the run's own day. Parameters: $as_of, $history_sources.
CREATE OR REPLACE TEMP TABLE warning_run_day AS
SELECT DISTINCT run_date
FROM (
    SELECT CASE WHEN source IN (SELECT unnest($history_sources::text[]))
        THEN coalesce(reported_at::date + 1, delivery_date) ELSE delivery_date END AS run_date
    FROM core_event
    UNION ALL
    SELECT $as_of::date
)
WHERE run_date <= $as_of::date
ORDER BY run_date
