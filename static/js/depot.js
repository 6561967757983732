// Des fichiers choisis, glissés ou photographiés : la liste montre chacun, son type, et ce qui ne passera pas.
// La barre suit l’envoi quand htmx envoie le formulaire ; sinon elle dit seulement que l’envoi est en cours.

const MO = 1024 * 1024;
const taille = (octets) =>
  octets < MO / 10
    ? `${Math.ceil(octets / 1024)} Ko`
    : `${(octets / MO).toLocaleString("fr-FR", { maximumFractionDigits: 1 })} Mo`;

function brancher(depot) {
  const champ = depot.querySelector("input[type=file]:not([data-depot-photo])");
  const photo = depot.querySelector("[data-depot-photo]");
  const zone = depot.querySelector(".depot");
  const liste = depot.querySelector("[data-depot-liste]");
  const modele = depot.querySelector("[data-depot-modele]");
  const progres = depot.querySelector("[data-depot-progres]");
  const maximum = Number(depot.dataset.tailleMax) * MO;
  const extensions = depot.dataset.accept.split(",").map((e) => e.trim().toLowerCase());
  let gardes = [];

  champ.classList.add("visually-hidden");
  if (photo) photo.hidden = false;
  depot.querySelectorAll("[data-depot-bouton]").forEach((bouton) => (bouton.hidden = false));
  depot.querySelector("[data-depot-invite]").textContent = champ.multiple
    ? "Déposez ici les fichiers ou les photos"
    : "Déposez ici le fichier ou la photo";

  function refus(fichier) {
    const nom = fichier.name.toLowerCase();
    if (!extensions.some((e) => nom.endsWith(e))) return "format refusé : PDF, image ou texte";
    if (fichier.size > maximum) return `${taille(fichier.size)} : trop lourd, ${depot.dataset.tailleMax} Mo au plus`;
    if (!fichier.size) return "fichier vide";
    return "";
  }

  function poser() {
    const transfert = new DataTransfer();
    gardes.forEach(({ fichier }) => transfert.items.add(fichier));
    champ.files = transfert.files;
  }

  function ligne(fichier, motif) {
    const element = modele.content.firstElementChild.cloneNode(true);
    element.querySelector("[data-nom]").textContent = fichier.name;
    const avis = element.querySelector("[data-avis]");
    avis.classList.add(motif ? "e-retard" : "e-ok");
    avis.textContent = motif || `prêt, ${taille(fichier.size)}`;
    const type = element.querySelector("select");
    if (type && motif) type.remove();
    else if (type) type.setAttribute("aria-label", `Type de ${fichier.name}`);
    const retirer = element.querySelector("[data-retirer]");
    retirer.setAttribute("aria-label", `Retirer ${fichier.name}`);
    retirer.addEventListener("click", () => {
      gardes = gardes.filter((g) => g.element !== element);
      element.remove();
      poser();
      champ.focus();
    });
    return element;
  }

  function ajouter(fichiers) {
    for (const fichier of fichiers) {
      const double = gardes.some((g) => g.fichier.name === fichier.name && g.fichier.size === fichier.size);
      if (double) continue;
      const motif = refus(fichier);
      const element = ligne(fichier, motif);
      if (!champ.multiple) {
        gardes = [];
        liste.replaceChildren();
      }
      if (!motif) gardes.push({ fichier, element });
      liste.append(element);
    }
    poser();
  }

  champ.addEventListener("change", () => ajouter([...champ.files]));
  photo?.addEventListener("change", () => {
    ajouter([...photo.files]);
    photo.value = "";
  });
  for (const nom of ["dragenter", "dragover"]) {
    zone.addEventListener(nom, (evenement) => {
      evenement.preventDefault();
      zone.classList.add("depot-survol");
    });
  }
  for (const nom of ["dragleave", "drop"]) zone.addEventListener(nom, () => zone.classList.remove("depot-survol"));
  zone.addEventListener("drop", (evenement) => {
    evenement.preventDefault();
    ajouter([...evenement.dataTransfer.files]);
  });

  const formulaire = champ.form;
  formulaire?.addEventListener("submit", () => {
    progres.hidden = !gardes.length;
    progres.removeAttribute("value");
  });
  formulaire?.addEventListener("htmx:xhr:progress", ({ detail }) => {
    if (detail.lengthComputable && detail.total) progres.value = (100 * detail.loaded) / detail.total;
  });
  formulaire?.addEventListener("htmx:afterRequest", () => (progres.hidden = true));
}

const chercher = (racine) => racine.querySelectorAll?.("[data-depot]:not([data-pret])").forEach((depot) => {
  depot.dataset.pret = "";
  brancher(depot);
});
chercher(document);
document.addEventListener("htmx:load", ({ target }) => chercher(target));
