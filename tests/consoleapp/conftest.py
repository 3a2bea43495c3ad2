from tests.web import web_url

__all__ = ["web_url"]
