"""What is wrong in a pack, and where: file, sheet, row and column as a spreadsheet shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake; `row` is 0 when it is about the whole file, `column` is the title in the file or empty."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    sentence: str

    def __str__(self) -> str:
        place = self.file + (f" 工作表「{self.sheet}」" if self.sheet else "")
        place += f" 第 {self.row} 行" if self.row else ""
        place += f"「{self.column}」" if self.column else ""
        return f"{place}：{self.sentence}"
