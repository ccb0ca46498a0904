//! The laws that may govern somebody's cover, as readers see them: each as the subject of a sentence, "where Irish law
//! governs the cover".

use domain::GoverningLaw;

spoken! {
    GoverningLaw
    Elsewhere {
        "the law of a country outside the European Economic Area",
        "het recht van een land buiten de Europese Economische Ruimte",
        "le droit d'un pays hors de l'Espace économique européen",
        "das Recht eines Landes außerhalb des Europäischen Wirtschaftsraums",
    }
    Austria {
        "Austrian law",
        "Oostenrijks recht",
        "le droit autrichien",
        "österreichisches Recht",
    }
    Belgium {
        "Belgian law",
        "Belgisch recht",
        "le droit belge",
        "belgisches Recht",
    }
    Bulgaria {
        "Bulgarian law",
        "Bulgaars recht",
        "le droit bulgare",
        "bulgarisches Recht",
    }
    Cyprus {
        "Cypriot law",
        "Cypriotisch recht",
        "le droit chypriote",
        "zyprisches Recht",
    }
    Czechia {
        "Czech law",
        "Tsjechisch recht",
        "le droit tchèque",
        "tschechisches Recht",
    }
    Germany {
        "German law",
        "Duits recht",
        "le droit allemand",
        "deutsches Recht",
    }
    Denmark {
        "Danish law",
        "Deens recht",
        "le droit danois",
        "dänisches Recht",
    }
    Estonia {
        "Estonian law",
        "Ests recht",
        "le droit estonien",
        "estnisches Recht",
    }
    Spain {
        "Spanish law",
        "Spaans recht",
        "le droit espagnol",
        "spanisches Recht",
    }
    Finland {
        "Finnish law",
        "Fins recht",
        "le droit finlandais",
        "finnisches Recht",
    }
    France {
        "French law",
        "Frans recht",
        "le droit français",
        "französisches Recht",
    }
    Greece {
        "Greek law",
        "Grieks recht",
        "le droit grec",
        "griechisches Recht",
    }
    Croatia {
        "Croatian law",
        "Kroatisch recht",
        "le droit croate",
        "kroatisches Recht",
    }
    Hungary {
        "Hungarian law",
        "Hongaars recht",
        "le droit hongrois",
        "ungarisches Recht",
    }
    Ireland {
        "Irish law",
        "Iers recht",
        "le droit irlandais",
        "irisches Recht",
    }
    Iceland {
        "Icelandic law",
        "IJslands recht",
        "le droit islandais",
        "isländisches Recht",
    }
    Italy {
        "Italian law",
        "Italiaans recht",
        "le droit italien",
        "italienisches Recht",
    }
    Liechtenstein {
        "the law of Liechtenstein",
        "Liechtensteins recht",
        "le droit liechtensteinois",
        "liechtensteinisches Recht",
    }
    Lithuania {
        "Lithuanian law",
        "Litouws recht",
        "le droit lituanien",
        "litauisches Recht",
    }
    Luxembourg {
        "the law of Luxembourg",
        "Luxemburgs recht",
        "le droit luxembourgeois",
        "luxemburgisches Recht",
    }
    Latvia {
        "Latvian law",
        "Lets recht",
        "le droit letton",
        "lettisches Recht",
    }
    Malta {
        "Maltese law",
        "Maltees recht",
        "le droit maltais",
        "maltesisches Recht",
    }
    Netherlands {
        "Dutch law",
        "Nederlands recht",
        "le droit néerlandais",
        "niederländisches Recht",
    }
    Norway {
        "Norwegian law",
        "Noors recht",
        "le droit norvégien",
        "norwegisches Recht",
    }
    Poland {
        "Polish law",
        "Pools recht",
        "le droit polonais",
        "polnisches Recht",
    }
    Portugal {
        "Portuguese law",
        "Portugees recht",
        "le droit portugais",
        "portugiesisches Recht",
    }
    Romania {
        "Romanian law",
        "Roemeens recht",
        "le droit roumain",
        "rumänisches Recht",
    }
    Sweden {
        "Swedish law",
        "Zweeds recht",
        "le droit suédois",
        "schwedisches Recht",
    }
    Slovenia {
        "Slovenian law",
        "Sloveens recht",
        "le droit slovène",
        "slowenisches Recht",
    }
    Slovakia {
        "Slovak law",
        "Slowaaks recht",
        "le droit slovaque",
        "slowakisches Recht",
    }
}
