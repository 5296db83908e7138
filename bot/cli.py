"""The command line. Each command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import typer

from bot.commands import (
    agents,
    backup,
    demo,
    desk,
    ledger,
    linking,
    move,
    offers,
    orders,
    promises,
    register,
    report,
    reviews,
    routine,
    running,
    say,
    status,
    sweep,
    worker,
)
from bot.commands.alerts import alerts_app
from bot.commands.calc import calc_app
from bot.commands.cases import cases_app
from bot.commands.channels import channels_app
from bot.commands.clocks import clocks
from bot.commands.console import console_app
from bot.commands.evidence import evidence_app
from bot.commands.forget import forget
from bot.commands.intents import intents_app
from bot.commands.retention import retention
from bot.commands.visits import vip_app
from bot.scripts_cli import scripts_app
from bot.simulate_cli import simulate_command

app = typer.Typer(
    name="huifang",
    help="Huifang (回访) follows up a shop's orders in chat: politely, once, and with a reason for every message.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("run")(running.run)
app.command("worker")(worker.worker)
app.command("check")(running.check)
app.command("status")(status.status)
app.command("demo")(demo.demo)
app.command("import")(orders.import_)
app.command("simulate")(simulate_command)
app.command("threads")(ledger.threads)
app.command("why")(ledger.why)
app.command("audit")(ledger.audit)
app.command("catchup")(ledger.catchup)
app.command("sweep")(sweep.sweep)
app.command("tasks")(agents.tasks)
app.command("done")(agents.done)
app.command("failed")(agents.failed)
app.command("act")(agents.act)
app.command("say")(say.say)
app.command("take")(desk.take)
app.command("give")(desk.give)
app.command("note")(desk.note)
app.command("flag")(desk.flag)
app.command("snooze")(desk.snooze)
app.command("later")(desk.later)
app.command("promise")(desk.promise)
app.command("resolve")(desk.resolve)
app.command("reopen")(desk.reopen)
app.command("pause")(desk.pause)
app.command("resume")(desk.resume)
app.command("now")(desk.now)
app.command("skip")(desk.skip)
app.command("move")(move.move)
app.command("s")(desk.search)
app.command("send")(desk.send)
app.command("forget")(forget)
app.command("erase", hidden=True)(forget)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("retention")(retention)
app.command("promises")(promises.promises)
app.command("clocks")(clocks)
app.command("handover")(routine.handover)
app.command("digest")(routine.digest)
app.command("losses")(register.losses)
app.command("report")(report.report)
app.command("review")(reviews.review)
app.command("offer")(offers.offer)
app.command("approve")(offers.approve)
app.command("refuse")(offers.refuse)
app.command("answered")(offers.answered)
app.command("link")(linking.link)
app.command("chats")(linking.chats)
app.add_typer(alerts_app, name="alerts")
app.add_typer(cases_app, name="case")
app.add_typer(calc_app, name="calc")
app.add_typer(channels_app, name="channels")
app.add_typer(console_app, name="console")
app.add_typer(evidence_app, name="evidence")
app.add_typer(register.register_app, name="register")
app.add_typer(scripts_app, name="scripts", help="The words: list, show, preview, check, set, retire.")
app.add_typer(vip_app, name="vip")
app.add_typer(intents_app, name="intents", help="How buyers are understood.")

if __name__ == "__main__":
    app()
