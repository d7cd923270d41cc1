"""The quality pages in Chromium, opened from a folder with every network name refused."""

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


def opened(page, profile):
    """The page as Chromium has it after its scripts ran, and what the console said."""
    assert shutil.which("chromium"), "需要 chromium：apt-get install chromium fonts-noto-cjk"
    command = [*CHROMIUM, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line or "ERR_NAME_NOT_RESOLVED" in line]
    return done.stdout, console


def test_the_first_page_shows_every_source_and_asks_the_network_for_nothing(published, tmp_path):
    html, console = opened(published.published / "quality" / "index.html", tmp_path)
    assert console == []
    for label in ("12345", "110", "云智调", "数字城管", "云综治"):
        assert label in html
    for dimension in ("完整性", "准确性", "一致性", "及时性", "唯一性", "有效性"):
        assert dimension in html
    assert "<svg" in html


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
