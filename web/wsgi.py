"""The application for another server: `granian --interface wsgi web.wsgi:app`. README says with which options."""

from web import process
from web.app import create_app

process.prepare()
app = create_app()
