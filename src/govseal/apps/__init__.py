"""Django apps by domain: models, selectors and services."""
