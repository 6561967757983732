// Du code postal à la commune : data-commune="#id du select" sur le champ du code postal.
// La liste vient de /territoire/communes/?code_postal=… : [{insee, nom, adherente, antenne}].
// Sans script, le select garde toutes les communes que le serveur y a mises.

const ADRESSE = "/territoire/communes/";

function dire(aide, commune) {
  if (!aide) return;
  aide.className = "form-hint etat " + (commune?.adherente ? "e-ok" : "e-attention");
  if (!commune) aide.textContent = "";
  else if (commune.adherente) aide.textContent = `Territoire du PLIE${commune.antenne ? `, antenne de ${commune.antenne}` : ""}`;
  else aide.textContent = "Hors du territoire du PLIE, ou adhésion à confirmer";
}

function brancher(codePostal) {
  const liste = document.querySelector(codePostal.dataset.commune);
  if (!liste) return;
  const aide = codePostal.dataset.communeAide
    ? document.querySelector(codePostal.dataset.communeAide)
    : liste.insertAdjacentElement("afterend", Object.assign(document.createElement("p"), { className: "form-hint" }));
  aide.setAttribute("role", "status");
  const origine = [...liste.options].map((o) => o.cloneNode(true));
  let communes = [];
  let demande = "";

  const choisie = () => communes.find((c) => c.insee === liste.value);

  async function chercher() {
    const code = codePostal.value.replace(/\D/g, "");
    if (code.length !== 5 || code === demande) return;
    demande = code;
    try {
      const reponse = await fetch(`${ADRESSE}?code_postal=${code}`, { headers: { Accept: "application/json" } });
      if (!reponse.ok) return;
      communes = await reponse.json();
    } catch {
      demande = ""; // la liste entière reste utilisable ; on réessaiera au prochain changement
      return;
    }
    const avant = liste.value;
    if (!communes.length) {
      liste.replaceChildren(...origine.map((o) => o.cloneNode(true)));
      aide.className = "form-hint";
      aide.textContent = "Aucune commune du territoire à ce code postal.";
      return;
    }
    liste.replaceChildren(...communes.map((c) => new Option(c.nom, c.insee, false, c.insee === avant)));
    if (communes.length > 1) liste.prepend(new Option("Choisir la commune", "", true, !choisie()));
    liste.dispatchEvent(new Event("change", { bubbles: true }));
  }

  codePostal.addEventListener("input", chercher);
  codePostal.addEventListener("change", chercher);
  liste.addEventListener("change", () => dire(aide, choisie()));
  chercher();
}

document.querySelectorAll("[data-commune]").forEach(brancher);
