"""What `check` finds in a library that is not in order."""

import pytest

from followup.model import Segment
from scripts_library.catalogue import load_catalogue
from scripts_library.check import check, check_script, check_variant
from scripts_library.library import Library, built_in_texts
from scripts_library.templates import Variant

NEW = Segment.NEW


def found(script, source, lang="zh-CN"):
    return {finding.rule for finding in check_variant(load_catalogue()[script], lang, Variant(source))}


@pytest.mark.parametrize(
    ("script", "source", "rule"),
    [
        ("unpaid.help", "{{ phone }}", "unknown_fact"),
        ("refund.daily", "还在处理中。", "missing_fact"),
        ("unpaid.help", "{{ order", "template"),
        ("unpaid.help", "{{ order.upper() }}", "template"),
        ("unpaid.help", "您好，{{ buyer }}，订单 {{ order }} 收到了。", "untidy"),
        ("unpaid.help", "好" * 401, "too_long"),
        ("hint.stop", "（我是自动助手。）", "stop_hint"),
        ("review.note", "{% if goods %}{% else %}改好评返现{% endif %}", "reward"),
        ("unpaid.last_call", "最后机会，{{ order }}", "pressure"),
        ("choice.later", "我想过一阵子再来付款，具体哪天还没有定下来", "too_long"),
        ("choice.later", "晚点\n再付", "label"),
        ("choice.later", "2", "label"),
        ("choice.later", "……", "label"),
    ],
)
def test_a_bad_text_is_found(script, source, rule):
    """Each kind of fault has its own finding."""
    assert rule in found(script, source)


def test_fact_values_are_not_linted():
    """Goods may be red envelopes; only our own words are judged."""
    assert set() == found("unpaid.help", "您好，{% if goods %}“{{ goods }}”{% endif %}订单 {{ order }} 收到了。")


def test_agents_words_are_not_linted_for_manners():
    """Agents have to be told what is forbidden, in plain words."""
    assert set() == found("agent.firewall", "订单 {{ order }}：不得用红包换好评。")


def library_with(key, sources):
    return Library(built_in_texts() | {key: tuple(map(Variant, sources))})


@pytest.mark.parametrize(
    ("key", "sources", "rule"),
    [
        (("hint.stop", "en", NEW), [], "missing_language"),
        (("hint.stop", "en", NEW), ["Reply STOP."], "few_variants"),
        (("hint.stop", "en", NEW), ["Reply STOP.", "reply  stop.", "Reply STOP."], "identical"),
        (("hint.pause", "en", NEW), ["a", "b"], "off_catalogue"),
        (("choice.later", "en", NEW), [], "missing_language"),
        (("choice.later", "en", NEW), ["something ELSE"], "identical"),
        (("agent.unsure", "es", NEW), ["{{ order }}", "{{ order }}."], "off_catalogue"),
    ],
)
def test_a_bad_list_is_found(key, sources, rule):
    """Missing languages, lonely variants, twins and strays are all reported."""
    assert rule in {finding.rule for finding in check(library_with(key, sources))}


def test_one_script_can_be_checked_alone():
    """A script in order has no findings."""
    assert [] == check_script(Library.load(), "unpaid.help", "es")
