"""Alerts: what needs a person is noticed at each tick, and told when it begins and when it is over (rule E5)."""
