"""The table of `roomtone.api.routes` in parts, by what the routes are about."""
