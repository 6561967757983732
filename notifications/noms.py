"""De qui une alerte parle : l’app des participants, au-dessus, dit comment nommer ceux que le lecteur a le droit de nommer."""

_lire = None


def brancher(lire):
    """`lire(utilisateur, cles)` rend {clé: nom} des personnes que l’utilisateur peut nommer."""
    global _lire
    _lire = lire


def de(alertes, utilisateur):
    """{clé de la personne: nom} pour ces alertes. Rien n’en est gardé : un droit perdu depuis, le nom n’y est plus."""
    cles = {alerte.participant_id for alerte in alertes} - {None}
    return _lire(utilisateur, cles) if cles and _lire else {}
