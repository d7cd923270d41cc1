-- One finding for each time that a place, person or company goes over its limit: raised with the record that took it
-- over, told again as the number grows, over once $days days have passed without being over the limit.
-- crossing: subject, dispute_id, event_id, source_record_id, known_date, measure, evidence; one row per record that found
-- its subject over the limit.
WITH crossing AS (
{crossing}
),
marked AS (
    SELECT
        *,
        coalesce(known_date > lag(known_date) OVER subject + to_days($days::integer), true) AS is_start
    FROM crossing
    WINDOW subject AS (PARTITION BY subject ORDER BY known_date, event_id)
),
numbered AS (
    SELECT *, sum(is_start::int) OVER (PARTITION BY subject ORDER BY known_date, event_id ROWS UNBOUNDED PRECEDING) AS turn
    FROM marked
),
turns AS (
    SELECT
        subject,
        turn,
        min(known_date) AS first_seen_at,
        (max(known_date) + to_days($days::integer + 1))::date AS over_on,
        unnest(arg_min(struct_pack(dispute_id, event_id, source_record_id), struct_pack(known_date, event_id)))
    FROM numbered
    GROUP BY subject, turn
),
-- a person's phone and ID tell of the same person
episode AS (
    SELECT * FROM turns QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY subject) = 1
),
by_day AS (
    SELECT subject, turn, known_date, max(measure) AS measure, arg_max(evidence, measure) AS evidence
    FROM numbered
    GROUP BY ALL
),
grown AS (
    SELECT *
    FROM by_day
    QUALIFY measure > coalesce(max(measure) OVER (
        PARTITION BY subject, turn ORDER BY known_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)
)
SELECT
    e.dispute_id,
    e.event_id,
    e.source_record_id AS raised_for,
    e.first_seen_at,
    g.known_date AS known_on,
    CASE WHEN e.over_on <= $as_of::date THEN e.over_on END AS ended_on,
    g.measure,
    g.evidence
FROM episode e
JOIN grown g USING (subject, turn)
