-- What the surge rule counts, one row per record: dispute records by division code, and records of history sources whose
-- place is no division of this city by the names the source itself gives (their text may be absent, so no filter).
-- Every record counts once, in its first version. Parameters: $history_sources, $city_prefix.
WITH version AS (
    SELECT
        e.event_id,
        e.source,
        e.reported_at,
        e.is_dispute,
        e.category_code,
        e.county_code,
        e.town_code,
        e.village_code,
        e.county_name,
        e.town_name,
        e.village_name,
        e.source_category,
        e.source IN (SELECT unnest($history_sources::text[])) AS is_history,
        CASE WHEN e.source IN (SELECT unnest($history_sources::text[]))
            THEN coalesce(e.reported_at::date + 1, e.delivery_date) ELSE e.delivery_date END AS known_date
    FROM corrected_event e
    WHERE e.reported_at IS NOT NULL AND coalesce(e.status, '') <> '作废'
    QUALIFY row_number() OVER (
        PARTITION BY e.event_id
        ORDER BY known_date, coalesce(e.version_at, e.delivery_date::timestamp) DESC, e.file, e.sheet, e.row_number
    ) = 1
)
SELECT
    '' AS pool,
    v.known_date,
    v.reported_at,
    v.reported_at::date AS day,
    left(coalesce(v.county_code, v.town_code, v.village_code), 6) AS county,
    coalesce(v.town_code, left(v.village_code, 9) || '000') AS town,
    v.village_code AS village,
    v.category_code AS category,
    coalesce(d.dispute_id, v.event_id) AS matter,
    v.event_id
FROM version v
LEFT JOIN core_dispute_event d USING (event_id)
WHERE v.is_dispute
    AND v.category_code IS NOT NULL AND v.category_code <> '9900'
    AND coalesce(v.county_code, v.town_code, v.village_code) LIKE $city_prefix || '%'
UNION ALL
SELECT
    v.source,
    v.known_date,
    v.reported_at,
    v.reported_at::date,
    v.county_name,
    v.town_name,
    v.village_name,
    string_split(v.source_category, '/')[-1],
    v.event_id,
    v.event_id
FROM version v
WHERE v.is_history
    AND coalesce(v.county_code, v.town_code, v.village_code, '') NOT LIKE $city_prefix || '%'
    AND v.source_category IS NOT NULL
    AND coalesce(v.village_name, v.town_name, v.county_name) IS NOT NULL
ORDER BY ALL
