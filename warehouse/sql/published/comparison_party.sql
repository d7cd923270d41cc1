-- 同一人、同一单位出现在几个纠纷里：人按证件令牌，没有证件按电话令牌加完整姓名；单位按名称核心词；要求保密的记录不计
WITH named AS (
    SELECT
        core_dispute_event.dispute_id,
        current_party.event_id,
        current_party.kind,
        current_party.role,
        current_party.name,
        current_party.name_masked,
        current_party.id_token,
        current_party.phone_tokens[1] AS phone_token,
        current_party.organisation_key,
        event.source,
        event.reported_at
    FROM current_party
    INNER JOIN core_dispute_event ON core_dispute_event.event_id = current_party.event_id
    INNER JOIN event ON event.event_id = current_party.event_id
    WHERE NOT coalesce(event.is_confidential, false)
        AND current_party.role <> 'mentioned'
        AND (
            current_party.kind = 'person' AND (current_party.id_token IS NOT NULL OR current_party.is_full_name)
            -- 一两个字的核心词（电信、物业）分不出是哪一家
            OR current_party.kind = 'organisation' AND length(current_party.organisation_key) >= 3
        )
),
-- 同一电话、同一姓名在别处写了证件的，就是那一证件
known_id AS (
    SELECT phone_token, name, any_value(id_token) AS id_token
    FROM named
    WHERE kind = 'person' AND phone_token IS NOT NULL AND name IS NOT NULL AND id_token IS NOT NULL
    GROUP BY phone_token, name
    HAVING count(DISTINCT id_token) = 1
),
-- 姓名不进令牌：同一电话下的第几个姓名
phone_name AS (
    SELECT
        phone_token,
        name,
        row_number() OVER (PARTITION BY phone_token ORDER BY min(reported_at), min(event_id), name) AS place
    FROM named
    WHERE kind = 'person' AND phone_token IS NOT NULL AND name IS NOT NULL
    GROUP BY phone_token, name
),
keyed AS (
    SELECT
        named.*,
        CASE
            WHEN named.kind = 'organisation' THEN '单位名称'
            WHEN coalesce(named.id_token, known_id.id_token) IS NOT NULL THEN '证件'
            ELSE '电话与姓名'
        END AS basis,
        CASE
            WHEN named.kind = 'organisation'
                THEN 'o_' || left(sha256(safe(hide_registered(named.organisation_key))), 16)
            ELSE coalesce(named.id_token, known_id.id_token, phone_name.phone_token || '-' || phone_name.place)
        END AS party_token
    FROM named
    LEFT JOIN known_id ON known_id.phone_token = named.phone_token AND known_id.name = named.name
    LEFT JOIN phone_name ON phone_name.phone_token = named.phone_token AND phone_name.name = named.name
),
summed AS (
    SELECT
        party_token,
        dispute_id,
        min(kind) AS kind,
        min_by(basis, struct_pack(at := reported_at, id := event_id)) AS basis,
        min_by(name_masked, struct_pack(at := reported_at, id := event_id)) AS name_masked,
        array_to_string(array_agg(DISTINCT role ORDER BY role), ',') AS roles,
        array_to_string(array_agg(DISTINCT source ORDER BY source), ',') AS sources,
        count(DISTINCT event_id) AS record_count,
        min(reported_at) AS first_reported_at,
        max(reported_at) AS last_reported_at
    FROM keyed
    WHERE party_token IS NOT NULL
    GROUP BY party_token, dispute_id
),
several AS (
    SELECT *, count(*) OVER (PARTITION BY party_token) AS dispute_count
    FROM summed
)
SELECT
    several.* REPLACE (safe(hide_registered(hide_names(several.name_masked, person_name.names))) AS name_masked),
    dispute.category_code,
    dispute.county_code,
    dispute.town_code,
    dispute.status
FROM several
INNER JOIN dispute ON dispute.dispute_id = several.dispute_id
LEFT JOIN person_name ON person_name.dispute_id = several.dispute_id
WHERE several.dispute_count > 1
