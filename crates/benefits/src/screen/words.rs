//! What a flag says to whoever looks at it, in four languages: what the rule noticed, and what it rests on. It never says that
//! somebody did wrong.

use domain::{Language, ScreenFlag, ScreenRule};

use crate::phrase::{Phrase, phrases};

phrases! {
    SAME_CLAIM: "The same services were claimed before", "Dezelfde zorg is al eerder gedeclareerd",
        "Les mêmes soins ont déjà été demandés", "Dieselben Leistungen wurden schon einmal eingereicht";
    NEAR_CLAIM: "The same amount of the same provider was claimed for the day before or after",
        "Hetzelfde bedrag van dezelfde zorgverlener is gedeclareerd voor de dag ervoor of erna",
        "Le même montant du même prestataire a été demandé pour la veille ou le lendemain",
        "Derselbe Betrag desselben Leistungserbringers wurde für den Tag davor oder danach eingereicht";
    SAME_DOCUMENT: "An earlier claim has the same invoice number of the same provider",
        "Een eerdere declaratie heeft hetzelfde factuurnummer van dezelfde zorgverlener",
        "Une demande antérieure porte le même numéro de facture du même prestataire",
        "Ein früherer Antrag hat dieselbe Rechnungsnummer desselben Leistungserbringers";
    DOCUMENT_OF_OTHERS: "Claims of other people have the same invoice number, day and amount",
        "Declaraties van anderen hebben hetzelfde factuurnummer, dezelfde dag en hetzelfde bedrag",
        "Des demandes d’autres personnes ont le même numéro de facture, le même jour et le même montant",
        "Anträge anderer Personen haben dieselbe Rechnungsnummer, denselben Tag und denselben Betrag";
    OVERLAPPING_STAYS: "Stays in hospital at two providers overlap", "Opnames bij twee zorgverleners overlappen",
        "Des séjours chez deux prestataires se chevauchent", "Aufenthalte bei zwei Leistungserbringern überschneiden sich";
    CARE_DURING_STAY: "Care elsewhere falls within a stay in hospital", "Zorg elders valt binnen een ziekenhuisopname",
        "Des soins ailleurs tombent pendant un séjour à l’hôpital",
        "Eine Behandlung anderswo fällt in einen Krankenhausaufenthalt";
    AFTER_DEATH: "A service is later than the recorded death", "Zorg is later dan het geregistreerde overlijden",
        "Des soins sont postérieurs au décès enregistré", "Eine Leistung liegt nach dem erfassten Tod";
    BEFORE_BIRTH: "A service is earlier than the recorded birth", "Zorg is eerder dan de geregistreerde geboorte",
        "Des soins sont antérieurs à la naissance enregistrée", "Eine Leistung liegt vor der erfassten Geburt";
    OUTSIDE_COVER: "A service falls on a day without cover", "Zorg valt op een dag zonder dekking",
        "Des soins tombent un jour sans couverture", "Eine Leistung fällt auf einen Tag ohne Deckung";
    OTHER_SEX: "A diagnosis is one of the other sex than is recorded",
        "Een diagnose hoort bij een ander geslacht dan geregistreerd",
        "Un diagnostic relève de l’autre sexe que celui enregistré",
        "Eine Diagnose gehört zum anderen Geschlecht als erfasst";
    OTHER_AGE: "A diagnosis is one of another age", "Een diagnose hoort bij een andere leeftijd",
        "Un diagnostic relève d’un autre âge", "Eine Diagnose gehört zu einem anderen Alter";
    APART_FROM_BUNDLE: "Parts of a service were claimed apart from the whole on one day",
        "Onderdelen van een prestatie zijn op één dag los van het geheel gedeclareerd",
        "Des éléments d’une prestation ont été demandés séparément du tout le même jour",
        "Teile einer Leistung wurden am selben Tag getrennt vom Ganzen eingereicht";
    PROVIDER_DAY: "The provider has more claims on one day than are usual",
        "De zorgverlener heeft meer declaraties op één dag dan gebruikelijk",
        "Le prestataire a plus de demandes en un jour que d’habitude",
        "Der Leistungserbringer hat an einem Tag mehr Anträge als üblich";
    NEW_PROVIDER: "A provider that was not known before has many claims",
        "Een zorgverlener die eerder niet bekend was, heeft veel declaraties",
        "Un prestataire inconnu auparavant a beaucoup de demandes",
        "Ein zuvor unbekannter Leistungserbringer hat viele Anträge";
    SHARED_ACCOUNT: "People who are not covered together are paid to one account",
        "Mensen die niet samen gedekt zijn, worden op één rekening betaald",
        "Des personnes qui ne sont pas couvertes ensemble sont payées sur un même compte",
        "Personen, die nicht gemeinsam versichert sind, werden auf ein Konto bezahlt";
    NEW_ACCOUNT: "The account changed shortly before a large claim", "De rekening veranderde kort voor een grote declaratie",
        "Le compte a changé peu avant une demande importante", "Das Konto wechselte kurz vor einem hohen Antrag";
    INVOICE_SEQUENCE: "The provider's invoices to this person follow one another without a gap over weeks",
        "De facturen van de zorgverlener aan deze persoon volgen weken lang zonder onderbreking op elkaar",
        "Les factures du prestataire à cette personne se suivent sans interruption pendant des semaines",
        "Die Rechnungen des Leistungserbringers an diese Person folgen über Wochen lückenlos aufeinander";
    ROUND_AMOUNTS: "Every amount is a round one", "Elk bedrag is rond", "Tous les montants sont ronds", "Alle Beträge sind rund";
    FIRST_DIGITS: "The first digits of the amounts are spread otherwise than those of invoices are",
        "De eerste cijfers van de bedragen zijn anders verdeeld dan die van facturen",
        "Les premiers chiffres des montants sont répartis autrement que ceux de factures",
        "Die ersten Ziffern der Beträge sind anders verteilt als die von Rechnungen";
    WEEKENDS: "Most services were given at weekends", "De meeste zorg is in het weekend gegeven",
        "La plupart des soins ont été donnés le week-end", "Die meisten Leistungen wurden am Wochenende erbracht";
    SOON_AFTER_START: "A large claim soon after cover began", "Een grote declaratie kort na het begin van de dekking",
        "Une demande importante peu après le début de la couverture", "Ein hoher Antrag kurz nach Beginn der Deckung";
    JUST_UNDER_LIMIT: "An amount is just below what needs authorisation",
        "Een bedrag ligt net onder wat toestemming nodig heeft",
        "Un montant est juste en dessous de ce qui demande une autorisation",
        "Ein Betrag liegt knapp unter dem, was einer Genehmigung bedarf";
    SPLIT_UNDER_LIMIT: "Claims of one provider need authorisation together, and apart none",
        "Declaraties van één zorgverlener hebben samen toestemming nodig en apart niet",
        "Les demandes d’un même prestataire demandent une autorisation ensemble, et aucune séparément",
        "Anträge eines Leistungserbringers bedürfen zusammen einer Genehmigung, einzeln nicht";
    MANY_CLAIMS: "Many claims in a short time", "Veel declaraties in korte tijd",
        "Beaucoup de demandes en peu de temps", "Viele Anträge in kurzer Zeit";
    SAME_SERVICE_OFTEN: "The same service many times in a short time", "Dezelfde prestatie vele keren in korte tijd",
        "La même prestation de nombreuses fois en peu de temps", "Dieselbe Leistung viele Male in kurzer Zeit";
    FAR_COUNTRIES: "Care was given on one day in two countries that lie far apart",
        "Er is op één dag zorg gegeven in twee landen die ver uit elkaar liggen",
        "Des soins ont été donnés le même jour dans deux pays éloignés l’un de l’autre",
        "An einem Tag wurde in zwei weit voneinander entfernten Ländern behandelt";
    EXCLUDED_PROVIDER: "The provider was excluded on a day of the care",
        "De zorgverlener was op een dag van de zorg uitgesloten",
        "Le prestataire était exclu un jour des soins",
        "Der Leistungserbringer war an einem Tag der Behandlung ausgeschlossen";
    OTHER_TOTAL: "The total that the claim came with is not the sum of its lines",
        "Het totaal op de declaratie is niet de som van haar regels",
        "Le total de la demande n’est pas la somme de ses lignes",
        "Die Gesamtsumme des Antrags ist nicht die Summe seiner Zeilen";
    SAME_PERSON: "People who share two of name, birth date and account, and are not covered together, have a claim of the same provider, day and amount",
        "Mensen die twee van naam, geboortedatum en rekening gemeen hebben en niet samen gedekt zijn, hebben een declaratie van dezelfde zorgverlener, dag en hetzelfde bedrag",
        "Des personnes qui ont en commun deux de ces trois, nom, date de naissance et compte, et qui ne sont pas couvertes ensemble ont une demande du même prestataire, du même jour et du même montant",
        "Personen, bei denen zwei von Name, Geburtsdatum und Konto übereinstimmen und die nicht gemeinsam versichert sind, haben einen Antrag desselben Leistungserbringers, Tages und Betrags";
    HIGH_LEVELS: "The provider claims the high level of this service far more often than others do",
        "De zorgverlener declareert het hoge niveau van deze prestatie veel vaker dan anderen",
        "Le prestataire demande le niveau élevé de cette prestation bien plus souvent que d’autres",
        "Der Leistungserbringer rechnet die hohe Stufe dieser Leistung weit häufiger ab als andere";
    LINES: "; lines {}", "; regels {}", " ; lignes {}", "; Zeilen {}";
    CLAIMS: "; claims {}", "; declaraties {}", " ; demandes {}", "; Anträge {}";
    DAYS: "; days {}", "; dagen {}", " ; jours {}", "; Tage {}";
    COUNT: "; number {}", "; aantal {}", " ; nombre {}", "; Anzahl {}";
    WAITS: ". The payment waits until a person has looked and, if something is wrong, until the claim is decided anew.",
        ". De betaling wacht tot iemand heeft gekeken en, als er iets niet klopt, tot opnieuw over de declaratie is beslist.",
        ". Le paiement attend qu’une personne ait regardé et, si quelque chose ne va pas, que la demande soit décidée à nouveau.",
        ". Die Zahlung wartet, bis ein Mensch nachgesehen hat und, wenn etwas nicht stimmt, bis neu über den Antrag entschieden ist.";
    MARKED: ". Nothing waits for it.", ". Er wacht niets op.", ". Rien n’attend pour cela.", ". Nichts wartet darauf.";
}

/// What a flag says: what was noticed, what it rests on, and whether the payment waits. It names lines, claims and days, and
/// no amount and no code.
#[must_use]
pub fn explain(flag: &ScreenFlag, language: Language) -> String {
    let mut text = noticed(flag.rule).plain(language);
    let lines: Vec<String> = flag.lines.iter().map(ToString::to_string).collect();
    let claims: Vec<String> = flag.claims.iter().map(ToString::to_string).collect();
    let days: Vec<String> = flag.days.iter().map(ToString::to_string).collect();
    let numbers: Vec<String> = flag.count.iter().map(ToString::to_string).collect();
    for (phrase, values) in [(LINES, lines), (CLAIMS, claims), (DAYS, days), (COUNT, numbers)] {
        if !values.is_empty() {
            text.push_str(&phrase.with(language, &[&values.join(", ")]));
        }
    }
    text + &if flag.rule.waits() { WAITS } else { MARKED }.plain(language)
}

const fn noticed(rule: ScreenRule) -> Phrase {
    match rule {
        ScreenRule::SameClaim => SAME_CLAIM,
        ScreenRule::NearClaim => NEAR_CLAIM,
        ScreenRule::SameDocument => SAME_DOCUMENT,
        ScreenRule::DocumentOfOthers => DOCUMENT_OF_OTHERS,
        ScreenRule::OverlappingStays => OVERLAPPING_STAYS,
        ScreenRule::CareDuringStay => CARE_DURING_STAY,
        ScreenRule::AfterDeath => AFTER_DEATH,
        ScreenRule::BeforeBirth => BEFORE_BIRTH,
        ScreenRule::OutsideCover => OUTSIDE_COVER,
        ScreenRule::OtherSex => OTHER_SEX,
        ScreenRule::OtherAge => OTHER_AGE,
        ScreenRule::ApartFromBundle => APART_FROM_BUNDLE,
        ScreenRule::ProviderDay => PROVIDER_DAY,
        ScreenRule::NewProvider => NEW_PROVIDER,
        ScreenRule::SharedAccount => SHARED_ACCOUNT,
        ScreenRule::NewAccount => NEW_ACCOUNT,
        ScreenRule::InvoiceSequence => INVOICE_SEQUENCE,
        ScreenRule::RoundAmounts => ROUND_AMOUNTS,
        ScreenRule::FirstDigits => FIRST_DIGITS,
        ScreenRule::Weekends => WEEKENDS,
        ScreenRule::SoonAfterStart => SOON_AFTER_START,
        ScreenRule::JustUnderLimit => JUST_UNDER_LIMIT,
        ScreenRule::SplitUnderLimit => SPLIT_UNDER_LIMIT,
        ScreenRule::ManyClaims => MANY_CLAIMS,
        ScreenRule::SameServiceOften => SAME_SERVICE_OFTEN,
        ScreenRule::FarCountries => FAR_COUNTRIES,
        ScreenRule::ExcludedProvider => EXCLUDED_PROVIDER,
        ScreenRule::OtherTotal => OTHER_TOTAL,
        ScreenRule::SamePerson => SAME_PERSON,
        ScreenRule::HighLevels => HIGH_LEVELS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_in_every_language() {
        crate::phrase::complete(ALL);
    }

    #[test]
    fn a_flag_says_what_it_rests_on_and_whether_something_waits() {
        let flag = ScreenFlag {
            rule: ScreenRule::AfterDeath,
            lines: vec![1, 3],
            claims: Vec::new(),
            days: vec!["2026-11-02".parse().unwrap()],
            count: None,
        };
        assert_eq!(
            explain(&flag, Language::English),
            "A service is later than the recorded death; lines 1, 3; days 2026-11-02. The payment waits until a person has looked \
             and, if something is wrong, until the claim is decided anew."
        );
        let marked = ScreenFlag { rule: ScreenRule::ManyClaims, count: Some(21), ..flag };
        assert!(explain(&marked, Language::German).contains("Anzahl 21. Nichts wartet darauf."));
    }
}
