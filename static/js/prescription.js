// La demande : imprimer. La file : cocher la page, et dire combien de demandes sont cochées.

document.addEventListener("click", (evenement) => {
  if (!evenement.target.closest?.('a[href="?imprimer"]')) return;
  evenement.preventDefault();
  window.print();
});

const tout = document.querySelector("[data-cocher-tout]");
const compte = document.querySelector("[data-coches]");
const cases = () => [...document.querySelectorAll('input[name="demandes"]')];

function compter() {
  const nombre = cases().filter((c) => c.checked).length;
  compte.textContent = nombre ? `${nombre} ${nombre > 1 ? "cochées" : "cochée"}` : "Cochez les entrées à acter";
  tout.checked = nombre > 0 && nombre === cases().length;
  tout.indeterminate = nombre > 0 && nombre < cases().length;
  const noms = cases().filter((c) => c.checked).map((c) => c.closest("tr").querySelector(".nom").textContent);
  document.querySelector("[data-cochees]")?.replaceChildren(
    ...noms.map((nom) => Object.assign(document.createElement("li"), { textContent: nom })),
  );
}

if (tout && compte) {
  tout.hidden = false;
  tout.addEventListener("change", () => {
    cases().forEach((c) => (c.checked = tout.checked));
    compter();
  });
  document.addEventListener("change", ({ target }) => target.name === "demandes" && compter());
  window.addEventListener("pageshow", compter);
}
