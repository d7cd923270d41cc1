"""`dispute-lake up`: the same assets on the web, with a history that survives a restart."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

QUERY = """
query ($selector: RepositorySelector!) {
  runsOrError { ... on Runs { results { jobName status } } }
  assetsOrError { ... on AssetConnection { nodes { key { path } } } }
  schedulesOrError(repositorySelector: $selector) {
    ... on Schedules { results { name scheduleState { status } } }
  }
  sensorsOrError(repositorySelector: $selector) {
    ... on Sensors { results { name sensorState { status } } }
  }
}
"""

SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "pipelines.definitions"}


@pytest.fixture
def asked(own):
    """What the server answers to `QUERY`, once it is up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "LAKE_LANDING": str(own.landing),
        "LAKE_ROOT": str(own.root),
        "LAKE_KEY_FILE": str(own.key_file),
    }
    command = [sys.executable, "-m", "pipelines.cli", "up", "--port", str(port)]
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield answer(port, server)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def answer(port, server):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps({"query": QUERY, "variables": {"selector": SELECTOR}}).encode(),
        headers={"content-type": "application/json"},
    )
    for _ in range(240):
        assert server.poll() is None, "服务器退出了"
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                data = json.load(response)["data"]
            if "results" in data["schedulesOrError"]:
                return data
        except OSError:
            pass
        time.sleep(0.5)
    raise AssertionError("服务器两分钟内没有应答")


def test_the_server_shows_runs_of_the_command_line_and_its_starters_run(asked):
    runs = asked["runsOrError"]["results"]
    assert {"jobName": "daily", "status": "SUCCESS"} in runs
    assets = {"/".join(node["key"]["path"]) for node in asked["assetsOrError"]["nodes"]}
    assert {"raw", "event", "dispute", "warning", "warehouse", "quality_site"} <= assets

    def starters(kind: str, state: str) -> dict[str, str]:
        return {each["name"]: each[state]["status"] for each in asked[kind]["results"]}

    # what takes deliveries in runs by itself; what writes reports or tells others waits until somebody turns it on
    assert starters("schedulesOrError", "scheduleState") == {
        "daily_at_six": "RUNNING",
        "report_day_schedule": "STOPPED",
        "report_week_schedule": "STOPPED",
        "report_month_schedule": "STOPPED",
    }
    assert starters("sensorsOrError", "sensorState") == {
        "complete_delivery": "RUNNING",
        "tell_by_webhook_sensor": "STOPPED",
        "tell_by_mail_sensor": "STOPPED",
    }
