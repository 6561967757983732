"""Un PLIE inventé et crédible : personnes, textes, pièces, délais. Le même pour une même graine et un même jour."""
