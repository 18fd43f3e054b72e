"""From disk to model: packs, specifications, requirements, products."""
