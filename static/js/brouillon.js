// Ce qui se tape s’enregistre seul : <form data-brouillon="/adresse/">.
//
// Trois secondes au plus après une frappe, les champs partent à l’adresse, qui répond
//   200 {enregistre_a, version, avis}  gardé ; « avis » se montre (« Samira modifie aussi… ») ;
//   409 {conflit: adresse}             gardé aussi, mais quelqu’un a écrit entre-temps : lien pour comparer ;
//   409 {ailleurs: heure}              pas gardé : la même personne a écrit dans un autre onglet, elle choisit ;
//   413 {erreur}                       la phrase dit pourquoi ce n’est pas gardé.
// Réseau coupé, serveur en panne, session fermée : le texte reste dans la page, qui le dit, réessaie seule,
// et retient qui veut partir. data-brouillon-veille="60" repasse toutes les 60 s sans rien à garder.

const ATTENTE = 2500; // ms
const TROP_LONG = 5000; // ms sans réponse avant de dire « pas encore enregistré »
const ABANDON = 15000; // ms avant de tenir une requête pour perdue
const REESSAIS = [3000, 5000, 10000, 20000, 30000]; // ms
const LIMITE_DE_SORTIE = 60000; // octets : au-delà, le navigateur n’envoie rien en quittant la page
const PLUS_LE_DROIT = "Ce texte n’est plus modifiable depuis ce compte. Copiez-le avant de quitter la page.";
const HORS_CONTENU = new Set(["csrfmiddlewaretoken", "version"]);

const meta = (nom) => document.querySelector(`meta[name=${nom}]`)?.content;

class Session extends Error {}
class Refus extends Error {}

class Brouillon {
  constructor(formulaire) {
    this.formulaire = formulaire;
    this.adresse = formulaire.dataset.brouillon;
    this.etats = [...document.querySelectorAll("[data-brouillon-etat]")].filter(
      (e) => !e.dataset.brouillonEtat || e.dataset.brouillonEtat === formulaire.id,
    );
    this.connu = this.empreinte(); // ce que le serveur a déjà
    this.lu = meta("plie-heure"); // le dernier texte connu de cette page
    this.ailleurs = false;
    this.enRoute = null;
    this.echecs = 0;
    this.ecouter();
  }

  contenu() {
    const champs = new URLSearchParams();
    for (const [nom, valeur] of new FormData(this.formulaire)) {
      if (typeof valeur === "string") champs.append(nom, valeur);
    }
    return champs;
  }

  empreinte(champs = this.contenu()) {
    return new URLSearchParams([...champs].filter(([nom]) => !HORS_CONTENU.has(nom))).toString();
  }

  get change() {
    return this.empreinte() !== this.connu;
  }

  ecouter() {
    const noter = ({ target }) => target.form === this.formulaire && this.noter();
    document.addEventListener("input", noter);
    document.addEventListener("change", noter);
    this.formulaire.addEventListener("submit", (evenement) => this.partir(evenement));
    this.formulaire.addEventListener("htmx:afterRequest", () => (this.parti = false));
    window.addEventListener("pageshow", () => (this.parti = false));
    window.addEventListener("online", () => this.envoyer());
    window.addEventListener("focus", () => this.echecs && this.envoyer());
    window.addEventListener("pagehide", () => this.envoyer());
    window.addEventListener("beforeunload", (evenement) => this.retenir(evenement));
    document.addEventListener("visibilitychange", () => this.envoyer());
    const veille = Number(this.formulaire.dataset.brouillonVeille);
    if (veille) setInterval(() => document.visibilityState === "visible" && this.envoyer(true), veille * 1000);
  }

  noter() {
    if (!this.change || this.parti) return;
    if (!this.echecs) this.dire("", "neutre");
    this.planifier(ATTENTE);
  }

  planifier(delai) {
    this.minuterie ??= setTimeout(() => this.envoyer(), delai);
  }

  async envoyer(veille = false) {
    clearTimeout(this.minuterie);
    this.minuterie = null;
    if (this.parti || this.enRoute || this.ailleurs || (!this.change && !veille)) return;
    const champs = this.contenu();
    this.enRoute = this.empreinte(champs);
    this.arret = new AbortController();
    const lent = setTimeout(() => this.change && this.dire("Pas encore enregistré", "attention"), TROP_LONG);
    try {
      this.garde(await this.poster(champs), this.enRoute);
    } catch (erreur) {
      if (!this.parti) this.manque(erreur);
    } finally {
      clearTimeout(lent);
      this.enRoute = null;
      if (this.echecs) this.planifier(REESSAIS[Math.min(this.echecs, REESSAIS.length) - 1]);
      else if (this.change) this.planifier(ATTENTE);
    }
  }

  async poster(champs, encore = true) {
    const entetes = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
    if (this.enRoute === this.connu) entetes["X-Plie-Automatique"] = "1";
    if (this.lu) entetes["X-Plie-Lu"] = this.lu;
    const reponse = await fetch(this.adresse, {
      method: "POST",
      body: champs,
      headers: entetes,
      credentials: "same-origin",
      redirect: "manual",
      keepalive: champs.toString().length < LIMITE_DE_SORTIE,
      signal: AbortSignal.any([AbortSignal.timeout(ABANDON), this.arret.signal]),
    });
    if (reponse.type === "opaqueredirect" || reponse.status === 401) throw new Session();
    if (reponse.status === 403 && encore) {
      champs.set("csrfmiddlewaretoken", await this.renouvelerJeton());
      return this.poster(champs, false);
    }
    if (reponse.ok || reponse.status === 409) return reponse.json();
    if (reponse.status === 403 || reponse.status === 404) throw new Refus(PLUS_LE_DROIT);
    if (reponse.status === 413) throw new Refus((await reponse.json()).erreur);
    throw new Error(String(reponse.status));
  }

  /** Après une reconnexion dans un autre onglet, le jeton du formulaire a changé ; le compte, lui, doit être le même. */
  async renouvelerJeton() {
    const reponse = await fetch("/", { redirect: "manual", headers: { "X-Plie-Automatique": "1" } });
    if (reponse.type === "opaqueredirect") throw new Session();
    const page = new DOMParser().parseFromString(await reponse.text(), "text/html");
    const jeton = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!jeton || page.querySelector("meta[name=plie-compte]")?.content !== meta("plie-compte")) {
      throw new Refus(PLUS_LE_DROIT);
    }
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((champ) => (champ.value = jeton));
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": jeton }));
    return jeton;
  }

  garde({ enregistre_a: quand, version, conflit, avis, lu, ailleurs }, empreinte) {
    if (ailleurs) {
      this.deuxTextes(ailleurs);
      return;
    }
    this.lu = lu ?? this.lu;
    this.connu = empreinte;
    this.echecs = 0;
    const champ = this.formulaire.elements.version;
    if (champ && version !== undefined) champ.value = version;
    this.refuse = false;
    if (avis) this.dire("Pas tout enregistré", "attention");
    else if (quand) this.dire(`Enregistré à ${heure(quand)}`, "ok");
    else if (conflit) this.dire("Enregistré", "ok");
    if (conflit) {
      this.prevenir("Quelqu’un d’autre a écrit entre-temps. Vos deux textes sont gardés.", {
        texte: "Comparer les deux versions",
        adresse: conflit,
      });
    } else if (avis) this.prevenir(avis);
    else this.prevenir("");
  }

  /** Rien ne s’écrase : cette page attend que la personne dise lequel de ses deux textes elle garde. */
  deuxTextes(quand) {
    this.ailleurs = true;
    this.dire("Pas encore enregistré", "attention");
    this.prevenir(
      `Vous avez écrit autre chose dans un autre onglet, à ${heure(quand)}.`,
      { texte: "Voir l’autre texte", adresse: location.href, onglet: true },
      { texte: "Garder celui-ci", agir: () => this.garderCeluiCi() },
    );
  }

  garderCeluiCi() {
    this.ailleurs = false;
    this.lu = null; // le dernier envoi gagne, on vient de le choisir
    this.prevenir("");
    this.envoyer();
  }

  manque(erreur) {
    this.echecs += 1;
    this.refuse = erreur instanceof Refus;
    // Une réponse perdue a pu être gardée : le texte du serveur est peut-être le nôtre.
    if (!this.refuse && !(erreur instanceof Session)) this.lu = null;
    this.dire("Pas encore enregistré", "retard");
    if (erreur instanceof Session) {
      const suite = encodeURIComponent(location.pathname + location.search);
      this.prevenir("Votre session s’est fermée. Votre texte est gardé dans cette page : ne la fermez pas.", {
        texte: "Se connecter dans un nouvel onglet",
        adresse: `${meta("plie-connexion") ?? "/compte/connexion/"}?next=${suite}`,
        onglet: true,
      });
    } else if (this.refuse) {
      this.prevenir(erreur.message);
    } else {
      this.prevenir("Connexion coupée : votre texte est gardé dans cette page, qui réessaie seule. Ne la fermez pas.");
    }
  }

  partir(evenement) {
    if (this.echecs && this.change && !this.refuse) {
      evenement.preventDefault();
      evenement.stopImmediatePropagation();
      this.envoyer();
      return;
    }
    this.parti = true;
    this.arret?.abort(); // en route, il arriverait après le formulaire
    clearTimeout(this.minuterie);
    this.minuterie = null;
  }

  retenir(evenement) {
    if (this.parti || !this.change) return;
    if (this.echecs || this.ailleurs || this.contenu().toString().length >= LIMITE_DE_SORTIE) evenement.preventDefault();
  }

  dire(texte, etat) {
    for (const element of this.etats) {
      element.className = `enregistre e-${etat}`;
      const ici = element.querySelector("[data-brouillon-texte]") ?? element;
      if (texte && ici.textContent !== texte) ici.textContent = texte;
    }
  }

  /** Le bandeau au-dessus du formulaire ; un texte vide le retire. */
  prevenir(texte, ...actes) {
    if (!texte || this.bandeau?.dataset.texte !== texte) this.bandeau?.remove();
    if (!texte || (this.bandeau?.isConnected && this.bandeau.dataset.texte === texte)) return;
    if (document.querySelector(".avis:not(.avis-suivi)")?.textContent.includes(texte.split(".")[0])) return; // déjà dit
    this.bandeau = document.createElement("div");
    this.bandeau.className = "avis avis-suivi e-attention"; // il suit la page : on écrit souvent plus bas
    this.bandeau.setAttribute("role", "alert");
    this.bandeau.dataset.texte = texte;
    const dessin = this.etats[0]?.querySelector("svg")?.cloneNode(true) ?? document.createElement("span");
    this.bandeau.append(dessin, Object.assign(document.createElement("p"), { textContent: texte }));
    const boutons = Object.assign(document.createElement("div"), { className: "actes" });
    if (actes.length) this.bandeau.append(boutons);
    for (const acte of actes) {
      const bouton = document.createElement(acte.agir ? "button" : "a");
      Object.assign(bouton, { className: "btn btn-sm btn-second", textContent: acte.texte });
      if (acte.agir) Object.assign(bouton, { type: "button", onclick: acte.agir });
      else bouton.href = acte.adresse;
      if (acte.onglet) Object.assign(bouton, { target: "_blank", rel: "noopener" });
      boutons.append(bouton);
    }
    const parent = this.formulaire.parentElement;
    (parent.matches(".grille") ? parent : this.formulaire).before(this.bandeau); // dans la grille, il en prendrait une case
  }
}

/** « 14:32 », que le serveur donne l’heure ou l’instant. */
function heure(quand) {
  if (/^\d{1,2}:\d{2}/.test(quand)) return quand.slice(0, 5);
  return new Date(quand).toLocaleTimeString("fr-FR", { hour: "numeric", minute: "2-digit", timeZone: "Europe/Paris" });
}

const chercher = (racine) => racine.querySelectorAll?.("form[data-brouillon]:not([data-pret])").forEach((formulaire) => {
  formulaire.dataset.pret = "";
  // La page a pu revenir d’un envoi refusé : « Précédent » doit la redemander, pas proposer d’envoyer à nouveau.
  const { pathname } = new URL(formulaire.action, location.href);
  if (pathname === location.pathname && !formulaire.closest("dialog")) history.replaceState(history.state, "", location.href);
  new Brouillon(formulaire);
});
chercher(document);
document.addEventListener("htmx:load", ({ target }) => chercher(target));
