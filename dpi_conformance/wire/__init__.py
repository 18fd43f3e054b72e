"""What goes over the network, and what is kept of it: client, listener, journal, redaction."""
