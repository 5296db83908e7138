"""`huifang scripts`, typed as a person would."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bot import scripts_cli
from bot.scripts_cli import scripts_app
from scripts_library.catalogue import load_catalogue

TEXT = "您好，订单 {{ order }} 收到了，有什么要改的告诉我。"


@pytest.fixture
def run(tmp_path):
    def type_in(*words):
        file = str(tmp_path / "scripts.json")
        return CliRunner(env={"COLUMNS": "200"}).invoke(scripts_app, [*words, "--overrides", file])

    return type_in


def test_list_shows_every_script(run):
    """Every id is listed."""
    result = run("list")
    assert 0 == result.exit_code
    assert "agent.words_exhausted" in result.output


def test_show_prints_variants_with_ids(run):
    """`show` prints what `retire` needs."""
    result = run("show", "hint.stop")
    assert 0 == result.exit_code
    assert "退订" in result.output


def test_preview_uses_sample_facts(run):
    """A script can be read without an order."""
    assert "Anna" in run("preview", "unpaid.help", "--lang", "en").output


@pytest.mark.parametrize("lang", ["zh-CN", "en", "es"])
def test_preview_all_prints_everything(run, lang):
    """All words of a language in one sitting: those of buyers, and on request those of agents."""
    buyers, everybody = (run("preview", "--all", "--lang", lang, *more) for more in ((), ("--agents",)))
    assert (0, 0) == (buyers.exit_code, everybody.exit_code)
    for spec in load_catalogue().values():
        if not spec.label:
            assert (spec.audience == "buyer") == (f"\n{spec.id} (" in buyers.output), spec.id
            assert f"\n{spec.id} (" in everybody.output, spec.id


def test_preview_all_shows_different_buyers(run):
    """Every variant is read by somebody else, and by somebody whose name and goods are unknown."""
    text = run("preview", "--all", "--lang", "en").output
    mine = text[text.index("unpaid.help (nudge)") : text.index("unpaid.last_call (nudge)")]
    for told in ("Anna", "Mr. Okafor", "wool scarf", "kettle", "(without name and goods)", "1. ", "2. "):
        assert told in mine


def test_preview_is_in_the_order_of_the_subjects(run):
    """What belongs together stands together, under its heading."""
    text = run("preview", "--all").output
    assert text.index("━━ unpaid_order ━━") < text.index("unpaid.help (") < text.index("unpaid.dropped (")


@pytest.mark.parametrize(("ending", "told"), [("txt", "━━ talk ━━"), ("md", "# talk"), ("html", '<h1 id="talk">')])
def test_preview_is_written_for_reading(run, tmp_path, ending, told):
    """As text, as Markdown or as a page, by the name of the file."""
    path = tmp_path / f"words.{ending}"
    assert 0 == run("preview", "--all", "-o", str(path)).exit_code
    assert told in path.read_text("utf-8")


def test_preview_of_an_order_uses_its_facts(run, monkeypatch):
    """Facts of a real order take the place of the made-up ones."""
    monkeypatch.setattr(scripts_cli, "facts_for_order", lambda order, _config: {"order": order, "buyer": "Zoe"})
    assert "Zoe" in run("preview", "unpaid.dropped", "--order", "9", "--lang", "en").output


def test_check_is_silent_about_good_words(run):
    """Exit code 0 when all is well."""
    assert 0 == run("check").exit_code


def test_check_fails_on_findings(run):
    """Exit code 1 when something is wrong."""
    result = run("check", "--longest", "80")
    assert 1 == result.exit_code
    assert "too_long" in result.output


def test_set_retire_undo(run):
    """A text can be added, retired and brought back."""
    variant = run("set", "unpaid.help", "--lang", "zh-CN", "--text", TEXT).output.split()[2]
    assert variant in run("show", "unpaid.help").output
    assert 0 == run("retire", "unpaid.help", variant, "--lang", "zh-CN").exit_code
    assert variant not in run("show", "unpaid.help").output
    assert 0 == run("undo", "unpaid.help", variant, "--lang", "zh-CN").exit_code
    assert variant in run("show", "unpaid.help").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "nope"], "there is no script nope"),
        (["preview"], "name a script"),
        (["preview", "--all", "-o", "words.doc"], "words.doc: expected a name that ends in .txt, .md, .html"),
        (["preview", "unpaid.help", "--order", "7", "-c", "missing.toml"], "missing.toml: there is no such file"),
        (["set", "unpaid.help", "--lang", "zh-CN", "--text", TEXT, "--segment", "old"], "segment old"),
        (["set", "review.note", "--lang", "zh-CN", "--text", "好评返现"], "好评"),
        (["set", "unpaid.help", "--lang", "zh-CN", "--text", f"{TEXT}明天上午十点再告诉您。"], "no clock keeps it"),
        (["retire", "unpaid.help", "00000000", "--lang", "zh-CN"], "no such variant"),
        (["undo", "unpaid.help", "00000000", "--lang", "zh-CN"], "no change"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_code_2(run, words, message):
    """A mistake is answered, not traced."""
    result = run(*words)
    assert (2, 1) == (result.exit_code, len(result.output.strip().splitlines()))
    assert message in result.output


def test_importing_the_commands_is_light():
    """Help has to start at once: nothing heavy is imported before a command runs."""
    heavy = "{'jinja2', 'tinydb', 'rich.table', 'scripts_library.library'}"
    code = f"import sys, bot.scripts_cli; sys.exit(bool({heavy} & set(sys.modules)))"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
