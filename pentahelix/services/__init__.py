"""The verbs: what can be done to the nouns, a module per noun. They know no request and never commit.

Only what the scheduler calls by itself (`doors.answer_requests`, `reminders.tick`, `coverage.tick`) opens
transactions of its own.
"""
