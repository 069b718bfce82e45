"""Leads as a working list: found, exported, looked at, put away, known to be one person.

Tables: funnel_leads, funnel_lead_outcomes, funnel_lead_merges, funnel_lead_merge_parts. Writer:
svc_magnetlab. Terms: an *outcome* is a booked call or money; a *merge* lets one lead stand for
others of the same person, who stay with their pages; its *parts* are those others.
"""
