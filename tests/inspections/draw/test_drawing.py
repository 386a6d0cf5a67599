"""The draw: the same on any machine, exact in every stratum, fair over many seeds, refused in full sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from chuangwen.inspections.draw import (
    DrawFault,
    Site,
    compare,
    differences,
    double_share,
    draw,
    register_hash,
)
from chuangwen.inspections.draw.drawing import LeftOut, Why

DAY = date(2026, 7, 1)
SEED = "创文-2026-07"


def site(code, stratum="公园", **more):
    return Site(code, stratum, "城关", 113.1, 34.8, **more)


REGISTER = [*(site(f"A{n}") for n in range(1, 7)), *(site(f"B{n}", "车站") for n in range(1, 5))]


def kinds(refusal):
    return [fault.kind for fault in refusal.value.faults]


def test_places_are_those_of_the_smallest_digests():
    # The first digits that coreutils gives for `printf '%s\n%s' 创文-2026-07 CODE | sha256sum`:
    # A3 143d, A4 35b8, A5 b445, A2 d67a, A1 e687, A6 ec7c; B4 45df, B3 4b43, B1 9978, B2 fecd.
    drawn = draw(REGISTER, {"公园": 3, "车站": 2}, seed=SEED, day=DAY)
    assert drawn.codes == ("A3", "A4", "A5", "B4", "B3")
    # The same with `double 创文-2026-07`: B4 22de, B3 6545, A3 c3e1, A5 d0c9, A4 faca.
    assert [each.code for each in double_share(drawn, Decimal("0.3"), SEED)] == ["B4", "B3"]


def test_one_place_of_the_register_by_hand():
    written = (
        '["A1","\\u516c\\u56ed","\\u57ce\\u5173","113.1000000","34.8000000",20,["U1","U2"],"2026-05-01"]\n'
        '["A2","\\u516c\\u56ed","\\u57ce\\u5173","113.1000000","34.8000000",20,[],null]\n'
    )
    register = [site("A2"), site("A1", answers=frozenset({"U2", "U1"}), last_drawn=date(2026, 5, 1))]
    assert register_hash(register) == sha256(written.encode()).hexdigest()


@st.composite
def orders(draw_from):
    """A register, sizes that fit it, and a seed."""
    counts = draw_from(st.lists(st.integers(1, 12), min_size=1, max_size=4))
    register = [site(f"{n}-{at}", f"层{n}") for n, count in enumerate(counts) for at in range(count)]
    sizes = {f"层{n}": draw_from(st.integers(0, count)) for n, count in enumerate(counts)}
    sizes["层0"] = max(1, sizes["层0"])
    seed = draw_from(
        st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable() and text == text.strip())
    )
    return register, sizes, seed


@given(orders(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_order_of_the_register_does_not_matter_and_sizes_are_exact(order, random):
    register, sizes, seed = order
    drawn = draw(register, sizes, seed=seed, day=DAY)
    shuffled = random.sample(register, len(register))
    assert draw(shuffled, dict(reversed(sizes.items())), seed=seed, day=DAY) == drawn
    assert Counter(each.stratum for each in drawn.sites) == Counter(sizes)
    assert len(set(drawn.codes)) == sum(sizes.values())
    # Written out again: the whole rule in one line per stratum.
    for stratum, size in sizes.items():
        codes = [each.code for each in register if each.stratum == stratum]
        codes.sort(key=lambda code: sha256(seed.encode() + b"\n" + code.encode()).digest())
        assert [each.code for each in drawn.sites if each.stratum == stratum] == codes[:size]


@given(orders(), st.integers(1, 5))
@settings(max_examples=20)
def test_a_larger_draw_of_the_same_seed_begins_with_the_smaller(order, more):
    register, sizes, seed = order
    places = Counter(each.stratum for each in register)
    larger = {stratum: min(places[stratum], size + more) for stratum, size in sizes.items()}
    small, large = (set(draw(register, each, seed=seed, day=DAY).codes) for each in (sizes, larger))
    assert small <= large


def test_the_same_in_other_processes():
    """Hash randomisation changes the order of sets and dicts; the draw may not hang on it, nor load big libraries."""
    code = (
        "import sys; from datetime import date; from chuangwen.inspections.draw import Site, draw\n"
        "register = {Site(f'P{n}', '层', '区', 1, 2, answers=frozenset({f'U{n}', f'V{n}'})) for n in range(99)}\n"
        "print(draw(register, {'层': 9}, seed='s', day=date(2026, 7, 1)).draw_hash)\n"
        "print([name for name in ('django', 'ortools') if name in sys.modules])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": each},
            check=True,
            capture_output=True,
        ).stdout
        for each in ("1", "2")
    }
    assert len(said) == 1
    assert said.pop().decode().splitlines()[1] == "[]"


def test_every_place_of_a_stratum_is_drawn_equally_often():
    counts, sizes, times = {"大": 40, "小": 15}, {"大": 7, "小": 6}, 400
    register = [site(f"{key}{n:02}", key) for key, count in counts.items() for n in range(count)]
    seen = Counter(
        code for n in range(times) for code in draw(register, sizes, seed=f"轮{n}", day=DAY).codes
    )  # fmt: skip
    for key, count in counts.items():
        expected = times * sizes[key] / count
        off = sum((seen[f"{key}{n:02}"] - expected) ** 2 for n in range(count))
        # Drawn without replacement, the counts vary less by 1 − n/N and sum to a constant.
        statistic = off / (expected * (1 - sizes[key] / count)) * (count - 1) / count
        assert chi2.ppf(0.001, count - 1) < statistic < chi2.ppf(0.999, count - 1)


def test_places_drawn_lately_rest_and_are_named():
    register = [
        site("A1", last_drawn=date(2026, 6, 1)),
        site("A2", last_drawn=date(2026, 6, 2)),
        site("A3", last_drawn=date(2026, 7, 1)),
        site("A4"),
        site("A5"),
    ]
    drawn = draw(register, {"公园": 2}, seed="s", day=DAY, rest_days=30, excluded={"A5": "装修"})
    assert set(drawn.codes) == {"A1", "A4"}
    assert drawn.left_out == (
        LeftOut("A2", Why.RESTING, "2026-07-02"),
        LeftOut("A3", Why.RESTING, "2026-07-31"),
        LeftOut("A5", Why.EXCLUDED, "装修"),
    )
    assert drawn.strata == (("公园", 5, 2, 2),)
    assert draw(register, {"公园": 5}, seed="s", day=DAY).left_out == ()


def test_too_few_left_is_refused_with_figures():
    register = [site("A1", last_drawn=date(2026, 6, 30)), site("A2"), site("A3"), site("B1", "车站")]
    with pytest.raises(DrawFault) as refusal:
        draw(register, {"公园": 3, "车站": 1}, seed="s", day=DAY, rest_days=7, excluded={"A2": "", "B1": ""})
    first, second = refusal.value.faults
    assert first.figures == {
        "stratum": "公园", "wanted": 3, "left": 1, "missing": 2, "places": 3, "resting": 1, "excluded": 1,
    }  # fmt: skip
    assert (second.figures["stratum"], second.figures["missing"]) == ("车站", 1)
    assert "层“公园”要抽 3 个，可抽的只有 1 个，缺 2 个" in str(refusal.value)


def test_faults_are_named_together():
    register = [site("A1"), site("A1"), site("A2"), replace(site("A3"), lat=None), replace(site("A4"), lon=181.0),
                replace(site("A5"), stratum=""), site("A6", minutes=-1), site("a\nb"), site("")]  # fmt: skip
    with pytest.raises(DrawFault) as refusal:
        draw(
            register,
            {"公园": 99, "剧院": 1, "车站": -1},
            seed=" s",
            day=DAY,
            rest_days=-1,
            excluded={"Z": ""},
        )
    assert kinds(refusal) == [
        "no_point", "bad_point", "no_stratum", "bad_minutes", "no_code", "no_code", "doubled_code",
        "bad_seed", "bad_rest", "larger_than_stratum", "unknown_stratum", "bad_size", "unknown_excluded",
    ]  # fmt: skip
    assert len(str(refusal.value).splitlines()) >= 13
    assert "点位 A3 没有坐标" in str(refusal.value)
    assert "名录中只有 8 个" in str(refusal.value)


def test_nothing_to_draw_from_and_nothing_to_draw():
    with pytest.raises(DrawFault) as refusal:
        draw([], {}, seed="s", day=DAY)
    assert kinds(refusal) == ["empty_register"]
    with pytest.raises(DrawFault) as refusal:
        draw(REGISTER, {"公园": 0}, seed="", day=DAY)
    assert kinds(refusal) == ["bad_seed", "nothing_wanted"]
    with pytest.raises(DrawFault) as refusal:
        draw([replace(site("A1"), lat=float("nan"))], {"公园": 1}, seed="s", day=DAY)
    assert kinds(refusal) == ["bad_point"]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, ()),
        ({"seed": "另"}, ("seed", "sites")),
        ({"sizes": {"公园": 2, "车站": 2}}, ("sizes", "sites")),
        ({"register": [*REGISTER, site("C1", "剧院")]}, ("register",)),
        ({"register": [replace(REGISTER[0], minutes=21), *REGISTER[1:]]}, ("register",)),
        ({"excluded": {"A3": "x"}}, ("rules", "sites")),
        ({"day": date(2026, 7, 2)}, ()),
    ],
)
def test_two_draws_are_compared(other, found):
    given_ = {"register": REGISTER, "sizes": {"公园": 3, "车站": 2}, "seed": SEED, "day": DAY}
    one, two = (
        draw(each.pop("register"), each.pop("sizes"), **each) for each in (dict(given_), given_ | other)
    )  # fmt: skip
    assert differences(one, two) == found
    typed = f" {two.draw_hash[:32].upper()} {two.draw_hash[32:]}\n"
    assert compare(one.draw_hash, typed) is (not found)


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 65])
def test_what_is_no_hash_is_refused(text):
    with pytest.raises(DrawFault) as refusal:
        compare("0" * 64, text)
    assert refusal.value.faults[0].figures == {"hash": text}


@given(orders(), st.decimals("0", "1", places=2))
@settings(max_examples=30)
def test_share_rated_twice(order, share):
    register, sizes, seed = order
    drawn = draw(register, sizes, seed=seed, day=DAY)
    twice = {each.code for each in double_share(drawn, share, seed)}
    assert twice <= set(drawn.codes)
    assert len(twice) - 1 < share * len(drawn.sites) <= len(twice)


@pytest.mark.parametrize("share", ["-0.01", "1.01"])
def test_a_share_that_is_none(share):
    with pytest.raises(DrawFault, match="复评比例"):
        double_share(REGISTER, Decimal(share), "s")
