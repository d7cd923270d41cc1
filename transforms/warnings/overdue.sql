-- A record's own deadline passes while it is open; closing it later ends the warning and does not erase it.
-- Seen on the first run day after the deadline on which that version of the record was the one known.
-- warning_deadline: version -> deadline (the one written, else the limit in working days).
WITH late AS (
    SELECT
        v.dispute_id,
        v.event_id,
        v.source_record_id,
        d.deadline_at,
        v.until_date,
        greatest(v.known_date, d.deadline_at::date + 1) AS due_date
    FROM warning_version v
    JOIN warning_deadline d USING (event_id, version_number)
    WHERE coalesce(v.status, '') NOT IN (SELECT unnest($not_open::text[]))
        AND (v.ended_at IS NULL OR v.ended_at > d.deadline_at)
),
seen AS (
    SELECT l.*, r.run_date AS first_seen_at
    FROM late l
    ASOF JOIN warning_run_day r ON l.due_date <= r.run_date
),
first_seen AS (
    SELECT *
    FROM seen
    WHERE until_date IS NULL OR first_seen_at < until_date
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY first_seen_at, deadline_at) = 1
),
ending AS (
    SELECT event_id, min(known_date) AS known_date, arg_min_null(ended_at, version_number) AS ended_at
    FROM warning_version
    WHERE ended_at IS NOT NULL OR status IN (SELECT unnest($not_open::text[]))
    GROUP BY event_id
),
found AS (
    SELECT
        f.*,
        -- greatest() passes over nulls: without the CASE a record still open would count as ended on the first day
        CASE WHEN e.known_date IS NOT NULL THEN greatest(e.known_date, f.first_seen_at) END AS ended_on,
        e.ended_at
    FROM first_seen f
    LEFT JOIN ending e USING (event_id)
),
-- it is told again on the first run day on which it is late by as many days as the next level asks for
reached AS (
    SELECT DISTINCT f.*, r.run_date AS known_on
    FROM (
        SELECT *, greatest(first_seen_at, deadline_at::date + unnest($steps::integer[])) AS reached_on FROM found
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
    greatest(date_diff('day', deadline_at::date, known_on), 0) AS measure,
    format('办理时限{}已过，截至{}超期{}天未办结', strftime(deadline_at, '%Y-%m-%d %H:%M'), strftime(known_on, '%Y-%m-%d'),
        date_diff('day', deadline_at::date, known_on)) AS evidence
FROM reached
UNION ALL
SELECT
    dispute_id,
    event_id,
    source_record_id,
    first_seen_at,
    ended_on,
    ended_on,
    greatest(date_diff('day', deadline_at::date, ended_at::date), 0),
    CASE WHEN ended_at IS NULL THEN format('办理时限{}已过，后作废', strftime(deadline_at, '%Y-%m-%d %H:%M'))
        ELSE format('办理时限{}已过，{}办结', strftime(deadline_at, '%Y-%m-%d %H:%M'), strftime(ended_at, '%Y-%m-%d %H:%M'))
    END
FROM found
WHERE ended_on IS NOT NULL
