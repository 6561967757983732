"""La commune d’une orientation, à l’écran : celles du code postal tapé, et ce que l’on sait de leur adhésion (E1)."""

from functools import cached_property

from django.utils import timezone

from plie.templatetags.interface import de
from prescriptions.forms_orientation import AUTRE_COMMUNE

# Ces codes servent aussi des communes hors de la CUD [F] : une seule trouvée n’est pas choisie d’office.
PARTAGES = frozenset({"59380", "59630", "59122"})


class Lieu:
    """Restreint le choix des communes du formulaire à celles du code postal, et dit où l’on est."""

    def __init__(self, form):
        self.form = form
        self.code_postal = "".join(c for c in str(form["code_postal"].value() or "") if c.isdecimal())
        self.possibles = [c for c in form.communes if self.code_postal in form.codes_postaux(c)]
        self.commune = self._choisie()
        self._restreindre()

    @cached_property
    def territoire(self):
        """{etat, texte, precision} à dire sous la commune ; vide tant que rien n’est choisi."""
        if self.choix == AUTRE_COMMUNE:
            return {
                "etat": "attention",
                "texte": "hors du territoire du PLIE",
                "precision": "envoyez si vous avez un doute",
            }
        if self.commune is None:
            return {}
        antenne = (
            f"antenne {de(self.commune.nom_antenne)}" if self.commune.nom_antenne else "sans antenne pour l’instant"
        )
        adherente = self.commune.est_adherente(timezone.localdate())
        if adherente:
            return {"etat": "ok", "texte": "territoire du PLIE", "precision": antenne}
        if adherente is None:
            return {"etat": "attention", "texte": "adhésion à confirmer", "precision": antenne}
        return {
            "etat": "attention",
            "texte": "hors du territoire du PLIE",
            "precision": "envoyez si vous avez un doute",
        }

    @property
    def est_hors(self):
        return self.territoire.get("texte") == "hors du territoire du PLIE"

    def _choisie(self):
        """Celle que le formulaire porte, si elle va avec le code postal ; sinon la seule possible, s’il n’y en a qu’une."""
        self.choix = self.form["commune"].value() or ""
        if len(self.code_postal) == 5:
            permises = {c.insee for c in self.possibles or self.form.communes} | {AUTRE_COMMUNE}
            if self.choix not in permises:
                self.choix = self._d_office()
        return self.form.par_insee.get(self.choix)

    def _d_office(self):
        if not self.possibles:
            return AUTRE_COMMUNE
        return self.possibles[0].insee if len(self.possibles) == 1 and self.code_postal not in PARTAGES else ""

    def _restreindre(self):
        """Un code postal qui ne dit rien laisse toutes les communes."""
        if len(self.code_postal) == 5 and self.possibles:
            choix = self.form.fields["commune"].choices
            gardes = {c.insee for c in self.possibles} | {"", AUTRE_COMMUNE}
            self.form.fields["commune"].choices = [c for c in choix if c[0] in gardes]

    @property
    def options(self):
        """[(valeur, texte, choisie)] du menu."""
        return [(valeur, texte, valeur == self.choix) for valeur, texte in self.form.fields["commune"].choices]
