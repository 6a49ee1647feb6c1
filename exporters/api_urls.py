"""Below /api/v1/."""

from django.urls import path

from exporters.api import TimelineExport
from exporters.importing_api import TimelineImport
from exporters.proof.api import TimelineProve

urlpatterns = [
    path("timelines/import/", TimelineImport.as_view(), name="timeline-import-api"),
    path("timelines/<uuid:timeline_id>/export/", TimelineExport.as_view(), name="timeline-export"),
    path("timelines/<uuid:timeline_id>/prove/", TimelineProve.as_view(), name="timeline-prove"),
]
