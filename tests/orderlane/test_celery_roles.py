"""Celery's worker and beat as roles: where one ends by itself, its process does not stand still."""

import threading

import pytest
from celery.beat import Service
from celery.worker import WorkController

from orderlane import celery_roles
from orderlane.celery_application import application
from orderlane.settings import Settings


@pytest.mark.parametrize(("part", "make"), [(WorkController, celery_roles.worker), (Service, celery_roles.beat)])
def test_a_part_of_celery_that_ends_by_itself_ends_its_role(part: type, make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "start", lambda self: None)
    role = make(application(Settings()))
    with pytest.raises(RuntimeError, match="ended by itself"):
        role(threading.Event())
