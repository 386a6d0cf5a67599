"""An issuing body in the small town, and a paper of it."""

from __future__ import annotations

from typing import Any

import pytest

from chuangwen.papers.actions import draft_paper
from chuangwen.papers.flow import PaperFlow
from chuangwen.papers.format.content import Block


@pytest.fixture
def office(town: Any) -> Any:
    """The town with an issuing body and a second person in the office, who signs what the first drafted."""
    from chuangwen.kernel.models import Person, Post
    from chuangwen.papers.models import IssuingBody
    from tests.conftest import START

    second = Person.objects.create(username="office2", name="示例 第二人", is_sample=True)
    Post.objects.create(person=second, role="office", unit=town.units["office"], from_on=START)
    town.people["office2"] = second
    town.body = IssuingBody.objects.create(
        code="office", unit=town.units["office"], name="示例市创建办公室", mark="示例市创建办公室文件", character="示创办",
        signer="示例 主任", source="示例",
    )  # fmt: skip
    return town


def draft(town, kind="notice", title="关于做好市场清扫的通知", units=("cgj", "jtj"), **more):
    blocks = more.pop(
        "blocks", (Block("各单位要做好市场清扫。"), Block("清扫范围", 1), Block("全部农贸市场。"))
    )
    return draft_paper(
        kind, title=title, content=blocks, body=town.body, receivers=[town.units[u] for u in units],
        by=more.pop("by", town.people["office"]), **more,
    )  # fmt: skip


def signed(town, **more):
    paper = PaperFlow.take(draft(town, **more), "send", by=town.people["office"]).matter
    return PaperFlow.take(paper, "sign", by=town.people["office2"]).matter


def issued(town, **more):
    return PaperFlow.take(signed(town, **more), "issue", by=town.people["office"]).matter
