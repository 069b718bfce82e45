"""Analytics: what funnels did in the last days, by day, by page and by where people came from.

Tables: funnel_page_days, funnel_page_source_days and the views over them. Writer: svc_magnetlab.
Terms: *conversion* is leads of opt-in views, *qualification* qualified of leads, *response* answers
of thank-you views; all in whole percents, 0 where there is nothing to divide by.
"""
