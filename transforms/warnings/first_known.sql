-- Each dispute record once, with the day on which its first version became known. A report with a date and no time is
-- put at noon for the order of records within that day: at midnight it would always come first.
CREATE OR REPLACE TEMP TABLE warning_record AS
SELECT
    dispute_id,
    event_id,
    source,
    source_record_id,
    arg_min(reported_at, version_number) AS reported_at,
    CASE WHEN arg_min(reported_at, version_number)::time = TIME '00:00:00'
        THEN arg_min(reported_at, version_number) + INTERVAL 12 HOUR
        ELSE arg_min(reported_at, version_number) END AS ordered_at,
    min(known_date) AS known_date
FROM warning_version
GROUP BY ALL
