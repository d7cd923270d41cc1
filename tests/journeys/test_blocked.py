"""What holds for the whole lake is checked before publication, and a breach blocks it."""

import shutil

from pipelines import runs
from quality import invariants
from tests.lakes import snapshot


def test_a_broken_rule_blocks_the_publication_and_says_why(own, monkeypatch):
    before = snapshot(own)
    shutil.copytree(own.landing / "grid" / "2025-03-08", own.landing / "grid" / "2025-03-20")
    real = invariants.check

    def broken(con, **codes):
        findings = real(con, **codes)
        return findings.assign(
            passed=findings["passed"] & (findings["rule"] != "rows_add_up"),
            failing=findings["failing"].where(findings["rule"] != "rows_add_up", 3),
        )

    monkeypatch.setattr(invariants, "check", broken)
    outcome = runs.run(own)
    assert not outcome.is_published
    [sentence] = outcome.failures
    assert "已停止发布" in sentence
    assert "rows_add_up" in sentence
    assert "已停止发布" in (own.published / "quality" / "index.html").read_text("utf-8")
    after = snapshot(own)
    assert all(before[view].equals(after[view]) for view in before)

    monkeypatch.undo()
    assert runs.run(own).is_published
    assert "已停止发布" not in (own.published / "quality" / "index.html").read_text("utf-8")
