-- 本次发布
SELECT
    CAST(getvariable('number') AS BIGINT) AS number,
    CAST(getvariable('as_of') AS TIMESTAMP) AS as_of,
    CAST(getvariable('format') AS BIGINT) AS format,
    CAST(getvariable('label') AS VARCHAR) AS label
