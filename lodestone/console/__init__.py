"""The console: layout, home, account, jobs and outbox. Domains bring their own pages."""
