"""Below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mam.pipeline.api import JobViewSet, WeightList
from mam.pipeline.control_api import QueueViewSet

router = SimpleRouter()
router.register("jobs", JobViewSet, basename="job")
router.register("queue", QueueViewSet, basename="queue")

urlpatterns = [
    path("", include(router.urls)),
    path("weights/", WeightList.as_view(), name="weight-list"),
]
