-- 隔离行的短编号：由它在交付文件中的位置得来，规则改变、重新运行都不变
CREATE OR REPLACE TEMP MACRO quarantine_id(source, delivery_date, file, sheet, row_number) AS
    left(
        sha256(
            concat_ws(
                '|', source, strftime(CAST(delivery_date AS DATE), '%Y-%m-%d'), file, coalesce(sheet, ''),
                CAST(coalesce(row_number, 0) AS BIGINT)
            )
        ),
        10
    )
