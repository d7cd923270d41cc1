"""Lakes for tests: where they lie, and all that a lake publishes as frames."""

import duckdb

from pipelines.settings import Settings

# What the lake publishes: views and columns that others rely on; renaming one is a breaking change.
CONTRACT = {
    "event": "event_id source source_record_id occurred_at reported_at is_dispute not_dispute_reason category_code "
    "county_code town_code village_code title text status",
    "dispute_event": "source source_record_id event_id dispute_id link_kind match_probability explanation",
    "dispute": "dispute_id title category_code county_code town_code village_code place first_reported_at "
    "last_reported_at event_count source_count reporter_count persons_involved amount scale_code status resolved_at "
    "resolved_by_tier risk_level risk_score risk_reasons responsible_tier is_overdue recurrence_of",
    "dispute_ledger": "dispute_id action other_dispute_id run_id at reason",
    "link": "event_id_l event_id_r match_probability match_weight explanation decided_by",
    "warning": "warning_id rule level dispute_id area_code category_code raised_for first_seen_at evidence status "
    "closed_reason times_raised judgement acknowledged_at",
    "warning_notice": "notice_date recipient_code recipient_name recipient_tier warning_id rule level rank "
    "is_held_back held_back_reason",
    "warning_history": "warning_id day what level measure evidence reason",
    "warning_precision": "rule rule_name judged_count true_count false_count known_count precision precision_low "
    "precision_high",
    "warning_act": "act_id warning_id kind judgement acted_at note is_standing",
    "comparison_coverage": "dispute_id",
    "comparison_period": "area_code category_code",
    "comparison_league": "indicator area_code value value_low value_high limit_low_95 limit_high_95 rank",
    "comparison_total": "measure area_code total parts difference",
    "dispute_course": "dispute_id first_action_minutes handover_hours handling_unit_count",
    "indicator": "indicator area_code period_start period_end numerator denominator value",
    "delivery": "source delivery_date file status rows_read rows_accepted rows_superseded rows_ignored "
    "rows_quarantined",
    "area": "area_code",
    "category": "category_code",
    "quarantine": "source file row_number rule reason column_name values_masked",
    "quality_result": "suite expectation success",
    "data_dictionary": "view_name column_name type comment sensitivity source",
}


def settings_in(folder, landing):
    """A lake and its key inside ``folder``."""
    return Settings(landing=landing, root=folder / "lake", key_file=folder / "lake.key")


def snapshot(settings):
    """Every published view but the publication's own number, sorted."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        views = [row[0] for row in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
        return {view: con.execute(f"SELECT * FROM {view} ORDER BY ALL").df() for view in views if view != "publication"}
