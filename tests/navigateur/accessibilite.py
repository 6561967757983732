"""axe-core, injecté par le protocole de débogage : la CSP de l’application n’en est pas changée."""

from functools import cache

from django.conf import settings


@cache
def _axe():
    return (settings.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text()


def violations(page, *, dans=None, exclure=()):
    """Les violations relevées par toutes les règles d’axe, chacune avec l’élément en cause."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": _axe()})
    session.detach()
    contexte = {"include": [[dans]] if dans else [["html"]], "exclude": [[s] for s in exclure]}
    resultat = page.evaluate("(contexte) => axe.run(contexte, {resultTypes: ['violations']})", contexte)
    return [
        f"{v['id']} ({v['impact']}) : {v['help']}\n    " + "\n    ".join(n["html"][:200] for n in v["nodes"])
        for v in resultat["violations"]
    ]


def accessible(page, *, dans=None, exclure=()):
    """Échoue à la première violation : WCAG 2.2 AA et bonnes pratiques."""
    trouvees = violations(page, dans=dans, exclure=exclure)
    assert not trouvees, f"{page.url}\n" + "\n".join(trouvees)
