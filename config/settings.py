"""Settings: one file, driven by the environment. README.md lists the variables."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from config.api_settings import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401
from config.env import (
    database_from_url,
    env_bool,
    env_int,
    env_list,
    env_secret,
    env_str,
    home,
    secret_key,
    service_url,
)
from config.schedule import CELERY_BEAT_SCHEDULE  # noqa: F401
from config.slots import (  # noqa: F401
    CRM_ACCOUNT_COLUMNS,
    CRM_ACCOUNT_FILTERS,
    CRM_ACCOUNT_PAGES,
    CRM_ACCOUNT_PANELS,
    CRM_DAY_SOURCES,
    CRM_FIELD_USERS,
    CRM_HOME_CARDS,
    CRM_NAVIGATION,
    CRM_TIMELINE_SOURCES,
    CRM_VISIT_MARKS,
)

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = home()

DEBUG = env_bool("DEBUG", False)
SECRET_KEY = secret_key()
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "config.apps.MainstayAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "template_partials",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "axes",
    "csp",
    "config",
    "segmentation",
    "lifecycle",
    "satisfaction",
    "crm",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "crm.once.OncePerPageMiddleware",
    # Innermost: it looks at pages that were not found, once the reader is known.
    "crm.duplicates.redirects.MergedAccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "crm.templatetags.ui"],
        },
    },
]
FORM_RENDERER = "crm.forms.base.Renderer"

DATABASES = {"default": database_from_url(service_url("DATABASE_URL"))}
REDIS_URL = service_url("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        # A host that swallows packets costs half a second, not a minute.
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "crm:login"
LOGIN_REDIRECT_URL = "crm:home"
LOGOUT_REDIRECT_URL = "crm:login"

# Log-in throttling: by name and address together, so that nobody can lock a colleague out from elsewhere.
AXES_FAILURE_LIMIT = env_int("LOGIN_FAILURE_LIMIT", 8)
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "crm.views.session.locked_out"
AXES_ENABLE_ADMIN = False

LANGUAGE_CODE = env_str("LANGUAGE_CODE", "en")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
# The company's own time zone: its local date decides the day of a trade, a visit and a run.
TIME_ZONE = env_str("TIME_ZONE", "Asia/Shanghai")
USE_I18N = True
# Before Django's own catalogues, whose words for "Log out" or "Filters" are not ours.
LOCALE_PATHS = [
    BASE_DIR / app / "locale" for app in ("config", "segmentation", "lifecycle", "satisfaction", "crm")
]
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
REPORTING_CURRENCY = env_str("REPORTING_CURRENCY", "CNY")

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/tabler/css", BASE_DIR / "node_modules/@tabler/core/dist/css"),
    ("vendor/tabler/js", BASE_DIR / "node_modules/@tabler/core/dist/js"),
    ("vendor/echarts", BASE_DIR / "node_modules/echarts/dist"),
    ("vendor/htmx", BASE_DIR / "node_modules/htmx.org/dist"),
    ("vendor/idb", BASE_DIR / "node_modules/idb/build"),
]
ICON_DIR = BASE_DIR / "node_modules/@tabler/icons/icons/outline"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.StaticStorage"},
}
MEDIA_ROOT = HOME / "media"
# Uploads are served only through views that ask visible_to, never from a public address.
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
IMPORT_MAX_BYTES = env_int("IMPORT_MAX_MEGABYTES", 1024) * 1024 * 1024
ATTACHMENT_MAX_BYTES = env_int("ATTACHMENT_MAX_MEGABYTES", 20) * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Behind HTTPS (always, except on the loopback demo) cookies never travel in the clear.
HTTPS = env_bool("HTTPS", False)
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# Without a mail server nothing is mailed: notices wait on the page.
EMAIL_HOST = env_str("EMAIL_HOST", "")
EMAIL_PORT = env_int("EMAIL_PORT", 587, minimum=1, maximum=65535)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env_str("EMAIL_FROM", "mainstay@localhost")
# What links in mails and calendars begin with.
SITE_URL = env_str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# Everything goes to the process's own output, where the launcher and containers collect it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env_str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A 404 is an answer, not an incident.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
    },
}

# A run is computed in ranges of so many accounts; its process takes so many at a time, other workers may help.
RUN_RANGE_ACCOUNTS = env_int("RUN_RANGE_ACCOUNTS", 25_000)
RUN_THREADS = env_int("RUN_THREADS", min(4, os.cpu_count() or 1))

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_DEFAULT_QUEUE = "mainstay"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 6 * 60 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A broker that is gone, or silent, is noticed; nobody waits on it for ever.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 7 * 60 * 60,
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
# A publish to a broker that is down gives up quickly: what it announced is in the database and picked up later.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
