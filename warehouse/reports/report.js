"use strict";
// A number opens the one statement that gives it; without this script the link leads to its row in the appendix.
(() => {
  const panel = document.getElementById("panel"), what = document.getElementById("what"), sql = document.getElementById("sql");
  let from = null;
  const close = () => {
    panel.hidden = true;
    if (from) { from.classList.remove("on"); from.focus(); from = null; }
  };
  const open = (link) => {
    const row = document.getElementById(link.hash.slice(1));
    if (!row) return false;
    const [at, value, says, view, select] = [...row.cells].map((cell) => cell.textContent);
    const query = document.querySelector(`#${CSS.escape(view)} pre`).textContent;
    if (from) from.classList.remove("on");
    from = link;
    link.classList.add("on");
    what.textContent = `第 ${at} 号：${value}，${says}`;
    sql.textContent = `WITH ${view} AS (\n${query.trim()}\n)\n${select};`;
    panel.hidden = false;
    panel.scrollTop = 0;
    return true;
  };
  document.addEventListener("click", (event) => {
    const number = event.target.closest("a.n");
    if (number && open(number)) { event.preventDefault(); return; }
    const chart = event.target.closest("a.q, .figures a");
    if (chart) document.getElementById("sources").open = true;
  });
  document.getElementById("close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) close(); });
  document.getElementById("copy").addEventListener("click", () => {
    const range = document.createRange();
    range.selectNodeContents(sql);
    const chosen = window.getSelection();
    chosen.removeAllRanges();
    chosen.addRange(range);
    if (navigator.clipboard) navigator.clipboard.writeText(sql.textContent).catch(() => {});
  });
})();
