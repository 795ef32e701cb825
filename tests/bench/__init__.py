"""What each step costs, beside peers: ``make bench``. No test; nothing here is asserted."""
