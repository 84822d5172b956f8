"""A failover in Python: reads one JSON object a line, writes one, and waits for the answer to each call.

Three looks in a row at which the first region does not answer, or fails half of its requests, and the second one takes over.
"""

import json
import sys

number = 0


class Refused(Exception):
    """A call did not come about, or nobody knows."""


def read():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def write(**fields):
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def call(name, **arguments):
    """Asks for something, and returns the answer. Virtual time passes here and nowhere else."""
    global number
    number += 1
    write(id=number, call=name, **arguments)
    reply = read()
    if "error" in reply:
        raise Refused(f"{name}: {reply['error']['why']}")
    return reply["ok"]


def until_done(name, **arguments):
    """Asks again until it is done: every call here may be repeated."""
    while True:
        try:
            return call(name, **arguments)
        except Refused as error:
            write(event="retries", text=str(error))
            call("sleep", for_s=5)


def fails(readings):
    return any(not r["up"] or 2 * r["errors"] > r["requests"] > 0 for r in readings)


def fail_over(world, region):
    until_done("activate", region=region)
    for database in until_done("databases_in", region=region):
        copy = until_done("copy_status", database=database, region=region)
        epoch = copy["epoch"] + 1
        until_done("fence", database=database, epoch=epoch)
        received = until_done("copy_status", database=database, region=region)["received_lsn"]
        bound = until_done("head_bound", database=database) or {"if_dead": 2**63, "if_alive": 2**63}
        losses = {key: max(0, head - received) for key, head in bound.items()}
        call("announce_loss", database=database, **losses)
        until_done("promote", database=database, region=region, epoch=epoch)
    for record in world["records"]:
        until_done("point_record", record=record, region=region)
    until_done("notify", audience="on-call", message=f"{region} has taken over")


def main():
    world = read()
    first, second = world["regions"][:2]
    looks = 0
    while looks < 3:
        call("sleep", for_s=10)
        try:
            looks = looks + 1 if fails(call("metrics", region=first)) else 0
        except Refused as error:
            write(event="blind", text=str(error))
    write(event="decided", text=f"{first} failed three times in a row")
    fail_over(world, second)
    write(event="finished", text=f"{second} serves")
    write(done=True)


main()
