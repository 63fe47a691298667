"""What is off: levels, spikes, failures and silence, one alarm for one event."""
