"""What gunicorn serves here: the application of production, at the instant of the data.

Production itself refuses a clock that was set; everything after the start is the same.
"""

from pentahelix import create_app
from pentahelix.config import Settings

app = create_app(Settings.from_environment())
