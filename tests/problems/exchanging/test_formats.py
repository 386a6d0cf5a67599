"""Messages in XML, envelopes and JSON: what was written reads back, real samples are understood, faults are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.problems.exchanging.json_form import read_json, write_json
from chuangwen.problems.exchanging.messages import (
    SHAPES,
    Message,
    Picture,
    Unreadable,
    compose,
    moment,
    oddities,
    span_of,
)
from chuangwen.problems.exchanging.points import degrees_of, written
from chuangwen.problems.exchanging.xml_form import (
    decode,
    open_envelope,
    read_request,
    read_xml,
    without_password,
    wrap_call,
    write_xml,
)

REAL = Path(__file__).parents[4] / "shared/data/citymgmt-ningbo"
# What XML 1.0 can carry (section 2.2); outer blanks do not count.
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\t\n\r"),
    min_size=1, max_size=40,
).map(str.strip).filter(bool)  # fmt: skip
urls = st.from_regex(r"http://media\.invalid/[a-z0-9/&=?]{1,20}", fullmatch=True)


@st.composite
def our_messages(draw):
    kind = draw(st.sampled_from(sorted(SHAPES)))
    shape = SHAPES[kind]
    names = set(shape.required) | set(draw(st.sets(st.sampled_from(shape.fields))))
    fields = {name: draw(texts) for name in names}
    pictures = draw(st.lists(st.builds(Picture, texts, urls), max_size=3)) if shape.pictures else []
    return compose(kind, fields, pictures)


@given(our_messages())
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back(message):
    assert read_xml(write_xml(message).encode()).message == message
    assert read_json(write_json(message)) == message
    wrapped = read_xml(wrap_call(write_xml(message), "x", "unit", "p&w").encode())
    assert wrapped == (message, True, "unit", "p&w")
    assert len({message.mark, wrapped.message.mark}) == 1 and len(message.mark) <= 120


@given(st.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_any_text_is_a_message_or_a_sentence(text):
    for read in (lambda: read_json(text), lambda: read_xml(text.encode("utf-8", "surrogatepass"))):
        try:
            read()
        except Unreadable as fault:
            assert fault.sentence.endswith("。")


def real(name):
    if not REAL.exists():
        pytest.skip("left out: ../shared/data is absent")
    return (REAL / name).read_bytes()


def test_the_real_dispatch_is_understood():
    message = read_xml(real("task_dispatch_2014.xml")).message
    assert (message.kind, message.task, len(message.pictures)) == ("dispatch", "14072102202", 4)
    assert message.get("StreetName") == "中河街道" and message.get("DealTimeLimit") == "48"
    point = degrees_of(message.get("CoordinateX"), message.get("CoordinateY"), "32651")
    assert point[:2] == pytest.approx((121.5563, 29.8561), abs=5e-5)
    assert oddities(message) == ["FindTime–SendTime"]  # found in 2014, sent in 2016


@pytest.mark.parametrize(
    ("name", "kind", "task"),
    [("sample_task_feedback.xml", "feedback", "15100900001"), ("sample_task_rollback.xml", "return", "16040700003"),
     ("template_apply_delay.xml", "delay", "%s"), ("template_apply_suspend.xml", "suspend", "%s"),
     ("template_task_feedback.xml", "feedback", "%s"), ("template_task_rollback.xml", "return", "%s")],
)  # fmt: skip
def test_every_real_sample_goes_round(name, kind, task):
    message = read_xml(real(name)).message
    assert (message.kind, message.task) == (kind, task)
    again = write_xml(message)
    assert read_xml(again.encode()).message == message
    # Ours has the very fields of theirs, in their order.
    before, after = (
        [part.tag for part in open_envelope(decode(data)).request.find("params")]
        for data in (real(name), again.encode())
    )
    assert before == after


def test_the_fields_of_a_task_are_those_of_their_table():
    lines = real("task_fields.csv").decode().split()
    theirs = {line.split(",")[0] for line in lines[1:]} - {"Status"}
    assert set(SHAPES["dispatch"].fields) == theirs


def test_their_service_description_names_the_parts_of_the_envelope():
    text = real("service.wsdl").decode()
    call = wrap_call("<Request/>", "TaskFeedBack", "a", "b")
    for part in ("SPID", "SPPWD", "func", "Request"):
        assert f'name="{part}"' in text and f"<{part}>" in call
    assert 'targetNamespace="http://service.egova.com.cn/"' in text and "http://service.egova.com.cn/" in call


GOOD = write_xml(compose("return", {"TaskNum": "7", "RollbackMemo": "不归我们管"}))


def test_what_a_message_declares_of_its_encoding_is_not_believed():
    declared = GOOD.replace("UTF-8", "GBK")
    for data in (declared.encode("gb18030"), declared.encode(), GOOD.encode("gb18030"), GOOD.encode("utf-16"),
                 b"\xef\xbb\xbf" + GOOD.encode()):  # fmt: skip
        assert read_xml(data).message.get("RollbackMemo") == "不归我们管"


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Request>&b;</Request>'
LEAK = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Request>&x;</Request>'


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"  \n", "empty"), (b"<Request><a></Request>", "xml"), (b"<Request/>", "shape"),
     (b"<html/>", "shape"), (BOMB.encode(), "entities"), (LEAK.encode(), "entities"), (b"\xff\xff\x81", "encoding"),
     (b"a" * (2 * 2**20 + 1), "too_large"), (b"\0\0", "xml"), (b"<a>" * 5000, "xml"),
     (GOOD.replace("TaskRollBack", "TaskDelete").encode(), "function"),
     (GOOD.replace("<TaskNum>7</TaskNum>", "").encode(), "missing"),
     (GOOD.replace("7<", "7" * 51 + "<").encode(), "long"),
     (wrap_call(BOMB, "x").encode(), "entities"), (wrap_call("", "x").encode(), "empty")],
    ids=str,
)  # fmt: skip
def test_bad_xml_is_refused_by_name(data, code):
    with pytest.raises(Unreadable) as fault:
        read_xml(data)
    assert fault.value.code == code and fault.value.sentence.endswith("。")


def test_missing_fields_are_named():
    with pytest.raises(Unreadable) as fault:
        read_json('{"function": "TaskDispatch", "params": {"TaskNum": "1"}}')
    assert "MainType、EventDescription" in fault.value.sentence


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "json"), ("[" * 100_000, "json"), ("{}", "shape"), ('{"function": 1, "params": {}}', "function"), ("[]", "shape"),
     ('{"function": "TaskRollBack", "params": {"TaskNum": "1", "RollbackMemo": "a\\u0000"}}', "characters"),
     ('{"function": "TaskRollBack", "params": {"TaskNum": "1", "RollbackMemo": "\\ud800"}}', "characters"),
     ('{"function": "ApplyAccredit", "params": {"TaskNum": "1", "ApplyFlag": 3, "ApplyMemo": "a"}}', "flag")],
    ids=range(8),
)  # fmt: skip
def test_bad_json_is_refused_by_name(text, code):
    with pytest.raises(Unreadable) as fault:
        read_json(text)
    assert fault.value.code == code and fault.value.sentence.endswith("。")


def test_numbers_of_json_keep_all_their_digits():
    text = '{"function": "TaskRollBack", "params": {"TaskNum": 20261122000000012345678, "RollbackMemo": "x"}}'
    assert read_json(text).task == "20261122000000012345678"


def test_what_xml_cannot_write_is_marked_not_lost_silently():
    message = Message("return", {"TaskNum": "1", "RollbackMemo": "a\x01b", "坏 名": "x"})
    assert read_xml(write_xml(message).encode()).message.get("RollbackMemo") == "a\ufffdb"


def test_a_password_is_not_kept():
    text = wrap_call(GOOD, "TaskRollBack", "unit", "secret")
    kept = without_password(text)
    assert (
        "secret" not in kept and read_request(open_envelope(kept).request) == read_xml(GOOD.encode()).message
    )


@pytest.mark.parametrize(
    ("text", "span"),
    [("2 工作日", ("2", "work_day")), ("延期3天", ("3", "work_day")), ("8小时", ("8", "work_hour")),
     ("1.5 工作时", ("1.5", "work_hour")), ("5个自然日", ("5", "calendar_day")), ("24", None), ("很久", None)],
)  # fmt: skip
def test_how_long_a_delay_is(text, span):
    if span is None:
        with pytest.raises(Unreadable):
            span_of(text)
    else:
        assert span_of(text) == span


def test_times_have_no_zone_and_must_be_times():
    message = compose("dispatch", {"SendTime": "2026/11/20 10:00", "FindTime": "gestern"})
    assert moment(message, "SendTime").isoformat() == "2026-11-20T10:00:00"
    assert moment(message, "DealEndTime") is None
    with pytest.raises(Unreadable):
        moment(message, "FindTime")


@pytest.mark.parametrize(
    ("x", "y", "projection"),
    [
        ("3303717", "360550", "EPSG:32651"),
        ("38499999.0", "3848000", "4526"),
        ("113.0", "34.7", "gcj02"),
        ("34.7", "113", "WGS84"),
    ],
)
def test_either_order_of_coordinates(x, y, projection):
    lon, lat, datum = degrees_of(x, y, projection)
    assert 110 < lon < 122 and 29 < lat < 35
    if str(datum) == "wgs84" and projection != "WGS84":
        assert sorted(map(float, written(lon, lat, projection))) == pytest.approx(
            sorted(map(float, (x, y))), abs=0.011
        )


@pytest.mark.parametrize(
    ("x", "y", "projection", "code"),
    [("a", "1", "32651", "number"), ("1", "nan", "32651", "number"), ("9", "9", "32651", "point"),
     ("1", "1", "32651x", "projection"), ("1", "1", "2437", "projection"), ("500", "500", "wgs84", "point")],
)  # fmt: skip
def test_coordinates_that_are_none(x, y, projection, code):
    with pytest.raises(Unreadable) as fault:
        degrees_of(x, y, projection)
    assert fault.value.code == code
    assert degrees_of("0", "0.0", "32651") is None and degrees_of("", "", projection) is None


def test_json_is_what_its_page_says():
    message = compose(
        "feedback", {"TaskNum": "1", "FeedbackMemo": "好了"}, [Picture("a", "http://media.invalid/a")]
    )
    assert json.loads(write_json(message)) == {
        "function": "TaskFeedBack",
        "params": {
            "TaskNum": "1", "FeedbackMemo": "好了", "FeedbackPictures": [{"name": "a", "url": "http://media.invalid/a"}]
        },
    }  # fmt: skip
