"""Spelling tricks are undone before the lint looks."""

import pytest

from scripts_library.normalise import normalise, squeeze


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("五 星 好 评", "五星好评"),
        ("５星", "5星"),
        ("⭐⭐⭐⭐⭐", "五星"),
        ("⭐️⭐️⭐️⭐️⭐️", "五星"),
        ("好\u200b评", "好评"),
        ("好·评·返·现", "好评返现"),
        ("好，评，返，现", "好评返现"),
        ("給個好評", "给个好评"),
        ("F.I.V.E stars", "five stars"),
        ("reseña", "resena"),
        ("ѕtаrѕ", "stars"),
    ],
)
def test_tricks_are_undone(text, expected):
    """Whatever way it is dressed up, it is one text."""
    assert expected == squeeze(normalise(text))


def test_sentences_stay_apart():
    """都好。评价… does not become 好评."""
    assert "好评" not in squeeze(normalise("祝您一切都好。评价随您。"))
