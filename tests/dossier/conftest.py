"""A small tree of standards with materials, and one material asked of 城市管理局."""

from __future__ import annotations

import datetime as dt
import io
from types import SimpleNamespace

import pytest

PDF = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n%% {}\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"


class Upload(io.BytesIO):
    """A file as a form sends it."""

    def __init__(self, data, name):
        super().__init__(data)
        self.name, self.size = name, len(data)


def pdf(mark="", name="关于志愿服务的通知.pdf"):
    return Upload(PDF.replace(b"{}", mark.encode()), name)


def photo(data, name="活动现场.jpg"):
    return Upload(data, name)


@pytest.fixture
def dossier(town):
    """Materials by letter: doc and photo of standard 1-1, same (as doc) of 1-2, report of 1-2, orphan without a unit."""
    from chuangwen.kernel.models import Person, Post
    from chuangwen.standards.models import Edition, Material, Node, Requirement, Scheme, Share

    scheme = Scheme.objects.create(code="city", name="城市测评体系", kind="city")
    edition = Edition.objects.create(scheme=scheme, name="2026 版", year=2026, full=100, is_current=True)
    nodes, needs = {}, {}
    for rank, (code, name) in enumerate((("1-1", "志愿服务"), ("1-2", "诚信建设"), ("1-3", "移风易俗"))):
        node = Node.objects.create(edition=edition, tier="standard", code=code, name=name, rank=rank)
        nodes[code], needs[code] = node, Requirement.objects.create(node=node, method="material", full=2)
    Share.objects.create(requirement=needs["1-1"], unit=town.units["cgj"], part="lead")
    Share.objects.create(requirement=needs["1-2"], unit=town.units["jtj"], part="lead")
    period = {"from_on": dt.date(2026, 1, 1), "to_on": dt.date(2026, 12, 31), "due_on": dt.date(2026, 11, 30)}

    def material(code, kind, text, need, **more):
        return Material.objects.create(
            requirement=needs[need], code=code, kind=kind, text=text, **{**period, **more}
        )

    made = {
        "doc": material("M1", "document", "志愿服务工作方案", "1-1"),
        "photo": material("M2", "photo", "志愿服务活动图片", "1-1", count=2),
        "report": material("M3", "report", "诚信建设情况说明", "1-2", limit=60),
        "orphan": material("M9", "document", "没有单位的材料", "1-3"),
    }
    made["same"] = material("M4", "document", "诚信志愿方案", "1-2", same_as=made["doc"])
    head2 = Person.objects.create(username="head2", name="示例 head2")
    Post.objects.create(person=head2, role="head", unit=town.units["jtj"], from_on=dt.date(2026, 1, 1))
    town.people["head2"] = head2
    return SimpleNamespace(
        town=town, people=town.people, units=town.units, edition=edition, nodes=nodes, needs=needs, **made
    )


@pytest.fixture
def asked(dossier):
    """All materials asked; items by letter."""
    from chuangwen.dossier.actions import open_items
    from chuangwen.dossier.models import Item

    dossier.opened = open_items(dossier.edition, 2026, by=dossier.people["clerk"])
    dossier.items = {
        name: Item.objects.filter(material=getattr(dossier, name)).first()
        for name in ("doc", "photo", "report")
    }
    return dossier


@pytest.fixture
def add(asked):
    """Adds a good piece of evidence to an item: `add("doc")`, with other values where a test wants them."""
    from chuangwen.dossier.actions import add_document

    def act(name, upload=None, **more):
        given = {
            "title": "志愿服务工作方案",
            "number": "示创〔2026〕3号",
            "dated_on": dt.date(2026, 3, 5),
            **more,
        }
        by = given.pop("by", asked.people["liaison"])
        return add_document(asked.items[name], upload or pdf(), by=by, **given)

    return act
