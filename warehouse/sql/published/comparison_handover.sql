-- 每个纠纷自最先知道的系统到其余每个系统；有官方编号、只写明移交、只由比对得知，三者分开
WITH stated AS (
    -- 记录自己写明由哪个系统转来：受理渠道，或调解的案件来源
    SELECT DISTINCT
        dispute_event.dispute_id,
        event.source AS other_source,
        CASE
            WHEN regexp_matches(event.channel, '110|公安|警') THEN 'police'
            WHEN regexp_matches(event.channel, '12345|热线') THEN 'hotline'
            WHEN regexp_matches(event.channel, '城管') THEN 'citymgmt'
            WHEN regexp_matches(event.channel, '综治|网格') THEN 'grid'
            WHEN regexp_matches(event.channel, '人民调解|调委会|调解中心') THEN 'mediation'
        END AS source
    FROM dispute_event
    INNER JOIN event ON event.event_id = dispute_event.event_id
    WHERE event.channel IS NOT NULL
),
earliest AS (
    SELECT dispute_id, min_by(source, struct_pack(at := known_at, source := source)) AS first_source,
        min(known_at) AS first_known_at
    FROM known
    GROUP BY dispute_id
),
paired AS (
    SELECT
        earliest.*,
        system.source AS other_source,
        known.known_at AS other_known_at,
        greatest(hours_between(earliest.first_known_at, coalesce(known.known_at, getvariable('as_of'))), 0) AS hours
    FROM earliest
    INNER JOIN system ON system.source <> earliest.first_source
    LEFT JOIN known ON known.dispute_id = earliest.dispute_id AND known.source = system.source
)
SELECT
    paired.dispute_id,
    paired.first_source,
    paired.first_known_at,
    paired.other_source,
    paired.other_known_at,
    paired.other_known_at IS NULL AS is_missing,
    paired.hours,
    hours_bucket(paired.hours) AS hours_bucket,
    official.dispute_id IS NOT NULL AS has_official_number,
    CASE
        WHEN paired.other_known_at IS NULL THEN '未到'
        WHEN official.dispute_id IS NOT NULL THEN '官方编号'
        WHEN stated.dispute_id IS NOT NULL THEN '写明移交无编号'
        ELSE '比对得知'
    END AS handover_kind
FROM paired
LEFT JOIN official
    ON official.dispute_id = paired.dispute_id
    AND official.source = paired.first_source
    AND official.other_source = paired.other_source
LEFT JOIN stated
    ON stated.dispute_id = paired.dispute_id
    AND stated.source = paired.first_source
    AND stated.other_source = paired.other_source
