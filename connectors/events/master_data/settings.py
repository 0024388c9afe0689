"""What an endpoint of this connector may say in its options."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from connectors.own_json import OwnJsonSettings

Kind = Literal[
    "product.master", "customer.master", "price.list", "licence.updated", "authorisation.updated", "warehouse.master",
    "recall.opened", "stock.level",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)


class MasterDataSettings(OwnJsonSettings):
    """documents: the only kinds of records this endpoint may send; all kinds where it does not say."""

    documents: Annotated[tuple[Kind, ...], Field(min_length=1)] = KINDS
