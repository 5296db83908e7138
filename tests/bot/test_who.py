"""`--by`: who types a command is one of the shop's people."""

from __future__ import annotations

import getpass

import pytest
import typer

from bot.commands.who import person
from followup.desk.people import Person, Rank, Roster

LISTED = Roster({"li": Person("li", "小李"), "chen": Person("chen", "chen", Rank.OWNER)})
OF_TEA = Roster({"ana": Person("ana", "Ana", shops=frozenset({"tea"}))})


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody of the shop is logged in."""
    monkeypatch.setattr(getpass, "getuser", lambda: "root")


def refused(given: str, roster: Roster, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code, and what was said."""
    with pytest.raises(typer.Exit) as caught:
        person(given, roster)
    return caught.value.exit_code, capsys.readouterr().err.strip()


class TestListed:
    @pytest.mark.parametrize("given", ["li", "小李"])
    def test_by_id_or_name(self, given: str) -> None:
        """Both are the same person, who is remembered by his id."""
        assert "li" == person(given, LISTED)

    def test_a_stranger(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Is told who there is."""
        said = "huifang: --by: 'Bob' is none of your people (agents.people): li (小李), chen"
        assert (2, said) == refused("Bob", LISTED, capsys)

    def test_nobody_named(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """The user of the computer, if he is one of them; else a name is asked for."""
        assert (2, "huifang: --by is needed: one of li (小李), chen") == refused("", LISTED, capsys)
        monkeypatch.setattr(getpass, "getuser", lambda: "chen")
        assert "chen" == person("", LISTED)


class TestNobodyListed:
    def test_any_name_will_do(self) -> None:
        """Whoever it is; without a name the user of the computer."""
        assert ("Bob", "root") == (person("Bob", Roster()), person("", Roster()))

    def test_a_computer_without_users(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Is no traceback."""

        def nobody() -> str:
            raise OSError("No username set in the environment")

        monkeypatch.setattr(getpass, "getuser", nobody)
        assert "?" == person("", Roster())


class TestShops:
    @pytest.mark.parametrize("about", ["tea", "tea/o1/unpaid_order", ""])
    def test_his_own(self, about: str) -> None:
        """He acts in his own shop, and where no shop is concerned."""
        assert "ana" == person("ana", OF_TEA, about)

    @pytest.mark.parametrize("about", ["silk", "silk/tea/unpaid_order", "silk/manual/b1"])
    def test_anothers(self, about: str, capsys: pytest.CaptureFixture[str]) -> None:
        """For another shop's matters his name does not count."""
        with pytest.raises(typer.Exit) as caught:
            person("Ana", OF_TEA, about)
        assert 2 == caught.value.exit_code
        assert "ana (Ana) does not work for the shop silk" in capsys.readouterr().err
