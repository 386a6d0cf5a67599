"""Builds the big city step by step, telling after each what was done."""

from __future__ import annotations

import datetime as dt
import marshal
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.cli.bigcity import rounds
from chuangwen.faces.cli.bigcity.bulk import Row, Table, hurry
from chuangwen.faces.cli.bigcity.cases import TABLES, Stream
from chuangwen.faces.cli.bigcity.ground import grow
from chuangwen.faces.cli.bigcity.tree import plant
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import Counter, Place, Unit
from chuangwen.kernel.workflow.history import make_checkpoints


def build(*, seed: int, cases: int, sites: int, units: int, until: dt.datetime) -> Iterator[str]:
    """Yields one line after each part. The database must hold a loaded pack and no case."""
    with transaction.atomic():
        ground = grow(seed, sites, units)
    used = "、".join(ground.used) or _("没有 ../shared/data，全部由种子生成")
    counts = {"sites": Place.objects.filter(kind="site").count(), "units": Unit.objects.count(), "used": used}
    yield _("点位 %(sites)d 个，单位 %(units)d 个；用到：%(used)s") % counts
    tables = {name: Table(*what) for name, what in TABLES.items()}
    with hurry([model for model, _columns in TABLES.values()]):
        stream = Stream(ground, seed, cases, until)
        with transaction.atomic():
            for name, rows in beside(stream.run):
                if name == "counters":
                    Counter.objects.bulk_create(Counter(name=f"case {month}", value=n) for month, n in rows)
                else:
                    tables[name].write(rows)
        yield "，".join(f"{table.model._meta.verbose_name} {table.count}" for table in tables.values())
    yield _("索引和外键已恢复")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield _("统计信息已更新")
    forget()
    yield _("日校验 %(n)d 天") % {"n": make_checkpoints(timezone.localdate(until))}


def add_rounds(*, seed: int, observations: int, until: dt.datetime, months: int = 36) -> Iterator[str]:
    """Adds an edition and monthly rounds with at least so many observations; yields one line after each part.

    The database must hold the places, units and people, and no round.
    """
    when = rounds.months_before(until.date(), months)
    with transaction.atomic():
        sites, raters = rounds.sites_of(seed), rounds.raters_of()
        per_type = rounds.per_type_of(observations, months, len(sites))
        tree = plant(seed, sorted({month.year for month in when}), per_type=per_type)
        planned = rounds.plan_rounds(tree, sites, when)
        rounds.plan_draw(tree, rounds.month_after(until.date()), sites, raters)
    counts = {"requirements": len(tree.requirements), "items": sum(map(len, tree.by_type.values()))}
    yield _("体系：要求 %(requirements)d 项，检查项 %(items)d 项") % counts
    tables = {name: Table(*what) for name, what in rounds.TABLES.items()}
    with hurry([model for model, _columns in rounds.TABLES.values()]):
        with transaction.atomic():
            for name, rows in beside(rounds.Looks(tree, sites, planned, raters, seed).run):
                tables[name].write(rows)
        yield "，".join(f"{table.model._meta.verbose_name} {table.count}" for table in tables.values())
    yield _("索引和外键已恢复")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield _("统计信息已更新")


def beside(run: Callable[[], Iterator[tuple[str, list[Row]]]]) -> Iterator[tuple[str, list[Row]]]:
    """The blocks of `run`, made in a second process while this one writes; in this one where processes do
    not fork.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        yield from run()
        return
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    maker = fork.Process(target=_make, args=(run, here, there), daemon=True)
    maker.start()
    there.close()
    try:
        while block := here.recv_bytes():
            yield marshal.loads(block)
    except EOFError:
        raise RuntimeError(
            "the process that makes the rows ended early; its fault is printed above"
        ) from None
    finally:
        here.close()
        maker.join()


def _make(run: Callable[[], Iterator[tuple[str, list[Row]]]], here: Connection, there: Connection) -> None:
    here.close()  # else this process would not notice when the reader ends
    for block in run():
        there.send_bytes(marshal.dumps(block))
    there.send_bytes(b"")
