"""The ground: time, options, errors, media, engines, the catalogue and the pipeline."""

import os

# numpy's threads turn in circles while they wait for each other: beside other work, products of
# its small matrices take five times as long on two as on one. It reads this when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
