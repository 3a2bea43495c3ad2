"""Django settings: read from the environment, with defaults that run a copy on one machine."""

from pathlib import Path

import dj_database_url
import plotly

from consoleapp import env
from endpoints.shifting.statuses import DeploymentStatus
from endpoints.statuses import EndpointStatus, InstanceStatus
from recommender.scoring import Level

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = env.state_dir()
VERSION = "0.1.0"

SECRET_KEY = env.ensure_secret("SECRET_KEY")
# Encrypts access-key secrets at rest; kept outside the database on purpose.
ENCRYPTION_KEY = env.ensure_secret("ENCRYPTION_KEY")
GATEWAY_TOKEN = env.ensure_secret("GATEWAY_TOKEN")
INGEST_TOKEN = env.ensure_secret("INGEST_TOKEN")

DEBUG = env.flag("DEBUG")
PORT = env.number("PORT", 8000)
PUBLIC_URL = env.text("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
REGIONS = env.names("REGIONS", "us-east-1")
DEFAULT_REGION = REGIONS[0]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "consoleapp.apps.ConsoleConfig",
    "consoleapp.accounts.apps.AccountsConfig",
    "consoleapp.metrics.apps.MetricsConfig",
    "consoleapp.storage.apps.StorageConfig",
    "consoleapp.notifications.apps.NotificationsConfig",
    "endpoints.apps.EndpointsConfig",
    "recommender.apps.RecommenderConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "consoleapp.static_files.StaticFiles",
    "consoleapp.accounts.middleware.security_headers",
    "consoleapp.accounts.middleware.no_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "consoleapp.accounts.middleware.actor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "consoleapp.storage.middleware.ShortPatience",
]

ROOT_URLCONF = "consoleapp.urls"
ASGI_APPLICATION = "consoleapp.asgi.application"
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
                "consoleapp.accounts.middleware.console_context",
            ]
        },
    }
]

_SQLITE_OPTIONS = {
    "timeout": 5,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def _database(variable: str, filename: str) -> dict[str, object]:
    url = env.text(variable)
    if url:
        return dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE_DIR / filename,
        "OPTIONS": _SQLITE_OPTIONS,
        # The last connection to close copies the whole WAL back: not at the end of each request.
        "CONN_MAX_AGE": 60,
    }


DATABASES = {
    "default": _database("DATABASE_URL", "console.sqlite3"),
    # Samples have one writer and a transaction a second: they never hold up the console's rows.
    "metrics": _database("METRICS_DATABASE_URL", "metrics.sqlite3"),
}
DATABASE_ROUTERS = ["consoleapp.metrics.router.MetricsRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/console/sign-in"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/console/sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
# Two copies on one machine share the host name: their cookies must not collide.
SESSION_COOKIE_NAME = f"console_session_{PORT}"
CSRF_COOKIE_NAME = f"console_csrf_{PORT}"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # plotly.min.js exactly as the pinned Python package carries it: one version, no second copy.
    ("vendor/plotly", Path(plotly.__file__).parent / "package_data"),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "consoleapp.accounts.authentication.TokenAuthentication",
        "consoleapp.accounts.authentication.ConsoleSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "consoleapp.accounts.parsers.StorableJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "consoleapp.accounts.authentication.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Inference console",
    "DESCRIPTION": "Decide how to serve a model, then do it.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    # The docs page's scripts come from a package: no page of the console asks another host.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "/static/favicon.svg",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Several resources have a status of their own: each set of words gets its own name.
    "ENUM_NAME_OVERRIDES": {
        "EndpointStatusEnum": [(status.value, status.value) for status in EndpointStatus],
        "InstanceStatusEnum": [(status.value, status.value) for status in InstanceStatus],
        "EvaluationStatusEnum": "endpoints.evaluation.statuses.EvaluationStatus",
        "ShiftStatusEnum": [(status.value, status.value) for status in DeploymentStatus],
        "ShiftKindEnum": "endpoints.models.deployment.Deployment.Kind",
        "JobStatusEnum": "recommender.statuses.JobStatus",
        "ImportanceEnum": [(level.value, level.value) for level in Level],
    },
}

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL

# The object store: ours behind the public address unless another S3 server is named.
S3_ENDPOINT_URL = env.text("S3_ENDPOINT_URL", "http://127.0.0.1:8333")
S3_ACCESS_KEY = env.text("S3_ACCESS_KEY") or "console"
S3_SECRET_KEY = env.text("S3_SECRET_KEY") or env.ensure_secret("S3_SECRET_KEY")

GATEWAY_URL = env.text("GATEWAY_URL", "http://127.0.0.1:8081")
INGEST_ADDRESS = env.text("INGEST_ADDRESS", "127.0.0.1:8082")

# Service -> operation -> function: what the AWS wire answers (see consoleapp.aws.dispatch).
AWS_OPERATIONS = [
    "consoleapp.aws.operations.OPERATIONS",
    "endpoints.aws.operations.OPERATIONS",
    "recommender.aws.operations.OPERATIONS",
]

INSTANCES_DIR = STATE_DIR / "instances"
STACKS_DIR = Path(env.text("STACKS_DIR", str(Path.home() / ".cache/inference-console/stacks")))

# Sample payloads may come from http(s) addresses; private networks only where a copy allows it.
ALLOW_PRIVATE_PAYLOAD_ADDRESSES = env.flag("ALLOW_PRIVATE_PAYLOAD_ADDRESSES")
# The same for who listens to topics.
ALLOW_PRIVATE_NOTIFICATION_ADDRESSES = env.flag("ALLOW_PRIVATE_NOTIFICATION_ADDRESSES")
# A test whose cores others used (or the hypervisor took) beyond this share is invalid.
FOREIGN_CPU_LIMIT = env.fraction("FOREIGN_CPU_LIMIT", 0.10)
# Users beyond this are shared out to further load-test workers.
USERS_PER_WORKER = env.number("USERS_PER_WORKER", 200)
GENERATOR_CPU_LIMIT = env.fraction("GENERATOR_CPU_LIMIT", 0.80)
# So is one that was read while the busiest of the platform's cores (gateway and generator run on
# them) was busier than this, and the endpoint was not.
PLATFORM_CPU_LIMIT = env.fraction("PLATFORM_CPU_LIMIT", 0.95)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    # A line for every call it makes is nobody's news.
    "loggers": {"httpx": {"level": "WARNING"}},
}
