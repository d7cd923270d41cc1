// The page of `dispute-lake screen`. All text goes in as text, never as markup; every number is a link to its rows.
"use strict";

const get = id => document.getElementById(id);
const boot = JSON.parse(get("boot").textContent);
let shown = JSON.parse(get("first").textContent);
let chart = null, asTable = false, order = {by: "reported", down: true}, origin = null, seenNumber = null, late = 0;

// ---- small parts

function h(tag, given, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, what] of Object.entries(value)) element.addEventListener(event, what);
    else if (name === "width") element.style.width = value;
    else if (name === "columns") element.style.gridTemplateColumns = value;
    else if (name === "left") element.style.left = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside.flat(Infinity).filter(each => each !== null && each !== undefined && each !== false));
  return element;
}
const query = said => new URLSearchParams(said).toString();
const number = n => n.toLocaleString("zh-CN");
const percent = (a, b) => b ? `${(100 * a / b).toFixed(1)}%` : "—";
const n = (value, what, extra = "") => value === null ? h("span", {class: "muted"}, "—") : h(
  "a", {class: `n ${value.n ? "" : "zero"} ${extra}`, href: `#rows?${query(value.rows)}`, "aria-label": `${what} ${number(value.n)}，看明细`}, number(value.n));
const badge = level => level ? h("span", {class: `badge ${level}`, title: "红橙黄蓝".includes(level) ? `${level}色预警` : `${level}风险`}, level) : null;
const bar = (value, most, link) => h("td", {class: "bar"}, h("span", {columns: `minmax(1.6rem, 1fr) ${.62 * number(most).length + .7}em`}, h("i", null, h("b", {width: `${100 * value / most}%`})), link));
const dispute = (id, name) => h("a", {href: `#dispute?${query({id})}`}, name);
// What a warning is about: its dispute, or for an area's surge the disputes of a week there, of that category.
const matter = each => each.dispute_id ? `#dispute?${query({id: each.dispute_id})}` : `#rows?${query({of: "dispute",
  ...(each.area_code && {area: each.area_code}), ...(each.category_code && {category: each.category_code}), since: day(each.first_seen_at, 7), until: day(each.first_seen_at, 1)})}`;
const fill = (id, ...inside) => get(id).replaceChildren(...inside.flat(Infinity).filter(Boolean));
const title = (id, name, small, right) => fill(`h-${id}`, h("span", null, name), small && h("small", {title: small}, small), right);

// A change against another window, only where that window is covered by data and not too small to compare.
function change(name, now, other) {
  if (!other.number) return `${name} ${name === "环比" ? "上期" : "去年"}无数据`;
  const base = other.number;
  const link = n(base, `${name}的对照 ${other.since} 至 ${other.until}`);
  if (Math.max(now, base.n) < 10 || !base.n) return [`${name} 数少不比（`, link, "）"];
  const grown = (now - base.n) / base.n;
  return [`${name} ${grown > 0 ? "↑" : grown < 0 ? "↓" : "→"}${Math.abs(100 * grown).toFixed(1)}%（`, link, "）"];
}

function tell(sentence) {
  const told = get("told");
  told.textContent = sentence;
  told.classList.add("on");
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => told.classList.remove("on"), 4000);
}

async function ask(address) {
  const answer = await fetch(address, {headers: {Accept: "application/json"}});
  if (answer.status === 401) { location.href = "/login"; throw new Error("请先登录"); }
  const content = await answer.json();
  if (content.refused) throw new Error(content.refused);
  return content;
}

// ---- the filter: stands in the address, applies to everything

const PRESETS = [["近7天", 7], ["近30天", 30], ["近90天", 90], ["近一年", 365], ["全部", 0]];
const RISKS = [["全部风险", ""], ["高", "高"], ["中", "中"], ["低", "低"]];
const EARLIEST = "2000-01-01";
const day = (text, back) => {
  const date = new Date(`${text}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - back);
  return date.toISOString().slice(0, 10);
};

async function choose(changes, {isNew = true} = {}) {
  const said = {...Object.fromEntries(new URLSearchParams(location.search)), ...changes};
  for (const name of Object.keys(said)) if (!said[name]) delete said[name];
  if (isNew) history.pushState(null, "", `${location.pathname}?${query(said)}`);
  const asked = ++late;
  document.body.setAttribute("aria-busy", "true");
  try {
    const found = await ask(`/api/summary?${query(said)}`);
    if (asked === late) { shown = found; draw(); }
  } catch (error) {
    tell(error.message === "Failed to fetch" ? "连不上服务，显示的是先前的内容" : error.message);
  }
  document.body.removeAttribute("aria-busy");
}

function drawFilter() {
  const {filter, path, areas, last: today} = shown;
  fill("path", path.map(({code, name}, place) => place === path.length - 1
    ? h("span", {"aria-current": "true"}, name)
    : h("a", {href: "?", on: {click: event => { event.preventDefault(); choose({area: place ? code : ""}); }}}, name)));
  const inner = areas.filter(each => each.code !== filter.area);
  fill("below", h("option", {value: ""}, inner.length ? "下级区域…" : "没有下级"), inner.map(each => h("option", {value: each.code}, each.name)));
  get("below").disabled = !inner.length;
  fill("presets", PRESETS.map(([name, days]) => {
    const since = days ? day(today, days - 1) : EARLIEST;
    return h("button", {type: "button", "aria-pressed": String(filter.until === today && filter.since === since),
      on: {click: () => choose({since, until: today})}}, name);
  }));
  get("since").value = filter.since;
  get("until").value = filter.until;
  fill("category", h("option", {value: ""}, "全部类别"), boot.categories.map(({code, name}) =>
    h("option", {value: code}, code.length > 2 ? `　${name.split("/").pop()}` : name)));
  get("category").value = filter.category || "";
  fill("risks", RISKS.map(([name, risk]) => h("button", {type: "button", "aria-pressed": String((filter.risk || "") === risk),
    on: {click: () => choose({risk})}}, name)));
}

get("below").addEventListener("change", event => event.target.value && choose({area: event.target.value}));
get("category").addEventListener("change", event => choose({category: event.target.value}));
for (const name of ["since", "until"]) get(name).addEventListener("change", event => event.target.value && choose({[name]: event.target.value, [name === "since" ? "until" : "since"]: get(name === "since" ? "until" : "since").value}));
get("clear").addEventListener("click", () => choose({area: "", category: "", risk: "", since: "", until: ""}));
get("filter").addEventListener("submit", event => event.preventDefault());
addEventListener("popstate", () => {
  const wanted = new URLSearchParams(location.search), has = shown.filter || {};
  if (["area", "category", "risk", "since", "until"].some(name => (wanted.get(name) || "") !== (has[name] || ""))) choose({}, {isNew: false});
});

// ---- the panels

function draw() {
  if (shown.refused) { tell(shown.refused); history.replaceState(null, "", location.pathname); choose({}, {isNew: false}); return; }
  seenNumber = shown.publication.number;
  fill("edition", `截至 ${shown.publication.as_of.replace(" 00:00", " 零时")}　第 ${shown.publication.number} 号发布`);
  drawFilter();
  drawHeadline();
  drawWarnings();
  drawLate();
  drawTrend();
  drawAreas();
  drawLadder();
  drawCategories();
  drawSources();
}

const within = () => shown.filter.since === EARLIEST ? `${shown.filter.until} 以前` : `${shown.filter.since.slice(2)} 至 ${shown.filter.until.slice(2)}`;
const upTo = () => shown.filter.until === shown.last ? "现在" : `截至 ${shown.filter.until.slice(2)}`;
const todayIs = () => shown.filter.until === shown.last ? "今日" : `${Number(shown.day.slice(5, 7))}月${Number(shown.day.slice(8))}日`;

function drawHeadline() {
  const {headline: a, trend} = shown;
  const tile = (name, big, ...lines) => h("div", {class: "tile"}, h("h3", null, name), h("div", {class: "big"}, big), lines.map(line => h("p", null, line)));
  const share = (x, y) => { const text = percent(x.n, y.n); return text === "—" ? text : [text.slice(0, -1), h("small", null, "%")]; };
  fill("headline",
    tile("新增纠纷（期内）", n(a.reported, "期内新增纠纷"), change("环比", a.reported.n, trend.former), change("同比", a.reported.n, trend.last_year)),
    tile("化解率（期内）", share(a.resolved, a.reported), [n(a.resolved, "已化解"), " ÷ 受理 ", n(a.reported, "受理")], "按受理日期计"),
    tile("县级及以下化解", share(a.below, a.known), [n(a.below, "县级及以下化解"), " ÷ 已化解 ", n(a.known, "已化解且知道层级")], "期内受理、知道化解层级的"),
    tile("在办纠纷", n(a.open, "在办纠纷"), `${upTo()}没有化解的`, a.high && ["其中高风险 ", n(a.high, "高风险在办")]),
    tile("超期未办结", n(a.overdue, "超期未办结", a.overdue.n ? "bad" : ""), ["在办 ", n(a.open, "在办纠纷"), ` 的 ${percent(a.overdue.n, a.open.n)}`], ["负责层级逾期 ", n(a.overrun, "负责层级逾期")]),
    tile("生效预警", n(a.alarms, "生效预警"), ["其中红色 ", n(a.alarms_red, "红色生效预警")], [`${todayIs()}发出 `, n(a.alarms_today, "今日发出的预警")]),
    tile("多系统知情", share(a.several, a.reported), [n(a.several, "两个以上系统知道"), " ÷ 受理 ", n(a.reported, "受理")], "两个以上系统有记录"));
}

function drawWarnings() {
  const {levels, list, told, held} = shown.warnings;
  const all = shown.headline.alarms_today;
  title("warnings", `${todayIs()}预警`, "最急的在前", h("span", {class: "right"}, "共 ", n(all, "今日发出的预警"), " 条"));
  fill("warnings",
    h("div", {class: "strip"}, levels.map(({level, raised}) => h("span", null, badge(level), " ", n(raised, `今日${level}色预警`))),
      h("span", null, "告知本级 ", n(told, "告知本级中心"), "　暂缓 ", n(held, "因上限暂缓"))),
    list.length ? h("ul", {class: "items"}, list.map(each => h("li", null, h("a", {
      class: "item", href: matter(each)},
      badge(each.level),
      h("span", {class: "top"}, h("b", null, each.rule_name), h("span", null, each.area_name || "全市")),
      h("span", {class: "mark"}, each.same_count > 1 && `同一起 ${each.same_count} 条 `, each.rank && (each.is_held_back ? "暂缓" : `第 ${each.rank}`)),
      h("span", {class: "why", title: each.evidence}, each.evidence, each.category_name ? `　${each.category_name.split("/").pop()}` : "")))))
      : h("p", {class: "empty"}, "没有发出预警。"),
    list.length && list.reduce((sum, each) => sum + each.same_count, 0) < all.n && h("p", {class: "empty"}, "此处列出最急的 ", String(list.length), " 起，其余在 ", n(all, "今日发出的预警"), " 条明细里。"));
}

function drawLate() {
  const tiers = shown.ladder.filter(each => each.overdue.n || each.tier !== "不明");
  title("late", "实时点督", `${upTo()}过了时限没有化解的，风险高、拖得久的在前`);
  fill("late",
    h("div", {class: "strip"}, "负责层级", tiers.slice().reverse().map(({tier, overdue}) => h("span", null, `${tier} `, n(overdue, `${tier}级负责的超期`, overdue.n ? "bad" : "")))),
    shown.late.length ? h("ul", {class: "items"}, shown.late.map(each => h("li", null, h("a", {class: "item", href: `#dispute?${query({id: each.dispute_id})}`},
      badge(each.risk_level),
      h("span", {class: "name", title: each.title}, each.title || each.category_name),
      h("span", {class: "mark"}, `${each.answering_tier}级 `, each.days_late !== null && h("b", null, `超 ${number(each.days_late)} 天`)),
      h("span", {class: "why"}, [each.area_name, (each.category_name || "").split("/").pop()].filter(Boolean).join("　"))))))
      : h("p", {class: "empty"}, "没有超期的。"));
}

function drawTrend() {
  const {trend} = shown;
  title("trend", "走势", `每${trend.unit}，${within()}`, h("button", {"aria-pressed": String(asTable), on: {click: () => { asTable = !asTable; drawTrend(); get("h-trend").querySelector("button").focus(); }}}, asTable ? "看图" : "看表"));
  if (chart) { chart.dispose(); chart = null; }
  const has = name => trend.points.some(each => each[name] !== null);
  const span = each => `${each.since === each.until ? each.since : `${each.since} 至 ${each.until}`}${each.is_cut ? "（不满一段）" : ""}`;
  const key = (name, ...text) => h("span", null, h("i", {class: `key ${name}`}), ...text);
  const says = h("div", {class: "says"}, key("reported", "受理 ", n(shown.headline.reported, "期内受理")), key("resolved", "化解（按化解日期）"),
    has("former") && key("former", "上期受理"), has("last_year") && key("last_year", "去年同期受理"), trend.points.some(each => each.is_cut) && h("span", null, "浅柱不满一段"));
  if (asTable) {
    fill("trend", says, h("div", {class: "table", tabindex: "0"}, h("table", null,
      h("thead", null, h("tr", null, ["时间", "受理", "化解", has("former") && "上期受理", has("last_year") && "去年同期受理"].filter(Boolean).map(name => h("th", {scope: "col"}, name)))),
      h("tbody", null, trend.points.map(each => h("tr", null, h("td", null, span(each)), h("td", null, n(each.reported, `${span(each)}受理`)), h("td", null, n(each.resolved, `${span(each)}化解`)),
        has("former") && h("td", null, n(each.former, "上期受理")), has("last_year") && h("td", null, n(each.last_year, "去年同期受理"))))))));
    return;
  }
  const room = h("div", {class: "chart", role: "img", "aria-label": `走势图：${within()} 每${trend.unit}受理与化解的纠纷数；“看表”可逐个打开`});
  fill("trend", says, room);
  if (!window.echarts) return;  // its script comes after this one; the chart is drawn once it is there
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize), style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const text = {fontSize: .92 * unit, color: style("--soft"), fontFamily: getComputedStyle(document.body).fontFamily};
  const line = (name, key, color, type, symbol) => ({name, type: "line", data: trend.points.map(each => each[key] && each[key].n), color, symbol, symbolSize: (trend.points.length > 45 ? .4 : .5) * unit,
    lineStyle: {width: .14 * unit, type}, emphasis: {disabled: true}, z: 3});
  chart = echarts.init(room, null, {renderer: "canvas"});
  chart.setOption({
    animation: false, aria: {enabled: false},
    grid: {left: .8 * unit, right: 1 * unit, top: .9 * unit, bottom: .5 * unit, containLabel: true},
    tooltip: {trigger: "axis", renderMode: "richText", confine: true, textStyle: {fontSize: unit, color: style("--ink")}, axisPointer: {type: "shadow"},
      formatter: points => { const each = trend.points[points[0].dataIndex];
        return [span(each), ...points.map(point => `${point.seriesName}  ${point.value === null || point.value === undefined ? "无数据" : number(point.value)}`)].join("\n"); }},
    xAxis: {type: "category", data: trend.points.map(each => trend.unit === "月" ? each.since.slice(0, 7) : each.since.slice(5)), axisLabel: {...text, hideOverlap: true, margin: .7 * unit}, axisTick: {show: false}, axisLine: {lineStyle: {color: style("--line")}}},
    yAxis: {type: "value", minInterval: 1, axisLabel: {...text, formatter: number}, splitLine: {lineStyle: {color: style("--hair")}}},
    series: [
      {name: "受理", type: "bar", data: trend.points.map(each => ({value: each.reported.n, itemStyle: {opacity: each.is_cut ? .45 : 1}})), color: style("--bar"), barMaxWidth: 2.2 * unit, barCategoryGap: "25%", emphasis: {itemStyle: {color: style("--blue")}}},
      line("化解", "resolved", style("--green"), "solid", "circle"),
      has("former") && line("上期受理", "former", style("--violet"), "dashed", "none"),
      has("last_year") && line("去年同期受理", "last_year", style("--brown"), "dotted", "none"),
    ].filter(Boolean),
  });
  chart.on("click", point => {
    const key = {受理: "reported", 化解: "resolved", 上期受理: "former", 去年同期受理: "last_year"}[point.seriesName];
    location.hash = `rows?${query(trend.points[point.dataIndex][key].rows)}`;
  });
}

const RATE = each => each.reported.n ? each.resolved.n / each.reported.n : -1;
function drawAreas() {
  const level = shown.path.length === 1 ? "区县" : shown.path.length === 2 ? "乡镇街道" : "村社区";
  title("areas", "区域", `各${level}；点名称往下看，点数看明细`);
  const most = Math.max(1, ...shown.areas.map(each => each.reported.n));
  const columns = [["name", level], ["reported", "期内新增"], ["resolved", "已化解"], ["rate", "化解率"], ["open", "在办"], ["overdue", "超期"], ["high", "高风险"], ["alarms", "预警"]];
  const value = (each, by) => by === "rate" ? RATE(each) : by === "name" ? 0 : (each[by] ? each[by].n : 0);
  const rows = shown.areas.slice();
  if (order.by !== "reported" || !order.down) rows.sort((a, b) => order.by === "name" ? a.code.localeCompare(b.code) * (order.down ? 1 : -1) : (value(b, order.by) - value(a, order.by)) * (order.down ? 1 : -1));
  const sorted = by => order.by === by ? (order.down ? "descending" : "ascending") : null;
  const mark = {高: "▲", 低: "▼"};
  fill("areas", h("table", null,
    h("thead", null, h("tr", null, columns.map(([by, name]) => h("th", {scope: "col", class: by === "reported" ? "bar" : null, "aria-sort": sorted(by)}, h("button", {"data-by": by, on: {click: () => {
      order = {by, down: order.by === by ? !order.down : true}; drawAreas(); get("areas").querySelector(`[data-by=${by}]`).focus(); }}}, name, order.by === by ? (order.down ? " ↓" : " ↑") : ""))))),
    h("tbody", null, rows.map(each => h("tr", null,
      h("td", {class: "name"}, each.code === shown.filter.area || each.code.endsWith("-") ? each.name : h("a", {href: `?${query({...shown.filter, area: each.code})}`, title: each.name, on: {click: event => { event.preventDefault(); choose({area: each.code}); }}}, each.name)),
      bar(each.reported.n, most, n(each.reported, `${each.name}期内新增`)),
      h("td", null, n(each.resolved, `${each.name}已化解`)),
      h("td", {title: `已化解 ${each.resolved.n} ÷ 受理 ${each.reported.n}；与整体比：${each.verdict}`},
        each.reported.n < 10 ? h("span", {class: "muted"}, each.reported.n ? "数少" : "—") : percent(each.resolved.n, each.reported.n), " ",
        h("span", {class: "verdict"}, mark[each.verdict] || "")),
      h("td", null, n(each.open, `${each.name}在办`)),
      h("td", null, n(each.overdue, `${each.name}超期`, each.overdue.n ? "bad" : "")),
      h("td", null, n(each.high, `${each.name}高风险`)),
      h("td", null, n(each.alarms, `${each.name}生效预警`)))))));
}

function drawLadder() {
  const {ladder, headline: a} = shown;
  title("ladder", "梯次过滤", "期内受理的，在哪一级化解、由哪一级负责");
  const most = Math.max(1, ...ladder.map(each => each.resolved.n));
  fill("ladder", h("table", null,
    h("thead", null, h("tr", null, ["层级", "在此化解", "占比", "由其负责", "在办", "层级逾期", "超期"].map((name, place) => h("th", {scope: "col", class: place === 1 ? "bar" : null}, name)))),
    h("tbody", null, ladder.slice().sort((x, y) => "市县乡村不".indexOf(x.tier[0]) - "市县乡村不".indexOf(y.tier[0])).map(each => h("tr", null,
      h("td", {class: "tier"}, each.tier),
      bar(each.resolved.n, most, n(each.resolved, `${each.tier}级化解`)),
      h("td", null, percent(each.resolved.n, a.resolved.n)),
      h("td", null, n(each.answering, `${each.tier}级负责`)),
      h("td", null, n(each.open, `${each.tier}级在办`)),
      h("td", null, n(each.overrun, `${each.tier}级负责而逾期`)),
      h("td", null, n(each.overdue, `${each.tier}级超期`, each.overdue.n ? "bad" : ""))))),
    h("tfoot", null, h("tr", null, h("td", {colspan: "7"}, "期内受理 ", n(a.reported, "受理"), "，化解 ", n(a.resolved, "已化解"), "；知道层级的当中县级及以下 ",
      n(a.below, "县级及以下化解"), " ÷ ", n(a.known, "知道层级"), " = ", percent(a.below.n, a.known.n))))));
}

function drawCategories() {
  const inner = Boolean(shown.filter.category);
  title("categories", "类别", inner ? "所选类别之内" : "大类；点名称看小类");
  const most = Math.max(1, ...shown.categories.map(each => each.reported.n));
  const grown = each => {
    if (each.former === null) return h("span", {class: "muted", title: "上期没有数据"}, "—");
    if (Math.max(each.reported.n, each.former.n) < 10 || !each.former.n) return h("span", {class: "muted", title: `上期 ${each.former.n}`}, "数少");
    const share = (each.reported.n - each.former.n) / each.former.n;
    return [`${share > 0 ? "↑" : share < 0 ? "↓" : "→"}${Math.abs(100 * share).toFixed(0)}% `];
  };
  fill("categories", h("table", null,
    h("thead", null, h("tr", null, ["类别", "期内新增", "环比", "上期", "化解率", "在办"].map((name, place) => h("th", {scope: "col", class: place === 1 ? "bar" : null}, name)))),
    h("tbody", null, shown.categories.map(each => h("tr", null,
      h("td", {class: "name"}, each.code === shown.filter.category ? each.name : h("a", {href: `?${query({...shown.filter, category: each.code})}`, title: each.name, on: {click: event => { event.preventDefault(); choose({category: each.code}); }}}, each.name)),
      bar(each.reported.n, most, n(each.reported, `${each.name}期内新增`)),
      h("td", null, grown(each)),
      h("td", null, n(each.former, `${each.name}上期`)),
      h("td", {title: `已化解 ${each.resolved.n} ÷ 受理 ${each.reported.n}`}, each.reported.n < 10 ? h("span", {class: "muted"}, each.reported.n ? "数少" : "—") : percent(each.resolved.n, each.reported.n)),
      h("td", null, n(each.open, `${each.name}在办`)))))));
}

function drawSources() {
  title("sources", "来源", "一起纠纷可在几个系统，合计大于纠纷数");
  const most = Math.max(1, ...shown.sources.map(each => each.known.n));
  fill("sources", h("table", null,
    h("thead", null, h("tr", null, ["系统", "知道的纠纷", "占受理", "只有它知道"].map((name, place) => h("th", {scope: "col", class: place === 1 ? "bar" : null}, name)))),
    h("tbody", null, shown.sources.map(each => h("tr", null,
      h("td", {class: "name", title: each.name}, each.name),
      bar(each.known.n, most, n(each.known, `${each.name}知道的`)),
      h("td", null, percent(each.known.n, shown.headline.reported.n)),
      h("td", null, n(each.alone, `只有${each.name}知道的`)))))));
}

// ---- the drawer: rows behind a number, and one dispute; both stand in the address after #

const COLUMNS = {
  dispute: ["title", "risk_level", "status", "answering_tier", "deadline_at", "area_name", "category_name", "first_reported_at", "event_count", "sources", "resolved_at", "resolved_tier"],
  warning: ["level", "rule_name", "area_name", "category_name", "evidence", "raised_on", "status", "closed_reason", "judgement", "risk_level", "dispute_id"],
  notice: ["notice_date", "rank", "level", "rule_name", "area_name", "evidence", "told_because", "is_held_back", "held_back_reason", "dispute_id"],
};

async function route() {
  const [what, said] = location.hash.slice(1).split(/\?(.*)/s);
  const drawer = get("drawer");
  if (what !== "rows" && what !== "dispute") { if (drawer.open) drawer.close(); return; }
  if (!drawer.open) { origin = document.activeElement && document.activeElement.getAttribute("href"); drawer.showModal(); }
  fill("drawer-title", "正在取…");
  fill("drawer-tools");
  fill("drawer-body");
  try {
    const found = await ask(what === "rows" ? `/api/rows?${said}` : `/api/dispute?${said}`);
    if (location.hash.slice(1) !== `${what}?${said}`) return;
    if (what === "rows") drawRows(found); else drawDispute(found);
  } catch (error) {
    fill("drawer-title", error.message === "Failed to fetch" ? "连不上服务" : error.message);
  }
  get("drawer-title").focus();
}

function cell(name, row, of) {
  const value = row[name];
  if (name === "title") return h("td", {class: "long"}, dispute(row.dispute_id, value || "（无标题）"));
  if (name === "dispute_id") return h("td", null, h("a", {href: matter(row)}, value ? "看经过" : "看一周纠纷"));
  if (name === "level" || name === "risk_level") return h("td", null, badge(value));
  if (name === "category_name" && value) return h("td", {class: "some", title: value}, value.split("/").pop());
  if (name === "area_name" || name === "sources") return h("td", {class: "some"}, value || "");
  if (name === "evidence" || name === "held_back_reason") return h("td", {class: "long"}, value || "");
  if (name === "deadline_at" && row.is_overdue === "是") return h("td", null, value, " ", h("span", {class: "bad"}, "超期"));
  if (typeof value === "number") return h("td", {class: "num"}, number(value));
  return h("td", null, value === null || value === undefined ? h("span", {class: "muted"}, "—") : String(value));
}

function drawRows(found) {
  const turn = page => query({...found.said, page});
  fill("drawer-title", `${found.title}　${number(found.total)} 条`);
  fill("drawer-tools",
    h("span", {class: "pages"},
      h("button", {id: "before", disabled: found.page <= 1, on: {click: () => location.replace(`#rows?${turn(found.page - 1)}`)}}, "上一页"),
      h("span", null, `第 ${number(found.page)} / ${number(found.pages)} 页`),
      h("button", {id: "after", disabled: found.page >= found.pages, on: {click: () => location.replace(`#rows?${turn(found.page + 1)}`)}}, "下一页")),
    h("a", {class: "n", id: "export", href: `/api/rows.csv?${query(found.said)}`, download: ""}, "导出 CSV（全部列）"));
  const heads = Object.fromEntries(found.heads.map(({name, head}) => [name, head]));
  fill("drawer-body", found.rows.length ? h("table", {class: "rows"},
    h("thead", null, h("tr", null, COLUMNS[found.of].map(name => h("th", {scope: "col"}, heads[name])))),
    h("tbody", null, found.rows.map(row => h("tr", null, COLUMNS[found.of].map(name => cell(name, row, found.of))))))
    : h("p", {class: "empty"}, "没有这样的行。"));
  get("drawer-body").scrollTop = 0;
}

function drawDispute({dispute: a, timeline, warnings, conflicts, missing}) {
  fill("drawer-title", a.title || "（无标题）");
  fill("drawer-tools");
  const fact = (name, value, wide) => value === null || value === undefined || value === "" ? [] : [h("dt", null, name), h("dd", {class: wide ? "wide" : null}, value)];
  const area = [a.county_name, a.town_name, a.village_name].filter(Boolean).join("");
  const times = timeline.map(each => new Date(each.reported_at.replace(" ", "T")).getTime());
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const at = each => last > first ? `${1 + 98 * (new Date(each.reported_at.replace(" ", "T")).getTime() - first) / (last - first)}%` : "50%";
  const lanes = [...new Map(timeline.map(each => [each.source, each.source_name]))];
  fill("drawer-body",
    h("dl", {class: "facts"},
      fact("风险", [badge(a.risk_level), ` ${a.risk_score === null ? "" : `${a.risk_score} 分`}`]), fact("状态", a.status), fact("负责层级", a.responsible_tier && `${a.responsible_tier}级`), fact("时限", a.deadline_at && [a.deadline_at, a.is_overdue === "是" && h("span", {class: "bad"}, " 超期")]),
      fact("类别", a.category_name), fact("区域", area), fact("地点", a.place), fact("编号", a.dispute_id),
      fact("首次反映", a.first_reported_at), fact("最近反映", a.last_reported_at), fact("化解", a.resolved_at && `${a.resolved_at}${a.resolved_by_tier ? `，在${a.resolved_by_tier}级` : ""}`), fact("规模", `${a.event_count} 条记录，${a.reporter_count ?? "—"} 个反映人${a.persons_involved ? `，涉及 ${a.persons_involved} 人` : ""}`),
      fact("金额", a.amount && `${number(a.amount)} 元`), fact("复发自", a.recurrence_of && dispute(a.recurrence_of, "先前的纠纷")),
      fact("层级期限", a.tier_due_at && [a.tier_due_at, a.is_tier_overrun === "是" && h("span", {class: "bad"}, " 逾期")]), fact("风险依据", a.risk_explanation || a.risk_reasons, true)),
    h("div", {class: "story"},
      h("h3", null, "各系统何时知道", h("small", null, missing.length ? `没有记录的：${missing.join("、")}` : "五个系统都有记录")),
      h("div", {class: "lanes"}, lanes.map(([source, name]) => [h("span", null, name), h("span", {class: "lane"}, timeline.filter(each => each.source === source).map(each => h("i", {left: at(each), title: `${each.reported_at} ${each.link_name}`})))]),
        h("span"), h("span", {class: "ends"}, h("span", null, timeline.length ? timeline[0].reported_at : ""), h("span", null, timeline.length > 1 ? timeline[timeline.length - 1].reported_at : ""))),
      warnings.length ? [h("h3", null, "预警", h("small", null, `${warnings.length} 条`)), h("ul", {class: "steps"}, warnings.map(each => h("li", null,
        h("time", null, each.raised_on || each.first_seen_at), h("span", {class: "alarm"}, badge(each.level), h("b", null, each.rule_name)),
        h("p", null, each.evidence, h("span", {class: "because"}, `　${each.status}${each.closed_at ? `（${each.closed_at}${each.closed_reason ? `，${each.closed_reason}` : ""}）` : ""}${each.judgement ? `，判定${each.judgement}` : ""}${each.acknowledged_at ? `，${each.acknowledged_at} 签收` : ""}`)))))] : [],
      h("h3", null, "经过", h("small", null, `${timeline.length} 条记录，按受理时间`)),
      h("ol", {class: "steps"}, timeline.map(each => h("li", null,
        h("time", null, each.reported_at),
        h("span", {class: "from"}, h("b", null, each.source_name), h("span", null, each.source_record_id)),
        h("div", null,
          each.title && h("b", null, each.title), each.text && each.text !== each.title && h("p", null, each.text),
          h("p", {class: "because"}, [each.status && `状态 ${each.status}`, each.outcome && `结果 ${each.outcome}${each.outcome_at ? `（${each.outcome_at}）` : ""}`, each.handling_unit && `承办 ${each.handling_unit}`, each.deadline_at && `时限 ${each.deadline_at}`, each.threat_words && `扬言词 ${each.threat_words}`].filter(Boolean).join("；")),
          each.link_kind !== "first" && h("p", {class: "because"}, h("b", null, `归入：${each.link_name}`), each.match_probability !== null && `，匹配概率 ${each.match_probability.toFixed(3)}`, each.explanation && `；${each.explanation}`))))),
      conflicts.length ? [h("h3", null, "各系统说法不一", h("small", null, `${conflicts.length} 处`)), h("ul", {class: "steps"}, conflicts.map(each => h("li", null,
        h("time", null, each.at_r || each.at_l), h("b", null, each.kind_name), h("p", null, `${each.name_l}：${each.value_l ?? "—"}　；　${each.name_r}：${each.value_r ?? "—"}`))))] : []));
  get("drawer-body").scrollTop = 0;
}

function shut() {
  history.pushState(null, "", location.pathname + location.search);
  get("drawer").close();
}
get("drawer").addEventListener("close", () => {
  if (location.hash) history.pushState(null, "", location.pathname + location.search);
  const back = origin && document.querySelector(`main a[href=${JSON.stringify(origin)}]`);
  if (back) back.focus();
});
get("drawer").addEventListener("click", event => event.target === get("drawer") && shut());
get("close").addEventListener("click", shut);
get("back").addEventListener("click", () => history.back());
addEventListener("hashchange", route);

// ---- keys, wall, following the publication

const PANELS = ["warnings", "late", "trend", "areas", "ladder", "categories", "sources"];
function setWall(on) {
  document.documentElement.classList.toggle("wall", on);
  get("wall").setAttribute("aria-pressed", String(on));
}
get("wall").addEventListener("click", () => {
  const on = !document.documentElement.classList.contains("wall");
  const said = new URLSearchParams(location.search);
  said.set("wall", on ? "1" : "0");
  history.replaceState(null, "", `${location.pathname}?${said}${location.hash}`);
  setWall(on);
  drawTrend();
});
get("help").addEventListener("click", () => get("usage").showModal());
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const key = event.key;
  if (get("drawer").open) {
    const turn = {ArrowLeft: "before", ArrowRight: "after"}[key];
    if (turn && get(turn)) get(turn).click();
    return;
  }
  if (get("usage").open) return;
  if (key >= "1" && key <= "7") get(`p-${PANELS[key - 1]}`).focus();
  else if (key === "f" || key === "F") { event.preventDefault(); get("below").focus(); }
  else if (key === "b" || key === "B") get("wall").click();
  else if (key === "?") get("help").click();
});
let sizing;
addEventListener("resize", () => { clearTimeout(sizing); sizing = setTimeout(() => !asTable && drawTrend(), 150); });

async function follow() {
  const trouble = get("trouble");
  try {
    const state = await ask("/api/state");
    trouble.hidden = !state.problem;
    trouble.textContent = state.problem || "";
    if (state.number !== seenNumber) { await choose({}, {isNew: false}); tell(`已换到第 ${seenNumber} 号发布`); }
  } catch (error) {
    trouble.hidden = false;
    trouble.textContent = "连不上服务，显示的是先前的内容";
  }
}
setInterval(follow, 15000);

const said = new URLSearchParams(location.search).get("wall");
setWall(said === null ? innerWidth >= 3000 : said === "1");
get("leave").hidden = !boot.user;
draw();
addEventListener("load", () => { if (!asTable) drawTrend(); });  // the chart's script is there now
if (location.hash) route();
