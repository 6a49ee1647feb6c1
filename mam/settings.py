"""Django's settings. All that an operator may set is in mam/options.py; this is the composition."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mam import options as _options
from mam.local.database import databases as _databases
from mam.local.places import make_home as _make_home
from mam.local.secret import secret as _secret

BASE_DIR = Path(__file__).resolve().parent.parent
OPTIONS = _options.read(os.environ)
HOME = _make_home(BASE_DIR / OPTIONS.places.home)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "mam.local",
    "mam.web",
    "mam.catalog",
    "mam.pipeline",
    "ingest",
    "indexers",
    "search",
    "editing",
    "exporters",
]

# What happens to a file, in order. One class a line; see mam/pipeline/steps.py.
STEPS = [
    "ingest.steps.probe.Probe",
    "indexers.first_look.FirstLook",
    "indexers.first_listen.FirstListen",
    "indexers.first_look.FirstVectors",
    "indexers.first_look.FirstWords",
    "indexers.first_look.FirstMeanings",
    "ingest.steps.proxy.Proxy",
    "ingest.steps.pictures.Pictures",
    "ingest.steps.sound.Sound",
    "indexers.shots.Shots",
    "indexers.quality.Quality",
    "indexers.keyframes.Keyframes",
    "indexers.transcript.Transcript",
    "indexers.speakers.Speakers",
    "indexers.image_text.ImageText",
    "indexers.objects.Objects",
    "indexers.scenes.Scenes",
    "indexers.sounds.Sounds",
    "indexers.screen_text.ScreenText",
    "indexers.vocabulary.Vocabulary",
    "indexers.descriptions.Descriptions",
    "indexers.meanings.Meanings",
    # What a second model makes beside the first's: see search/serving.py.
    "indexers.first_look.FirstVectorsNext",
    "indexers.first_look.FirstMeaningsNext",
    "indexers.image_text.ImageTextNext",
    "indexers.meanings.MeaningsNext",
    "search.steps.lexicon.Lexicon",
    "search.steps.saved.SavedSearches",
]

# The neural nets, by what they are for. One class a line; see mam/engines/base.py.
ENGINES = {
    "transitions": "mam.engines.transnet.TransNetV2",
    "speech": "mam.engines.whisper.FasterWhisper",
    "image-text": "mam.engines.clip.OpenClip",
    "image-text-next": "mam.engines.clip.OpenClipNext",
    "objects": "mam.engines.coco.SsdMobileNet",
    "scenes": "mam.engines.imagenet.MobileNetV2",
    "sounds": "mam.engines.yamnet.YamNet",
    "text": "mam.engines.ocr.RapidOcr",
    "sentences": "mam.engines.minilm.MiniLM",
    "sentences-next": "mam.engines.minilm.MiniLMNext",
    "voices": "mam.engines.resemblyzer.Resemblyzer",
}

# What `manage.py bench NAME` runs: commands that reach several rooms are composed by strings.
BENCHES = {
    "accuracy": "indexers.accuracy.Accuracy",
    "folder": "ingest.bench.Folder",
    "index": "indexers.bench.Index",
    "interchange": "exporters.bench.Interchange",
    "labels": "indexers.labels_accuracy.Named",
    "pictures": "indexers.picture_speed.Speed",
    "search": "search.measures.bench.Search",
    "speakers": "indexers.speakers_accuracy.Apart",
    "speech": "indexers.speech_accuracy.Heard",
}

# Who may use an asset: functions of its id that name what does, so that it is not removed under
# somebody's cut. The catalogue cannot know the rooms above it.
ASSET_USERS = ["editing.selectors.asset_uses"]
# How far assets are: a function of their ids, on the floor above the catalogue.
ASSET_STATES = "mam.pipeline.selectors.asset_states"
# Told of an asset whose facts a person has changed: what was computed from them is due again.
ASSET_CHANGED = "mam.pipeline.services.asset_changed"
# Told of an asset of which a person has said anything, ratings and names too.
ASSET_SAID_OF = "mam.pipeline.services.asset_said_of"
# What else goes by a name beside collections: functions of a name that say what has it, or "".
COLLECTION_NAMES = ["search.saved.selectors.smart_named"]
# Work that is no step's, each on a light queue of its own: functions that declare an actor on a
# broker and name its queue, and functions that each sweep calls to send what was not told.
ERRANDS = ["search.saved.actors.declare"]
ERRANDS_DUE = ["search.saved.actors.remind"]

# Reads a file that somebody brings along to search by: a function of its path.
EXAMPLE_READER = "indexers.example.read"
# What the hourly sweep clears away besides the pipeline's own: functions that tell how many.
SWEEPS = ["search.examples.examples_prune"]

# The embedded PostgreSQL unless DATABASE_URL names another; see mam/local/server.py.
DATABASES = _databases(OPTIONS.places.database_url, HOME)

ROOT_URLCONF = "mam.urls"
WSGI_APPLICATION = "mam.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

# Made once, 0600: sessions outlive a restart, and no two installations share it.
SECRET_KEY = _secret(HOME / "secret-key")
DEBUG: bool = OPTIONS.web.debug
ALLOWED_HOSTS = list(OPTIONS.web.allowed_hosts)

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mam.web.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mam.web.signin.UserRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mam.web.problems.ProblemMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# No address takes files but those for uploads and examples, which set their own handler: it streams
# to the disk that keeps them, bounded while they arrive.
FILE_UPLOAD_HANDLERS: list[str] = []
FILE_UPLOAD_TEMP_DIR = str(HOME / "uploads" / "arriving")
os.makedirs(FILE_UPLOAD_TEMP_DIR, mode=0o700, exist_ok=True)

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "mam.web.static_files.HashedFiles"},
}
WHITENOISE_USE_FINDERS = True  # before `collectstatic` too

# Safe from the first day. What pages may load is in mam/web/security.py.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "library"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = OPTIONS.web.https
CSRF_FAILURE_VIEW = "mam.web.problems.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if OPTIONS.web.https:
    # Behind a proxy that speaks https for us, forms come from there; a forwarded header, which
    # anybody can write, is not needed for that.
    CSRF_TRUSTED_ORIGINS = [
        f"https://{'*' if host.startswith('.') else ''}{host}"
        for host in ALLOWED_HOSTS
        if host != "*"
    ]

REST_FRAMEWORK: dict[str, Any] = {
    # The first one says how a stranger is answered: 401 and `WWW-Authenticate: Token`.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mam.web.parsers.GuardedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "mam.web.paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "mam.web.problems.handle_api_error",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "mam",
    "DESCRIPTION": "Footage in, exact moments found, rough cuts out.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# All goes to stderr: who runs the service keeps it (`deploy/up` shows it, a journal stores it).
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["named"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "filters": {
        "one_line": {"()": "mam.web.security.OneLine"},
        "named": {"()": "mam.logs.Named"},
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Anybody can ask for a wrong host, as often as he likes.
        "django.security.DisallowedHost": {"filters": ["one_line"]},
        # The exporter tells of every node.
        "onnx_ir": {"level": "WARNING"},
        "onnxscript": {"level": "WARNING"},
        # Of every table of a font that goes into a PDF.
        "fontTools": {"level": "ERROR"},
        "fpdf": {"level": "ERROR"},
    },
}
