"""Signed events out: from the partitions to endpoints' queues, from there to the clients, until they have them."""
