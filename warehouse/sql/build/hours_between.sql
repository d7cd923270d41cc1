-- 两个时间相隔的小时数
CREATE OR REPLACE TEMP MACRO hours_between(earlier, later) AS
    date_diff('second', earlier, later) / 3600.0
