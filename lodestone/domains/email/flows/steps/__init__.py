"""The screens of the mails of a flow."""
