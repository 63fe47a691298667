"""What people see, all fed by `answers/`: no arithmetic, no SQL."""
