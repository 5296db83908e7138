from __future__ import annotations

import pytest

from tests.databases import unavailable


@pytest.mark.parametrize("ci", ["true", "1"])
def test_a_missing_server_fails_where_everything_must_be_tested(ci: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI=true no test is skipped for want of PostgreSQL."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.fail.Exception, match="no PostgreSQL server: OSError: no room"):
        unavailable(OSError("no room"))


@pytest.mark.parametrize("ci", ["", "false"])
def test_elsewhere_its_tests_are_skipped(ci: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a developer's machine without PostgreSQL the rest is tested."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.skip.Exception, match="no PostgreSQL server"):
        unavailable(OSError("no room"))
