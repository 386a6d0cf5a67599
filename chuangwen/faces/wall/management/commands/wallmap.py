"""Draws the wall map of the city, or of one street, as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.wall.map_page import atlas_of
from chuangwen.faces.wall.map_pdf import PAPERS, pdf_of
from chuangwen.kernel.models import Person, Place
from chuangwen.kernel.people.models import Role
from chuangwen.kernel.screens.fonts import NoFont


class Command(BaseCommand):
    help = "Draws all sites with state, unit, last visit and open cases as a PDF for the wall, as the office sees them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=list(PAPERS), default="A3")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.pdf")
        parser.add_argument("--street", default="", metavar="CODE", help="only this street")

    def handle(self, *args: Any, size: str, out: Path, street: str, **options: Any) -> None:
        only = Place.objects.filter(kind="street", code=street).first() if street else None
        if street and only is None:
            raise CommandError(
                _("没有编码为 %(code)s 的镇街，在“点位”页核对。") % {"code": street}, returncode=2
            )
        office = Person.objects.filter(posts__role=Role.OFFICE, is_active=True).order_by("pk").first()
        if office is None:
            raise CommandError(_("还没有创建办的人员，先导入资料包。"), returncode=2)
        try:
            data = pdf_of(atlas_of(office, timezone.now(), only), size, only)
            out.write_bytes(data)
        except NoFont as fault:
            raise CommandError(str(fault), returncode=2) from fault
        except OSError as fault:
            told = _("写不了 %(file)s：%(problem)s。") % {"file": out, "problem": fault.strerror}
            raise CommandError(told, returncode=2) from fault
        self.stdout.write(_("挂图已写入 %(file)s。") % {"file": out})
