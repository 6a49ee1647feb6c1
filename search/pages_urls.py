"""The search page, how well it finds, and searches that were saved."""

from django.urls import path

from search import views
from search.saved import views as saved

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/measured/", views.measured, name="search-measured"),
    path("saved/new/", saved.saved_create, name="saved-search-create"),
    path("saved/<id:search_id>/", saved.saved, name="saved-search"),
    path("saved/<id:search_id>/change/", saved.saved_change, name="saved-search-change"),
]
