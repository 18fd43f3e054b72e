"""What this product declares in its product.yaml where the published documents are silent, and what is prepared in it."""

from collections.abc import Mapping
from typing import Any, Final

from .seed import CONSUMER, FOREIGN, OWN_SERVER, PROVIDER

__all__ = ["DECLARED", "target"]

DECLARED: Final[Mapping[str, str]] = {
    "config-create.repeatable": "yes",
}


def target(_base_url: str, _token: str) -> Mapping[str, Any]:
    """Give further keys of the mock's target: who plays whom, and which services are prepared."""
    return {
        "claims": ["directory", "mediation", "configuration", "x-road"],
        "limits": {"connect_seconds": 30.0, "concurrency": 64},
        "fixtures": {
            "instance": CONSUMER.instance,
            "domain": "exchange.example.org",
            "consumer.client": str(CONSUMER),
            "consumer.other": "GOV/COM/1234/statistics",
            "consumer.foreign": str(FOREIGN),
            "consumer.member-name": "Ministry of Social Affairs",
            "provider.application": str(PROVIDER),
            "provider.other": "GOV/GOV/70000/elections",
            "provider.member-name": "Ministry of the Interior",
            "provider.service": "people",
            "provider.service-not-allowed": "archive",
            "provider.service-of-foreign": "archive",
            "x-road.security-server": OWN_SERVER,
        },
    }
