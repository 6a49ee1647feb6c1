"""The jobs page."""

from django.urls import path

from mam.pipeline import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/retry/", views.failed_retry, name="jobs-retry"),
    path("jobs/<int:job_id>/retry/", views.job_retry, name="job-retry"),
]
