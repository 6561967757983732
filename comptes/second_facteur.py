"""Le second facteur : code à six chiffres de l’application, ou code de secours. Chacun sert une fois (AU2)."""

import base64
import hashlib
import secrets
import time

from allauth.account.adapter import get_adapter as adapter_de_compte
from allauth.core import context, ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from comptes.models import CodeDeSecours, CodeServi
from journal.actions import consigner
from journal.contexte import adresse
from journal.models import Acte

PERIODE = 30  # secondes, comme l’application d’authentification
TOLERANCE = (0, -1, 1)  # pas : l’horloge du téléphone peut se tromper de trente secondes
NOMBRE_DE_CODES = 10
CHIFFRES = 20  # au clavier du téléphone ; 66 bits : l’empreinte ne se devine pas


class SecondFacteurAdapter(DefaultMFAAdapter):
    """Le secret de l’application se relit à chaque connexion : il est chiffré en base, sous la clé de l’application."""

    def get_totp_label(self, user):
        return user.email

    def encrypt(self, text):
        return _coffre().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _coffre().decrypt(encrypted_text.encode()).decode()


def _coffre():
    cles = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second facteur" + cle.encode()).digest())) for cle in cles
    )


# Vérifier --------------------------------------------------------------------------------------------------------


def verifier(utilisateur, code):
    """Consomme `code` s’il vaut pour `utilisateur` ; rend l’Authenticator de son application, ou None."""
    facteur = Authenticator.objects.filter(user=utilisateur, type=Authenticator.Type.TOTP).first()
    chiffres = "".join(c for c in code if c.isdecimal())
    if facteur is None or not chiffres:
        return None
    if len(chiffres) == CHIFFRES:
        return facteur if _servir_un_secours(utilisateur, chiffres) else None
    pas = pas_du_code(decrypt(facteur.data["secret"]), chiffres)
    return facteur if pas is not None and servir(utilisateur, pas) else None


def pas_du_code(secret, chiffres):
    """Le pas de 30 secondes, proche de maintenant, pour lequel `chiffres` est le code de `secret` ; None sinon."""
    maintenant = int(time.time()) // PERIODE
    for ecart in TOLERANCE:
        if constant_time_compare(format_hotp_value(hotp_value(secret, maintenant + ecart)), chiffres):
            return maintenant + ecart
    return None


def servir(utilisateur, pas):
    """Vrai une seule fois par utilisateur et par pas : c’est l’unicité en base qui le décide."""
    try:
        with transaction.atomic():
            CodeServi.objects.create(utilisateur=utilisateur, pas=pas)
    except IntegrityError:
        return False
    CodeServi.objects.filter(utilisateur=utilisateur, pas__lt=pas - 10).delete()
    return True


def _servir_un_secours(utilisateur, chiffres):
    libres = CodeDeSecours.objects.filter(utilisateur=utilisateur, servi_le=None, empreinte=_empreinte(chiffres))
    return libres.update(servi_le=timezone.now()) == 1


# Codes de secours ------------------------------------------------------------------------------------------------


@transaction.atomic
def nouveaux_codes(utilisateur):
    """Remplace les codes de secours ; les rend en clair, cette seule fois, groupés par cinq chiffres."""
    codes = [f"{secrets.randbelow(10**CHIFFRES):0{CHIFFRES}}" for _ in range(NOMBRE_DE_CODES)]
    CodeDeSecours.objects.filter(utilisateur=utilisateur).delete()
    CodeDeSecours.objects.bulk_create(CodeDeSecours(utilisateur=utilisateur, empreinte=_empreinte(c)) for c in codes)
    consigner(Acte.MODIFICATION, par=utilisateur, objet=utilisateur, champs=["codes_de_secours"])
    return ["-".join(code[i : i + 5] for i in range(0, CHIFFRES, 5)) for code in codes]


def codes_restants(utilisateur):
    return CodeDeSecours.objects.filter(utilisateur=utilisateur, servi_le=None).count()


@transaction.atomic
def retirer(utilisateur, *, par):
    """Téléphone perdu ou changé : ni application ni codes de secours, jusqu’à une nouvelle mise en place."""
    Authenticator.objects.filter(user=utilisateur).delete()
    CodeDeSecours.objects.filter(utilisateur=utilisateur).delete()
    consigner(Acte.MODIFICATION, par=par, objet=utilisateur, champs=["second_facteur"], motif="retiré")


def _empreinte(chiffres):
    return hashlib.sha256(chiffres.encode()).hexdigest()


# Formulaires d’allauth -------------------------------------------------------------------------------------------


class CodeUnique:
    """Remplace la vérification d’allauth, dont l’usage unique tient à un cache : ici, à la base."""

    def clean_code(self):
        requete, code = context.request, self.cleaned_data["code"]
        # Par compte et par client : qui devine ailleurs ne ferme pas la porte au titulaire (AU3).
        cle = f"second-facteur:{self.user.pk}:{adresse(requete)}"
        if not ratelimit.consume(requete, action="login_failed", key=cle):
            raise adapter_de_compte().validation_error("too_many_login_attempts")
        self.authenticator = verifier(self.user, code)
        if self.authenticator is None:
            consigner(Acte.ECHEC_CONNEXION, par="connexion", objet=self.user, motif="second facteur")
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator.user = self.user
        ratelimit.clear(requete, action="login_failed", key=cle)
        return code


class CodeForm(CodeUnique, AuthenticateForm):
    pass


class ConfirmationForm(CodeUnique, ReauthenticateForm):
    pass


class ActivationForm(ActivateTOTPForm):
    def clean_code(self):
        """Le code qui met l’application en place ne peut plus servir à se connecter."""
        code = super().clean_code()
        servir(self.user, pas_du_code(self.secret, code) or int(time.time()) // PERIODE)
        return code
