"""What happened with an account, from all sides, newest first."""
