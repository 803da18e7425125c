"""/try/<account>/<flow>: a simulated phone whose messages go the whole real way, and what the engine knows beside it.

The page posts messages; they enter as the simulator gateway's webhooks. The worker answers, the sender posts the
answers to the provider in this folder, which reports them as sent and delivered; the page reports them as read, as a
phone does.
"""
