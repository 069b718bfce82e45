"""Funnels: published pages that trade a resource for an e-mail address, and the leads they capture.

Tables: funnel_pages and their sections, funnel_leads, page_views, qualification forms and
questions, experiments, libraries, integrations, domains, webhook_configs, webhook_deliveries.
Writer: svc_magnetlab. Terms: a *page* is one funnel; a *lead* is one person on one page, however
often they come; a *view* is one visitor on one day, known by a hash that changes daily.
"""
