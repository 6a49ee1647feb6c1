"""Below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from editing.api import TimelineViewSet

router = SimpleRouter()
router.register("timelines", TimelineViewSet, basename="timeline")

urlpatterns = [path("", include(router.urls))]
