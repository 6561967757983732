"""« Ma journée », un module par rôle : chacun rend le contexte de sa page, en un nombre fixe de requêtes."""
