"""Noms, métiers, lieux de la démonstration. Tout est inventé ; les téléphones viennent des plages réservées à la fiction."""

FEMMES = """Nadège Sabrina Fatou Karine Séverine Gwenaëlle Yasmina Katia Éléonore Cindy Océane Tiphaine Flavie Joséphine
Aïcha Brigitte Houria Lætitia Rosa Maïté Wassila Zoé Inès Amandine Urielle Delphine Émilie Coralie Prisca Marion Ilona
Kelly Ludivine Anissa Samia Mélanie Virginie Sandrine Stéphanie Élodie Aurélie Jessica Vanessa Priscilla Marie-Ange
Anne-Sophie Linh Thuý Mariama Aminata Kadiatou Natalia Agnieszka Svitlana Teodora Carmela Conceição Nour Salma Rania
Chaïma Hanane Latifa Zohra Marguerite Odile Ginette Sylviane Corinne Valérie Nathalie Christelle Bérengère Clémence
Manon Camille Chloé Justine Mathilde Pauline Charlotte Noémie Solène Anaïs Léa Eva Lucie Rose-Marie""".split()
HOMMES = """Pascal Jordan Mickaël Abdel Isidore Bilal Kamel Gaëtan Jérémy Ludovic Samir Dorian Hervé Nordine Moussa Loïc
Cédric Xavier Quentin Valentin Farid Philippe Eddy Yonas Teddy Amine Enzo Steeve Bruno Yanis Mateusz Bastien Christophe
Jean-Luc Jean-Baptiste Sébastien Grégory Thierry Didier Rémi Tony Kévin Maxence Théo Romain Antoine Guillaume Fabrice
Karim Rachid Mohamed Ahmed Youssef Ibrahima Ousmane Mamadou Cheikh Đức Tuấn Piotr Andrzej Mykola Ionuț João Rui Vittorio
Emre Şükrü Hassan Mehdi Walid Sofiane Nabil Franck Éric Gérard Raymond Michel Alain Patrick Olivier Arnaud Damien Julien
Florian Alexis Hugo Nathan Baptiste Corentin Erwan Gildas Léo Tom Noé Aurélien""".split()
NOMS = """Boutoille Goudaert Sarr Leuliet Vermeulen Delattre Tesfaye Baelen Haegeman Wyckaert Merzouk Podevin Outters
Rahmouni Wadoux Fournier Goemaere Naessens Meesemaecker Hamdani Baert Ferhat Quaghebeur Everaere Looten Caloone
Vanhoutte Zunequin Khelifi Idrissi Isaert Xhaard Tahon Hochart Verhaeghe Ghesquière Oudart Ulmer Dehaene Kerckhove Evrard
Pruvost Yahiaoui Coudeville Janssoone Joos Berkane Lemaitre Dubrulle Mahieux Roussel Soudani Dubuisson Lahcen Mendy
Vanderbeke Vasseur Lacroix Petit Bocquet Castelain Belkhiri Łęcki Nowak Nguyễn Trần Da-Silva Ferreira Popescu Kovalenko
Diallo Traoré Keita Camara Benali Bouzid Haddad Mansouri Cherif Ouattara Şahin Yılmaz Rossi Esposito D’Hulster D’Hœne
L’Hermitte De-Backer Vandewalle Vandenbussche Van-den-Berghe Decool Deswarte Ryckelynck Schoonheere Spilliaert Top Blanckaert
Bommelaer Carpentier Cousin Debruyne Degrave Delahaye Delplanque Demol Deroo Devulder Dewaele Dezitter Duhoux Flament
Fockenoy Gokelaere Hallouin Hocquet Huyghe Lefebvre Leroy Lescieux Macquet Marquette Moreel Neuville Peene Pladys
Quatannens Robyn Sansen Seynave Staelen Taverne Thoor Torris Vanbatten Vanderlynden Vandaele Vantorre Verbeke Vitse
Wallyn Winnock Ysenbaert Zègre""".split()
RUES = ["rue de l’Écluse", "rue des Dunes", "avenue de la Mer", "rue du Moulin", "rue Jean-Bart", "allée des Oyats",
        "rue de l’Église", "rue du Courghain", "place du Marché", "rue des Pêcheurs", "rue du Phare", "quai des Hollandais",
        "rue des Saules", "boulevard de la République", "résidence des Goélands, bâtiment C"]  # fmt: skip

# (nom, adresse, téléphone, communes servies par code INSEE, nombre de conseillers sur 12)
ANTENNES = [
    ("Dunkerque", "12 quai de l’Exemple, 59140 Dunkerque", "03 53 01 00 10", ["59183", "59340", "59668", "59107"], 5),
    ("Grande-Synthe", "3 place de l’Exemple, 59760 Grande-Synthe", "03 53 01 00 20",
     ["59271", "59359", "59532", "59159"], 3),
    ("Coudekerque-Branche", "8 rue de l’Exemple, 59210 Coudekerque-Branche", "03 53 01 00 30",
     ["59155", "59131", "59588", "59260", "59016", "59576"], 2),
    ("Gravelines", "1 rue de l’Exemple, 59820 Gravelines", "03 53 01 00 40", ["59273", "59272", "59094"], 2),
]  # fmt: skip
# Inventé pour la démonstration : le texte du projet ne nomme pas les deux communes qui n’adhèrent pas.
COMMUNES_NON_ADHERENTES = ("59668", "59159")

EQUIPE = [  # (civilité, prénom, nom) des conseillers, dans l’ordre des antennes ; le premier de Grande-Synthe est le compte « conseiller »
    ("M.", "Yanis", "Hocquet"), ("Mme", "Samira", "Duhoux"), ("M.", "Tristan", "Vanbelle"), ("Mme", "Odile", "Carlier"),
    ("M.", "Nassim", "Boukhari"), ("Mme", "Claire", "Vandamme"), ("M.", "Julien", "Staes"), ("Mme", "Rachel", "Lemoine"),
    ("Mme", "Mireille", "Coppin"), ("M.", "Gaspard", "Wable"), ("Mme", "Sonia", "Merlin"), ("M.", "Armand", "Delbecq"),
]  # fmt: skip
COMPTES = [  # (rôle, civilité, prénom, nom)
    ("responsable", "Mme", "Anne", "Desprez"),
    ("statistiques", "M.", "Hugo", "Lemaire"),
    ("animation", "Mme", "Béatrice", "Caron"),
    ("entreprises", "M.", "Vincent", "Galloo"),
    ("animateur", "Mme", "Leïla", "Ziani"),
    ("operateur", "M.", "Paul", "Ringot"),
    ("auditeur", "Mme", "Hélène", "Marchal"),
    ("administrateur", "M.", "Denis", "Fiévet"),
]
ORGANISATIONS = [  # (genre, nom) ; le premier agent de la première est le compte « prescripteur »
    ("mission_locale", "Mission locale de Dunkerque"), ("france_travail", "France Travail Dunkerque Centre"),
    ("france_travail", "France Travail Grande-Synthe"), ("cap_emploi", "Cap emploi du Littoral"),
    ("departement", "Département du Nord, pôle insertion"), ("ccas", "CCAS de Dunkerque"), ("ccas", "CCAS de Grande-Synthe"),
    ("ccas", "CCAS de Gravelines"), ("commune", "Mairie de Coudekerque-Branche"), ("cud", "Communauté urbaine, mission emploi"),
    ("region", "Région, antenne de Dunkerque"), ("etat", "DDETS du Nord"), ("spip", "SPIP de Dunkerque"), ("pjj", "PJJ Littoral"),
    ("caf", "CAF du Nord, Dunkerque"), ("msa", "MSA Flandre"), ("association", "Association Le Phare"), ("siae", "Jardins du Littoral"),
    ("chrs", "CHRS L’Escale"), ("cidff", "CIDFF du Littoral"), ("csapa", "CSAPA La Passerelle"),
    ("organisme_formation", "Opal Formation"), ("autre", "Réseau des écoutants"),
]  # fmt: skip
AGENTS = [("Mme", "Maud", "Ferrand"), ("M.", "Olivier", "Thomas"), ("Mme", "Lucie", "Marquette"), ("M.", "Rémi", "Cousin"),
          ("Mme", "Inès", "Hallouin"), ("M.", "Bernard", "Picquet"), ("Mme", "Sarah", "Noël"), ("M.", "Kader", "Mebarki")]  # fmt: skip
METIERS = ["aide à domicile", "employée ou employé de restauration collective", "agent d’entretien", "soudeur", "cariste",
           "préparateur de commandes", "agent des espaces verts", "auxiliaire de puériculture", "vendeur en boulangerie",
           "conducteur de bus", "agent d’accueil", "peintre en bâtiment", "magasinier", "aide-soignant", "opérateur de production",
           "employé de libre-service", "agent de propreté urbaine", "accompagnant éducatif", "couvreur", "secrétaire médicale"]  # fmt: skip
