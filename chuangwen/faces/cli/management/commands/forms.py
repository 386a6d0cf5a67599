"""The checklists as forms, written to a folder: to look at in Excel, to try in another tool, to hand to a validator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chuangwen.inspections.form_catalogue import forms_in_force, xml_of
from chuangwen.inspections.xlsform import workbook_of


class Command(BaseCommand):
    help = (
        "Writes the checklist of each site type in each edition in force as XLSForm (.xlsx) and XForm (.xml)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="made if it is not there; files of the same name are replaced"
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        forms = forms_in_force()
        if not forms:
            raise CommandError(_("没有检查清单。先载入一个测评体系，把它设为现行。"))
        folder.mkdir(parents=True, exist_ok=True)
        for form in forms:
            (folder / f"{form.form_id}.xlsx").write_bytes(workbook_of(form.xlsform()))
            (folder / f"{form.form_id}.xml").write_text(xml_of(form), encoding="utf-8")
        self.stdout.write(_("写出 %(n)d 份表单：%(folder)s") % {"n": len(forms), "folder": folder})
