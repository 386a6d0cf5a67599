"""Signs of junk, weighed without a database, and the queue's order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.problems import suspicion
from chuangwen.problems.suspicion import Bounds, Message, Row, Seen, groups, judge, likeness, plain

B = Bounds()


def seen(text="别的事", *, origin="", device="", minutes=5.0, taken=True):
    return Seen(text, suspicion.group_key(text), origin, device, minutes, taken)


def test_an_ordinary_message_is_taken():
    told = judge(Message("文化街农贸市场东门垃圾桶满了两天"), [seen("人民路路灯不亮")], B)
    assert (told.findings, told.points, told.waits) == ({}, 0, False)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("www.abc.com", suspicion.ONLY_LINK),
        ("https://x.top/a?b=1 加微信 领红包", suspicion.ONLY_LINK),
        ("哈哈哈哈哈哈哈哈", suspicion.ONE_CHARACTER),
        ("1111111111", suspicion.ONE_CHARACTER),
        ("……！！", suspicion.ONE_CHARACTER),
    ],
)
def test_what_is_no_report_waits_by_itself(text, sign):
    told = judge(Message(text), [], B)
    assert told.findings[sign] == 1 and told.waits


def test_a_link_beside_a_true_sentence_is_no_advertisement():
    told = judge(Message("人民路口的盲道被电动车占满了，照片在 https://example.cn/p/1 里"), [], B)
    assert suspicion.ONLY_LINK not in told.findings


def test_a_point_outside_waits_and_a_missing_place_alone_does_not():
    assert judge(Message("下水道堵了水漫出来", is_outside=True), [], B).waits
    assert not judge(Message("下水道堵了水漫出来", has_place=False), [], B).waits


def test_four_alike_wait_and_share_a_group():
    texts = ["环卫局不作为第1次", "环卫局不作为第2次", "环卫局不作为，第3次", "环卫局不作为 第4次！"]
    known = [seen(texts[0])]
    for text in texts[1:]:
        told = judge(Message(text), known, B)
        assert told.like == known[0].like and not told.waits
        known.append(seen(text)._replace(like=told.like))
    last = judge(Message("环卫局不作为第5次"), known, B)
    assert last.findings[suspicion.NEAR_TEXT] == 4 and last.waits and last.like == known[0].like


def test_a_shared_network_alone_does_not_hold_back():
    told = judge(Message("黄河路井盖松动有响声", origin="a"), [seen(origin="a") for _ in range(12)], B)
    assert told.findings == {suspicion.MANY_FROM_NETWORK: 13} and not told.waits


def test_a_flood_from_one_network_or_device_waits():
    many = [seen(f"第{n}条{chr(0x4e00 + 37 * n)}{chr(0x5e00 + 91 * n)}", origin="a", device="d") for n in range(26)]
    assert judge(Message("随便写一句新的话", origin="a"), many, B).waits
    assert judge(Message("随便写一句新的话", device="d"), many, B).waits


def test_a_checked_phone_outweighs_a_common_sign_not_junk():
    assert not judge(Message("环卫局不作为第6次", is_phone_checked=True), [seen("环卫局不作为第1次")] * 4, B).waits
    assert judge(Message("www.abc.com www.def.com", is_phone_checked=True, is_outside=True), [], B).waits


def test_no_more_are_taken_in_an_hour_than_the_bound():
    full = [seen(f"{chr(0x4e00 + 53 * n)}{chr(0x6e00 + 71 * n)}坏了") for n in range(60)]
    told = judge(Message("文化街农贸市场东门垃圾桶满了两天"), full, B)
    assert told.findings[suspicion.FULL] == 60 and told.waits


def test_the_odd_ones_stand_first_in_the_queue():
    flood = [Row(n, "f", f"领导不作为第{n}条", 5, False) for n in range(200)]
    odd = Row(900, "o", "黄河路 12 号井盖没了，晚上会摔人", 2, True)
    late = Row(901, "p", "领导不作为领导", 5, False)
    assert [g[0].pk for g in groups([*flood, odd, late])] == [900, 901, 0]


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=60)
def test_likeness_is_a_share_the_same_both_ways(a, b):
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, a) == (1.0 if plain(a) else 0.0)


@given(st.text(max_size=200))
@settings(max_examples=60)
def test_every_text_is_weighed_and_gets_a_group(text):
    told = judge(Message(text), [seen(text)], B)
    assert 1 <= len(told.like) <= 32 and told.waits == (told.points >= B.wait_from)
