"""All that is done to the program, by name, in the order in which it is done."""

from __future__ import annotations

from tests.chaos.channels import channel_faults
from tests.chaos.clocks import clock_dst, clock_jumps
from tests.chaos.damage import damaged, locked
from tests.chaos.disks import disk_full
from tests.chaos.kills import kill_sqlite
from tests.chaos.scenario import Scenario
from tests.chaos.storms import storm_many_chats, storm_one_chat
from tests.chaos.workers import cut_off, kill_workers, pg_restarts, pg_restarts_alone

SCENARIOS: dict[str, Scenario] = {
    "kill-sqlite": kill_sqlite,
    "kill-workers": kill_workers,
    "pg-restarts": pg_restarts,
    "pg-restarts-alone": pg_restarts_alone,
    "cut-off": cut_off,
    "disk-full": disk_full,
    "locked": locked,
    "damaged": damaged,
    "clock-jumps": clock_jumps,
    "clock-dst": clock_dst,
    "channel-faults": channel_faults,
    "storm-one-chat": storm_one_chat,
    "storm-many-chats": storm_many_chats,
}
