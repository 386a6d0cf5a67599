"""What can be set: environment variables of an installation, and what a city may choose for itself."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from chuangwen.faces.cli.docs.markdown import page, table


class Choice(NamedTuple):
    """One name a city may set in `City.settings`; `default` is the literal that holds until it does."""

    name: str
    default: str
    sentence: str


# Every `setting("…", default)` of the code; a test compares names and defaults with the calls.
CHOICES = (
    Choice("submission_wait_points", "3", "Points of signs from which a resident's message waits for a person."),
    Choice("submission_network_hour", "8", "Messages of one network within an hour above which that is a sign."),
    Choice("submission_device_day", "6", "Messages of one device within a day above which that is a sign."),
    Choice("submission_alike_day", "4", "Messages of a day with nearly the same words from which that is a sign."),
    Choice("submission_rush_hour", "60", "Messages of an hour from everywhere from which that is a sign."),
    Choice("submission_taken_hour", "60", "Messages taken into the inbox at once within an hour; more wait."),
    Choice("burden_same_days", "30", "Days within which asking a unit for the same thing again is refused."),
    Choice(
        "copied_share",
        "0.5",
        "From this share of a report on (0 to 1) that stands in last year's, a word is asked for.",
    ),
    Choice("document_megabytes", "30", "Largest file of evidence, in MiB."),
    Choice("dossier_item_megabytes", "100", "Largest sum of the files of one dossier item, in MiB."),
    Choice(
        "dossier_levels",
        "['unit', 'office']",
        "Levels of review in use: unit, office, final; the office's last one accepts.",
    ),
    Choice("limit_dossier_check", "['3', 'work_day']", "Limit to review a dossier item, at each level."),
    Choice(
        "limit_dossier_mend", "['3', 'work_day']", "Limit to mend a returned dossier item after its due day."
    ),
    Choice(
        "report_characters",
        "500",
        "Longest report of a dossier item whose material names no limit, in characters.",
    ),
    Choice("extensions_at_most", "2", "How often the fix limit of a case may be extended."),
    Choice("limit_appeal", '["2", "work_day"]', "Limit to answer a unit's appeal."),
    Choice("limit_check", '["4", "work_hour"]', "Limit to check a fix, for a kind that names none."),
    Choice("limit_dispatch", '["1", "work_hour"]', "Limit to dispatch a case, for a kind that names none."),
    Choice("limit_fix", '["3", "work_day"]', "Limit to fix a problem, for a kind that names none."),
    Choice("open311_per_hour", "300", "Problems one key may report through Open311 in an hour."),
    Choice(
        "papers_of_rungs",
        "['supervise_yellow', 'supervise_red']",
        "Rungs of the ladder whose signing leaves a draft paper.",
    ),
    Choice("patrols_per_day", "2", "How often a thing or site is to be looked at on a day of patrol."),
    Choice(
        "limit_verify",
        '["2", "work_hour"]',
        "Limit to verify a report, for a kind that names none or while none is known.",
    ),
    Choice(
        "recurrence_days",
        "90",
        "A new case of the same kind at the same place within so many days of closing is a recurrence.",
    ),
    Choice("recurrence_metres", "50", "Where no site is named, the same place is within so many metres."),
    Choice(
        "returns_before_ruling",
        "3",
        "From this return on, the office hears the units and decides whose the case is.",
    ),
    Choice("limit_paper_issue", "['1', 'work_day']", "Limit to issue a signed paper."),
    Choice("limit_paper_review", "['1', 'work_day']", "Limit to sign or return a paper sent for review."),
    Choice(
        "limit_meeting_minutes",
        "['3', 'work_day']",
        "Limit to confirm the minutes of a meeting that was held.",
    ),
    Choice(
        "limit_referral_listing",
        "['7', 'calendar_day']",
        "Limit to hear whether a task handed up was listed, and again whether it was assigned.",
    ),
    Choice("referral_to", "'市委市政府重点工作周交办会议'", "The meeting tasks are handed up to."),
    Choice("idea_read_days", "3", "Working days until an idea is read and released, merged or kept from the public."),
    Choice("idea_answer_days", "20", "Working days until a public idea is answered."),
    Choice("limit_task_check", "['3', 'work_day']", "Limit to accept or return a task that was handed in."),
    Choice(
        "project_from_effort",
        "12",
        "Work at sites that takes this many person-days or more becomes a project in a generated year.",
    ),
    Choice(
        "reachable_rates",
        "{'dossier': '1', 'site': '0.95', 'survey': '0.9'}",
        "Rate (0 to 1) thought reachable on each front; the weakness list counts the points up to it.",
    ),
    Choice(
        "public_sources",
        "['resident', 'wechat', 'hotline', 'mail', 'phone']",
        "Sources of cases that make a draft for the public by themselves; a covert one never does.",
    ),
    Choice(
        "public_careful_words",
        "['未成年', '儿童', '小孩', '孩子', '幼儿', '婴儿', '学生', '少年']",
        "With one of these words in what was sent, no draft for the public makes itself; a person may make one.",
    ),
    Choice(
        "publish_kinds",
        "[]",
        "Codes of kinds whose drafts without a picture are public unread, as kind and street only; none unless named.",
    ),
    Choice("open_data_licence", "''", "The terms under which open data may be used, printed on its page."),
    Choice("api_per_minute", "600", "Requests one token may make at `/api/v1/` within a minute."),
    Choice("spot_after_days", "7", "Days from closing to the re-check of a drawn case."),
    Choice("spot_share", "0.05", "Share of closed cases that the clock draws for a re-check, 0 to 1."),
    Choice(
        "task_kind_by_method",
        "{}",
        "Kind of task (project, activity, document) by method of testing, where it is not the usual one.",
    ),
    Choice("task_lead_days", "15", "Days a generated task ends before its material is due."),
    Choice("visit_minutes", "20", "Minutes one visit takes, for routes."),
    Choice("visit_minutes_per_day", "360", "Minutes a team is on its way and at places in one day."),
    Choice("wall_seconds", "5", "After how many seconds the big screen asks for new figures."),
    Choice(
        "visit_speed_km_h", "'4.5'", "Speed between places in km/h: on foot unless the city says otherwise."
    ),
    Choice(
        "sure_from",
        "0.8",
        "From this confidence on (0 to 1) a suggested kind is offered for confirming at a glance.",
    ),
)

INSTALLATION = """## Of the installation

Environment variables, read once at start (`chuangwen/config/settings.py`).
"""
CITY = """## Of the city

Keys of the city's row (`City.settings`), read with `setting(name, default)`; a change holds within five
seconds. Limits are an amount and a unit: `urgent_hour`, `work_hour`, `work_day`, `calendar_day`.
"""


def text() -> str:
    variables = [(f"`{v.name}`", v.default or "empty", v.sentence) for v in settings.VARIABLES]
    choices = [(f"`{c.name}`", f"`{c.default}`", c.sentence) for c in CHOICES]
    titles = ["Name", "Default", "Meaning"]
    return page("Settings", INSTALLATION, table(titles, variables), CITY, table(titles, choices))
