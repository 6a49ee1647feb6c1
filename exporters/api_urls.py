"""Below /api/v1/."""

from django.urls import path

from exporters.api import TimelineExport

urlpatterns = [
    path("timelines/<uuid:timeline_id>/export/", TimelineExport.as_view(), name="timeline-export")
]
