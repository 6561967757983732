"""Ce que quelqu’un doit apprendre de son propre compte passe aussi par la boîte d’envoi.

La réponse ne dépend ainsi ni du serveur de courriel ni de l’existence du compte (AU4), et un lien de mot de passe
n’est fabriqué qu’au moment de partir : il n’est écrit nulle part.
"""

from allauth.account.forms import ResetPasswordForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from comptes import connexion
from notifications.actions import ecrire_sur_son_compte, n_ecrire_a_personne
from notifications.envoi import adresse_publique, composer, contexte_commun

LIEN = "mot_de_passe_oublie"
AVIS = "avis_de_compte"
TITRE_DU_LIEN = "Changer votre mot de passe"


class CompteAdapter(connexion.CompteAdapter):
    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """« Votre mot de passe est changé » : quand et d’où, pour que le titulaire reconnaisse ou s’alarme."""
        contexte = contexte_commun() | {"timestamp": timezone.now(), "ip": self.get_client_ip(self.request)}
        ecrire_sur_son_compte(
            user,
            genre=AVIS,
            occasion=template_prefix.rsplit("/", 1)[-1],
            titre=render_to_string(f"{template_prefix}_subject.txt", contexte),
            texte=render_to_string(f"{template_prefix}_message.txt", contexte).strip(),
        )


class DemandeForm(ResetPasswordForm):
    """« Mot de passe oublié » : compte inconnu, connu ou fermé, la même réponse dans le même temps."""

    def save(self, request, **kwargs):
        adresse, demande = self.cleaned_data["email"], {"genre": LIEN, "occasion": "demande", "titre": TITRE_DU_LIEN}
        for utilisateur in self.users:
            ecrire_sur_son_compte(utilisateur, **demande)
        if not self.users:
            n_ecrire_a_personne(adresse, **demande)
        return adresse


@composer(LIEN)
def composer_le_lien(envoi):
    """Le lien vaut deux heures à partir de son départ ; changer de mot de passe l’éteint."""
    cle = default_token_generator.make_token(envoi.destinataire)
    chemin = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(envoi.destinataire), cle])
    contexte = contexte_commun() | {"password_reset_url": adresse_publique(chemin)}
    return render_to_string("account/email/password_reset_key_message.txt", contexte), ""


@composer(AVIS)
def composer_l_avis(envoi):
    return envoi.texte, ""
