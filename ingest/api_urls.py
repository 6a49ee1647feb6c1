"""Below /api/v1/."""

from django.urls import path

from ingest.api import Ingest, Uploads

urlpatterns = [
    path("uploads/", Uploads.as_view(), name="uploads"),
    path("ingest/", Ingest.as_view(), name="ingest"),
]
