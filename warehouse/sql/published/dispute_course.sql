-- 每个纠纷的办理经过：首次处置、首次调解、110 之后的移交、经手单位
WITH member AS (
    SELECT
        dispute_event.dispute_id,
        event.event_id,
        event.source,
        event.reported_at,
        -- 只有日期的时间不知道时分
        event.reported_at <> date_trunc('day', event.reported_at) AS has_clock,
        -- 同一日里，只有日期的排在有时分的之后
        CASE
            WHEN event.reported_at = date_trunc('day', event.reported_at) THEN event.reported_at + INTERVAL 1 DAY
            ELSE event.reported_at
        END AS placed_at,
        event.first_action_at,
        event.outcome,
        event.handling_unit
    FROM dispute_event
    INNER JOIN event ON event.event_id = dispute_event.event_id
),
summed AS (
    SELECT
        dispute_id,
        unnest(min_by(
            struct_pack(first_source := source, first_clock_at := CASE WHEN has_clock THEN reported_at END),
            struct_pack(at := placed_at, id := event_id)
        )),
        min(reported_at) FILTER (source = 'mediation') AS first_mediated_at,
        min_by(outcome, struct_pack(at := reported_at, id := event_id)) FILTER (source = 'mediation')
            AS first_mediation_outcome,
        count(*) FILTER (source = 'mediation') AS mediation_count,
        min(reported_at) FILTER (source = 'police') AS police_known_at,
        min(reported_at) FILTER (source IN ('mediation', 'grid')) AS held_at,
        count(DISTINCT handling_unit) AS handling_unit_count,
        min(first_action_at) AS acted_at
    FROM member
    GROUP BY dispute_id
),
taken AS (
    -- 另一系统受理也是处置
    SELECT summed.dispute_id, min(member.reported_at) AS taken_at
    FROM summed
    INNER JOIN member
        ON member.dispute_id = summed.dispute_id AND member.source <> summed.first_source AND member.has_clock
    GROUP BY summed.dispute_id
),
timed AS (
    SELECT
        summed.*,
        least(acted_at, taken.taken_at) AS first_action_at,
        -- 调解、网格只有日期：当日的算在 110 之后
        police_known_at IS NOT NULL AND (held_at IS NULL OR CAST(held_at AS DATE) >= CAST(police_known_at AS DATE))
            AS handover_due
    FROM summed
    LEFT JOIN taken ON taken.dispute_id = summed.dispute_id
)
SELECT
    timed.dispute_id,
    -- 与 dispute 相等：按它相连只读那几个月的文件
    dispute.first_reported_at,
    CASE WHEN first_action_at >= first_clock_at THEN first_action_at END AS first_action_at,
    CASE WHEN first_action_at >= first_clock_at THEN date_diff('second', first_clock_at, first_action_at) / 60.0 END
        AS first_action_minutes,
    first_mediated_at,
    first_mediation_outcome,
    mediation_count,
    police_known_at,
    handover_due,
    CASE WHEN handover_due THEN held_at END AS handed_over_at,
    CASE WHEN handover_due
        THEN greatest(hours_between(police_known_at, coalesce(held_at, getvariable('as_of'))), 0) END AS handover_hours,
    handling_unit_count
FROM timed
INNER JOIN dispute ON dispute.dispute_id = timed.dispute_id
