-- 数据字典，来自登记
SELECT *
FROM data_dictionary_table
