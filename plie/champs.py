"""Les contrôles de formulaire les plus nombreux, écrits sans gabarit : mot pour mot ce que donnent ceux de Django.

Une page de saisie en compte une centaine, et leurs gabarits imbriqués coûtaient le tiers de son temps.
`tests/test_champs.py` les compare à l’original.
"""

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe


class Rendu(DjangoTemplates):
    def render(self, template_name, context, request=None):
        ecrire = ECRIRE.get(template_name)
        return ecrire(context["widget"]) if ecrire else super().render(template_name, context, request)


def _attributs(widget):
    return mark_safe(
        "".join(
            f" {nom}" if valeur is True else f' {nom}="{conditional_escape(str(valeur))}"'
            for nom, valeur in widget["attrs"].items()
            if valeur is not False
        )
    )


def _input(widget):
    valeur = format_html(' value="{}"', str(widget["value"])) if widget["value"] is not None else ""
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], valeur, _attributs(widget))


def _option(widget):
    controle = _input(widget)
    if not widget.get("wrap_label"):
        return controle
    cle = widget["attrs"].get("id")
    pour = format_html(' for="{}"', cle) if cle else ""
    return format_html("<label{}>{} {}</label>", pour, controle, widget["label"])


def _select(widget):
    groupes = format_html_join("", "{}", ((_groupe(nom, options),) for nom, options, _ in widget["optgroups"]))
    return format_html('<select name="{}"{}>{}\n</select>', widget["name"], _attributs(widget), groupes)


def _groupe(nom, options):
    choix = format_html_join(
        "", '\n  <option value="{}"{}>{}</option>', ((str(o["value"]), _attributs(o), o["label"]) for o in options)
    )
    return format_html('\n  <optgroup label="{}">{}\n  </optgroup>', nom, choix) if nom else choix


def _textarea(widget):
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>', widget["name"], _attributs(widget), widget["value"] or ""
    )


DOSSIER = "django/forms/widgets/"
INPUTS = ("input", "text", "date", "number", "email", "hidden", "checkbox", "password", "time")
ECRIRE = {
    **{f"{DOSSIER}{nom}.html": _input for nom in INPUTS},
    **{f"{DOSSIER}{nom}_option.html": _option for nom in ("input", "checkbox", "radio")},
    f"{DOSSIER}select.html": _select,
    f"{DOSSIER}textarea.html": _textarea,
}
