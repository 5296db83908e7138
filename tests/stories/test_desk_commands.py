"""Days at the desk: matters are taken, given on, noted, flagged, put off, promised, resolved and opened again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from followup.desk.codes import code_of
from followup.model import Status, TaskState, Verdict
from followup.policy import CompensationPolicy
from followup.promises import PromiseState
from tests.stories.commanding import BOSS, LI, WANG, Desk
from tests.stories.shop import POLICY

CASE = "after_sales"
WIDE = replace(POLICY, compensation=CompensationPolicy(goodwill=Decimal(60)))


def a_question() -> Desk:
    """An unpaid order, and a buyer who asks what only a person can answer."""
    desk = Desk().order().after("20m").buyer_says("这条围巾能定制刺绣吗，绣孩子名字")
    assert desk.tasks() == ["buyer_message"]
    desk.heard()
    return desk


def test_an_alert_is_taken_given_on_and_done() -> None:
    """Taken, nobody is told again until its time is over; given on, the other hears at once; each act is noted."""
    desk = a_question().types(LI, "/接")
    task = desk.task("buyer_message")
    assert ("小李接手了，1 项待办。", LI, task.due_at) == (desk.told(), task.assignee, task.alert_at)
    assert LI == desk.thread("unpaid_order").agent
    desk.types(LI, "/接")
    assert ("已经在您手上了。", False) == (desk.told(), desk.answer.done)
    desk.types(LI, "/give 小陈 他熟悉定制")
    task = desk.task("buyer_message")
    assert ("chen", None, desk.clock.now()) == (task.assignee, task.taken_at, task.alert_at)
    assert "小陈" in desk.told()
    assert "附言：他熟悉定制" in desk.told()
    desk.types("chen", f"/done {code_of(task.id)} 已答复可以绣")
    assert (TaskState.DONE, "chen") == (desk.task("buyer_message").state, desk.task("buyer_message").closed_by)
    assert [
        "li: take",
        "li: give 小陈 他熟悉定制",
        "chen: task_done buyer_message 已答复可以绣",
    ] == desk.notes()
    assert [] == desk.heard()


def test_what_somebody_took_is_his() -> None:
    """Another agent is told whose it is, and cannot give it on, even to himself; a supervisor may, and who has it."""
    desk = a_question().types(LI, "/take").types("chen", "/take")
    assert (False, LI) == (desk.answer.done, desk.thread("unpaid_order").agent)
    assert "小李" in desk.told()
    for to in ("小陈", "王姐"):
        desk.types("chen", f"/give {to}")
        assert ("desk.taken_already", LI) == (desk.answer.script, desk.thread("unpaid_order").agent)
    desk.types(WANG, "/take")
    assert ("王姐接手了（原来是小李），1 项待办。", WANG) == (desk.told(), desk.task("buyer_message").assignee)
    desk.types(WANG, "/give 小陈").types("chen", "/give 小陈")
    task = desk.task("buyer_message")
    assert ("chen", True) == (task.assignee, task.taken_at is not None)
    desk.buyer_says("要红色的，能绣吗")
    assert {"chen"} == {task.assignee for task in desk.open_tasks()}


def test_given_to_nobody_known() -> None:
    """Who is none of the shop's people cannot be given anything; the others are offered."""
    desk = a_question().types(LI, "/give 老周")
    assert (False, "") == (desk.answer.done, desk.thread("unpaid_order").agent)
    assert "小李、王姐、老板、小陈" in desk.told()
    assert ["give::li", "give::wang", "give::boss", "give::chen"] == [each.id for each in desk.answer.choices]
    assert "does not work for this shop" in desk.types(LI, "/give far").told("en")


def test_a_note_stays_inside() -> None:
    """It is kept with who wrote it, and the buyer hears nothing."""
    desk = a_question().types(LI, "// 买家很急，先查库存")
    assert ["li: note 买家很急，先查库存"] == desk.notes()
    assert [] == desk.heard()


def test_the_flag_fits_the_order_and_names_its_writer() -> None:
    """Purple before shipping, blue after it, each with its reason; the line is ready to copy (rules 98, 99)."""
    desk = Desk().buyer_says("你们周末有人吗，想去店里看看", "ann").paid_order(tells_shipping=True).after("3d")
    about, kind = desk.task("buyer_message").thread, "late_shipment"
    desk.types(LI, "/flag blue 已补发", kind)
    assert (False, "") == (desk.answer.done, desk.thread(kind).flag)
    desk.types(LI, "/标旗 紫 缺货，周四补到", kind)
    line = "未发货 · 缺货，周四补到 · 小李 2026-03-05"
    assert ("purple", line) == (desk.thread(kind).flag, desk.told().splitlines()[-1])
    assert "5 号" in desk.told()
    desk.parcel().changes(status=Status.SHIPPED, shipped_at=desk.clock.now())
    desk.types(LI, "/flag purple late", kind)
    assert "已经发货了" in desk.told()
    desk.types(LI, "/flag blue 快递慢", kind)
    assert "已发货 · 快递慢 · 小李 2026-03-05" == desk.told().splitlines()[-1]
    desk.types(LI, "/flag none", kind)
    assert ("", "unflag") == (desk.thread(kind).flag, desk.notes()[-1].removeprefix("li: "))
    assert "没有订单" in desk.types(LI, "/flag green", about=about).told()


def test_tasks_are_put_off() -> None:
    """Nobody is told of them until then; without any there is nothing to put off."""
    desk = a_question().types(LI, "/snooze 明天9点 等仓库")
    task = desk.task("buyer_message")
    assert desk.moment("2026-03-03 09:00") == task.alert_at
    assert "3月3日 09:00" in desk.told()
    desk.types(LI, "/later 30m")
    assert desk.moment("2026-03-02 14:50") == desk.task("buyer_message").alert_at
    desk.types(LI, "/done").types(LI, "/snooze 2h")
    assert (False, "没有待办") == (desk.answer.done, desk.told()[2:6])


def test_which_of_several_tasks() -> None:
    """Where several wait, the code is asked for, with a button for each."""
    desk = a_question().after("1d").buyer_says("你们什么破店，骗子！")
    assert 2 <= len(desk.open_tasks())
    desk.types(LI, "/done")
    codes = [code_of(task.id) for task in desk.open_tasks()]
    assert f"/做完 {codes[0]}" in desk.told()
    assert (False, {f"done:{code}" for code in codes}) == (desk.answer.done, {c.id for c in desk.answer.choices})
    desk.types(LI, f"/failed {codes[0]} 没有这个服务", about="-")
    assert (True, len(codes) - 1) == (desk.answer.done, len(desk.open_tasks()))
    desk.types(LI, f"/failed {codes[0]}9", about="-")
    desk.types(LI, "/done 2222z", about="-")
    assert (False, "desk.no_such_task") == (desk.answer.done, desk.answer.script)


def test_a_promise_runs() -> None:
    """What a person promised by telephone is kept by his words, and he is warned before."""
    desk = a_question().types(LI, "/promise 4h 告诉买家能不能绣")
    (promise,) = desk.promises(LI)
    assert (LI, "告诉买家能不能绣", desk.moment("2026-03-02 18:20")) == (promise.said_by, promise.text, promise.due_at)
    desk.tasks()
    assert ["promise_near"] == desk.after("3h 35m").tasks()
    desk.types(LI, "/say 可以绣，三天左右能好，您把名字发我就行")
    assert PromiseState.KEPT is desk.promises(LI)[0].state
    assert ["可以绣，三天左右能好，您把名字发我就行"] == desk.heard()


def test_resolved_with_its_cause_and_opened_again() -> None:
    """Without a known cause nothing is resolved (rule 47); with it the tasks are done and the reminders end."""
    desk = a_question().types(LI, "/resolve 不知道")
    assert (False, "open") == (desk.answer.done, desk.thread("unpaid_order").state.value)
    assert "快递问题" in desk.told()
    desk.types(LI, "/解决 商品 不支持定制，已说明")
    thread = desk.thread("unpaid_order")
    assert ("solved", "product", []) == (thread.state.value, thread.cause, desk.open_tasks())
    assert "怎么办的：不支持定制，已说明" in desk.told()
    assert [] == desk.after("1d").heard()
    desk.types(WANG, "/重开 买家又来问")
    thread = desk.thread("unpaid_order")
    assert ("with_agent", "", None, WANG) == (thread.state.value, thread.outcome, thread.closed_at, thread.agent)
    assert ["li: resolve 商品质量 不支持定制，已说明", "wang: reopen 买家又来问"] == desk.notes()[-2:]
    assert [] == [message for message in desk.after("3d").heard() if message]


def test_a_case_is_registered() -> None:
    """An after-sales case is resolved as the command line registers it: cause, note, and the buyer is asked at the end
    (rules 44, 47, 57, 120)."""
    desk = Desk("2026-03-02 21:00").case().after("1h").types(LI, "/resolve courier 已补发", CASE)
    thread = desk.thread(CASE)
    assert ("settled registered", "courier") == (desk.fate(CASE), thread.cause)
    assert "courier" == desk.store.tx.sale(thread.id).cause.value  # type: ignore[union-attr]
    assert any("快递问题" in note and "小李 2026-03-02" in note for note in desk.notes())
    assert "已经结束" in desk.types(LI, "/resolve courier", CASE).told()
    desk.types(LI, "/reopen", CASE)
    assert "with_agent" == desk.fate(CASE)
    desk.after("5d")
    assert "sales.closing" not in desk.steps()


def test_an_approval_is_refused_and_another_given() -> None:
    """An agent's request above his limit is a supervisor's; an agent may not answer it, and nobody his own."""
    desk = Desk(policy=WIDE).case().offers("red_packet", "30", by=LI)
    assert ["red_packet 30 asked"] == desk.granted()
    code = code_of(desk.task("approval").id)
    assert "主管" in desk.types("chen", "/approve", CASE).told()
    assert (False, "answer_first") == (
        desk.types(LI, "/resolve product", CASE).answer.done,
        desk.answer.script.removeprefix("desk."),
    )
    assert "/approve" in desk.types(WANG, f"/done {code}", CASE).told("en")
    desk.types(WANG, f"/refuse {code}", about="-")
    assert (False, ["red_packet 30 asked"]) == (desk.answer.done, desk.granted())
    assert f"/拒绝 {code} 金额太高" in desk.told()
    desk.types(WANG, f"/refuse {code} 太高了，先给优惠券", about="-")
    assert (["red_packet 30 refused"], []) == (desk.granted(), desk.heard())
    assert "没有同意：红包" in desk.told() or "已拒绝红包" in desk.told()
    told = desk.task("offer_refused")
    assert (LI, True, True) == (told.assignee, "王姐" in told.text, "太高了" in told.text)
    desk.offers("red_packet", "25", by=WANG).types(WANG, "/approve", CASE)
    assert (False, "desk.not_your_own") == (desk.answer.done, desk.answer.script)
    desk.types(BOSS, "/同意", CASE)
    assert ["red_packet 30 refused", "red_packet 25 granted"] == desk.granted()
    assert "没有等待" in desk.types(BOSS, "/同意", CASE).told()


def test_a_paused_buyer_hears_nothing_until_people_say_so() -> None:
    """No reminder, no answer; a person's words go, what he writes becomes a task, and what was held goes afterwards."""
    desk = Desk().order().types(LI, "/暂停 电话里谈着呢")
    assert [] == desk.after("30m").heard()
    assert [Verdict.PAUSED] == desk.verdicts("unpaid.help")
    desk.tasks()
    desk.buyer_says("你好，我明天付")
    assert ([], ["buyer_message"]) == (desk.heard(), desk.tasks())
    desk.types(LI, "/say 好的，不着急，您慢慢来")
    assert ["好的，不着急，您慢慢来"] == desk.heard()
    desk.types(LI, "/pause")
    assert (False, "从 3月2日 14:00 起就停着了。") == (desk.answer.done, desk.told())
    assert [] == desk.after("2h").heard()
    desk.types(LI, "/恢复")
    assert "1 条" in desk.told()
    desk.after("1d")
    assert "unpaid.help" in desk.steps()
    assert "没有停" in desk.types(LI, "/恢复").told()


def test_while_paused_everything_is_peoples() -> None:
    """A complaint begins no case by itself, a promise that is due and an offer that was approved are told to people."""
    desk = Desk().case().types(LI, "/promise 2h 给处理方案", CASE).types(LI, "/pause", CASE)
    desk.tasks()
    desk.buyer_says("我的颜色想换一下").buyer_says("还少了一件")
    assert (["buyer_message"], []) == (desk.tasks(), desk.heard())
    assert desk.task("buyer_message").text.endswith("› 还少了一件")
    desk.after("3h")
    assert (["promise_near", "promise_broken"], []) == (desk.tasks(), desk.heard())
    desk.does_task("promise_broken").offers("coupon", "5", by=LI)
    assert (["offer_untold"], ["coupon 5 granted"], []) == (desk.tasks(), desk.granted(), desk.heard())
    desk.types(LI, "/resume", CASE).after("2h")
    assert "promise.no_news" not in desk.steps()


def test_a_stop_counts_while_paused() -> None:
    """Who says stop is told that it is heard, whatever else is silent."""
    desk = Desk().order().types(LI, "/pause").buyer_says("退订")
    assert ["stop.confirmed"] == desk.steps()
    assert desk.buyer().opted_out_at is not None


@pytest.mark.parametrize("text", ["/take", "/pause", "/resolve product", "/erase yes", "/tasks", "/approve", "/help"])
@pytest.mark.parametrize("who", ["nobody", "far", ""])
def test_a_stranger_changes_nothing(who: str, text: str) -> None:
    """Who is not listed, or works for another shop, is told so and nothing else, and nothing is noted."""
    desk = a_question()
    before, lines = {cls: dict(items) for cls, items in desk.store.tx.items.items()}, len(desk.store.lines)
    desk.types(who, text)
    if not (who == "far" and text in ("/tasks", "/help")):
        assert ("desk.not_allowed", {}, "") == (desk.answer.script, desk.answer.facts, desk.answer.about)
    assert (before, lines) == (desk.store.tx.items, len(desk.store.lines))


@pytest.mark.parametrize("text", ["/take", "/接", "/pause", "/resolve product", "// 内部备注", "/erase yes"])
def test_a_buyer_who_types_a_command_gets_nothing_of_it(text: str) -> None:
    """His words are words: a person sees them, and nothing is taken, paused or noted as an act."""
    desk = a_question().buyer_says(text)
    assert text in desk.open_tasks()[-1].text
    thread = desk.thread("unpaid_order")
    assert ("", "open", None, []) == (thread.agent, thread.state.value, desk.buyer().paused_at, desk.notes())


def test_what_waits_for_me() -> None:
    """My tasks and those nobody took, the most pressing first, each with its code; not those of others."""
    desk = a_question().types(LI, "/tasks", about="-")
    code = code_of(desk.task("buyer_message").id)
    assert (False, True) == (desk.answer.done, code in desk.told())
    desk.types("chen", "/take").types(LI, "/待办", about="-")
    assert "desk.no_tasks" == desk.answer.script
    assert code in desk.types("chen", "/tasks", about="-").told()


def test_only_the_owner_erases_and_says_so_twice() -> None:
    """An agent and a supervisor may not; the owner is asked whether he is sure."""
    desk = a_question().types(WANG, "/erase yes")
    assert (False, "店主") == (desk.answer.done, desk.told()[4:6])
    desk.types(BOSS, "/erase")
    assert (False, "desk.erase_sure") == (desk.answer.done, desk.answer.script)


def test_words_that_no_rule_allows_do_not_go() -> None:
    """A person's words are read as everywhere: no reward for a review (rules 77, 95)."""
    desk = a_question().types(LI, "/say 亲，给五星好评返现5元哦")
    assert (False, []) == (desk.answer.done, desk.heard())
    assert "·" in desk.told()


def test_help_needs_no_matter() -> None:
    """Everything else does."""
    desk = Desk().types(LI, "/help", about="-")
    assert "/接" in desk.told()
    assert "desk.which_matter" == desk.types(LI, "/take", about="-").answer.script


@pytest.mark.parametrize("text", ["/办法 退款 已和买家说好", "/remedy refund agreed", "/办法全额退款"])
def test_a_case_is_decided_in_chat(text: str) -> None:
    """As by `huifang case remedy`: the buyer hears of it, and who decided stands in the notes (rule 46)."""
    desk = Desk().case().types(LI, text, CASE)
    sale = desk.store.tx.sale(desk.thread(CASE).id)
    assert (True, "refund") == (desk.answer.done, sale.remedy.value if sale else "")
    assert "全额退款" in desk.told()
    assert "1001" in desk.told()
    assert any(note.startswith("li: case_remedy 全额退款") for note in desk.notes())
    assert "sales.remedy_refund" in desk.after("1d").steps()


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("/办法 唱歌", "which_remedy"),
        ("/remedy coupon", "which_remedy"),
        ("/办法 部分退款", "offer_first"),
        ("/补偿 唱歌 5 破损", "which_offer"),
        ("/offer refund 5 for damage", "which_offer"),
        ("/补偿 红包 破损", "expected_offer"),
        ("/offer red_packet 0 for damage", "expected_offer"),
        ("/offer red_packet 1.234 for damage", "expected_offer"),
        ("/补偿 红包 5 心情不好", "which_loss"),
        ("/offer freight 5 for damage", "which_loss"),
        ("/补偿 红包 5 破损 改好评", "no_review"),
        ("/补偿 红包 3000 破损", "offer_too_much"),
    ],
)
def test_what_cannot_be_given_is_answered_with_what_can(text: str, script: str) -> None:
    """Nothing is granted or decided; the answer lists what there is, in both languages."""
    desk = Desk(policy=WIDE).case().types(LI, text, CASE)
    sale = desk.store.tx.sale(desk.thread(CASE).id)
    assert (f"desk.{script}", False, [], "") == (
        desk.answer.script,
        desk.answer.done,
        desk.granted(),
        sale.remedy.value if sale else None,
    )
    if script.startswith("which_"):
        assert "/" in desk.told()
        assert "For example: /" in desk.told("en")


@pytest.mark.parametrize(
    "text", ["/补偿 红包 2 破损 压坏了一角", "/offer red_packet 2 for damage a corner", "/补偿红包2元破损"]
)
def test_a_compensation_is_asked_for_in_chat(text: str) -> None:
    """Within his own limit at once, and the buyer hears of it (rules 10, 75)."""
    desk = Desk(policy=WIDE).case().types(LI, text, CASE)
    assert (["red_packet 2 granted"], True) == (desk.granted(), desk.answer.done)
    assert all(part in desk.told() for part in ("红包", "2", "有损坏"))
    assert 1 == len(desk.after("1h").offered())


def test_above_his_limit_a_supervisor_hears_of_it() -> None:
    """The buyer hears nothing, the supervisor approves, and asking twice is no way round."""
    desk = Desk(policy=WIDE).case().types(LI, "/补偿 红包 30 安抚", CASE)
    assert (["red_packet 30 asked"], "desk.offer_waits", []) == (desk.granted(), desk.answer.script, desk.heard())
    assert "desk.answer_first" == desk.types(LI, "/补偿 红包 5 安抚", CASE).answer.script
    desk.types(WANG, "/同意", CASE)
    assert ["red_packet 30 granted"] == desk.granted()
    assert "desk.offer_open" == desk.types(LI, "/补偿 红包 5 安抚", CASE).answer.script


def test_a_request_stays_the_supervisors() -> None:
    """Who takes the matter does not take the request with it, or its supervisors would hear no more of it (rule 10)."""
    desk = Desk(policy=WIDE).case().types(LI, "/接", CASE).types(LI, "/补偿 红包 30 安抚", CASE)
    task = desk.task("approval")
    assert ("", None) == (task.assignee, task.taken_at)
    assert "desk.supervisor_needed" == desk.types(LI, f"/接 {code_of(task.id)}", CASE).answer.script
    desk.types("chen", "/转给 小陈", CASE).types(LI, "/接", CASE)
    assert ("", None) == (desk.task("approval").assignee, desk.task("approval").taken_at)
    assert WANG == desk.types(WANG, f"/接 {code_of(task.id)}", CASE).task("approval").assignee


def test_without_a_case_there_is_nothing_to_decide() -> None:
    """It says what is missing."""
    desk = Desk().order().after("20m")
    assert "desk.no_case" == desk.types(LI, "/办法 退款").answer.script
    assert "desk.no_case" == desk.types(LI, "/补偿 红包 5 破损").answer.script
