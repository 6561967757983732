"""Lire une pièce comme le navigateur : la réponse, et son fichier."""

from django.urls import reverse


def adresse(nom, piece):
    return reverse(f"participants:{nom}", args=[piece.pk])


def lire(client, nom, piece):
    """La réponse, son fichier lu : le client de test le referme à la fin."""
    reponse = client.get(adresse(nom, piece))
    reponse.lu = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
    return reponse
