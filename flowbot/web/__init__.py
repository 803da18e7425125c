"""The web door: webhooks in, the REST API, health; everything over HTTP that people and providers call."""
