"""What the dashboard process serves beside pages and API: the gate in front of both, sign-in and set-up."""
