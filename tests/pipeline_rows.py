"""A library in which thousands of files wait, as rows: assets, places, jobs, messages."""

from __future__ import annotations

from django.db import connection

TABLES = (
    "catalog_asset",
    "catalog_location",
    "catalog_analysis",
    "catalog_rendition",
    "pipeline_job",
    "pipeline_settled",
    "queue",
)
"""What grows with the files."""

_FILL = """
INSERT INTO catalog_asset (id, content_hash, size, name, origin, kind, rate_numerator,
    rate_denominator, duration, variable_rate, start, drop_frame, has_timecode, reel, width,
    height, pixel_aspect_numerator, pixel_aspect_denominator, rotation, audio_streams, container,
    video_codec, streams, damage, created_at)
SELECT gen_random_uuid(), '{named}' || n, 1, '{named}' || n || '.mov', 'camera', 'video', 25, 1,
    4000, false, 0, false, false, '', 1920, 1080, 1, 1, 0, 1, '', '', '{}', '', now()
FROM generate_series(1, %(count)s) n;
INSERT INTO catalog_location (asset_id, path, shown_path, name, volume, size, mtime_ns, state,
    owned, seen_at)
SELECT id, convert_to('/many/' || name, 'UTF8'), '/many/' || name, name, '', 1, 1,
    CASE WHEN right(name, 5) = '7.mov' THEN 'replaced' ELSE 'online' END, false, now()
FROM catalog_asset WHERE content_hash LIKE '{named}%%';
INSERT INTO catalog_analysis (asset_id, step, version, inputs, note, damage, created_at)
SELECT id, 'probe', 1, '{}', '', '', now() FROM catalog_asset WHERE content_hash LIKE '{named}%%';
INSERT INTO catalog_rendition (analysis_id, asset_id, recipe, version, path, size, meta)
SELECT id, asset_id, 'timemap', 1, 'renditions/' || asset_id, 0, '{}' FROM catalog_analysis
WHERE step = 'probe' AND asset_id IN (SELECT id FROM catalog_asset
    WHERE content_hash LIKE '{named}%%');
INSERT INTO pipeline_job (token, asset_id, step, version, inputs, state, counts, trigger, attempt,
    worker_name, done, total, note, started_at, heartbeat_at, finished_at, error, error_kind,
    weights)
SELECT gen_random_uuid(), id, step, 1, '{}',
    CASE WHEN right(name, 6) = '77.mov' AND step = 'cut' THEN 'failed' ELSE 'done' END,
    right(name, 6) = '77.mov' AND step = 'cut', 'new', 1, '', 0, 0, '', now(), now(), now(), '',
    '', '[]'
FROM catalog_asset, unnest(ARRAY['probe', 'copy', 'cut']) step
WHERE content_hash LIKE '{named}%%';
INSERT INTO pipeline_settled (asset_id, signature, status, states, online)
SELECT id, 'of another house', '', '{}', true FROM catalog_asset
WHERE content_hash LIKE '{named}%%';
INSERT INTO dramatiq.queue (queue_name, message_id, state, message)
SELECT 'media', gen_random_uuid(), 'queued', '{}' FROM generate_series(1, %(count)s);
"""


def many_files(count: int, *, named: str = "many") -> None:
    """So many assets of names that begin so, each at its place, probed, with three attempts and a
    message."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL.replace("%(count)s", str(count)).replace("{named}", named).replace("%%", "%")
        )
        # First, or each key is checked by a plan that was made when the tables were empty.
        cursor.execute(f"ANALYZE {', '.join(name for name in TABLES if name != 'queue')}")
        cursor.execute("ANALYZE dramatiq.queue")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
