"""What a network answers over a whole split, and the figures and pictures made of it."""
