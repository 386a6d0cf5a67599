"""Makes or refreshes this installation: tables, a city pack, and for a demo city half a year of its life."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chuangwen.faces.cli.pack.check import check
from chuangwen.faces.cli.pack.load import Loaded, load
from chuangwen.faces.cli.pack.read import read_pack
from chuangwen.kernel.models import City
from chuangwen.problems.models import Case

SHIPPED = settings.ROOT / "packs"
SHOWN_FAULTS = 40


class Command(BaseCommand):
    help = "Sets up the city: tables, the pack's rows, and sample life for a demo city. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pack", default="gongyi", help="gongyi, luohe, or a folder of your own")
        parser.add_argument("--empty", action="store_true", help="no sample life in a demo city")
        parser.add_argument("--check", action="store_true", help="only check the pack, change nothing")

    def handle(self, *args: Any, pack: str, empty: bool, check: bool, **options: Any) -> None:
        folder = SHIPPED / pack if (SHIPPED / pack).is_dir() else Path(pack)
        found = checked(folder)
        if check:
            self.stdout.write(_("资料包没有问题：%(folder)s") % {"folder": folder.name})
            return
        call_command("migrate", verbosity=0)
        here = City.objects.first()
        if here is not None and here.code != found.city.get("code"):
            raise CommandError(
                _("这里已经是%(here)s，资料包是%(there)s。换一个 CHUANGWEN_DATA 文件夹再建。")
                % {"here": here.name, "there": found.city.get("name")}
            )
        say(self, load(found))
        if not empty and City.objects.get().is_demo and not Case.objects.exists():
            from chuangwen.faces.cli.demo.simulate import simulate  # draws pictures: heavy, only here

            self.stdout.write(_("正在演练半年的工作……"))
            self.stdout.write(str(simulate(seed=City.objects.get().seed)))


def checked(folder: Path) -> Any:
    """Reads and checks a pack; raises CommandError that lists every fault with file, sheet, row and column."""
    try:
        found = read_pack(folder)
    except NotADirectoryError as fault:
        raise CommandError(str(fault)) from fault
    faults = [*found.faults, *check(found)]
    if faults:
        lines = [str(fault) for fault in faults[:SHOWN_FAULTS]]
        more = len(faults) - len(lines)
        tail = [_("还有 %(n)d 处。") % {"n": more}] if more else []
        head = _("资料包有 %(n)d 处问题，一行都没有导入：") % {"n": len(faults)}
        raise CommandError("\n".join([head, *lines, *tail]))
    return found


def say(command: BaseCommand, loaded: Loaded) -> None:
    for name in loaded.made:
        made, changed, same = loaded.made[name], loaded.changed[name], loaded.same[name]
        command.stdout.write(f"{name}: +{made} ~{changed} ={same}")
