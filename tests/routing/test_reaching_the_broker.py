"""A broker that is there and says nothing, as on a machine that stands still, is one that is down: waited for."""

import socket
from collections.abc import Iterator

import pytest

from canonical.failures import Transient
from routing.rabbitmq import RabbitChannels


@pytest.fixture
def silent() -> Iterator[RabbitChannels]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        channels = RabbitChannels(f"amqp://127.0.0.1:{server.getsockname()[1]}/", namespace="toy", handlers=["toy"], partitions=1)
        channels.parameters.stack_timeout = 0.2
        yield channels


def test_a_broker_that_accepts_and_says_nothing_is_waited_for(silent: RabbitChannels) -> None:
    told = f"RabbitMQ at 127.0.0.1:{silent.parameters.port}: "
    for reach in (silent.declare, lambda: silent.consumer("toy", [0]), lambda: silent.look(["toy.0"])):
        with pytest.raises(Transient) as failed:
            reach()
        assert str(failed.value) == told + "no handshake in time"
    with pytest.raises(Transient, match=told):
        silent.publisher()
