"""The base of every entity and the extension objects, bound to an application in `create_app`."""

from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Entity(DeclarativeBase):
    """Every constraint has a name, on both engines, so that a migration can speak of it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Entities inherit from Entity, never from db.Model: that keeps them typed. The session does not expire
# what it has read when it commits, since the edge of the request reads nothing afterwards.
db = SQLAlchemy(model_class=Entity)
migrate = Migrate()
babel = Babel()
login = LoginManager()
