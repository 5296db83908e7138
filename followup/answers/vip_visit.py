"""What is answered to a buyer who is visited every month (rule 106)."""

from __future__ import annotations

from followup.answers.answers import Answers, one_of
from followup.effects import AddNote, Effect
from followup.events import MessageReceived
from followup.kinds import Case
from followup.kinds.vip_visit import GREET, ended
from followup.model import Instant
from followup.policy import Policy
from followup.replies import or_a_person, reply
from followup.understood import Intent, Understood


def _to(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    """ "No, thank you" after a visit says that nothing is needed now; the visits go on until he ends them. At any other
    time "no" means something else."""
    was_visited = case.buyer.nudged_by.startswith(f"{case.thread.id}/{GREET}")
    if heard.intent is not Intent.DECLINED or not was_visited:
        return None
    return [*or_a_person(reply("visit.fine", case, message.key, policy, now)), AddNote("nothing needed")]


def _chose(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    goodbye = reply("visit.ended", case, f"{choice}/{now:%Y-%m-%d}", policy, now)
    return [*or_a_person(goodbye), AddNote("visits ended"), *ended(case)]


VIP_VISIT = Answers(one_of(), _to, _chose)
