-- A mediation agreement that is not fulfilled when its time is up; fulfilling it later ends the warning. The time is the
-- one written in the agreement, else $days days after it (warning_promise: version -> promised_at, is_written). Known on
-- the first run day after it on which the version that says 未履行 or 部分履行 was the one known.
WITH late AS (
    SELECT
        v.dispute_id,
        v.event_id,
        v.source_record_id,
        v.fulfilment,
        v.until_date,
        p.promised_at,
        p.is_written,
        greatest(v.known_date, p.promised_at::date + 1) AS due_date
    FROM warning_version v
    JOIN warning_promise p USING (event_id, version_number)
    WHERE v.outcome = '成功' AND v.fulfilment IN ('未履行', '部分履行')
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
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY first_seen_at, promised_at) = 1
),
found AS (
    SELECT f.*, e.ended_on
    FROM first_seen f
    LEFT JOIN (
        SELECT f.event_id, min(greatest(v.known_date, f.first_seen_at)) AS ended_on
        FROM first_seen f
        JOIN warning_version v ON v.event_id = f.event_id AND v.known_date > f.first_seen_at AND v.fulfilment = '已履行'
        GROUP BY f.event_id
    ) e USING (event_id)
),
-- it is told again on the first run day on which it is late by as many days as the next level asks for
reached AS (
    SELECT DISTINCT f.*, r.run_date AS known_on
    FROM (
        SELECT *, greatest(first_seen_at, promised_at::date + unnest($steps::integer[])) AS reached_on FROM found
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
    greatest(date_diff('day', promised_at::date, known_on), 0) AS measure,
    format('调解协议{}应于{}前履行，截至{}{}',
        CASE WHEN is_written THEN '写明' ELSE format('签订满{}天，', $days::integer) END,
        strftime(promised_at, '%Y-%m-%d'), strftime(known_on, '%Y-%m-%d'),
        CASE fulfilment WHEN '部分履行' THEN '只履行一部分' ELSE '没有履行' END) AS evidence
FROM reached
