"""Forms: the questions that people answer after they opted in, and who qualifies by them.

Tables: qualification_forms, qualification_questions; answers are kept on funnel_leads. Writer:
svc_magnetlab. Terms: a *form* is a named set of questions that funnels share; a *survey* is what a
page asks, its form's questions or else its own.
"""
