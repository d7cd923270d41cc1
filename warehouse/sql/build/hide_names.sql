-- 把一段文字里的这些姓名换成姓加星号
CREATE OR REPLACE TEMP MACRO hide_names(value, names) AS
    CASE
        WHEN value IS NULL OR names IS NULL THEN value
        ELSE list_reduce(
            names,
            lambda hidden, name: replace(hidden, name, left(name, 1) || repeat('*', length(name) - 1)),
            value
        )
    END
