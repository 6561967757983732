// Voir ce qu’on tape : bouton data-voir="id du champ".

for (const bouton of document.querySelectorAll("[data-voir]")) {
  const champ = document.getElementById(bouton.dataset.voir);
  if (!champ) continue;
  bouton.hidden = false;
  bouton.addEventListener("click", () => {
    const montre = champ.type === "password";
    champ.type = montre ? "text" : "password";
    bouton.setAttribute("aria-pressed", String(montre));
    bouton.querySelector("span").textContent = montre ? "Cacher" : "Voir";
    champ.focus();
  });
}
