"""What everything is compared with: Flask, one SELECT of fifty partners, one table. Nobody is signed in."""

import os

from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import text

TABLE = """<!doctype html>
<html lang="id">
<head><meta charset="utf-8"><title>Mitra</title></head>
<body>
<table>
<tr><th>Nama</th><th>Unsur</th><th>Wilayah</th><th>Surel</th></tr>
{% for partner in partners %}
<tr><td>{{ partner.name }}</td><td>{{ partner.helix }}</td><td>{{ partner.area_code }}</td>
<td>{{ partner.email }}</td></tr>
{% endfor %}
</table>
</body>
</html>"""

FIFTY = "SELECT id, name, helix, area_code, email FROM partner ORDER BY id LIMIT 50"

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BARE_DATABASE_URL"].replace(
    "postgresql://", "postgresql+psycopg://", 1
)
app.jinja_env.loader = DictLoader({"table.html": TABLE})
db = SQLAlchemy(app)


@app.get("/")
def partners() -> str:
    return render_template("table.html", partners=db.session.execute(text(FIFTY)).all())
