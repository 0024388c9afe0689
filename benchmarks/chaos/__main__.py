"""`python -m benchmarks.chaos`: kill -9 every process of the hub and both servers, again and again, under load.

A shop and a warehouse send webhooks and repeat each until it is answered 2xx. When the killing is over and nothing is on
its way any more, what is stored and what receivers got is compared with what was accepted, and `orderlane verify` is run.
Exit 1 when anything was lost, done twice or handled out of order. Writes benchmarks/out/chaos.json.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.chaos import counts, report, rig
from benchmarks.chaos.kills import TARGETS, Killer, Kills
from benchmarks.chaos.rig import Rig
from benchmarks.chaos.shop import Partners, Told
from benchmarks.servers import Servers
from benchmarks.system import OUT, NotUp

WARM_UP_S = 8.0


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20, help="kills of each role and server")
    parser.add_argument("--minutes", type=float, default=15, help="stop killing after so long; kills still left fail the run")
    parser.add_argument("--rate", type=float, default=60, help="orders per second; one in ten is shipped in three dispatches")
    parser.add_argument("--only", action="append", choices=TARGETS, help="kill only this one (may be repeated)")
    parser.add_argument("--seed", type=int, default=None, help="for the order and moments of the kills; random by default")
    return parser.parse_args(arguments)


def chaos(chosen: argparse.Namespace, running: Servers, folder: Path) -> dict[str, Any]:
    """The whole run; its result."""
    with rig.running("chaos", running, folder) as hub:
        counts.note_waiting(hub)
        hub.wait_for_door()
        partners = Partners(hub.system.port, chosen.rate)
        began = time.monotonic()
        partners.start()
        time.sleep(WARM_UP_S)
        killer = Killer(hub, running, partners, random.Random(chosen.seed))
        kills = killer.rounds(chosen.kills, chosen.only or TARGETS, lambda line: print(line, flush=True), minutes=chosen.minutes)
        told = partners.finish()
        seconds = time.monotonic() - began
        settled = counts.settle(hub)
        return result(hub, told, kills, chosen.kills) | {"seconds": round(seconds, 1), "settled_s": round(settled, 1)}


def result(hub: Rig, told: Told, kills: Kills, asked: int) -> dict[str, Any]:
    exit_code, verified = hub.verify()
    found, order = counts.count(hub, told), counts.order_kept(hub)
    return {
        "messages": verified["messages"],
        "accepted": len(told.accepted),
        "orders": len(told.orders),
        "kills_asked": asked,
        "kills": kills.counts,
        "lost": found.lost.total(),
        "doubled": found.doubled.total(),
        "disordered": order.disordered,
        "overtaken": order.overtaken,
        "differences": {"lost": dict(found.lost), "doubled": dict(found.doubled), "disordered": order.example},
        "recovery_s": kills.summary,
        "stuck": kills.stuck,
        "sent_again_by_partners": dict(told.refused),
        "webhooks_received_again": counts.repeated(hub.receiver),
        "ended_by_themselves": {
            role: {str(code): times for code, times in codes.items()} for role, codes in hub.supervisor.ended_by_themselves.items()
        },
        "verify": {"exit_code": exit_code, **verified},
    }


def main(arguments: list[str]) -> int:
    chosen = options(arguments)
    OUT.mkdir(parents=True, exist_ok=True)
    try:
        with servers.running() as running, tempfile.TemporaryDirectory(dir=OUT) as folder:
            found = chaos(chosen, running, Path(folder)) | running.versions()
    except NotUp as failed:
        print(f"chaos: {failed}", file=sys.stderr)
        return 1
    file = report.write(found)
    report.show(found)
    print(f"all figures: {file}")
    return 0 if report.passed(found) else 1


def end_in_order(number: int, _: object) -> None:
    """So that SIGTERM, too, stops what was started."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end_in_order)
    sys.exit(main(sys.argv[1:]))
