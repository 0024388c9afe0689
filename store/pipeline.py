"""PostgreSQL past psycopg's cursors: statements that need no answer travel with the next one that does, and with the commit.

A statement through a cursor takes 67,000 instructions of this process, here 15,000 to 27,000; and each journey to the server and
back wakes two processes, which on idle processors takes longer than the statement.
"""

import itertools
import select
from collections.abc import Callable, Generator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from store.rows import Row, row_type

SELDOM = 5
"""So many times a statement is sent as it is; then the server keeps it, with its plan."""
MOST_PREPARED = 200
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY)


class Given(NamedTuple):
    """A statement as it travels. values: as bytes; types: their object ids; formats: how they are written."""

    text: bytes
    values: Sequence[Any]
    types: tuple[int, ...]
    formats: Sequence[Format]


class Preparation(NamedTuple):
    """A statement that the server keeps under a name."""

    text: bytes
    types: tuple[int, ...]
    name: bytes


Result = TypeVar("Result")
Steps: TypeAlias = Generator[int, int, Result]
"""What is done with the server: yields the events of the socket it waits for, is sent those that came, and returns a result."""

ITSELF = (None,)
BEGIN, COMMIT = (Given(text, [], (), []) for text in (b"BEGIN", b"COMMIT"))


class Pipeline:
    """One connection's statements, in order. Used by one thread at a time; whoever uses the connection otherwise finds it idle
    between two answers. What it raises are psycopg's own errors, of the first statement that failed; those told after it were
    not run."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._server: Any = connection.pgconn
        self.socket: int = connection.pgconn.socket
        self._values = Transformer(connection)
        self._readable = select.poll()
        self._readable.register(self.socket, select.POLLIN)
        self._either = select.poll()
        self._either.register(self.socket, select.POLLIN | select.POLLOUT)
        self._told: list[Given] = []
        self._numbers = itertools.count()
        self._uses: dict[tuple[bytes, tuple[int, ...]], int] = {}
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self._makers: dict[bytes, Callable[[Any], Row]] = {}

    def begin(self) -> None:
        """Begin a transaction with the next statement; what was told before and never sent is forgotten."""
        self._told = [BEGIN]

    def forget(self) -> None:
        """What was told is not wanted any more."""
        self._told = []

    def commit(self) -> None:
        """Run what was told, and commit. Nothing is sent where nothing was said since the transaction began."""
        if self._told != [BEGIN]:
            self._told.append(COMMIT)
            self._answers()
        self._told = []

    def tell(self, text: bytes, values: Sequence[Any]) -> None:
        """Run a statement some time before the next answer."""
        written = self._values.dump_sequence(values, _formats(len(values)))
        self._told.append(Given(text, written, self._values.types or (), self._values.formats or []))

    def finish(self) -> None:
        """Run what was told."""
        if self._told:
            self._answers()

    def touched(self, text: bytes, values: Sequence[Any]) -> int:
        """How many rows a statement touched."""
        self.tell(text, values)
        touched: int = self._answers().command_tuples or 0
        return touched

    def rows(self, text: bytes, values: Sequence[Any]) -> Sequence[Row]:
        """The rows of a query."""
        return self._to_the_end(self.asked(text, values))

    def tuples(self, text: bytes, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        """The same as mere tuples."""
        self.tell(text, values)
        return self._loaded(self._answers(), tuple)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to be committed or rolled back."""
        status: TransactionStatus = self._server.transaction_status
        return status == TransactionStatus.IDLE

    def _loaded(self, result: PGresult, make: Callable[[Any], Row]) -> Sequence[Row]:
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, make)

    def _maker(self, text: bytes, result: PGresult) -> Callable[[Any], Row]:
        """What makes a row of the values of this statement's rows."""
        names = [(result.fname(i) or b"").decode() for i in range(result.nfields)]
        maker: Callable[[Any], Row] = row_type(tuple(names))._make
        self._makers[text] = maker
        return maker

    def ready(self, wanted: int, most_ms: int | None = None) -> int:
        """Which of these events the socket has (select.POLLIN, POLLOUT), as soon as it has one; 0: none in that time."""
        looking = self._readable if wanted == select.POLLIN else self._either
        return sum(events for _, events in looking.poll(most_ms))

    def asked(self, text: bytes, values: Sequence[Any]) -> Steps[Sequence[Row]]:
        """The rows of a query, for whoever waits in another way."""
        self.tell(text, values)
        result = yield from self._steps()
        return self._loaded(result, self._makers.get(text) or self._maker(text, result))

    def _answers(self) -> PGresult:
        """Send what was told; the answer to the last of it."""
        return self._to_the_end(self._steps())

    def _to_the_end(self, steps: Steps[Result]) -> Result:
        """What steps come to, waiting for the server between them."""
        events = None
        try:
            while True:
                events = self.ready(steps.send(events))  # type: ignore[arg-type]
        except StopIteration as end:
            result: Result = end.value
            return result

    def _steps(self) -> Steps[PGresult]:
        """Send what was told, and come to the answer to the last of it."""
        told, self._told = self._told, []
        server = self._server
        try:
            server.enter_pipeline_mode()
            awaited = [preparation for given in told for preparation in self._sent(given)]
            server.pipeline_sync()
            while server.flush():  # the socket has no room, and the server may want to be read from first
                if (yield select.POLLIN | select.POLLOUT) != select.POLLOUT:
                    server.consume_input()
            answers: list[Any] = []
            for _ in range(2 * len(awaited) + 1):  # after each answer comes nothing, at last the end of the pipeline
                while server.is_busy():
                    yield select.POLLIN
                    server.consume_input()
                answers.append(server.get_result())
            results = answers[:-1:2]
            if server.status == ConnStatus.BAD or None in results:
                raise OperationalError(server.get_error_message())
            server.exit_pipeline_mode()
        except BaseException:  # nobody knows what is still on its way
            server.finish()
            raise
        for preparation, result in zip(awaited, results, strict=True):
            if result.status not in DONE:
                raise error_from_result(result)
            if preparation is not None:
                self._names[preparation.text, preparation.types] = preparation.name
        last: PGresult = results[-1]
        return last

    def _sent(self, given: Given) -> Sequence[Preparation | None]:
        """Send a statement; what the answers that will come are to: a preparation, or the statement itself."""
        key = (given.text, given.types)
        name = self._names.get(key)
        if name is not None:
            self._server.send_query_prepared(name, given.values, given.formats, Format.BINARY)
            return ITSELF
        self._uses[key] = uses = self._uses.get(key, 0) + 1
        if uses <= SELDOM or len(self._names) >= MOST_PREPARED:
            self._server.send_query_params(given.text, given.values, given.types, given.formats, Format.BINARY)
            return ITSELF
        preparation = Preparation(*key, b"orderlane_%d" % next(self._numbers))
        self._server.send_prepare(preparation.name, given.text, given.types)
        self._server.send_query_prepared(preparation.name, given.values, given.formats, Format.BINARY)
        return preparation, None


@lru_cache(maxsize=64)
def _formats(count: int) -> list[PyFormat]:
    return [PyFormat.AUTO] * count
