"""A report as one HTML file: complete without a network, printable, every number opens its query.

Here: turning the pieces into what the template shows. Not here: what is said, pictures (`charts`).
Report -> HTML
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from warehouse.reports.charts import svg
from warehouse.reports.document import Chart, Grid, Heading, Paragraph, Report
from warehouse.reports.figures import runs
from warehouse.reports.periods import day_name

_HERE = Path(__file__).parent


def render(report: Report) -> str:
    """Renders a report; the same report gives the same text."""
    ordinals = {figure.number: at for at, figure in enumerate(report.figures, start=1)}
    meanings = {figure.number: figure.says for figure in report.figures}

    def marked(text: str) -> Markup:
        parts = []
        for run in runs(text):
            if run.figure is None:
                parts.append(escape(run.text))
            else:
                at = ordinals[run.figure]
                parts.append(Markup('<a class="n" href="#n{}" title="{}">{}</a>').format(
                    at, meanings[run.figure], run.text))  # fmt: skip
        return Markup("").join(parts)

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["marked"] = marked
    environment.filters["svg"] = lambda chart: Markup(svg(chart))
    environment.tests["heading"] = lambda block: isinstance(block, Heading)
    environment.tests["paragraph"] = lambda block: isinstance(block, Paragraph)
    environment.tests["grid"] = lambda block: isinstance(block, Grid)
    environment.tests["chart"] = lambda block: isinstance(block, Chart)
    return environment.get_template("report.html").render(
        report=report,
        issued_on=day_name(report.issued_on),
        queries=report.queries,
        css=Markup((_HERE / "report.css").read_text("utf-8")),
        js=Markup((_HERE / "report.js").read_text("utf-8")),
    )
