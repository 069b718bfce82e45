"""What people say of themselves: name, picture, public name, and the look of their new funnels.

Tables: users, former_usernames, user_avatars. Writer: magnetlab.
"""
