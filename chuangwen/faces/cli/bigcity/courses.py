"""What happened to one case of the big city, as a list of steps with their moments: closed ones run to the
end, open ones stop.
"""

from __future__ import annotations

import random
from typing import NamedTuple

# Shares of the ends of closed cases and of the states of open ones, by age; figures of our own choosing.
CLOSED = (("pass", 87), ("rework", 6), ("return", 5), ("void", 2))
OPEN_NEW = (("reported", 40), ("verified", 6), ("filed", 14), ("assigned", 40))
OPEN_OLD = (("assigned", 20), ("fixing", 47), ("answered", 15), ("filed", 4), ("disputed", 2), ("appealed",
    2),
            ("held", 7), ("spot", 3))  # fmt: skip

HOUR, DAY = 3600, 86_400


class Happening(NamedTuple):
    """One link of the chain before it is hashed: `who` is a post (d dispatcher, u unit, c checker, r
    reporter, o nobody).
    """

    step: str
    before: str
    after: str
    at: int
    who: str


def opening(t: int, chance: random.Random) -> list[Happening]:
    """From report to the unit's hands."""
    verified = t + 300 + int(chance.random() * 3 * HOUR)
    return [
        Happening("report", "", "reported", t, "r"),
        Happening("verify", "reported", "verified", verified, "d"),
        Happening("file", "verified", "filed", verified + 30, "d"),
        Happening("dispatch", "filed", "assigned", verified + 60, "d"),
    ]


def voided(t: int, chance: random.Random) -> list[Happening]:
    return [
        Happening("report", "", "reported", t, "r"),
        Happening("void", "reported", "void", t + 600 + int(chance.random() * 5 * HOUR), "d"),
    ]


def fixed(course: list[Happening], answered: int, chance: random.Random, again: bool) -> None:
    """Adds acceptance, answer and closing; `again`: once sent back for rework in between."""
    given = course[-1].at
    accepted = given + int((answered - given) * 0.1 * chance.random())
    course.append(Happening("accept", "assigned", "fixing", accepted, "u"))
    course.append(Happening("answer", "fixing", "answered", answered, "u"))
    checked = answered + 1200 + int(chance.random() * 8 * HOUR)
    if again:
        course.append(Happening("reject", "answered", "fixing", checked, "c"))
        answered = checked + HOUR + int(chance.random() * DAY)
        course.append(Happening("answer", "fixing", "answered", answered, "u"))
        checked = answered + 1200 + int(chance.random() * 6 * HOUR)
    course.append(Happening("pass", "answered", "closed", checked, "c"))


def given_back(course: list[Happening], chance: random.Random) -> None:
    """Adds a return and a second dispatch."""
    at = course[-1].at + 1800 + int(chance.random() * 4 * HOUR)
    course.append(Happening("return", "assigned", "filed", at, "u"))
    course.append(Happening("dispatch", "filed", "assigned", at + 900, "d"))


def stopped(
    course: list[Happening], state: str, until: int, given: int, chance: random.Random
) -> list[Happening]:
    """The course of an open case cut or led to `state`; `given` is the moment it was (last) given to a
    unit.
    """
    if state in ("reported", "verified", "filed"):
        return course[: ("reported", "verified", "filed").index(state) + 1]
    course[-1] = course[-1]._replace(at=max(given, course[-2].at + 30))
    last = course[-1].at
    between = max(60, until - last)
    if state == "assigned":
        return course
    if state == "disputed":
        course.append(Happening("return", "assigned", "disputed", last + between // 2, "u"))
        return course
    course.append(Happening("accept", "assigned", "fixing", last + between // 10, "u"))
    if state == "held":
        course.append(Happening("hold", "fixing", "held", last + between // 2, "d"))
    elif state == "appealed":
        course.append(Happening("appeal", "fixing", "appealed", last + between // 2, "u"))
    elif state in ("answered", "spot"):
        course.append(Happening("answer", "fixing", "answered", last + between // 2, "u"))
        if state == "spot":
            course.append(Happening("pass", "answered", "closed", last + between * 3 // 4, "c"))
            course.append(Happening("spot", "closed", "spot", last + between * 7 // 8, "c"))
    return course
