"""What do people's verdicts bring? F1 after 0, 200, 500 and 2,000 of them, in the order the review page asks.

`python -m tests.bench.verdicts FOLDER [WORLD …] [--extra W …]` matches a world, asks the first questions of
`transforms.matching.review.queue`, answers them from the truth (a person who never errs), matches again with all
verdicts so far, and so on. ``extra`` is the setting ``model.verdict_weight``: 0 obeys verdicts alone, more lets them
teach the trees as well.
world -> match -> queue -> verdicts from truth -> match … -> F1 by verdicts given
"""

import argparse
import copy
from pathlib import Path

import pandas as pd

from tests.bench import worlds
from transforms.matching import evaluation, linking, review, verdicts

WORLDS = ["n2", "n3", "h2", "h3"]
STEPS = (200, 500, 2_000)


def answer(questions: pd.DataFrame, dispute: pd.Series) -> pd.DataFrame:
    """The questions' pairs with the verdict that truth gives; ``dispute``: true dispute by event id, null: none."""
    left, right = questions["event_id_l"].map(dispute), questions["event_id_r"].map(dispute)
    said = (left == right).map({True: "same", False: "different"})
    return verdicts.pairs(list(questions["event_id_l"]), list(questions["event_id_r"]), list(said))


def figures(truth: pd.DataFrame, found: pd.DataFrame) -> dict[str, float]:
    """Pairwise and B-cubed figures of all records."""
    rows = evaluation.evaluate(truth, found).set_index(["measure", "slice"])
    every, cubed = rows.loc[("pairwise", "all")], rows.loc[("bcubed", "all")]
    names = {"P": every["precision"], "R": every["recall"], "F1": every["f1"], "B³ F1": cubed["f1"]}
    return {name: float(value) for name, value in names.items()}


def curve(world: Path, extra: float) -> list[dict[str, object]]:
    """One row for each number of verdicts."""
    settings = copy.deepcopy(linking.SETTINGS)
    settings["model"]["verdict_weight"] = extra
    con, truth = worlds.connect(world), worlds.truth(world)
    ids = con.execute("select event_id, source, source_record_id from current_event").df()
    dispute = ids.merge(truth, on=evaluation.KEY).set_index("event_id")["dispute_id"]
    given = pd.DataFrame({"event_id_l": [], "event_id_r": [], "verdict": []}, dtype="str")
    rows = []
    matched, _ = worlds.match(con, settings=settings)
    for step in (0, *STEPS):
        if step:
            questions = review.queue(matched.link, matched.dispute_event, given, settings["clusters"])
            asked = answer(questions.head(step - len(given)), dispute)
            given = pd.concat([given, asked], ignore_index=True)
            matched, _ = worlds.match(con, settings=settings, verdicts=given)
        told = {
            "world": world.name,
            "extra": extra,
            "verdicts": step,
            "of them same": int((given["verdict"] == "same").sum()),
        }
        rows.append(told | figures(truth, matched.dispute_event))
    return rows


def main() -> None:
    """Prints the curve of every world and their mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("worlds", nargs="*", default=WORLDS)
    parser.add_argument("--extra", type=float, nargs="*", default=[0.0, linking.SETTINGS["model"]["verdict_weight"]])
    arguments = parser.parse_args()
    rows = []
    for name in arguments.worlds:
        world = worlds.make(arguments.folder.absolute(), name, rows=20_000, days=120)
        for extra in arguments.extra:
            rows += curve(world, extra)
    frame = pd.DataFrame(rows)
    print(worlds.headline("python -m tests.bench.verdicts FOLDER", data="Simulated"), "\n")
    wide = frame.pivot(index=["extra", "verdicts"], columns="world", values="F1")
    mean = frame.groupby(["extra", "verdicts"])[["of them same", "P", "R", "F1", "B³ F1"]].mean()
    print(worlds.table(mean.join(wide.add_prefix("F1 ")).reset_index()))


if __name__ == "__main__":
    main()
