"""The flow engine: YAML in, one pure turn after another out. It knows no clock, no store and no provider."""
