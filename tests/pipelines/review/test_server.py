"""The page's server: for this machine and this sitting only, and every act written before it is answered."""

import http.client
import json
import threading
from urllib.parse import urlencode

import pytest

from pipelines import reviewing, runs
from pipelines.review.desk import Desk
from pipelines.review.server import ReviewServer
from tests.lakes import snapshot


@pytest.fixture
def server(own):
    desk = Desk(runs.standing(own), own.warehouse, by="张三")
    with ReviewServer(desk, note="模拟<数据>") as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    desk.close()


def ask(server, path, said=None, *, token=None, headers=None, **values):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    given = {"X-Token": server.token if token is None else token, "Content-Type": "application/json"} | (headers or {})
    address = path + ("?" + urlencode(values) if values else "")
    if said is None:
        connection.request("GET", address, headers=given)
    else:
        connection.request("POST", address, body=json.dumps(said), headers=given)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, json.loads(body) if answer.getheader("Content-Type") == "application/json" else body.decode()


def test_only_who_has_the_token_on_this_machine_may_look_or_write(server):
    assert server.server_address[0] == "127.0.0.1"
    assert ask(server, "/", token=server.token)[0] == 403  # the header is for data; the page wants it in its address
    assert ask(server, "/?token=wrong")[0] == 403
    for path in ("/api/queue", "/api/acts", "/api/nothing"):
        assert ask(server, path, token="")[0] == 403
        assert ask(server, path, headers={"Host": "evil.example"})[0] == 403
    assert ask(server, "/api/undo", {}, token="wrong")[0] == 403
    assert ask(server, "/api/nothing")[0] == 404
    assert ask(server, "/api/undo", {}, headers={"Content-Type": "text/plain"})[0] == 400
    assert ask(server, "/api/undo", [1])[0] == 400
    assert ask(server, "/api/judge", {"left": "ev_a"})[0] == 400


def test_the_page_stands_alone_and_asks_no_other_machine(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.request("GET", f"/?token={server.token}")
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    assert answer.status == 200
    assert "default-src 'none'" in answer.getheader("Content-Security-Policy")
    assert "http://" not in page and "https://" not in page
    assert "模拟&lt;数据&gt;" in page
    assert "/*page." not in page


def test_a_verdict_is_in_the_lake_once_it_is_answered_and_undo_takes_it_back(server):
    status, queue = ask(server, "/api/queue")
    item = queue["items"][0]
    said = {"left": item["left"], "right": item["right"], "verdict": "same", "why": " 同一户 "}
    status, done = ask(server, "/api/judge", said)
    assert (status, done["is_new"]) == (200, True)
    lake = server.desk.lake
    [row] = lake.read("core_verdict").to_dict("records")
    assert (row["verdict_id"], row["decided_by"], row["reason"]) == (done["number"], "张三", "同一户")
    now = ask(server, "/api/queue")[1]
    assert key(item) not in {key(each) for each in now["items"]}
    assert now["waiting"] == 1
    assert ask(server, "/api/pair", left=item["left"], right=item["right"])[1]["verdict"]["name"] == "同一"
    assert ask(server, "/api/undo", {})[1] == {"number": done["number"]}
    assert key(ask(server, "/api/queue")[1]["items"][0]) == key(item)
    status, refused = ask(server, "/api/undo", {})
    assert (status, "没有可撤销" in refused["refused"]) == (409, True)


def key(item):
    return item["left"], item["right"]


def test_a_contradiction_names_the_verdicts_that_may_be_withdrawn(server, own):
    rows = snapshot(own)["dispute_event"]
    one, other, third = rows["event_id"].head(3)
    numbers = [
        ask(server, "/api/judge", {"left": left, "right": right, "verdict": "same"})[1]["number"]
        for left, right in ((one, other), (other, third))
    ]
    status, refused = ask(server, "/api/judge", {"left": one, "right": third, "verdict": "different"})
    assert (status, set(refused["against"])) == (409, set(numbers))
    assert ask(server, "/api/withdraw", {"number": numbers[0]})[0] == 200
    assert ask(server, "/api/judge", {"left": one, "right": third, "verdict": "different"})[0] == 200


def test_persons_are_masked_until_somebody_looks_and_each_look_is_logged(server, own):
    party = server.desk.lake.read("core_party")
    named = party[(party["kind"] == "person") & party["is_full_name"].fillna(False) & (party["role"] == "reporter")]
    event = named[named["event_id"].isin(snapshot(own)["dispute_event"]["event_id"])].iloc[0]
    masked = json.dumps(ask(server, "/api/record", id=event["event_id"])[1], ensure_ascii=False)
    assert event["name"] not in masked
    assert not (own.root / "restricted" / "reveal.log").exists()
    shown = json.dumps(ask(server, "/api/record", id=event["event_id"], reveal="1")[1], ensure_ascii=False)
    assert event["name"] in shown
    [line] = (own.root / "restricted" / "reveal.log").read_text("utf-8").splitlines()
    logged = json.loads(line)
    assert (logged["by"], logged["events"]) == ("张三", [event["event_id"]])


def test_disputes_are_found_split_and_merged(server, own):
    found = ask(server, "/api/disputes", text="")[1]
    assert found[0]["change"] >= found[1]["change"] > 0  # the least sure first
    found.sort(key=lambda each: -each["size"])
    large, small = found[0]["dispute_id"], found[-1]["dispute_id"]
    whole = ask(server, "/api/dispute", id=large)[1]
    assert whole["size"] == found[0]["size"] == len(whole["events"])
    assert ask(server, "/api/split", {"dispute": large, "apart": whole["events"]})[0] == 409
    assert ask(server, "/api/split", {"dispute": large, "apart": whole["events"][:1]})[0] == 200
    assert ask(server, "/api/merge", {"disputes": [large, large]})[0] == 409
    status, refused = ask(server, "/api/merge", {"disputes": [large, small]})
    assert (status, "矛盾" in refused["refused"]) == (409, True)  # it was just split
    assert ask(server, "/api/merge", {"disputes": [small, found[-2]["dispute_id"]]})[0] == 200
    number = whole["records"][0]["number"]
    assert large in {each["dispute_id"] for each in ask(server, "/api/disputes", text=number)[1]}
    assert [each["what"][:4] for each in ask(server, "/api/acts")[1]] == ["合并纠纷", "拆分纠纷"]


def test_a_record_is_found_corrected_and_shown_as_corrected(server):
    hit = ask(server, "/api/records", text="", doubt="category")[1][0]
    assert (
        ask(server, "/api/correct", {"event": hit["event_id"], "field": "category_code", "value": "无此类"})[0] == 409
    )
    said = {"event": hit["event_id"], "field": "category_code", "value": "0201"}
    number = ask(server, "/api/correct", said)[1]["number"]
    record = ask(server, "/api/record", id=hit["event_id"])[1]
    [category] = [each for each in record["correct"] if each["field"] == "category_code"]
    assert (category["value"], category["number"]) == ("0201", number)
    assert hit["event_id"] in {each["event_id"] for each in ask(server, "/api/records", text=hit["number"])[1]}


def test_the_desk_follows_a_run_that_ends_while_it_is_open(server, own):
    item = next(each for each in ask(server, "/api/queue")[1]["items"] if each["kind"] == "merge")
    before = ask(server, "/api/pair", left=item["left"], right=item["right"])[1]
    assert not before["is_one"]
    ask(server, "/api/judge", {"left": item["left"], "right": item["right"], "verdict": "same"})
    assert runs.run(own).is_published
    after = ask(server, "/api/pair", left=item["left"], right=item["right"])[1]
    assert after["is_one"]
    assert after["reasons"]["decided_by"] == "人工裁定"
    assert ask(server, "/api/queue")[1]["waiting"] == 0
    assert reviewing.acts(server.desk.lake)["state"].tolist() == ["生效"]
