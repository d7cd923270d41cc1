"""A run may be killed anywhere and run again: same result, nothing half-written in sight."""

import os
import signal
import subprocess
import sys
import time

import duckdb
import pytest

from pipelines import runs
from tests.lakes import settings_in, snapshot

# How long after its start a run is killed, as a share of what a whole run takes: the first while taking in, the others
# while matching and publishing what the one before had left.
KILLS = (0.4, 0.6, 0.9)


def start(settings):
    environment = os.environ | {
        "LAKE_LANDING": str(settings.landing),
        "LAKE_ROOT": str(settings.root),
        "LAKE_KEY_FILE": str(settings.key_file),
    }
    command = [sys.executable, "-m", "pipelines.cli", "run"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_killed_at_any_stage_and_run_again_gives_the_same_lake(exports, published, tmp_path):
    settings = settings_in(tmp_path, exports / "landing")
    settings.key_file.write_bytes(published.key_file.read_bytes())
    settings.key_file.chmod(0o600)
    began = time.monotonic()
    whole = settings_in(tmp_path / "whole", exports / "landing")
    whole.root.parent.mkdir()
    assert start(whole).wait(timeout=300) == 0
    takes = time.monotonic() - began
    for share in KILLS:
        process = start(settings)
        try:
            process.wait(timeout=takes * share)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        if settings.warehouse.exists():
            with duckdb.connect(str(settings.warehouse), read_only=True) as con:
                assert con.execute("SELECT count(*) FROM dispute").fetchone()[0] > 0
    outcome = runs.run(settings)
    assert not outcome.failures
    expected, found = snapshot(published), snapshot(settings)
    assert set(expected) == set(found)
    for view in expected:
        assert expected[view].equals(found[view]), view


def test_a_second_run_beside_the_first_is_refused_and_changes_nothing(own):
    before = snapshot(own)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from warehouse.lake import Lake\n"
            f"lake = Lake.standing({str(own.root)!r})\n"
            "with lake.lock():\n    print('held', flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(runs.Refused, match="另一个运行正在写"):
            runs.run(own)
    finally:
        holder.kill()
    after = snapshot(own)
    assert all(before[view].equals(after[view]) for view in before)
