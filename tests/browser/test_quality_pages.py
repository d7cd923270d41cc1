"""The quality pages in Chromium, opened from a folder with every network name refused."""

import json
import re
import shutil
import subprocess

import pytest

CHROMIUM = [
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
    "--virtual-time-budget=10000",
]
# What a person would see at this width: is the page wider than its window, and does each list scroll in its own box?
MEASURE = """
<script>
addEventListener("load", function () {
  document.querySelectorAll("details").forEach(function (each) { each.open = true; });
  var root = document.documentElement, wide = [];
  document.querySelectorAll("section, header, nav, .tile, .scroll").forEach(function (each) {
    var right = each.getBoundingClientRect().right;
    if (right > root.clientWidth + 1) { wide.push(each.id || each.className || each.tagName); }
  });
  document.title = JSON.stringify({width: root.clientWidth, content: root.scrollWidth, wide: wide});
});
</script>
"""
CHOOSE = """
<script>
addEventListener("load", function () {
  var select = document.querySelector("nav select");
  select.value = "police"; select.dispatchEvent(new Event("change"));
  var shown = new Set();
  document.querySelectorAll("[data-source]").forEach(function (each) {
    if (each.offsetParent !== null) { shown.add(each.dataset.source); }
  });
  document.title = JSON.stringify({options: select.options.length, shown: Array.from(shown).sort()});
});
</script>
"""


def opened(page, profile, *flags):
    """The page as Chromium has it after its scripts ran, and what the console said."""
    assert shutil.which("chromium"), "需要 chromium：apt-get install chromium fonts-noto-cjk"
    command = [*CHROMIUM, *flags, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line or "ERR_NAME_NOT_RESOLVED" in line]
    return done.stdout, console


def asked(published, folder, script, *flags):
    """What ``script``, added to a copy of the first page, wrote as JSON into its title."""
    html = (published.published / "quality" / "index.html").read_text(encoding="utf-8")
    copy = folder / "index.html"
    copy.write_text(html.replace("</body>", script + "</body>"), encoding="utf-8")
    dom, console = opened(copy, folder / "profile", *flags)
    assert console == []
    return json.loads(re.search(r"<title>(.*?)</title>", dom)[1].replace("&quot;", '"'))


def test_the_first_page_shows_every_source_and_asks_the_network_for_nothing(published, tmp_path):
    html, console = opened(published.published / "quality" / "index.html", tmp_path)
    assert console == []
    for label in ("12345", "110", "云智调", "数字城管", "云综治"):
        assert label in html
    for dimension in ("完整性", "准确性", "一致性", "及时性", "唯一性", "有效性"):
        assert dimension in html
    assert html.count("<svg viewBox") >= 5


@pytest.mark.parametrize("size", ["1366,768", "500,900"])
def test_nothing_is_wider_than_the_window_with_every_list_open(published, tmp_path, size):
    seen = asked(published, tmp_path, MEASURE, f"--window-size={size}")
    assert abs(seen["width"] - int(size.split(",")[0])) < 20
    assert seen["content"] <= seen["width"]
    assert seen["wide"] == []


def test_the_reader_can_look_at_one_source_alone(published, tmp_path):
    seen = asked(published, tmp_path, CHOOSE)
    assert seen["options"] == 6
    assert seen["shown"] == ["", "police"]


def test_every_link_of_the_page_leads_to_a_section_or_a_file_beside_it(published):
    index = published.published / "quality" / "index.html"
    html = index.read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', html)
    assert {"#todo", "#score", "#column", "#signature", "data_docs/index.html"} <= set(links)
    for link in links:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in html, link
        else:
            assert (index.parent / link).is_file(), link


@pytest.mark.parametrize("source", ["hotline", "event"])
def test_data_docs_open_without_a_network_and_have_their_styles(published, tmp_path, source):
    docs = published.published / "quality" / "data_docs"
    pages = sorted(page for page in docs.rglob("*.html") if f"/validations/{source}/" in page.as_posix())
    assert pages
    html, console = opened(pages[0], tmp_path)
    assert console == []
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']https?:", html)
    styles = re.findall(r"<link[^>]+href=[\"']([^\"']+\.css)", html)
    assert styles
    assert all((pages[0].parent / style).resolve().is_file() for style in styles)
