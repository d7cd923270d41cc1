-- What a dispute has in common with others, each trait once, from the day on which it was first known: its place, who
-- complains (keyed tokens), which company is complained about, its class. Parameters: $history_sources, $not_companies.
CREATE OR REPLACE TEMP TABLE warning_trait AS
WITH version AS (
    SELECT
        d.dispute_id,
        e.*,
        CASE WHEN e.source IN (SELECT unnest($history_sources::text[])) THEN coalesce(e.reported_at::date + 1, e.delivery_date)
            ELSE e.delivery_date END AS known_date,
        left(coalesce(e.town_code, e.village_code), 9) AS town
    FROM corrected_event e
    JOIN core_dispute_event d USING (event_id)
    WHERE coalesce(e.status, '') <> '作废'
),
said AS (
    SELECT
        dispute_id, event_id, source_record_id, reported_at, known_date, 'class' AS kind,
        nullif(left(category_code, 2), '99') AS value, NULL AS shown
    FROM version
    UNION ALL
    SELECT
        dispute_id, event_id, source_record_id, reported_at, known_date, 'place',
        CASE
            WHEN town IS NULL OR coalesce(is_confidential, false) THEN NULL -- its place is published down to the village only
            WHEN estate IS NOT NULL THEN town || '|' || estate
            WHEN road IS NOT NULL AND road_number IS NOT NULL THEN concat_ws('|', town, road, road_number)
            WHEN village_code IS NOT NULL THEN village_code || '|' || coalesce(hamlet, group_number)
        END,
        coalesce(estate, road, hamlet, group_number) -- no house number
    FROM version
    UNION ALL
    SELECT
        v.dispute_id, v.event_id, v.source_record_id, v.reported_at, v.known_date, 'person',
        unnest(list_concat(
            CASE WHEN p.id_token IS NOT NULL THEN ['id:' || p.id_token] ELSE [] END,
            list_transform(coalesce(p.phone_tokens, []), lambda token: 'phone:' || token)
        )),
        p.surname
    FROM core_party p
    JOIN version v ON v.event_id = p.event_id AND v.delivery_date = p.delivery_date
    WHERE p.role IN ('reporter', 'applicant') AND coalesce(p.kind, '') <> 'organisation'
    UNION ALL
    SELECT
        v.dispute_id, v.event_id, v.source_record_id, v.reported_at, v.known_date, 'company', p.organisation_key, p.name
    FROM core_party p
    JOIN version v ON v.event_id = p.event_id AND v.delivery_date = p.delivery_date
    WHERE p.role = 'respondent' AND p.kind = 'organisation' AND length(p.organisation_key) > 1
        AND NOT regexp_matches(coalesce(p.name, ''), $not_companies)
)
SELECT
    dispute_id,
    kind,
    value,
    min(known_date) AS known_date,
    unnest(arg_min(
        struct_pack(event_id, source_record_id, shown),
        struct_pack(known_date, reported_at, event_id)
    )),
    list_sort(list_distinct(list(shown) FILTER (kind = 'person' AND shown IS NOT NULL))) AS surnames
FROM said
WHERE value IS NOT NULL
GROUP BY dispute_id, kind, value
