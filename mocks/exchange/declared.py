"""What this product declares in its product.yaml where the published documents are silent, and what is prepared in it."""

from collections.abc import Mapping
from typing import Any, Final

from .pubsub_push import ATTEMPTS
from .seed import CONSUMER, FOREIGN, OWN_SERVER, PROVIDER, ROOMS

__all__ = ["DECLARED", "target"]

DECLARED: Final[Mapping[str, str]] = {
    "config-create.repeatable": "yes",
    "push.retry-seconds": "5",
    "push.attempts": str(ATTEMPTS),
    "push.delivery": "once",
    "push.pauses": "growing",
}


def target(_base_url: str, _token: str) -> Mapping[str, Any]:
    """Give further keys of the mock's target: who plays whom, and which services are prepared."""
    return {
        "claims": ["directory", "mediation", "configuration", "x-road", "pubsub", "pubsub-pull"],
        "limits": {"connect_seconds": 30.0, "concurrency": 64},
        "fixtures": {
            "consumer.client": str(CONSUMER),
            "consumer.other": "GOV/COM/1234/statistics",
            "consumer.foreign": str(FOREIGN),
            "consumer.member-name": "Ministry of Social Affairs",
            "provider.application": str(PROVIDER),
            "provider.other": "GOV/GOV/70000/elections",
            "provider.service": "people",
            "provider.service-not-allowed": "archive",
            "provider.service-of-foreign": "archive",
            "x-road.security-server": OWN_SERVER,
            "room.id": str(ROOMS[0]),
            "room.other": str(ROOMS[1]),
            "publisher.client": str(PROVIDER),
            "subscriber.client": str(CONSUMER),
            "subscriber.others": "GOV/COM/1234/statistics GOV/GOV/70000/elections",
        },
    }
