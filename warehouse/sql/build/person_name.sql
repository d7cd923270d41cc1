-- 每个纠纷里写明的个人姓名：一条记录的文字常提到只在另一条记录登记的人，清洗单条记录时无从知道
CREATE OR REPLACE TEMP TABLE person_name AS
SELECT
    core_dispute_event.dispute_id,
    array_agg(DISTINCT current_party.name ORDER BY length(current_party.name) DESC, current_party.name) AS names
FROM current_party
INNER JOIN core_dispute_event ON core_dispute_event.event_id = current_party.event_id
WHERE current_party.kind = 'person'
    AND current_party.is_full_name
    AND current_party.role <> 'mentioned'
    AND length(current_party.name) BETWEEN 2 AND 6
    AND (
        left(current_party.name, 1) IN (SELECT surname FROM surname_table)
        OR left(current_party.name, 2) IN (SELECT surname FROM surname_table)
    )
    -- 被误认成人的称呼、单位、地名不打码，否则文字读不成句
    AND NOT regexp_matches(
        current_party.name, '^(单位|公司|楼上|房企)|(家|姐|哥|户|店|头|商|房东|业主|健身|政府|公司|单位|企业)$'
    )
    AND NOT EXISTS (SELECT 1 FROM area WHERE contains(area.area_name, current_party.name))
GROUP BY core_dispute_event.dispute_id
