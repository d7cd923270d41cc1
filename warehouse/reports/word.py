"""A report as DOCX in the layout of GB/T 9704-2012: red head, 仿宋 三号, 28 points a line, page numbers — 1 —.

Here: fonts, margins, styles, tables, the red head and the record at the end, bytes that depend on the report alone.
Not here: what is said, Word's charts (`word_charts`).
Report -> DOCX

The standard asks for 方正小标宋 in titles; where it is not installed Word takes 宋体 (font table, altName).
"""

import io
import re
import zipfile
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line

from warehouse.reports import word_charts
from warehouse.reports.document import Chart, Grid, Heading, Paragraph, Report
from warehouse.reports.figures import Figure, runs
from warehouse.reports.periods import day_name

_LATIN = "Times New Roman"
_FANGSONG, _HEITI, _KAITI, _TITLE, _SONGTI = "仿宋", "黑体", "楷体", "方正小标宋简体", "宋体"
_RED = RGBColor(0xC0, 0, 0)
_BODY, _LINE = Pt(16), Pt(28)  # 三号
_TEXT_MM, _MARGINS_MM = 156, (37, 35, 28, 26)  # top, bottom, left, right
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_HEADINGS = {1: (_HEITI, False), 2: (_KAITI, False), 3: (_FANGSONG, True)}


def render(report: Report) -> bytes:
    """Renders a report; the same report gives the same bytes."""
    return _Writer(report).bytes()


class _Writer:
    """One document in the making."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.figures = {figure.number: (at, figure) for at, figure in enumerate(report.figures, start=1)}
        self.made_at = datetime.combine(report.issued_on, time())
        self.document: Any = Document()
        self._charts = 0
        self._page()
        self._styles()
        self._properties()

    def bytes(self) -> bytes:
        self._head()
        for block in self.report.blocks:
            self._block(block)
        self._notes()
        self._record()
        self._sources()
        held = io.BytesIO()
        self.document.save(held)
        return _fixed(held.getvalue())

    # layout

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(_MARGINS_MM[0]), Mm(_MARGINS_MM[1])
        section.left_margin, section.right_margin = Mm(_MARGINS_MM[2]), Mm(_MARGINS_MM[3])
        section.footer_distance = Mm(28)
        section.header_distance = Mm(20)
        self.document.settings.odd_and_even_pages_header_footer = True
        for footer, side in (
            (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
            (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        ):
            footer.is_linked_to_previous = False
            _page_number(footer.paragraphs[0], side)
        if self.report.label:
            for header in (section.header, section.even_page_header):
                header.is_linked_to_previous = False
                paragraph = header.paragraphs[0]
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                _write(paragraph, self.report.label, _HEITI, Pt(10.5), colour=_RED)

    def _styles(self) -> None:
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = _LATIN, _BODY
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FANGSONG)
        spacing = normal.paragraph_format
        spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
        spacing.space_before = spacing.space_after = Pt(0)
        for level, (font, is_bold) in _HEADINGS.items():
            style = self.document.styles[f"Heading {level}"]
            style.font.name, style.font.size, style.font.bold, style.font.italic = _LATIN, _BODY, is_bold, False
            style.font.color.rgb = RGBColor(0, 0, 0)
            fonts = style.element.rPr.rFonts
            for name in list(fonts.attrib):
                del fonts.attrib[name]
            fonts.set(qn("w:ascii"), _LATIN)
            fonts.set(qn("w:hAnsi"), _LATIN)
            fonts.set(qn("w:eastAsia"), font)
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
            style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
            style.paragraph_format.line_spacing = _LINE
            style.paragraph_format.keep_with_next = True
        for part in self.document.part.package.iter_parts():
            if str(part.partname) == "/word/fontTable.xml":
                known = part._blob.decode()
                stand_in = f'<w:font w:name="{_TITLE}"><w:altName w:val="{_SONGTI}"/></w:font></w:fonts>'
                part._blob = known.replace("</w:fonts>", stand_in).encode()

    def _properties(self) -> None:
        core = self.document.core_properties
        core.title = self.report.title
        core.subject = self.report.label or ""
        core.author = core.last_modified_by = self.report.issuer
        core.created = core.modified = self.made_at
        core.comments, core.keywords, core.revision = "", "", 1

    # parts

    def _head(self) -> None:
        report = self.report
        if report.label:
            _write(self._line(WD_ALIGN_PARAGRAPH.CENTER), f"【{report.label}】", _HEITI, _BODY, colour=_RED)
        red = self._line(WD_ALIGN_PARAGRAPH.CENTER)
        size = min(42.0, _TEXT_MM / 25.4 * 72 / len(report.red_head))
        red.paragraph_format.line_spacing = Pt(size * 1.5)
        _write(red, report.red_head, _TITLE, Pt(int(size)), colour=_RED, is_bold=True)
        _write(self._line(WD_ALIGN_PARAGRAPH.CENTER), report.issue, _FANGSONG, _BODY)
        line = self._line(WD_ALIGN_PARAGRAPH.LEFT)
        line.paragraph_format.tab_stops.add_tab_stop(Mm(_TEXT_MM), WD_TAB_ALIGNMENT.RIGHT)
        _write(line, f"{report.issuer}\t{day_name(report.issued_on)}", _FANGSONG, _BODY)
        _border(line, "bottom", 18, "C00000")
        title = self._line(WD_ALIGN_PARAGRAPH.CENTER)
        title.paragraph_format.space_before = title.paragraph_format.space_after = Pt(16)
        title.paragraph_format.line_spacing = Pt(34)
        _write(title, report.title, _TITLE, Pt(22), is_bold=True)

    def _block(self, block: Heading | Paragraph | Grid | Chart) -> None:
        if isinstance(block, Heading):
            paragraph = self.document.add_paragraph(style=f"Heading {block.level}")
            _indent(paragraph)
            self._marked(paragraph, block.text)
        elif isinstance(block, Paragraph):
            paragraph = self._line(WD_ALIGN_PARAGRAPH.JUSTIFY)
            _indent(paragraph)
            if block.lead:
                _write(paragraph, block.lead, _FANGSONG, _BODY, is_bold=True)
            self._marked(paragraph, block.text)
        elif isinstance(block, Grid):
            self._grid(block)
        else:
            self._caption(block.title)
            self._charts += 1
            paragraph = self._line(WD_ALIGN_PARAGRAPH.CENTER)
            paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
            word_charts.add(self.document, paragraph.add_run(), block, self._charts, self.made_at)

    def _caption(self, text: str) -> None:
        paragraph = self._line(WD_ALIGN_PARAGRAPH.CENTER)
        paragraph.paragraph_format.space_before = Pt(6)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.line_spacing = Pt(22)
        self._marked(paragraph, text, _HEITI, Pt(12))

    def _grid(self, grid: Grid) -> None:
        self._caption(grid.caption)
        small = len(grid.head) > 5 and len(grid.wide) > 1
        size = Pt(9) if small else Pt(10.5)
        table = self._table(grid.widths, [grid.head, *grid.rows])
        for at, cells in enumerate([grid.head, *grid.rows]):
            for column, text in enumerate(cells):
                paragraph = _cell(table, at, column, size)
                paragraph.paragraph_format.keep_with_next = at in (0, len(grid.rows))  # neither head nor note alone
                if at and column in grid.wide:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
                self._marked(paragraph, text, _HEITI if at == 0 else _FANGSONG, size)
        note = self._line(WD_ALIGN_PARAGRAPH.LEFT)
        note.paragraph_format.line_spacing = Pt(16)
        note.paragraph_format.space_after = Pt(8)
        self._marked(note, grid.note, _FANGSONG, Pt(10.5))

    def _table(self, widths: tuple[int, ...], rows: list[Any]) -> Any:
        table = self.document.add_table(rows=len(rows), cols=len(widths))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        total = sum(widths)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(_TEXT_MM * width / total)
        for at, row in enumerate(table.rows):
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if at == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for cell, width in zip(row._tr.tc_lst, widths, strict=True):
                cell.width = Mm(_TEXT_MM * width / total)
        return table

    def _notes(self) -> None:
        first = self._line(WD_ALIGN_PARAGRAPH.LEFT)
        first.paragraph_format.space_before = Pt(16)
        first.paragraph_format.keep_with_next = True
        _indent(first)
        _write(first, "附记", _HEITI, Pt(12))
        for at, text in enumerate(self.report.notes, start=1):
            paragraph = self._line(WD_ALIGN_PARAGRAPH.JUSTIFY)
            paragraph.paragraph_format.line_spacing = Pt(20)
            _indent(paragraph)
            _write(paragraph, f"{at}.", _FANGSONG, Pt(12))
            self._marked(paragraph, text, _FANGSONG, Pt(12))

    def _record(self) -> None:
        """版记: to whom it goes, who printed it when, between lines of the page's width."""
        lines = [f"{how}：{who}" for how, who in self.report.copies]
        for at, text in enumerate(lines):
            paragraph = self._line(WD_ALIGN_PARAGRAPH.LEFT)
            paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
            paragraph.paragraph_format.keep_with_next = True
            if at == 0:
                paragraph.paragraph_format.space_before = Pt(28)
                _border(paragraph, "top", 8, "000000")
            _write(paragraph, text, _FANGSONG, Pt(14))
        last = self._line(WD_ALIGN_PARAGRAPH.LEFT)
        last.paragraph_format.left_indent = last.paragraph_format.right_indent = Pt(14)
        last.paragraph_format.tab_stops.add_tab_stop(Mm(_TEXT_MM) - Pt(14), WD_TAB_ALIGNMENT.RIGHT)
        _border(last, "top", 4, "000000")
        _border(last, "bottom", 8, "000000")
        _write(last, f"{self.report.issuer}\t{day_name(self.report.issued_on)}印发", _FANGSONG, Pt(14))

    def _sources(self) -> None:
        """附件: the queries; every number links to its own."""
        title = self._line(WD_ALIGN_PARAGRAPH.LEFT)
        title.paragraph_format.page_break_before = True
        _write(title, "附件", _HEITI, _BODY)
        head = self._line(WD_ALIGN_PARAGRAPH.CENTER)
        head.paragraph_format.space_after = Pt(8)
        _write(head, "取数说明", _TITLE, Pt(22), is_bold=True)
        about = self._line(WD_ALIGN_PARAGRAPH.JUSTIFY)
        _indent(about)
        _write(
            about,
            f"本报告的数字均由下列查询得来。按住 Ctrl 点正文里的数字到其查询，指着它可见编号与含义；"
            f"各查询全文和每个编号的语句见“{self.report.stem}_取数.sql”，在 warehouse.duckdb 上执行即得该数。",
            _FANGSONG,
            Pt(12),
        )
        rows = [("查询", "取什么", "数字编号")]
        for query in self.report.queries:
            mine = [at for at, figure in self.figures.values() if figure.query.view == query.view]
            rows.append((query.view, query.says, _ranges(mine) if mine else "图"))
        table = self._table((6, 12, 6), rows)
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                paragraph = _cell(table, at, column, Pt(9))
                if at and column < 2:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
                if at and column == 0:
                    _bookmark(paragraph, text, at)
                _write(paragraph, text, _HEITI if at == 0 else _FANGSONG, Pt(9))

    # text

    def _line(self, alignment: Any) -> Any:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = alignment
        return paragraph

    def _marked(self, paragraph: Any, text: str, font: str | None = None, size: Any = None) -> None:
        """Writes a text; each figure becomes a link to its query that looks like the text around it."""
        for run in runs(text):
            written = _write(paragraph, run.text, font, size)
            if run.figure is not None:
                at, figure = self.figures[run.figure]
                _link(written, figure, at)


def _write(
    paragraph: Any, text: str, font: str | None, size: Any, *, colour: Any = None, is_bold: bool | None = None
) -> Any:
    run = paragraph.add_run(text)
    if size is not None:
        run.font.size = size
    if is_bold is not None:
        run.font.bold = is_bold
    if colour is not None:
        run.font.color.rgb = colour
    if font is not None:
        run.font.name = _LATIN
        run._r.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), font)
    return run


def _link(run: Any, figure: Figure, at: int) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), figure.query.view)
    link.set(qn("w:tooltip"), f"第{at}号：{figure.says}（查询 {figure.query.view}）")
    link.set(qn("w:history"), "1")
    run._r.addprevious(link)
    link.append(run._r)


def _bookmark(paragraph: Any, name: str, number: int) -> None:
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(tag)
        mark.set(qn("w:id"), str(number))
        if tag == "w:bookmarkStart":
            mark.set(qn("w:name"), name)
        paragraph._p.append(mark)


def _cell(table: Any, row: int, column: int, size: Any) -> Any:
    paragraph = table._tbl.tr_lst[row].tc_lst[column].p_lst[0]
    line = Line(paragraph, table)
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line.paragraph_format.line_spacing = Pt(size.pt + 5)
    return line


def _indent(paragraph: Any) -> None:
    """First line by two characters, whatever their size."""
    properties = paragraph._p.get_or_add_pPr()
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")


def _border(paragraph: Any, side: str, eighths: int, colour: str) -> None:
    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    border = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        border.set(qn(f"w:{name}"), value)
    borders.append(border)


def _page_number(paragraph: Any, side: Any) -> None:
    paragraph.alignment = side
    if side == WD_ALIGN_PARAGRAPH.RIGHT:
        paragraph.paragraph_format.right_indent = Pt(14)
    else:
        paragraph.paragraph_format.left_indent = Pt(14)
    _write(paragraph, "— ", _SONGTI, Pt(14))
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = _write(paragraph, "", _SONGTI, Pt(14))
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.text = text
        run._r.append(element)
    _write(paragraph, " —", _SONGTI, Pt(14))


def _ranges(numbers: list[int]) -> str:
    """1–5、9: runs of numbers said once."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return "、".join(f"{part[0]}" if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts)


def _fixed(package: bytes) -> bytes:
    """The same package with a fixed time on every entry."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(held, "w") as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            content = source.read(name)
            if name == "docProps/app.xml":  # the template's own word counts say nothing about this text
                content = re.sub(rb"<(TotalTime|Pages|Words|Characters|Lines|Paragraphs|CharactersWithSpaces)>\d+</\1>",
                                 b"", content)  # fmt: skip
            target.writestr(entry, content)
    return held.getvalue()
