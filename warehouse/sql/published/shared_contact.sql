-- 反映人留的电话（令牌）：按行为分出公用的与一人反复用的；要求保密的记录不计
WITH limits AS (
    -- 假定：多少件事、多少个不同的姓，才算公用；多少条记录，才算反复
    SELECT
        3 AS matters,
        3 AS surnames,
        3 AS records
),

used AS (
    SELECT
        unnest(current_party.phone_tokens) AS contact_token,
        current_party.surname,
        CASE WHEN current_party.is_full_name THEN current_party.name END AS name,
        event.event_id,
        event.source,
        event.reported_at,
        event.town_code,
        core_dispute_event.dispute_id,
        coalesce(core_dispute_event.dispute_id, event.event_id) AS matter
    FROM current_party
    INNER JOIN event ON event.event_id = current_party.event_id
    LEFT JOIN core_dispute_event ON core_dispute_event.event_id = current_party.event_id
    WHERE current_party.role IN ('reporter', 'applicant')
        AND NOT coalesce(event.is_confidential, false)
),

counted AS (
    SELECT
        contact_token,
        count(DISTINCT event_id) AS record_count,
        count(DISTINCT matter) AS matter_count,
        count(DISTINCT dispute_id) AS dispute_count,
        count(DISTINCT surname) AS surname_count,
        count(DISTINCT name) AS name_count,
        count(DISTINCT source) AS source_count,
        count(DISTINCT town_code) AS town_count,
        min(reported_at) AS first_reported_at,
        max(reported_at) AS last_reported_at
    FROM used
    GROUP BY ALL
)

SELECT
    counted.*,
    CASE
        WHEN counted.matter_count >= limits.matters AND counted.surname_count >= limits.surnames THEN '公用电话'
        WHEN counted.matter_count >= limits.matters AND counted.surname_count = 2 THEN '疑似公用电话'
        WHEN counted.surname_count > 1 THEN '多人同事'
        WHEN counted.matter_count >= limits.matters THEN '一人多事'
        ELSE '一人一事多次'
    END AS contact_kind
FROM counted
CROSS JOIN limits
WHERE counted.matter_count >= limits.matters
    OR counted.record_count >= limits.records
