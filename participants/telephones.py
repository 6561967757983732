"""Un téléphone s’écrit d’une seule façon dans la base, pour se retrouver : « 06 39 98 41 27 », « +32 470 12 34 56 »."""

import phonenumbers

REGION = "FR"


def normaliser(texte):
    """La forme gardée de `texte`, ou None si ce n’est pas un numéro possible.

    Un numéro français s’écrit à la française, un autre avec son indicatif. Les plages réservées à la fiction
    sont acceptées : seule la forme est jugée, pas l’existence de la ligne.
    """
    try:
        numero = phonenumbers.parse(texte, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(numero):
        return None
    francais = numero.country_code == 33
    forme = phonenumbers.PhoneNumberFormat.NATIONAL if francais else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(numero, forme)
