"""What the made-up world consists of, before the systems turn it into their own records."""
