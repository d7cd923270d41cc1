"""Do verdicts on real messages teach the model something about others? Two folds over the pairs read by eye.

`python -m tests.bench.taught FOLDER [--extra W …]`: FOLDER is where `tests.bench.real_data` ran the lake. The labels of
`tests/labelled/message_pairs.csv` fall in two halves by the dispute they stand in; one half is given as verdicts, and
the pairs of the other, about which nobody said anything, are looked at. ``extra``: the setting `model.verdict_weight`.
core views + half of the labels as verdicts -> match -> the other half: wrong links undone, right ones kept
"""

import argparse
import copy
import hashlib
from pathlib import Path

import pandas as pd

from tests.bench import worlds
from tests.bench.messages import LABELS, SMALL
from transforms.matching import linking
from warehouse.lake import Lake

EXTRA = [0.0, 10.0, 30.0]


def disputes(matched: linking.Matched) -> pd.Series:
    """The dispute of each message, by its number."""
    found = matched.dispute_event
    return found[found["source"] == "messages"].set_index("source_record_id")["dispute_id"]


def main() -> None:
    """Prints how the half that was not told changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--extra", type=float, nargs="*", default=EXTRA)
    arguments = parser.parse_args()
    labels = pd.read_csv(LABELS, dtype="str")
    labels = labels[labels["same"].isin(["0", "1"])]
    rows = []
    with Lake.standing(arguments.folder.absolute() / "lake").connect() as con:
        event = con.execute("select source_record_id, event_id from current_event where source = 'messages'").df()
        event_id = event.set_index("source_record_id")["event_id"]
        before = disputes(worlds.match(con)[0])
        size = before.map(before.value_counts())
        labels = labels[labels["msg_id_l"].map(before) == labels["msg_id_r"].map(before)]
        number = labels["msg_id_l"].map(before).map(lambda each: int(hashlib.sha256(each.encode()).hexdigest(), 16))
        for fold in (0, 1):
            told, other = labels[number % 2 == fold], labels[number % 2 != fold]
            other = other[other["msg_id_l"].map(size) <= SMALL]
            verdicts = pd.DataFrame(
                {
                    "event_id_l": told["msg_id_l"].map(event_id),
                    "event_id_r": told["msg_id_r"].map(event_id),
                    "verdict": told["same"].map({"1": "same", "0": "different"}),
                }
            )
            for extra in arguments.extra:
                settings = copy.deepcopy(linking.SETTINGS)
                settings["model"]["verdict_weight"] = extra
                after = disputes(worlds.match(con, settings=settings, verdicts=verdicts)[0])
                together = other["msg_id_l"].map(after) == other["msg_id_r"].map(after)
                wrong = other["same"] == "0"
                rows.append(
                    (
                        extra,
                        len(told),
                        (wrong & ~together).sum(),
                        wrong.sum(),
                        (~wrong & together).sum(),
                        (~wrong).sum(),
                    )
                )
    names = ["extra", "verdicts given", "wrong links undone", "of", "right links kept", "of these"]
    frame = pd.DataFrame(rows, columns=names).groupby("extra", as_index=False).sum()
    print(worlds.headline("python -m tests.bench.taught FOLDER", data="Real"), "\n")
    print(worlds.table(frame.assign(extra=frame["extra"].map("{:g}".format))))


if __name__ == "__main__":
    main()
