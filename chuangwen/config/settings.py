"""All settings, read from the environment only; every variable is declared in `variables.py`."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import dj_database_url

from chuangwen.config import variables

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CHUANGWEN_DATA", ROOT / "var")).resolve()
DEBUG = os.environ.get("CHUANGWEN_DEBUG", "") == "1"
TESTING = "pytest" in sys.modules
BENCH = os.environ.get("CHUANGWEN_BENCH", "") == "1"  # set by `chuangwen bench` for its own web processes


def secret(name: str) -> str:
    """A secret kept in the data folder, made at first use with owner-only rights; never in the repository."""
    path = DATA / "secrets" / name
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        value = secrets.token_urlsafe(48)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
        return value


SECRET_KEY = os.environ.get("CHUANGWEN_SECRET_KEY") or ("only-for-tests" if TESTING else secret("django-key"))
LISTEN = os.environ.get("CHUANGWEN_LISTEN", "127.0.0.1:8000")
ALLOWED_HOSTS = os.environ.get("CHUANGWEN_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CHUANGWEN_ORIGINS", "").split(",") if o]
SOFFICE = os.environ.get("CHUANGWEN_SOFFICE", "")
BEHIND_TLS = os.environ.get("CHUANGWEN_TLS", "") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # the passkey pages of allauth use it
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "chuangwen.kernel",
    "chuangwen.registers",
    "chuangwen.papers",
    "chuangwen.problems",
    "chuangwen.standards",
    "chuangwen.tasks",
    "chuangwen.dossier",
    "chuangwen.inspections",
    "chuangwen.surveys",
    "chuangwen.assessment",
    "chuangwen.faces.desk",
    "chuangwen.faces.field",
    "chuangwen.faces.wall",
    "chuangwen.faces.portal",
    "chuangwen.faces.api",
    "chuangwen.faces.cli",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chuangwen.config.headers.SafeHeaders",
    "chuangwen.config.headers.NoNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "chuangwen.config.urls"
WSGI_APPLICATION = "chuangwen.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [ROOT / "chuangwen" / "kernel" / "screens" / "jinja2"],  # a folder of the kernel, not an app
        "APP_DIRS": True,  # <app>/jinja2/; why Jinja2: docs/decisions/0002
        "OPTIONS": {
            "environment": "chuangwen.config.jinja.environment",
            "context_processors": ["chuangwen.config.jinja.page_context"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",  # allauth's own pages
        "DIRS": [ROOT / "chuangwen" / "faces" / "desk" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chuangwen.config.jinja.page_context",
            ],
        },
    },
]

DATABASE_URL = os.environ.get("DATABASE_URL") or f"sqlite:///{DATA / 'chuangwen.sqlite3'}"
if TESTING:
    DATABASE_URL = os.environ.get("TEST_DATABASE_URL") or DATABASE_URL
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # A writer takes its lock at BEGIN: two people at the same step wait instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
            "PRAGMA cache_size=-8000; PRAGMA mmap_size=67108864;"
        ),
    }
    if TESTING:  # a file, because two threads cannot share a database in memory; own name for each run
        DATABASES["default"]["TEST"] = {"NAME": DATA / f"test-{os.getpid()}.sqlite3"}
        DATA.mkdir(parents=True, exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "kernel.Person"
AUTHENTICATION_BACKENDS = ["chuangwen.config.backend.KnownPersons"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "chuangwen.config.signin.ClosedDoor"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_ADAPTER = "chuangwen.config.signin.KnownPersonsOnly"
SOCIALACCOUNT_PROVIDERS = {}
if os.environ.get("CHUANGWEN_OIDC_URL"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "city",
                "name": os.environ.get("CHUANGWEN_OIDC_NAME", "统一身份认证"),
                "client_id": os.environ.get("CHUANGWEN_OIDC_ID", ""),
                "secret": os.environ.get("CHUANGWEN_OIDC_SECRET", ""),
                "settings": {"server_url": os.environ["CHUANGWEN_OIDC_URL"]},
            }
        ]
    }

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "chuangwen" / "locale"]
TIME_ZONE = os.environ.get("CHUANGWEN_ZONE", "Asia/Shanghai")
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
if TESTING:  # the file server warns of a folder that is not there, and a warning fails a test
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [p for p in (ROOT / "frontend" / "src", ROOT / "frontend" / "dist") if p.exists()]
MEDIA_ROOT = DATA / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 400  # a form of a phone app carries a photo for each item
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

SESSION_ENGINE = "chuangwen.config.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "chuangwen.config.headers.csrf_failed"

EMAIL_HOST = os.environ.get("CHUANGWEN_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("CHUANGWEN_MAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("CHUANGWEN_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("CHUANGWEN_MAIL_PASSWORD", "")
DEFAULT_FROM_EMAIL = os.environ.get("CHUANGWEN_MAIL_FROM", "chuangwen@localhost")

SMS_URL = os.environ.get("CHUANGWEN_SMS_URL", "")

# For `chuangwen docs`: faces do not import config.
VARIABLES = variables.VARIABLES

# Networks of the city's own (CIDR) that webhooks may be sent into; without any, public addresses only.
WEBHOOK_NETWORKS = [n.strip() for n in os.environ.get("CHUANGWEN_WEBHOOK_NETWORKS", "").split(",") if n.strip()]

TIANDITU_KEY = os.environ.get("CHUANGWEN_TIANDITU_KEY", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
