"""Below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from search.saved.api import SavedSearchViewSet

router = SimpleRouter()
router.register("saved-searches", SavedSearchViewSet, basename="saved-search-api")

urlpatterns = [path("", include(router.urls))]
