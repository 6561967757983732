// Le bouton d’un champ de fichier dit ce qui est choisi : le nom, ou combien ils sont.

document.addEventListener("change", ({ target }) => {
  const choisi = target.closest?.(".fichier")?.querySelector("[data-choisi]");
  if (!choisi) return;
  const fichiers = [...target.files];
  if (fichiers.length > 1) choisi.textContent = `${fichiers.length} fichiers`;
  else choisi.textContent = fichiers[0]?.name ?? "Choisir";
});
