"use strict";
const token = new URLSearchParams(location.search).get("token");
const $ = (id) => document.getElementById(id);
const state = { items: [], at: 0, pair: null, reveal: false, cache: new Map(), done: new Map(), first: null, second: null, record: null, choices: null, alarms: [], alarmAt: 0, which: "told", chain: Promise.resolve() };
const NAMES = { same: "同一", different: "不同", unsure: "不确定" };

async function ask(path, said) {
  const init = { headers: { "X-Token": token } };
  if (said !== undefined) {
    init.method = "POST";
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(said);
  }
  let answer;
  try { answer = await fetch(path, init); } catch (error) {
    throw { refused: "连不上 dispute-lake review：命令已停止，或本机繁忙。已作出的裁定都已写下。", against: [] };
  }
  const content = await answer.json();
  if (!answer.ok) { throw content; }
  return content;
}
const query = (path, values) => ask(path + "?" + new URLSearchParams(values));

function make(tag, values, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(values || {})) {
    if (name === "class") { node.className = value; }
    else if (name.startsWith("on")) { node.addEventListener(name.slice(2), value); }
    else if (value !== null && value !== undefined && value !== false) { node.setAttribute(name, value === true ? "" : value); }
  }
  node.append(...children.filter((each) => each !== null && each !== undefined));
  return node;
}
function tell(text) {
  const told = $("told");
  told.textContent = text;
  told.classList.add("on");
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => told.classList.remove("on"), 2200);
}
function refuse(error) {
  const box = $("refused");
  box.querySelector("p").textContent = error.refused || String(error);
  const against = box.querySelector(".against");
  against.replaceChildren(...(error.against || []).map((number) =>
    make("button", { onclick: () => attempt(async () => {
      await ask("/api/withdraw", { number, why: "与新的裁定矛盾" });
      box.hidden = true;
      tell("已撤回 " + number + "，请再裁定一次");
      recount();
    }) }, "撤回 " + number)));
  box.hidden = false;
  box.querySelector(":scope > button").focus();
}
// One thing after the other, none lost; what fails is told, and the next goes on.
function attempt(work) {
  state.chain = state.chain.then(work).catch(refuse);
  return state.chain;
}

// ------------------------------------------------------------------------------------------------------------- pairs
function recount() { ask("/api/count").then(count, () => {}); }  // the next key need not wait for it
function count(found) {
  $("who").textContent = "裁定人 " + found.by;
  $("state").textContent = "裁定、更正、签收判定 " + found.acts + " 次" + (found.waiting ? "，其中 " + found.waiting + " 次待运行" : "");
}
async function load() {
  const queue = await ask("/api/queue");
  count(queue);
  state.items = queue.items;
  state.at = 0;
  state.done.clear();
  state.cache.clear();
  await show();
}
const current = () => state.items[state.at];
function key(item) { return item.left + " " + item.right; }
function details(item) {
  if (!state.cache.has(key(item))) {
    state.cache.set(key(item), query("/api/pair", { left: item.left, right: item.right }));
    state.cache.get(key(item)).catch(() => state.cache.delete(key(item)));
  }
  return state.cache.get(key(item));
}
async function show() {
  const item = current();
  $("bars").hidden = true;
  for (const button of document.querySelectorAll("#pairs footer button")) { button.disabled = !item && button.id !== "undo" && button.id !== "back"; }
  if (!item) {
    $("ask").replaceChildren(make("b", {}, state.items.length ? "这一批都看过了。" : "没有要裁定的对。"),
      make("span", { class: "effect" }, "新的裁定在下次 dispute-lake run 时生效；之后再来，会按新的结果重新排出要问的。"));
    $("sides").replaceChildren();
    $("lines").replaceChildren();
    return;
  }
  const pair = state.reveal
    ? await query("/api/pair", { left: item.left, right: item.right, reveal: "1" })
    : await details(item);
  if (item !== current()) { return; }
  state.pair = pair;
  drawAsk(item, pair);
  drawSides(pair);
  drawLines(pair);
  document.querySelector("#pairs .body").scrollTop = 0;
  if (state.items[state.at + 1]) { details(state.items[state.at + 1]); }
}
function drawAsk(item, pair) {
  const merge = item.kind === "merge";
  const effect = merge
    ? `现在是两起纠纷（${item.size_l} 条与 ${item.size_r} 条），两边各对平均 ${Math.round(item.average * 100)}%；若同一，并为一起`
    : `现在是一起纠纷；两边（${item.size_l} 条与 ${item.size_r} 条）各对平均只有 ${Math.round(item.average * 100)}%；若不同，大致由此分开`;
  const said = (state.done.get(key(item)) || pair.verdict || {}).verdict;
  const why = pair.reasons ? pair.reasons.why.map((text) => make("span", {}, text)) : [make("i", {}, "两条记录之间没有足以打分的共同点，由其他记录相连")];
  const odds = pair.reasons ? `${pair.reasons.decided_by}判同一的概率 ${Math.round(pair.reasons.probability * 100)}%` : "";
  $("ask").replaceChildren(
    make("span", { class: "count" }, `第 ${state.at + 1} / ${state.items.length} 对`),
    make("b", {}, merge ? "这两条记录是不是同一纠纷？" : "这两条记录真是同一纠纷吗？"),
    make("span", { class: "effect" }, effect),
    said ? make("span", { class: "before" }, "已裁定：" + NAMES[said] + (pair.verdict ? `（${pair.verdict.by} ${pair.verdict.at}）` : "")) : "",
    make("div", { class: "reasons" }, make("i", {}, "相近之处"), ...why, make("i", {}, [odds, pair.days].filter(Boolean).join("；"))),
  );
}
function pieces(cells, inverse) {
  return cells.map(([text, shared]) => {
    if (inverse) { return shared ? make("u", {}, text) : text; }
    return shared ? text : make("mark", {}, text);
  });
}
function join(parts, between) {
  return between ? parts.flatMap((part, at) => at ? [between, part] : [part]) : parts;
}
function drawSides(pair) {
  const size = (cells, shared) => cells.filter((each) => each[1] === shared).reduce((sum, each) => sum + each[0].length, 0);
  const rows = pair.fields.map((field) => {
    const list = field.name === "parties";
    const long = field.name === "text" || field.name === "title";
    const common = size(field.left, true) + size(field.right, true);
    const own = size(field.left, false) + size(field.right, false);
    // where little is shared, marking what differs would mark everything
    const inverse = list || own > common && (long || common > 0);
    const compared = field.left.length > 0 && field.right.length > 0 && own > 0;
    const cell = (cells) => cells.length
      ? make("td", {}, ...join(compared ? pieces(cells, inverse) : cells.map((each) => each[0]), list ? "、" : ""))
      : make("td", { class: "none" }, "—");
    return make("tr", { class: (!own && common ? "equal " : "") + (long ? "long" : ""), "data-field": field.name },
      make("th", {}, field.label), cell(field.left), cell(field.right));
  });
  $("sides").replaceChildren(
    make("colgroup", {}, make("col", { class: "label" }), make("col"), make("col")),
    make("thead", {}, make("tr", {}, make("th"), make("th", { class: "l" }, "甲"),
      make("th", { class: "r" }, "乙", make("span", { class: "legend" }, make("mark", {}, "不同处"), "　少有相同时改标 ", make("u", {}, "相同处"))))),
    make("tbody", {}, ...rows));
}
function line(dispute, side, pair, whole) {
  if (!dispute) { return make("div", { class: "line " + side }, make("h2", {}, "不属于任何纠纷")); }
  const rows = dispute.records.map((record) => make("li",
    { class: record.event_id === pair.left ? "here-l" : record.event_id === pair.right ? "here-r" : "", title: record.number },
    make("time", {}, record.at), make("span", { class: "from", title: record.source }, record.source), make("span", { class: "what" }, record.title || "（无标题）"),
    make("span", { class: "kind" }, [record.kind, record.status].filter(Boolean).join(" · ")),
    record.kind === "首次" ? null : make("span", { class: "because" }, record.why)));
  const rest = dispute.size - dispute.records.length;
  return make("div", { class: "line " + side },
    make("h2", {}, whole ? "所在纠纷" : side === "l" ? "甲所在纠纷" : "乙所在纠纷", make("small", {}, `${dispute.size} 条 · ${dispute.category || ""} · ${dispute.status || ""}`)),
    make("ol", {}, ...rows), rest > 0 ? make("div", { class: "rest" }, `另有 ${rest} 条`) : null);
}
function drawLines(pair) {
  $("lines").className = pair.is_one ? "lines whole" : "lines";
  $("lines").replaceChildren(...(pair.is_one
    ? [line(pair.disputes[0], "", pair, true)]
    : [line(pair.disputes[0], "l", pair), line(pair.disputes[1], "r", pair)]));
}
// What the weight is made of: each bar begins where the one before ended.
async function weigh() {
  const box = $("bars"), item = current();
  if (!item) { return; }
  if (!box.hidden) { box.hidden = true; return; }
  box.replaceChildren(make("h2", {}, "凭据", make("small", {}, "正在按全湖重新计算这一对……")));
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
  let found;
  try { found = await query("/api/bars", { left: item.left, right: item.right }); } catch (error) {
    box.hidden = true;
    refuse(error);
    return;
  }
  if (item !== current() || box.hidden) { return; }
  const ends = found.bars.flatMap((bar) => [bar.after, bar.after - bar.weight]);
  const low = Math.min(0, ...ends), width = Math.max(0, ...ends) - low || 1;
  const at = (value) => `${(100 * (value - low) / width).toFixed(2)}%`;
  const rows = found.bars.map((bar) => {
    const total = bar.part === "total";
    const [from, to] = total ? [0, bar.after] : [bar.after - bar.weight, bar.after];
    const inside = make("b", { class: total ? "sum" : bar.weight < 0 ? "down" : "" });
    inside.style.left = at(Math.min(from, to));
    inside.style.width = `${(100 * Math.abs(to - from) / width).toFixed(2)}%`;
    const told = [bar.value_l, bar.value_r].filter(Boolean).join(" ↔ ");
    return make("div", { class: "bar" }, make("span", {}, bar.label),
      make("div", { class: "says" }, bar.says || "", told ? make("i", {}, told) : null),
      make("div", { class: "track" }, inside), make("span", {}, (bar.weight > 0 && !total ? "+" : "") + bar.weight.toFixed(1)));
  });
  const note = found.is_of_model ? "" : "；与上次运行的分数不完全相同";
  box.replaceChildren(make("h2", {}, "凭据", make("small", {}, `以 2 为底的对数几率，合计对应概率 ${Math.round(found.probability * 100)}%；模型 ${found.version}${note}；再按 E 收起`)), ...rows);
  box.scrollIntoView({ block: "nearest" });
}
function judge(verdict) {
  const item = current();
  if (!item) { return; }
  attempt(async () => {
    if (item !== current()) { return; }  // pressed twice: the next pair has not been looked at yet
    const done = await ask("/api/judge", { left: item.left, right: item.right, verdict, why: $("why").value });
    $("why").value = "";
    $("why").blur();
    state.done.set(key(item), { verdict, number: done.number });
    state.cache.delete(key(item));
    tell("已记下：" + NAMES[verdict] + (done.is_new ? "" : "（先前已如此裁定）"));
    state.at += 1;
    await show();
    recount();
  });
}
function undo() {
  attempt(async () => {
    const { number } = await ask("/api/undo", {});
    tell("已撤销 " + number);
    const at = state.items.findIndex((item) => (state.done.get(key(item)) || {}).number === number);
    if (at >= 0) {
      state.at = at;
      state.done.delete(key(current()));
      state.cache.delete(key(current()));
    }
    await show();
    recount();
  });
}
function move(step) {
  attempt(async () => {
    const to = state.at + step;
    if (to < 0 || to > state.items.length) { return; }
    state.at = to;
    await show();
  });
}
function reveal() {
  state.reveal = !state.reveal;
  $("reveal").classList.toggle("on", state.reveal);
  $("reveal").querySelector("span").textContent = state.reveal ? "遮住" : "看原文";
  if (state.reveal) { tell("显示原文与姓名；每次查看都留档"); }
  attempt(async () => {
    if (!$("pairs").hidden) { await show(); }
    if (!$("disputes").hidden) { await redrawDisputes(); }
    if (!$("records").hidden && state.record) { await openRecord(state.record); }
  });
}

// ---------------------------------------------------------------------------------------------------------- disputes
async function seek() {
  const found = await query("/api/disputes", { text: $("seek").value });
  $("found").replaceChildren(...(found.length ? found.map((each) =>
    make("button", { "data-id": each.dispute_id, onclick: () => attempt(() => openDispute(each.dispute_id)) },
      each.title || "（无标题）", make("small", {}, [`${each.size} 条`, each.change ? `待定约 ${each.change} 对` : "", each.place, each.category, each.at].filter(Boolean).join(" · "))))
    : [make("div", { class: "empty" }, "没有找到。")]));
}
const reading = () => state.reveal ? { reveal: "1" } : {};
async function openDispute(id) {
  const dispute = await query("/api/dispute", { id, ...reading() });
  if (!state.first || state.first.dispute_id === id) { state.first = dispute; }
  else { state.second = dispute; }
  drawDisputes();
}
async function redrawDisputes() {
  for (const side of ["first", "second"]) {
    if (state[side]) { state[side] = await query("/api/dispute", { id: state[side].dispute_id, ...reading() }); }
  }
  drawDisputes();
}
function drawDisputes() {
  $("first").replaceChildren(...(state.first ? board(state.first, true) : [make("div", { class: "empty" }, "从左边选一起纠纷。")]));
  $("second").replaceChildren(...(state.second ? board(state.second, false) : [make("div", { class: "empty" }, state.first ? "再选一起，可与之合并。" : "")]));
  for (const button of $("found").children) {
    button.classList.toggle("on", [state.first, state.second].some((each) => each && each.dispute_id === button.dataset.id));
  }
}
function board(dispute, isFirst) {
  const why = make("input", { placeholder: "理由（可不写）", maxlength: "300" });
  const rows = dispute.records.map((record) => {
    const box = make("input", { type: "checkbox", value: record.event_id, "aria-label": "拆出这一条",
      onchange: (event) => { event.target.closest("li").classList.toggle("picked", event.target.checked); redo(); } });
    return make("li", {}, isFirst ? box : make("span"), make("time", {}, record.at),
      make("span", { class: "what" }, make("span", { class: "hint" }, record.source + "　"), record.title || "（无标题）"),
      make("span", { class: "kind" }, record.kind),
      record.kind === "首次" ? null : make("span", { class: "because" }, record.why));
  });
  const list = make("ol", {}, ...rows);
  const picked = () => [...list.querySelectorAll("input:checked")].map((each) => each.value);
  const cut = make("button", { class: "cut", disabled: true, onclick: () => attempt(async () => {
    await ask("/api/split", { dispute: dispute.dispute_id, apart: picked(), why: why.value });
    tell("已记下拆分；下次运行时生效");
    await redrawDisputes();
    recount();
  }) }, "拆出勾选的");
  const join = make("button", { class: "join", disabled: !state.second, onclick: () => attempt(async () => {
    if (!state.second) { return; }
    await ask("/api/merge", { disputes: [state.first.dispute_id, state.second.dispute_id], why: why.value });
    tell("已记下合并；下次运行时生效");
    state.second = null;
    drawDisputes();
    recount();
  }) }, "与右边合并");
  function redo() { const n = picked().length; cut.disabled = !n || n === dispute.size; cut.textContent = n ? `拆出勾选的 ${n} 条` : "拆出勾选的"; }
  const rest = dispute.size - dispute.records.length;
  return [
    make("h2", {}, dispute.title || "（无标题）", make("small", {}, `${dispute.size} 条 · ${dispute.place} · ${dispute.category || ""} · ${dispute.status || ""}`)),
    list, rest > 0 ? make("div", { class: "rest" }, `另有 ${rest} 条没有列出，拆分时留在原纠纷`) : null,
    isFirst ? make("div", { class: "do" }, cut, join, why, make("button", { onclick: () => attempt(() => { state.first = state.second; state.second = null; drawDisputes(); }) }, "放下"))
      : make("div", { class: "do" }, make("button", { onclick: () => attempt(() => { state.second = null; drawDisputes(); }) }, "放下")),
  ].filter(Boolean);
}

// ------------------------------------------------------------------------------------------------------- corrections
async function records(doubt) {
  for (const button of $("doubts").children) { button.disabled = button.dataset.doubt === doubt; }
  const found = await query("/api/records", { text: doubt ? "" : $("named").value, doubt: doubt || "" });
  $("hits").replaceChildren(...(found.length ? found.map((each) =>
    make("button", { "data-id": each.event_id, onclick: () => attempt(() => openRecord(each.event_id)) },
      each.title || "（无标题）", make("small", {}, [each.source, each.at, each.is_dispute ? each.category : "不是纠纷", each.place].filter(Boolean).join(" · "))))
    : [make("div", { class: "empty" }, "没有找到。")]));
}
async function openRecord(id) {
  state.record = id;
  if (!state.choices) { state.choices = await ask("/api/choices"); }
  const record = await query("/api/record", { id, ...reading() });
  for (const button of $("hits").children) { button.classList.toggle("on", button.dataset.id === id); }
  const facts = make("dl", { class: "facts" });
  for (const field of record.fields) { facts.append(make("dt", {}, field.label), make("dd", {}, field.value)); }
  const why = make("input", { placeholder: "理由（可不写）", maxlength: "300" });
  const rows = record.correct.flatMap((each) => {
    const input = each.field === "is_dispute"
      ? make("select", {}, make("option", { value: "true" }, "是纠纷"), make("option", { value: "false" }, "不是纠纷"))
      : make("input", { list: "choices-" + each.field, placeholder: "写代码、名称，或选一个", maxlength: "60" });
    if (each.field === "is_dispute") { input.value = each.value; }
    const save = () => attempt(async () => {
      const value = (input.value.split(" ")[0] || "").trim();
      if (!value) { throw { refused: "请先写更正为什么" }; }
      await ask("/api/correct", { event: id, field: each.field, value, why: why.value });
      tell("已记下更正；下次运行时生效");
      await openRecord(id);
      recount();
    });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { save(); } });
    return [make("span", { class: "hint" }, each.label),
      make("span", {}, each.name, make("span", { class: "basis" }, `　依据：${each.basis || "无"}`),
        each.said ? make("span", { class: "said" }, `　已更正（${each.said}）`) : null),
      input,
      make("span", {}, make("button", { "data-save": each.field, onclick: save }, "更正"),
        each.number ? make("button", { onclick: () => attempt(async () => {
          await ask("/api/withdraw", { number: each.number }); tell("已撤回更正"); await openRecord(id); recount();
        }) }, "撤回") : null)];
  });
  const lists = ["category_code", "area_code"].map((name) => make("datalist", { id: "choices-" + name },
    ...state.choices[name].map(([code, label]) => make("option", { value: code + " " + label }))));
  $("record").replaceChildren(make("h2", {}, "更正这条记录"), make("div", { class: "fix" }, ...rows, make("span", { class: "hint" }, "理由"), make("span", { class: "wide" }, why)), facts, ...lists);
}

// ------------------------------------------------------------------------------------------------------------- alerts
const alarm = () => state.alarms[state.alarmAt];
async function alarms(chosen) {
  const found = await query("/api/alerts", { area: $("area").value.split(" ")[0], day: $("day").value, which: state.which });
  state.alarms = found.items;
  state.alarmAt = Math.max(0, state.alarms.findIndex((one) => one.warning_id === chosen));
  const names = new Map(found.areas);
  $("area").value = found.area + " " + (names.get(found.area) || "");
  $("day").value = found.day;
  $("day").max = found.last;
  $("areas").replaceChildren(...found.areas.map(([code, name]) => make("option", { value: code + " " + name })));
  const held = found.items.filter((each) => each.is_held_back).length;
  $("warned").textContent = `${found.count} 条` + (held ? `，其中超出当日上限暂缓 ${held} 条` : "")
    + (found.count > found.items.length ? `，列出前 ${found.items.length} 条` : "");
  for (const button of document.querySelectorAll("[data-which]")) { button.classList.toggle("on", button.dataset.which === state.which); }
  await drawAlarms();
}
function flags(one) {
  return [
    one.judgement ? make("b", { class: "said" }, one.judgement) : null,
    one.acknowledged_by ? make("span", { class: "seen" }, "已签收") : null,
    one.is_held_back ? make("span", { class: "held" }, "暂缓") : null,
    one.why && one.why !== "新发" ? make("span", {}, one.why) : null,
    one.is_open ? null : make("span", { class: "held" }, "已解除（" + one.closed_reason + "）"),
  ];
}
async function drawAlarms() {
  $("alarms").replaceChildren(...(state.alarms.length ? state.alarms.map((one, at) => make("button",
    { "data-id": one.warning_id, class: at === state.alarmAt ? "on" : "", onclick: () => attempt(async () => { state.alarmAt = at; await drawAlarms(); }) },
    make("span", { class: "level l" + one.level }, one.level), make("b", {}, one.rule_name), "　", one.evidence,
    make("small", {}, [one.rank ? `第 ${one.rank}` : "", one.area_name || one.area_code, one.first_seen_at].filter(Boolean).join(" · "), " ", ...flags(one).filter(Boolean).flatMap((each) => [" ", each]))))
    : [make("div", { class: "empty" }, "没有预警。")]));
  for (const button of document.querySelectorAll("#alerts footer button")) { button.disabled = !alarm() && button.id !== "unsay"; }
  const chosen = $("alarms").querySelector(".on");
  if (!chosen) { $("alarm").replaceChildren(); return; }
  chosen.scrollIntoView({ block: "nearest" });
  const one = alarm();
  const whole = await query("/api/alert", { id: one.warning_id });
  if (one === alarm()) { drawAlarm(one, whole); }
}
function drawAlarm(one, whole) {
  const told = [...new Set(whole.notices.map((each) => each.recipient_name + (each.is_held_back ? "（暂缓）" : "")))];
  const facts = [
    ["依据", one.evidence], ["区域", whole.area_name || whole.area_code], ["类别", whole.category_name], ["告知", told.join("、")],
  ].filter((each) => each[1]).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  const steps = whole.steps.map((step) => make("li", { class: "step" }, make("time", {}, step.day),
    make("span", { class: "from" }, step.what), make("span", { class: "what" }, step.reason || step.evidence), make("span", { class: "kind" }, step.level)));
  const said = whole.said.map((act) => make("li", { class: "step" }, make("time", {}, act.at), make("span", { class: "from" }, act.what),
    make("span", { class: "what" }, [act.by, act.note, act.withdraws ? "撤回 " + act.withdraws : ""].filter(Boolean).join("："))));
  const records = whole.records.map((record) => make("li", { class: "paper" + (record.is_cause ? " here-l" : ""), title: record.source_record_id },
    make("time", {}, record.at), make("span", { class: "from" }, record.source), make("span", { class: "what" }, record.title || ""),
    make("span", { class: "kind" }, [record.place, record.status].filter(Boolean).join(" · ")), make("span", { class: "because" }, record.text || "")));
  $("alarm").replaceChildren(
    make("h2", {}, make("span", { class: "level l" + whole.level }, whole.level), whole.rule_name, make("small", {}, whole.warning_id, whole.dispute_id ? " · 纠纷 " + whole.dispute_id : "")),
    make("dl", { class: "facts" }, ...facts),
    make("h2", {}, "经过"), make("ol", {}, ...steps, ...said),
    make("h2", {}, whole.dispute_id ? "这起纠纷的记录" : "这些天的记录", make("small", {}, `${whole.records.length} 条，最近的在前；深色为使预警成立的一条`)),
    make("ol", {}, ...records));
  $("alarm").scrollTop = 0;
}
function speak(what) {
  const one = alarm();
  if (!one) { return; }
  attempt(async () => {
    if (one !== alarm()) { return; }
    const done = await ask("/api/speak", { warning: one.warning_id, what, why: $("note").value });
    $("note").value = "";
    $("note").blur();
    if (what === "签收") { Object.assign(one, { acknowledged_by: "我", acknowledge_number: done.number }); }
    else { Object.assign(one, { judgement: what, judge_number: done.number }); state.alarmAt = Math.min(state.alarmAt + 1, state.alarms.length - 1); }
    tell("已记下：" + what + (done.is_new ? "" : "（先前已如此说过）"));
    await drawAlarms();
    recount();
  });
}
function unsay() {
  attempt(async () => {
    const { number } = await ask("/api/undo", {});
    tell("已撤销 " + number);
    const at = state.alarms.findIndex((one) => number === one.judge_number || number === one.acknowledge_number);
    if (at >= 0) { await alarms(state.alarms[at].warning_id); }  // what stood before it comes back
    recount();
  });
}
function walk(step) {
  attempt(async () => {
    const to = state.alarmAt + step;
    if (to < 0 || to >= state.alarms.length) { return; }
    state.alarmAt = to;
    await drawAlarms();
  });
}

// --------------------------------------------------------------------------------------------------------------- acts
async function acts() {
  const found = await ask("/api/acts");
  $("log").replaceChildren(
    make("thead", {}, make("tr", {}, ...["时间", "谁", "做了什么", "理由", "记录", "现状", ""].map((name) => make("th", {}, name)))),
    make("tbody", {}, ...found.map((act) => make("tr", { class: ["生效", "待运行"].includes(act.state) ? "" : "dead", "data-number": act.number },
      make("td", { class: "n" }, act.at), make("td", {}, act.by), make("td", {}, act.what), make("td", {}, act.reason || ""),
      make("td", {}, make("code", {}, act.events.join(" "))), make("td", { class: "n" }, act.state),
      make("td", {}, ["生效", "待运行"].includes(act.state) ? make("button", { onclick: () => attempt(async () => {
        await ask("/api/withdraw", { number: act.number }); tell("已撤回"); await acts(); recount();
      }) }, "撤回") : "")))));
}

function open(tab) {
  for (const button of document.querySelectorAll("nav button")) { button.classList.toggle("on", button.dataset.tab === tab); }
  for (const main of document.querySelectorAll("main")) { main.hidden = main.id !== tab; }
  if (tab === "alerts" && !state.alarms.length) { alarms().catch(refuse); }  // they need not wait for the questions
  attempt(async () => {
    if (tab === "disputes") { drawDisputes(); if (!$("found").children.length) { await seek(); } }
    if (tab === "records" && !$("hits").children.length) {
      state.choices = state.choices || await ask("/api/choices");
      $("doubts").replaceChildren(...state.choices.doubts.map(([name, label]) =>
        make("button", { "data-doubt": name, onclick: () => attempt(() => records(name)) }, label)));
      await records(state.choices.doubts[0][0]);
    }
    if (tab === "acts") { await acts(); }
  });
}
for (const button of document.querySelectorAll("nav button")) { button.addEventListener("click", () => open(button.dataset.tab)); }
for (const button of document.querySelectorAll("[data-verdict]")) { button.addEventListener("click", () => judge(button.dataset.verdict)); }
$("undo").addEventListener("click", undo);
$("next").addEventListener("click", () => move(1));
$("back").addEventListener("click", () => move(-1));
$("reveal").addEventListener("click", reveal);
$("weigh").addEventListener("click", weigh);
for (const button of document.querySelectorAll("[data-say]")) { button.addEventListener("click", () => speak(button.dataset.say)); }
for (const button of document.querySelectorAll("[data-which]")) {
  button.addEventListener("click", () => { state.which = button.dataset.which; attempt(() => alarms()); });
}
for (const name of ["area", "day"]) { $(name).addEventListener("change", () => { $(name).blur(); attempt(() => alarms()); }); }
$("area").addEventListener("focus", () => $("area").select());
$("unsay").addEventListener("click", unsay);
$("later").addEventListener("click", () => walk(1));
$("earlier").addEventListener("click", () => walk(-1));
$("seeking").addEventListener("click", () => attempt(seek));
$("seek").addEventListener("keydown", (event) => { if (event.key === "Enter") { attempt(seek); } });
$("naming").addEventListener("click", () => attempt(() => records("")));
$("named").addEventListener("keydown", (event) => { if (event.key === "Enter") { attempt(() => records("")); } });
$("refused").querySelector(":scope > button").addEventListener("click", () => { $("refused").hidden = true; });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { $("refused").hidden = true; document.activeElement.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) { return; }
  const typing = document.activeElement.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "Enter" && ["why", "note"].includes(document.activeElement.id)) { document.activeElement.blur(); return; }
  if (typing || !$("refused").hidden) { return; }
  const pressed = event.key.toLowerCase();
  if (pressed === "v") { reveal(); return; }
  if (!$("alerts").hidden) {
    const says = { 1: "属实", 2: "不实", 3: "已知", 4: "签收" }, moves = { u: unsay, j: () => walk(1), k: () => walk(-1), w: () => { event.preventDefault(); $("note").focus(); } };
    if (says[pressed]) { speak(says[pressed]); } else if (moves[pressed]) { moves[pressed](); }
    return;
  }
  if ($("pairs").hidden) { return; }
  const keys = { 1: () => judge("same"), 2: () => judge("different"), 3: () => judge("unsure"), u: undo, j: () => move(1), k: () => move(-1), e: weigh, w: () => { event.preventDefault(); $("why").focus(); } };
  if (keys[pressed]) { keys[pressed](); }
});
attempt(load);
