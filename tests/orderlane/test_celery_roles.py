"""Celery's worker and beat as roles: where one ends by itself, its process does not stand still; what the broker refuses is told
in one line and waited out."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from celery import Celery
from celery.beat import Service
from celery.bootsteps import Blueprint

from canonical.failures import Transient
from orderlane import celery_roles
from orderlane.celery_application import CeleryDispatch, application
from orderlane.running import Role
from orderlane.settings import Settings
from tests.support.gate import Gate
from tests.support.waiting import PATIENCE, until


@pytest.fixture
def gate(rabbit_url: str) -> Iterator[Gate]:
    gate = Gate(rabbit_url)
    yield gate
    gate.close()


@pytest.fixture
def tasks(gate: Gate, namespace: str) -> Celery:
    return application(Settings(broker_url=gate.url, namespace=namespace, database_url="postgresql://unused/x"))


@pytest.fixture
def running() -> Iterator[Callable[[Role], None]]:
    """Runs a role until the test ends."""
    stop, threads = threading.Event(), []

    def run(role: Role) -> None:
        threads.append(threading.Thread(target=role, args=(stop,), daemon=True))
        threads[-1].start()

    yield run
    stop.set()
    for thread in threads:
        thread.join(timeout=30)


def refuse(gate: Gate) -> None:
    """Nobody gets in with this password any more."""
    gate.up = lambda data: data.replace(gate.password, b"x" * len(gate.password))
    gate.cut()


@pytest.mark.parametrize(("part", "make"), [(Blueprint, celery_roles.worker), (Service, celery_roles.beat)])
def test_a_part_of_celery_that_ends_by_itself_ends_its_role(part: type, make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "start", lambda *_: None)
    role = make(application(Settings()))
    with pytest.raises(RuntimeError, match="ended by itself"):
        role(threading.Event())


def test_a_worker_whose_password_becomes_wrong_waits_and_goes_on_when_it_is_right(
    tasks: Celery, gate: Gate, running: Callable[[Role], None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_roles, "PAUSE", 0.2)
    done: list[str] = []

    @tasks.task(name="orderlane.deliver", shared=False)
    def deliver(number: str) -> None:
        done.append(number)

    running(celery_roles.worker(tasks, 1))
    CeleryDispatch(tasks).deliver(["1"])
    until(lambda: done == ["1"], "the first task")
    refuse(gate)
    until(lambda: "celery worker waits" in caplog.messages, "told")
    gate.up = lambda data: data
    until(lambda: _handed_on(tasks, "2"), "handed on")
    until(lambda: "2" in done, "the second task")
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.exc_info for record in told if record.exc_info] == []
    assert "ACCESS_REFUSED" in next(record for record in told if record.message == "celery worker waits").error


def test_a_worker_that_loses_the_broker_with_a_task_in_hand_finishes_the_task_and_goes_on(
    tasks: Celery, gate: Gate, running: Callable[[Role], None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_roles, "PAUSE", 0.2)
    begun, may_end, done = threading.Event(), threading.Event(), list[str]()

    @tasks.task(name="orderlane.deliver", shared=False)
    def deliver(number: str) -> None:
        begun.set()
        assert may_end.wait(PATIENCE)
        done.append(number)

    running(celery_roles.worker(tasks, 1))
    CeleryDispatch(tasks).deliver(["1"])
    assert begun.wait(PATIENCE)
    refuse(gate)
    until(lambda: any("Connection to broker lost" in message for message in caplog.messages), "noticed")
    may_end.set()
    until(lambda: done == ["1"], "the task in hand")
    gate.up = lambda data: data
    until(lambda: _handed_on(tasks, "2"), "handed on")
    until(lambda: "2" in done, "the second task")
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def _handed_on(tasks: Celery, number: str) -> bool:
    try:
        CeleryDispatch(tasks).deliver([number])
    except Transient:
        return False
    return True


def test_what_cannot_be_handed_on_for_a_wrong_password_is_a_failure_that_time_may_heal(tasks: Celery, gate: Gate) -> None:
    refuse(gate)
    with pytest.raises(Transient, match="ACCESS_REFUSED"):
        CeleryDispatch(tasks).deliver(["1"])


def test_beat_tells_in_one_line_what_it_cannot_hand_on(
    tasks: Celery, gate: Gate, running: Callable[[Role], None], caplog: pytest.LogCaptureFixture
) -> None:
    tasks.conf.beat_schedule = {"sweep": {"task": "orderlane.sweep", "schedule": 1.0}}
    refuse(gate)
    running(celery_roles.beat(tasks))
    until(lambda: [one for one in caplog.records if "ACCESS_REFUSED" in getattr(one, "error", "")], "told")
    assert [record for record in caplog.records if record.exc_info] == []
