-- 最近七天有记录新到或更新的纠纷（按记录的交付日期）；读者漏取几天仍能补上
WITH changed AS (
    SELECT
        dispute_event.dispute_id,
        max(event.delivery_date) AS changed_on,
        count(*) AS changed_record_count
    FROM event
    JOIN dispute_event ON dispute_event.event_id = event.event_id
    WHERE event.delivery_date > CAST(getvariable('as_of') AS DATE) - 7
        AND event.delivery_date <= CAST(getvariable('as_of') AS DATE)
    GROUP BY dispute_event.dispute_id
)
SELECT changed.changed_on, changed.changed_record_count, dispute.*
    REPLACE (
        CASE WHEN coalesce(dispute.is_confidential, false) THEN NULL ELSE dispute.title END AS title,
        CASE WHEN coalesce(dispute.is_confidential, false) THEN NULL ELSE dispute.risk_reasons END AS risk_reasons
    )
FROM changed
JOIN dispute ON dispute.dispute_id = changed.dispute_id
