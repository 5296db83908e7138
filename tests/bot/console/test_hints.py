"""Answers of the desk in the console: without what is typed elsewhere."""

from __future__ import annotations

import pytest

from bot.console.hints import without_hints


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            "The bot is silent. Your own words still go. /resume lets the bot go on.",
            "The bot is silent. Your own words still go.",
        ),
        ("This matter is over. To go on with it send /reopen first.", "This matter is over."),
        (
            "A compensation still waits for an answer: /approve or /refuse it first.",
            "A compensation still waits for an answer.",
        ),
        ("It can be: refund. For example: /remedy refund", "It can be: refund."),
        (
            "Give the number of the script (search with /s first), for example: /send 12",
            "Give the number of the script.",
        ),
        (
            "The buyer has yet to answer. If they told you, record it: huifang answered 7001 yes, or no.",
            "The buyer has yet to answer.",
        ),
        ("还有一笔补偿等主管答复，先 /同意 或 /拒绝，再办结。", "还有一笔补偿等主管答复。"),
        ("没有发：要先批补偿（发 /补偿 红包 2 划痕，或 huifang offer），批过才能说。", "没有发：要先批补偿。"),
        ("机器人停了。您写的照发。/恢复 让机器人继续。", "机器人停了。您写的照发。"),
        ("请写怎么处理，例如：/办法 退款", "请写怎么处理。"),
        ("See /var/log and/or https://tea.example/skip.", "See /var/log and/or https://tea.example/skip."),
        ("One line.\n\n2. Two lines.", "One line.\n\n2. Two lines."),
    ],
)
def test_what_is_typed_elsewhere_is_left_out(told: str, shown: str) -> None:
    """The rest reads as whole sentences; what is no command stays."""
    assert shown == without_hints(told)
