"""What a buyer was asked and has shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.after_sales.branch import course
from followup.after_sales.model import AfterSale, Branch
from followup.after_sales.procedures import ASKED, Need
from followup.after_sales.proof import (
    answer_in,
    missing,
    named_in,
    says_more,
    told,
    weight_in,
    with_answer,
    with_shown,
)
from followup.after_sales.short_answers import SAYS, says
from followup.after_sales.stages import begin
from followup.answers.talk import Known, in_thread
from followup.evidence import Evidence
from followup.kinds import Case
from followup.model import Media
from followup.understood import Intent
from tests.followup.makers import NOON, POLICY, SHOP, a_case, a_message, heard, hours


def case_of(branch: Branch, *media: Media, round_: int = 1, at: float = 0) -> Case:
    """A case of that branch with what was sent."""
    case = a_case("after_sales")
    sale = begin(course(branch), AfterSale(case.thread.id, SHOP, branch, round=round_))
    sent = tuple(
        Evidence(f"e{n}", case.thread.id, SHOP, "c", "ch", "m", NOON + hours(at), each, "r")
        for n, each in enumerate(media)
    )
    return replace(case, sale=sale, evidence=sent)


def shown(case: Case, text: str = "") -> tuple[str, ...]:
    """What is known by then."""
    assert case.sale is not None
    return with_shown(case, case.sale, text).has


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("320克", "320克"),
        ("一共0.32kg", "0.32kg"),
        ("大概 1.5 公斤吧", "1.5公斤"),
        ("３２０ｇ", "320g"),
        ("it is 12 oz with the box", "12oz"),
        ("pesa 0,32 kilos", "0,32kilos"),
        ("两斤", "两斤"),
        ("320", ""),
        ("订单 20250101", ""),
        ("5gb", ""),
    ],
)
def test_a_weight_in_words(text: str, expected: str) -> None:
    """A number with its unit, and nothing that only looks like one."""
    assert expected == weight_in(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("多发了一件", True),
        ("你们多寄了两双", True),
        ("you sent one extra shirt", True),
        ("me mandaron una de más", True),
        ("多给点优惠吧", False),
        ("少发了一件", False),
        ("差不多", False),
    ],
)
def test_more_than_ordered(text: str, expected: bool) -> None:
    """Said in so many words."""
    assert expected is says_more(text)


@pytest.mark.parametrize(
    ("text", "need", "expected"),
    [
        ("拒收了", Need.REFUSED, "case_refused"),
        ("我已经拒收了。", Need.REFUSED, "case_refused"),
        ("I refused it", Need.REFUSED, "case_refused"),
        ("ya lo he rechazado", Need.REFUSED, ""),
        ("没有", Need.PACKING_SLIP, "case_no_slip"),
        ("No hay albarán", Need.PACKING_SLIP, "case_no_slip"),
        ("没有秤", Need.WEIGHT, "case_no_scale"),
        ("没有秤，不过看着很轻", Need.WEIGHT, ""),
        ("拒收会不会扣我运费", Need.REFUSED, ""),
        ("召回吧", Need.WISH, "case_recall"),
    ],
)
def test_a_typed_answer(text: str, need: Need, expected: str) -> None:
    """Only what says that and nothing beside it."""
    assert expected == answer_in(text, need)


def test_no_phrase_answers_two_ways() -> None:
    """Under one question, each phrase means one answer."""
    for asked in ASKED.values():
        for phrase in (p for id_, _ in asked.choices for part in SAYS[id_].split("|") for p in part.split(" ") if p):
            assert 1 >= sum(says(phrase, id_) for id_, _ in asked.choices), phrase


@given(st.text(max_size=40), st.sampled_from(Need))
def test_any_text_is_read_without_an_error(text: str, need: Need) -> None:
    """Buyers write anything."""
    assert answer_in(text, need) in {"", *(id_ for id_, _ in ASKED[need].choices)}
    assert isinstance(weight_in(text), str)
    assert says_more(text) in (True, False)


class TestPhotos:
    def test_one_photo_is_enough_for_damage(self) -> None:
        """A photo, a video or a picture sent as a file."""
        assert ("photos",) == shown(case_of(Branch.DAMAGED_SIGNED, Media.PHOTO))
        assert ("photos",) == shown(case_of(Branch.DAMAGED_SIGNED, Media.VIDEO))
        assert () == shown(case_of(Branch.DAMAGED_SIGNED, Media.VOICE))
        assert () == shown(case_of(Branch.DAMAGED_SIGNED, Media.FILE))

    def test_slip_first_then_the_goods(self) -> None:
        """Where both are asked for, the first photo is the slip."""
        assert ("packing_slip",) == shown(case_of(Branch.MISSING_ITEM, Media.PHOTO))
        assert ("packing_slip", "photos") == shown(case_of(Branch.MISSING_ITEM, Media.PHOTO, Media.PHOTO))

    def test_without_a_slip_the_photo_is_of_the_goods(self) -> None:
        """Who has no slip shows the goods."""
        case = case_of(Branch.MISSING_ITEM, Media.PHOTO)
        assert case.sale is not None
        without = with_answer(case.sale, Need.PACKING_SLIP, "none")
        assert ("packing_slip:none", "photos") == with_shown(case, without).has

    def test_a_weight_nobody_asked_for_is_not_noted(self) -> None:
        """Only what the procedure needs."""
        assert () == shown(case_of(Branch.QUALITY), "320克")
        assert ("weight:320克",) == shown(case_of(Branch.WRONG_GOODS), "320克")

    def test_photos_of_an_earlier_round(self) -> None:
        """They prove nothing in the next."""
        assert () == shown(case_of(Branch.QUALITY, Media.PHOTO, round_=2, at=-48))
        assert ("photos",) == shown(case_of(Branch.QUALITY, Media.PHOTO, round_=2, at=0))


def test_what_is_missing_keeps_its_order() -> None:
    """The next question is the first thing that is not known."""
    case = case_of(Branch.MISSING_ITEM)
    assert case.sale is not None
    sale = with_answer(case.sale, Need.PACKING_SLIP)
    assert ("parcel", "weight", "photos") == missing(sale)
    assert "320g" == told(with_answer(sale, Need.WEIGHT, "320g"), Need.WEIGHT)
    assert sale == with_answer(sale, Need.PACKING_SLIP, "again")


def test_an_agent_names_what_he_has_seen() -> None:
    """By its id; nothing named means what is seen on photos, and never a weight that nobody gave."""
    assert ("weight",) == named_in("weight 320 g", ("photos", "weight"))
    assert ("packing_slip", "photos") == named_in("左下角裂了", ("parcel", "packing_slip", "photos", "weight"))
    assert () == named_in("", ("weight",))


def test_a_question_stays_open_until_the_last_answer() -> None:
    """What was answered in words counts, and what is still missing too: a mere "yes" may answer it."""
    case = case_of(Branch.MISSING_ITEM)
    assert case.sale is not None
    talk = partial(
        in_thread, message=a_message("yes"), heard=heard(Intent.OTHER), policy=POLICY, now=NOON, known=Known()
    )
    sale, open_ = case.sale, []
    for need in case.sale.needs:
        sale = with_answer(sale, need, "none")
        open_.append(talk(replace(case, sale=sale)).asked)
    assert [True, True, True, False] == open_
