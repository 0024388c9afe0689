"""Statements: parameters by name on both databases, whatever else stands in them."""

from store.database import Database


def test_a_parameter_may_be_asked_for_twice_and_others_not_at_all(database: Database) -> None:
    with database.reading() as tx:
        (row,) = tx.rows("SELECT CAST(:a AS text) || CAST(:b AS text) || CAST(:a AS text) AS found", a="x", b="y", c="z")
    assert row.found == "xyx"


def test_a_percent_sign_is_one_with_parameters_and_without(database: Database) -> None:
    with database.reading() as tx:
        (plain,) = tx.rows("SELECT 7 % 4 AS rest, '100%' AS share")
        (given,) = tx.rows("SELECT 7 % 4 AS rest, '100%' AS share, CAST(:n AS integer) AS n", n=3)
    assert (plain.rest, plain.share) == (3, "100%")
    assert (given.rest, given.share, given.n) == (3, "100%", 3)
