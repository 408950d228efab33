"""What is owed to whom, asked of the data: letters about sessions, and what the digest tells."""
