"""What belongs into a backup beside the database, and where each file stands on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.backup.archive import PARTIAL, File, inside
from bot.config import Config
from bot.config_channels import WebchatOptions
from bot.learnt_phrases import beside

SCRIPTS, LEARNT, CONFIG = "scripts.json", "intents.json", "config.toml"
EVIDENCE, PHOTOS = "evidence/", "webchat/"


@dataclass(frozen=True, slots=True)
class Places:
    """Files of their own name, and folders by the beginning of theirs."""

    files: dict[str, Path]
    folders: dict[str, Path]

    def own(self) -> Iterator[File]:
        """The shop's wording, what it taught the bot, its configuration."""
        yield from ((name, path) for name, path in self.files.items() if path.is_file())

    def evidence(self) -> Iterator[File]:
        """What buyers sent."""
        for begin, folder in self.folders.items():
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.is_symlink() and not path.name.startswith(PARTIAL):
                    yield begin + path.relative_to(folder).as_posix(), path

    def at(self, name: str) -> Path | None:
        """Where a file of a backup belongs; None if this configuration has no place for it. Raises NoBackup."""
        if name in self.files:
            return self.files[name]
        found = (begin for begin in sorted(self.folders, key=len, reverse=True) if name.startswith(begin))
        begin = next(found, "")
        return inside(self.folders[begin], name.removeprefix(begin)) if begin else None


def places(config: Config, file: Path | None) -> Places:
    """Where everything stands; `file` is that of the configuration."""
    wording = config.scripts.overrides
    files = {SCRIPTS: wording, LEARNT: beside(wording), **({CONFIG: file} if file else {})}
    photos = {
        f"{PHOTOS}{name}/": options.folder / name
        for name, options in config.accounts.items()
        if isinstance(options, WebchatOptions)
    }
    return Places(files, {EVIDENCE: config.evidence.folder, **photos})
