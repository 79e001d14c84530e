"""From a prepared sheet to an anchored, released document: the outbox."""
