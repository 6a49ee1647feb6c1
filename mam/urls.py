"""The whole table of addresses, composed by strings: no room is imported here."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

API: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("", include("mam.catalog.api_urls")),
    path("", include("ingest.api_urls")),
    path("search/", include("search.urls")),
    path("", include("search.saved.api_urls")),
    path("examples/", include("search.examples_urls")),
    path("spaces/", include("search.spaces_urls")),
    path("", include("exporters.api_urls")),
    path("", include("editing.api_urls")),
    path("", include("mam.pipeline.api_urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(API)),
    path("", include("mam.web.urls")),
    path("", include("mam.catalog.urls")),
    path("", include("ingest.urls")),
    path("", include("search.pages_urls")),
    path("", include("editing.urls")),
    path("", include("exporters.urls")),
    path("", include("mam.pipeline.urls")),
]

handler400 = "mam.web.problems.bad_request"
handler403 = "mam.web.problems.permission_denied"
handler404 = "mam.web.problems.page_not_found"
handler500 = "mam.web.problems.server_error"
