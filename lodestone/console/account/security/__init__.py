"""How the signed-in person proves who they are: password, second factor, sessions."""
