"""The base of every entity and the extension objects, bound to an application in `create_app`."""

from babel.support import NullTranslations
from flask_babel import Babel, Domain, get_locale
from flask_login import LoginManager
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


class Texts(Domain):  # type: ignore[misc]
    """Finds the catalogue by the language, where the extension spells out its locale for each text."""

    def get_translations(self) -> NullTranslations:
        if (locale := get_locale()) is None:
            return NullTranslations()
        if locale.language not in self.cache:
            self.cache[locale.language] = super().get_translations()
        texts: NullTranslations = self.cache[locale.language]
        return texts


# Entities inherit from Entity, never from db.Model: that keeps them typed. The session does not expire
# what it has read when it commits, since the edge of the request reads nothing afterwards.
db = SQLAlchemy(model_class=Entity)
babel = Babel()
babel.domain_instance = Texts()
login = LoginManager()
