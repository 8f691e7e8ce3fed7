"""Files in and out: what is refused before it is read, and cells that no spreadsheet runs."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from marketplace.catalog.lists import sheets
from marketplace.catalog.lists.sheets import harmless, read_sheet, write_sheet
from marketplace.core.refusals import Invalid

HEAD, BODY = (
    ["编码", "名称"],
    [["A1", '=HYPERLINK("http://x")'], ["A2", "+86 139"], ["A3", "-"], ["A4", "@SUM(1)"], ["A5", "普通"]],
)


def upload(name, content):
    return SimpleUploadedFile(name, content)


def refused(name, content):
    with pytest.raises(Invalid) as why:
        read_sheet(upload(name, content))
    assert why.value.field == "file"
    return why.value.code


def book(*rows):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_written_is_read_back_and_runs_nothing(kind):
    content = write_sheet(kind, "清单", HEAD, BODY)
    rows = read_sheet(upload(f"清单.{kind}", content))
    assert [cells for _number, cells in rows] == [HEAD, *BODY]
    assert [number for number, _cells in rows] == [1, 2, 3, 4, 5, 6]
    if kind == "xlsx":
        cells = [cell for row in load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} == {"s"}
        shown = [str(cell.value) for cell in cells]
    else:
        shown = [cell for line in content.decode("utf-8-sig").splitlines() for cell in line.replace('"', "").split(",")]
    assert not [text for text in shown if text[:1] in "=+-@"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_every_way_to_begin_a_formula_is_kept_from_it(text):
    assert harmless(text) == "'" + text


def test_files_of_chinese_spreadsheets_are_read():
    assert read_sheet(upload("a.csv", "编码;名称\nA1;事项\n\n".encode("gb18030"))) == [
        (1, ["编码", "名称"]),
        (2, ["A1", "事项"]),
    ]
    rows = read_sheet(
        upload("a.XLSX", book(["编码", "数", "日"], ["A1", 3.0, True], [None, None, None], ["A2", 3.5, False]))
    )
    assert rows == [(1, ["编码", "数", "日"]), (2, ["A1", "3", "是"]), (4, ["A2", "3.5", "否"])]


def test_other_files_are_refused_in_a_sentence():
    assert refused("a.xls", b"\xd0\xcf\x11\xe0" + b"x" * 100) == "sheet_old_excel"
    assert refused("a.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 100) == "sheet_old_excel"
    assert refused("a.csv", b"MZ\x90\x00") == "sheet_content"
    assert refused("a.xlsx", b"MZ\x90\x00") == "sheet_content"
    assert refused("a.csv", book(["a"])) == "sheet_content"
    assert refused("a.exe", b"MZ") == "sheet_kind"
    assert refused("a.pdf", b"%PDF-1.7") == "sheet_kind"
    assert refused("a.csv", b"") == "sheet_empty"
    assert refused("a.csv", b"\n \n") == "sheet_empty"
    assert refused("a.csv", b"a\0b") == "sheet_content"
    assert refused("a.csv", b"\xff\xff\xff") == "sheet_encoding"
    assert refused("a.xlsx", b"PK\x03\x04 broken") == "sheet_content"


def test_sixty_megabytes_are_refused_unread():
    class Large(io.BytesIO):
        name, size = "a.csv", 60 * 1024 * 1024

        def read(self, *_size):
            raise AssertionError("it is not read")

    with pytest.raises(Invalid) as why:
        read_sheet(Large())
    assert why.value.code == "sheet_too_large"
    assert "60.0 MB" in str(why.value)


def test_a_bomb_is_refused_before_it_unpacks():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (121 * 1024 * 1024))
    assert len(out.getvalue()) < 1024 * 1024
    assert refused("a.xlsx", out.getvalue()) == "sheet_bomb"


def test_another_archive_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.exe", b"MZ")
    assert refused("a.xlsx", out.getvalue()) == "sheet_content"


def test_what_a_workbook_claims_to_span_is_not_believed():
    made = Workbook()
    made.active["A1"] = "编码"
    made.active.cell(row=1_048_576, column=1, value="far")
    out = io.BytesIO()
    made.save(out)
    assert refused("a.xlsx", out.getvalue()) == "sheet_rows"


def test_too_many_rows_and_endless_cells_are_refused(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    assert len(read_sheet(upload("a.csv", b"a\n" * 4))) == 4
    assert refused("a.csv", b"a\n" * 5) == "sheet_rows"
    with pytest.raises(Invalid) as why:
        read_sheet(upload("a.csv", ("a,b\n1," + "长" * 5001).encode()))
    assert (why.value.code, "第 2 行 B 列" in str(why.value)) == ("sheet_cell", True)


def test_a_cell_beyond_the_limit_of_the_reader_is_told_with_its_line():
    assert refused("a.csv", b'a,b\n1,"' + b"x" * 200_000) == "sheet_content"
