"""Secrets: from the environment or a file that it names, never from config.toml, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ConfigError, load
from tests.bot.config_files import refusal, write


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_PASSWORD", "DATABASE_PASSWORD_FILE", "TELEGRAM_TOKEN"):
        monkeypatch.delenv(f"HUIFANG_{name}", raising=False)


class TestSecrets:
    @pytest.mark.parametrize(
        ("text", "keys", "name"),
        [
            ('[database]\npassword = "hunter2"', "database.password", "DATABASE_PASSWORD"),
            (
                '[channels.telegram]\nbot-token = "hunter2"',
                "channels.telegram.bot-token",
                "CHANNELS_TELEGRAM_BOT_TOKEN",
            ),
            ('[shops.a-1]\napi_key = "hunter2"', "shops.a-1.api_key", "SHOPS_A_1_API_KEY"),
            ('[database]\nurl = "postgresql://u:hunter2@h/x"', "database.url", "DATABASE_PASSWORD"),
            ('[database]\nurl = "postgresql://h/x?password=hunter2"', "database.url", "DATABASE_PASSWORD"),
        ],
    )
    def test_one_in_the_file_is_sent_where_it_belongs(self, tmp_path: Path, text: str, keys: str, name: str) -> None:
        """The refusal names the variable and does not repeat the secret."""
        said = refusal(write(tmp_path, text))
        place = f"set HUIFANG_{name} in the environment, or HUIFANG_{name}_FILE to a file that holds it"

        assert f"config.toml:2: {keys}: a secret has no place in this file; {place}" in said
        assert "hunter2" not in "".join(said)

    def test_the_environment_gives_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """HUIFANG_TELEGRAM_TOKEN is the secret "telegram_token"."""
        monkeypatch.setenv("HUIFANG_TELEGRAM_TOKEN", "12:abc")

        assert "12:abc" == load().secret("telegram_token")

    def test_a_file_gives_them(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A file named by HUIFANG_…_FILE holds the secret, with or without a line's end."""
        (tmp_path / "token").write_text("12:abc\n")
        monkeypatch.setenv("HUIFANG_TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
        config = load()

        assert ("12:abc", ["12:abc"]) == (config.secret("telegram_token"), config.known_secrets())

    def test_an_unreadable_file_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A secret that was promised and is not there stops the start."""
        monkeypatch.setenv("HUIFANG_TELEGRAM_TOKEN_FILE", "/nowhere/token")

        with pytest.raises(ConfigError, match="HUIFANG_TELEGRAM_TOKEN_FILE: cannot read /nowhere/token: No such file"):
            load()

    def test_two_sources_are_one_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A secret given twice is not chosen between."""
        monkeypatch.setenv("HUIFANG_TELEGRAM_TOKEN", "x")
        monkeypatch.setenv("HUIFANG_TELEGRAM_TOKEN_FILE", "/x")

        with pytest.raises(ConfigError, match="HUIFANG_TELEGRAM_TOKEN is set too"):
            load()

    @pytest.mark.parametrize(
        ("url", "whole"),
        [
            ("postgresql://u@h:5432/x", "postgresql://u:p%40ss%2F@h:5432/x"),
            ("postgresql://h/x", "postgresql://:p%40ss%2F@h/x"),
            ("sqlite:///x.db", "sqlite:///x.db"),
        ],
    )
    def test_the_database_gets_its_password(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, whole: str
    ) -> None:
        """The password is put into the address where one is needed."""
        monkeypatch.setenv("HUIFANG_DATABASE_PASSWORD", "p@ss/")

        assert whole == load(write(tmp_path, f'[database]\nurl = "{url}"')).database_url()

    def test_nothing_shows_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A printed or dumped configuration holds no secret."""
        monkeypatch.setenv("HUIFANG_TELEGRAM_TOKEN", "hunter2")
        config = load()

        assert "hunter2" not in f"{config!r} {config.model_dump()} {config.model_dump_json()}"

    def test_options_do_not_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """There is one place to look for an option."""
        monkeypatch.setenv("DATABASE", '{"url": "sqlite:///other.db"}')
        monkeypatch.setenv("HUIFANG_DATABASE", '{"url": "sqlite:///other.db"}')

        assert "sqlite:///var/huifang.db" == load().database.url
