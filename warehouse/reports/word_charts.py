"""Word's own charts: DrawingML parts with the workbook that they can be edited from, no picture, no font.

Here: XML of line and bar charts, and putting them into a document. Not here: charts in HTML (`charts`).
Chart -> chart part, embedded workbook -> paragraph
"""

import io
from datetime import datetime
from html import escape
from typing import Any

import xlsxwriter
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from warehouse.reports.document import Chart, Series

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PACKAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"
_NS = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_COLOURS = ("C00000", "A6ACB3")
_EMU_PER_MM = 36000
_WIDTH_MM = 150


def add(document: Any, run: Any, chart: Chart, number: int, made_at: datetime) -> None:
    """Puts a chart into a run; ``number`` tells the charts of a document apart."""
    package = document.part.package
    workbook = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), _SHEET, _workbook(chart, made_at), package)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART, b"", package)
    data_id = part.relate_to(workbook, _PACKAGE)
    part._blob = _xml(chart, data_id).encode()
    chart_id = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    height = 62 if chart.kind == "line" else 18 + 7 * len(chart.labels)
    run._r.append(parse_xml(_drawing(chart, chart_id, number, min(height, 150))))


def _drawing(chart: Chart, chart_id: str, number: int, height_mm: int) -> str:
    wide, high = _WIDTH_MM * _EMU_PER_MM, height_mm * _EMU_PER_MM
    return (
        '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{1000 + number}" name="图{number}" descr="{escape(chart.title)}"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        f'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="{chart_id}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )


def _workbook(chart: Chart, made_at: datetime) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        book.set_properties({"created": made_at})
        sheet = book.add_worksheet("数据")
        sheet.write_column(1, 0, chart.labels)
        for at, series in enumerate(chart.series, start=1):
            sheet.write(0, at, series.name)
            for row, value in enumerate(series.values, start=1):
                if value is not None:
                    sheet.write_number(row, at, value)
    return held.getvalue()


def _xml(chart: Chart, data_id: str) -> str:
    is_line = chart.kind == "line"
    series = "".join(_series(chart, at, each) for at, each in enumerate(chart.series))
    if is_line:
        plot = f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{series}<c:marker val="1"/>{_axes()}'
        plot += "</c:lineChart>"
    else:
        plot = (
            f'<c:barChart><c:barDir val="bar"/><c:grouping val="clustered"/><c:varyColors val="0"/>{series}'
            f'<c:gapWidth val="50"/>{_axes()}</c:barChart>'
        )
    legend = '<c:legend><c:legendPos val="t"/><c:overlay val="0"/></c:legend>' if len(chart.series) > 1 else ""
    category = (
        '<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="{turn}"/></c:scaling><c:delete val="0"/>'
        '<c:axPos val="{side}"/><c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="low"/>{text}<c:crossAx val="2"/><c:crosses val="autoZero"/>'
        '<c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="50"/>{skip}<c:noMultiLvlLbl val="1"/></c:catAx>'
    ).format(
        turn="minMax" if is_line else "maxMin",
        side="b" if is_line else "l",
        text=_text(900),
        skip='<c:tickLblSkip val="5"/>' if is_line and len(chart.labels) > 14 else "",
    )
    value = (
        '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="{side}"/><c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill>'
        '<a:srgbClr val="D9D9D9"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>'
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        '<c:tickLblPos val="nextTo"/>{text}<c:crossAx val="1"/><c:crosses val="{crosses}"/></c:valAx>'
    ).format(side="l" if is_line else "b", text=_text(900), crosses="autoZero" if is_line else "max")
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><c:chartSpace {_NS}><c:roundedCorners val="0"/>'
        f'<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>{plot}{category}{value}</c:plotArea>{legend}'
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln>'
        f'</c:spPr>{_text(1000)}<c:externalData r:id="{data_id}"><c:autoUpdate val="0"/></c:externalData>'
        "</c:chartSpace>"
    )


def _series(chart: Chart, at: int, series: Series) -> str:
    colour = f'<a:solidFill><a:srgbClr val="{_COLOURS[at]}"/></a:solidFill>'
    column = "BC"[at]
    last = len(chart.labels) + 1
    if chart.kind == "line":
        dash = '<a:prstDash val="sysDash"/>' if at else ""
        look = f'<c:spPr><a:ln w="22225">{colour}{dash}</a:ln></c:spPr><c:marker><c:symbol val="none"/></c:marker>'
        tail = '<c:smooth val="0"/>'
    else:
        shown = "" if at else (
            f'<c:dLbls><c:spPr><a:noFill/></c:spPr>{_text(800)}<c:showLegendKey val="0"/><c:showVal val="1"/>'
            '<c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/>'
            '<c:showBubbleSize val="0"/></c:dLbls>'
        )  # fmt: skip
        look = f'<c:spPr>{colour}</c:spPr><c:invertIfNegative val="0"/>{shown}'
        tail = ""
    names = "".join(
        f'<c:pt idx="{index}"><c:v>{escape(label)}</c:v></c:pt>' for index, label in enumerate(chart.labels)
    )
    values = "".join(
        f'<c:pt idx="{index}"><c:v>{value:g}</c:v></c:pt>'
        for index, value in enumerate(series.values)
        if value is not None
    )
    count = f'<c:ptCount val="{len(chart.labels)}"/>'
    return (
        f'<c:ser><c:idx val="{at}"/><c:order val="{at}"/><c:tx><c:strRef><c:f>数据!${column}$1</c:f><c:strCache>'
        f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(series.name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f"{look}"
        f"<c:cat><c:strRef><c:f>数据!$A$2:$A${last}</c:f><c:strCache>{count}{names}</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:f>数据!${column}$2:${column}${last}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f"{count}{values}</c:numCache></c:numRef></c:val>{tail}</c:ser>"
    )


def _axes() -> str:
    return '<c:axId val="1"/><c:axId val="2"/>'


def _text(size: int) -> str:
    """Text of charts: ``size`` in hundredths of a point."""
    return (
        f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}"><a:latin typeface="Times New Roman"/>'
        '<a:ea typeface="宋体"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )
