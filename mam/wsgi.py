"""What gunicorn serves: `gunicorn mam.wsgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from mam.web.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mam.settings")

application = get_wsgi_application()
settle()
