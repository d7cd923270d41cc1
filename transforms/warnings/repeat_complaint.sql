-- The $count-th record of one dispute within $days days, whoever reports. A late delivery can make an earlier span
-- full: what counts is the day on which the last of the $count records became known.
WITH spans AS (
    SELECT
        dispute_id,
        source_record_id,
        event_id,
        ordered_at,
        list_sort(list(known_date) OVER span)[$count] AS first_seen_at
    FROM warning_record
    WINDOW span AS (
        PARTITION BY dispute_id ORDER BY ordered_at
        RANGE BETWEEN to_days($days::integer) PRECEDING AND CURRENT ROW
    )
),
first_span AS (
    SELECT *
    FROM spans
    WHERE first_seen_at IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY dispute_id ORDER BY first_seen_at, ordered_at, event_id) = 1
),
counted AS (
    SELECT f.*, greatest(r.known_date, f.first_seen_at) AS known_on, count(*) AS fresh
    FROM first_span f
    JOIN warning_record r USING (dispute_id)
    GROUP BY ALL
)
SELECT
    dispute_id,
    event_id,
    source_record_id AS raised_for,
    first_seen_at,
    known_on,
    NULL::date AS ended_on,
    sum(fresh) OVER (PARTITION BY dispute_id ORDER BY known_on)::bigint AS measure,
    format('{}天内第{}次反映，累计反映{}次', $days, $count, measure) AS evidence
FROM counted
