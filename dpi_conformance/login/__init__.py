"""Takes a person through the product's login pages, from an authorization request to the redirect that answers it."""
