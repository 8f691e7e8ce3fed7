"""Settings: the embedded default of each part, and the environment variables that change it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .environment import BASE_DIR, BASE_URL, DATA_DIR, DEBUG, DEMO, PRODUCTION, TESTING, env, flag
from .identity import *  # noqa: F403 - its names are settings
from .identity import IDENTITY_ORIGINS
from .licences import *  # noqa: F403 - its names are settings
from .payments import *  # noqa: F403 - its names are settings


def secret_key() -> str:
    """Take SECRET_KEY from the environment, or keep one of our own beside the data (never in production)."""
    if given := env("SECRET_KEY"):
        return given
    if PRODUCTION:
        raise ImproperlyConfigured("PRODUCTION needs SECRET_KEY.")
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = secret_key()
PERSON_KEY = env("PERSON_KEY") or SECRET_KEY  # under it identity numbers are told apart; changing it forgets them
ALLOWED_HOSTS = [host for host in env("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",") if host]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "marketplace.core",
    "marketplace.accounts",
    "marketplace.licences",
    "marketplace.catalog",
    "marketplace.parties",
    "marketplace.projects",
    "marketplace.tenders",
    "marketplace.bidding",
    "marketplace.awards",
    "payments",
    "marketplace.contracts",
    "marketplace.reviews",
    "marketplace.approvals",
    "marketplace.process",
    "marketplace.oversight",
    "cms",
    "search",
    "realtime",
    "marketplace.demo",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "rules.apps.AutodiscoverRulesConfig",
    "channels",
    "django_filters",
    "django_htmx",
    "csp",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "allauth",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "marketplace.core.middleware.StreamMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "marketplace.core.middleware.RefusalMiddleware",
    "marketplace.accounts.middleware.SecondFactorMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
ASGI_APPLICATION = "marketplace.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "marketplace.process.context.frame",
            ],
            "builtins": ["marketplace.core.templatetags.money"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

DB = env("DB", "sqlite")
DATABASES: dict[str, dict[str, Any]]
if DB == "postgres":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": env("PGDATABASE", "marketplace"),
            "USER": env("PGUSER", "marketplace"),
            "PASSWORD": env("PGPASSWORD"),
            "HOST": env("PGHOST", "127.0.0.1"),
            "PORT": env("PGPORT", "5432"),
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "options": "-c idle_in_transaction_session_timeout=60s",  # a frozen process lets its locks go
                # Each request runs in a thread of its own, so only a pool spares it a connection of its own.
                "pool": {"min_size": 2, "max_size": int(env("DB_CONNECTIONS", "20")), "timeout": 10},
            },
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "marketplace.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    }

# Sockets are accepted from these origins only; an absent origin is refused.
WEBSOCKET_ORIGINS = [origin for origin in env("WEBSOCKET_ORIGINS", BASE_URL).split(",") if origin]
REALTIME_MAX_SOCKETS_PER_ADDRESS = int(env("REALTIME_MAX_SOCKETS_PER_ADDRESS", "200"))
REALTIME_MESSAGES_PER_SECOND = float(env("REALTIME_MESSAGES_PER_SECOND", "20"))  # of one socket
REALTIME_BIDS_PER_SECOND = float(env("REALTIME_BIDS_PER_SECOND", "3"))  # of one account in one process
REALTIME_BID_BURST = int(env("REALTIME_BID_BURST", "5"))

SEARCH_API_REQUESTS_PER_SECOND = float(env("SEARCH_API_REQUESTS_PER_SECOND", "10"))  # of one address in one process

REDIS_URL = env("REDIS_URL")
if REDIS_URL:
    redis = {"address": REDIS_URL, "max_connections": 5000}
    layer = {"hosts": [redis], "on_disconnect": "layer.lost", "on_reconnect": "layer.back"}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": layer}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "process:desk"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a folder that is not there yet
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

EMAIL_BACKEND = env("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env("EMAIL_HOST_USER"), env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "中介超市 <noreply@market.invalid>")

# Pages take everything from this site alone; the admin desks of Wagtail need inline scripts and styles.
CSP_SELF = ["'self'"]
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": CSP_SELF,
        "style-src": CSP_SELF,
        "img-src": [*CSP_SELF, "data:"],
        "font-src": CSP_SELF,
        "connect-src": [*CSP_SELF, BASE_URL.replace("http", "ws", 1)],
        "form-action": [
            *CSP_SELF,
            env("ALIPAY_CASHIER_ORIGIN", "http://127.0.0.1:*"),
            *IDENTITY_ORIGINS,  # where the button of the unified identity leads
        ],
        "frame-ancestors": CSP_SELF,
        "base-uri": ["'none'"],
        "manifest-src": CSP_SELF,
    },
}

WAGTAIL_SITE_NAME = "鹰潭市网上中介服务超市"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "ofd"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_USER_TIME_ZONES = ["Asia/Shanghai"]
WAGTAIL_I18N_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False  # both are on the account's own pages
SILENCED_SYSTEM_CHECKS = ["wagtailsearch.W001"]

# Neighbours: the embedded counterparts run as processes of their own (`make demo`), the real ones by configuration.
ELASTICSEARCH_URL = env("ELASTICSEARCH_URL")
ELASTICSEARCH_INDEX = env("ELASTICSEARCH_INDEX", "marketplace")
SERVICE_FINDER = "search.services.codes_found"  # words to codes of services, for entry; empty: none
APPROVAL_PLATFORM_URL = env("APPROVAL_PLATFORM_URL", "http://127.0.0.1:8002").rstrip("/")
APPROVAL_PLATFORM_KEY = env("APPROVAL_PLATFORM_KEY", "local-approval-platform")

SAFE = env("SAFE", "marketplace.core.safe.FolderSafe")
SAFE_DIR = Path(env("SAFE_DIR", str(DATA_DIR / "safe")))
SAFE_KEY = env("SAFE_KEY", SECRET_KEY)  # keeps the secrets of draws and sealed offers until their hour
BEACON_URL, BEACON_CHAIN = (
    env("BEACON_URL"),
    env("BEACON_CHAIN"),
)  # a public random beacon, drand's interface; empty: none
# 0: real days. The demo shortens what people would otherwise wait for: a working day lasts so many seconds.
WORKING_DAY_SECONDS = int(env("WORKING_DAY_SECONDS", "20" if DEMO else "0"))
ASSUME_PLAIN_CALENDAR = flag("ASSUME_PLAIN_CALENDAR", "1" if DEMO or TESTING else "0")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"refusals": {"()": "marketplace.core.logs.RefusalFilter"}},
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO" if not TESTING else "WARNING")},
    "loggers": {
        "django.request": {"filters": ["refusals"]},
        **{name: {"level": "WARNING"} for name in ("httpx", "wagtail", "django_tasks", "elastic_transport")},
        **{name: {"level": "ERROR"} for name in ("fontTools", "weasyprint")},
    },
}
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
