"""All kinds of requests whose result the product sends later, in the order of the specification."""

from .benefit_orders import BENEFIT_ORDERS
from .bill_orders import BILL_ORDERS

__all__ = ["ORDERS"]

ORDERS = (*BENEFIT_ORDERS, *BILL_ORDERS)
