"""Redis or Valkey: the only room that imports redis. Records as bytes in, bytes out; every change is one script."""
