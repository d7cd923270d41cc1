"""Worker processes: the same work on many tasks, on all cores, the results back in the order of the tasks.

Here: starting, feeding and ending the processes; results travel as Arrow files in a folder of the restricted zone.
Not here: what the work is (`intake`), what becomes of a result.
work, tasks -> processes -> tables of each task

Each worker is a fresh interpreter, no fork: DuckDB and Arrow keep threads, and a fork of a process with threads may
stand still for ever. It is fed through its standard input, so that it neither imports the program that started it nor
outlives it: when the parent is gone, however it went, the input ends, and a thread that waits for that ends the worker.
"""

import contextlib
import itertools
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

Tables = dict[str, pa.Table]
Work = Callable[[Any], Tables]

_START = "import sys; sys.path[:] = {path!r}; from pipelines import workers; workers.serve()"
# The processes are the parallelism: libraries that start threads of their own would only get in each other's way.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_IO_THREADS": "2"}


class WorkerLost(RuntimeError):
    """A worker process died without an answer; the message is a sentence for the user."""


@contextlib.contextmanager
def produced(work: Work, tasks: Iterable[Any], *, processes: int, folder: Path) -> Iterator[Iterator[Tables]]:
    """Gives the tables that ``work`` makes of each task, in the order of ``tasks``.

    Args:
        work: called with one task; it and the tasks are pickled, unless everything stays in this process.
        tasks: only as many are begun ahead as there are processes, and one more.
        processes: below 2 the work is done in this process, when its result is asked for.
        folder: where results lie until they are taken; made with mode 0700, and removed at the end.

    Raises:
        WorkerLost: a worker was killed, most often because memory ran out. What ``work`` raises is raised here too.
    """
    if processes < 2:
        yield map(work, tasks)
        return
    folder.mkdir(mode=0o700, parents=True)
    workers: list[_Worker] = []
    threads = ThreadPoolExecutor(processes, "worker")
    try:
        workers += [_Worker(work, folder) for _ in range(processes)]
        idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in workers:
            idle.put(worker)

        def run(number: int, task: Any) -> list[Path]:
            worker = idle.get()
            try:
                return worker.run(number, task)
            finally:
                idle.put(worker)

        yield _in_order(threads, run, tasks, ahead=processes + 1)
    finally:
        for worker in workers:
            worker.end()
        threads.shutdown(cancel_futures=True)
        shutil.rmtree(folder, ignore_errors=True)


def _in_order(
    threads: ThreadPoolExecutor, run: Callable[[int, Any], list[Path]], tasks: Iterable[Any], *, ahead: int
) -> Iterator[Tables]:
    numbered = enumerate(tasks)
    under_way: deque[Future[list[Path]]] = deque(
        threads.submit(run, number, task) for number, task in itertools.islice(numbered, ahead)
    )
    while under_way:
        files = under_way.popleft().result()
        under_way.extend(threads.submit(run, number, task) for number, task in itertools.islice(numbered, 1))
        yield {file.stem.split("-", 1)[1]: _taken(file) for file in files}


def _taken(file: Path) -> pa.Table:
    """The table in a file, which is gone from its folder afterwards and from the disk once the table is dropped."""
    with pa.memory_map(str(file)) as source:
        table = pa.ipc.open_file(source).read_all()
    file.unlink()
    return table


def _laid(file: Path, table: pa.Table) -> Path:
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return file


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self, work: Work, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_THREAD,
            process_group=0,  # Ctrl-C is for the parent to answer
        )
        self._send((work, folder))

    def run(self, number: int, task: Any) -> list[Path]:
        """Has one task done and returns the files of its tables."""
        self._send((number, task))
        assert self._process.stdout is not None
        try:
            files, error = pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError, OSError, ValueError) as gone:
            raise self._lost() from gone
        if error is not None:
            raise error
        return list(files)

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(message, self._process.stdin)
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as gone:
            raise self._lost() from gone

    def _lost(self) -> WorkerLost:
        try:
            code = str(self._process.wait(timeout=5))
        except subprocess.TimeoutExpired:
            code = "不明"
        return WorkerLost(
            f"一个工作进程意外终止（退出码 {code}），多半是内存不足：请把环境变量 LAKE_WORKERS 调小（1 为不用工作进程）"
            "后重新运行，没有做完的交付会从头补齐"
        )

    def end(self) -> None:
        """Ends the process at once; what it was doing is of no use any more."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


# ------------------------------------------------------------------------------------------------------ in the worker
def serve() -> None:
    """The life of a worker: take a task, answer with the files of its tables or the error, until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not print between the answers
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    work, folder = tasks.get()
    while True:
        number, task = tasks.get()
        answer: tuple[list[Path], Exception | None]
        try:
            answer = ([_laid(folder / f"{number}-{name}.arrow", table) for name, table in work(task).items()], None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent raises it
            answer = ([], _portable(error))
        pa.default_memory_pool().release_unused()  # several processes share the memory that one alone would keep
        pickle.dump(answer, answers)
        answers.flush()


def _listen(source: BinaryIO, tasks: "queue.SimpleQueue[Any]") -> None:
    """Passes messages on; at the end of input ends the process, whatever it is at."""
    try:
        while True:
            tasks.put(pickle.load(source))
    except EOFError:
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a worker that cannot hear must not stay
        traceback.print_exc()
        os._exit(1)


def _portable(error: Exception) -> Exception:
    """The error as the parent can raise it, with where it happened as a note."""
    note = "".join(traceback.format_exception(error))
    try:
        copied = pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - an error may carry anything, also what cannot be pickled
        copied = None
    result: Exception = copied if isinstance(copied, Exception) else RuntimeError(f"{type(error).__name__}：{error}")
    result.add_note(note)
    return result
