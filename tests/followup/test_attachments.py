"""What goes beside a text, by the channel it goes over."""

from __future__ import annotations

import pytest

from followup.attachments import SortedOut, sort_out, with_lines
from followup.model import Attachment, Media
from followup.ports import Capabilities

PHOTO = Attachment(Media.PHOTO, "https://shop.example/1.jpg", "1.jpg", "image/jpeg", 2_000)
LOCAL = Attachment(Media.PHOTO, "/var/photos/2.jpg", "2.jpg", "image/jpeg", 2_000)
FILE = Attachment(Media.FILE, "https://shop.example/invoice.pdf", "invoice.pdf", "application/pdf", 9_000)
NONE, PHOTOS, ALL = (
    Capabilities(),
    Capabilities(largest_photo=2_000),
    Capabilities(largest_photo=2_000, largest_file=9_000),
)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        (ALL, SortedOut(sent=(PHOTO, LOCAL, FILE))),
        (PHOTOS, SortedOut(sent=(PHOTO, LOCAL), linked=(FILE,))),
        (NONE, SortedOut(linked=(PHOTO, FILE), left_out=(LOCAL,))),
        (Capabilities(largest_photo=1_999, largest_file=9_000), SortedOut((FILE,), (PHOTO,), (LOCAL,))),
    ],
)
def test_each_goes_as_the_channel_takes_it(capabilities: Capabilities, expected: SortedOut) -> None:
    """As such where it is taken and not too large, else as a link if it has one, else not at all."""
    assert sort_out((PHOTO, LOCAL, FILE), capabilities) == expected


@pytest.mark.parametrize("media", [media for media in Media if media is not Media.PHOTO])
def test_what_is_no_photo_is_measured_as_a_file(media: Media) -> None:
    """Voice, video and the rest go where files of their size go."""
    attachment = Attachment(media, "https://shop.example/x", size=9_000)
    assert [sort_out([attachment], each).sent for each in (ALL, PHOTOS)] == [(attachment,), ()]


def test_an_unknown_size_is_tried() -> None:
    """Nobody knows whether it is too large until the channel says so."""
    unknown = Attachment(Media.PHOTO, "/var/photos/3.jpg")
    assert sort_out([unknown], PHOTOS) == SortedOut(sent=(unknown,))


@pytest.mark.parametrize("ref", ["ftp://shop.example/1.jpg", "file:///etc/passwd", "javascript:alert(1)", "", "https:"])
def test_only_web_addresses_are_links(ref: str) -> None:
    """Nothing else is ever put before a buyer as a link."""
    attachment = Attachment(Media.PHOTO, ref)
    assert sort_out([attachment], NONE) == SortedOut(left_out=(attachment,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Here it is:", "Here it is:\n[photo] https://shop.example/1.jpg\n[file] https://shop.example/invoice.pdf"),
        ("", "[photo] https://shop.example/1.jpg\n[file] https://shop.example/invoice.pdf"),
    ],
)
def test_lines_stand_under_the_text(text: str, expected: str) -> None:
    """One line each, with what it is."""
    assert with_lines(text, (PHOTO, FILE)) == expected


def test_without_attachments_a_text_stays_as_it_is() -> None:
    """Not even a line more."""
    assert with_lines("Here it is:\n", ()) == "Here it is:\n"
