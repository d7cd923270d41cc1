-- A record in which a person threatens violence, suicide or an extreme act (core_event.threat_words, exclusions done).
SELECT
    dispute_id,
    event_id,
    source_record_id AS raised_for,
    min(known_date) AS first_seen_at,
    NULL::date AS ended_on,
    max(len(threat_words)) AS measure,
    format('记录中有扬言极端的话：{}', array_to_string(arg_max(threat_words, len(threat_words)), '、')) AS evidence
FROM warning_version
WHERE len(threat_words) > 0
GROUP BY dispute_id, source_record_id, event_id
