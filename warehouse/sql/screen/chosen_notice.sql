-- 选中的告知：接收单位、日期、告知还是暂缓；预警本身的类别与风险照样可限
CREATE MACRO chosen_notice(area, category, risk, since, until, held) AS TABLE
    SELECT notice.*, alarm.* EXCLUDE (warning_id)
    FROM notice
    INNER JOIN alarm ON alarm.warning_id = notice.warning_id
    WHERE notice.recipient_code = area
        AND (category IS NULL OR category IN (class_key, category_key))
        AND (risk IS NULL OR risk_level = risk)
        AND (since IS NULL OR notice_date >= since)
        AND (until IS NULL OR notice_date <= until)
        AND (held IS NULL OR is_held_back = (held = 'held'))
