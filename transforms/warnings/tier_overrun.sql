-- The tier that answered for a dispute had not resolved it when its working days were over (risk.yml): it goes one tier up.
-- Told again when that tier is late too. warning_overrun: transforms.warnings.overruns, by what was known on the day.
SELECT
    dispute_id,
    event_id,
    source_record_id AS raised_for,
    min(run_date) OVER (PARTITION BY dispute_id) AS first_seen_at,
    run_date AS known_on,
    NULL::date AS ended_on,
    rank AS measure,
    CASE WHEN next_tier = tier THEN format('{}级应于{}前化解，至今没有化解，应由市级会商', tier, strftime(due_on, '%Y-%m-%d'))
        ELSE format('{}级应于{}前化解，至今没有化解，应提级到{}级', tier, strftime(due_on, '%Y-%m-%d'), next_tier)
    END AS evidence
FROM warning_overrun
