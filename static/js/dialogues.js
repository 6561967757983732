// Ce qui s’ouvre et se ferme : confirmations, menus de filtres, messages.
// Sans script, une confirmation se déplie sur place ; ici, le même contenu passe dans un dialogue.

function ouvrir(pli) {
  const contenu = pli.querySelector(":scope > div.confirmer"); // déjà dans son dialogue : rien à faire
  if (!contenu) return;
  const dialogue = document.createElement("dialog");
  dialogue.className = "confirmer";
  dialogue.setAttribute("aria-labelledby", contenu.getAttribute("aria-labelledby"));
  contenu.classList.remove("confirmer");
  dialogue.append(contenu);
  pli.append(dialogue);
  contenu.querySelectorAll("[data-revenir]").forEach((bouton) => (bouton.hidden = false));
  dialogue.addEventListener("close", () => {
    contenu.classList.add("confirmer");
    contenu.querySelectorAll("[data-revenir]").forEach((bouton) => (bouton.hidden = true));
    pli.append(contenu);
    dialogue.remove();
    pli.open = false;
    pli.querySelector("summary").focus();
  });
  dialogue.showModal();
  contenu.querySelector("[aria-invalid=true], select, textarea, input:not([type=hidden])")?.focus();
}

// « toggle » ne remonte pas : on l’attrape à la descente.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.matches?.("details[data-confirmer]") && target.open) ouvrir(target);
  },
  true,
);
document.querySelectorAll("details[data-confirmer][open]").forEach(ouvrir);

document.addEventListener("click", ({ target }) => {
  target.closest?.("[data-revenir]")?.closest("dialog")?.close();
  const fermer = target.closest?.("[data-fermer]");
  if (fermer) fermer.closest(fermer.dataset.fermer)?.remove();
  if (target.matches?.("dialog.confirmer")) target.close(); // le fond
  for (const menu of document.querySelectorAll("details.filtre-menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (evenement) => {
  const menu = evenement.key === "Escape" && evenement.target.closest?.("details.filtre-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Le résumé des erreurs est lu dès l’arrivée.
document.querySelector("[data-erreurs]")?.focus();
