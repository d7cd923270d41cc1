-- 某日的统计窗，含首不含尾，并上期、去年同期：windows('考核月', '2025-03-20')；种类见 docs/comparison.md
CREATE MACRO windows(kind, day) AS TABLE
    SELECT
        CAST(kind AS VARCHAR) AS window_kind,
        window_start(kind, day) AS starts,
        window_shift(kind, window_start(kind, day), 1) AS ends,
        window_shift(kind, window_start(kind, day), -1) AS previous_starts,
        window_start(kind, day) AS previous_ends,
        window_year_ago(kind, window_start(kind, day)) AS last_year_starts,
        window_shift(kind, window_year_ago(kind, window_start(kind, day)), 1) AS last_year_ends
