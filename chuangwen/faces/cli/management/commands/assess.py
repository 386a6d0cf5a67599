"""Scores the raw records of a real test by a scheme, without a city."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chuangwen.assessment.records.load import BadScheme, find_scheme, load_scheme
from chuangwen.assessment.records.read import Reading, UnreadableRecords, read_records
from chuangwen.assessment.records.report import (
    comparison,
    scheme_sentence,
    summary,
    told_files,
    unmatched_rows,
)
from chuangwen.assessment.records.scheme import Scheme
from chuangwen.assessment.records.score import Result, assess
from chuangwen.assessment.records.write import NoFolder, result_files, write_folder
from chuangwen.kernel.screens.tables import BadTable


class Command(BaseCommand):
    help = (
        "Scores raw records of a test into tables by item, department and street and in total, as published and "
        "as it should have been. Exit status 1 when a record matched no item or a row was bad (the tables are "
        "written all the same), 2 when nothing could be read or written."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="RECORDS", help="csv, xlsx, xls or ods")
        parser.add_argument(
            "--scheme", required=True, help="a file, or the name of a shipped scheme: suzhou-2016"
        )
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")

    def handle(self, *args: Any, file: Path, scheme: str, out: Path, **options: Any) -> None:
        try:
            rules = load_scheme(find_scheme(scheme).read_bytes())
            reading = read_records(file.read_bytes(), file.name, rules)
            result = assess(reading.records, rules)
            write_folder(out, result_files(result, rules) | told_files(result, rules, reading.bad))
        except BadScheme as fault:
            told = "\n".join(scheme_sentence(each) for each in fault.faults)
            raise CommandError(told, returncode=2) from fault
        except (BadTable, UnreadableRecords) as fault:
            raise CommandError(str(fault), returncode=2) from fault
        except FileNotFoundError as fault:
            told = _("没有文件 %(file)s，核对路径。") % {"file": fault.filename}
            raise CommandError(told, returncode=2) from fault
        except NoFolder as fault:
            told = _("%(path)s 挡住了要写的文件夹或文件，换一个 --out。") % {"path": fault}
            raise CommandError(told, returncode=2) from fault
        except OSError as fault:
            told = _("读写 %(file)s 出错：%(problem)s。检查权限和磁盘空间。") % {
                "file": fault.filename, "problem": fault.strerror}  # fmt: skip
            raise CommandError(told, returncode=2) from fault
        self.tell(reading, result, rules, out)
        if reading.bad or result.unmatched:
            sys.exit(1)

    def tell(self, reading: Reading, result: Result, rules: Scheme, out: Path) -> None:
        for line in comparison(result, rules):
            self.stdout.write(line)
        if reading.unknown:
            self.stdout.write(_("未用的列：%(titles)s。") % {"titles": "、".join(reading.unknown)})
        for row, record, _item, _branch, _score, reason, near, counted, found_by in unmatched_rows(
            result, rules
        ):
            told = _("第 %(row)s 行 %(record)s：%(reason)s。") % {
                "row": row,
                "record": record,
                "reason": reason,
            }
            if counted:
                told += _("应有口径计入“%(item)s”（依据：%(found_by)s）。") % {
                    "item": counted,
                    "found_by": found_by,
                }
            elif near:
                told += _("最接近的项目是“%(near)s”，在方案的 aliases 里写明。") % {"near": near}
            self.stdout.write(told)
        for bad in reading.bad:
            self.stdout.write(bad.sentence)
        self.stdout.write(summary(result, reading.bad))
        self.stdout.write(_("结果已写入 %(folder)s。") % {"folder": out})
