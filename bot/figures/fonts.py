"""A font for the picture: one that has Chinese where Chinese is written, else any, else the one that Pillow brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
CHINESE = (
    "NotoSansCJK-Regular",
    "NotoSansCJKsc-Regular",
    "NotoSansSC-Regular",
    "NotoSansSC",
    "SourceHanSansSC-Regular",
    "wqy-microhei",
    "wqy-zenhei",
    "PingFang",
    "msyh",
    "NotoSerifCJK-Regular",
    "uming",
    "DroidSansFallbackFull",
)
LATIN = ("DejaVuSans", "LiberationSans-Regular", "NotoSans-Regular", "Arial")
ENDINGS = (".ttc", ".otf", ".ttf")
_SAMPLE = "回访"


@cache
def chinese(folders: tuple[Path, ...] = FOLDERS) -> tuple[Path, int] | None:
    """The file of a font with Chinese, and which of its faces is for mainland China; None where there is none."""
    for path in _named(CHINESE, folders):
        for index in _faces(path):
            return path, index
    return None


def font(size: int, with_chinese: bool) -> FreeTypeFont:
    """A font of so many pixels; the sizes of the picture are all made here."""
    from PIL import ImageFont

    found = chinese() if with_chinese else None
    if found:
        return ImageFont.truetype(str(found[0]), size, index=found[1])
    latin = next(_named(LATIN, FOLDERS), None)
    if latin:
        return ImageFont.truetype(str(latin), size)
    own = ImageFont.load_default(size)
    assert not isinstance(own, ImageFont.ImageFont), "Pillow was built without FreeType"
    return own


def _named(names: Iterable[str], folders: Iterable[Path]) -> Iterator[Path]:
    files = _files(tuple(folders))
    return (files[name] for name in names if name in files)


@cache
def _files(folders: tuple[Path, ...]) -> dict[str, Path]:
    found = (path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*")))
    return {path.stem: path for path in found if path.suffix.lower() in ENDINGS}


def _faces(path: Path) -> Iterator[int]:
    """The faces of a file that can write Chinese, those for mainland China first."""
    from PIL import ImageFont

    found = []
    for index in range(16):
        try:
            face = ImageFont.truetype(str(path), 24, index=index)
        except OSError:
            break
        if _has_chinese(face):
            found.append(("SC" not in str(face.getname()[0]), index))
        if path.suffix.lower() != ".ttc":
            break
    return (index for _, index in sorted(found))


def _has_chinese(face: FreeTypeFont) -> bool:
    """Whether two Chinese characters look different: those that a font lacks are all the same empty box."""
    first, second = (bytes(face.getmask(char)) for char in _SAMPLE)
    return first != second
