"""Work for the worker processes stands at module level: they import this file by its name."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.workers import WorkerLost, produced

TREE = Path(__file__).parents[2]


def slower_first(task):
    time.sleep(0.2 if task == 0 else 0.0)
    return {"number": pa.table({"task": [task], "process": [os.getpid()]})}


def refuse(task):
    raise ValueError(f"第 {task} 批不行")


def hostile(task):
    class Unpicklable(Exception):
        pass

    raise Unpicklable("说不清")


def die(task):
    os.kill(os.getpid(), signal.SIGKILL)


def print_much(task):
    print("x" * 100_000)
    return {}


def test_results_come_in_the_order_of_tasks_from_other_processes(tmp_path):
    folder = tmp_path / "scratch"
    with produced(slower_first, range(6), processes=2, folder=folder) as results:
        assert folder.stat().st_mode & 0o777 == 0o700
        tables = [result["number"] for result in results]
    assert [table["task"][0].as_py() for table in tables] == [0, 1, 2, 3, 4, 5]
    processes = {table["process"][0].as_py() for table in tables}
    assert len(processes) == 2 and os.getpid() not in processes
    assert not folder.exists()


def test_one_process_is_this_one(tmp_path):
    with produced(slower_first, [7], processes=1, folder=tmp_path / "scratch") as results:
        assert next(results)["number"]["process"][0].as_py() == os.getpid()


def test_an_error_comes_back_as_it_was_with_the_place_it_came_from(tmp_path):
    with (
        pytest.raises(ValueError, match="第 3 批不行") as error,
        produced(refuse, [3], processes=2, folder=tmp_path / "scratch") as results,
    ):
        next(results)
    assert "in refuse" in error.value.__notes__[0]
    assert not (tmp_path / "scratch").exists()


def test_an_error_that_cannot_travel_keeps_its_words(tmp_path):
    with (
        pytest.raises(RuntimeError, match="说不清"),
        produced(hostile, [1], processes=2, folder=tmp_path / "scratch") as results,
    ):
        next(results)


def test_a_killed_worker_says_what_to_do(tmp_path):
    with (
        pytest.raises(WorkerLost, match=r"退出码 -9.*LAKE_WORKERS"),
        produced(die, [1], processes=2, folder=tmp_path / "scratch") as results,
    ):
        next(results)


def test_printing_does_not_disturb_the_answers(tmp_path, capfd):
    with produced(print_much, [1, 2], processes=2, folder=tmp_path / "scratch") as results:
        assert list(results) == [{}, {}]
    assert "xxx" in capfd.readouterr().err


def sleep_long(task):
    Path(task, str(os.getpid())).touch()
    time.sleep(60)
    return {}


def is_alive(process):
    """A process that was killed and that nobody has waited for yet is gone as well."""
    stat = Path("/proc", process.name, "stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_killed_parent_leaves_no_worker_behind(tmp_path):
    begun = tmp_path / "begun"
    begun.mkdir()
    program = f"""
from pathlib import Path
from pipelines.workers import produced
from tests.pipelines.test_workers import sleep_long
with produced(sleep_long, [{str(begun)!r}] * 2, processes=2, folder=Path({str(tmp_path)!r}) / "scratch") as results:
    list(results)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=TREE)
    until = time.monotonic() + 30
    while len(started := list(begun.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(started) == 2
    assert all(map(is_alive, started))
    parent.kill()
    parent.wait()
    while any(map(is_alive, started)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_alive, started))
