"""The super-admin area: every account of the installation, and what admins did to them.

Tables: admin_audit_log, and columns of users, subscriptions and user_sessions. Terms: a *super
admin* runs the installation; a *look* is a super admin's session with another account's eyes.
"""
