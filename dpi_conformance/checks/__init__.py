"""Exchange to Findings: pure, one small named function per check."""
