"""The notebook of the documentation runs from top to bottom, and its file holds no result."""

import importlib.util
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "first_look.py"


def test_the_notebook_runs_on_a_published_lake(published, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(published.root))
    spec = importlib.util.spec_from_file_location("first_look", NOTEBOOK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outputs, defined = module.app.run()
    defined["con"].close()
    assert len(outputs) >= 8
    for name in ("totals", "weeks", "counties", "warnings", "timeline"):
        assert len(defined[name]) > 0, name
    assert int(defined["totals"]["纠纷"].iloc[0]) == defined["counties"]["纠纷"].sum()


def test_the_notebook_is_plain_code_and_what_marimo_keeps_beside_it_is_not_committed():
    text = NOTEBOOK.read_text("utf-8")
    assert "http" not in text and "data:" not in text
    assert not list(NOTEBOOK.parent.glob("*.ipynb"))
    assert "__marimo__/" in (NOTEBOOK.parents[2] / ".gitignore").read_text("utf-8").splitlines()
