"""The registers an administrator keeps: people, posts, units, kinds of problems, words, special days; a list and a form each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from chuangwen.faces.desk.changes import change_lines, save_logged
from chuangwen.faces.desk.rows import dress
from chuangwen.kernel.city import forget
from chuangwen.kernel.models import City, DayOverride, Person, Post, Term, Unit
from chuangwen.kernel.people.models import Role, UnitKind
from chuangwen.kernel.people.rules import holds
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.kernel.screens.declare import Asked, Choice, Column, Filter, Look
from chuangwen.kernel.screens.screen import Screen
from chuangwen.problems.models import Campaign, CaseKind, Rung, State

keeper = holds(Role.ADMIN, Role.OFFICE)
DATE = {"type": "date"}


def col(key: str, title: Any, value: Any = None, css: str = "cw-one", sort: str = "", width: int = 16) -> Column:
    """A column that shows a field, or what `value` makes of the row."""
    read = value or (lambda row: getattr(row, key))

    def plain(row: Any, look: Look) -> Any:
        got = read(row)
        return str(got) if isinstance(got, Model) else got

    def cell(row: Any, look: Look) -> Any:
        got = plain(row, look)
        return (_t("是") if got else _t("否")) if isinstance(got, bool) else "" if got is None else got

    return Column(key, title, cell, plain, sort=sort, css=css, width=width)


class Register(Screen):
    """A list whose rows open into a form."""

    rule = keeper
    open_to = keeper
    form: type[forms.ModelForm]

    def __init_subclass__(cls) -> None:
        first = cls.columns[0]
        # The first column leads to the row's form.
        cls.columns = (
            Column(first.key, first.title, cls.link(first), first.plain, first.sort, first.css, first.width),
            *cls.columns[1:],
        )  # fmt: skip
        cls.create = (f"/{cls.slug}/new/", _("加一条"))

    @classmethod
    def link(cls, first: Column) -> Callable[[Any, Look], Any]:
        """The first column's cell as the way to the row's form."""
        return lambda r, k: format_html('<a href="/{}/{}/">{}</a>', cls.slug, getattr(r, cls.key), first.cell(r, k))

    @classmethod
    def edit(cls, request: SignedIn, key: str) -> HttpResponse:
        row = cls.model() if key == "new" else get_object_or_404(cls.model._default_manager.all(), **{cls.key: key})
        start = _start(request.GET.dict()) if key == "new" else {}
        form = cls.form(request.POST or None, instance=row, initial=start)
        if request.method == "POST" and form.is_valid():
            save_logged(form, request.user)
            forget()
            return redirect(f"/{cls.slug}/")
        context = {"form": dress(form), "title": cls.title if key == "new" else str(row), "save": _("保存"), "back": f"/{cls.slug}/",
                   "log": change_lines(row) if row.pk else []}  # fmt: skip
        return render(request, "desk/plain_form.html", context)

    @classmethod
    def urls(cls) -> list[URLPattern]:
        edit = page(keeper, methods=("GET", "POST"))(cls.edit)
        return [*super().urls(), path(f"{cls.slug}/<str:key>/", edit)]


def _start(given: dict[str, str]) -> dict[str, Any]:
    """What a link from a gap already knows: a person, a unit, a role."""
    start: dict[str, Any] = {"from_on": timezone.localdate(), "role": given.get("role", "")}
    if given.get("unit"):
        start["unit"] = Unit.objects.filter(code=given["unit"]).first()
    if given.get("person"):
        start["person"] = Person.objects.filter(username=given["person"]).first()
    return start


class PersonForm(forms.ModelForm):
    password = forms.CharField(
        label=_("新口令"), min_length=10, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"min_length": _("口令至少 10 个字符。")},
    )  # fmt: skip

    class Meta:
        model = Person
        fields = ("username", "name", "phone", "email", "is_active")

    def save(self, commit: bool = True) -> Person:
        person = super().save(commit=False)
        if self.cleaned_data["password"]:
            person.set_password(self.cleaned_data["password"])
        elif not person.password:
            person.set_unusable_password()
        person.save()
        return person


class PostForm(forms.ModelForm):
    class Meta:
        model = Post
        fields = ("person", "role", "unit", "area", "title", "stand_in_for", "from_on", "to_on")
        widgets = {"from_on": forms.DateInput(DATE, "%Y-%m-%d"), "to_on": forms.DateInput(DATE, "%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.filter(is_active=True).order_by("username")  # type: ignore[attr-defined]
        self.fields["area"].queryset = self.fields["area"].queryset.filter(kind__in=("city", "county", "street", "village"))  # type: ignore[attr-defined]
        posts = Post.objects.in_force().select_related("person", "unit", "area")
        self.fields["stand_in_for"].queryset = posts.exclude(role=Role.LIAISON).order_by("person__name", "pk")  # type: ignore[attr-defined]


class UnitForm(forms.ModelForm):
    class Meta:
        model = Unit
        fields = ("code", "name", "short_name", "kind", "parent", "area", "robot_url", "is_ranked", "is_active", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = self.fields["area"].queryset.filter(kind__in=("city", "county", "street", "village"))  # type: ignore[attr-defined]
        self.fields["code"].disabled = bool(self.instance.pk)  # duties and packs know the unit by it

    def clean_parent(self) -> Unit | None:
        parent: Unit | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and f"{parent.path}/".startswith(f"{self.instance.path}/"):
            raise forms.ValidationError(_t("上级不能是自己或自己的下级。"))
        return parent

    def save(self, commit: bool = True) -> Unit:
        unit, old = super().save(commit=False), self.instance.path
        unit.path = f"{unit.parent.path}/{unit.code}" if unit.parent else unit.code
        unit.save()
        if old and old != unit.path:
            for below in Unit.objects.filter(path__gte=f"{old}/", path__lt=f"{old}0"):
                below.path = unit.path + below.path[len(old) :]
                below.save(update_fields=["path"])
        return unit


class KindForm(forms.ModelForm):
    class Meta:
        model = CaseKind
        fields = (
            "code", "group", "is_component", "name", "keywords", "open_when", "close_when", "limits", "unit_rule", "unit",
            "needs_photo", "is_active", "source",
        )  # fmt: skip
        help_texts = {"limits": _("阶段对数量和单位，例如 {\"fix\": [\"2\", \"work_day\"]}；改了只对以后立案的有效。")}
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("keywords", "open_when", "close_when", "limits")}


class People(Register):
    """人员."""

    slug, title, model, form, key, order = "people", _("人员"), Person, PersonForm, "username", ("username",)
    columns = (
        col("username", _("登录名")), col("name", _("姓名")), col("phone", _("电话"), lambda p: p.masked_phone),
        col("is_active", _("在用")),
    )  # fmt: skip
    filters = (Filter("q", _("姓名"), lambda v, k: Q(name__contains=v) | Q(username__contains=v), lambda k: ()),)


class Posts(Register):
    """任职."""

    slug, title, model, form, order = "posts", _("任职"), Post, PostForm, ("person__username", "pk")
    related = ("person", "unit", "area", "stand_in_for__person")
    columns = (
        col("person", _("人员")), col("role", _("角色"), lambda p: str(p.get_role_display())),
        col("unit", _("单位")), col("area", _("区域")), col("title", _("职务")), col("from_on", _("起")), col("to_on", _("止")),
        col("stand_in_for", _("代理"), lambda p: p.stand_in_for.person.name if p.stand_in_for else ""),
    )  # fmt: skip
    filters = (
        Filter("role", _("角色"), lambda v, k: Q(role=v), lambda k: [Choice(*c) for c in Role.choices]),
        Filter("unit", _("单位"), lambda v, k: Q(unit__code=v),
               lambda k: [Choice(*r) for r in Unit.objects.values_list("code", "short_name")]),
    )  # fmt: skip


class Units(Register):
    """单位."""

    slug, title, model, form, key, order = "units", _("单位"), Unit, UnitForm, "code", ("path",)
    related = ("parent", "area")
    columns = (
        col("code", _("编码")), col("name", _("名称"), width=36), col("kind", _("类型"), lambda u: str(u.get_kind_display())),
        col("parent", _("上级")), col("area", _("区域")), col("is_ranked", _("参加排名")), col("is_active", _("在用")),
    )  # fmt: skip
    filters = (Filter("kind", _("类型"), lambda v, k: Q(kind=v), lambda k: [Choice(*c) for c in UnitKind.choices]),)


class Kinds(Register):
    """问题类别."""

    slug, title, model, form, key, order = "kinds", _("问题类别"), CaseKind, KindForm, "code", ("code",)
    related = ("unit",)
    columns = (
        col("code", _("编码")), col("name", _("名称")), col("group", _("大类")),
        col("unit_rule", _("责任规则"), lambda r: str(r.get_unit_rule_display())), col("unit", _("责任单位")), col("is_active", _("在用")),
    )  # fmt: skip
    filters = (
        Filter("group", _("大类"), lambda v, k: Q(group=v),
               lambda k: [Choice(g, g) for g in CaseKind.objects.order_by("group").values_list("group", flat=True).distinct()]),
    )  # fmt: skip


class Terms(Register):
    """词条."""

    slug, title, model, order = "terms", _("词条"), Term, ("list", "rank", "code")
    form = forms.modelform_factory(Term, fields=("list", "code", "name", "rank", "note", "source"))
    columns = (
        col("code", _("编码")), col("list", _("词表")), col("name", _("名称"), width=30), col("rank", _("顺序")),
        col("source", _("来源")),
    )  # fmt: skip
    filters = (
        Filter("list", _("词表"), lambda v, k: Q(list=v),
               lambda k: [Choice(x, x) for x in Term.objects.order_by("list").values_list("list", flat=True).distinct()]),
    )  # fmt: skip


class Days(Register):
    """特定日."""

    slug, title, model, order = "days", _("特定日"), DayOverride, ("-day",)
    form = forms.modelform_factory(DayOverride, fields=("day", "is_work", "source"), widgets={"day": forms.DateInput(DATE, "%Y-%m-%d")})
    columns = (col("day", _("日期")), col("is_work", _("上班")), col("source", _("来源"), width=40))
    note = _("全国节假日和调休已内置；这里只写本市另外安排的日子。")


class Rungs(Register):
    """督办阶梯."""

    slug, title, model, order = "ladder", _("督办阶梯"), Rung, ("rank",)
    form = forms.modelform_factory(Rung, fields=("rank", "trigger", "amount", "unit", "action", "note", "source"))
    columns = (
        col("rank", _("顺序")), col("trigger", _("触发"), lambda r: str(r.get_trigger_display())), col("amount", _("数量")),
        col("unit", _("单位")), col("action", _("动作"), lambda r: str(r.get_action_display())), col("source", _("来源"), width=40),
    )  # fmt: skip


class Campaigns(Register):
    """找茬活动: each with what came in during it, how much of that was a case, and how much is closed."""

    slug, title, model, order = "campaigns", _("找茬活动"), Campaign, ("-from_on",)
    form = forms.modelform_factory(
        Campaign, fields=("name", "rules", "thanks", "from_on", "to_on"),
        widgets={name: forms.DateInput(DATE, "%Y-%m-%d") for name in ("from_on", "to_on")},
    )  # fmt: skip
    columns = (
        col("name", _("名称"), width=30), col("from_on", _("起")), col("to_on", _("止")),
        col("told", _("来件"), lambda r: r.told), col("opened", _("立案"), lambda r: r.opened),
        col("closed", _("已销号"), lambda r: r.closed), col("thanks", _("致谢"), width=40),
    )  # fmt: skip
    note = _("活动期间居民报来的都算在内；公开的活动页随居民门户上线。")

    @classmethod
    def rows(cls, asked: Asked, look: Look) -> QuerySet[Any]:
        closed = Q(reports__case__state__in=(State.CLOSED, State.SPOT))
        return super().rows(asked, look).annotate(
            told=Count("reports"), opened=Count("reports", filter=Q(reports__case__filed_at__isnull=False)),
            closed=Count("reports", filter=closed),
        )  # fmt: skip


class Cities(Register):
    """本市: its working hours, and whether it is still a demo."""

    slug, title, model = "city", _("本市"), City
    form = forms.modelform_factory(City, fields=("name", "prefix", "hours", "is_demo", "settings"))
    columns = (col("name", _("名称")), col("code", _("区划代码")), col("hours", _("工作时间"), width=30), col("is_demo", _("演示")))
    note = _("去掉“演示”，登录页就不再有示例人员。可设的项目见 docs/generated/settings.md。")


urlpatterns = [
    url for register in (People, Posts, Units, Kinds, Terms, Days, Rungs, Campaigns, Cities) for url in register.urls()
]
