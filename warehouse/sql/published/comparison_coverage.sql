-- 每个纠纷哪些系统知道、哪些不知道；小时数自最先知道起，到第二个系统知道或运行时点
WITH ranked AS (
    SELECT
        dispute_id,
        array_agg(source ORDER BY known_at, source) AS sources,
        array_agg(known_at ORDER BY known_at, source) AS times
    FROM known
    GROUP BY dispute_id
),
timed AS (
    SELECT *, greatest(hours_between(times[1], coalesce(times[2], getvariable('as_of'))), 0) AS hours
    FROM ranked
)
SELECT
    dispute.dispute_id,
    dispute.category_code,
    dispute.county_code,
    dispute.town_code,
    dispute.village_code,
    dispute.status,
    list_contains(timed.sources, 'hotline') AS is_in_hotline,
    list_contains(timed.sources, 'police') AS is_in_police,
    list_contains(timed.sources, 'mediation') AS is_in_mediation,
    list_contains(timed.sources, 'citymgmt') AS is_in_citymgmt,
    list_contains(timed.sources, 'grid') AS is_in_grid,
    len(timed.sources) AS source_count,
    array_to_string(timed.sources, ',') AS sources,
    array_to_string(
        list_filter(
            coalesce((SELECT array_agg(source ORDER BY source) FROM system), []),
            lambda source: NOT list_contains(timed.sources, source)
        ),
        ','
    ) AS missing_sources,
    timed.sources[1] AS first_source,
    timed.times[1] AS first_known_at,
    timed.sources[2] AS second_source,
    timed.times[2] AS second_known_at,
    timed.hours,
    hours_bucket(timed.hours) AS hours_bucket,
    len(timed.sources) = 1 AS is_single_source
FROM dispute
INNER JOIN timed ON timed.dispute_id = dispute.dispute_id
