// Which page stands at which hash address.
import { casePage } from "./case.js";
import { h } from "./dom.js";
import { mapPage } from "./map.js";
import { outboxPage } from "./outbox.js";
import { patrolPage } from "./patrol.js";
import { recheckPage } from "./recheck.js";
import { todayPage } from "./today.js";
import { visitPage } from "./visit.js";
import { unsentByPerson } from "./queue.js";
import { t } from "./words.js";

// Before the first day came onto the phone, or after signing out.
async function nonePage(app) {
  const unsent = [...(await unsentByPerson(app.db)).values()].reduce((sum, n) => sum + n, 0);
  const out = app.last.state === "signed-out";
  return {
    title: t("今天"), isHome: true, tab: "today",
    main: [unsent ? h("p.cw-line", {}, t("手机上有 %(n)s 条没送，记的人登录后自动送。", { n: unsent })) : "", out ? h("p.cw-empty", {}, h("b", {}, t("还没有登录。")), t("登录后清单存到手机，没网也能用。"), " ", h("a.cw-tap", { href: "/accounts/login/?next=/field/" }, t("去登录")))
      : h("p.cw-empty", {}, h("b", {}, app.online ? t("在取今天的清单…") : t("手机里还没有今天的清单。")), app.online ? "" : t("到有网处打开本页一次，清单就存下了。"))],
  };
}

export const pages = { "": todayPage, visit: visitPage, case: casePage, recheck: recheckPage, patrol: patrolPage, map: mapPage, outbox: outboxPage, none: nonePage };
