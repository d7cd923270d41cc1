-- Where a dispute with warnings was, by the records known on each day: the votes of transforms/dispute_record.sql, each
-- record from the day on which it (or a version with another place) was known. One row per change.
-- Parameters: $history_sources; $place_keys, $place_weights, $corrected of dispute_record.yml.
WITH ballot AS (
    SELECT
        d.dispute_id,
        coalesce(e.county_code, left(coalesce(e.town_code, e.village_code), 6)) AS county_code,
        coalesce(left(e.town_code, 9), left(e.village_code, 9)) AS town_code,
        e.village_code,
        min(CASE WHEN e.source IN (SELECT unnest($history_sources::text[]))
            THEN coalesce(e.reported_at::date + 1, e.delivery_date) ELSE e.delivery_date END) AS known_date,
        max(coalesce(map($place_keys, $place_weights)[e.source], map($place_keys, $place_weights)['other'])
            * CASE WHEN e.place_basis = 'correction' THEN $corrected ELSE 1 END) AS weight
    FROM corrected_event e
    JOIN core_dispute_event d USING (event_id)
    SEMI JOIN warning_dispute w ON w.dispute_id = d.dispute_id
    GROUP BY d.dispute_id, e.event_id, 2, 3, 4
),
change AS (
    SELECT DISTINCT dispute_id, known_date AS day FROM ballot
),
vote AS (
    SELECT c.dispute_id, c.day, b.county_code, b.town_code, b.village_code, sum(b.weight) AS weight
    FROM change c
    JOIN ballot b ON b.dispute_id = c.dispute_id AND b.known_date <= c.day
    GROUP BY ALL
),
county AS (
    SELECT dispute_id, day, county_code
    FROM vote
    WHERE county_code IS NOT NULL
    GROUP BY dispute_id, day, county_code
    QUALIFY row_number() OVER (PARTITION BY dispute_id, day ORDER BY sum(weight) DESC, county_code) = 1
),
town AS (
    SELECT v.dispute_id, v.day, v.town_code
    FROM vote v
    JOIN county c ON c.dispute_id = v.dispute_id AND c.day = v.day AND c.county_code = left(v.town_code, 6)
    GROUP BY v.dispute_id, v.day, v.town_code
    QUALIFY row_number() OVER (PARTITION BY v.dispute_id, v.day ORDER BY sum(v.weight) DESC, v.town_code) = 1
),
village AS (
    SELECT v.dispute_id, v.day, v.village_code
    FROM vote v
    JOIN town t ON t.dispute_id = v.dispute_id AND t.day = v.day AND t.town_code = left(v.village_code, 9)
    GROUP BY v.dispute_id, v.day, v.village_code
    QUALIFY row_number() OVER (PARTITION BY v.dispute_id, v.day ORDER BY sum(v.weight) DESC, v.village_code) = 1
)
SELECT change.dispute_id, change.day, coalesce(village_code, town_code || '000', county_code) AS area_code
FROM change
LEFT JOIN county USING (dispute_id, day)
LEFT JOIN town USING (dispute_id, day)
LEFT JOIN village USING (dispute_id, day)
ORDER BY ALL
