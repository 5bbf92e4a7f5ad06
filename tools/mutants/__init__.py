"""Firmware that is broken on purpose, and the scenarios that must notice."""
