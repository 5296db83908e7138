"""What the linear model sees of a message."""

import pytest

from handlers.understand.features import concepts, core, fold
from handlers.understand.normalise import normalise


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("亲 你好 请问什么时候发货呀", "什么时候发货"),
        ("好的 那什么时候到哦谢谢", "那什么时候到"),
        ("hi, where is my order please", "where is my order"),
        ("在吗", "在吗"),
        ("好的谢谢", "好的谢谢"),
        ("亲", "亲"),
        ("hi there", "hi there"),
    ],
)
def test_polite_words_around_are_not_seen(text: str, seen: str) -> None:
    """Greeting and thanks around a wish do not change it; what is nothing else stays."""
    assert seen == core(normalise(text))


def test_counts_are_alike() -> None:
    """How many makes no difference to what is wanted."""
    assert fold(normalise("买了三袋才到两袋")) == fold(normalise("买了5袋才到4袋"))


@pytest.mark.parametrize(
    ("text", "angry"), [("垃圾店", True), ("垃圾桶漏了", False), ("良心商家", False), ("12315见", True)]
)
def test_a_word_inside_another_is_not_seen(text: str, angry: bool) -> None:
    """A bin is no insult."""
    assert angry == ("anger" in concepts(normalise(text)))


def test_denied_concepts_are_told() -> None:
    """A negation close before a word is seen with it."""
    assert {"refund", "no refund"} <= concepts(normalise("我没说要退款"))
    assert "no refund" not in concepts(normalise("我要退款"))
