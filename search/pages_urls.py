"""The search page, the examples that are brought to it, searches that were saved, and how well it
finds."""

from django.urls import path

from search import examples_views, views
from search.saved import views as saved

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/examples/", examples_views.bring, name="example-bring"),
    path("search/examples/<slug:example_id>/picture/", examples_views.picture, name="example"),
    path("search/measured/", views.measured, name="search-measured"),
    path("saved/new/", saved.saved_create, name="saved-search-create"),
    path("saved/<id:search_id>/", saved.saved, name="saved-search"),
    path("saved/<id:search_id>/change/", saved.saved_change, name="saved-search-change"),
    path("search/spaces/<int:space_id>/serve/", views.space_serve, name="space-serve"),
]
