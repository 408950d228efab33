"""What gunicorn serves: `gunicorn wsgi:app`."""

from pentahelix.readiness import ready_app

app = ready_app()
