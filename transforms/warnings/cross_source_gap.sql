-- $hours hours after a police call about a dispute, neither mediation nor grid had taken it up. Once per dispute, for
-- the first call that was left so. A hand-over in time that is delivered late is not known, and so not counted, before.
WITH call AS (
    SELECT
        dispute_id,
        event_id,
        source_record_id,
        reported_at,
        reported_at + to_hours($hours::integer) AS due_at,
        greatest(known_date, (reported_at + to_hours($hours::integer) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND)::date)
            AS due_date
    FROM warning_record
    WHERE source IN (SELECT unnest($from_sources::text[]))
),
seen AS (
    SELECT c.*, r.run_date AS first_seen_at
    FROM call c
    ASOF JOIN warning_run_day r ON c.due_date <= r.run_date
),
taken AS (
    SELECT dispute_id, reported_at, known_date
    FROM warning_record
    WHERE source IN (SELECT unnest($to_sources::text[]))
),
gap AS (
    SELECT *
    FROM seen s
    WHERE NOT EXISTS (
        SELECT 1 FROM taken t
        WHERE t.dispute_id = s.dispute_id AND t.reported_at <= s.due_at AND t.known_date <= s.first_seen_at
    )
    QUALIFY row_number() OVER (PARTITION BY dispute_id ORDER BY first_seen_at, due_at, event_id) = 1
),
later AS (
    SELECT g.dispute_id, min(t.known_date) AS ended_on, arg_min(t.reported_at, (t.known_date, t.reported_at)) AS taken_at
    FROM gap g
    JOIN taken t USING (dispute_id)
    GROUP BY g.dispute_id
),
found AS (
    SELECT
        g.*,
        -- greatest() passes over nulls: without the CASE a call never taken up would count as taken up on the first day
        CASE WHEN l.ended_on IS NOT NULL THEN greatest(l.ended_on, g.first_seen_at) END AS ended_on,
        l.taken_at
    FROM gap g
    LEFT JOIN later l USING (dispute_id)
),
-- it is told again on the first run day on which it has lasted as many hours as the next level asks for
reached AS (
    SELECT DISTINCT f.*, r.run_date AS known_on
    FROM (
        SELECT
            *,
            greatest(
                first_seen_at,
                (reported_at + to_hours(unnest($steps::integer[])) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND)::date
            ) AS reached_on
        FROM found
    ) f
    ASOF JOIN warning_run_day r ON f.reached_on <= r.run_date
    WHERE f.ended_on IS NULL OR r.run_date < f.ended_on
)
SELECT
    dispute_id,
    event_id,
    source_record_id AS raised_for,
    first_seen_at,
    known_on,
    ended_on,
    greatest(date_diff('hour', reported_at, known_on::timestamp), $hours) AS measure,
    format('报警满{}小时，调解与网格均无记录', measure) AS evidence
FROM reached
UNION ALL
SELECT
    dispute_id,
    event_id,
    source_record_id,
    first_seen_at,
    ended_on,
    ended_on,
    greatest(date_diff('hour', due_at, taken_at), 0) + $hours AS measure,
    format('报警满{}小时，调解与网格均无记录；{}小时后才有', $hours, measure)
FROM found
WHERE ended_on IS NOT NULL
