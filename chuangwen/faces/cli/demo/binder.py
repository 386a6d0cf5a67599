"""The course of one dossier item: written, proved, sent up, reviewed by levels, returned or accepted, or left lying."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.base import ContentFile

from chuangwen.dossier.actions import add_document, write_report
from chuangwen.dossier.flow import ItemFlow
from chuangwen.dossier.models import Item
from chuangwen.dossier.models import State as S
from chuangwen.faces.cli.demo import files
from chuangwen.faces.cli.demo.stage import Stage
from chuangwen.faces.cli.demo.world import DAY, HOUR, Life
from chuangwen.kernel.models import Person
from chuangwen.registers.models import Fact
from chuangwen.standards.models import MaterialKind

# What becomes of an item by the days between the day it is due and the end: accepted, under review, returned, left.
_FATES = ((18, (64, 19, 10, 7)), (8, (40, 34, 15, 11)), (-400, (14, 42, 16, 28)))
_RETURNS = (
    "日期不在测评年度内，换一份",
    "照片看不出地点，补一张带标识的",
    "文号和正文不一致，核对后再报",
    "只有通知没有落实情况，补一份小结",
)
_SENTENCES = (
    "把{name}列入年度重点，专题研究，定责任人、定期限、定标准。", "对照测评要求逐项自查，发现的问题建台账，改一项销一项。",
    "联合相关单位开展联查，重点看群众身边的点位。", "用公开栏、公众号和入户走访告诉居民怎么参与、怎么反映。",
    "邀请居民代表看现场，提的意见逐条答复。", "把做得好的办法写成制度，接着用。", "下一步盯住薄弱环节，每月看一次，年底对账。",
)  # fmt: skip
_KINDS = {
    MaterialKind.DOCUMENT: "印发的文件", MaterialKind.TABLE: "统计表", MaterialKind.PHOTO: "现场照片", MaterialKind.PRESS: "报道",
}  # fmt: skip


class Binder:
    """Papers are few and shared; every picture is its own, but for one that is used twice."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.world
        self.seen = 0
        self._twice: bytes | None = None
        self._clash = self._long = False
        self._turn = 0
        self._papers = [(files.pdf(f"SAMPLE {n}"), "pdf") for n in range(1, 5)]
        for n in range(1, 7):
            lines = ["示例文件", f"关于做好有关工作的通知（第 {n} 份）", "各单位按分工落实，按期报送。"]
            self._papers.append((files.docx(lines), "docx"))
        self._xlsx = [files.xlsx([["序号", "名称", "备注"], ["1", f"示例 {n}", ""]]) for n in range(1, 7)]

    def begin(self, item: Item) -> None:
        world = self.world
        due = self.stage.on(item.due_on or self.stage.day(11, 30), 9)
        weights = next(w for days, w in _FATES if due < world.until - days * DAY)
        fate = world.random.choices((self._accepted, self._reviewed, self._returned, self._left), weights)[0]
        recent = fate in (self._reviewed, self._returned)
        at = (
            world.until - world.random.uniform(1.2, 5) * DAY
            if recent
            else due - world.random.uniform(3, 30) * DAY
        )
        world.begin(fate(item), world.at_work(max(min(at, world.until - 6 * HOUR), world.now + DAY)))

    # Writing -----------------------------------------------------------------------------------------

    def _written(self, item: Item, share: float = 1.0) -> Item:
        """Report and evidence as the material asks for, or a part of it."""
        material, world = item.material, self.world
        by = self.stage.cast.answerer(item.unit_id)
        if material.kind == MaterialKind.REPORT:
            item = write_report(item, self._report(item), by=by, at=world.now, uid=world.uid())
        for n in range(round(max(material.count, 1) * share) if material.kind != MaterialKind.REPORT else 0):
            self._add(item, n, by)
        return Item.objects.select_related("material__requirement__node__edition", "unit").get(pk=item.pk)

    def _report(self, item: Item) -> str:
        world = self.world
        name = item.material.requirement.node.name
        lines = world.random.sample(_SENTENCES, 5)
        return f"{self.stage.year} 年，{item.unit}抓{name}。" + "".join(
            line.format(name=name) for line in lines
        )

    def _add(self, item: Item, n: int, by: Person) -> None:
        material, world = item.material, self.world
        title = f"{material.requirement.node.name[:40]}{_KINDS[MaterialKind(material.kind)]}{n + 1 if material.count > 1 else ''}"
        given: dict[str, Any] = {"title": title, "dated_on": self._date(item)}
        upload: ContentFile[bytes] | None
        if material.kind == MaterialKind.PHOTO:
            upload = ContentFile(self._picture(n), name="照片.jpg")
        elif material.kind == MaterialKind.PRESS:
            upload, given["address"] = (
                None,
                f"https://news.example/{self.stage.year}/{material.code.lower()}-{n}.html",
            )
        elif material.kind == MaterialKind.TABLE:
            upload = ContentFile(world.pick(self._xlsx), name="统计表.xlsx")
        else:
            self._turn += 1  # neighbours differ: an item may not hold the same file twice
            paper, ending = self._papers[self._turn % len(self._papers)]
            upload = ContentFile(paper, name=f"文件.{ending}")
            given["number"] = f"示例文〔{self.stage.year}〕{world.random.randrange(1, 90)}号"
        add_document(item, upload, by=by, at=world.now, uid=world.uid(), **given)

    def _picture(self, n: int) -> bytes:
        """A new one each time; the third item’s first picture comes again two items later."""
        self.seen += n == 0
        if n == 0 and self.seen == 5 and self._twice is not None:
            return self._twice
        data = self.stage.deeds.album.scene(False, self.seen + n, small=True)[1]
        self.stage.deeds.photos += 1
        if n == 0 and self.seen == 3:
            self._twice = data
        return data

    def _date(self, item: Item) -> dt.date:
        """A day within the period the material asks for, not after today."""
        first = item.material.from_on or self.stage.day(1, 4)
        last = min(self.stage.today, item.material.to_on or self.stage.today)
        return first + dt.timedelta(days=self.world.random.randrange(max((last - first).days, 0) + 1))

    # Sending and reviewing -----------------------------------------------------------------------------

    def _step(self, item: Item, code: str, by: Person, **given: Any) -> Item:
        taken = ItemFlow.take(item, code, by=by, given=given, at=self.world.now, uid=self.world.uid())
        done: Item = taken.matter
        return done

    def _sent(self, item: Item) -> Item:
        """Sent up; where the pre-check warns, with a word why."""
        note = "同一次活动的照片，两项都能证明；数字以最新一次统计为准。"
        return self._step(item, "send_up", self.stage.cast.answerer(item.unit_id), note=note)

    def _by_unit(self, item: Item) -> Life:
        """The unit’s own check, where the city has that level and the unit a head."""
        if item.state == S.UNIT_CHECK and item.unit_id in self.stage.heads:
            yield self.world.desk(0.5, 6)
            self._step(item, "pass_unit", self.stage.heads[item.unit_id], note="")

    def _accepted(self, item: Item) -> Life:
        world, stage = self.world, self.stage
        item = self._sent(self._written(item))
        yield from self._by_unit(item)
        yield world.desk(1, 16)
        if world.chance(0.12):
            self._step(item, "return_office", stage.desk, reason=world.pick(_RETURNS))
            yield world.desk(2, 12)
            item.refresh_from_db()
            if item.material.kind in _KINDS:
                self._add(item, 9, stage.cast.answerer(item.unit_id))
            item = self._sent(item)
            yield from self._by_unit(item)
            yield world.desk(1, 8)
        item.refresh_from_db()
        if item.state == S.OFFICE_CHECK:
            self._step(item, "accept", stage.desk, note="")

    def _reviewed(self, item: Item) -> Life:
        item = self._written(item)
        if not self._clash and item.material.kind == MaterialKind.REPORT:
            item = self._contradicted(item)
        item = self._sent(item)
        if self.world.chance(0.7):
            yield from self._by_unit(item)
            yield self.world.desk(0.5, 4)
            item.refresh_from_db()
            if item.state == S.OFFICE_CHECK and self.world.chance(0.3):
                self._step(item, "look", self.stage.desk)

    def _returned(self, item: Item) -> Life:
        world = self.world
        item = self._sent(self._written(item))
        yield from self._by_unit(item)
        yield world.desk(1, 5)
        item.refresh_from_db()
        if item.state == S.OFFICE_CHECK:
            self._step(item, "return_office", self.stage.desk, reason=world.pick(_RETURNS))

    def _left(self, item: Item) -> Life:
        """Begun or not; one report is far over its limit and cannot be sent."""
        world = self.world
        if item.material.kind == MaterialKind.REPORT and not self._long:
            self._long = True
            text = self._report(item) + "".join(line.format(name="这项工作") for line in _SENTENCES * 3)
            write_report(item, text, by=self.stage.cast.answerer(item.unit_id), at=world.now, uid=world.uid())
        elif world.chance(0.5):
            self._written(item, 0.5)
        return
        yield

    def _contradicted(self, item: Item) -> Item:
        """A figure in the report that the city’s own ledger says otherwise."""
        fact = Fact.objects.filter(relation="=", value__gte=10, measure__gt="").order_by("code").first()
        if fact is None:
            return item
        self._clash = True
        text = f"{item.report}全市{fact.name}{fact.value * 2 + 3:f}{fact.measure}。"
        text = text.replace(".0000", "")
        by = self.stage.cast.answerer(item.unit_id)
        write_report(item, text, by=by, at=self.world.now, uid=self.world.uid())
        return Item.objects.select_related("material__requirement__node__edition", "unit").get(pk=item.pk)
