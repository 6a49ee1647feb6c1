"""The jobs page, and what its buttons and those of an asset's page do."""

from django.urls import path

from mam.pipeline import control_views, views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/retry/", views.failed_retry, name="jobs-retry"),
    path("jobs/<int:job_id>/retry/", views.job_retry, name="job-retry"),
    path("jobs/pause/", control_views.queue_pause, name="queue-pause"),
    path("jobs/resume/", control_views.queue_resume, name="queue-resume"),
    path("jobs/folder/", control_views.folder_change, name="folder-change"),
    path("assets/<id:asset_id>/skip/", control_views.step_skip, name="step-skip"),
    path("assets/<id:asset_id>/retry/", control_views.step_retry, name="step-retry"),
    path("assets/<id:asset_id>/reindex/", control_views.asset_reindex, name="asset-reindex"),
    path("assets/<id:asset_id>/priority/", control_views.asset_priority, name="asset-priority"),
]
