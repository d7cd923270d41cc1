-- Each dispute record once, with the day on which its first version became known, and the time by which records of one
-- day are put in order: a report with a date and no time has the time at which its first version was written (version_at),
-- else noon; at midnight it would always come first.
CREATE OR REPLACE TEMP TABLE warning_record AS
SELECT
    dispute_id,
    event_id,
    source,
    source_record_id,
    arg_min(reported_at, version_number) AS reported_at,
    CASE
        WHEN arg_min(reported_at, version_number)::time <> TIME '00:00:00' THEN arg_min(reported_at, version_number)
        WHEN arg_min_null(version_at, version_number) >= arg_min(reported_at, version_number)
            AND arg_min_null(version_at, version_number) < min(known_date)
            THEN arg_min_null(version_at, version_number)
        ELSE arg_min(reported_at, version_number) + INTERVAL 12 HOUR
    END AS ordered_at,
    min(known_date) AS known_date
FROM warning_version
GROUP BY ALL
