"""What the encoding of a query takes is told beside the search itself."""

from __future__ import annotations

from search.encoders import Remembering
from search.measures.encoding import ASKED, encodings
from tests.search.conftest import FakeEncoder, FakeEncoders


class Kept(FakeEncoders):
    """As the engines' encoders are: what was encoded once is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.net = FakeEncoder()
        self.kept = Remembering(self.net.space, self.net.encode)

    def sentences(self) -> Remembering:
        return self.kept


def test_each_net_is_asked_anew_and_again_and_one_without_weights_says_so() -> None:
    encoders = Kept()
    sentence, image_text = encodings(encoders)
    # Forty texts and the one that warms it up reach the net, each once.
    assert len(encoders.net.asked) == len(set(encoders.net.asked)) == ASKED + 1
    assert (sentence.model, sentence.reason) == ("fake", "")
    assert 0 < sentence.p50 <= sentence.p95
    assert "asked again" in str(sentence)
    assert "open_clip are not here" in image_text.reason
    assert str(image_text).startswith("image-text: The weights")
