"""Ce qu’un mot de passe ne peut pas être, en plus des listes de Django (AU5) : fait de nos propres mots."""

import re

from django.core.exceptions import ValidationError

MOTS = (
    *("plie", "dunkerquois", "dunkerque", "entreprendre", "ensemble", "insertion", "emploi", "parcours", "conseiller"),
    *("administrateur", "motdepasse", "mot de passe", "password", "demonstration", "bonjour", "azerty", "qwerty"),
)
RESTE = 5  # caractères différents, une fois nos mots, les chiffres et la ponctuation retirés


class MotsConnusValidator:
    def validate(self, password, user=None):
        reste = re.sub("|".join(sorted(MOTS, key=len, reverse=True)), "", password.lower())
        if len(set(re.sub(r"[\W\d_]", "", reste))) < RESTE:
            raise ValidationError(self.get_help_text(), code="mots_connus")

    def get_help_text(self):
        return (
            "Trop facile à deviner : quatre mots sans rapport entre eux, ni avec le travail, font un bon mot de passe."
        )
