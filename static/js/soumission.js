// Un envoi à la fois : les boutons d’un formulaire parti attendent la réponse, et reviennent si la page revient.
// Dit aussi ce qui n’a pas abouti quand c’est htmx qui envoie.

const ATTENTE_MAXIMALE = 10000; // ms : une réponse qui ne change pas de page (un fichier) rend les boutons

const boutonsDe = (formulaire) =>
  [...formulaire.elements].filter((e) => e.matches("button:not([type=button]), input[type=submit]"));

function figer(formulaire) {
  for (const bouton of boutonsDe(formulaire)) {
    if (bouton.disabled) continue;
    bouton.disabled = true;
    bouton.setAttribute("aria-busy", "true");
  }
}

function rendre(racine) {
  for (const bouton of racine.querySelectorAll("[aria-busy=true]")) {
    bouton.disabled = false;
    bouton.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (evenement) => {
  const formulaire = evenement.target;
  if (formulaire.method === "dialog") return;
  // Après les autres écouteurs, et après que le navigateur a relevé les champs (dont le bouton appuyé).
  setTimeout(() => {
    if (evenement.defaultPrevented && !formulaire.matches(".htmx-request")) return;
    figer(formulaire);
    setTimeout(() => rendre(document), ATTENTE_MAXIMALE);
  });
});

window.addEventListener("pageshow", () => rendre(document));
document.addEventListener("htmx:afterRequest", () => rendre(document));

function dire(texte) {
  const message = document.createElement("div");
  message.className = "message e-retard";
  const paragraphe = document.createElement("p");
  paragraphe.textContent = texte;
  const fermer = document.createElement("button");
  fermer.className = "btn-nu";
  fermer.type = "button";
  fermer.dataset.fermer = ".message";
  fermer.textContent = "Fermer";
  message.append(document.createElement("span"), paragraphe, fermer);
  document.getElementById("messages")?.append(message);
}

const SESSION = "Votre session s’est fermée : reconnectez-vous dans un autre onglet, puis recommencez.";
const connexion = document.querySelector("meta[name=plie-connexion]")?.content;
const estPage = (xhr) => /^\s*<!doctype/i.test(xhr.responseText);

document.addEventListener("htmx:beforeSwap", (evenement) => {
  const { xhr } = evenement.detail;
  if (connexion && new URL(xhr.responseURL, location.href).pathname.startsWith(connexion)) {
    evenement.detail.shouldSwap = false;
    dire(SESSION);
  } else if ((xhr.status === 409 || xhr.status === 422) && !estPage(xhr)) {
    evenement.detail.shouldSwap = true; // un refus expliqué, dans le fragment
    evenement.detail.isError = false;
  }
});

/** La phrase d’une page de refus, s’il y en a une. */
function raison(xhr) {
  if (!estPage(xhr)) return "";
  return new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-raison]")?.textContent ?? "";
}

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.status === 401) dire(SESSION);
  else dire(raison(xhr) || "L’acte n’a pas abouti. Réessayez dans un instant.");
});
document.addEventListener("htmx:sendError", () => dire("Connexion coupée : l’acte n’a pas été envoyé. Réessayez."));
