// Le contrôle : agrandir, tourner, plein écran, et dire tout de suite si la date tapée couvre l’entrée.
// Les touches sont déclarées sur les boutons (raccourcis.js) ; le serveur juge toujours en dernier.

const MOIS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];

document.querySelector(".pieces [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// La visionneuse

const visionneuse = document.querySelector("[data-visionneuse]");
const images = [...(visionneuse?.querySelectorAll("[data-image]") ?? [])];

function brancher(selecteur, acte) {
  const bouton = visionneuse?.querySelector(selecteur);
  if (!bouton) return;
  bouton.hidden = false;
  bouton.addEventListener("click", acte);
}

/** L’image que l’on a sous les yeux : la plus proche du milieu de l’écran. */
function regardee() {
  const ecart = (image) => {
    const { top, bottom } = image.getBoundingClientRect();
    return Math.abs((top + bottom) / 2 - innerHeight / 2);
  };
  return images.reduce((proche, image) => (ecart(image) < ecart(proche) ? image : proche));
}

if (images.length) {
  brancher("[data-zoom]", () => regardee().classList.toggle("agrandie"));
  brancher("[data-tourner]", () => {
    const image = regardee();
    const quarts = Number(image.dataset.quarts ?? 0);
    image.classList.remove(`tourne-${quarts}`);
    image.dataset.quarts = (quarts + 1) % 4;
    if (quarts < 3) image.classList.add(`tourne-${quarts + 1}`);
  });
}
if (document.fullscreenEnabled) {
  brancher("[data-plein-ecran]", () =>
    document.fullscreenElement ? document.exitFullscreen() : visionneuse.requestFullscreen(),
  );
}
images.forEach((image) => image.addEventListener("click", () => image.classList.toggle("agrandie")));

// La date lue sur la pièce

const avis = document.querySelector("[data-validite]");
const champ = avis?.closest(".pt").querySelector("input");

/** La date tapée (jj/mm/aaaa), ou null : ce n’en est pas une. */
function lire(texte) {
  const [, j, m, a] = /^\s*(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})\s*$/.exec(texte) ?? [];
  const date = new Date(Date.UTC(a, m - 1, j));
  return date.getUTCDate() === Number(j) && date.getUTCMonth() === m - 1 ? date : null;
}

/** Comme le serveur : le 31 janvier plus un mois est le dernier jour de février. */
function ajouterMois(date, mois) {
  const premier = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + mois, 1));
  const dernier = new Date(Date.UTC(premier.getUTCFullYear(), premier.getUTCMonth() + 1, 0)).getUTCDate();
  premier.setUTCDate(Math.min(date.getUTCDate(), dernier));
  return premier;
}

function enToutesLettres(date) {
  const jour = date.getUTCDate() === 1 ? "1er" : date.getUTCDate();
  const annee = date.getUTCFullYear() === new Date().getFullYear() ? "" : ` ${date.getUTCFullYear()}`;
  return `${jour} ${MOIS[date.getUTCMonth()]}${annee}`;
}

function dire(texte, etat) {
  const cadre = avis.querySelector(".etat");
  cadre.className = `etat e-${etat}`;
  cadre.lastChild.textContent = texte;
  const icone = { ok: "circle-check", retard: "circle-x", attention: "alert-triangle" }[etat];
  const use = cadre.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${icone}`));
}

champ?.addEventListener("input", () => {
  const date = lire(champ.value);
  const mois = Number(avis.dataset.mois);
  if (!date) return dire(champ.value.trim() || mois ? "Date à lire sur la pièce" : "Sans limite", mois || champ.value.trim() ? "attention" : "ok");
  if (mois && date > new Date()) return dire("Cette date est dans le futur", "retard");
  const limite = mois ? ajouterMois(date, mois) : date;
  const couvre = limite >= new Date(`${avis.dataset.entree}T00:00:00Z`);
  return dire(`Vaut jusqu’au ${enToutesLettres(limite)}, ${couvre ? "couvre" : "ne couvre pas"} l’entrée`, couvre ? "ok" : "retard");
});
