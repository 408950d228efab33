from flask import Blueprint

bp = Blueprint("coverage", __name__)
