"""What the workers do: jobs that wait, run and failed, and how to run them again."""
