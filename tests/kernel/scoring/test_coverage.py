"""The 95 % interval of a draw covers the truth in 93 to 97 % of 2,000 simulated cities, for every kind of draw."""

from __future__ import annotations

import numpy as np
import pytest

from tools.simulate_coverage import PLACES, SETTINGS, Setting, allocate, make_city, simulate

CITIES = 2000


def test_intervals_cover_the_truth():
    asked = tuple(setting for setting in SETTINGS if (setting.visits, setting.least) != (150, 1))
    tallies = simulate(CITIES, 1, asked)
    shares = {str(setting): tally.covered * 100 / CITIES for setting, tally in tallies.items()}
    for name, share in shares.items():
        print(f"{name}: {share:.2f} %")
    assert len(shares) == 6
    assert all(tally.intervals == CITIES for tally in tallies.values())
    assert {name: share for name, share in shares.items() if not 93 <= share <= 97} == {}


def test_the_cities_are_what_they_are_said_to_be():
    rng = np.random.default_rng(7)
    rates = []
    for _ in range(50):
        city = make_city(rng)
        assert 30 <= len(city.sizes) <= 50
        assert city.sizes.sum() == PLACES
        rates.append(city.truth(graded=False))
        for kind in (False, True):
            assert 0 < city.truth(kind) < 1
    assert min(rates) < 0.7 < 0.95 < max(rates)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_draws_have_their_size_and_their_least(setting: Setting):
    sizes = make_city(np.random.default_rng(3)).sizes
    visits = allocate(sizes, setting)
    assert visits.sum() == max(setting.visits, setting.least * len(sizes))
    assert (visits >= setting.least).all()
    assert (visits <= sizes).all()
