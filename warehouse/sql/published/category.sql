-- 纠纷类别代码表
SELECT category_code, category_name, level, parent_code, full_name
FROM category_table
