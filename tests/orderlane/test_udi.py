"""`orderlane udi` as a person uses it."""

from typer.testing import CliRunner

from orderlane.cli_barcodes import barcodes


def test_a_person_is_told_what_a_label_says_and_what_is_wrong_with_it() -> None:
    result = CliRunner().invoke(barcodes, ["0151022222233335\x1d10A1", "+A999123457"])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "0151022222233335\\x1d10A1",
        "  agency           GS1",
        "  device           51022222233335",
        "  lot              A1",
        "  (01)             51022222233335  GTIN",
        "  (10)             A1  BATCH/LOT",
        "  E_GTIN_CHECK     (01): expected a GTIN with a right check digit, found 51022222233335",
        "+A999123457",
        "  agency           HIBCC",
        "  device           A99912345",
        "  (check)          7  check character",
        "  (labeler)        A999  labeler identification code",
        "  (product)        1234  product or catalogue number",
        "  (unit)           5  unit of measure",
    ]


def test_what_cannot_be_read_is_told_and_ends_with_2() -> None:
    result = CliRunner().invoke(barcodes, ["hello"])
    assert result.exit_code == 2
    assert "E_UDI_PARSE" in result.stdout
