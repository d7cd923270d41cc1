-- 每条期望的走势；已从套件中删去的期望停在它最后一次
WITH run AS (
    SELECT
        *,
        max(as_of) FILTER (WHERE success) OVER every_run AS last_met_as_of,
        count(*) OVER every_run AS run_count,
        count(*) FILTER (WHERE NOT success) OVER every_run AS failed_count,
        lag(unexpected_share) OVER (PARTITION BY suite, expectation ORDER BY as_of) AS previous_share,
        row_number() OVER (PARTITION BY suite, expectation ORDER BY as_of DESC) = 1 AS is_newest
    FROM quality_result
    WINDOW every_run AS (PARTITION BY suite, expectation)
),
failed AS (
    SELECT suite, expectation, min(as_of) AS first_failed_as_of
    FROM run
    WHERE last_met_as_of IS NULL OR as_of > last_met_as_of
    GROUP BY suite, expectation
)
SELECT
    run.suite,
    run.suite_label,
    run.expectation,
    run.says,
    run.dimension,
    run.severity,
    run.as_of,
    run.success,
    run.unexpected_share,
    run.previous_share,
    failed.first_failed_as_of,
    run.last_met_as_of,
    run.run_count,
    run.failed_count
FROM run
LEFT JOIN failed USING (suite, expectation)
WHERE run.is_newest
