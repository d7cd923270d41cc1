-- 最后一道：列里若混入手机号或身份证号，只留头尾；本湖编号（十六进制）里连着的数字不是号码
CREATE OR REPLACE TEMP MACRO safe(value) AS
    CASE
        WHEN value IS NULL OR NOT regexp_matches(value, '[0-9]{11}') THEN value
        ELSE regexp_replace(
            regexp_replace(value, '(^|[^0-9a-f])([1-9][0-9]{5})[0-9]{8}[0-9]{3}[0-9Xx]($|[^0-9a-f])', '\1\2************\3', 'g'),
            '(^|[^0-9a-f])(1[3-9])[0-9]{7}([0-9]{2})($|[^0-9a-f])', '\1\2*******\3\4', 'g'
        )
    END
