"""What pages show that is more than one entity."""
