"""测评报告 from a kept forecast, in the chapters third-party test reports have: overview, fronts, weak standards, advice."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chuangwen.assessment import rules
from chuangwen.assessment.forecasting import Standing, points, score_of, standing, weak_items
from chuangwen.assessment.models import Forecast, Front
from chuangwen.kernel.models import Person
from chuangwen.kernel.scoring.fronts import Score
from chuangwen.kernel.scoring.weakness import Weakness, weaknesses
from chuangwen.kernel.workflow.flow import Refused
from chuangwen.papers.actions import draft_paper
from chuangwen.papers.composing import default_body, figure
from chuangwen.papers.format.content import Block, Part, Table, date_words
from chuangwen.papers.models import IssuingBody, Paper, PaperKind
from chuangwen.standards.models import Part as SharePart
from chuangwen.standards.models import Requirement, Share

FORECAST: Final = "assessment.forecast"
WEAK: Final = 15
FRONTS: Final = (Front.DOSSIER, Front.SITE, Front.SURVEY)


def draft_test_report(
    forecast: Forecast, *, by: Person, body: IssuingBody | None = None, at: dt.datetime | None = None
) -> Paper:
    """A draft report of a kept forecast; the weak standards are those of the standing at drafting, and it says so.

    Raises Refused for who may not read scores and where no body issues; NotAllowed for anybody but the office.
    """
    if not rules.read.allows(by, None):
        raise Refused(_("得分不归你的岗位看。"))
    body = body or default_body()
    if body is None:
        raise Refused(_("还没有发文机关，先在发文机关里登记。"))
    day = timezone.localdate(at) if at else timezone.localdate()
    with translation.override(settings.LANGUAGE_CODE):
        now = standing(forecast.rule, forecast.year)
        weak = list(weaknesses(weak_items(now)))[:WEAK]
        needs = {
            str(need.pk): need
            for need in Requirement.objects.filter(pk__in=[int(one.item.key) for one in weak]).select_related(
                "node"
            )
        }
        scores = {
            front: score_of(forecast.parts[front.value])
            for front in FRONTS
            if forecast.parts.get(front.value)
        }
        parts = [
            *_overview(forecast, now, scores), *_fronts(scores, now), *_weak(weak, needs, day), *_advice(weak, needs),
        ]  # fmt: skip
        title = _("%(year)d年%(edition)s模拟测评报告") % {
            "year": forecast.year,
            "edition": forecast.rule.edition.scheme.name,
        }
        return draft_paper(
            PaperKind.TEST_REPORT, title=title, content=parts, body=body, by=by, figures=_figures(forecast, scores),
            about=(FORECAST, forecast.pk), at=at,
        )  # fmt: skip


def _interval(score: Score) -> str:
    return f"{points(score.low, 1)}—{points(score.high, 1)}"


def _overview(forecast: Forecast, now: Standing, scores: dict[Front, Score]) -> list[Part]:
    share = f"{(forecast.rule.confidence * 100).normalize():f}"
    weights = "、".join(
        _("%(front)s%(share)s%%") % {"front": Front(key).label, "share": percent}
        for key, percent in forecast.rule.fronts.items()
    )
    how = _("本报告依据%(edition)s，按%(rule)s计分，各部分权重：%(weights)s。数据为%(day)s保存的预测。") % {
        "edition": forecast.rule.edition, "rule": forecast.rule, "weights": weights,
        "day": date_words(timezone.localdate(forecast.at)),
    }  # fmt: skip
    round_ = now.city.round
    seen = (
        _("实地部分来自考察%(number)s。") % {"number": forecast.parts["round"]}
        if forecast.parts.get("round")
        else ""
    )
    result = _("预计得分%(value)s±%(margin)s（置信水平%(share)s%%）。") % {
        "value": points(forecast.value, 1), "margin": points(forecast.margin, 1), "share": share,
    }  # fmt: skip
    lacks = [str(front.label) for front in FRONTS if front not in scores]
    found: list[Part] = [Block(_("测评概况"), 1), Block(_("测评依据和方法"), 2), Block(how)]
    if seen and round_ is not None:
        found.append(Block(seen))
    found += [Block(_("总体结果"), 2), Block(result)]
    if lacks:
        found.append(Block(_("%(fronts)s没有数据，没有计入。") % {"fronts": "、".join(lacks)}))
    return found


def _fronts(scores: dict[Front, Score], now: Standing) -> list[Part]:
    site = now.city.site
    rows = [
        (
            str(front.label), points(score.value, 1), _interval(score),
            _("抽样，%(n)d处") % {"n": site.visits} if front == Front.SITE and site else _("全数") if not score.margin else _("抽样"),
        )
        for front, score in scores.items()
    ]  # fmt: skip
    if not rows:
        return []
    return [
        Block(_("分项结果"), 1),
        Table((_("部分"), _("得分"), _("可能区间"), _("数据")), tuple(rows)),
    ]


def _weak(weak: list[Weakness], needs: dict[str, Requirement], day: dt.date) -> list[Part]:
    rows = tuple(
        (
            needs[one.item.key].node.code, needs[one.item.key].node.name, str(needs[one.item.key].get_method_display()),
            f"{points(Fraction(one.rate) * 100, 1)}%",
        )
        for one in weak
        if one.item.key in needs
    )  # fmt: skip
    if not rows:
        return []
    lead = _("以下是%(day)s失分最多的%(n)d项，得分率按小样本收缩估计。") % {
        "day": date_words(day),
        "n": len(rows),
    }
    return [
        Block(_("存在的问题"), 1),
        Block(lead),
        Table((_("标准"), _("名称"), _("方法"), _("得分率")), rows),
    ]


def _advice(weak: list[Weakness], needs: dict[str, Requirement]) -> list[Part]:
    """Who leads each weak standard: advice with an address, nothing invented beyond it."""
    found: dict[str, list[str]] = {}
    shares = (
        Share.objects.filter(requirement__in=list(needs), part=SharePart.LEAD)
        .select_related("unit")
        .order_by("pk")
    )
    leads = {str(share.requirement_id): share.unit.name for share in shares}
    for one in weak:
        if one.item.key in needs:
            code = needs[one.item.key].node.code
            lines = found.setdefault(leads.get(one.item.key, str(_("尚无主责单位"))), [])
            if code not in lines:
                lines.append(code)
    if not found:
        return []
    return [
        Block(_("整改建议"), 1),
        *(
            Block(_("%(unit)s：整改%(codes)s。") % {"unit": unit, "codes": "、".join(codes)})
            for unit, codes in found.items()
        ),
    ]


def _figures(forecast: Forecast, scores: dict[Front, Score]) -> list[dict[str, str]]:
    link = f"/scores/?year={forecast.year}"
    how = _("%(rule)s，%(day)s保存") % {
        "rule": forecast.rule,
        "day": date_words(timezone.localdate(forecast.at)),
    }
    total = figure(
        _("预计得分"),
        f"{points(forecast.value, 1)}±{points(forecast.margin, 1)}",
        measure=_("分"),
        definition=how,
        link=link,
    )
    return [total, *(
        figure(str(front.label), f"{points(score.value, 1)}", measure=_("分"), definition=how, link=link)
        for front, score in scores.items()
    )]  # fmt: skip
