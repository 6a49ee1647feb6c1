"""Pages by which media comes in."""

from django.urls import path

from ingest import views

urlpatterns = [path("upload/", views.upload_files, name="upload")]
