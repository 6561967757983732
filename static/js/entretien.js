// L’entretien : démarches ajoutées avec Entrée, « Pour clore » tenu à jour, champs utiles seulement au choix fait.
// Sans script, les mêmes champs sont tous là : trois lignes de démarche, et les cases du prochain rendez-vous.
// L’écran de signature s’en sert aussi : sceller quand tout est signé, écouter, agrandir.

const formulaire = document.querySelector("[data-entretien]");
const JOUR = 86400000; // ms
const MOIS = "janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre".split(",");

const valeur = (nom) => {
  const champ = formulaire.elements[nom];
  return (champ instanceof RadioNodeList ? champ.value : champ?.value ?? "").trim();
};
const prevenir = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

function enToutesLettres(iso) {
  const [annee, mois, jour] = iso.split("-").map(Number);
  const texte = `${jour === 1 ? "1er" : jour} ${MOIS[mois - 1]}`;
  return annee === new Date().getFullYear() ? texte : `${texte} ${annee}`;
}

// Démarches ------------------------------------------------------------------

function demarches(racine) {
  const [saisie, ...autres] = racine.querySelectorAll("[data-vierge]");
  const liste = racine.querySelector("[data-liste]");
  const modele = racine.querySelector("[data-modele]").content.firstElementChild;
  const [quoi, qui, pourLe] = saisie.querySelectorAll("input, select");
  let rang = Number(saisie.dataset.vierge);
  [...autres, racine.querySelector("[data-sans-script]")].forEach((inutile) => inutile.remove());

  function numeroter() {
    [["quoi", quoi], ["qui", qui], ["pour_le", pourLe]].forEach(([nom, champ]) => {
      champ.name = `demarche-${rang}-${nom}`;
    });
  }

  function ajouter() {
    const texte = quoi.value.trim();
    if (!texte) return;
    const ligne = modele.cloneNode(true);
    const nom = qui.selectedOptions[0].textContent.trim();
    ligne.querySelector("[data-quoi]").textContent = texte;
    ligne.querySelector("[data-precision]").textContent =
      `· ${nom}${pourLe.value ? `, pour le ${enToutesLettres(pourLe.value)}` : ""}`;
    ligne.querySelector("[data-retirer]").setAttribute("aria-label", `Retirer « ${texte} »`);
    for (const [champ, source] of [["quoi", quoi], ["qui", qui], ["pour_le", pourLe]]) {
      const cache = ligne.querySelector(`[data-champ=${champ}]`);
      cache.name = `demarche-${rang}-${champ}`;
      cache.value = source.value.trim();
    }
    liste.append(ligne);
    rang += 1;
    numeroter();
    quoi.value = "";
    delete pourLe.dataset.choisi;
    proposerLaDate();
    quoi.focus();
    prevenir(quoi);
  }

  /** La date du prochain rendez-vous, tant que l’on n’en a pas choisi une autre. */
  function proposerLaDate() {
    if (!pourLe.dataset.choisi) pourLe.value = jourDuRendezVous();
  }

  racine.addEventListener("keydown", (evenement) => {
    if (evenement.key !== "Enter" || evenement.ctrlKey || !evenement.target.closest("[data-vierge]")) return;
    evenement.preventDefault();
    ajouter();
  });
  racine.addEventListener("click", (evenement) => {
    const croix = evenement.target.closest("[data-retirer]");
    if (!croix) return;
    evenement.preventDefault();
    croix.closest("li").remove();
    quoi.focus();
    prevenir(quoi);
  });
  pourLe.addEventListener("change", () => (pourLe.dataset.choisi = "oui"));
  formulaire.addEventListener("change", ({ target }) => target.name?.startsWith("rdv") && proposerLaDate());
  proposerLaDate();
}

// Prochain rendez-vous, phase --------------------------------------------------

function jourDuRendezVous() {
  const choix = valeur("rdv");
  if (choix === "autre") return valeur("rdv_jour");
  return choix && choix !== "aucun" ? choix.slice(0, 10) : "";
}

function montrerSelonLeChoix() {
  const choix = valeur("rdv");
  formulaire.querySelectorAll("[data-si]").forEach((bloc) => (bloc.hidden = bloc.dataset.si !== choix));
  const retour = formulaire.querySelector("[data-si-retour]");
  if (retour) retour.hidden = formulaire.elements.phase.selectedOptions[0].dataset.retour === undefined;
  const delai = formulaire.querySelector("[data-delai]");
  const jour = valeur("rdv_jour");
  delai.textContent = "";
  if (choix !== "autre" || !jour) return;
  const ecart = Math.round((Date.parse(jour) - Date.parse(formulaire.dataset.depuis)) / JOUR);
  const limite = Number(formulaire.dataset.limite);
  delai.className = `petit etat e-${ecart > limite ? "retard" : "ok"}`;
  delai.textContent = `J+${ecart}, ${ecart > limite ? `au-delà des ${limite} jours` : "dans le délai"}`;
}

// Pour clore -------------------------------------------------------------------

const coche = (nom) => Boolean(formulaire.elements[nom]?.checked);
const revues = () => [...formulaire.querySelectorAll("[name^=revue-]")];
const REGLES = {
  objectif: () => valeur("objectif"),
  information: () => ["presente_structure", "presente_services", "presente_etapes", "livret_remis"].every(coche),
  point: () => {
    const noms = new Set(revues().map((r) => r.name));
    return [...noms].every((nom) => valeur(nom)) || valeur("point");
  },
  synthese: () => valeur("synthese"),
  suites: () =>
    [...formulaire.querySelectorAll("[name^=demarche-][name$=-quoi]")].some((champ) => champ.value.trim()) ||
    revues().some((r) => r.checked && r.value === "reconduite"),
  rdv: () => {
    const choix = valeur("rdv");
    if (choix === "autre") return valeur("rdv_jour") && valeur("rdv_heure");
    return choix === "aucun" ? valeur("sans_suite_rdv") : choix;
  },
};

function tenirAJour() {
  for (const ligne of formulaire.querySelectorAll("[data-regle]")) {
    ligne.toggleAttribute("data-fait", Boolean(REGLES[ligne.dataset.regle]()));
  }
}

/** Entrée dans une ligne passe au champ suivant : la page, elle, s’enregistre seule. */
function passerAuSuivant(evenement) {
  if (evenement.key !== "Enter" || evenement.ctrlKey || evenement.defaultPrevented) return;
  evenement.preventDefault();
  const champs = [...formulaire.elements].filter((c) => c.offsetParent && c.matches("textarea, input:not([type=hidden])"));
  champs[champs.indexOf(evenement.target) + 1]?.focus();
}

if (formulaire) {
  formulaire.querySelectorAll("[data-demarches]").forEach(demarches);
  formulaire.elements.objectif?.addEventListener("keydown", passerAuSuivant);
  for (const genre of ["input", "change"]) {
    formulaire.addEventListener(genre, () => {
      montrerSelonLeChoix();
      tenirAJour();
    });
  }
  montrerSelonLeChoix();
  tenirAJour();
}

// Signer -------------------------------------------------------------------------

const scelle = document.querySelector("[data-sceller]");
if (scelle) {
  const bouton = scelle.querySelector("[data-sceller-bouton]");
  const cases = [...scelle.querySelectorAll("[data-signataire]")].filter((c) => c.querySelector("[data-pad]"));
  const montrer = () => {
    const etats = cases.map((case_) => {
      const etat = {
        avis: Boolean(case_.querySelector("[name$=_accord]:checked")),
        signature: [...case_.querySelectorAll("[name$=_trace], [name$=_nom]")].some((champ) => champ.value.trim()),
      };
      for (const [quoi, fait] of Object.entries(etat)) {
        const manque = scelle.querySelector(`[data-attend="${case_.dataset.signataire} ${quoi}"]`);
        if (manque) manque.hidden = fait;
      }
      return etat;
    });
    if (!bouton) return;
    const completes = etats.filter(({ avis, signature }) => avis && signature).length;
    bouton.disabled = !completes || etats.some(({ avis, signature }) => signature && !avis);
    // Un refus déjà noté ne manque plus : la signature de l’autre scelle.
    const attendues = cases.filter((case_, rang) => !("aRefuse" in case_.dataset) || etats[rang].signature).length;
    bouton.lastChild.textContent = completes && completes < attendues ? "Garder cette signature" : "Sceller et remettre";
  };
  for (const genre of ["plie:signature", "change"]) scelle.addEventListener(genre, montrer);
  montrer();
}

const voix = window.speechSynthesis;
for (const bouton of document.querySelectorAll("[data-ecouter]")) {
  if (!voix) break;
  const libelle = bouton.querySelector("span");
  bouton.hidden = false;
  bouton.addEventListener("click", () => {
    if (voix.speaking) {
      voix.cancel();
      return;
    }
    const lecture = new SpeechSynthesisUtterance(document.getElementById(bouton.dataset.ecouter).innerText);
    lecture.lang = "fr-FR";
    lecture.rate = 0.9;
    lecture.onstart = () => (libelle.textContent = "Arrêter");
    lecture.onend = lecture.onerror = () => (libelle.textContent = "Écouter");
    voix.speak(lecture);
  });
}
window.addEventListener("pagehide", () => voix?.cancel());

for (const bouton of document.querySelectorAll("[data-agrandir]")) {
  bouton.hidden = false;
  bouton.addEventListener("click", () => {
    const grande = document.getElementById(bouton.dataset.agrandir).classList.toggle("feuille-grande");
    bouton.setAttribute("aria-pressed", String(grande));
  });
}
