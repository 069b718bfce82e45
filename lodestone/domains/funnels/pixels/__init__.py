"""Pixels: conversions that ad platforms are told of, by the server and in the browser.

Nothing is told, and no picture of a platform is fetched, for anybody who has not agreed to it. The
browser and the server name the same event id, so that a platform counts a lead once. Answers of
surveys never leave. A *pixel* is a row of user_integrations, a *conversion* one of lead_deliveries,
kept in tracking_pixel_events too.
"""
