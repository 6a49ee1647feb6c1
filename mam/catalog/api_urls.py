"""Below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mam.catalog.api import AssetViewSet, CollectionViewSet, ShotList, TranscriptDetail
from mam.catalog.corrections_api import CorrectionViewSet
from mam.catalog.quality_api import FlawList
from mam.catalog.speakers_api import SpeakerList, TurnList

router = SimpleRouter()
router.register("assets", AssetViewSet, basename="asset")
router.register("collections", CollectionViewSet, basename="collection")
router.register("corrections", CorrectionViewSet, basename="correction")

urlpatterns = [
    path("", include(router.urls)),
    path("shots/", ShotList.as_view(), name="shot-list"),
    path("flaws/", FlawList.as_view(), name="flaw-list"),
    path("transcript/", TranscriptDetail.as_view(), name="transcript"),
    path("turns/", TurnList.as_view(), name="turn-list"),
    path("speakers/", SpeakerList.as_view(), name="speaker-list"),
]
