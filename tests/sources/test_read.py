from datetime import date, timedelta

import pandas as pd

from sources import read, tables
from sources.deliveries import Delivery, signature
from tests.sources.exports import HOTLINE, csv_text, hotline

FIRST = date(2025, 3, 2)


def deliveries(folder, count):
    found = []
    for number in range(count):
        path = folder / f"12345工单_{number}.csv"
        rows = [hotline(number * 10 + row, 被投诉人="某物业", 旧工单编号="YX1") for row in range(4)]
        path.write_text(csv_text(HOTLINE, [*rows, {}, {"工单编号": "合计"}]), encoding="utf-8")
        found.append(Delivery("hotline", FIRST + timedelta(days=number), folder, (path,), signature([path])))
    return found


def test_a_group_holds_the_same_as_single_readings(tmp_path):
    wanted = deliveries(tmp_path, 5)
    group = read.Reading.of(read.read_group([(delivery, False) for delivery in wanted]))
    single = [read.read_delivery(delivery) for delivery in wanted]
    for name in ("row", "file", "record", "party", "reference"):
        right = pd.concat([getattr(reading, name) for reading in single], ignore_index=True)
        pd.testing.assert_frame_equal(getattr(group, name), right)
        assert group.tables()[name].equals(read.read_group([(delivery, False) for delivery in wanted])[name])


def test_frames_fit_their_tables(tmp_path):
    reading = read.read_delivery(deliveries(tmp_path, 1)[0])
    shapes = {
        tables.RAW_ROW: reading.row,
        tables.RAW_FILE: reading.file,
        tables.RAW_RECORD: reading.record,
        tables.RAW_PARTY: reading.party,
        tables.RAW_REFERENCE: reading.reference,
    }
    for table, frame in shapes.items():
        assert list(frame.columns) == table.column_names
        assert table.conform(frame).num_rows == len(frame) > 0


def test_reading_twice_gives_the_same(tmp_path):
    delivery = deliveries(tmp_path, 1)[0]
    first, second = read.read_delivery(delivery), read.read_delivery(delivery)
    for name in ("row", "file", "record", "party", "reference"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


def test_the_order_of_files_on_disk_does_not_matter_for_side_lists(tmp_path):
    """延期清单 sorts before 数字城管: the side list is read first and still finds its records."""
    side = tmp_path / "延期清单_1.csv"
    side.write_text("任务号,延期次数,延期理由\nT1,3,下雨\n", encoding="utf-8")
    main = tmp_path / "数字城管_1.csv"
    main.write_text("任务号,上报时间,问题描述\nT1,2025-03-01,垃圾\n", encoding="utf-8")
    for files in ((side, main), (main, side)):
        reading = read.read_delivery(Delivery("citymgmt", FIRST, tmp_path, files, "x"))
        assert reading.record["delay_count"].tolist() == [3]
