"""Django's settings. All that an operator may set is in mam/options.py; this is the composition."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mam import options as _options
from mam.local.database import databases as _databases

BASE_DIR = Path(__file__).resolve().parent.parent
OPTIONS = _options.read(os.environ)
HOME = OPTIONS.places.home if OPTIONS.places.home.is_absolute() else BASE_DIR / OPTIONS.places.home

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
    "ingest.steps.proxy.Proxy",
    "ingest.steps.pictures.Pictures",
    "ingest.steps.sound.Sound",
    "indexers.shots.Shots",
    "indexers.keyframes.Keyframes",
    "indexers.transcript.Transcript",
    "indexers.image_text.ImageText",
    "indexers.objects.Objects",
    "indexers.scenes.Scenes",
    "indexers.sounds.Sounds",
    "indexers.screen_text.ScreenText",
    "indexers.vocabulary.Vocabulary",
    "indexers.descriptions.Descriptions",
]

# The neural nets, by what they are for. One class a line; see mam/engines/base.py.
ENGINES = {
    "transitions": "mam.engines.transnet.TransNetV2",
    "speech": "mam.engines.whisper.FasterWhisper",
    "image-text": "mam.engines.clip.OpenClip",
    "objects": "mam.engines.coco.SsdMobileNet",
    "scenes": "mam.engines.imagenet.MobileNetV2",
    "sounds": "mam.engines.yamnet.YamNet",
    "text": "mam.engines.ocr.RapidOcr",
    "sentences": "mam.engines.minilm.MiniLM",
}

# What `manage.py bench NAME` runs: commands that reach several rooms are composed by strings.
BENCHES = {
    "index": "indexers.bench.Index",
}

# Who may use an asset: functions of its id that name what does, so that it is not removed under
# somebody's cut. The catalogue cannot know the rooms above it.
ASSET_USERS = ["editing.selectors.asset_uses"]
# How far assets are: a function of their ids, on the floor above the catalogue.
ASSET_STATES = "mam.pipeline.selectors.asset_states"

# The embedded PostgreSQL unless DATABASE_URL names another; see mam/local/server.py.
DATABASES = _databases(OPTIONS.places.database_url, HOME)

ROOT_URLCONF = "mam.urls"
WSGI_APPLICATION = "mam.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

DEBUG: bool = OPTIONS.web.debug
ALLOWED_HOSTS = list(OPTIONS.web.allowed_hosts)

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
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

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
