"""What leaves the house as mail: composed once, kept in the outbox, delivered from there."""
