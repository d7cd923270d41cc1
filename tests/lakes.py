"""Lakes for tests: where they lie, and all that a lake publishes as frames."""

import duckdb

from pipelines.settings import Settings


def settings_in(folder, landing):
    """A lake and its key inside ``folder``."""
    return Settings(landing=landing, root=folder / "lake", key_file=folder / "lake.key")


def snapshot(settings):
    """Every published view but the publication's own number, sorted."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        views = [row[0] for row in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
        return {view: con.execute(f"SELECT * FROM {view} ORDER BY ALL").df() for view in views if view != "publication"}
