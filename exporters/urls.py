"""Pages of exports."""

from django.urls import path

from exporters import views

urlpatterns = [
    path("timelines/import/", views.timeline_import, name="timeline-import"),
    path("timelines/<id:timeline_id>/export/", views.timeline_export, name="timeline-export-page"),
    path("timelines/<id:timeline_id>/prove/", views.timeline_prove, name="timeline-prove-page"),
]
