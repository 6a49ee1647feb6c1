"""The search page, and how well it finds."""

from django.urls import path

from search import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/measured/", views.measured, name="search-measured"),
]
