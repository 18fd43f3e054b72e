"""What the values of product.yaml are made of."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dpi_conformance.catalogue.rules import OneLine

__all__ = ["Secret", "Strict"]

Secret = Annotated[OneLine, Field(min_length=1, repr=False, json_schema_extra={"writeOnly": True})]
"""A value that proves who calls."""


class Strict(BaseModel):
    """A frozen value that takes no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, values: object) -> object:
        """Take a key without a value (all below it commented out) as left out."""
        if isinstance(values, Mapping):
            return {key: value for key, value in values.items() if value is not None}
        return values
