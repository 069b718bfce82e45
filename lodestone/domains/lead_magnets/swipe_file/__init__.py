"""The swipe file: posts and lead magnets that worked, shared by everybody who is signed in.

Tables: swipe_file_posts, swipe_file_lead_magnets. Writer: svc_magnetlab. Terms: an example is a row
of either; people submit and withdraw, super admins approve, reject or feature.
"""
