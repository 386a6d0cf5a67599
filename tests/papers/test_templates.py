"""A template an office changed is tried before it is taken; versions stay, and the built-in one is a click away."""

from __future__ import annotations

import io

import pytest

from chuangwen.kernel.workflow.flow import NotAllowed
from chuangwen.papers import templates
from chuangwen.papers.models import PaperKind, Template
from chuangwen.papers.rendering import docx_of
from chuangwen.papers.templates import Wrong, built_in, put_template, use_template
from tests.papers.conftest import draft


def changed(kind, old, new):
    """The built-in template with one text of the document replaced, as a person would in Word."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(built_in(kind))) as source, zipfile.ZipFile(out, "w") as made:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode())
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("kind", PaperKind.values)
def test_the_built_in_one_of_every_kind_passes_its_own_trial(kind):
    templates.try_template(kind, built_in(kind))


def test_a_changed_one_is_used_and_the_built_in_comes_back(office):
    by, mine = office.people["office"], changed("notice", "抄送：", "抄报：")
    before = docx_of(draft(office, copies=[office.units["dcj"]]))
    row = put_template("notice", mine, "我们的.docx", by=by)
    assert row.is_current and docx_of(draft(office, copies=[office.units["dcj"]])) != before
    second = put_template("notice", built_in("notice"), "又一份.docx", by=by)
    assert list(Template.objects.filter(is_current=True)) == [second]
    for _twice in range(2):
        use_template("notice", row, by=by)
    assert list(Template.objects.filter(is_current=True)) == [row]
    use_template("notice", None, by=by)
    assert not Template.objects.filter(is_current=True).exists() and Template.objects.count() == 2
    assert docx_of(draft(office, copies=[office.units["dcj"]])) == before


def test_a_wrong_one_is_not_taken(office):
    by = office.people["office"]
    with pytest.raises(Wrong):
        put_template("notice", b"no document", "x.docx", by=by)
    with pytest.raises(Wrong):
        put_template("notice", changed("notice", "{{", "{{ oops("), "x.docx", by=by)
    narrow = changed("notice", 'w:left="1587"', 'w:left="900"')
    with pytest.raises(Wrong) as fault:
        put_template("notice", narrow, "x.docx", by=by)
    assert "margin_left" in {one.code for one in fault.value.findings}
    with pytest.raises(NotAllowed):
        put_template("notice", built_in("notice"), "x.docx", by=office.people["clerk"])
    assert Template.objects.count() == 0
