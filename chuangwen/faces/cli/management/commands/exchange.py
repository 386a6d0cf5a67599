"""The log of messages between us and other systems: listed, and what failed played again."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.problems.exchanging.keeping import failed_of, play_again
from chuangwen.problems.models import ExchangeMessage, ExchangeState, Partner


class Command(BaseCommand):
    help = "Messages of other systems: `list` prints the log, `replay` plays failed ones again (doing it twice is harmless)."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        show = parts.add_parser("list", help="print the newest messages, one a line")
        show.add_argument("--partner", default="", help="code of one partner")
        show.add_argument("--failed", action="store_true", help="only those that failed")
        show.add_argument("--most", type=int, default=50)
        again = parts.add_parser("replay", help="play failed messages again; exit status 1 while any fails")
        again.add_argument("uid", nargs="*", help="ids of messages; all failed ones otherwise")
        again.add_argument("--partner", default="", help="code of one partner")

    def handle(self, *args: Any, part: str, partner: str, **options: Any) -> None:
        found = Partner.objects.filter(code=partner).first() if partner else None
        if partner and found is None:
            raise CommandError(_("没有编码为 %(code)s 的对接平台。") % {"code": partner})
        if part == "list":
            rows = ExchangeMessage.objects.select_related("partner", "case").defer("body").order_by("-pk")
            rows = rows.filter(partner=found) if found else rows
            for row in (rows.filter(state=ExchangeState.FAILED) if options["failed"] else rows)[
                : options["most"]
            ]:
                self.stdout.write(self.line(row))
            return
        self.replay(found, options["uid"])

    def line(self, row: ExchangeMessage) -> str:
        way, at = "→" if row.is_out else "←", timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S")
        case = row.case.number if row.case else "-"
        return f"{row.uid} {at} {row.partner.code} {way} {row.kind or '?'} {row.their_id or '-'} {row.state} {case} {row.error}"

    def replay(self, partner: Partner | None, uids: list[str]) -> None:
        rows = failed_of(partner)
        if uids:
            try:
                wanted = {uuid.UUID(uid) for uid in uids}
            except ValueError as fault:
                raise CommandError(_("编号要写成 list 里的样子。")) from fault
            rows = (
                ExchangeMessage.objects.filter(uid__in=wanted)
                .select_related("partner__person")
                .order_by("pk")
            )
            missing = wanted - set(rows.values_list("uid", flat=True))
            if missing:
                raise CommandError(
                    _("没有这些报文：%(uids)s。") % {"uids": "、".join(sorted(map(str, missing)))}
                )
        failed = 0
        for row in list(rows):
            row = play_again(row)
            failed += row.state == ExchangeState.FAILED
            self.stdout.write(self.line(row))
        if failed:
            raise CommandError(_("%(n)d 条没办成，原因在上面。") % {"n": failed})
