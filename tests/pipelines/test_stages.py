import json
from datetime import date, datetime

import pandas as pd

from pipelines.stages import keep_model, keep_results, standing_model
from transforms.matching.model import default
from warehouse.lake import Lake


def trained(records):
    return json.dumps(json.loads(default().to_json()) | {"trained": {"records": records}})


def test_a_model_serves_until_the_lake_holds_twice_the_records_it_was_trained_on(tmp_path):
    lake = Lake.open(tmp_path / "lake", b"k" * 32)
    assert standing_model(lake, records=10) is None
    keep_model(lake, trained(4000), as_of=datetime(2025, 3, 2))
    assert standing_model(lake, records=7999) == trained(4000)
    assert standing_model(lake, records=8000) is None


def test_the_shipped_model_is_kept_but_never_stands_in_for_training(tmp_path):
    lake = Lake.open(tmp_path / "lake", b"k" * 32)
    version = keep_model(lake, default().to_json(), as_of=datetime(2025, 3, 2))
    assert (lake.restricted / "models" / f"{version}.json").exists()
    assert standing_model(lake, records=10) is None


def test_an_older_model_is_never_written_over(tmp_path):
    lake = Lake.open(tmp_path / "lake", b"k" * 32)
    versions = {keep_model(lake, trained(number), as_of=datetime(2025, 3, 2)) for number in (4000, 5000)}
    assert len(versions) == 2
    assert {file.stem for file in (lake.restricted / "models").iterdir()} == versions


def test_results_of_the_suites_are_kept_over_time_and_replaced_for_the_same_day(tmp_path):
    def result(day, success):
        return pd.DataFrame({"as_of": [date(2025, 3, day)], "suite": "event", "expectation": "e", "success": success})

    lake = Lake.open(tmp_path / "lake", b"k" * 32)
    for day, success in ((2, True), (4, False), (3, True), (4, True)):
        keep_results(lake, result(day, success))
    kept = lake.read("core_quality_result")
    assert [(day.day, success) for day, success in zip(kept["as_of"], kept["success"], strict=True)] == [
        (2, True),
        (3, True),
        (4, True),
    ]
    version = lake.version("core_quality_result")
    keep_results(lake, result(4, True))
    assert lake.version("core_quality_result") == version
