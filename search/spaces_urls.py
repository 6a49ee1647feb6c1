"""Below /api/v1/spaces/."""

from django.urls import path

from search.spaces_api import SpaceList, SpaceServe

urlpatterns = [
    path("", SpaceList.as_view(), name="space-list"),
    path("<int:space_id>/serve/", SpaceServe.as_view(), name="space-serve-api"),
]
