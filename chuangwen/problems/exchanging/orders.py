"""Work orders a hotline sends by itself: the office tables' own import, with what came of each row, and the answers back."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuangwen.kernel.places.datum import Datum
from chuangwen.kernel.screens.tables import BadTable, Row, TableRead
from chuangwen.kernel.workflow.flow import NotAllowed, Refused
from chuangwen.problems import rules
from chuangwen.problems.exchange import Preview, Result, import_orders, read_order_table, read_orders
from chuangwen.problems.exchanging.points import reading_of
from chuangwen.problems.models import ExchangeKind, ExchangeMessage, ExchangeState, Partner, Report, State

MOST_ROWS = 2_000  # of one sending; larger sheets go through the import page, whose worker takes its time
_WORKBOOK = "base64:"


def take_orders(partner: Partner, data: bytes) -> tuple[ExchangeMessage | None, dict[str, Any]]:
    """Takes a table of orders in (JSON, CSV, xlsx) and keeps it as it was; returns the row of the log and what the
    sender is told: counts, and one line a row. The same table again changes nothing.

    Raises BadTable for what is no table, NotAllowed where the partner's person may not take orders in.
    """
    if not rules.dispatcher.allows(partner.person, None):
        raise NotAllowed(_("收工单由创建办、督导员或派遣员办，这个平台的账号没有这样的岗位。"))
    table = read_order_table(data, partner.code, {"channel": ""})
    if len(table.rows) > MOST_ROWS:
        raise BadTable("too_many_rows", count=len(table.rows), limit=MOST_ROWS)
    mark = f"order:{hashlib.sha256(data).hexdigest()}"
    row, _made = ExchangeMessage.objects.get_or_create(
        partner=partner, is_out=False, mark=mark, defaults={"kind": ExchangeKind.ORDER, "body": _kept(data)}
    )
    return row, _import(row, table)


def play_orders(row: ExchangeMessage) -> ExchangeMessage:
    """Takes a kept table of orders in again; what is here already is known."""
    if row.kind == ExchangeKind.ORDER and row.body and row.state != ExchangeState.DONE:
        try:
            _import(row, read_order_table(_data(row.body), row.partner.code, {"channel": ""}))
        except (BadTable, Refused) as fault:
            ExchangeMessage.objects.filter(pk=row.pk).update(
                error=str(fault)[:500], state=ExchangeState.FAILED
            )
        row.refresh_from_db()
    return row


def _kept(data: bytes) -> str:
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _WORKBOOK + base64.b64encode(data).decode()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).replace("\0", "\ufffd")
        except UnicodeDecodeError:
            continue
    return _WORKBOOK + base64.b64encode(data).decode()


def _data(body: str) -> bytes:
    return base64.b64decode(body[len(_WORKBOOK) :]) if body.startswith(_WORKBOOK) else body.encode()


def _import(row: ExchangeMessage, table: TableRead) -> dict[str, Any]:
    reading = reading_of(row.partner.projection)
    datum = reading if isinstance(reading, Datum) else Datum.WGS84
    preview = read_orders(table, channel=row.partner.code, datum=datum)
    result = import_orders(preview, by=row.partner.person, sure=True)
    told = _answer(row.partner, table, preview, result)
    left_out = [each for each in told["rows"] if each["state"] == "left_out"]
    faults = preview.notes if not table.rows else []
    sentence = ""
    if left_out:
        sentence = _("%(n)d 行没收：第 %(row)d 行 %(why)s") % {
            "n": len(left_out), "row": left_out[0]["row"], "why": left_out[0]["why"]}  # fmt: skip
    ExchangeMessage.objects.filter(pk=row.pk).update(
        state=ExchangeState.FAILED if left_out or faults else ExchangeState.DONE, done_at=timezone.now(),
        error=(sentence or "；".join(faults))[:500], tries=row.tries + 1,
    )  # fmt: skip
    return told | ({"error": "；".join(faults)} if faults else {})


def _answer(partner: Partner, table: TableRead, preview: Preview, result: Result) -> dict[str, Any]:
    """{"made", "known", "left_out", "rows": [{"row", "number", "state", "case" | "why"}]}."""
    wrong: dict[int, list[str]] = {}
    for bad in [*preview.bad, *result.bad]:
        said = f"{bad.title}：{bad.sentence}" if bad.title else bad.sentence
        wrong.setdefault(bad.row or 0, []).append(said)
    fresh = {order.row for order in preview.orders}
    uids = {order.row: order.told.uid for order in preview.orders}
    numbers = [row.values.get("number") for row in table.rows if row.values.get("number")]
    by_number = dict(
        Report.objects.filter(channel=partner.code, order_number__in=numbers).values_list(
            "order_number", "case__number"
        )
    )
    by_uid = dict(Report.objects.filter(uid__in=list(uids.values())).values_list("uid", "case__number"))
    cases = {row: by_uid[uid] for row, uid in uids.items() if uid in by_uid}
    rows = [_line(row, wrong, fresh, by_number.get(row.values.get("number") or "") or cases.get(row.number))
            for row in table.rows]  # fmt: skip
    left_out = sum(each["state"] == "left_out" for each in rows)
    return {
        "made": result.made,
        "known": len(rows) - result.made - left_out,
        "left_out": left_out,
        "rows": rows,
    }


def _line(row: Row, wrong: dict[int, list[str]], fresh: set[int], case: str | None) -> dict[str, Any]:
    line: dict[str, Any] = {"row": row.number, "number": row.values.get("number") or ""}
    if row.number in wrong:
        return line | {"state": "left_out", "why": " ".join(wrong[row.number])}
    return line | {"state": "made" if row.number in fresh else "known", "case": case or ""}


def order_answer(partner: Partner, number: str) -> dict[str, Any] | None:
    """What a hotline tells its caller: where the order stands, and the answer once there is one; None for no such order."""
    found = (
        Report.objects.filter(channel=partner.code, order_number=number)
        .exclude(order_number="").select_related("case").first()
    )  # fmt: skip
    if found is None:
        return None
    case = found.case
    return {
        "number": number, "case": case.number, "state": case.state, "state_name": str(State(case.state).label),
        "received_at": found.received_at.isoformat(), "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "reply": found.reply, "replied_at": found.told_at.isoformat() if found.told_at else None,
    }  # fmt: skip
