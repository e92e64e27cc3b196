"""Everything below /services/oauth2 and /id: asking users, giving tokens, taking them back, telling who holds one."""
