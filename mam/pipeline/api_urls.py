"""Below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mam.pipeline.api import JobViewSet, WeightList

router = SimpleRouter()
router.register("jobs", JobViewSet, basename="job")

urlpatterns = [
    path("", include(router.urls)),
    path("weights/", WeightList.as_view(), name="weight-list"),
]
