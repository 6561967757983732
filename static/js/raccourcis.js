// Raccourcis déclarés par data-touche="n" (ou "ctrl+enter", "arrowright"…), jamais pendant la saisie.
// « / » va à la recherche, « ? » montre la liste ; Ctrl+Entrée envoie le formulaire où l’on écrit.

const CLE = "plie-raccourcis";
const dialogue = document.getElementById("raccourcis");

const actifs = () => localStorage.getItem(CLE) !== "non";
const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

function enSaisie(cible) {
  if (cible.isContentEditable || cible.matches("textarea, select")) return true;
  return cible.matches("input") && !["checkbox", "radio", "button", "submit", "file"].includes(cible.type);
}

function elementPour(touche) {
  const candidats = document.querySelectorAll(`[data-touche="${CSS.escape(touche)}" i]`);
  return [...candidats].find((e) => !e.disabled && visible(e));
}

function actionner(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function envoyer(cible) {
  const bouton = elementPour("ctrl+enter");
  const formulaire = cible.form ?? cible.closest("form");
  if (bouton && (!formulaire || !bouton.form || bouton.form === formulaire)) return bouton.click();
  if (formulaire && !formulaire.matches("[role=search]")) return formulaire.requestSubmit();
}

function montrer() {
  const liste = dialogue.querySelector("dl");
  liste.replaceChildren();
  const ajouter = (touche, nom) => {
    const dt = document.createElement("dt");
    const kbd = document.createElement("kbd");
    kbd.className = "touche";
    kbd.textContent = touche;
    dt.append(kbd);
    const dd = document.createElement("dd");
    dd.textContent = nom;
    liste.append(dt, dd);
  };
  ajouter("/", "Rechercher");
  for (const element of document.querySelectorAll("[data-touche]")) {
    if (element.disabled || !visible(element)) continue;
    const affichee = element.querySelector(".touche")?.textContent ?? element.dataset.touche;
    const copie = element.cloneNode(true);
    copie.querySelectorAll(".touche").forEach((t) => t.remove());
    ajouter(affichee, element.dataset.toucheNom ?? element.getAttribute("aria-label") ?? copie.textContent.trim());
  }
  ajouter("?", "Cette liste");
  dialogue.querySelector("#raccourcis-actifs").checked = actifs();
  dialogue.showModal();
}

document.addEventListener("keydown", (evenement) => {
  const { key, ctrlKey, metaKey, altKey, target } = evenement;
  if (evenement.defaultPrevented || evenement.isComposing || altKey) return;
  if ((ctrlKey || metaKey) && key === "Enter") {
    evenement.preventDefault();
    envoyer(target);
    return;
  }
  if (key === "Escape" && target.matches("[data-touche]")) return target.blur(); // les touches reprennent
  if (ctrlKey || metaKey || !actifs() || enSaisie(target)) return;
  const ouvert = document.querySelector("dialog[open]");
  if (key === "/" && !ouvert) {
    const champ = document.getElementById("recherche");
    if (champ) {
      evenement.preventDefault();
      champ.focus();
      champ.select();
    }
  } else if (key === "?" && dialogue && !ouvert) {
    evenement.preventDefault();
    montrer();
  } else {
    if (key === "Enter" && target.closest("a, button, summary, label, input")) return;
    const element = elementPour(key);
    if (element && (!ouvert || ouvert.contains(element))) {
      evenement.preventDefault();
      actionner(element);
    }
  }
});

if (dialogue) {
  for (const bouton of document.querySelectorAll("[data-raccourcis]")) {
    bouton.hidden = false;
    bouton.addEventListener("click", montrer);
  }
  dialogue.querySelector("#raccourcis-actifs").addEventListener("change", ({ target }) => {
    localStorage.setItem(CLE, target.checked ? "oui" : "non");
  });
}
