//! Invented people's names, from small lists of given and family names of many cultures. Any likeness
//! to a living person is chance.

/// Names of one culture.
pub(crate) struct Culture {
    pub(crate) women: &'static [&'static str],
    pub(crate) men: &'static [&'static str],
    pub(crate) families: &'static [&'static str],
}

macro_rules! culture {
    ([$($woman:literal)+] [$($man:literal)+] [$($family:literal)+]) => {
        Culture { women: &[$($woman),+], men: &[$($man),+], families: &[$($family),+] }
    };
}

/// The cultures; places refer to them by their position.
pub(crate) const CULTURES: &[Culture] = &[
    // 0: Dutch and Flemish
    culture!(["Lotte" "Femke" "Marieke" "Noor" "Anneleen" "Griet" "Saskia" "Hanne"]
        ["Pieter" "Joris" "Wout" "Bram" "Koen" "Sander" "Jef" "Ruben"]
        ["Van den Broeck" "De Smedt" "Janssens" "Verhaegen" "Hoekstra" "Bakker" "Willaert" "De Wachter" "Dijkstra" "Goossens"]),
    // 1: French
    culture!(["Élise" "Camille" "Noémie" "Océane" "Margaux" "Hélène" "Chloé" "Agnès"]
        ["Étienne" "Loïc" "Gaël" "Jérôme" "Théo" "Benoît" "François" "Rémi"]
        ["Lefèvre" "Moreau" "Béranger" "Dubois" "Garnier" "Château" "Rousseau" "Périer" "Delacroix" "Marchand"]),
    // 2: German
    culture!(["Katharina" "Jördis" "Annika" "Greta" "Heike" "Lena" "Ursula" "Frieda"]
        ["Jürgen" "Matthias" "Björn" "Lukas" "Götz" "Stefan" "Ralf" "Uwe"]
        ["Müller" "Schäfer" "Krüger" "Weiß" "Hoffmann" "Böhm" "Vogel" "Zimmermann" "Lindner" "Köhler"]),
    // 3: Spanish
    culture!(["Lucía" "Begoña" "Inés" "Marta" "Rocío" "Pilar" "Itziar" "Ximena"]
        ["Íñigo" "Andrés" "Joaquín" "Rubén" "Álvaro" "Sergio" "Tomás" "Martín"]
        ["García Núñez" "Ibáñez" "Muñoz" "Ortega" "Peña" "Domínguez" "Vázquez" "Echeverría" "Castaño" "Serrano"]),
    // 4: Italian
    culture!(["Giulia" "Chiara" "Ludovica" "Beatrice" "Noemi" "Ilaria" "Caterina" "Elisa"]
        ["Niccolò" "Matteo" "Lorenzo" "Davide" "Giosuè" "Tommaso" "Fabio" "Pietro"]
        ["Rossi" "Colombo" "Marchetti" "Bellini" "D'Angelo" "Ferrara" "Conti" "Gallo" "Montanari" "Santoro"]),
    // 5: Portuguese
    culture!(["Inês" "Mariana" "Conceição" "Beatriz" "Joana" "Luísa" "Teresa" "Catarina"]
        ["João" "Tiago" "Gonçalo" "Rui" "Simão" "Nuno" "Duarte" "Vasco"]
        ["Gonçalves" "Magalhães" "Ferreira" "Araújo" "Simões" "Teixeira" "Brandão" "Lourenço" "Pinto" "Sequeira"]),
    // 6: British and Irish
    culture!(["Harriet" "Siobhán" "Aoife" "Fiona" "Gwen" "Imogen" "Niamh" "Rosalind"]
        ["Callum" "Seán" "Rhys" "Alistair" "Oisín" "Gareth" "Rory" "Edmund"]
        ["O'Connor" "MacLeod" "Ashworth" "Ó Briain" "Pritchard" "Fairclough" "Kavanagh" "Whitfield" "Penrose" "Drummond"]),
    // 7: Polish
    culture!(["Agnieszka" "Małgorzata" "Zofia" "Kinga" "Grażyna" "Iga" "Jagoda" "Elżbieta"]
        ["Łukasz" "Paweł" "Grzegorz" "Michał" "Zbigniew" "Wojciech" "Kamil" "Sławomir"]
        ["Kowalczyk" "Wiśniewski" "Dąbrowski" "Żeromski" "Nowak" "Zieliński" "Wójcik" "Szymański" "Pawłowski" "Jabłoński"]),
    // 8: Nordic
    culture!(["Åsa" "Ingrid" "Sólveig" "Maja" "Kirsten" "Tuuli" "Freja" "Linnéa"]
        ["Søren" "Håkon" "Björn" "Mikkel" "Väinö" "Anders" "Gunnar" "Lasse"]
        ["Sørensen" "Lindqvist" "Åkesson" "Nygård" "Rasmussen" "Järvinen" "Holm" "Þórsson" "Bergström" "Kjær"]),
    // 9: Turkish
    culture!(["Ayşe" "Elif" "Zeynep" "Gülşah" "Defne" "Nilüfer" "Şirin" "Melike"]
        ["Mehmet" "Çağrı" "Emre" "Oğuz" "Kerem" "Barış" "Tuncay" "Ümit"]
        ["Yılmaz" "Öztürk" "Demir" "Şahin" "Çelik" "Aydın" "Koç" "Güneş" "Erdoğmuş" "Kılıç"]),
    // 10: Arabic, romanised
    culture!(["Amina" "Layla" "Yasmine" "Nour" "Salma" "Rania" "Hafsa" "Dunya"]
        ["Karim" "Youssef" "Omar" "Tariq" "Idris" "Samir" "Bilal" "Nadim"]
        ["El Idrissi" "Haddad" "Benali" "Al-Masri" "Khoury" "Mansour" "Zeroual" "Farouk" "Saidi" "Nasser"]),
    // 11: West and East African
    culture!(["Amara" "Wanjiru" "Adaeze" "Akosua" "Folasade" "Nia" "Zawadi" "Efua"]
        ["Kwame" "Chinedu" "Kamau" "Babajide" "Otieno" "Kofi" "Obinna" "Juma"]
        ["Okafor" "Mwangi" "Mensah" "Adéyẹmí" "Ochieng" "Boateng" "Nwosu" "Kiplagat" "Owusu" "Balogun"]),
    // 12: South Asian
    culture!(["Priya" "Ananya" "Meera" "Kavya" "Ishani" "Nandini" "Rukmini" "Divya"]
        ["Arjun" "Rohan" "Vikram" "Nikhil" "Sanjay" "Aditya" "Harish" "Kiran"]
        ["Sharma" "Iyer" "Chatterjee" "Reddy" "Kulkarni" "Patel" "Nair" "Bhattacharya" "Deshpande" "Menon"]),
    // 13: East Asian, romanised, family name last as printed here
    culture!(["Mei" "Yuki" "Ji-woo" "Xiù" "Haruka" "Lan" "Sakura" "Min-seo"]
        ["Wěi" "Kenji" "Min-jun" "Hiroshi" "Jun" "Minh" "Takumi" "Seo-jun"]
        ["Chén" "Tanaka" "Kim" "Nguyễn" "Lín" "Yamamoto" "Park" "Trần" "Wáng" "Kobayashi"]),
];
