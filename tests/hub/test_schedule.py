"""Beat and a worker at work: the hub tells when scheduled work last ran."""

from tests.hub.running import World


def test_scheduled_work_runs_from_the_start_and_leaves_a_sign(world: World) -> None:
    def sign() -> dict[str, float]:
        return {name: age for name, age in world.http.get("/readyz").json().items() if name == "scheduled_seconds_ago"}

    def in_time() -> bool:
        (check,) = (check for check in world.http.get("/health").json()["checks"] if check["name"] == "schedule")
        return bool(check["status"] == "ok")

    assert world.until(sign, "scheduled work has run")["scheduled_seconds_ago"] >= 0
    world.until(in_time, "scheduled work runs in time")
