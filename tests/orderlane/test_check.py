"""`orderlane check` tells everything that is wrong with the configuration at once, with file and line."""

import re
from pathlib import Path

from connectors.table import CONNECTORS
from demo.partners import SECRETS
from tests.orderlane.conftest import Orderlane

BROKER = "amqp://guest:guest@127.0.0.1:1/"


def line_of(file: Path, text: str) -> int:
    """The line that a text stands on, counted from 1."""
    return next(n for n, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_shipped_configuration_is_all_well(orderlane: Orderlane) -> None:
    ran = orderlane("check")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch(r"\d+ endpoints, \d+ rules, \d+ mappings: all is well\n", ran.stdout)


def test_everything_wrong_in_every_file_is_told_at_once(orderlane: Orderlane, config: Path) -> None:
    endpoints, rules = config / "endpoints.yaml", config / "rules.yaml"
    spoil(endpoints, "connector: shopify", "connector: shopfy")
    spoil(endpoints, "time_zone: America/Chicago", "time_zone: America/Chigaco")
    spoil(endpoints, "url: https://warehouse.example/orderlane", "url: warehouse.example")
    spoil(endpoints, "secrets: [env:STRIPE_SECRET]", "secrets: [env:STRIPE_SECRETS]")
    spoil(endpoints, "    partner: bank\n", "    partner: bank\n    colour: red\n")
    spoil(rules, "to: [invoice]", "to: [invoce]")
    spoil(rules, 'body.origin == "shop-eu"', 'body.orgin == "shop-eu"')
    own = config / "mappings" / "broken.yaml"
    own.parent.mkdir()
    own.write_text("connector: shopify\ndocument: refunds\ndirection: in\ncodec: yson\nmessage_type: order.placed\nfields: {}\n")
    ran = orderlane("check", ORDERLANE_BROKER_URL=BROKER)
    assert ran.returncode == 1
    found = {line.split(": ", 1)[0]: line for line in ran.stderr.splitlines()}
    expected = {
        f"{endpoints}:{line_of(endpoints, 'connector: shopfy')}": "Did you mean `shopify`?",
        f"{endpoints}:{line_of(endpoints, 'America/Chigaco')}": "expected a time zone such as Europe/Berlin",
        f"{endpoints}:{line_of(endpoints, 'url: warehouse.example')}": "warehouse-main-out: url:",
        f"{endpoints}:{line_of(endpoints, 'STRIPE_SECRETS')}": "the environment variable is not set",
        f"{endpoints}:{line_of(endpoints, 'colour: red')}": "bank: colour:",
        f"{rules}:{line_of(rules, 'invoce')}": "Did you mean `invoice`?",
        f"{rules}:{line_of(rules, 'body.orgin')}": "unknown-field",
        f"{own}:4": "E_SPEC_CODEC",
    }
    assert expected.keys() <= found.keys(), ran.stderr
    for place, words in expected.items():
        assert words in found[place]
    assert ran.stdout.endswith("not as it should be\n")


def test_a_secret_that_is_not_there_is_an_error_with_a_broker_and_a_warning_without(orderlane: Orderlane, config: Path) -> None:
    place = f"{config / 'endpoints.yaml'}:{line_of(config / 'endpoints.yaml', 'secrets: [env:BANK_TOKEN]')}"
    message = "secret: bank: secret env:BANK_TOKEN: the environment variable is not set"
    with_broker = orderlane("check", BANK_TOKEN="", ORDERLANE_BROKER_URL=BROKER)
    told, people = with_broker.stderr.splitlines()
    assert (with_broker.returncode, told) == (1, f"{place}: error {message}")
    asked = f"{config / 'policies.yaml'}:{line_of(config / 'policies.yaml', 'people: {}')}"
    assert people.startswith(f"{asked}: warning nobody: approval.people: nobody may act as channel_manager, compliance, ")
    spoil(config / "endpoints.yaml", "env:BANK_TOKEN", "env:NOBODY_EVER_SET_THIS")
    embedded = orderlane("check")
    told = "warning secret: NOBODY_EVER_SET_THIS: not set; made up at the first start, under var/secrets"
    assert (embedded.returncode, embedded.stderr) == (0, f"{config / 'endpoints.yaml'}:1: {told}\n")
    assert embedded.stdout.endswith("all is well\n")


def test_a_secret_nobody_can_sign_with_is_told_without_showing_it(orderlane: Orderlane) -> None:
    ran = orderlane("check", WAREHOUSE_SECRET="whsec_***not-base64***", ORDERLANE_BROKER_URL=BROKER)
    assert ran.returncode == 1
    assert "error secret: warehouse-main: " in ran.stderr
    assert "not-base64" not in ran.stderr


def test_a_rule_that_sends_to_whom_nothing_can_be_sent_is_told(orderlane: Orderlane, config: Path) -> None:
    rules = config / "rules.yaml"
    spoil(rules, "to: [ledger-main]", "to: [ledger-main, bank]")
    spoil(
        rules,
        "type: [shipment.requested, shipment.withdrawn]\n  to: [warehouse-main-out]",
        "type: [shipment.requested, shipment.withdrawn]\n  to: [ledger-main]",
    )
    ran = orderlane("check")
    assert ran.returncode == 1
    first, second = line_of(rules, "name: the-ledger-is-posted"), line_of(rules, "name: warehouse-ships")
    assert ran.stderr.splitlines() == [
        f"{rules}:{first}: error sends-nothing: `bank` only receives: nothing can be sent through camt",
        f"{rules}:{second}: error no-mapping: no mapping of shipment.requested for connector ledger (`ledger-main`)",
        f"{rules}:{second}: error no-mapping: no mapping of shipment.withdrawn for connector ledger (`ledger-main`)",
    ]


def test_a_poll_of_an_own_service_that_no_mapping_reads_is_told_where_it_stands(orderlane: Orderlane, config: Path) -> None:
    endpoints = config / "endpoints.yaml"
    with endpoints.open("a") as file:
        file.write(
            "\n  dealer-north:\n    partner: north\n    connector: dealer_soap\n    options: {username: north}\n    poll:\n"
            "      every: 5m\n      url: https://north.example/purchasing\n      service:\n        wsdl: config/north.wsdl\n"
            "        operation: Search\n        auth: none\n        document: north_purchases\n        orders: Result.Purchase\n"
        )
    ran = orderlane("check")
    told = "dealer-north: no mapping reads `north_purchases` of connector dealer_soap; expected one in config/mappings"
    place = f"{endpoints}:{line_of(endpoints, 'document: north_purchases')}"
    assert (ran.returncode, ran.stderr) == (1, f"{place}: error no-mapping: {told}\n")
    own = config / "mappings" / "north.yaml"
    own.parent.mkdir()
    shipped = Path(__file__).parents[1] / "samples" / "dealer_soap" / "own_service" / "north_purchases.yaml"
    own.write_text(shipped.read_text())
    assert orderlane("check").returncode == 0


def test_an_endpoint_that_stands_twice_is_told(orderlane: Orderlane, config: Path) -> None:
    endpoints = config / "endpoints.yaml"
    spoil(endpoints, "  parcels:\n", "  bank:\n")
    ran = orderlane("check")
    assert ran.returncode == 1
    assert "error duplicate-name: the name `bank` is taken by the endpoint in line" in ran.stderr


def test_files_that_are_not_there_or_not_yaml_are_findings_too(orderlane: Orderlane, config: Path) -> None:
    (config / "endpoints.yaml").write_text("endpoints: [\n")
    (config / "rules.yaml").unlink()
    ran = orderlane("check")
    assert ran.returncode == 1
    assert f"{config / 'endpoints.yaml'}:2: error yaml: " in ran.stderr
    assert f"{config / 'rules.yaml'}:1: error unreadable: " in ran.stderr


def test_rules_are_not_blamed_for_endpoints_that_could_not_be_read(orderlane: Orderlane, config: Path) -> None:
    (config / "endpoints.yaml").write_text("endpoints: [\n")
    ran = orderlane("check")
    assert [line.split(" error ")[1].split(":")[0] for line in ran.stderr.splitlines()] == ["yaml"]


def test_no_secret_is_shown_or_made_by_checking(orderlane: Orderlane, config: Path) -> None:
    spoil(config / "endpoints.yaml", "env:BANK_TOKEN", "env:CHECKING_MAKES_NOTHING")
    ran = orderlane("check")
    assert not Path("var/secrets/CHECKING_MAKES_NOTHING").exists()
    assert all(secret not in ran.stdout + ran.stderr for secret in SECRETS.values())


def test_connectors_are_listed_with_their_documents(orderlane: Orderlane) -> None:
    ran = orderlane("connectors")
    assert ran.returncode == 0
    rows = [line.strip().split(maxsplit=3) for line in ran.stdout.splitlines()]
    assert rows[0] == ["connector", "family", "documents"]
    assert [line.split()[0] for line in ran.stdout.splitlines()[1:] if line[:1] != " "] == sorted(CONNECTORS)
    assert ["easypost", "carriers", "in", "tracker.created, tracker.updated, tracker, trackers"] in rows
    assert ["webhook", "events", "out", "event"] in rows


def test_a_mistyped_key_of_an_endpoint_or_of_its_options_names_the_one_that_was_meant(orderlane: Orderlane, config: Path) -> None:
    endpoints = config / "endpoints.yaml"
    spoil(endpoints, "    partner: bank\n", "    partnr: bank\n")
    spoil(endpoints, "time_zone: America/Chicago", "timezone: America/Chicago")
    spoil(endpoints, "currency: USD", "currency: dollars")
    told = [line.split(": ", 2)[2] for line in orderlane("check").stderr.splitlines()]
    assert told[0:2] == [
        "dealer-acme: timezone: there is no such key. Did you mean `time_zone`?",
        "dealer-acme: currency: expected text that matches ^[A-Z]{3}$",
    ]
    assert "bank: partner: expected a value, it is not there" in told
    assert "bank: partnr: there is no such key. Did you mean `partner`?" in told


def test_rules_are_not_blamed_for_endpoints_that_are_wrong_in_themselves(orderlane: Orderlane, config: Path) -> None:
    endpoints = config / "endpoints.yaml"
    spoil(endpoints, "    connector: webhook\n", "    connector: webhok\n")
    (told,) = orderlane("check").stderr.splitlines()
    assert told.endswith("shop-eu-events: no connector `webhok`. Did you mean `webhook`?")
    endpoints.write_text("- shop-eu\n")
    (told,) = orderlane("check").stderr.splitlines()
    assert told.endswith("expected a mapping with the key `endpoints`")
