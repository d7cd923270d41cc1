"""Blocking, scoring and clustering on Spark: many machines read one store and give what DuckDB gives on one.

Here: the three steps as Spark jobs, and what a task does with its pairs. Not here: the comparisons, the model and the
linkage, which a task calls as they are; the driver's part of a run (`linking`).
The lake's folder must lie where the driver and every executor see it under the same path. Spark reads the store's
Parquet files and writes its own beside them; a task maps the store's arrays and opens a DuckDB of its own over the
records that its pairs name. Only Arrow passes between Spark and Python.
key.parquet -> pairs -> scored -> edges (l, r, weight, by) -> component -> (n, label)
"""

import contextlib
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from transforms.matching import candidates, clusters, comparisons, scoring
from transforms.matching.explanations import BY_VERDICT, Decided
from transforms.matching.model import Model
from transforms.matching.records import Records
from transforms.matching.scoring import Edges
from transforms.matching.store import Sparse, Store

TASK = 500_000
"""Pairs that a task scores: some ten seconds of work."""

BLOCK = 1_000_000
"""Records: the pairs of a task lie in a few such stretches of the store, of some 2 GB each, however large the lake."""

_EDGE = "l int, r int, weight float, by tinyint"


class Spark:
    """The engine of many machines.

    The master is that of ``spark-submit`` or of spark-defaults.conf; else LAKE_SPARK_MASTER; else all cores of this
    machine. ``session``: one that is open already and stays open.
    """

    def __init__(self, session: Any = None) -> None:
        self._given = session
        self._session: Any = None
        self._store: Store | None = None
        self._figures: dict[str, Any] = {"name": "spark"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Removes what the jobs wrote and ends the session."""
        if self._store is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._session is not None and self._given is None:
            self._session.stop()

    def figures(self) -> dict[str, Any]:
        """See `Engine`: ``slots`` of its executors, ``pairs``, ``completed``: pairs that
        blocking left out, ``rounds`` of the search for components,
        ``largest_component`` the most records that one task had to cluster together."""
        return dict(self._figures)

    @property
    def _spark(self) -> Any:
        if self._session is None:
            self._session = self._given if self._given is not None else session()
            self._session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(comparisons.CHUNK))
        return self._session

    @property
    def _slots(self) -> int:
        return int(self._session.sparkContext.defaultParallelism)

    @property
    def _folder(self) -> Path:
        if self._store is None:
            raise RuntimeError("block comes first")
        return self._store.folder.parent / "spark"

    def _write(self, frame: Any, name: str) -> Any:
        """Writes a frame to the scratch folder and returns it as it stands there: what is lost is never worked out
        twice."""
        path = (self._folder / name).as_uri()
        frame.write.parquet(path, mode="overwrite")
        return self._spark.read.schema(frame.schema).parquet(path)

    def _read(self, name: str) -> Any:
        return self._spark.read.parquet((self._folder / name).as_uri())

    def _tasks(self, rows: int) -> int:
        return max(2 * self._slots, rows // TASK)

    def block(self, con: Any, store: Store, settings: dict[str, Any]) -> pd.DataFrame:
        """See `Engine`; the keys are written here, the pairs found on Spark."""
        self._store = store
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        candidates.write_keys(con, store)
        con.execute("drop table m_key")
        con.execute(f"copy (select l, r from m_reference) to '{self._folder / 'reference.parquet'}'")
        spark, chosen = self._spark, settings["blocking"]
        keys = [(store.folder / file).as_uri() for file in store.tables["key"]]
        spark.read.parquet(*keys).createOrReplaceTempView("stored_key")
        self._read("reference.parquet").createOrReplaceTempView("reference")
        cap, near = chosen["block_cap"], chosen["neighbours"]
        number = 1 << candidates.BIT["number"]
        weak = ", ".join(str(candidates.BIT[rule]) for rule in candidates.WEAK)
        # Spark has no unsigned numbers: a key of 64 bits is read as a decimal and shifted into a signed one
        spark.sql(
            """
            select *, count(*) over (partition by rule, key) as size from (
                select cast(rule as int) as rule, cast(key - 9223372036854775808BD as bigint) as key,
                       cast(n as int) as n, class, day
                from stored_key
            )
            """
        ).where("size > 1").createOrReplaceTempView("block")
        self._write(
            spark.sql(
                f"""
                with met as (
                    select *, slice(
                        collect_list(struct(n, day)) over (
                            partition by rule, key
                            order by day, n rows between 1 following and {max(cap, near)} following
                        ), 1, if(size <= {cap}, {cap}, {near})
                    ) as partners
                    from block
                    union all
                    select *, collect_list(struct(n, day)) over (
                        partition by rule, key, class order by day, n rows between 1 following and {near} following
                    ) from block
                    where size > {cap} and class is not null
                ), found as (
                    select n, rule, size, day, explode(partners) as partner from met
                )
                select l, r, if(bool_or(named), {number}, cast(bit_or(rules) as int)) as rules from (
                    select least(n, partner.n) as l, greatest(n, partner.n) as r, shiftleft(1, rule) as rules,
                           false as named
                    from found
                    where rule not in ({weak}) or size <= {chosen["small_block"]}
                    or partner.day - day <= {chosen["window_days"]}
                    union all
                    select cast(l as int), cast(r as int), 0, true from reference
                ) group by l, r
                """
            ),
            "pairs",
        ).createOrReplaceTempView("pair")
        con.execute(f"create or replace temp view m_pair as from read_parquet('{self._folder}/pairs/*.parquet')")
        return self._report()

    def _report(self) -> pd.DataFrame:
        blocks = {
            row["rule"]: (row["keys"], row["largest"])
            for row in self._spark.sql(
                "select rule, count(*) as keys, max(size) as largest from ("
                "select rule, key, max(size) as size from block group by rule, key) group by rule"
            ).collect()
        }
        counts = ", ".join(
            f"count_if(rules & {1 << bit} > 0) as any_{bit}, count_if(rules = {1 << bit}) as only_{bit}"
            for bit in candidates.BIT.values()
        )
        [pairs] = self._spark.sql(f"select count(*) as whole, {counts} from pair").collect()
        self._figures["pairs"] = int(pairs["whole"])
        return candidates.report(
            blocks, [(pairs[f"any_{bit}"], pairs[f"only_{bit}"]) for bit in candidates.BIT.values()]
        )

    def score(self, con: Any, records: Records, model: Model, settings: dict[str, Any]) -> Edges:
        """See `Engine`."""
        for name in ("words", "names"):
            np.save(self._folder / f"{name}.npy", getattr(records, name).indptr)
        scored = _scorer(self._folder, records, model, settings, self._threads())
        proposed = self._scored("pair", self._figures["pairs"], scored, "scored")
        proposed.createOrReplaceTempView("scored")
        more = self._write(self._spark.sql(_completing(-settings["clusters"]["shift"])), "more")
        more.createOrReplaceTempView("more")
        edges, count = proposed, more.count()
        if count:
            edges = edges.union(self._scored("more", count, scored, "completed"))
        self._figures |= {"completed": count, "slots": self._slots}
        edges = self._write(edges.orderBy("l", "r"), "edges")
        files = sorted((self._folder / "edges").glob("part-*.parquet"))
        table = ds.dataset(files).to_table(columns=["l", "r", "weight", "by"])
        left, right, weight, by = (table[name].to_numpy() for name in table.column_names)
        return Edges(left, right, weight, by.astype(np.uint8))

    def _threads(self) -> int:
        return int(self._spark.conf.get("spark.task.cpus", "1"))

    def _scored(self, view: str, rows: int, task: Callable[[Iterator[pa.RecordBatch]], Any], name: str) -> Any:
        """Scores the pairs of a view, those of the same stretches of records together."""
        pairs = self._spark.table(view).selectExpr("*", f"l div {BLOCK} as l_block", f"r div {BLOCK} as r_block")
        pairs = pairs.repartitionByRange(self._tasks(rows), "l_block", "r_block", "l", "r").drop("l_block", "r_block")
        return self._write(_in_arrow(pairs, task, _EDGE), name)

    def cluster(self, decided: Decided, count: int, settings: dict[str, Any]) -> np.ndarray:
        """See `Engine`; components of likely pairs on Spark, each clustered whole in one task, certain pairs here."""
        limits = settings["clusters"]
        said = decided.by == BY_VERDICT
        forbidden = decided.is_forbidden[said]
        told = pa.table(
            {
                "l": decided.left[said].astype(np.int32),
                "r": decided.right[said].astype(np.int32),
                "weight": np.where(forbidden, decided.weight[said].clip(limits["floor"]), 0.0),
            }
        )
        edges = self._read("edges")
        if len(told):
            verdicts = self._spark.createDataFrame(told)
            edges = edges.join(verdicts.hint("broadcast"), ["l", "r"], "left_anti")
        edges = edges.selectExpr(
            "l", "r", f"greatest(least(cast(weight as double), {limits['ceiling']}D), {limits['floor']}D) as weight"
        )
        if len(told):
            edges = edges.union(verdicts)
        edges.createOrReplaceTempView("edge")
        self._components()
        inside = self._spark.sql(
            "select e.l, e.r, e.weight, a.c from edge e join component a on a.n = e.l "
            "join component b on b.n = e.r and b.c = a.c"
        )
        inside = self._write(inside, "inside")
        bans = np.column_stack([told["l"].to_numpy(), told["r"].to_numpy()]).astype(np.int64)[forbidden]
        task = _linker(float(limits["absent"]), bans)
        inside = inside.repartition(self._tasks(inside.count()), "c")
        found = _in_arrow(inside, task, "n int, label int").toArrow()
        label = np.arange(count)
        label[found["n"].to_numpy()] = found["label"].to_numpy()
        return scoring.cluster(decided, count, settings, merged=label)

    def _components(self) -> None:
        """Makes the view ``component`` (n, c): c is the smallest record that likely pairs connect n with.

        Stars, large and small in turn (Kiveris and others, 2014): every record is tied to the smallest that it or a
        neighbour knows, until nothing changes; the number of rounds grows with the logarithm of the longest chain.
        """
        star = self._write(self._spark.sql("select r as u, l as v from edge where weight > 0"), "star-0")
        before: Any = None
        rounds = 0
        while (now := star.selectExpr("count(*)", "bit_xor(xxhash64(u, v))").first()) != before:
            before = now
            rounds += 1
            star.createOrReplaceTempView("star")
            star = self._write(self._spark.sql(_STARS), f"star-{rounds}")
            shutil.rmtree(self._folder / f"star-{rounds - 2}", ignore_errors=True)
        star.createOrReplaceTempView("star")
        component = self._write(
            self._spark.sql("select u as n, v as c from star union all select distinct v, v from star"), "component"
        )
        component.createOrReplaceTempView("component")
        largest = self._spark.sql("select max(n) from (select count(*) as n from component group by c)").first()[0]
        self._figures |= {"rounds": rounds, "largest_component": int(largest or 0)}


_STARS = """
with neighbour as (select u as a, v as b from star union all select v, u from star),
large as (
    select distinct b as u, m as v from (select a, b, least(a, min(b) over (partition by a)) as m from neighbour)
    where b > a
),
small as (select u, v, min(v) over (partition by u) as m from large)
select u, v from (select v as u, m as v from small where v <> m union all select u, m from small) group by u, v
"""


@contextlib.contextmanager
def _silent_about_pandas() -> Iterator[None]:
    """PySpark warns of a newer pandas whenever Python code runs on Spark; only Arrow passes here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


def _in_arrow(frame: Any, task: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]], schema: str) -> Any:
    with _silent_about_pandas():
        return frame.mapInArrow(task, schema)


def _completing(least: float) -> str:
    """SQL over ``scored``; see `candidates.complete`."""
    return f"""
    with likely as (select l, r from scored where weight > cast({least} as float)),
    twoway as (select l as a, r as b from likely union all select r, l from likely),
    bounded as (
        select a, b from (select *, row_number() over (partition by a order by b) as place from twoway)
        where place <= {candidates.MOST_PARTNERS}
    ),
    found as (select distinct x.b as l, y.b as r from bounded x join bounded y on x.a = y.a and x.b < y.b)
    select f.l, f.r from found f left anti join scored s on s.l = f.l and s.r = f.r
    """


def _scorer(
    folder: Path, records: Records, model: Model, settings: dict[str, Any], threads: int
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Returns what a task does: pairs (l, r, perhaps rules) -> edges. It carries no more than the model and the
    settings; the arrays are mapped where the task runs."""
    store, text = records.store, model.to_json()
    where, content = store.folder, store.content()
    topic_scale, town_scale = records.topic_scale, records.town_scale

    def task(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import numba

        asked = list(batches)
        if not asked:
            return
        numba.set_num_threads(min(threads, numba.get_num_threads()))
        pairs = pa.Table.from_batches(asked)
        opened = Store(where, content)
        arrays = Records(
            opened,
            Sparse(opened, "words", np.load(folder / "words.npy", mmap_mode="r")),
            Sparse(opened, "names", np.load(folder / "names.npy", mmap_mode="r")),
            opened.array("name_weight"),
            [opened.array(f"topic{number}") for number in range(len(topic_scale))],
            topic_scale,
            [opened.array("town") for _ in town_scale],
            town_scale,
        )
        left, right = (pairs[name].to_numpy().astype(np.int64) for name in ("l", "r"))
        with duckdb.connect(config={"threads": threads}) as con:
            _load(con, opened, folder, left, right)
            rules = pairs["rules"].to_numpy() if "rules" in pairs.column_names else None
            edges = scoring.score(con, arrays, Model.from_json(text), left, right, settings, rules=rules)
        columns = {"l": edges.left, "r": edges.right, "weight": edges.weight, "by": edges.by.astype(np.int8)}
        yield from pa.table(columns).to_batches()

    return task


def _load(con: Any, store: Store, folder: Path, left: np.ndarray, right: np.ndarray) -> None:
    """Makes ``m_record`` and ``m_reference`` of the records of these pairs."""
    con.register("m_wanted", pa.table({"n": np.union1d(left, right)}))
    stretches = " or ".join(f"n between {side.min()} and {side.max()}" for side in (left, right))
    con.execute(
        f"create temp table m_record as from {store.parquet('record')} semi join m_wanted using (n) where {stretches}"
    )
    con.execute(
        f"create temp table m_reference as from '{folder / 'reference.parquet'}' r "
        "semi join m_wanted w on w.n = r.l semi join m_wanted w on w.n = r.r"
    )
    con.unregister("m_wanted")
    comparisons.register(con)


def _linker(absent: float, bans: np.ndarray) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Returns what a task does: all pairs (l, r, weight) of some components -> cluster per record."""

    def task(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        asked = list(batches)
        if not asked:
            return
        pairs = pa.Table.from_batches(asked).sort_by([("l", "ascending"), ("r", "ascending")])
        left, right = pairs["l"].to_numpy(), pairs["r"].to_numpy()
        known = np.union1d(left, right)
        ours = bans[np.isin(bans, known).all(axis=1)]
        label = clusters.merge(
            len(known),
            np.searchsorted(known, left),
            np.searchsorted(known, right),
            pairs["weight"].to_numpy(),
            absent,
            np.searchsorted(known, ours),
            clusters.DENSE,
        )
        yield from pa.table({"n": known.astype(np.int32), "label": known[label].astype(np.int32)}).to_batches()

    return task


def session() -> Any:
    """Opens a Spark session of this environment; see `Spark`."""
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    conf = SparkConf().setAppName("dispute-lake")
    conf.setIfMissing("spark.master", os.environ.get("LAKE_SPARK_MASTER") or "local[*]")
    conf.setIfMissing("spark.ui.showConsoleProgress", "false")
    conf.setIfMissing("spark.ui.enabled", "false")
    with _silent_about_pandas():
        opened = SparkSession.builder.config(conf=conf).getOrCreate()
    opened.sparkContext.setLogLevel("ERROR")
    return opened
