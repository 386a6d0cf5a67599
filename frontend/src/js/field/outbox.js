// 未送: every record with what became of it. What has no receipt cannot be thrown away; the last rescue is a file.
import { h, quiet, section } from "./dom.js";
import { exportUnsent } from "./rescue.js";
import { ASIDE, KEPT, REFUSED, WAITING, outbox, isUnsent, reopenRecord, retryRecord, unsentByPerson } from "./queue.js";
import { keptLine } from "./receipt.js";
import { megabytes, t } from "./words.js";

const KINDS = () => ({ visit: t("考察"), skip: t("没去成"), report: t("录入"), recheck: t("复看"), patrol: t("巡查") });
const pageOf = (row) => ({ visit: `#/visit/${row.given.visit}`, skip: `#/visit/${row.given.visit}`, report: "#/case", recheck: `#/recheck/${row.given.number}` })[row.kind] ?? "#/";

function line(app, row) {
  const size = row.files.reduce((sum, file) => sum + file.size, 0);
  const facts = [KINDS()[row.kind], row.files.length ? t("%(n)s 个文件 %(size)s", { n: row.files.length, size: megabytes(size) }) : ""].filter(Boolean).join(" · ");
  const again = async () => { if (await reopenRecord(app.db, row.uid)) app.go(pageOf(row)); else app.say(t("已经在送，改不了。"), { bad: true }); };
  const retry = async () => { await retryRecord(app.db, row.uid); await app.send(); app.show(); };
  const canMend = (row.state === REFUSED && row.draft) || (row.state === WAITING && row.tries === 0);
  return h("li", { "data-record": row.uid, "data-state": row.state }, h("b", {}, row.title || KINDS()[row.kind]), quiet(` ${facts}`), keptLine(row),
    h("div.cw-acts", {}, canMend ? h("button.btn.btn-sm", { type: "button", onclick: again }, t("打开再改")) : "", row.state === REFUSED ? h("button.btn.btn-sm", { type: "button", onclick: retry }, t("再送一次")) : ""));
}

function group(app, title, rows, note = null) {
  return rows.length ? section(`${title} ${rows.length}`, note, h("ol.cw-records", {}, ...rows.map((row) => line(app, row)))) : "";
}

// Records of others who used this phone: they are counted, not shown, and go when that person signs in.
async function others(app) {
  const counts = await unsentByPerson(app.db);
  counts.delete(app.person.id);
  const n = [...counts.values()].reduce((sum, one) => sum + one, 0);
  return n ? h("p.cw-line", {}, t("这部手机上另有 %(n)s 条别人的记录，他登录后自动送。", { n })) : "";
}

function actions(app, open) {
  const send = async () => { await app.send({ all: true }); app.show(); };
  return h("div.cw-acts.cw-wrap.cw-tools", {}, h("button.btn", { type: "button", onclick: send }, t("现在送")),
    h("button.btn", { type: "button", onclick: () => exportUnsent(app.db, app.person) }, t("导出未送 %(n)s 条", { n: open.length })));
}

export async function outboxPage(app) {
  const rows = await outbox(app.db, app.person.id);
  const by = (state) => rows.filter((row) => row.state === state);
  const open = rows.filter(isUnsent);
  const last = app.last.state === "signed-out" ? h("p.cw-bad", { role: "alert" }, t("登录已过期，登录后自动送。"), h("a.cw-tap", { href: "/accounts/login/?next=/field/" }, t("去登录")))
    : app.last.state === "other" ? h("p.cw-bad", { role: "alert" }, t("现在登录的是别人，本页的记录等本人登录再送。")) : "";
  return {
    title: t("未送"), tab: "outbox", aside: quiet(String(open.length)),
    main: [last, open.length ? actions(app, open) : h("p.cw-empty", {}, h("b", {}, t("都送到了。")), t("回执留 30 天，在下面。")),
      group(app, t("要改"), by(REFUSED)), group(app, t("未送"), by(WAITING), quiet(t("没有回执的不能删"))),
      group(app, t("另存"), by(ASIDE), quiet(t("创建办在处理"))), group(app, t("有回执"), by(KEPT)), await others(app), leavePart(app)],
  };
}

// Signing out drops the day from the phone; what is unsent stays, tied to this person.
function leavePart(app) {
  return h("form.cw-mt2", { method: "post", action: "/accounts/logout/", onsubmit: (e) => { e.preventDefault(); app.leave(); } },
    h("p.cw-quiet", {}, t("退出后，今天的清单和旧照片从手机删掉；未送的留着，你再登录时送。")), h("button.btn.cw-mt", {}, t("退出登录")));
}
