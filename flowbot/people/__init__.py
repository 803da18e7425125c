"""What people may ask of whoever keeps something about them: to have it, and to have it gone."""
