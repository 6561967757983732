class TransitionImpossible(Exception):
    """Refus métier ; le texte est écrit pour être lu par l’utilisateur."""


class ConflitDeVersion(Exception):
    """Quelqu’un d’autre a enregistré entre l’affichage et l’envoi ; `objet` porte l’état réel."""

    def __init__(self, objet):
        super().__init__("Cette fiche a été modifiée entre-temps.")
        self.objet = objet
