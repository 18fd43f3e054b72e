"""The faults that this product can be told to have: realistic vendor bugs, each caught by a named check."""

from dpi_conformance.mockkit.faults import Fault

from .configuration_faults import CONFIGURATION_FAULTS
from .contract_faults import CONTRACT_FAULTS
from .directory_faults import DIRECTORY_FAULTS
from .mediation_answer_faults import MEDIATION_ANSWER_FAULTS
from .mediation_faults import MEDIATION_FAULTS
from .pubsub_faults import PUBSUB_FAULTS
from .pubsub_push_faults import PUSH_FAULTS
from .pubsub_queue_faults import QUEUE_FAULTS
from .rights_faults import RIGHTS_FAULTS
from .xroad_faults import XROAD_FAULTS

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *DIRECTORY_FAULTS,
    *RIGHTS_FAULTS,
    *CONFIGURATION_FAULTS,
    *MEDIATION_FAULTS,
    *MEDIATION_ANSWER_FAULTS,
    *XROAD_FAULTS,
    *PUBSUB_FAULTS,
    *QUEUE_FAULTS,
    *PUSH_FAULTS,
    *CONTRACT_FAULTS,
)
