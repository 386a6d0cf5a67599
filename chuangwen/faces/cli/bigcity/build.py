"""Builds the big city step by step, telling after each what was done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.faces.cli.bigcity.bulk import hurry
from chuangwen.faces.cli.bigcity.cases import TABLES, Stream
from chuangwen.faces.cli.bigcity.ground import grow
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
    with hurry([model for model, _columns in TABLES.values()]):
        stream = Stream(ground, seed, cases, until)
        # One transaction on SQLite, where each would be written twice; PostgreSQL takes each block by itself.
        with transaction.atomic():
            stream.run()
        yield "，".join(f"{table.model._meta.verbose_name} {table.count}" for table in stream.tables.values())
    Counter.objects.bulk_create(Counter(name=f"case {month}", value=n) for month, n in stream.numbers.items())
    yield _("索引和外键已恢复")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield _("统计信息已更新")
    forget()
    yield _("日校验 %(n)d 天") % {"n": make_checkpoints(timezone.localdate(until))}
