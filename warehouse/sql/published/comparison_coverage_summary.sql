-- 系统乘系统：知道的纠纷中另一系统也知道多少；缺的按已过小时数分档
WITH known_system AS (
    SELECT known.*
    FROM known
    SEMI JOIN system ON system.source = known.source
),
paired AS (
    SELECT
        known_system.source,
        system.source AS other_source,
        other.known_at IS NOT NULL AS is_shared,
        hours_bucket(hours_between(known_system.known_at, getvariable('as_of'))) AS bucket,
        abs(hours_between(known_system.known_at, other.known_at)) AS hours,
        official.dispute_id IS NOT NULL AS is_official
    FROM known_system
    CROSS JOIN system
    LEFT JOIN known_system AS other
        ON other.dispute_id = known_system.dispute_id AND other.source = system.source
    LEFT JOIN official
        ON official.dispute_id = known_system.dispute_id
        AND official.source = known_system.source
        AND official.other_source = system.source
)
SELECT
    source,
    other_source,
    count(*) AS dispute_count,
    count(*) FILTER (is_shared) AS shared_count,
    count(*) FILTER (is_shared) / count(*) AS shared_share,
    count(*) FILTER (NOT is_shared) AS missing_count,
    count(*) FILTER (NOT is_shared AND bucket = '12以内') AS missing_12,
    count(*) FILTER (NOT is_shared AND bucket = '24以内') AS missing_24,
    count(*) FILTER (NOT is_shared AND bucket = '48以内') AS missing_48,
    count(*) FILTER (NOT is_shared AND bucket = '72以内') AS missing_72,
    count(*) FILTER (NOT is_shared AND bucket = '超过72') AS missing_over_72,
    count(*) FILTER (is_official) AS official_count,
    median(hours) FILTER (is_shared AND source <> other_source) AS median_hours
FROM paired
GROUP BY source, other_source
