"""The shop's people speak with buyers in the topics of their group, and among themselves."""

from __future__ import annotations

import pytest

from followup.desk.codes import code_of
from followup.events import Outcome, Refusal
from followup.model import Attachment, Media, Outgoing, OutgoingState, Task, TaskState
from followup.ports import Capabilities
from tests.stories.alerting import GROUP
from tests.stories.shop import span
from tests.stories.talking import CAN, STRANGER, GroupShop, photo

HELLO = "您好，我来帮您看看"
UNPAID = "shop/1001/unpaid_order"
LOST = Attachment(Media.VIDEO, "", "film.mp4")
"""What the group's service does not give to a bot."""


def asked(**more: object) -> GroupShop:
    """林 has not paid and asks something that only a person can answer; the group has a card of it."""
    shop = GroupShop(**more).order().after("15m")
    shop.buyer_says("我有个问题，尺码不合适")
    shop.shown(UNPAID)
    shop.tasks()
    return shop


def taken(**more: object) -> GroupShop:
    """小李 has answered, so that the matter is hers."""
    shop = asked(**more).after("1m")
    shop.writes(HELLO, UNPAID)
    shop.shown(UNPAID)
    return shop


def words_to_paste(shop: GroupShop) -> Task:
    """The last words to the buyer, as the channel without a service gives them to people."""
    words = [each for each in shop.outbox() if each.step == "says"][-1]
    task = Task("paste/1", words.shop, words.thread, "paste", words.text, words.created_at, outgoing=words.id)
    shop.store.run(lambda tx: tx.save(task))
    return task


class TestWords:
    def test_they_reach_the_buyer_and_nobody_is_told_so(self) -> None:
        """Silence means that it went: the topic has twenty messages a minute for all."""
        shop = taken()
        assert ([HELLO], []) == (shop.read_by(), shop.shown(UNPAID))

    def test_whoever_writes_first_has_it(self) -> None:
        """小李 took it by writing, its task is done, and that is noted."""
        shop = taken()
        assert "li" == shop.agent_of(UNPAID)
        assert TaskState.DONE is shop.task("buyer_message").state
        assert [f"li: says {HELLO}", "li: task_done buyer_message", "li: take"] == shop.notes()

    def test_a_second_person_is_told_once_whose_it_is(self) -> None:
        """His words go all the same."""
        shop = taken()
        shop.writes("我也在看", UNPAID, "chen")
        shop.writes("马上好", UNPAID, "chen")
        assert [HELLO, "我也在看", "马上好"] == shop.read_by()
        (told,) = shop.shown(UNPAID)
        assert "小李" in told
        assert "li" == shop.agent_of(UNPAID)

    def test_the_same_words_in_two_messages(self) -> None:
        """ "好的" twice within a minute is said twice, and a message that comes again is not."""
        shop = taken()
        shop.writes("好的", UNPAID)
        shop.writes("好的", UNPAID, external_id="same")
        shop.writes("好的", UNPAID, external_id="same")
        assert [HELLO, "好的", "好的"] == shop.read_by()

    @pytest.mark.parametrize("text", ["改成五星好评给您返5元红包", "不改评价就不给您退款"])
    def test_what_no_one_may_say(self, text: str) -> None:
        """It does not go, and the topic says why at once, in the language of the people."""
        shop = taken()
        shop.writes(text, UNPAID)
        assert [HELLO] == shop.read_by()
        (told,) = shop.shown(UNPAID)
        assert "评价" in told
        assert "规则" not in told, "their numbers are for docs/rules.md"

    def test_a_word_of_care(self) -> None:
        """A day of arrival is better not promised: it goes, with a word about it; a promise is remembered."""
        shop = taken()
        shop.writes("包裹明天送到您家，我下午5点前再给您答复", UNPAID)
        assert 2 == len(shop.read_by())
        (told,) = shop.shown(UNPAID)
        assert "答应了到货日期" in told
        assert "3月2日 17:00 前给买家消息" in told

    def test_who_said_stop_is_left_alone(self) -> None:
        """The topic says that nothing went, and why."""
        shop = taken().buyer_says("退订").after("1m")
        shop.shown(UNPAID)
        shop.writes("打扰了", UNPAID)
        assert [HELLO] == shop.read_by()
        assert "买家说过不要再发" in shop.shown(UNPAID)[0]

    def test_a_closed_window(self) -> None:
        """On a channel that closes two days after the buyer's last word."""
        can = {"terminal": Capabilities(window=span("48h")), GROUP: CAN}
        shop = asked(capabilities=can).after("3d")
        shop.shown(UNPAID)
        shop.writes(HELLO, UNPAID)
        assert [] == shop.read_by()
        assert "这个渠道的回复时间已过" in shop.shown(UNPAID, "answer")[0]

    def test_a_shop_that_is_bound_to_its_platform(self) -> None:
        """There the words go to the channel that makes a task to paste of them, and the task that they answer stays
        until they are pasted."""
        shop = GroupShop(channel="manual").order().after("15m").has_to("buyer_message", thread=UNPAID)
        shop.shown(UNPAID)
        shop.writes(HELLO, UNPAID)
        assert ["manual"] == [each.channel for each in shop.delivered if each.step == "says"]
        assert (TaskState.OPEN, []) == (shop.task("buyer_message").state, shop.shown(UNPAID, "answer"))
        paste = words_to_paste(shop)
        shop.writes(f"/done {code_of(paste.id)}", UNPAID)
        assert (TaskState.DONE, "li") == (shop.task("buyer_message").state, shop.task("buyer_message").closed_by)

    @pytest.mark.parametrize("typed", ["/failed", "/failed {code}", "button"])
    def test_words_that_could_not_be_pasted(self, typed: str) -> None:
        """However that is said, the buyer has not seen them, and what they promised is promised no more."""
        shop = GroupShop(channel="manual").order().after("15m").has_to("channel_gap", thread=UNPAID)
        shop.writes("明天中午前给您答复", UNPAID)
        shop.writes(f"/done {code_of(shop.task('channel_gap').id)}", UNPAID)
        paste = words_to_paste(shop)
        if typed == "button":
            shop.writes("", UNPAID, button=f"failed:{code_of(paste.id)}")
        else:
            shop.writes(typed.format(code=code_of(paste.id)), UNPAID)
        words = shop.store.tx.get(Outgoing, paste.outgoing)
        assert words is not None
        assert (OutgoingState.FAILED, []) == (words.state, shop.promised())

    def test_a_topic_of_a_chat_without_a_matter(self) -> None:
        """Somebody without an order asks; he is answered in his chat."""
        shop = GroupShop()
        shop.buyer_says("你们家在哪里发货呀，我想先问问", buyer="he")
        about = shop.chat_of("he")
        assert shop.has_topic(about)
        shop.writes("杭州发货的", about)
        assert ["杭州发货的"] == shop.read_by("he")

    def test_a_reply_where_there_are_no_topics(self) -> None:
        """Without forum rights people answer the card, and that says which buyer is meant."""
        shop = asked()
        card = shop.store.tx.get(Outgoing, shop.cards()[-1].id)
        assert card is not None
        shop.writes(HELLO, replies_to=card.external_id)
        assert [HELLO] == shop.read_by()

    def test_two_buyers_never_get_each_others_words(self) -> None:
        """Each topic is one buyer's."""
        shop = asked().order("1002", "he").after("15m")
        shop.buyer_says("我也有个问题想问", buyer="he").after("1m")
        other = shop.matter(order="1002")
        for about, text in ((UNPAID, "林先生好"), (other, "何女士好"), (UNPAID, "您的尺码是M")):
            shop.writes(text, about)
        assert (["林先生好", "您的尺码是M"], ["何女士好"]) == (shop.read_by("lin"), shop.read_by("he"))


class TestStrangers:
    @pytest.mark.parametrize("who", [STRANGER, "far"])
    def test_nothing_of_what_they_write_happens(self, who: str) -> None:
        """Somebody who is not listed, or works for another shop: no words, no command, no answer, no note."""
        shop = asked()
        before = (shop.notes(), len(shop.outbox()))
        for text in ("/take", "您好", "// 记一下", "/erase yes", "/help"):
            shop.writes(text, UNPAID, who)
            shop.writes(text, "", who)
        shop.taps("我来接", shop.cards()[-1], who)
        assert before == (shop.notes(), len(shop.outbox()))
        assert "" == shop.agent_of(UNPAID)

    def test_with_nobody_listed_nobody_may(self) -> None:
        """The group then only hears."""
        shop = asked(people={})
        shop.writes("/take", UNPAID)
        shop.writes(HELLO, UNPAID)
        assert ([], []) == (shop.read_by(), shop.shown(UNPAID))

    def test_a_buyer_who_types_a_command(self) -> None:
        """Nothing of it is carried out: it is a message like any other."""
        shop = asked()
        for text in ("/take", "/resolve 快递", "/approve", "//内部备注", "/pause"):
            shop.buyer_says(text)
        assert ("", []) == (shop.agent_of(UNPAID), shop.notes())


class TestAmongThemselves:
    @pytest.mark.parametrize("text", ["// 买家很急", "//买家很急", "/note 买家很急", "/备注 买家很急"])
    def test_a_note(self, text: str) -> None:
        """It stays inside, and who wrote it learns that it counted."""
        shop = asked()
        shop.writes(text, UNPAID)
        assert ([], ["li: note 买家很急"]) == (shop.read_by(), shop.notes())
        assert ["记下了，买家看不到。"] == shop.shown(UNPAID)

    def test_talk_outside_of_topics(self) -> None:
        """What people say to each other in General is theirs."""
        shop = asked()
        shop.writes("中午吃什么")
        assert ([], [], []) == (shop.read_by(), shop.general(), shop.notes())

    def test_commands_outside_of_topics(self) -> None:
        """Help and the list of tasks are given anywhere; what needs a buyer says so."""
        shop = asked()
        for text in ("/help", "/待办", "/take", "/nonsense"):
            shop.writes(text)
        helped, listed, which, unknown = shop.general()
        assert "/接" in helped
        shop.writes("/说 您好")
        assert "话题" in shop.general()[-1]
        shop.writes("/s")
        assert "/话术 退款 破损" in shop.general()[-1]
        assert "lin" in listed
        assert "话题" in which
        assert "/帮助" in unknown
        assert "" == shop.agent_of(UNPAID)

    def test_a_command_is_answered_in_its_topic(self) -> None:
        """And what was mistyped too."""
        shop = asked()
        shop.writes("/接", UNPAID)
        shop.writes("/转给", UNPAID)
        taken_, missing = shop.shown(UNPAID, "answer")
        assert "小李" in taken_
        assert "/转给 小王" in missing
        assert "li" == shop.agent_of(UNPAID)

    def test_buttons_of_a_card(self) -> None:
        """Taken by a tap; a tap on what is done already says so."""
        shop = asked()
        card = shop.cards()[-1]
        shop.taps("我来接", card)
        assert "li" == shop.task("buyer_message").assignee
        shop.taps("办完了", card)
        assert TaskState.DONE is shop.task("buyer_message").state
        shop.taps("办完了", card, "chen")
        assert "没有作用" in shop.shown(UNPAID, "answer")[-1]

    def test_a_word_from_the_command_line(self) -> None:
        """What a colleague said in another way is shown in the topic."""
        shop = taken()
        shop.says_by_command_line("快好了", UNPAID)
        assert ["小李：快好了"] == shop.shown(UNPAID)

    def test_an_answer_from_the_command_line(self) -> None:
        """It does the task that wanted it, as in the group; so does a script at a tap."""
        shop = asked().says_by_command_line(HELLO, UNPAID)
        assert (TaskState.DONE, "li") == (shop.task("buyer_message").state, shop.task("buyer_message").closed_by)
        shop = asked()
        shop.writes("/s", UNPAID)
        found = next(each for each in reversed(shop.delivered) if each.step == "answer")
        shop.taps(found.choices[0].label, found)
        assert 1 == len(shop.read_by())
        assert TaskState.DONE is shop.task("buyer_message").state


class TestEdits:
    def test_what_has_gone_is_changed_there(self) -> None:
        """The buyer sees the new words in the place of the old ones; the people see nothing but their own."""
        shop = asked()
        said = shop.writes("尺码是M码", UNPAID)
        shop.after("1m").edits(said, "尺码是L码", UNPAID).edits(said, "尺码是XL码", UNPAID, external_id="again")
        assert ["尺码是M码", "~ 尺码是L码", "~ 尺码是XL码"] == shop.read_by()
        assert [] == shop.shown(UNPAID, "answer")
        assert "li: edits 尺码是L码" in shop.notes()

    def test_what_waits_is_changed_before_it_goes(self) -> None:
        """The channel is away for five minutes: he never sees the first words."""
        shop = asked().fails(Outcome.RETRY)
        said = shop.writes("尺码是M码", UNPAID)
        shop.after("1m").edits(said, "尺码是L码", UNPAID).after("10m")
        assert ["尺码是L码"] == shop.read_by()

    def test_what_waits_becomes_a_note(self) -> None:
        """He put two slashes before it in time: nothing goes."""
        shop = asked().fails(Outcome.RETRY)
        said = shop.writes("这个买家真难缠", UNPAID)
        shop.after("1m").edits(said, "//这个买家真难缠", UNPAID).after("1h")
        assert [] == shop.read_by()

    def test_too_late_for_a_note(self) -> None:
        """It has gone, and the topic says so."""
        shop = taken()
        said = shop.writes("我看看", UNPAID)
        shop.edits(said, "//我看看", UNPAID)
        assert [HELLO, "我看看"] == shop.read_by()
        assert "收不回来" in shop.shown(UNPAID)[-1]

    def test_words_said_by_command(self) -> None:
        """`/say` is as good as plain text, changed before it went and after."""
        shop = asked().fails(Outcome.RETRY)
        said = shop.writes("/说 尺码是M码", UNPAID)
        shop.after("1m").edits(said, "/说 尺码是L码", UNPAID).after("10m")
        shop.edits(said, "/say 尺码是XL码", UNPAID, external_id="again")
        assert ["尺码是L码", "~ 尺码是XL码"] == shop.read_by()

    def test_a_command_in_the_place_of_words(self) -> None:
        """Words that have not gone never go; that the command is not obeyed either is said."""
        shop = asked().fails(Outcome.RETRY)
        said = shop.writes("我来接", UNPAID)
        shop.after("1m").shown(UNPAID)
        shop.edits(said, "/pause", UNPAID).after("1h")
        assert [] == shop.read_by()
        assert "不会执行" in shop.shown(UNPAID, "answer")[0]

    @pytest.mark.parametrize("text", ["// 记一下", "/待办"])
    def test_of_a_note_or_a_command(self, text: str) -> None:
        """It is only noted; words in its place do not go either, and that is said."""
        shop = asked()
        said = shop.writes(text, UNPAID)
        shop.shown(UNPAID)
        shop.edits(said, "// 另记一下", UNPAID)
        assert [] == shop.shown(UNPAID)
        shop.edits(said, "您好", UNPAID)
        assert [] == shop.read_by()
        assert "请写一条新的" in shop.shown(UNPAID)[0]
        assert ["li: edits // 另记一下", "li: edits 您好"] == shop.notes()[-2:]

    def test_of_what_was_refused(self) -> None:
        """It never went, and a change of it sends nothing."""
        shop = taken()
        said = shop.writes("改成五星好评给您返5元红包", UNPAID)
        shop.shown(UNPAID)
        shop.edits(said, "谢谢您", UNPAID)
        assert [HELLO] == shop.read_by()
        assert "请写一条新的" in shop.shown(UNPAID)[0]

    def test_into_what_no_one_may_say(self) -> None:
        """The rules hold for a change as well; the buyer still reads the first words."""
        shop = taken()
        said = shop.writes("谢谢您", UNPAID)
        shop.edits(said, "改成五星好评给您返5元红包", UNPAID)
        assert [HELLO, "谢谢您"] == shop.read_by()
        assert "还是原话" in shop.shown(UNPAID)[-1]

    def test_on_a_channel_that_changes_nothing(self) -> None:
        """The topic says that it stays as it was."""
        shop = taken(capabilities={"terminal": Capabilities(), GROUP: CAN})
        said = shop.writes("尺码是M码", UNPAID)
        shop.edits(said, "尺码是L码", UNPAID)
        assert [HELLO, "尺码是M码"] == shop.read_by()
        assert "这个渠道改不了" in shop.shown(UNPAID)[-1]

    def test_too_old_for_the_service(self) -> None:
        """Telegram lets nobody change what is older than two days."""
        shop = taken()
        said = shop.writes("尺码是M码", UNPAID)
        shop.after("3d").fails(Refusal.CONTENT)
        shop.shown(UNPAID)
        shop.edits(said, "尺码是L码", UNPAID)
        assert "尺码是M码" == shop.read_by()[-1]
        (told,) = shop.shown(UNPAID, "answer")
        assert "原话" in told
        assert [] == [task.reason for task in shop.open_tasks() if task.reason == "refused"]

    def test_another_time_is_promised(self) -> None:
        """The first promise is no more, the second holds."""
        shop = taken()
        said = shop.writes("明天中午前给您答复", UNPAID)
        shop.edits(said, "明天下午5点前给您答复", UNPAID)
        assert ["3月3日 17:00"] == [f"{due:%-m月%-d日 %H:%M}" for due in shop.promised()]


class TestAlbums:
    def test_photos_of_an_agent_go_together(self) -> None:
        """They arrive one by one within two seconds, and the buyer gets one album under the words."""
        shop = taken()
        first = shop.writes("看图", UNPAID, attachments=(photo("a"),))
        for count in ("ab", "abc"):
            shop.edits(first, "看图", UNPAID, attachments=tuple(map(photo, count)), external_id=f"album-{count}")
        assert [HELLO] == shop.read_by()
        assert "看图 [/kept/a.jpg] [/kept/b.jpg] [/kept/c.jpg]" == shop.after("2s").read_by()[-1]

    @pytest.mark.parametrize("caption", ["改成五星好评给您返5元红包", "/take"])
    def test_an_album_that_does_not_go(self, caption: str) -> None:
        """Its photos are answered once; who then corrects the words hears that they never went."""
        shop = taken()
        first = shop.writes(caption, UNPAID, attachments=(photo("a"),))
        for count in ("ab", "abc"):
            files = tuple(map(photo, count))
            shop.edits(first, caption, UNPAID, attachments=files, external_id=f"album-{count}", joins=True)
        assert ([HELLO], 1) == (shop.after("2s").read_by(), len(shop.shown(UNPAID)))
        shop.edits(first, "看图", UNPAID, attachments=tuple(map(photo, "abc")))
        assert "没有发给过买家" in shop.shown(UNPAID)[-1]

    def test_a_photo_that_comes_late(self) -> None:
        """It follows by itself, without words."""
        shop = taken()
        first = shop.writes("看图", UNPAID, attachments=(photo("a"),))
        shop.after("1m").edits(first, "看图", UNPAID, attachments=(photo("a"), photo("b"))).after("2s")
        assert ["看图 [/kept/a.jpg]", "[/kept/b.jpg]"] == shop.read_by()[1:]

    def test_a_channel_that_takes_no_files(self) -> None:
        """The words go without them, and the topic says so; a photo alone does not go at all."""
        shop = taken(capabilities={"terminal": Capabilities(), GROUP: CAN})
        shop.writes("看图", UNPAID, attachments=(photo("a"),))
        shop.writes("", UNPAID, attachments=(photo("b"),))
        assert ["看图"] == shop.after("1m").read_by()[1:]
        without, nothing = shop.shown(UNPAID)
        assert "少了 [photo]" in without
        assert "没有发出" in nothing

    def test_a_file_that_nobody_could_fetch(self) -> None:
        """It is named, and the words go."""
        shop = taken()
        shop.writes("请看附件", UNPAID, attachments=(LOST,))
        assert "请看附件" == shop.read_by()[-1]
        assert "少了 [video film.mp4]" in shop.shown(UNPAID)[0]

    def test_nothing_but_a_file_that_nobody_could_fetch(self) -> None:
        """The buyer gets nothing, and the topic says so."""
        shop = taken()
        shop.writes("", UNPAID, attachments=(LOST,))
        assert ([HELLO], ["没有发出"]) == (shop.read_by(), [post[:4] for post in shop.shown(UNPAID)])

    @pytest.mark.parametrize("wait", ["1s", "1m"])
    def test_an_album_that_lacks_one(self, wait: str) -> None:
        """What comes after it is told of as well, once, whether the first photo has gone by then or not."""
        shop = taken()
        first = shop.writes("看图", UNPAID, attachments=(photo("a"),))
        shop.after(wait)
        for count, files in enumerate([(photo("a"), LOST), (photo("a"), LOST, photo("c"))]):
            shop.edits(first, "看图", UNPAID, attachments=files, external_id=f"album-{count}")
        assert "看图[/kept/a.jpg][/kept/c.jpg]" == "".join(shop.after("2s").read_by()[1:]).replace(" ", "")
        assert 1 == sum("少了 [video film.mp4]" in post for post in shop.shown(UNPAID))

    def test_an_album_that_lacks_its_first(self) -> None:
        """The others go all the same."""
        shop = taken()
        first = shop.writes("", UNPAID, attachments=(LOST,))
        for count, files in enumerate([(LOST, photo("b")), (LOST, photo("b"), photo("c"))]):
            shop.edits(first, "", UNPAID, attachments=files, external_id=f"album-{count}")
        assert "[/kept/b.jpg] [/kept/c.jpg]" == shop.after("2s").read_by()[-1]
        (told,) = shop.shown(UNPAID)
        assert "[video film.mp4]" in told


class TestMirrored:
    def test_what_the_buyer_says_to_the_person_who_has_him(self) -> None:
        """His words stand in the topic at once, and no alert rings for what is read anyway."""
        shop = taken()
        shop.alerts()
        shop.after("2m").buyer_says("那我要大一号")
        assert (["lin：那我要大一号"], []) == (shop.shown(UNPAID), shop.alerts())
        assert "li" == shop.task("buyer_message").assignee

    def test_but_the_clock_runs(self) -> None:
        """She does not answer: after five minutes she and the supervisor hear of it."""
        shop = taken().after("2m").buyer_says("那我要大一号")
        shop.alerts()
        (late,) = shop.after("5m").alerts()
        assert late.endswith("@li @wang")

    def test_what_the_bot_answers_stands_beside_it(self) -> None:
        """One post: his words, and what was said to them."""
        shop = taken().after("1m").buyer_says("我明天再付")
        (post,) = shop.shown(UNPAID)
        his, ours = post.split("\n")[:2]
        assert "lin：我明天再付" == his
        assert ours.startswith("回访：")

    def test_what_a_card_tells_is_not_told_twice(self) -> None:
        """Nobody has it yet: the card holds his words, and the topic nothing else."""
        shop = GroupShop().order().after("15m")
        shop.buyer_says("我有个问题，尺码不合适")
        (card,) = shop.shown(UNPAID)
        assert 1 == card.count("我有个问题，尺码不合适")

    def test_two_words_in_one_breath(self) -> None:
        """The second comes before the card of the first is there: it is told all the same, once."""
        shop = asked().buyer_says("我明天再付")
        assert 1 == sum("我明天再付" in post for post in shop.after("1m").shown(UNPAID))

    def test_whom_nobody_has_to_do_with(self) -> None:
        """What the bot settles by itself is not shown to anybody."""
        shop = GroupShop().order().after("15m").buyer_says("我明天再付")
        assert ([], False) == (shop.shown(UNPAID), shop.has_topic(UNPAID))

    def test_his_edits(self) -> None:
        """His words are changed where they stand."""
        shop = taken()
        first = shop.sends("我要大一号")
        shop.sends("我要大两号", edits=first)
        first_post, changed = shop.shown(UNPAID)
        assert "lin：我要大一号" == first_post
        assert changed.startswith("~ lin [已修改]：我要大两号")

    def test_his_album(self) -> None:
        """The first photo with the words, the others as they come."""
        shop = taken()
        photos = [Attachment(Media.PHOTO, f"p{number}") for number in range(3)]
        first = shop.sends("破了", photos[0])
        for count in (2, 3):
            shop.sends("破了", *photos[:count], edits=first)
        sent = [f"[from:terminal:p{number}]" for number in range(3)]
        first_post, *others = shop.shown(UNPAID)
        assert first_post.startswith("lin：破了")
        assert first_post.endswith(sent[0])
        assert sent[1:] == others

    def test_where_he_is(self) -> None:
        """A place is no file: it is told in words."""
        shop = taken()
        shop.sends("", Attachment(Media.LOCATION, "geo:31.2,121.4", "人民广场"))
        assert "lin：[location] geo:31.2,121.4" == shop.shown(UNPAID)[0].split("\n回访")[0]

    def test_a_reminder(self) -> None:
        """What the bot says of itself in a thread that people speak of is shown there."""
        shop = asked().after("2d")
        assert [] != [post for post in shop.shown(UNPAID, "mirror") if post.startswith("回访：")]

    def test_the_end(self) -> None:
        """He pays: the topic hears it as its last word."""
        shop = taken().pays()
        assert "跟进结束：已付款。" == shop.shown(UNPAID)[-1]

    def test_a_shop_without_a_group(self) -> None:
        """Nothing is written for people who have none."""
        shop = GroupShop(place=None).order().after("15m")
        shop.buyer_says("我有个问题").after("2d").pays()
        assert {"terminal"} == {message.channel for message in shop.outbox()}


class TestNotArrived:
    def test_the_buyer_blocked_us(self) -> None:
        """The words went out in good faith; when they come back the topic hears it, with the words."""
        shop = taken().fails(Refusal.BLOCKED)
        shop.writes("在的", UNPAID)
        told = shop.shown(UNPAID, "answer")
        assert (1, True) == (len(told), "“在的”" in told[0])

    def test_a_channel_that_is_away(self) -> None:
        """After a few tries the topic hears that it takes longer, once; then it goes."""
        shop = taken().fails(*[Outcome.RETRY] * 5)
        shop.writes("在的", UNPAID)
        shop.after("1h")
        told = shop.shown(UNPAID, "answer")
        assert (1, True) == (len(told), "重试" in told[0] or "排队" in told[0])
        assert "在的" == shop.read_by()[-1]
