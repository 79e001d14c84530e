"""Template tags that every audience shares."""
