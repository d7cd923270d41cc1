-- Each dispute record once, with the day on which its first version became known.
CREATE OR REPLACE TEMP TABLE warning_record AS
SELECT
    dispute_id,
    event_id,
    source,
    source_record_id,
    arg_min(reported_at, version_number) AS reported_at,
    min(known_date) AS known_date
FROM warning_version
GROUP BY ALL
