-- 告知：哪一天把哪一条预警告知哪一级中心，排第几，是否因当日上限而暂缓
CREATE TABLE notice AS
SELECT
    notice_date, recipient_code, warning_id, rank, is_held_back, held_back_reason, told_because,
    raised_on AS occasion_on
FROM lake.warning_notice
