"""How answers reach the screen without ever holding it up."""
