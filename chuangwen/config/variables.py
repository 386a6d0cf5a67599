"""Every environment variable the software reads, with default and meaning; a test holds the code to it."""

from __future__ import annotations

from typing import NamedTuple


class Variable(NamedTuple):
    """One variable: its name, what holds when it is not set (in words where not fixed), what it does."""

    name: str
    default: str
    sentence: str


VARIABLES = (
    Variable(
        "CHUANGWEN_DATA",
        "`var/` of the checkout",
        "Folder of database, evidence, secrets and static files; one city each.",
    ),
    Variable("CHUANGWEN_LISTEN", "127.0.0.1:8000", "Address and port the web server listens at."),
    Variable(
        "CHUANGWEN_HOSTS",
        "127.0.0.1,localhost,[::1],testserver",
        "Host names the city is reached by, comma-separated; a request for another host gets status 400.",
    ),
    Variable(
        "CHUANGWEN_ORIGINS",
        "",
        "Origins behind a proxy, comma-separated, such as `https://cw.example.cn`; forms over TLS need it.",
    ),
    Variable(
        "CHUANGWEN_TLS",
        "",
        "`1`: a proxy in front speaks TLS and sets `X-Forwarded-Proto`; cookies then travel over TLS only.",
    ),
    Variable(
        "CHUANGWEN_SECRET_KEY",
        "made once, kept in `secrets/django-key`",
        "Key that signs sessions and links.",
    ),
    Variable(
        "CHUANGWEN_DEBUG", "", "`1`: show faults in the browser. Never where others can reach the server."
    ),
    Variable("CHUANGWEN_ZONE", "Asia/Shanghai", "Time zone of the city."),
    Variable(
        "DATABASE_URL",
        "SQLite file in the data folder",
        "Database, such as `postgres://user:password@host:5432/chuangwen`.",
    ),
    Variable("TEST_DATABASE_URL", "SQLite", "PostgreSQL for a second run of the tests."),
    Variable("BENCH_DATABASE_URL", "a database of its own beside `TEST_DATABASE_URL`", "PostgreSQL for `make bench`."),
    Variable("CHUANGWEN_BENCH", "", "`1`: set by `chuangwen bench` for the web processes it starts; adds two addresses."),
    Variable("TEST_WORKERS", "number of processors, at most 8", "Processes the tests run in."),
    Variable(
        "CHUANGWEN_SOFFICE",
        "",
        "LibreOffice that makes PDF of papers; empty: the one on the search path or in its usual place.",
    ),
    Variable("CHUANGWEN_FONT", "", "Chinese font file for the wall map; empty: one of those installed is found."),
    Variable("CHUANGWEN_CHROMIUM", "the first Chromium on the search path", "Browser for the browser tests."),
    Variable(
        "CHUANGWEN_OIDC_URL",
        "",
        "Address of the city's OpenID Connect provider; empty: sign-in by password or passkey only.",
    ),
    Variable("CHUANGWEN_OIDC_NAME", "统一身份认证", "Name of that provider on the sign-in page."),
    Variable("CHUANGWEN_OIDC_ID", "", "Client id at that provider."),
    Variable("CHUANGWEN_OIDC_SECRET", "", "Client secret at that provider."),
    Variable("CHUANGWEN_MAIL_HOST", "", "Mail server; empty: no mail is sent."),
    Variable("CHUANGWEN_MAIL_PORT", "25", "Port of the mail server."),
    Variable("CHUANGWEN_MAIL_USER", "", "User name at the mail server."),
    Variable("CHUANGWEN_MAIL_PASSWORD", "", "Password at the mail server."),
    Variable("CHUANGWEN_MAIL_FROM", "chuangwen@localhost", "Sender of the mails."),
    Variable(
        "CHUANGWEN_SMS_URL",
        "",
        "Apprise address of the SMS gateway, such as `jsons://gateway/send?to={phone}`; empty: no phone is asked for.",
    ),
    Variable(
        "CHUANGWEN_WEBHOOK_NETWORKS",
        "",
        "Networks of the intranet that webhooks may be sent into, comma-separated, such as `10.3.0.0/16`; "
        "empty: public addresses only.",
    ),
    Variable(
        "CHUANGWEN_TIANDITU_KEY",
        "",
        "Key for base maps of 天地图; empty: maps show the city's own outlines only.",
    ),
)
