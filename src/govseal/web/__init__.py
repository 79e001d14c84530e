"""Thin shells by audience: urls, views, forms, templates."""
