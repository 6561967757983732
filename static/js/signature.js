// Signer : au doigt, au stylet ou à la souris (SignaturePad), ou en tapant son nom.
// Le tracé est gardé en chemin SVG, dans un cadre de 600 × 260, et suit les changements de taille de l’écran.

const LARGEUR = 600;
const HAUTEUR = 260;
const ENCRE = "#10214f";
const arrondi = (nombre) => Math.round(nombre * 10) / 10;

/** Un chemin SVG lissé, à partir des traits de SignaturePad ramenés au cadre. */
function chemin(traits, echelle, dx, dy) {
  return traits
    .map(({ points }) => points.map(({ x, y }) => [arrondi(x * echelle + dx), arrondi(y * echelle + dy)]))
    .filter((points) => points.length)
    .map(([[x, y], ...suite]) => {
      if (!suite.length) return `M${x} ${y}h.1`;
      let trace = `M${x} ${y}`;
      let [px, py] = [x, y];
      for (const [sx, sy] of suite) {
        trace += `Q${px} ${py} ${arrondi((px + sx) / 2)} ${arrondi((py + sy) / 2)}`;
        [px, py] = [sx, sy];
      }
      return `${trace}L${px} ${py}`;
    })
    .join("");
}

function brancher(racine) {
  const zone = racine.querySelector("[data-pad-zone]");
  const toile = racine.querySelector("[data-pad-encre]");
  const saisie = racine.querySelector("[data-pad-saisie]");
  const nom = saisie.querySelector("input");
  const trace = racine.querySelector("[data-pad-trace]");
  const etat = racine.querySelector("[data-pad-etat]");
  const effacer = racine.querySelector("[data-pad-effacer]");
  const taper = racine.querySelector("[data-pad-taper]");
  let taille = { largeur: 0, hauteur: 0 };
  let repris = trace.value; // un tracé que la page rendue portait déjà

  saisie.hidden = !nom.value;
  zone.hidden = !saisie.hidden;
  taper.hidden = false;
  nommer();
  const pad = new window.SignaturePad(toile, { penColor: ENCRE, minWidth: 0.9, maxWidth: 2.6 });

  function nommer() {
    taper.lastChild.textContent = saisie.hidden ? "Taper mon nom" : "Signer à la main";
  }

  /** Du cadre de l’écran à celui du tracé : l’échelle, puis les marges. */
  function rapport() {
    const { largeur, hauteur } = taille;
    const echelle = Math.min(LARGEUR / largeur, HAUTEUR / hauteur);
    return [echelle, (LARGEUR - largeur * echelle) / 2, (HAUTEUR - hauteur * echelle) / 2];
  }

  function relever() {
    trace.value = pad.isEmpty() || !taille.largeur ? repris : repris + chemin(pad.toData(), ...rapport());
  }

  function redessiner() {
    if (!repris) return;
    const [echelle, dx, dy] = rapport();
    const encre = toile.getContext("2d");
    encre.save();
    encre.scale(1 / echelle, 1 / echelle);
    encre.translate(-dx, -dy);
    Object.assign(encre, { strokeStyle: ENCRE, lineWidth: 1.8 * echelle, lineCap: "round", lineJoin: "round" });
    encre.stroke(new Path2D(repris));
    encre.restore();
  }

  function vider() {
    pad.clear();
    repris = trace.value = "";
  }

  function montrer() {
    const signe = Boolean(trace.value) || Boolean(nom.value.trim());
    zone.classList.toggle("pad-signe", Boolean(trace.value));
    zone.classList.toggle("pad-actif", !trace.value);
    effacer.hidden = !trace.value;
    taper.hidden = Boolean(trace.value);
    etat.textContent = signe ? "Signature posée" : "doigt, stylet ou souris";
    racine.dispatchEvent(new CustomEvent("plie:signature", { bubbles: true, detail: { signe } }));
  }

  function ajuster() {
    const cadre = zone.getBoundingClientRect();
    const [largeur, hauteur] = [zone.clientWidth, zone.clientHeight];
    if (!cadre.width || (largeur === taille.largeur && hauteur === taille.hauteur)) return;
    const traits = pad.toData();
    const agrandi = taille.largeur ? Math.min(largeur / taille.largeur, hauteur / taille.hauteur) : 1;
    const densite = Math.max(window.devicePixelRatio || 1, 1);
    toile.width = largeur * densite;
    toile.height = hauteur * densite;
    toile.getContext("2d").scale(densite, densite);
    taille = { largeur, hauteur };
    pad.clear();
    if (traits.length) {
      pad.fromData(
        traits.map((trait) => ({
          ...trait,
          points: trait.points.map((point) => ({ ...point, x: point.x * agrandi, y: point.y * agrandi })),
        })),
      );
    }
    redessiner();
  }

  pad.addEventListener("endStroke", () => {
    relever();
    nom.value = "";
    montrer();
    trace.dispatchEvent(new Event("change", { bubbles: true }));
  });
  effacer.addEventListener("click", () => {
    vider();
    montrer();
    trace.dispatchEvent(new Event("change", { bubbles: true }));
  });
  taper.addEventListener("click", () => {
    saisie.hidden = !saisie.hidden;
    zone.hidden = !saisie.hidden;
    nommer();
    if (saisie.hidden) {
      nom.value = "";
      ajuster();
    } else {
      vider();
      nom.focus();
    }
    montrer();
  });
  nom.addEventListener("input", montrer);
  new ResizeObserver(ajuster).observe(zone);
  ajuster();
  montrer();
}

const chercher = (racine) => racine.querySelectorAll?.("[data-pad]:not([data-pret])").forEach((pad) => {
  pad.dataset.pret = "";
  brancher(pad);
});
chercher(document);
document.addEventListener("htmx:load", ({ target }) => chercher(target));
