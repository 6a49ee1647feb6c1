"""Pages of the library, assets and collections, and the files that they show."""

from django.urls import path

from mam.catalog import corrections_views, views

urlpatterns = [
    path("", views.library, name="library"),
    path("assets/<id:asset_id>/", views.asset, name="asset"),
    path("assets/<id:asset_id>/remove/", views.asset_remove, name="asset-remove"),
    path("assets/<id:asset_id>/restore/", views.asset_restore, name="asset-restore"),
    path("assets/<id:asset_id>/correct/", corrections_views.correct, name="correct"),
    path("media/<id:asset_id>/frame/<int:frame>.jpg", views.keyframe, name="keyframe"),
    path("media/<id:asset_id>/<slug:recipe>", views.rendition, name="rendition"),
    path("collections/", views.collections, name="collections"),
    path("collections/new/", views.collection_create, name="collection-create"),
    path("collections/add/", views.collection_add, name="collection-add"),
    path("collections/<id:collection_id>/", views.collection, name="collection"),
    path(
        "collections/<id:collection_id>/change/",
        views.collection_change,
        name="collection-change",
    ),
]
