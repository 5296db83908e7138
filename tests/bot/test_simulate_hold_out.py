"""What a comparison group would keep unsaid is counted like every other verdict."""

from __future__ import annotations

from dataclasses import replace

from bot.report.figures import figures
from bot.simulate import simulate
from bot.simulate_facts import UNDATED
from followup.events import OrderChanged
from followup.hold_out import in_group
from followup.policy import UnpaidPolicy
from tests.bot.simulate_deps import deps
from tests.followup.makers import NOON, SHOP, an_order


def test_a_simulation_counts_the_held_out() -> None:
    """Of twenty unpaid orders those in the group hear nothing, the others are helped and called."""
    told = deps()
    policy = replace(told.policy(SHOP), unpaid=UnpaidPolicy(hold_out=25))
    ids = [str(1000 + n) for n in range(20)]
    events = [OrderChanged(replace(an_order(NOON), id=id_, buyer=id_, observed_at=UNDATED)) for id_ in ids]
    counts = figures(simulate(events, replace(told, policies={SHOP: policy})))
    held = sum(in_group(SHOP, id_, 25) for id_ in ids)
    assert 0 < held < 20
    assert {"held_out": held, "sent": 2 * (20 - held)} == counts.verdicts
