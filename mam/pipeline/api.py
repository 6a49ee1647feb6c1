"""`/api/v1/`: jobs and weights."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from mam import engines
from mam.errors import NotFound
from mam.pipeline import selectors, services
from mam.pipeline.models import Job
from mam.pipeline.serializers import (
    JobSerializer,
    RetriedSerializer,
    RetrySerializer,
    TotalsSerializer,
    WeightSerializer,
)
from mam.pipeline.totals import totals


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=Job.State.values),
            OpenApiParameter("step", str),
            OpenApiParameter("asset", str, description="The asset's id."),
            OpenApiParameter(
                "current", bool, description="Only those that say what is to be done now."
            ),
        ]
    )
)
class JobViewSet(viewsets.GenericViewSet[Job]):
    """Attempts at steps, the newest first."""

    serializer_class = JobSerializer
    queryset = Job.objects.none()
    lookup_value_regex = "[0-9]{1,18}"

    def list(self, request: Request) -> Response:
        wanted = request.query_params
        rows = selectors.jobs_list(
            state=wanted.get("state", ""),
            step=wanted.get("step", "").replace("\0", ""),
            asset_id=wanted.get("asset", ""),
            counting=wanted.get("current", "").lower() in ("1", "true", "yes"),
        )
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(JobSerializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        job = selectors.jobs_list().filter(pk=int(pk)).first()
        if job is None:
            raise NotFound(f"There is no job {pk}.")
        return Response(JobSerializer(job).data)

    @extend_schema(operation_id="job_retry", request=None, responses=RetriedSerializer)
    @action(detail=True, methods=["post"], url_path="retry")
    def retry_one(self, request: Request, pk: str) -> Response:
        """Try the step of this attempt again."""
        steps = services.job_retry(int(pk))
        asset_id = str(Job.objects.values_list("asset_id", flat=True).get(pk=int(pk)))
        return Response(RetriedSerializer({"asset_id": asset_id, "steps": steps}).data)

    @extend_schema(operation_id="asset_retry", request=RetrySerializer, responses=RetriedSerializer)
    @action(detail=False, methods=["post"])
    def retry(self, request: Request) -> Response:
        """Try what failed of an asset again, or one step of it."""
        wanted = RetrySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        asset_id = wanted.validated_data["asset_id"]
        steps = services.retry(asset_id, wanted.validated_data["step"] or None)
        return Response(RetriedSerializer({"asset_id": asset_id, "steps": steps}).data)

    @extend_schema(responses=TotalsSerializer)
    @action(detail=False, pagination_class=None)
    def totals(self, request: Request) -> Response:
        """How far everything is: assets, steps by state, queues, workers."""
        return Response(TotalsSerializer(totals()).data)


class WeightList(GenericAPIView[Any]):
    """The weights of the neural nets: which are here, and how to get the others."""

    serializer_class = WeightSerializer
    pagination_class = None

    @extend_schema(responses=WeightSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(WeightSerializer(engines.weights().status(), many=True).data)
