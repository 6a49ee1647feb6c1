"""Pages of timelines."""

from django.urls import path

from editing import views

urlpatterns = [
    path("timelines/", views.timelines, name="timelines"),
    path("timelines/new/", views.timeline_create, name="timeline-create"),
    path("timelines/append/", views.timeline_append, name="timeline-append"),
    path(
        "timelines/picture/<id:asset_id>/<int:frame>.jpg", views.clip_picture, name="clip-picture"
    ),
    path("timelines/<id:timeline_id>/", views.timeline, name="timeline"),
    path("timelines/<id:timeline_id>/change/", views.timeline_change, name="timeline-change"),
]
