"""Statements as files: CSV line by line, Excel as a workbook."""

from .as_csv import csv_lines
from .as_excel import excel_file

__all__ = ["csv_lines", "excel_file"]
