"""Django's settings, all derived from `Configuration`.

There are no sessions, accounts or cookies but the language choice: the public pages need none.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from govseal.adapters.countrypack import load_country
from govseal.core.errors import OperatorError
from govseal.project.configuration import PROJECT_FOLDER, Configuration
from govseal.web.shared.language import OWN_NAMES

CONFIGURATION = Configuration.load(os.environ)
_COUNTRY = load_country(CONFIGURATION.country_folder)


def _secret_key(file: Path) -> str:
    """Return this installation's key, made at first use; of several who make it at once, the first one's is everybody's."""
    if "GOVSEAL_SECRET_KEY" in os.environ:
        return os.environ["GOVSEAL_SECRET_KEY"]
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if file.exists() and file.stat().st_size == 0:  # an older version that was killed left it empty
        file.unlink()
    if not file.exists():
        partial = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            file.hardlink_to(partial)
        partial.unlink()
    return file.read_text()


def _database(url: str | None) -> dict[str, Any]:
    """Return Django's entry for a PostgreSQL URL; without one, nothing that needs a database runs."""
    if url is None:
        return {"ENGINE": "django.db.backends.dummy"}
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise OperatorError(f"DATABASE_URL names no PostgreSQL database: {error}") from error
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {name: value for name, value in parts.items() if name not in known}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,  # a database that was started anew costs nobody a request
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": 16, "timeout": 10}},
        **{key: str(parts[name]) for name, key in known.items() if name in parts},
    }


SECRET_KEY = _secret_key(CONFIGURATION.home / "run" / "django-secret")
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", CONFIGURATION.host.removeprefix("http://").split(":")[0]]
if CONFIGURATION.lan_address:
    ALLOWED_HOSTS.append(CONFIGURATION.lan_address)
ROOT_URLCONF = "govseal.project.urls"
WSGI_APPLICATION = "govseal.project.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "govseal.apps.registry",
    "govseal.apps.evidence",
    "govseal.apps.issuance",
    "govseal.web.shared",
    "govseal.web.public",
]
MIDDLEWARE = [
    "govseal.web.shared.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "govseal.web.shared.language.LanguageChoice",
    "govseal.project.wiring.public.PublicPorts",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

DATABASES = {"default": _database(CONFIGURATION.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = _COUNTRY.time_zone

LANGUAGE_CODE = _COUNTRY.languages[0]
LANGUAGES = [(code, OWN_NAMES[code]) for code in _COUNTRY.languages]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "web" / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = PROJECT_FOLDER / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000  # of many at once, whose view says how many it takes
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if not CONFIGURATION.demonstration else None

PROCRASTINATE_IMPORT_PATHS = ["govseal.project.jobs"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Faults of ours, by path: an old code's key is in the query (docs/protocol.md section 4). What senders get
        # wrong is theirs, and would fill the log.
        "django.request": {"level": "ERROR"},
    },
}
