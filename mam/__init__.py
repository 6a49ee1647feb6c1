"""The ground: time, options, errors, media, engines, the catalogue and the pipeline."""
