"""What gunicorn serves: `gunicorn wsgi:app`."""

import gc

# What a start makes stays until the end: to look through it for garbage is a tenth of the start, and would
# be a part of every later look.
gc.disable()

from pentahelix.readiness import ready_app  # noqa: E402

app = ready_app()
gc.freeze()
gc.enable()
