"""Below /api/v1/examples/."""

from django.urls import path

from search.examples_api import ExamplesView, ExampleView

urlpatterns = [
    path("", ExamplesView.as_view(), name="examples-api"),
    path("<slug:example_id>/", ExampleView.as_view(), name="example-api"),
]
